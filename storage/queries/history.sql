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
