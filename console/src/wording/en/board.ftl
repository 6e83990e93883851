# Who is protected now.
board-title = Protected now
board-find = Find a resident by name
board-find-key = Find a resident
board-found = { $count ->
    [0] Nobody is called “{ $name }”.
    [one] 1 resident is called “{ $name }”.
   *[other] { $count } residents are called “{ $name }”.
}
board-nobody = Nobody lives in this area.
board-none = Nobody.
board-more = Show more
board-all-well = Everything is as it should be.
board-open-incident = Open incident
protected-title = Protected now?
protected-yes = Protected
protected-partly = Partly protected
protected-no = Not protected
protected-yes-means = can call for help and would be answered
protected-partly-means = something is to be put right
protected-no-means = a call for help may not get through
protected-checked = as of { $time }
protected-last-test = Last tested from end to end: { $time }
reason-ok = in order:
reason-danger = not in order:
reason-warning = to be looked at:
reason-info = note:

test-ask = Ask for a test
test-text = The wearable asks its wearer to press SOS. The call comes in like any other and is marked as expected.
test-asked = A test was asked for
test-press = Their devices say so now. The next SOS up to { $time } is marked as an expected test; it rings like any other.
test-close = Close it with the code for a test: it becomes the last test from end to end.
