# Parts that several pages have.
area = Area
area-all = All of mine
cancel = Cancel
show-more = Show more ({ $count } left)
loaded-old = This may be old
save = Save
change = Change
problem-check-done = Somebody has done this check already.
problem-check-not-yet = This check is of another day.
wide-table = { $name }: table
