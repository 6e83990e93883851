-- What the home of somebody who fell says since.

-- name: open_falls
-- The newest fall or long lie that is not cleared, of each open emergency; older ones than `since` are past judging.
SELECT DISTINCT ON (incident.id) {alert.columns}
FROM incident JOIN alert ON alert.incident_id = incident.id
WHERE incident.queue = 'emergency' AND incident.state NOT IN ('pending', 'closed', 'cancelled')
  AND alert.kind IN ('fall', 'long_lie') AND alert.cleared_at IS NULL AND alert.event_time >= :since
ORDER BY incident.id, alert.event_time DESC, alert.id DESC

-- name: signs
-- Readings of these metrics by what watches a resident, in a span of event time.
SELECT reading.device AS device_id, metric.name AS metric, reading.time, reading.value
FROM device
JOIN reading ON reading.device = device.id
JOIN metric ON metric.id = reading.metric
WHERE (device.resident_id = :resident_id
       OR (device.resident_id IS NULL
           AND device.household_id = (SELECT first.household_id FROM resident AS first
                                      WHERE first.id = :resident_id
                                        AND NOT EXISTS (SELECT FROM resident AS other
                                                        WHERE other.household_id = first.household_id
                                                          AND other.id < first.id))))
  AND metric.name = ANY(:metrics) AND reading.time > :after AND reading.time <= :until
ORDER BY reading.time, reading.device, metric.name
