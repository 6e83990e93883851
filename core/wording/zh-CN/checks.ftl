# 定期探访关爱：为什么有这个事件。
check-overdue-visit = 应于 { $due } 前完成的上门探访尚未完成；{ $missed ->
    [1] 首次错过
   *[other] 已连续错过 { $missed } 次
}
check-overdue-call = 应于 { $due } 前完成的电话问候尚未完成；{ $missed ->
    [1] 首次错过
   *[other] 已连续错过 { $missed } 次
}
check-needs-help = { $by }在{ $how ->
    [visit] 上门探访
   *[call] 电话问候
}中发现：需要帮助
check-needs-help-note = { $by }在{ $how ->
    [visit] 上门探访
   *[call] 电话问候
}中发现需要帮助：{ $note }
check-done = 定期探访已联系到本人
