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
gap-nobody_on_shift = 无人值班，将通知该区域全体人员。
gap-no_channel = 应被通知的人员均无可用的联系渠道。
gap-unchecked = 目前不会通知任何人：调度进程已 { $minutes } 分钟没有检查。
gap-no_staff = 该区域没有坐席。
gap-no_supervisor = 应被通知的主管均无可用的联系渠道。
gap-contacts_expired = { $count } 位老人的联系人全部已过期。
gap-contacts_no_channel = { $count } 位老人没有可联系到的联系人。

# 发给主管的消息。
notice-title = 无人应答：{ $area }
notice-line = { $area }（{ $queues }）：{ $reason }
notice-and = 、
notice-more = 另有 { $count } 项。
notice-work = 打开：{ $link }

rota-no_rotation = 该区域没有轮班；请在有轮班的区域添加调班。
