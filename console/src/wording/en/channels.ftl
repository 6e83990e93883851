# How people are reached when something happens.
channels-title = Channels
channels-text = Messages about incidents go over the first channel that works. Addresses hold keys and are not shown again once they are saved. To change one, or the order, add it anew and remove the old one.
channels-none = No channel: messages can't reach this person
channels-none-works = No channel works: messages can't reach this person
channel-kind-apprise = messaging service
channel-kind-webhook = webhook
channel-kind-sms = SMS
channel-kind-log = log only
channel-works = no fault known
channel-failed = does not work since { $time }: { $why }

channel-add = Add a channel
channel-add-title = Add a channel for { $name }
channel-added = { $name } has one channel more.
channel-remove-title = Remove { $channel } of { $name }
channel-remove-question = Nothing is sent over it any more.
channel-remove-last = After that no message reaches { $name } any more: no other channel works.
channel-removed = { $name } has one channel less.
channel-kind = Kind
channel-place = Place
channel-place-text = 1 is tried first, the next where that one fails.
channel-secret = Secret
channel-hint-sms = A text message to a telephone.
channel-hint-apprise = WeCom, DingTalk, Feishu, e-mail and a hundred more, each with an address of its own, such as wecombot://key or mailtos://user:password@example.org.
channel-hint-webhook = A message to a program of yours, signed with a secret that both know.
channel-hint-log = Written into Kanhu's log and nowhere else: for trying things out. Nobody hears of it.
channel-address-sms = Telephone number
channel-address-apprise = Address of the service
channel-address-webhook = Address (https://…)
channel-address-log = Name in the log
channel-wrong-sms = A telephone number has 3 to 15 digits, with + before a country's code.
channel-wrong-apprise = It must be an address with ://, such as wecombot://key.
channel-wrong-webhook = It must begin with https:// or http://.
channel-wrong-log = A name is needed here.
channel-wrong-secret = A webhook needs a secret of at least 24 characters.

my-channels-title = How I am reached
my-channels-unreachable = Messages can't reach you
my-channels-unreachable-text = When the console is not before your eyes you hear of no incident. Add a channel that works.
my-channels-not-told = You are not told of incidents as one of the centre.

people-title = People and channels
people-none = Nobody works in this area.
people-unreachable = { $count ->
    [one] 1 person can't be reached
   *[other] { $count } people can't be reached
}
