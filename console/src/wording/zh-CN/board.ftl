# 此刻谁受到保护。
board-title = 保护状态
board-find = 按姓名查找老人
board-find-key = 查找老人
board-found = { $count ->
    [0] 没有姓名含“{ $name }”的老人。
   *[other] 姓名含“{ $name }”的老人 { $count } 位。
}
board-nobody = 本区域没有住户。
board-none = 无。
board-more = 显示更多
board-all-well = 一切正常。
board-open-incident = 未结事件
protected-title = 此刻受到保护吗？
protected-yes = 受保护
protected-partly = 部分受保护
protected-no = 未受保护
protected-yes-means = 可以呼救，且有人应答
protected-partly-means = 有问题待处理
protected-no-means = 呼救可能无法送达
protected-checked = 截至 { $time }
protected-last-test = 最近一次全程测试：{ $time }
reason-ok = 正常：
reason-danger = 异常：
reason-warning = 需关注：
reason-info = 提示：

test-ask = 发起全程测试
test-text = 手环会请佩戴者按下呼救键。呼救照常进入队列，并标明是预期的测试。
test-asked = 已发起测试
test-press = 设备正在提示。{ $time } 前的下一次呼救会标为预期的测试，处理方式与其他呼救相同。
test-close = 以“测试”结案后，即记为最近一次全程测试。
