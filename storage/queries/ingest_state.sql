-- What an ingest worker keeps beside the readings.

-- name: insert_quarantine!
-- One message or record that could not be taken.
INSERT INTO quarantine (worker, arrival, part, topic, payload, payload_size, reason, detail, record)
VALUES (:worker, :arrival, :part, :topic, :payload, :payload_size, :reason, :detail, :record)
ON CONFLICT (worker, arrival, part) DO NOTHING

-- name: list_quarantine
-- What waits in quarantine, oldest first.
SELECT id, worker, arrival, part, topic, payload, payload_size, reason, detail, record, reinjected_at
FROM quarantine
WHERE reinjected_at IS NULL AND id > :after AND (:reason::text IS NULL OR reason = :reason)
ORDER BY id LIMIT :limit

-- name: mark_reinjected!
-- Rows that were published again.
UPDATE quarantine SET reinjected_at = :now WHERE id = ANY(:ids)

-- name: upsert_receipts!
-- Which messages without a time of their own are committed.
INSERT INTO receipt (worker, packet_id, digest, sequence)
SELECT :worker, * FROM unnest(:packet_id::int[], :digest::bytea[], :sequence::bigint[])
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
