# To a responder whom a colleague has given an incident.
message-handed-title = Handed to you: { $name }
message-handed-body = Yours now: { $kind }: { $name }, { $place }, since { $time }.

# To the wearer, when help was sent.
acknowledged-dispatched = Help has been sent and is on its way to you.

# What came of a call.
call-answered = answered
call-no_answer = no answer
call-busy = busy
call-voicemail = voicemail
call-wrong_number = wrong number
call-refused = call refused
