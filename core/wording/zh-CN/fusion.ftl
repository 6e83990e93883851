fusion-other-room = 紧急程度降低：跌倒 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟后，第二个房间有人活动
fusion-door-opened = 紧急程度降低：跌倒 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟后，有门打开
fusion-in-bed = 紧急程度降低：跌倒 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟后，已在床上
fusion-steps = 紧急程度降低：跌倒 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟后，在走动
fusion-still-abnormal-heart = 紧急程度升高：跌倒后家中一直没有活动，心率为每分钟 { NUMBER($heart_rate, maximumFractionDigits: 0) } 次
