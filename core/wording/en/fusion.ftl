fusion-other-room = Less urgent: motion in a second room { NUMBER($minutes, maximumFractionDigits: 0) } minutes after the fall
fusion-door-opened = Less urgent: a door was opened { NUMBER($minutes, maximumFractionDigits: 0) } minutes after the fall
fusion-in-bed = Less urgent: in bed { NUMBER($minutes, maximumFractionDigits: 0) } minutes after the fall
fusion-steps = Less urgent: walking { NUMBER($minutes, maximumFractionDigits: 0) } minutes after the fall
fusion-still-abnormal-heart = More urgent: nothing has moved since the fall, and the heart rate is { NUMBER($heart_rate, maximumFractionDigits: 0) } a minute
