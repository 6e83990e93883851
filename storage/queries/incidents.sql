-- Incidents, their alerts, audit trail and timers.

-- name: get
-- One incident.
SELECT {columns} FROM incident WHERE id = :id

-- name: lock
-- One incident, held until the transaction ends: every change of it starts here.
SELECT {columns} FROM incident WHERE id = :id FOR UPDATE

-- name: lock_live
-- The live incident of a resident in a queue, held until the transaction ends.
SELECT {columns} FROM incident
WHERE resident_id = :resident_id AND queue = :queue AND state NOT IN ('closed', 'cancelled')
FOR UPDATE

-- name: lock_attended
-- The incident of a resident's fall that was closed with one of these codes after help had come, held until the
-- transaction ends.
SELECT {columns} FROM incident
WHERE id = (
        SELECT incident_id FROM alert
        WHERE resident_id = :resident_id AND kind = 'fall' AND event_time = :fall_time
        ORDER BY id LIMIT 1
    )
    AND state = 'closed' AND closure_code = ANY(:codes)
    AND EXISTS (
        SELECT FROM incident_event AS arrival
        WHERE arrival.incident_id = incident.id AND arrival.event = 'arrive' AND arrival.at >= :fall_time
    )
FOR UPDATE

-- name: lock_if_free
-- One incident, held until the transaction ends, unless somebody else holds it at this moment: for who holds another
-- one already and must not wait.
SELECT {columns} FROM incident WHERE id = :id FOR UPDATE SKIP LOCKED

-- name: live_id
-- The live incident of a resident in a queue, not held.
SELECT id FROM incident
WHERE resident_id = :resident_id AND queue = :queue AND state NOT IN ('closed', 'cancelled')

-- name: insert
-- A new incident, or nothing where the resident has a live one in this queue.
INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, opened_at, policy)
VALUES (:resident_id, :queue, :state, :severity, :kind, :event_time, :raised_at, :opened_at, :policy)
ON CONFLICT (resident_id, queue) WHERE state NOT IN ('closed', 'cancelled') DO NOTHING
RETURNING {columns}

-- name: save!
-- Everything of an incident that can change.
UPDATE incident SET
    state = :state, severity = :severity, kind = :kind, opened_at = :opened_at, claimed_by = :claimed_by,
    claimed_at = :claimed_at, first_claimed_at = :first_claimed_at, contacted_at = :contacted_at,
    dispatched_at = :dispatched_at, on_scene_at = :on_scene_at, ended_at = :ended_at, closure_code = :closure_code,
    closure_note = :closure_note, storm_id = :storm_id, policy = :policy
WHERE id = :id

-- name: existing
-- Which of these residents and devices there are.
SELECT 'resident' AS what, id FROM resident WHERE id = ANY(:residents::int[])
UNION ALL
SELECT 'device', id FROM device WHERE id = ANY(:devices::int[])

-- name: wearables
-- What a resident wears and can be spoken to by: household and device codes.
SELECT h.code AS household, d.code AS device, d.kind
FROM device d
JOIN household h ON h.id = d.household_id
WHERE d.kind IN ('wearable', 'tracker', 'sos_button') AND d.retired_at IS NULL
  AND (d.resident_id = :resident_id
       OR (d.resident_id IS NULL
           AND d.household_id = (SELECT first.household_id FROM resident AS first
                                 WHERE first.id = :resident_id
                                   AND NOT EXISTS (SELECT FROM resident AS other
                                                   WHERE other.household_id = first.household_id
                                                     AND other.id < first.id))))
ORDER BY d.id

-- name: resident_language
-- The language in which a resident's wearable speaks.
SELECT language FROM resident WHERE id = :resident_id

-- name: alerts_known
-- Which of these findings are alerts already.
SELECT {columns} FROM alert WHERE dedup_key = ANY(:keys)

-- name: insert_alert
-- A finding becomes an alert, once.
INSERT INTO alert (dedup_key, incident_id, resident_id, device_id, kind, queue, severity, event_time, raised_at,
                   detector, version, reason, evidence, score)
