# 此人现在是否受到保护：理由。
protection-yes = 受到保护
protection-partly = 部分受保护
protection-no = 未受保护

protection-sos_device-ok = 有 { $devices } 件可呼救的设备
protection-sos_device-none = 没有可呼救的设备

protection-heard-ok = { $amount } { $unit ->
    [minutes] 分钟
    [hours] 小时
   *[days] 天
}前有信号
protection-heard-unknown = 仅在按下时发送信号，尚未收到过
protection-heard-never = 从未收到信号
protection-heard-overdue = 上次信号在 { $amount } { $unit ->
    [minutes] 分钟
    [hours] 小时
   *[days] 天
}前，已逾时
protection-heard-silent = 失联；上次信号在 { $amount } { $unit ->
    [minutes] 分钟
    [hours] 小时
   *[days] 天
}前

protection-worn-ok = 已佩戴
protection-worn-unknown = 没有能报告佩戴状态的设备
protection-worn-just_off = 刚刚取下
protection-worn-off = 未佩戴

protection-battery-ok = 电量 { $percent } %
protection-battery-unknown = 电量未知
protection-battery-low = 电量低：{ $percent } %
protection-battery-empty = 电量即将耗尽：{ $percent } %

protection-contacts-ok = { $contacts } 位联系人中 { $reachable } 位可联系到
protection-contacts-unreachable = 所有联系人均无法联系
protection-contacts-expired = 所有联系人均已过期
protection-contacts-none = 没有联系人

protection-answered-ok = 呼叫中心有人应答
protection-answered-unwatched = 通知升级未在运行：不会通知任何人
protection-answered-no_staff = 本区域没有呼叫中心人员
protection-answered-nobody_on_shift = 无人值班：改为通知本区域所有人员
protection-answered-no_channel = 值班人员均无法联系
protection-answered-no_supervisor = 没有可联系的主管

protection-test-ok = { $amount } { $unit ->
    [minutes] 分钟
    [hours] 小时
   *[days] 天
}前测试过
protection-test-never = 从未做过全程测试
protection-test-long_ago = 上次测试在 { $amount } { $unit ->
    [minutes] 分钟
    [hours] 小时
   *[days] 天
}前，应再次测试
