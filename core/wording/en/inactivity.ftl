inactivity-silence-unusual = No sign of activity at home for { NUMBER($hours, maximumFractionDigits: 1) } hours; that is unusual here at this time
inactivity-silence-limit = No sign of activity at home for { NUMBER($hours, maximumFractionDigits: 1) } hours; the care plan allows { NUMBER($limit_hours, maximumFractionDigits: 1) }
inactivity-away-long = Left by an outside door { NUMBER($hours, maximumFractionDigits: 1) } hours ago; no sign of activity since
inactivity-in-bed-long = In bed without any sign of getting up for { NUMBER($hours, maximumFractionDigits: 1) } hours; that is unusual here at this time
inactivity-silence-visitor = No sign of the resident for { NUMBER($hours, maximumFractionDigits: 1) } hours, a visit not counted; the last activity was a visitor's, and they have left
inactivity-never-seen = No sign of activity has ever been seen at home, in { NUMBER($hours, maximumFractionDigits: 1) } hours since the sensors were first heard: is somebody there, and do the sensors hang where they pass?
inactivity-active-again = Activity at home again
