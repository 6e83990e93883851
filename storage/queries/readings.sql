-- Readings, positions and waveforms: writing, and knowing what is written already.

-- name: create_arriving!
-- Where rows wait that may be there already.
CREATE TEMPORARY TABLE arriving (LIKE reading INCLUDING DEFAULTS) ON COMMIT DROP

-- name: merge_arriving!
-- Of the waiting rows those that are new.
INSERT INTO reading (device, metric, time, value, arrival, sent)
SELECT device, metric, time, value, arrival, sent FROM arriving
ON CONFLICT (device, metric, time) DO NOTHING

-- name: drop_arriving!
-- A transaction may need the temporary table twice.
DROP TABLE arriving

-- name: insert_positions!
-- Positions, as columns.
INSERT INTO position (device, time, latitude, longitude, accuracy, source, arrival, sent)
SELECT given.device, given.time, given.latitude, given.longitude, given.accuracy, given.source, given.arrival, given.sent
FROM unnest(:device::int[], :time::timestamptz[], :latitude::float8[], :longitude::float8[],
            :accuracy::float8[], :source::smallint[], :arrival::timestamptz[], :sent::timestamptz[])
     AS given (device, time, latitude, longitude, accuracy, source, arrival, sent)
ON CONFLICT (device, time) DO NOTHING

-- name: insert_waveform!
-- One waveform.
INSERT INTO waveform (device, time, rate, samples, arrival, sent)
VALUES (:device, :time, :rate, :samples, :arrival, :sent)
ON CONFLICT (device, time) DO NOTHING

-- name: known_by_time
-- Ordinals of the asked readings that are stored; the time range lets whole chunks be left out.
SELECT asked.ordinal
FROM unnest(:device::int[], :metric::smallint[], :time::timestamptz[])
     WITH ORDINALITY AS asked (device, metric, time, ordinal)
WHERE EXISTS (SELECT FROM reading
              WHERE reading.device = asked.device AND reading.metric = asked.metric AND reading.time = asked.time
                AND reading.time BETWEEN :first AND :last)

-- name: known_by_sent
-- The same for readings whose event time is their arrival: known by the impossible time that the device gave.
SELECT asked.ordinal
FROM unnest(:device::int[], :metric::smallint[], :time::timestamptz[])
     WITH ORDINALITY AS asked (device, metric, time, ordinal)
WHERE EXISTS (SELECT FROM reading
              WHERE reading.device = asked.device AND reading.metric = asked.metric AND reading.sent = asked.time
                AND reading.sent BETWEEN :first AND :last)

-- name: known_position_by_time
-- Ordinals of the asked positions that are stored.
SELECT asked.ordinal
FROM unnest(:device::int[], :time::timestamptz[]) WITH ORDINALITY AS asked (device, time, ordinal)
WHERE EXISTS (SELECT FROM position WHERE position.device = asked.device AND position.time = asked.time)

-- name: known_position_by_sent
-- The same by the impossible time that the device gave.
SELECT asked.ordinal
FROM unnest(:device::int[], :time::timestamptz[]) WITH ORDINALITY AS asked (device, time, ordinal)
WHERE EXISTS (SELECT FROM position WHERE position.device = asked.device AND position.sent = asked.time)

-- name: known_waveform_by_time
-- Ordinals of the asked waveforms that are stored.
SELECT asked.ordinal
FROM unnest(:device::int[], :time::timestamptz[]) WITH ORDINALITY AS asked (device, time, ordinal)
WHERE EXISTS (SELECT FROM waveform WHERE waveform.device = asked.device AND waveform.time = asked.time)

-- name: known_waveform_by_sent
-- The same by the impossible time that the device gave.
SELECT asked.ordinal
FROM unnest(:device::int[], :time::timestamptz[]) WITH ORDINALITY AS asked (device, time, ordinal)
WHERE EXISTS (SELECT FROM waveform WHERE waveform.device = asked.device AND waveform.sent = asked.time)

-- name: newest
-- The newest stored event time of each asked series.
SELECT asked.ordinal, latest.time
FROM unnest(:device::int[], :metric::smallint[]) WITH ORDINALITY AS asked (device, metric, ordinal)
CROSS JOIN LATERAL (SELECT time FROM reading
                    WHERE reading.device = asked.device AND reading.metric = asked.metric
                    ORDER BY time DESC LIMIT 1) AS latest

-- name: first_arrival$
-- When the first row of a span arrived, of these devices or, where they are null, of all.
SELECT least((SELECT min(arrival) FROM reading WHERE arrival > :after AND arrival <= :until
              AND (:devices::int[] IS NULL OR device = ANY(:devices))),
             (SELECT min(arrival) FROM position WHERE arrival > :after AND arrival <= :until
              AND (:devices::int[] IS NULL OR device = ANY(:devices))),
             (SELECT min(arrival) FROM waveform WHERE arrival > :after AND arrival <= :until
              AND (:devices::int[] IS NULL OR device = ANY(:devices))))

-- name: arrived_readings
-- Readings that arrived in a slice of time, in the order of their arrival; times as microseconds.
SELECT device, metric, (extract(epoch FROM time) * 1000000)::bigint, value,
       (extract(epoch FROM arrival) * 1000000)::bigint, (extract(epoch FROM sent) * 1000000)::bigint
FROM reading WHERE arrival BETWEEN :first AND :last AND (:devices::int[] IS NULL OR device = ANY(:devices))
ORDER BY arrival, device, metric, time

-- name: arrived_positions
-- Positions that arrived in a slice of time.
SELECT device, (extract(epoch FROM time) * 1000000)::bigint, latitude, longitude, accuracy, source,
       (extract(epoch FROM arrival) * 1000000)::bigint, (extract(epoch FROM sent) * 1000000)::bigint
FROM position WHERE arrival BETWEEN :first AND :last AND (:devices::int[] IS NULL OR device = ANY(:devices))
ORDER BY arrival, device, time

-- name: arrived_waveforms
-- Waveforms that arrived in a slice of time.
SELECT device, (extract(epoch FROM time) * 1000000)::bigint, rate, samples,
       (extract(epoch FROM arrival) * 1000000)::bigint, (extract(epoch FROM sent) * 1000000)::bigint
FROM waveform WHERE arrival BETWEEN :first AND :last AND (:devices::int[] IS NULL OR device = ANY(:devices))
ORDER BY arrival, device, time
