# 事件的处理结果。
closure-ambulance = 救护车已到场
closure-fire = 消防已到场
closure-police = 警察已到场
closure-responder_attended = 救助人员已到场
closure-family_attended = 家属已到场
closure-reassured = 已联系本人，平安
closure-accidental = 误触
closure-detector_false = 误报
closure-user_cancelled = 本人取消
closure-test = 测试
closure-technical = 技术故障
closure-duplicate = 已在其他事件中处理
closure-no_contact = 未能联系上
closure-cancelled = 已自行解除
