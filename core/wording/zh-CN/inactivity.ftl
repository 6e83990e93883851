inactivity-silence-unusual = 家中已有 { NUMBER($hours, maximumFractionDigits: 1) } 小时没有任何活动迹象，这在此时段很不寻常
inactivity-silence-limit = 家中已有 { NUMBER($hours, maximumFractionDigits: 1) } 小时没有任何活动迹象，护理计划允许的上限为 { NUMBER($limit_hours, maximumFractionDigits: 1) } 小时
inactivity-away-long = { NUMBER($hours, maximumFractionDigits: 1) } 小时前从通往室外的门外出，此后没有任何活动迹象
inactivity-in-bed-long = 卧床已有 { NUMBER($hours, maximumFractionDigits: 1) } 小时没有起身迹象，这在此时段很不寻常
inactivity-silence-visitor = 已有 { NUMBER($hours, maximumFractionDigits: 1) } 小时没有本人活动迹象（不含访客在场时间）；最近的活动来自访客，访客已离开
inactivity-never-seen = 自传感器首次上报以来 { NUMBER($hours, maximumFractionDigits: 1) } 小时，家中从未有过任何活动迹象：请确认家中是否有人、传感器是否装在经常走动的位置
inactivity-active-again = 家中已恢复活动
