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
filter-standing-all = In hand or not
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
notices-on = New emergencies are told outside this window too. Click: off
notices-off = New emergencies are told in this window only. Click: outside it too
notices-refused = The browser refuses to tell new emergencies outside this window. Click: what to do
notices-unable = This browser can't tell new emergencies outside this window
notices-trial = This is how a new emergency is told
notices-trial-text = What happened and the area: no name and no address.
notices-said-no = The browser refuses it
notices-said-no-text = Allow notifications for this address in the browser's settings (most have them beside the address), then click again.
notices-said-nothing = The browser's question was not answered
notices-said-nothing-text = Click again and allow notifications when the browser asks.

step-refused = This was not done
step-held = { $name } has this incident, since { $time }.
step-wrong-state = This is not possible now. The incident is: { $state }.

tag-test = expected test
tag-storm = one of { $count } with one cause
