# 多个页面共用的文字。
area = 区域
area-all = 我负责的全部区域
cancel = 取消
show-more = 显示更多（还有 { $count } 条）
loaded-old = 内容可能已过时
save = 保存
change = 修改
problem-check-done = 该任务已有人完成。
problem-check-not-yet = 该任务尚未到日期。
wide-table = { $name }：表格
