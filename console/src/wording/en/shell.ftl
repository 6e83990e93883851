# Around every page.
name = Kanhu
loading = Loading
close = Close
language = Language
navigation = Pages
skip = To the page
user-menu = { $name }: sign out, light and dark
role-responder = Responder
role-supervisor = Supervisor
role-family = Family
role-operator = Operator
role-integrator = Integrator
scheme-light = Light
scheme-dark = Dark
scheme-auto = As the system

sign-in = Sign in
sign-in-title = Sign in
sign-in-text = Emergency centre: sign in with your own name.
sign-in-name = Name
sign-in-password = Password
sign-in-show = Show the password
sign-in-refused = The name or the password is wrong, or the account is not in use.
sign-in-wait = Too many wrong passwords. Try again in { $seconds } seconds.
sign-in-expired = Your sign-in has ended. Sign in again: the page you were on comes back.
sign-out = Sign out

connection-live = Live
connection-connecting = Connecting
connection-lost = Not live
connection-lost-title = The live connection is lost
connection-lost-since = What you see may be old: last heard from Kanhu at { $time }. Reconnecting by itself.
connection-lost-for = Silent for { $span }.

keys-title = Keys
keys-text = These keys work on this page. Tab and Enter reach everything as well.
keys-everywhere = Everywhere
keys-help = Show this list

broken-title = This page does not work
broken-text = Something went wrong here. Other pages still work; loading it again often helps.
broken-reload = Load again
not-found-title = There is no such page
not-found-text = The address may be wrong, or the page may have moved.
not-found-queue = To the queue

failure-title = This could not be loaded
failure-again = Try again
failure-id = If it goes on, tell your operator this number: { $id }
problem-unreachable = Kanhu can't be reached. Check the network; it is tried again.
problem-not-found = It does not exist, or it is not in your area.
problem-not-allowed = Your role does not allow this.
problem-sign-in-needed = Your sign-in has ended.
problem-internal-error = A fault in Kanhu. It has been written down.
