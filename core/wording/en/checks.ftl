# Regular checks: why an incident is there.
check-overdue-visit = The visit due at { $due } has not been made; { $missed ->
    [one] it is the first that was missed
   *[other] { $missed } have been missed in a row
}
check-overdue-call = The call due at { $due } has not been made; { $missed ->
    [one] it is the first that was missed
   *[other] { $missed } have been missed in a row
}
check-needs-help = { $by } was in touch for the regular { $how ->
    [visit] visit
   *[call] call
}: help is needed
check-needs-help-note = { $by } was in touch for the regular { $how ->
    [visit] visit
   *[call] call
}: help is needed: { $note }
check-done = Reached by a regular check
