# 有事时如何通知到人。
channels-title = 通知渠道
channels-text = 事件消息通过第一个可用的渠道发送。地址中含有密钥，保存后不再显示；如需修改地址或顺序，请重新添加，再删除旧的。
channels-none = 无通知渠道：消息无法送达
channels-none-works = 所有渠道均失效：消息无法送达
channel-kind-apprise = 消息服务
channel-kind-webhook = Webhook
channel-kind-sms = 短信
channel-kind-log = 仅写日志
channel-works = 未发现故障
channel-failed = 自 { $time } 起失效：{ $why }

channel-add = 添加渠道
channel-add-title = 为 { $name } 添加渠道
channel-added = 已为 { $name } 添加渠道。
channel-remove-title = 删除 { $name } 的渠道：{ $channel }
channel-remove-question = 此后不再通过该渠道发送消息。
channel-remove-last = 删除后，消息将无法送达 { $name }：没有其他可用渠道。
channel-removed = 已删除 { $name } 的渠道。
channel-kind = 类型
channel-place = 次序
channel-place-text = 1 最先使用，失败后使用下一个。
channel-secret = 密钥
channel-hint-sms = 向手机发送短信。
channel-hint-apprise = 企业微信、钉钉、飞书、电子邮件等百余种服务，各有自己的地址，例如 wecombot://key 或 mailtos://user:password@example.org。
channel-hint-webhook = 向您的程序发送消息，并以双方约定的密钥签名。
channel-hint-log = 只写入看护系统的日志，仅供试用，不会通知任何人。
channel-address-sms = 手机号码
channel-address-apprise = 服务地址
channel-address-webhook = 地址（https://…）
channel-address-log = 日志中的名称
channel-wrong-sms = 号码应为 3 至 15 位数字，国家代码前加 +。
channel-wrong-apprise = 应为含 :// 的地址，例如 wecombot://key。
channel-wrong-webhook = 应以 https:// 或 http:// 开头。
channel-wrong-log = 请填写名称。
channel-wrong-secret = Webhook 需要至少 24 个字符的密钥。

my-channels-title = 我的通知渠道
my-channels-unreachable = 消息无法送达您
my-channels-unreachable-text = 不在看护页面前时，您将收不到任何事件通知。请添加可用的渠道。
my-channels-not-told = 您不在中心的通知人员之列。

people-title = 人员与渠道
people-none = 本区域没有工作人员。
people-unreachable = { $count } 人无法通知到
