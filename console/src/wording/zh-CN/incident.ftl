# 单个事件。
incident-title = 事件
keys-back = 返回事件队列

actions-title = 可进行的操作
action-claim = 受理
action-keep = 延长占用
action-call = 拨打电话
action-dispatch = 派出救援
action-arrive = 救援到场
action-close = 结案
action-hand-over = 移交
action-release = 退回
action-merge = 合并
action-reopen = 重新打开
action-note = 备注

head-happened = 发生于 { $time }
head-merged = 已并入事件
lease-until = 对方占用至 { $time }
lease-left = 占用剩余
lease-soon = 请尽快处理，否则将退回队列，剩余

progress-title = 处理进度
progress-opened = 已报警
progress-claimed = 已受理
progress-contacted = 已联系
progress-dispatched = 已派救援
progress-on_scene = 救援到场
progress-ended = 已结束
progress-not-yet = 未进行

note-label = 备注
ask-title-note = 备注：{ $name }
close-title = 结案：{ $name }的处理结果
close-true = 确需帮助
close-false = 并无异常
close-other = 其他
dispatch-title = 派出救援：{ $name }
dispatch-resource = 派出的人员或力量
resource-ambulance = 120 急救
resource-fire = 119 消防
resource-police = 110 警察
resource-community = 社区值班人员
resource-family = 家属
ask-title-reopen = 重新打开：{ $name }
ask-text-reopen = 事情并未结束：事件将回到队列，并立即通知相关人员。
ask-title-release = 退回：{ $name }
ask-text-release = 您将不再处理此事件。事件将回到队列，并立即通知相关人员。
hand-over-title = 移交：{ $name }
hand-over-to = 移交给
hand-over-me = 我
hand-over-unreachable = 无可用通知渠道，请当面告知
hand-over-nobody = 该区域没有其他工作人员。
merge-title = 并入另一事件
merge-text = 此事件将按重复结案，其证据并入所选事件。
merge-none = { $name }没有更紧急的未结事件。

why-title = 报警原因
why-likelihood = 可能性 { $percent } %
why-over = { $time } 已解除

person-title = { $name }
person-page = 查看此人全部资料
person-speaks = 语言：{ $language }
person-phone = 电话
person-no-phone = 无号码

calls-title = 电话联系
calls-claim-first = 请先受理事件，之后一键记录通话结果。
calls-not-now = 通话结果由受理人记录。
calls-outcome = 与{ $name }通话的结果
calls-expired = 已不再是联系人
calls-note = 下一通电话的备注
calls-note-text = 将与您点选的结果一同保存。
calls-last = { $count ->
    [1] 已拨打
   *[other] 已拨打 { $count } 次
}：{ $outcome }，{ $time }
called-resident = 本人
called-contact = 联系人
called-other = 其他人

messages-title = 已通知的人
messages-none = 尚未通知任何人。
told-queued = 即将发送
told-sent = { $time } 已发送，是否送达未知
told-delivered = { $time } 已送达，尚未确认
told-confirmed = { $time } 已确认
told-failing = 失败 { $attempts ->
    [1] 1 次
   *[other] { $attempts } 次
}（{ $error }），{ $time } 重试
told-failed = { $time } 发送失败：{ $error }

timeline-title = 处理经过
timeline-more = （此前还有 { $more } 条）
actor-user = 同事
actor-contact = 联系人
actor-detector = 检测器
actor-wearer = 佩戴者本人
actor-timer = 看护系统
actor-dispatcher = 看护系统
actor-fusion = 看护系统（依据其他传感器）
actor-auditor = 看护系统
actor-checks = 看护系统
answer-on_my_way = 正在赶去
answer-reached = 已见到本人
answer-false_alarm = 称是误报

