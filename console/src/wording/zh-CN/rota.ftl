# 谁何时值班，按什么顺序通知。
rota-title = 排班与策略
rota-tab-week = 周排班
rota-tab-rotations = 轮班
rota-tab-policies = 通知策略
rota-tab-people = 人员
rota-tab-coverage = 有人应答吗？

on-shift-title = 此刻会通知谁
on-shift-nobody = 没有可联系的值班人员
on-shift-no-rota = 没有排班
on-shift-everybody = 紧急事件将通知本区域全体人员。
on-shift-no-staff = 本区域没有工作人员，紧急事件将无人知晓。
on-shift-until = 至 { $time }
on-shift-unreachable = 无可用渠道

week-title = { $first } 至 { $last }
week-before = 上一周
week-after = 下一周
week-this = 本周
week-none = 本周没有排班。
week-day-none = 无人
week-today = 今天
week-next-day = （次日）
week-instead-of = 代 { $name }
week-besides = 加班
week-stand-in = 安排代班

overrides-title = 代班
overrides-none = 目前没有代班安排。
override-new = 添加代班
override-for = 谁代 { $name } 的班？
override-user = 值班人
override-instead-of = 代替
override-besides = 不代替任何人（额外值班）
override-starts = 开始
override-ends = 结束
override-note = 备注
override-who-for = { $name } 代 { $other }
override-who-besides = { $name }（额外值班）
override-removed = 已恢复原排班。

rotations-title = 轮班
rotations-text = 成员按此顺序轮流值班。以离住户最近的上级区域为准。
rotations-none = 没有轮班：每起紧急事件都会通知本区域全体人员。
rotation-new = 新建轮班
rotation-change = 修改 { $name }
rotation-remove = 删除 { $name }
rotation-remove-question = 其班次将立即从排班中删除，包括当前班次。
rotation-name = 名称
rotation-members = 轮班成员
rotation-order = 顺序
rotation-earlier = { $name } 提前
rotation-later = { $name } 推后
rotation-days-each = 每轮天数
rotation-starts = 第一轮首日
rotation-timezone = 时区
rotation-hours = 工作时间
rotation-more-hours = 增加时段
rotation-turns = 每轮 { $days } 天，自 { $day } 起
hours-daily = 每天
hours-weekdays = 星期
hours-from = 从
hours-to = 至

policies-text = 在有人受理之前，按什么顺序通知哪些人。以离住户最近的区域的策略为准；其中先取事件达到的最高严重程度，再取限定时段的。
policy-new = 新建策略
policy-change = 修改策略
policy-remove = 删除策略
policy-remove-question = 此后以上一级策略为准，未结事件亦然。
policy-everywhere = 没有其他策略时
policy-built-in = 内置
policy-from-severity = 严重程度“{ $severity }”及以上
policy-at-once = 立即：{ $targets }
policy-after = { $span }后：{ $targets }
policy-rounds = { $rounds ->
    [1] 一轮
   *[other] 共 { $rounds } 轮，间隔 { $again }
}；之后每 { $last }重复最后一步，直至有人处理。
policy-holes = 该策略的缺口
policy-queue = 队列
policy-severity = 最低严重程度
policy-some-hours = 仅限部分时段
policy-step = 第 { $number } 步
policy-first-after = 进入队列后多少秒
policy-next-after = 上一步之后多少秒
policy-told = 通知谁
policy-add-step = 再加一步
policy-remove-step = 删除第 { $number } 步
policy-rounds-field = 轮数
policy-again-field = 两轮间隔（秒）
policy-last-field = 之后每隔（秒）
target-queue = 值班坐席
target-supervisors = 主管
target-family_next = 下一位家属
target-family = 全部家属

coverage-title = 此刻有人应答吗？
coverage-checked = { $ago }检查。系统持续检查，一旦无人应答即通知主管。
coverage-never-checked = 尚未检查。
coverage-dispatcher = 由调度进程检查：它在运行吗？
coverage-no-areas = 本区域没有住户。
coverage-good = 有人应答（{ $count }）
coverage-partly = 并非全部
coverage-not = 无人应答
coverage-since = { $time } 起
coverage-told = { $time } 已通知主管
coverage-nobody-told = 尚无人可通知
coverage-more = 另有 { $count } 位

remove = 删除
