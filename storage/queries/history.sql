-- What was raised in the past, and how it turned out.

-- name: residents_chosen
-- Residents by id or by household, with their household; where neither is given, all.
SELECT resident.id, household.code AS household
FROM resident JOIN household ON household.id = resident.household_id
WHERE (:residents::int[] IS NULL AND :households::text[] IS NULL)
   OR resident.id = ANY(:residents) OR household.code = ANY(:households)
ORDER BY resident.id

-- name: alerts_raised
-- Alerts of these residents and detectors that were raised in a span, with the closure code of their incident.
SELECT alert.dedup_key, alert.kind, alert.resident_id, alert.event_time, alert.raised_at, incident.closure_code
FROM alert JOIN incident ON incident.id = alert.incident_id
WHERE alert.resident_id = ANY(:residents) AND alert.detector = ANY(:detectors)
  AND alert.raised_at >= :since AND alert.raised_at < :until
ORDER BY alert.raised_at, alert.dedup_key

-- name: alert_outcomes
-- How the incidents of a span's alerts ended, counted by detector and version, in the areas that the user may see.
SELECT alert.detector, alert.version, incident.closure_code,
       incident.state IN ('closed', 'cancelled') AS ended, count(*) AS alerts
FROM alert
JOIN incident ON incident.id = alert.incident_id
JOIN resident ON resident.id = alert.resident_id
JOIN household ON household.id = resident.household_id
JOIN area ON area.id = household.area_id
WHERE alert.raised_at >= :since AND alert.raised_at < :until AND area.path ^@ :path::text
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4

-- name: miss_counts
-- What happened in a span and nobody's detector noticed, by kind.
SELECT reported_miss.kind, count(*) AS reported
FROM reported_miss
JOIN resident ON resident.id = reported_miss.resident_id
JOIN household ON household.id = resident.household_id
JOIN area ON area.id = household.area_id
WHERE happened_at >= :since AND happened_at < :until AND area.path ^@ :path::text
GROUP BY 1
ORDER BY 1

-- name: insert_miss
-- Somebody says that something happened which no detector noticed.
INSERT INTO reported_miss (resident_id, kind, happened_at, note, reported_by, reported_at)
VALUES (:resident_id, :kind, :happened_at, :note, :reported_by, :reported_at)
RETURNING {columns}

-- name: judged_falls
-- Fall alerts of a worn device whose incident was closed with one of these codes.
SELECT alert.resident_id, alert.device_id, alert.event_time, incident.closure_code, resident.birth_year
FROM alert
JOIN incident ON incident.id = alert.incident_id
JOIN resident ON resident.id = alert.resident_id
WHERE alert.kind = 'fall' AND alert.device_id IS NOT NULL AND incident.closure_code = ANY(:codes)
  AND alert.raised_at >= :since AND alert.raised_at < :until
ORDER BY alert.event_time, alert.id

-- name: acceleration
-- The acceleration of a device whose blocks or clips begin within a span.
SELECT time, rate, samples FROM waveform
WHERE device = :device AND time BETWEEN :first AND :last
ORDER BY time
