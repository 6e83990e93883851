# Would anybody answer now?
coverage-nobody = Nobody would answer:
coverage-unknown = Would anybody answer? Not known
coverage-never = Nothing watches over this yet: the dispatcher is not running.
coverage-old = Last looked at { $time }: the dispatcher may have stopped, and messages with it.
coverage-between = {", "}
coverage-details = What to do about it
coverage-areas = { $count ->
    [one] in 1 area
   *[other] in { $count } areas
}
