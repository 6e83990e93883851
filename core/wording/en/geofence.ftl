zone-left = Has left the zone "{ $zone }": { NUMBER($distance, maximumFractionDigits: 0) } m from its centre
zone-returned = Is back in the zone "{ $zone }"
zone-entered = Is in the zone "{ $zone }", which should be avoided
zone-entered-over = Has left the zone "{ $zone }", which should be avoided
not-home = Not at home, and should have been by { $home_by }: { NUMBER($distance, maximumFractionDigits: 0) } m from home
not-home-returned = Is home