late-by = { $late ->
    [0] { "" }
   *[other] ，晚报 { $late } 分钟
}
event-raise = { $kind ->
    [none] 已报警，本人可取消
   *[other] { $kind }：已报警，本人可取消
}{ late-by }
event-open = { $kind ->
    [none] 倒计时结束，进入队列
   *[other] { $kind }：进入队列
}{ late-by }
event-attach = { $kind ->
    [none] 新增证据
   *[other] 新增证据：{ $kind }
}{ late-by }
event-clear = 一项原因已解除
event-adjust = { $reason ->
    [none] 依据其他传感器调整紧急程度
   *[other] { $reason }
}
event-cancel = 已取消
event-claim = 已受理
event-renew = 延长占用
event-release = 已退回，重新进入队列
event-lapse = { $held ->
    [none] 占用超时，重新进入队列
   *[other] { $held }占用超时，重新进入队列
}
event-hand_over = { $to ->
    [none] 已移交
   *[other] 已移交给{ $to }
}
event-call = { $called ->
    [none] 拨打电话
   *[other] 拨打电话：{ $called }
}{ $outcome ->
    [none] { "" }
   *[other] ，{ $outcome }
}
event-contact = { $called ->
    [none] 已通话
   *[other] 已与{ $called }通话
}
event-dispatch = { $resource ->
    [none] 已派出救援
   *[other] 已派出救援：{ $resource }
}
event-arrive = 救援已到场
event-close = { $code ->
    [none] 已结案
   *[other] 已结案：{ $code }
}
event-reopen = 重新打开，进入队列
event-merge = { $other ->
    [0] 已并入另一事件
   *[other] 已并入事件 #{ $other }
}
event-absorb = { $other ->
    [0] 并入了另一事件
   *[other] 并入了事件 #{ $other }
}
event-note = 备注
event-file = { $file ->
    [none] 添加了文件
   *[other] 添加文件：{ $file }
}
event-escalate = { $targets ->
    [none] 通知相关人员
   *[other] 通知{ $targets }
}{ $told ->
    [0] （无人可通知）
    [1] （1 条消息）
   *[other] （{ $told } 条消息）
}
event-group = 同一原因的多起之一：合并通知
event-exhaust = 无人应答：已通知主管，继续通知
event-confirm = { $answer ->
    [none] 已确认
   *[other] 已确认：{ $answer }
}
event-unreachable = { $who ->
    [none] 有人无法联系上
   *[other] 无法联系上{ $who }
}{ $reason ->
    [none] { "" }
   *[other] ：{ $reason }
}

map-title = 位置
map-home = 住处
map-fix = 已有定位
map-at-home = 在住处
map-away = 距住处 { $metres } 米
map-accuracy = 精度 { $metres } 米
map-no-fix = 近一天没有定位，图中为住处。
map-over = 仅在事件未结束时显示确切位置。
map-zones = 约定区域：
map-zone = 应在“{ $name }”内（{ $metres } 米）
map-avoid = 不应进入“{ $name }”（{ $metres } 米）

around-vitals = 事发前后生命体征
around-no-vitals = 此前六小时没有生命体征数据。
around-range = 最近 { $last } { $unit }，范围 { $low } 至 { $high }
around-blood-pressure = 血压
around-activity = 事发前后活动
around-no-activity = 此前六小时没有任何传感器数据。
around-no-motion = 家中传感器未发现有人活动。
around-motion = 活动迹象
around-last-motion = 最近：{ $room }，{ $time }（{ $ago }）
around-steps = 每十分钟步数
around-steps-sum = 图中共 { $steps } 步

clip-title = 跌倒时的加速度
clip-no-clip = 佩戴设备未发送此刻的加速度数据。
clip-peak = 最高 { $peak } g，距事发 { $seconds } 秒
clip-legend = 粗线：合加速度；细线：三轴；静止为 1 g

head-test = 刚有人要求测试，这很可能就是测试呼叫，但仍请核实。
head-storm = 同一原因共 { $count } 起，自 { $time } 起：请先查找原因。
actor-storm = 看护系统
files-title = 文件
files-none = 暂无。可添加图片、PDF 文档和录音。
files-add = 添加文件
files-show = 查看
files-save = 保存
files-hide = 收起
files-about = { $size }，{ $time }
files-too-large = { $name }超过 4 MiB，无法添加。
files-picture = 图片：{ $name }
