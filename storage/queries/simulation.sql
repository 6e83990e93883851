-- What the simulator asks to compare with what it sent.

-- name: outcomes(households, since)
-- Alerts of these households since a moment, each with its incident. A check that nobody did is not what devices said.
SELECT household.code AS household, resident.name AS resident, alert.kind, alert.raised_at, alert.event_time,
       incident.id AS incident, incident.queue, incident.opened_at, incident.state::text AS state
FROM alert
     JOIN incident ON incident.id = alert.incident_id
     JOIN resident ON resident.id = alert.resident_id
     JOIN household ON household.id = resident.household_id
WHERE household.code = ANY(:households::text[]) AND alert.raised_at >= :since AND alert.detector <> 'checks'
ORDER BY alert.raised_at, alert.id

-- name: committed(households, devices, times, metric)
-- Which of the asked (household, device, time) have a reading of the metric.
SELECT asked.household, asked.device, asked.time
FROM unnest(:households::text[], :devices::text[], :times::timestamptz[]) AS asked (household, device, time)
     JOIN household ON household.code = asked.household
     JOIN device ON device.household_id = household.id AND device.code = asked.device
     JOIN reading ON reading.device = device.id AND reading.metric = :metric AND reading.time = asked.time

-- name: alerted(households, devices, times)
-- Which of the asked (household, device, time) have an SOS alert.
SELECT DISTINCT asked.household, asked.device, asked.time
FROM unnest(:households::text[], :devices::text[], :times::timestamptz[]) AS asked (household, device, time)
     JOIN household ON household.code = asked.household
     JOIN device ON device.household_id = household.id AND device.code = asked.device
     JOIN alert ON alert.device_id = device.id AND alert.kind = 'sos' AND alert.event_time = asked.time

-- name: count_readings(households, metrics, first, last)
-- Readings of these households and metrics with event times in [first, last].
SELECT count(*)
FROM reading
     JOIN device ON device.id = reading.device
     JOIN household ON household.id = device.household_id
WHERE household.code = ANY(:households::text[]) AND reading.metric = ANY(:metrics::smallint[])
  AND reading.time BETWEEN :first AND :last

-- name: count_sos(households, first, last)
-- SOS alerts of these households with event times in [first, last].
SELECT count(*)
FROM alert
     JOIN resident ON resident.id = alert.resident_id
     JOIN household ON household.id = resident.household_id
WHERE household.code = ANY(:households::text[]) AND alert.kind = 'sos' AND alert.event_time BETWEEN :first AND :last
