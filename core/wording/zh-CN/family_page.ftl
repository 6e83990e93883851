# 家属链接打开的页面。
family-title = { $kind }：{ $name }
family-also = 另有：{ $kinds }
family-list-separator = 、
family-state = 谁在处理
family-when = 发生时间
family-where = 地点
family-today = 今天 { $time }，{ $minutes ->
    [0] 刚刚
   *[other] { $minutes } 分钟前
}
family-today-hours = 今天 { $time }，{ $hours } 小时前
family-heard = 中心于 { $time } 收到。
family-seen = 最后位置：{ $time }，离家约 { $distance } 公里{ $accuracy ->
    [0] { "" }
   *[other] （误差 { $accuracy } 米）
}。
family-map = 打开地图
family-waiting = 呼叫中心已收到，还没有人接手；系统会继续通知更多的人，直到有人接手。
family-waiting-care = 中心已收到，会尽快查看。目前还没有人接手。
family-claimed = 中心的{ $who }正在处理（{ $time }接手）。
family-contacted = 中心的{ $who }正在处理，已电话联系（{ $time }）。
family-dispatched = 已派人前往（{ $time }）。中心的{ $who }正在处理。
family-on-scene = 救助人员已到现场（{ $time }）。中心的{ $who }正在处理。
family-somebody = 值班人员
family-over = 事件已结束（{ $time }）：{ $outcome }。
family-on-my-way = 我正赶过去
family-reached = 我已见到老人
family-false-alarm = 是误报
family-said = ✓ 您已于 { $time } 确认：{ $answer }。中心已看到。
family-late-said = ✓ 您已于 { $time } 确认：{ $answer }。
family-answer = { $name }{ $answer ->
    [on_my_way] 正赶过去
    [reached] 已见到老人
    [false_alarm] 说是误报
   *[other] 已确认
}（{ $time }）
family-answer-name = { $name }（{ $relation }）
family-wrong-answer = 没有看懂您的选择，请按下面的按钮。
family-checked = 更新于 { $time }
family-only-this = 本页只显示这一件事。打开页面不算确认，按按钮才算。
family-lost = 网络中断，显示的内容可能不是最新的。
family-call-centre = 致电中心：{ $phone }
family-refused-title = 链接
family-expired = 链接已过期，请致电呼叫中心。
family-invalid = 链接无效，请从短信中重新完整打开。
