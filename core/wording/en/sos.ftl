sos-pressed = Call for help: the SOS button was pressed
sos-pressed-late = Call for help that arrived late: the SOS button was pressed { NUMBER($late_minutes, maximumFractionDigits: 0) } minutes before we heard of it
