# The live queue.
queue-title = Queue
queue-none = Nobody needs anything. The queue is empty.
queue-none-here = Nothing fits the filter.
queue-show-all = Show everything
queue-count = { $shown } of { $all }

tile-waiting = waiting
tile-held = in hand
tile-longest = longest

filter-standing = In hand?
filter-standing-all = All, in hand or not
filter-clear = Remove this filter
standing-waits = Waiting
standing-held = In hand
standing-mine = Mine

waiting-well = waiting, target { $first } s
waiting-near = over { $first } s
waiting-late = over { $last } s: late
waiting-none = waiting
waiting-held = since it was taken
waiting-countdown = wearer may cancel

state-pending = Countdown
state-open = Waits for an answer
state-claimed = Claimed
state-contacted = Called
state-dispatched = Help on the way
state-on_scene = Help is there
state-closed = Closed
state-cancelled = Cancelled

row-label = { $kind }, { $name }, { $queue }, { $severity }
row-mine = by you
row-holder = by { $name }
row-claim = Claim: { $kind }, { $name }
claim = Claim

keys-next = Next incident
keys-previous = Previous incident
keys-open = Open the chosen incident
keys-claim = Claim the chosen incident and open it
keys-emergency = Only emergencies, or all again
keys-care = Only care, or all again
keys-maintenance = Only maintenance, or all again
keys-all = Show everything

attention-new = { $count ->
    [one] New emergency:
   *[other] { $count } new emergencies:
}
attention-open = Open
attention-seen = Seen
sound-on = Sound for new emergencies is on. Click: off
sound-off = Sound for new emergencies is OFF. Click: on
sound-waits-for-click = Sound waits for a click: browsers play nothing before one

step-refused = This was not done
step-held = { $name } has this incident, since { $time }.
step-wrong-state = This is not possible now. The incident is: { $state }.

tag-test = expected test
tag-storm = one of { $count } with one cause
