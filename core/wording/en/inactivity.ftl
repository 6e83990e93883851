inactivity-silence-unusual = No sign of activity at home for { NUMBER($hours, maximumFractionDigits: 1) } hours; that is unusual here at this time
inactivity-silence-limit = No sign of activity at home for { NUMBER($hours, maximumFractionDigits: 1) } hours; the care plan allows { NUMBER($limit_hours, maximumFractionDigits: 1) }
inactivity-away-long = Left by an outside door { NUMBER($hours, maximumFractionDigits: 1) } hours ago; no sign of activity since
inactivity-active-again = Activity at home again
