# 此刻有人应答吗？
coverage-nobody = 此刻无人应答：
coverage-unknown = 此刻有人应答吗？未知
coverage-never = 尚未检查过：调度进程没有运行。
coverage-old = 最后检查于 { $time }：调度进程可能已停止，消息可能发不出去。
coverage-between = 、
coverage-details = 查看并处理
coverage-areas = { $count } 个区域
