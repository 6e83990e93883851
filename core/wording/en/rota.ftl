# What a policy leaves open.
hole-family_only = No step tells the centre: somebody without family would be heard by nobody.
hole-centre_late = The centre hears of it only after { $seconds } s; { $limit } s is the latest for an emergency.
hole-first_late = Nobody is told for the first { $seconds } s; it should be { $limit } s at most.
hole-queue_late = Responders hear of it only after { $seconds } s; it should be { $limit } s at most.
hole-no_queue = No step tells the responders.
hole-no_supervisors = No step tells the supervisors, who step in when nobody answers.
hole-gap = Between two steps { $seconds } s pass in which nobody else is told; it should be { $limit } s at most.
hole-rare_after_the_end = When all rounds are over, people are told only every { $seconds } s; it should be { $limit } s at most.

# Why nobody would answer.
gap-nobody_on_shift = Nobody is on shift. Everybody of the area would be told instead.
gap-no_channel = None of those on shift has a working channel.
gap-unchecked = No messages go out: the dispatcher has not been at work for { $minutes } min.
gap-no_staff = No responder works in this area.
gap-no_supervisor = No supervisor who would be told has a working channel.
gap-contacts_expired = { $count ->
    [one] 1 resident has only contacts that have expired.
   *[other] { $count } residents have only contacts that have expired.
}
gap-contacts_no_channel = { $count ->
    [one] 1 resident has no contact with a working channel.
   *[other] { $count } residents have no contact with a working channel.
}

# The message to supervisors about it.
notice-title = Nobody would answer: { $area }
notice-line = { $area } ({ $queues }): { $reason }
notice-and = { ", " }
notice-more = And { $count } more.
notice-work = Open: { $link }

rota-no_rotation = This area has no rotation; add the stand-in in the area that has one.
