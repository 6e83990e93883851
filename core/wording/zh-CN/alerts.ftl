# 发生了什么：消息的开头，也用于列表。
kind-sos = 紧急呼救（SOS）
kind-fall = 跌倒
kind-long_lie = 倒地不起
kind-inactivity = 长时间无活动
kind-night_wandering = 夜间徘徊
kind-long_in_bathroom = 卫生间停留过久
kind-vitals = 生命体征异常
kind-wandering = 离开安全区域
kind-not_home = 逾时未归
kind-smoke = 烟雾报警
kind-gas = 燃气报警
kind-carbon_monoxide = 一氧化碳报警
kind-water_leak = 漏水
kind-home_temperature = 室温过低或过高
kind-device_silent = 设备失联
kind-home_silent = 全屋设备失联
kind-battery_low = 电量低
kind-not_worn = 手环未佩戴
kind-clock_wrong = 设备时钟错误
kind-check_overdue = 探访逾期
kind-check_needs_help = 探访发现需要帮助

queue-emergency = 紧急
queue-care = 关怀
queue-maintenance = 维护

severity-1 = 提示
severity-2 = 低
severity-3 = 中
severity-4 = 高
severity-5 = 危急

# 发给人的消息：短到可以作为短信。
message-title = { $kind }：{ $name }
message-body = { $kind }：{ $name }，{ $place }，{ $time }起。
message-late = 晚报{ NUMBER($minutes, useGrouping: 0) }分钟。
message-confirm = 查看并确认：{ $link }
message-work = 打开：{ $link }
message-again-title = 再次呼救：{ $name }
message-again-body = { $name }再次呼救，此事件由您处理。{ $place }。
message-ended-title = 已结束：{ $name }
message-ended-body = 已结束：{ $name }，{ $time }，{ $kind }：{ $outcome }。

# 手环对佩戴者说的话。
command-countdown = 您跌倒了吗？{ $seconds } 秒后将呼救。如果没事，请按键取消。
command-incident-acknowledged = 您的呼叫已接听，救援正在赶来。
command-test = 现在进行测试，请按 SOS 键。
command-locate-now = 正在定位。

# 处理记录中：未能向可穿戴设备下发指令（消息服务拒绝，或长时间无法连接）。
lost-countdown = 设备 { $device } 未能询问老人是否平安
lost-incident-acknowledged = 设备 { $device } 未能告知老人救援正在赶来
lost-locate-now = 未能向设备 { $device } 请求定位
