vital-sign = { $metric ->
    [heart_rate] 心率
    [respiratory_rate] 呼吸频率
    [spo2] 血氧饱和度
    [body_temperature] 体温
    [systolic_bp] 收缩压
    [diastolic_bp] 舒张压
    [blood_glucose] 血糖
    [body_weight] 体重
    [consciousness] 意识水平
   *[supplemental_oxygen] 吸氧
}
vital-unit = { $metric ->
    [heart_rate] { " " }次/分
    [respiratory_rate] { " " }次/分
    [spo2] { " " }%
    [body_temperature] { " " }°C
    [systolic_bp] { " " }mmHg
    [diastolic_bp] { " " }mmHg
    [blood_glucose] { " " }mmol/L
    [body_weight] { " " }kg
   *[consciousness] { "" }
}
vital-value = { vital-sign }：{ NUMBER($value, maximumFractionDigits: 1) }{ vital-unit }
news2-score = { $missing_count ->
    [0] NEWS2 评分 { $score_low }
   *[other] NEWS2 评分至少 { $score_low }，至多 { $score_high }（7 项中缺 { $missing_count } 项）
}
vitals-unresponsive = 仅对疼痛有反应或完全无反应
vitals-unresponsive-over = 已恢复清醒
vitals-confused = { $level ->
    [1] 新发意识模糊
   *[2] 仅对呼唤有反应
}
vitals-confused-over = 已恢复清醒
vitals-news2-high = { news2-score }：高风险，需紧急评估
vitals-news2-high-over = { news2-score }：不再是高风险
vitals-news2-medium = { news2-score }：中风险，需尽快复查
vitals-news2-medium-over = { news2-score }：不再是中风险
vitals-news2-single = { news2-score }，其中一项（{ vital-sign }）得 3 分：需尽快复查
vitals-news2-single-over = { news2-score }：已无单项 3 分
vitals-critical-low = 危急偏低。{ vital-value }
vitals-critical-low-over = 不再危急偏低。{ vital-value }
vitals-critical-high = 危急偏高。{ vital-value }
vitals-critical-high-over = 不再危急偏高。{ vital-value }
vitals-limit-low = 达到或低于约定下限 { NUMBER($limit, maximumFractionDigits: 1) }。{ vital-value }
vitals-limit-low-once = 一次测量达到或低于约定下限 { NUMBER($limit, maximumFractionDigits: 1) }，复测未证实。{ vital-value }
vitals-limit-low-over = 已回到限值内。{ vital-value }
vitals-limit-high = 达到或高于约定上限 { NUMBER($limit, maximumFractionDigits: 1) }。{ vital-value }
vitals-limit-high-once = 一次测量达到或高于约定上限 { NUMBER($limit, maximumFractionDigits: 1) }，复测未证实。{ vital-value }
vitals-limit-high-over = 已回到限值内。{ vital-value }
vitals-unusual = 与本人平时不同，平时的中间值为 { NUMBER($usual, maximumFractionDigits: 1) }。{ vital-value }
vitals-unusual-over = 已恢复到本人平时水平。{ vital-value }
trend-doubt = { $implausible ->
    [true] 。短期变化过大，可能是他人称重或更换了体重秤
   *[false] { "" }
}
vitals-weight-gain = { $days } 天内体重增加 { NUMBER($change, maximumFractionDigits: 1) } kg，从 { NUMBER($before, maximumFractionDigits: 1) } kg 升至 { NUMBER($value, maximumFractionDigits: 1) } kg{ trend-doubt }
vitals-weight-gain-over = 增加的体重已大部分回落。{ vital-value }
vitals-weight-loss = { $days } 天内体重下降 { NUMBER($percent, maximumFractionDigits: 1) }%，从 { NUMBER($before, maximumFractionDigits: 1) } kg 降至 { NUMBER($value, maximumFractionDigits: 1) } kg{ trend-doubt }
vitals-weight-loss-over = 下降的体重已大部分恢复。{ vital-value }
vitals-drift = 本周{ vital-sign }比之前四周{ $direction ->
    [up] 偏高
   *[down] 偏低
} { NUMBER($change, maximumFractionDigits: 0) } mmHg：现为 { NUMBER($value, maximumFractionDigits: 0) } mmHg，之前为 { NUMBER($before, maximumFractionDigits: 0) } mmHg（中间值）
vitals-drift-over = 已接近之前几周的水平。{ vital-value }
vitals-unworn = 设备显示未佩戴，但数值异常已持续 12 小时以上：请查看老人和设备。{ vital-value }
vitals-unworn-over = 数值已正常或已重新佩戴。{ vital-value }
