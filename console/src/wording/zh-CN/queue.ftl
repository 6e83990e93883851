# 实时事件队列。
queue-title = 事件队列
queue-none = 当前没有需要处理的事件。
queue-none-here = 没有符合筛选条件的事件。
queue-show-all = 显示全部
queue-count = { $shown } / { $all } 起

tile-waiting = 待处理
tile-held = 处理中
tile-longest = 最久

filter-standing = 处理情况
filter-standing-all = 全部处理情况
filter-clear = 清除此筛选
standing-waits = 待处理
standing-held = 处理中
standing-mine = 我的

waiting-well = 等待中，目标 { $first } 秒
waiting-near = 已超 { $first } 秒
waiting-late = 已超 { $last } 秒，严重超时
waiting-none = 等待中
waiting-held = 已受理
waiting-countdown = 本人可取消

state-pending = 倒计时
state-open = 待受理
state-claimed = 已受理
state-contacted = 已联系
state-dispatched = 救援途中
state-on_scene = 已到现场
state-closed = 已结案
state-cancelled = 已取消

row-label = { $kind }，{ $name }，{ $queue }，{ $severity }
row-mine = 由我处理
row-holder = { $name } 处理
row-claim = 受理：{ $kind }，{ $name }
claim = 受理

keys-next = 下一起事件
keys-previous = 上一起事件
keys-open = 打开所选事件
keys-claim = 受理所选事件并打开
keys-emergency = 只看紧急／恢复全部
keys-care = 只看关怀／恢复全部
keys-maintenance = 只看维护／恢复全部
keys-all = 显示全部

attention-new = { $count ->
    [1] 新的紧急事件：
   *[other] { $count } 起新的紧急事件：
}
attention-open = 打开
attention-seen = 已看到
sound-on = 新紧急事件声音提醒：开。点击关闭
sound-off = 新紧急事件声音提醒：已关闭。点击开启
sound-waits-for-click = 声音尚未启用：浏览器要求先点击页面
notices-on = 新紧急事件桌面通知：开。点击关闭
notices-off = 新紧急事件桌面通知：未开启。点击开启
notices-refused = 浏览器不允许桌面通知。点击查看如何处理
notices-unable = 此浏览器无法显示桌面通知
notices-trial = 新的紧急事件将这样通知
notices-trial-text = 只显示事件类型和区域，不含姓名和地址。
notices-said-no = 浏览器拒绝了桌面通知
notices-said-no-text = 请在浏览器设置中允许本站发送通知（多在地址栏旁），然后再次点击。
notices-said-nothing = 尚未答复浏览器的询问
notices-said-nothing-text = 请再次点击，并在浏览器询问时选择允许。

step-refused = 操作未完成
step-held = { $name } 已在 { $time } 受理此事件。
step-wrong-state = 当前无法进行此操作。事件状态：{ $state }。

tag-test = 预期测试
tag-storm = 同一原因共 { $count } 起
