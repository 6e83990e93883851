night-wandering = 今夜起身走动已累计 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟，平时约为 { NUMBER($usual_minutes, maximumFractionDigits: 0) } 分钟
night-over = 夜间已过
night-outside = 夜间起身不久即从通往室外的门外出，{ NUMBER($minutes, maximumFractionDigits: 0) } 分钟仍未返回，可能衣着单薄在室外
night-left-home = 在休息时段离家已 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟，此后家中没有动静
night-back-inside = 家中又有人活动
