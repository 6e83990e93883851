fall-late = { $late_minutes ->
    [0] { "" }
   *[other] ；延迟 { NUMBER($late_minutes, maximumFractionDigits: 0) } 分钟才收到
}
fall-impact-then-still = 检测到跌倒：撞击强度 { NUMBER($peak_g, maximumFractionDigits: 1) } g，随后静止不动（可能性 { NUMBER($percent, maximumFractionDigits: 0) } %）{ fall-late }
fall-impact = 检测到跌倒：撞击强度 { NUMBER($peak_g, maximumFractionDigits: 1) } g，随后仍有活动（可能性 { NUMBER($percent, maximumFractionDigits: 0) } %）{ fall-late }
fall-device-flag = 佩戴设备自身报告跌倒{ fall-late }
fall-device-agrees = 佩戴设备自身报告跌倒，动作分析也判断为跌倒{ fall-late }
fall-long-lie = 跌倒后 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟内未见任何活动，可能无法起身
fall-cancelled-by-wearer = 佩戴者在跌倒 { NUMBER($seconds, maximumFractionDigits: 0) } 秒后取消了警报
fall-walking-again = 紧急程度降低：跌倒 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟后，佩戴设备显示持续走动
