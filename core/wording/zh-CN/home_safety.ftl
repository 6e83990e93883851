home-alarm = { $alarm ->
    [smoke] 家中烟雾报警
    [gas] 家中燃气报警
   *[carbon_monoxide] 家中一氧化碳报警
}
home-alarm-late = { $alarm ->
    [smoke] 家中烟雾报警
    [gas] 家中燃气报警
   *[carbon_monoxide] 家中一氧化碳报警
}，延迟 { NUMBER($late_minutes, maximumFractionDigits: 0) } 分钟到达
home-alarm-again = { $alarm ->
    [smoke] 家中烟雾报警停止后再次响起
    [gas] 家中燃气报警停止后再次响起
   *[carbon_monoxide] 家中一氧化碳报警停止后再次响起
}
water-leak = 地面有水：漏水传感器报警
water-leak-over = 漏水传感器已恢复干燥
home-too-cold = 家中过冷：{ NUMBER($degrees, maximumFractionDigits: 1) } °C，已持续 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟以上；护理计划要求高于 { NUMBER($limit, maximumFractionDigits: 1) } °C
home-too-hot = 家中过热：{ NUMBER($degrees, maximumFractionDigits: 1) } °C，已持续 { NUMBER($minutes, maximumFractionDigits: 0) } 分钟以上；护理计划要求低于 { NUMBER($limit, maximumFractionDigits: 1) } °C
home-temperature-over = 家中温度已恢复到 { NUMBER($degrees, maximumFractionDigits: 1) } °C
