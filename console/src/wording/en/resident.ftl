# One person's page.
resident-age = { $age } years
resident-household = home { $code }
sex-female = woman
sex-male = man
sex-other = other
language-zh-CN = Chinese
language-en = English
resident-home = Home
resident-address = Address
resident-access = How to get in
resident-access-none = Nothing is written down.
resident-place = On the map (latitude, longitude)
resident-unknown = unknown
resident-health = Health
resident-conditions = Conditions
resident-medicines = Medicines
resident-language = Language
resident-none-known = None are written down.

contacts-title = Whom to call
contacts-none = Nobody. If something happens here, only the centre is told.
contacts-no-phone = no number
contacts-expired = No contact any more since { $time }

resident-devices = Devices
resident-devices-none = None: Kanhu sees nothing of this person.
resident-devices-retired = Out of use ({ $count })
device-last-seen = Last heard of
device-battery = Battery
device-percent = { $percent } %
device-silent = silent
device-never-seen = not within 30 days
device-not-yet = speaks only when something happens
device-retired-since = since { $time }

resident-incidents = Incidents
resident-incidents-none-open = Nothing is open.
resident-incidents-over = What is over ({ $count })

vitals-title = Vital signs
vitals-days = How many days
vitals-last-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
vitals-none = No vital signs were measured in this time.
vitals-summary = { $name }: from { $low } to { $high } { $unit } in this time
vitals-range = from { $low } to { $high } { $unit }: line, the mean of each hour; band, lowest to highest
limits-both = Care plan: { $low } to { $high } { $unit }
limits-low = Care plan: { $low } { $unit } at least
limits-high = Care plan: { $high } { $unit } at most
limits-of = { $name } · { $limits }
metric-heart_rate = Heart rate
metric-spo2 = Oxygen saturation
metric-respiratory_rate = Respiratory rate
metric-body_temperature = Body temperature
metric-systolic_bp = Systolic blood pressure
metric-diastolic_bp = Diastolic blood pressure
metric-blood_glucose = Blood glucose
metric-body_weight = Weight
unit-heart_rate = /min
unit-spo2 = %
unit-respiratory_rate = /min
unit-body_temperature = °C
unit-systolic_bp = mmHg
unit-diastolic_bp = mmHg
unit-blood_glucose = mmol/L
unit-body_weight = kg
