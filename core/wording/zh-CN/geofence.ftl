zone-left = 已离开区域“{ $zone }”，距中心 { NUMBER($distance, maximumFractionDigits: 0) } 米
zone-returned = 已回到区域“{ $zone }”
zone-entered = 进入了应避开的区域“{ $zone }”
zone-entered-over = 已离开应避开的区域“{ $zone }”
not-home = 应在 { $home_by } 前回家但尚未到家，距家 { NUMBER($distance, maximumFractionDigits: 0) } 米
not-home-returned = 已回到家中
