vital-sign = { $metric ->
    [heart_rate] Heart rate
    [respiratory_rate] Respiration rate
    [spo2] Oxygen saturation
    [body_temperature] Body temperature
    [systolic_bp] Systolic blood pressure
    [diastolic_bp] Diastolic blood pressure
    [blood_glucose] Blood glucose
    [body_weight] Body weight
    [consciousness] Level of consciousness
   *[supplemental_oxygen] Supplemental oxygen
}
vital-unit = { $metric ->
    [heart_rate] { " " }beats a minute
    [respiratory_rate] { " " }breaths a minute
    [spo2] { " " }%
    [body_temperature] { " " }°C
    [systolic_bp] { " " }mmHg
    [diastolic_bp] { " " }mmHg
    [blood_glucose] { " " }mmol/L
    [body_weight] { " " }kg
   *[consciousness] { "" }
}
vital-value = { vital-sign }: { NUMBER($value, maximumFractionDigits: 1) }{ vital-unit }
news2-score = { $missing_count ->
    [0] NEWS2 score { $score_low }
   *[other] NEWS2 score at least { $score_low }, at most { $score_high } ({ $missing_count } of 7 values are missing)
}
vitals-unresponsive = Responds only to pain, or not at all
vitals-unresponsive-over = Is alert again
vitals-confused = { $level ->
    [1] New confusion
   *[2] Responds only to voice
}
vitals-confused-over = Is alert again
vitals-news2-high = { news2-score }: high risk, emergency assessment
vitals-news2-high-over = { news2-score }: no longer high risk
vitals-news2-medium = { news2-score }: medium risk, urgent review
vitals-news2-medium-over = { news2-score }: no longer medium risk
vitals-news2-single = { news2-score }, with 3 points for one value ({ vital-sign }): urgent review
vitals-news2-single-over = { news2-score }: no value has 3 points any more
vitals-critical-low = Critically low. { vital-value }
vitals-critical-low-over = No longer critically low. { vital-value }
vitals-critical-high = Critically high. { vital-value }
vitals-critical-high-over = No longer critically high. { vital-value }
vitals-limit-low = At or below the agreed limit of { NUMBER($limit, maximumFractionDigits: 1) }. { vital-value }
vitals-limit-low-once = One reading at or below the agreed limit of { NUMBER($limit, maximumFractionDigits: 1) }, not confirmed by the next. { vital-value }
vitals-limit-low-over = Within the limits again. { vital-value }
vitals-limit-high = At or above the agreed limit of { NUMBER($limit, maximumFractionDigits: 1) }. { vital-value }
vitals-limit-high-once = One reading at or above the agreed limit of { NUMBER($limit, maximumFractionDigits: 1) }, not confirmed by the next. { vital-value }
vitals-limit-high-over = Within the limits again. { vital-value }
vitals-unusual = Unusual for this person, whose own middle value is { NUMBER($usual, maximumFractionDigits: 1) }. { vital-value }
vitals-unusual-over = As usual again for this person. { vital-value }
trend-doubt = { $implausible ->
    [true] . So much in so few days may be another person or another scale
   *[false] { "" }
}
vitals-weight-gain = Gained { NUMBER($change, maximumFractionDigits: 1) } kg in { $days } { $days ->
    [one] day
   *[other] days
}, from { NUMBER($before, maximumFractionDigits: 1) } kg to { NUMBER($value, maximumFractionDigits: 1) } kg{ trend-doubt }
vitals-weight-gain-over = Most of the weight gained is gone again. { vital-value }
vitals-weight-loss = Lost { NUMBER($percent, maximumFractionDigits: 1) } % of the body weight in { $days } { $days ->
    [one] day
   *[other] days
}, from { NUMBER($before, maximumFractionDigits: 1) } kg to { NUMBER($value, maximumFractionDigits: 1) } kg{ trend-doubt }
vitals-weight-loss-over = Most of the weight lost is back. { vital-value }
vitals-drift = { vital-sign } this week { $direction ->
    [up] higher
   *[down] lower
} by { NUMBER($change, maximumFractionDigits: 0) } mmHg than in the four weeks before: { NUMBER($value, maximumFractionDigits: 0) } mmHg, before { NUMBER($before, maximumFractionDigits: 0) } mmHg (middle values)
vitals-drift-over = Nearly as in earlier weeks again. { vital-value }
vitals-unworn = Abnormal for 12 hours and more, from a device that says it is not worn: look after the person and the device. { vital-value }
vitals-unworn-over = As it should be again, or worn again. { vital-value }
