# 许多设备同一原因：合并为一条消息。
message-storm-title = { $kind }：{ $area }{ NUMBER($count, useGrouping: 0) }户
message-storm-body = { $kind }：{ $area }共{ NUMBER($count, useGrouping: 0) }户，{ $time }起，可能为同一原因。{ $link }
message-storm-short-body = { $kind }：{ $area }共{ NUMBER($count, useGrouping: 0) }户，{ $time }起。{ $link }
message-storm-over-title = 已结束：{ $area }{ $kind }
message-storm-over-body = 已结束：{ $area }{ $kind }（{ $time }起），{ $count ->
    [0] 已全部恢复。
   *[other] 还有{ NUMBER($count, useGrouping: 0) }户未恢复。
}{ $link }
