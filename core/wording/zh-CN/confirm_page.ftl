# 家属确认链接页面的其他文字。
confirm-when = { $place }，{ $time }
confirm-already = 您已于{ $time }确认。
confirm-over = 事件已结束，无需再处理。
