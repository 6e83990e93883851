# 现在有人接听吗？
coverage-nobody = 当前无人接听：
coverage-unknown = 是否有人接听：未知
coverage-never = 尚无系统检查：调度程序未运行。
coverage-old = 最后检查于 { $time }：调度程序可能已停止，消息可能无法发出。
coverage-between = 、
coverage-details = 查看并处理
coverage-areas = { $count } 个区域
