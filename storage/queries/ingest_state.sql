-- What an ingest worker keeps beside the readings.

-- name: insert_quarantine!
-- One message or record that could not be taken.
INSERT INTO quarantine (worker, arrival, part, topic, payload, payload_size, reason, detail, record)
VALUES (:worker, :arrival, :part, :topic, :payload, :payload_size, :reason, :detail, :record)
ON CONFLICT (worker, arrival, part) DO NOTHING

-- name: list_quarantine
-- What waits in quarantine, oldest first.
SELECT {columns}
FROM quarantine
WHERE reinjected_at IS NULL AND id > :after AND (:reason::text IS NULL OR reason = :reason)
ORDER BY id LIMIT :limit

-- name: mark_reinjected!
-- Rows that were published again.
UPDATE quarantine SET reinjected_at = :now WHERE id = ANY(:ids)

-- name: upsert_receipts!
-- Which messages without a time of their own are committed.
INSERT INTO receipt (worker, packet_id, digest, sequence)
SELECT :worker, given.packet_id, given.digest, given.sequence
FROM unnest(:packet_id::int[], :digest::bytea[], :sequence::bigint[]) AS given (packet_id, digest, sequence)
ON CONFLICT (worker, packet_id) DO UPDATE SET digest = excluded.digest, sequence = excluded.sequence

-- name: read_receipts
-- All receipts of a worker.
SELECT packet_id, digest, sequence FROM receipt WHERE worker = :worker

-- name: upsert_snapshot!
-- A detector's newest state.
INSERT INTO detector_snapshot (worker, detector, version, state, reach)
VALUES (:worker, :detector, :version, :state, :reach)
ON CONFLICT (worker, detector) DO UPDATE
SET version = excluded.version, state = excluded.state, reach = excluded.reach

-- name: read_snapshots
-- The newest states of a worker's detectors.
SELECT detector, version, state, reach FROM detector_snapshot WHERE worker = :worker

-- name: write_device_states!
-- The newest word of devices; an older one that comes later changes nothing. Times are micros, null where a device said
-- nothing of the kind.
INSERT INTO device_state AS known (device, heard_at, battery, battery_at, worn, worn_at, worn_since, online, online_at)
SELECT device, timestamptz 'epoch' + heard_at * interval '1 us',
       battery, timestamptz 'epoch' + battery_at * interval '1 us',
       worn, timestamptz 'epoch' + worn_at * interval '1 us', timestamptz 'epoch' + worn_at * interval '1 us',
       online, timestamptz 'epoch' + online_at * interval '1 us'
FROM unnest(:devices::int[], :heard_at::bigint[], :battery::real[], :battery_at::bigint[], :worn::boolean[],
            :worn_at::bigint[], :online::boolean[], :online_at::bigint[])
     AS said (device, heard_at, battery, battery_at, worn, worn_at, online, online_at)
ON CONFLICT (device) DO UPDATE SET
    heard_at = greatest(known.heard_at, excluded.heard_at),
    battery = CASE WHEN excluded.battery_at >= coalesce(known.battery_at, '-infinity') THEN excluded.battery
                   ELSE known.battery END,
    battery_at = greatest(known.battery_at, excluded.battery_at),
    worn_since = CASE WHEN excluded.worn_at >= coalesce(known.worn_at, '-infinity')
                           AND excluded.worn IS DISTINCT FROM known.worn THEN excluded.worn_at
                      ELSE known.worn_since END,
    worn = CASE WHEN excluded.worn_at >= coalesce(known.worn_at, '-infinity') THEN excluded.worn ELSE known.worn END,
    worn_at = greatest(known.worn_at, excluded.worn_at),
    online = CASE WHEN excluded.online_at >= coalesce(known.online_at, '-infinity') THEN excluded.online
                  ELSE known.online END,
    online_at = greatest(known.online_at, excluded.online_at)
