# Regular checks (探访关爱).
checks-title = Regular checks
checks-text = Visits and calls to residents who are to be looked after regularly. What nobody does in time goes to the care queue.
checks-which = Which checks
checks-none-due = Nothing is due now.
checks-none-overdue = Nothing is overdue.
checks-none-upcoming = Nothing is planned for the next days.
checks-none-done = Nothing has been done yet.
checks-none-missed = Nothing was missed.
checks-none-waiting = No check is waiting.
checks-reached-title = Reached in { $month }
check-kind-visit = Visit
check-kind-call = Call
check-state-due = Due
check-state-overdue = Overdue
check-state-upcoming = Upcoming
check-state-done = Done
check-state-missed = Missed
check-outcome-well = All well
check-outcome-needs_help = Needs help
check-outcome-not_reached = Not reached
check-due-at = By { $time } ({ $ago })
check-done-by = { $outcome }: { $name }, { $time }
check-assigned = for { $name }
check-attempts = { $count ->
    [one] Not reached once, at { $time }
   *[other] Not reached { $count } times, last at { $time }
}
check-note = Note: { $note }
check-recorded = { $name }: { $outcome }
check-help-title = { $name } needs help
check-help-text = An incident of the care queue is opened at once. In an emergency call 120 first.
check-help-note = What is wrong
check-help-opened = { $name }: an incident is open in the care queue
check-residents = Residents
check-count-due = Due
check-count-done = Done
check-count-overdue = Overdue
check-reached = Residents reached
check-reached-share = { $reached } of { $residents } ({ $share })

plans-title = Plans
plans-text = A plan is added on the resident's page.
plans-none = There is no plan.
plans-more = There are more than these { $count }. Choose an area to see all of it.
plan-add = Add a plan
plan-new-title = New plan for { $name }
plan-change-title = Change the plan of { $name }
plan-kind = Visit or call
plan-rhythm = When
plan-on-weekdays = on weekdays
plan-every-days = every so many days
plan-weekdays = Weekdays
plan-days = Days from one to the next
plan-due-by = By (local time)
plan-grace = Hours until overdue
plan-starts = First day
plan-ends = Last day (may stay empty)
plan-note = Note
plan-comma = { ", " }
plan-each-days = { $days ->
    [1] every day
   *[other] every { $days } days
}
plan-rhythm-text = { $days } by { $time }, overdue { $hours } h later
plan-from = from { $day }
plan-until = until { $day }
plan-end = End
plan-end-title = End the plan of { $name }
plan-end-question = Nothing more is asked by this plan. What was done stays.
plan-assignee = Who does it
plan-anybody = anybody who works there
