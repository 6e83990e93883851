home-alarm = { $alarm ->
    [smoke] Smoke alarm in the home
    [gas] Gas alarm in the home
   *[carbon_monoxide] Carbon monoxide alarm in the home
}
home-alarm-late = { $alarm ->
    [smoke] Smoke alarm in the home
    [gas] Gas alarm in the home
   *[carbon_monoxide] Carbon monoxide alarm in the home
} that arrived { NUMBER($late_minutes, maximumFractionDigits: 0) } minutes late
home-alarm-again = { $alarm ->
    [smoke] The smoke alarm in the home had stopped and sounds again
    [gas] The gas alarm in the home had stopped and sounds again
   *[carbon_monoxide] The carbon monoxide alarm in the home had stopped and sounds again
}
water-leak = Water on the floor: a leak sensor is wet
water-leak-over = The leak sensor is dry again
home-too-cold = The home is cold: { NUMBER($degrees, maximumFractionDigits: 1) } °C for { NUMBER($minutes, maximumFractionDigits: 0) } minutes or longer; the care plan wants more than { NUMBER($limit, maximumFractionDigits: 1) } °C
home-too-hot = The home is hot: { NUMBER($degrees, maximumFractionDigits: 1) } °C for { NUMBER($minutes, maximumFractionDigits: 0) } minutes or longer; the care plan wants less than { NUMBER($limit, maximumFractionDigits: 1) } °C
home-temperature-over = The home is at { NUMBER($degrees, maximumFractionDigits: 1) } °C again
