# How an incident turned out.
closure-ambulance = an ambulance came
closure-fire = the fire brigade came
closure-police = the police came
closure-responder_attended = a responder was there
closure-family_attended = family was there
closure-reassured = spoken to, all is well
closure-accidental = set off by accident
closure-detector_false = false alarm
closure-user_cancelled = cancelled by the wearer
closure-test = a test
closure-technical = a technical fault
closure-duplicate = handled in another incident
closure-no_contact = nobody could be reached
closure-cancelled = over by itself
