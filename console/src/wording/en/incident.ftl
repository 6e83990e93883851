# One incident.
incident-title = Incident
keys-back = Back to the queue

actions-title = What can be done
action-claim = Claim
action-keep = Keep it longer
action-call = Call
action-dispatch = Send help
action-arrive = Help is there
action-close = Close
action-hand-over = Hand over
action-release = Give back
action-merge = Merge
action-reopen = Reopen
action-note = Note

head-happened = happened { $time }
head-merged = It goes on in incident
lease-until = theirs until { $time }
lease-left = yours for
lease-soon = Do something, or it goes back to the queue in

progress-title = How far it is
progress-opened = Raised
progress-claimed = Claimed
progress-contacted = Spoken to
progress-dispatched = Help sent
progress-on_scene = Help is there
progress-ended = Over
progress-not-yet = not yet

note-label = Note
ask-title-note = Note about { $name }
close-title = Close: how did it turn out for { $name }?
close-true = Help was needed
close-false = It was nothing
close-other = Something else
dispatch-title = Send help to { $name }
dispatch-resource = Who or what is sent
resource-ambulance = Ambulance (120)
resource-fire = Fire brigade (119)
resource-police = Police (110)
resource-community = Community's duty officer
resource-family = Family
ask-title-reopen = Reopen: { $name }
ask-text-reopen = It was not over: the incident goes back into the queue, and people are told at once.
ask-title-release = Give back: { $name }
ask-text-release = You no longer have this incident. It goes back into the queue, and people are told at once.
hand-over-title = Hand over: { $name }
hand-over-to = To whom
hand-over-me = me
hand-over-unreachable = no channel works, tell them yourself
hand-over-nobody = Nobody else works in this area.
merge-title = Goes on in another incident
merge-text = This incident is closed as a duplicate. Its evidence goes to the one you choose.
merge-none = { $name } has no more urgent incident that is open.

why-title = Why
why-likelihood = likelihood { $percent } %
why-over = over since { $time }

person-title = { $name }
person-page = Everything about this person
person-speaks = speaks { $language }
person-phone = Telephone
person-no-phone = no number

calls-title = Call list
calls-claim-first = Claim the incident first; then each result is one tap.
calls-not-now = Whoever has the incident writes down the calls.
calls-outcome = What came of the call to { $name }
calls-expired = no longer a contact
calls-note = Note with the next call
calls-note-text = It is kept with the result that you tap.
calls-last = { $count ->
    [one] called
   *[other] called { $count } times
}: { $outcome }, { $time }
called-resident = the resident
called-contact = a contact
called-other = somebody else

messages-title = Who was told
messages-none = Nobody yet.
told-queued = about to be sent
told-sent = sent { $time }; not known whether it has arrived
told-delivered = arrived { $time }; not confirmed
told-confirmed = confirmed { $time }
told-failing = failed { $attempts ->
    [one] once
   *[other] { $attempts } times
} ({ $error }); tried again { $time }
told-failed = failed for good { $time }: { $error }

timeline-title = What happened
timeline-more = (and { $more } more before)
actor-user = A colleague
actor-contact = A contact
actor-detector = Detector
actor-wearer = The wearer
actor-timer = Kanhu
actor-dispatcher = Kanhu
actor-fusion = Kanhu, from other sensors
actor-auditor = Kanhu
actor-checks = Kanhu
answer-on_my_way = on the way
answer-reached = has reached them
answer-false_alarm = says it is a false alarm

late-by = { $late ->
    [0] { "" }
   *[other] , { $late } minutes late
}
event-raise = { $kind ->
    [none] Raised; the wearer may cancel
   *[other] { $kind }: raised; the wearer may cancel
}{ late-by }
event-open = { $kind ->
    [none] The countdown is over: in the queue
   *[other] { $kind }: in the queue
}{ late-by }
event-attach = { $kind ->
    [none] More evidence
   *[other] More evidence: { $kind }
}{ late-by }
event-clear = A cause is over
event-adjust = { $reason ->
    [none] More or less urgent, by other sensors
   *[other] { $reason }
}
event-cancel = Cancelled
event-claim = Claimed
event-renew = Kept
event-release = Given back: in the queue again
event-lapse = { $held ->
    [none] The claim lapsed: in the queue again
   *[other] The claim of { $held } lapsed: in the queue again
}
event-hand_over = { $to ->
    [none] Handed over
   *[other] Handed over to { $to }
}
event-call = { $called ->
    [none] Called
   *[other] Called { $called }
}{ $outcome ->
    [none] { "" }
   *[other] : { $outcome }
}
event-contact = { $called ->
    [none] Spoken to
   *[other] Spoken to { $called }
}
event-dispatch = { $resource ->
    [none] Help sent
   *[other] Help sent: { $resource }
}
event-arrive = Help is there
event-close = { $code ->
    [none] Closed
   *[other] Closed: { $code }
}
event-reopen = Reopened: in the queue again
event-merge = { $other ->
    [0] Goes on in another incident
   *[other] Goes on in incident #{ $other }
}
event-absorb = { $other ->
    [0] Took over another incident
   *[other] Took over incident #{ $other }
}
event-note = Note
event-file = { $file ->
    [none] A file was added
   *[other] File added: { $file }
}
event-escalate = { $targets ->
    [none] People are told
   *[other] Told: { $targets }
}{ $told ->
    [0] {" (nobody could be reached)"}
    [one] {" "}(1 message)
   *[other] {" "}({ $told } messages)
}
event-group = One of many with one cause: told together
event-exhaust = Nobody has answered: the supervisors are told, and it goes on
event-confirm = { $answer ->
    [none] Confirmed
   *[other] Confirmed: { $answer }
}
event-unreachable = { $who ->
    [none] Somebody can't be reached
   *[other] { $who } can't be reached
}{ $reason ->
    [none] { "" }
   *[other] : { $reason }
}

map-title = Where
map-home = home
map-fix = Position known
map-at-home = At home
map-away = { $metres } m from home
map-accuracy = exact to { $metres } m
map-no-fix = No position from the last day. The home is shown.
map-over = Exact positions are shown only while an incident is open.
map-zones = Agreed:
map-zone = stays within “{ $name }” ({ $metres } m)
map-avoid = stays out of “{ $name }” ({ $metres } m)

around-vitals = Vital signs around it
around-no-vitals = No vital signs in the six hours before.
around-range = last { $last } { $unit }, from { $low } to { $high }
around-blood-pressure = Blood pressure
around-activity = Activity around it
around-no-activity = No sensor has sent anything in the six hours before.
around-no-motion = No sensor of the home has seen anybody move.
around-motion = Signs of life
around-last-motion = last: { $room }, { $time } ({ $ago })
around-steps = Steps in ten minutes
around-steps-sum = { $steps } in the time shown

clip-title = Acceleration at the fall
clip-no-clip = The wearable has sent no acceleration of this moment.
clip-peak = Highest { $peak } g, { $seconds } s from the event
clip-legend = thick: whole; thin: three axes; lying still is 1 g

head-test = Somebody asked for a test just before: probably this is it. Make sure all the same.
head-storm = One of { $count } with one cause, since { $time }: look for the cause first.
actor-storm = Kanhu
files-title = Files
files-none = None. Pictures, PDF documents and sound recordings can be added.
files-add = Add a file
files-show = Show
files-save = Save
files-hide = Hide
files-about = { $size }, { $time }
files-too-large = { $name } is larger than 4 MiB and can't be added.
files-picture = Picture: { $name }
