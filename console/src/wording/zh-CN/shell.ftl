# 每个页面的外框。
name = 看护
loading = 正在加载
close = 关闭
language = 语言
navigation = 页面
skip = 跳到页面内容
user-menu = { $name }：退出、深浅色
role-responder = 坐席
role-supervisor = 主管
role-family = 家属
role-operator = 运维
role-integrator = 集成方
scheme-light = 浅色
scheme-dark = 深色
scheme-auto = 跟随系统

sign-in = 登录
sign-in-title = 登录
sign-in-text = 呼叫中心：请用本人账号登录。
sign-in-name = 用户名
sign-in-password = 密码
sign-in-show = 显示密码
sign-in-refused = 用户名或密码错误，或账号已停用。
sign-in-wait = 密码错误次数过多，请 { $seconds } 秒后再试。
sign-in-expired = 登录已失效，请重新登录，登录后回到原页面。
sign-out = 退出登录

connection-live = 实时
connection-connecting = 正在连接
connection-lost = 已断线
connection-lost-title = 实时连接已中断
connection-lost-since = 屏幕内容可能已过时：最后一次收到数据是 { $time }。正在自动重连。
connection-lost-for = 已中断 { $span }。

keys-title = 快捷键
keys-text = 本页可用的按键。也可用 Tab 与 Enter 操作所有功能。
keys-everywhere = 所有页面
keys-help = 显示快捷键列表

broken-title = 此页面出错
broken-text = 这里出了问题。其他页面仍可使用，重新加载通常可恢复。
broken-reload = 重新加载
not-found-title = 没有这个页面
not-found-text = 地址可能有误，或页面已移动。
not-found-queue = 返回事件队列

failure-title = 未能加载
failure-again = 重试
failure-id = 如仍未恢复，请将此编号告知运维人员：{ $id }
problem-unreachable = 无法连接看护系统，请检查网络，系统会自动重试。
problem-not-found = 不存在，或不在您负责的区域。
problem-not-allowed = 您的角色无权进行此操作。
problem-sign-in-needed = 登录已失效。
problem-internal-error = 系统故障，已记录。
