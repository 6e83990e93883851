-- Readings, positions and waveforms of a resident, newest first. A page ends where the next begins: `before_*` is the
-- last row of the page before, null for the first page. Times are event times; the range is [first, last).

-- name: devices_of(resident_id)
-- The devices that watch a resident; also those retired, which have a past.
SELECT device.id
FROM device
WHERE (device.resident_id = :resident_id
       OR (device.resident_id IS NULL
           AND device.household_id = (SELECT first.household_id FROM resident AS first
                                      WHERE first.id = :resident_id
                                        AND NOT EXISTS (SELECT FROM resident AS other
                                                        WHERE other.household_id = first.household_id
                                                          AND other.id < first.id))))

-- name: readings(devices, metrics, first, last, before_time, before_device, before_metric, maximum)
-- For each device and metric the newest few by the unique index, then the newest of all of them.
SELECT found.device, found.metric, found.time, found.value, found.arrival, found.sent
FROM unnest(:devices::int[]) AS asked (device)
     CROSS JOIN unnest(:metrics::smallint[]) AS wanted (metric)
     CROSS JOIN LATERAL (
         SELECT reading.device, reading.metric, reading.time, reading.value, reading.arrival, reading.sent
         FROM reading
         WHERE reading.device = asked.device AND reading.metric = wanted.metric
           AND reading.time >= :first AND reading.time < :last
           AND (:before_time::timestamptz IS NULL
                OR reading.time < :before_time::timestamptz
                OR (reading.time = :before_time::timestamptz
                    AND (reading.device, reading.metric) < (:before_device::int, :before_metric::smallint)))
         ORDER BY reading.time DESC
         LIMIT :maximum) AS found
ORDER BY found.time DESC, found.device DESC, found.metric DESC
LIMIT :maximum

-- name: hours(devices, metrics, first, last, maximum)
-- The hourly roll-up, for charts, oldest first.
SELECT device, metric, hour, readings, low, high, mean
FROM reading_hour
WHERE device = ANY(:devices::int[]) AND metric = ANY(:metrics::smallint[]) AND hour >= :first AND hour < :last
ORDER BY hour, device, metric
LIMIT :maximum

-- name: latest(devices, metrics, first)
-- The newest reading of each device and metric since a moment.
SELECT found.device, found.metric, found.time, found.value, found.arrival, found.sent
FROM unnest(:devices::int[]) AS asked (device)
     CROSS JOIN unnest(:metrics::smallint[]) AS wanted (metric)
     CROSS JOIN LATERAL (
         SELECT reading.device, reading.metric, reading.time, reading.value, reading.arrival, reading.sent
         FROM reading
         WHERE reading.device = asked.device AND reading.metric = wanted.metric AND reading.time >= :first
         ORDER BY reading.time DESC
         LIMIT 1) AS found
ORDER BY found.device, found.metric

-- name: positions(devices, first, last, before_time, before_device, maximum)
-- For each device the newest few, then the newest of all of them.
SELECT found.device, found.time, found.latitude, found.longitude, found.accuracy, found.source, found.arrival,
       found.sent
FROM unnest(:devices::int[]) AS asked (device)
     CROSS JOIN LATERAL (
         SELECT position.device, position.time, position.latitude, position.longitude, position.accuracy,
                position.source, position.arrival, position.sent
         FROM position
         WHERE position.device = asked.device AND position.time >= :first AND position.time < :last
           AND (:before_time::timestamptz IS NULL
                OR position.time < :before_time::timestamptz
                OR (position.time = :before_time::timestamptz AND position.device < :before_device::int))
         ORDER BY position.time DESC
         LIMIT :maximum) AS found
ORDER BY found.time DESC, found.device DESC
LIMIT :maximum

-- name: waveforms(devices, first, last, before_time, before_device, maximum)
-- For each device the newest few, then the newest of all of them.
SELECT found.device, found.time, found.rate, found.samples, found.arrival, found.sent
FROM unnest(:devices::int[]) AS asked (device)
     CROSS JOIN LATERAL (
         SELECT waveform.device, waveform.time, waveform.rate, waveform.samples, waveform.arrival, waveform.sent
         FROM waveform
         WHERE waveform.device = asked.device AND waveform.time >= :first AND waveform.time < :last
           AND (:before_time::timestamptz IS NULL
                OR waveform.time < :before_time::timestamptz
                OR (waveform.time = :before_time::timestamptz AND waveform.device < :before_device::int))
         ORDER BY waveform.time DESC
         LIMIT :maximum) AS found
ORDER BY found.time DESC, found.device DESC
LIMIT :maximum

-- name: positions_are_open(resident_id)
-- An incident that is worked on shows where the resident is; one about equipment is no reason to.
SELECT EXISTS (SELECT FROM incident
               WHERE resident_id = :resident_id AND queue <> 'maintenance' AND state NOT IN ('closed', 'cancelled'))

-- name: log_position_access(at, user_id, resident_id, reason)!
-- Who looked, and why.
INSERT INTO position_access (at, user_id, resident_id, reason) VALUES (:at, :user_id, :resident_id, :reason)
