night-wandering = Up and about for { NUMBER($minutes, maximumFractionDigits: 0) } minutes of this night; { NUMBER($usual_minutes, maximumFractionDigits: 0) } are usual
night-over = The night is over
night-outside = Went out of an outside door at night { NUMBER($minutes, maximumFractionDigits: 0) } minutes ago, soon after getting up, and has not come back; may be outside in nightclothes
night-left-home = Left home in the quiet hours { NUMBER($minutes, maximumFractionDigits: 0) } minutes ago; no movement inside since
night-back-inside = Somebody is inside again
