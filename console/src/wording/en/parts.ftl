# Parts that several pages have.
area = Area
area-all = All of mine
cancel = Cancel
show-more = Show more ({ $count } left)
loaded-old = This may be old