VALUES (:dedup_key, :incident_id, :resident_id, :device_id, :kind, :queue, :severity, :event_time, :raised_at,
        :detector, :version, :reason, :evidence, :score)
ON CONFLICT (dedup_key) DO NOTHING
RETURNING {columns}

-- name: clear_alert!
-- An alert's cause is over; only the first time counts.
UPDATE alert SET cleared_at = :now, clear_reason = :reason WHERE id = :id AND cleared_at IS NULL

-- name: alerts_of
-- An incident's alerts in the order in which they came.
SELECT {columns} FROM alert WHERE incident_id = :incident_id ORDER BY id

-- name: alert
-- One alert.
SELECT {columns} FROM alert WHERE id = :id

-- name: move_alerts
-- An incident's alerts go over to another one.
UPDATE alert SET incident_id = :target_id WHERE incident_id = :source_id RETURNING {columns}

-- name: insert_merge!
-- Where an incident goes on.
INSERT INTO incident_merge (source_id, target_id, merged_at, merged_by)
VALUES (:source_id, :target_id, :now, :user_id)

-- name: merged_into
-- The incident in which another one goes on.
SELECT target_id FROM incident_merge WHERE source_id = :id

-- name: insert_event
-- One line of the audit trail.
INSERT INTO incident_event (incident_id, at, event, from_state, to_state, actor, detail)
VALUES (:incident_id, :at, :event, :from_state, :to_state, :actor, :detail)
RETURNING {columns}

-- name: events_of
-- An incident's audit trail.
SELECT {columns} FROM incident_event WHERE incident_id = :incident_id ORDER BY id

-- name: last_event
-- The newest line of a kind in an incident's audit trail.
SELECT {columns} FROM incident_event WHERE incident_id = :incident_id AND event = :event ORDER BY id DESC LIMIT 1

-- name: last_move
-- The newest line that changed an incident's state.
SELECT {columns} FROM incident_event
WHERE incident_id = :incident_id AND from_state IS DISTINCT FROM to_state ORDER BY id DESC LIMIT 1

-- name: set_timer!
-- What is due next; there is one timer of a kind.
INSERT INTO timer (incident_id, kind, due_at, step, round)
VALUES (:incident_id, :kind, :due_at, :step, :round)
ON CONFLICT (incident_id, kind) DO UPDATE SET due_at = excluded.due_at, step = excluded.step, round = excluded.round

-- name: rounds_before
-- Rounds of deliveries under policies that another one has taken the place of.
SELECT rounds_before FROM incident_rounds WHERE incident_id = :incident_id

-- name: set_rounds_before!
-- Another policy has taken the place of the one before.
INSERT INTO incident_rounds (incident_id, rounds_before) VALUES (:incident_id, :rounds_before)
ON CONFLICT (incident_id) DO UPDATE SET rounds_before = excluded.rounds_before

-- name: timers_of
-- An incident's timers.
SELECT {columns} FROM timer WHERE incident_id = :incident_id ORDER BY kind

-- name: delete_timers!
-- Nothing is due any more.
DELETE FROM timer WHERE incident_id = :incident_id

-- name: lock_due
-- One incident that has a timer due, the most urgent first; one that somebody else works on is left to them.
SELECT {i.columns} FROM timer t JOIN incident i ON i.id = t.incident_id
WHERE t.due_at <= :now AND i.id <> ALL(:except_ids::bigint[])
ORDER BY array_position(ARRAY['emergency', 'care', 'maintenance'], i.queue), t.due_at
LIMIT 1 FOR UPDATE OF i SKIP LOCKED

-- name: holder
-- Who holds an incident.
SELECT display_name FROM app_user WHERE id = :user_id

-- name: attends
-- A user who may take incidents of a resident: a responder or supervisor who works in the area of the home.
SELECT u.id
FROM app_user u
JOIN area a ON a.id = u.area_id
JOIN area home ON starts_with(home.path, a.path)
JOIN household h ON h.area_id = home.id
JOIN resident r ON r.household_id = h.id
WHERE u.id = :user_id AND r.id = :resident_id AND u.role IN ('responder', 'supervisor') AND u.disabled_at IS NULL
