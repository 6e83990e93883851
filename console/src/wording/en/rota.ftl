# Who answers when, and who is told in which order.
rota-title = Rota and policies
rota-tab-week = Week
rota-tab-rotations = Rotations
rota-tab-policies = Policies
rota-tab-people = People
rota-tab-coverage = Would anybody answer?

on-shift-title = Who would be told now
on-shift-nobody = Nobody who can be reached is on shift
on-shift-no-rota = There is no rota
on-shift-everybody = Everybody who works in this area is told of an emergency.
on-shift-no-staff = Nobody works in this area. An emergency would reach nobody of the centre.
on-shift-until = until { $time }
on-shift-unreachable = no working channel

week-title = { $first } to { $last }
week-before = The week before
week-after = The week after
week-this = This week
week-none = Nobody is on the rota in this week.
week-day-none = nobody
week-today = today
week-next-day = (next day)
week-instead-of = instead of { $name }
week-besides = besides the others
week-stand-in = Let somebody stand in

overrides-title = Who stands in
overrides-none = Nobody stands in for anybody from now on.
override-new = Add a stand-in
override-for = Who stands in for { $name }?
override-user = Who works
override-instead-of = Instead of
override-besides = nobody: besides the others
override-starts = From
override-ends = Until
override-note = Note
override-who-for = { $name } for { $other }
override-who-besides = { $name }, besides the others
override-removed = The rota is as it was.

rotations-title = Rotations
rotations-text = Members take turns in this order. The area nearest to the home counts, upwards.
rotations-none = There is no rotation: everybody of the area is told of each emergency.
rotation-new = New rotation
rotation-change = Change { $name }
rotation-remove = Remove { $name }
rotation-remove-question = Its shifts are gone from the rota at once, the ones of now too.
rotation-name = Name
rotation-members = Who takes turns
rotation-order = In this order
rotation-earlier = { $name } earlier
rotation-later = { $name } later
rotation-days-each = Days of a turn
rotation-starts = First day of the first turn
rotation-timezone = Time zone
rotation-hours = Hours of work
rotation-more-hours = More hours
rotation-turns = { $days ->
    [one] Turns of 1 day
   *[other] Turns of { $days } days
} from { $day } on
hours-daily = daily
hours-weekdays = Weekdays
hours-from = From
hours-to = To

policies-text = Who is told, in which order, until somebody claims. The policies of the area nearest to the home count; among them that of the highest severity which the incident reaches, then one for the hours of now.
policy-new = New policy
policy-change = Change the policy
policy-remove = Remove the policy
policy-remove-question = The next policy upwards counts from then on, for open incidents too.
policy-everywhere = Where no other policy counts
policy-built-in = built in
policy-from-severity = from { $severity } on
policy-at-once = At once: { $targets }
policy-after = { $span } later: { $targets }
policy-rounds = { $rounds ->
    [1] Once
   *[other] { $rounds } rounds, { $again } apart
}; then the last step every { $last }, for ever.
policy-holes = What it leaves open
policy-queue = Queue
policy-severity = From this severity on
policy-some-hours = Only in some hours
policy-step = Step { $number }
policy-first-after = Seconds after it came into the queue
policy-next-after = Seconds after the step before
policy-told = Who is told
policy-add-step = One more step
policy-remove-step = Remove step { $number }
policy-rounds-field = Rounds
policy-again-field = Seconds from one round to the next
policy-last-field = Then every so many seconds
target-queue = responders on shift
target-supervisors = supervisors
target-family_next = the next of the family
target-family = the whole family

coverage-title = Would anybody answer now?
coverage-checked = Looked { $ago }. Kanhu looks all the time and tells the supervisors where nobody would.
coverage-never-checked = It has not been looked at yet.
coverage-dispatcher = The dispatcher looks at it: does it run?
coverage-no-areas = Nobody lives in this area.
coverage-good = Answered ({ $count })
coverage-partly = not for all
coverage-not = nobody would answer
coverage-since = since { $time }
coverage-told = supervisors told at { $time }
coverage-nobody-told = nobody could be told so far
coverage-more = and { $count } more

remove = Remove
