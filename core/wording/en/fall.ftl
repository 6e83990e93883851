fall-late = { $late_minutes ->
    [0] { "" }
   *[other] ; we heard of it { NUMBER($late_minutes, maximumFractionDigits: 0) } minutes late
}
fall-impact-then-still = Fall detected: an impact of { NUMBER($peak_g, maximumFractionDigits: 1) } g, then lying still (likelihood { NUMBER($percent, maximumFractionDigits: 0) } %){ fall-late }
fall-impact = Fall detected: an impact of { NUMBER($peak_g, maximumFractionDigits: 1) } g, with movement after it (likelihood { NUMBER($percent, maximumFractionDigits: 0) } %){ fall-late }
fall-device-flag = The wearable itself reports a fall{ fall-late }
fall-device-agrees = The wearable itself reports a fall, and so does the analysis of its movement{ fall-late }
fall-long-lie = No movement seen in the { NUMBER($minutes, maximumFractionDigits: 0) } minutes after a fall: may be unable to get up
fall-cancelled-by-wearer = The wearer cancelled the fall { NUMBER($seconds, maximumFractionDigits: 0) } seconds after it
fall-walking-again = Less urgent: steady walking, by the wearable, { NUMBER($minutes, maximumFractionDigits: 0) } minutes after the fall
