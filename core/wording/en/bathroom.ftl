bathroom-long-silent = In the bathroom for { NUMBER($minutes, maximumFractionDigits: 0) } minutes; nothing has moved there for { NUMBER($still_minutes, maximumFractionDigits: 0) } minutes, nor anywhere else at home
bathroom-long-moving = In the bathroom for { NUMBER($minutes, maximumFractionDigits: 0) } minutes; there is still movement there, last { NUMBER($still_minutes, maximumFractionDigits: 0) } minutes ago
bathroom-long-often = Last seen going into the bathroom { NUMBER($minutes, maximumFractionDigits: 0) } minutes ago, and nowhere since; here that turned out harmless not long ago
bathroom-long-or-out = Last seen going into the bathroom { NUMBER($minutes, maximumFractionDigits: 0) } minutes ago, and nowhere since; no sensor would have seen them leave home
bathroom-left = Out of the bathroom again
