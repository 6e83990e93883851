# What happened, as the first words of a message and in lists.
kind-sos = Call for help (SOS)
kind-fall = Fall
kind-long_lie = Lying on the floor
kind-inactivity = No sign of activity
kind-night_wandering = Up and about at night
kind-long_in_bathroom = Long time in the bathroom
kind-vitals = Abnormal vital signs
kind-wandering = Outside the safe area
kind-not_home = Not home yet
kind-smoke = Smoke
kind-gas = Gas
kind-carbon_monoxide = Carbon monoxide
kind-water_leak = Water leak
kind-home_temperature = Home too cold or too hot
kind-device_silent = Device does not report
kind-home_silent = Nothing at home reports
kind-battery_low = Battery low
kind-not_worn = Wearable not worn
kind-clock_wrong = Device clock wrong
kind-check_overdue = Regular check not done
kind-check_needs_help = Needs help (regular check)

queue-emergency = Emergency
queue-care = Care
queue-maintenance = Maintenance

severity-1 = information
severity-2 = low
severity-3 = medium
severity-4 = high
severity-5 = critical

# Messages to people: short enough for a text message.
message-title = { $kind }: { $name }
message-body = { $kind }: { $name }, { $place }, since { $time }.
message-late = { NUMBER($minutes, useGrouping: 0) } min late.
message-confirm = Confirm: { $link }
message-work = Open: { $link }
message-again-title = Called for help again: { $name }
message-again-body = { $name } called for help again. You have it in hand. { $place }.
message-ended-title = Over: { $name }
message-ended-body = Over: { $kind }, { $name }, { $time }: { $outcome }.

# What the wearable says to the person who wears it.
command-countdown = Did you fall? Help is called in { $seconds } seconds. Press to cancel if you are all right.
command-incident-acknowledged = Your call has been answered. Help is on its way.
command-test = This is a test. Please press SOS now.
command-locate-now = Finding your position.

# In the trail, when a wearable was not given a command: the broker refuses it, or was away for too long.
lost-countdown = { $device } could not ask whether all is well
lost-incident-acknowledged = { $device } did not say that help is coming
lost-locate-now = { $device } was not asked for its position
