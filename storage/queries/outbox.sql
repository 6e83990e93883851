-- Work that follows from a committed change.

-- name: add!
-- One piece of work.
INSERT INTO outbox (topic, payload, priority, created_at, available_at)
VALUES (:topic, :payload, :priority, :now, :available_at)

-- name: add_webhooks!
-- A message to each integrator that watches an area in which the resident lives.
INSERT INTO outbox (topic, payload, priority, created_at, available_at)
SELECT 'webhook', jsonb_build_object('webhook', w.id, 'body', :body::jsonb), :priority, :now, :now
FROM resident r
JOIN household h ON h.id = r.household_id
JOIN area home ON home.id = h.area_id
JOIN webhook w ON w.failed_at IS NULL
JOIN area a ON a.id = w.area_id AND starts_with(home.path, a.path)
WHERE r.id = :resident_id

-- name: lease
-- Take work for a while, the most urgent first; what another dispatcher left when it died is taken over.
UPDATE outbox SET leased_until = :leased_until, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM outbox
    WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= :now
      AND (leased_until IS NULL OR leased_until <= :now) AND priority <= :max_priority
    ORDER BY priority, available_at, id LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
RETURNING id, topic, payload, priority, created_at, available_at, attempts

-- name: finish!
-- Done. attempts: whoever took it over meanwhile has the say.
UPDATE outbox SET done_at = :now, leased_until = NULL, error = NULL
WHERE id = :id AND attempts = :attempts AND done_at IS NULL

-- name: postpone!
-- A temporary failure: the same again later.
UPDATE outbox SET available_at = :available_at, leased_until = NULL, error = :error
WHERE id = :id AND attempts = :attempts AND done_at IS NULL

-- name: give_up!
-- It will not be tried again.
UPDATE outbox SET failed_at = :now, leased_until = NULL, error = :error
WHERE id = :id AND attempts = :attempts AND done_at IS NULL

-- name: next_due
-- When the dispatcher has something to do next: a timer, new work, or work whose lease lapses.
SELECT least(
    (SELECT min(due_at) FROM timer),
    (SELECT min(greatest(available_at, coalesce(leased_until, available_at))) FROM outbox
     WHERE done_at IS NULL AND failed_at IS NULL)
)

-- name: backlog
-- How much waits and since when the oldest that is due does, and how much was given up.
SELECT count(*) FILTER (WHERE failed_at IS NULL) AS waiting,
       min(available_at) FILTER (WHERE failed_at IS NULL AND available_at <= :now) AS oldest_due,
       count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed
FROM outbox WHERE done_at IS NULL

-- name: purge!
-- What was done long ago is of no use any more.
DELETE FROM outbox WHERE done_at < :before

-- name: webhook
-- An integrator's address.
SELECT id, url, secret, failed_at FROM webhook WHERE id = :id

-- name: webhook_failed!
-- The integrator's address will never work.
UPDATE webhook SET failed_at = :now, failure = :failure WHERE id = :id AND failed_at IS NULL
