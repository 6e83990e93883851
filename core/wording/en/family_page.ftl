# The page behind a family contact's link.
family-title = { $kind }: { $name }
family-also = Also: { $kinds }
family-list-separator = ,{ " " }
family-state = Who has it in hand
family-when = Since when
family-where = Where
family-today = Today { $time }, { $minutes ->
    [0] just now
    [one] 1 minute ago
   *[other] { $minutes } minutes ago
}
family-today-hours = Today { $time }, { $hours ->
    [one] 1 hour ago
   *[other] { $hours } hours ago
}
family-heard = We heard of it at { $time }.
family-seen = Last seen at { $time }, about { $distance ->
    [one] 1 km
   *[other] { $distance } km
} from home{ $accuracy ->
    [0] { "" }
   *[other] { " " }(within { $accuracy } m)
}.
family-map = Open the map
family-waiting = The emergency centre has been told. Nobody has taken it yet; more people are called until somebody does.
family-waiting-care = The centre has been told and will look into it. Nobody has taken it yet.
family-claimed = { $who } at the centre has it in hand, since { $time }.
family-contacted = { $who } at the centre has it in hand and has made calls, { $time }.
family-dispatched = Help has been sent, { $time }. { $who } at the centre has it in hand.
family-on-scene = Help is there, since { $time }. { $who } at the centre has it in hand.
family-somebody = Somebody
family-over = It is over, { $time }: { $outcome }.
family-on-my-way = I'm on my way
family-reached = I've reached them
family-false-alarm = It's a false alarm
family-said = ✓ { $time }: you said “{ $answer }”. The centre sees it.
family-late-said = ✓ { $time }: you said “{ $answer }”.
family-answer = { $name } { $answer ->
    [on_my_way] is on the way
    [reached] has reached them
    [false_alarm] says it is a false alarm
   *[other] has confirmed
}, { $time }
family-answer-name = { $name } ({ $relation })
family-wrong-answer = That was not understood. Please press one of the buttons.
family-checked = As of { $time }
family-only-this = This page is about this one event. Opening it confirms nothing; the buttons do.
family-lost = No connection. What is shown may be old.
family-call-centre = Call the centre: { $phone }
family-refused-title = Link
family-expired = This link has expired. Please call the emergency centre.
family-invalid = This link is not valid. Please open it from the message again, in full.
