# 策略的漏洞。
hole-family_only = 没有任何一步通知中心：没有家属的老人将无人知晓。
hole-centre_late = 中心在 { $seconds } 秒后才得知；紧急事件最迟 { $limit } 秒。
hole-first_late = 最初 { $seconds } 秒内不通知任何人；最多应为 { $limit } 秒。
hole-queue_late = 坐席在 { $seconds } 秒后才得知；最多应为 { $limit } 秒。
hole-no_queue = 没有任何一步通知坐席。
hole-no_supervisors = 没有任何一步通知主管；无人应答时应由主管介入。
hole-gap = 两步之间有 { $seconds } 秒不再通知其他人；最多应为 { $limit } 秒。
hole-rare_after_the_end = 所有轮次结束后，每 { $seconds } 秒才通知一次；最多应为 { $limit } 秒。

# 为什么无人应答。
gap-nobody_on_shift = 无人值班，将改为通知该区域全体人员。
gap-no_channel = 值班人员均无可用的通知渠道。
gap-unchecked = 目前消息发不出去：调度进程已 { $minutes } 分钟没有工作。
gap-no_staff = 没有坐席负责该区域。
gap-no_supervisor = 应通知的主管均无可用的通知渠道。
gap-contacts_expired = { $count } 位老人的联系人均已过期。
gap-contacts_no_channel = { $count } 位老人的联系人均无可用的通知渠道。

# 发给主管的消息。
notice-title = 无人应答：{ $area }
notice-line = { $area }（{ $queues }）：{ $reason }
notice-and = 、
notice-more = 另有 { $count } 项。
notice-work = 打开：{ $link }

rota-no_rotation = 该区域没有轮班；请在有轮班的区域添加代班。
