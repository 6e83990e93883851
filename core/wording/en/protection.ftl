# Is this person protected now? The reasons.
protection-yes = Protected
protection-partly = Partly protected
protection-no = Not protected

protection-sos_device-ok = { $devices ->
    [one] One device to call for help
   *[other] { $devices } devices to call for help
}
protection-sos_device-none = No device to call for help

protection-heard-ok = Heard { $amount } { $unit ->
    [minutes] min
    [hours] h
   *[days] days
} ago
protection-heard-unknown = Reports only when pressed; not heard yet
protection-heard-never = Never heard from
protection-heard-overdue = Last heard { $amount } { $unit ->
    [minutes] min
    [hours] h
   *[days] days
} ago: overdue
protection-heard-silent = Silent; last heard { $amount } { $unit ->
    [minutes] min
    [hours] h
   *[days] days
} ago

protection-worn-ok = Worn
protection-worn-unknown = Nothing worn that would say whether it is
protection-worn-just_off = Taken off just now
protection-worn-off = Not worn

protection-battery-ok = Battery { $percent } %
protection-battery-unknown = Battery not known
protection-battery-low = Battery low: { $percent } %
protection-battery-empty = Battery about to end: { $percent } %

protection-contacts-ok = { $reachable } of { $contacts } contacts can be reached
protection-contacts-unreachable = None of the contacts can be reached
protection-contacts-expired = All contacts have expired
protection-contacts-none = No contacts

protection-answered-ok = Somebody of the centre would answer
protection-answered-unwatched = The escalation is not running: nobody would be told
protection-answered-no_staff = Nobody of the centre works in this area
protection-answered-nobody_on_shift = Nobody is on shift: everybody of the area is told instead
protection-answered-no_channel = Nobody on duty can be reached
protection-answered-no_supervisor = No supervisor can be reached

protection-test-ok = Tested { $amount } { $unit ->
    [minutes] min
    [hours] h
   *[days] days
} ago
protection-test-never = Never tested from end to end
protection-test-long_ago = Last tested { $amount } { $unit ->
    [minutes] min
    [hours] h
   *[days] days
} ago: a test is due
