# More of the page behind a family contact's link.
confirm-when = { $place }, { $time }
confirm-already = You confirmed this at { $time }.
confirm-over = It is over. Nothing more needs to be done.
