# 同事把事件转交给坐席时。
message-handed-title = 已转交给您：{ $name }
message-handed-body = 转交给您：{ $kind }：{ $name }，{ $place }，{ $time }起。请打开，否则退回队列。

# 派出救援时对佩戴者说的话。
acknowledged-dispatched = 救援已派出，正在赶来。

# 通话结果。
call-answered = 已接通
call-no_answer = 无人接听
call-busy = 占线
call-voicemail = 语音信箱
call-wrong_number = 号码错误
call-refused = 拒接
