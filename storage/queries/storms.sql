-- Storms: many maintenance incidents with one cause, and the messages about them.

-- name: ungrouped(since, kind)
-- Live maintenance incidents of no storm.
SELECT incident.id AS incident_id, incident.queue, incident.kind, area.path AS area_path, incident.raised_at
FROM incident
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE incident.queue = 'maintenance' AND incident.storm_id IS NULL AND incident.state NOT IN ('closed', 'cancelled')
  AND incident.raised_at >= :since AND (:kind::text IS NULL OR incident.kind = :kind::text)
ORDER BY incident.raised_at, incident.id

-- name: open()
-- All that are not over.
SELECT storm.id, storm.kind, area.code AS area, area.name AS area_name, area.path AS area_path, storm.since,
       storm.last_at, storm.told_at, storm.told_count, storm.ended_at,
       (SELECT count(*) FROM incident WHERE storm_id = storm.id AND state NOT IN ('closed', 'cancelled')) AS left
FROM storm JOIN area ON area.id = storm.area_id
WHERE storm.ended_at IS NULL ORDER BY storm.id

-- name: get(id)
-- One storm.
SELECT storm.id, storm.kind, area.code AS area, area.name AS area_name, area.path AS area_path, storm.since,
       storm.last_at, storm.told_at, storm.told_count, storm.ended_at,
       (SELECT count(*) FROM incident WHERE storm_id = storm.id AND state NOT IN ('closed', 'cancelled')) AS left
FROM storm JOIN area ON area.id = storm.area_id
WHERE storm.id = :id

-- name: in_scope(scope_path)
-- Those that are not over, with how many live incidents of each lie in a subtree.
SELECT storm.id, storm.kind, area.code AS area, area.name AS area_name, area.path AS area_path, storm.since,
       storm.last_at, storm.told_at, storm.told_count, storm.ended_at,
       count(*) AS left
FROM storm
     JOIN area ON area.id = storm.area_id
     JOIN incident ON incident.storm_id = storm.id AND incident.state NOT IN ('closed', 'cancelled')
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area AS home ON home.id = household.area_id AND home.path ^@ :scope_path::text
WHERE storm.ended_at IS NULL
GROUP BY storm.id, area.id ORDER BY storm.since, storm.id

-- name: lock(id)
-- One that is not over, held until the transaction ends.
SELECT id FROM storm WHERE id = :id AND ended_at IS NULL FOR UPDATE

-- name: insert(kind, area_path, since, last_at)
-- A new one, unless the area has one of this kind that is not over.
INSERT INTO storm (kind, area_id, since, last_at)
SELECT :kind, area.id, :since, :last_at FROM area WHERE area.path = :area_path
ON CONFLICT (kind, area_id) WHERE ended_at IS NULL DO NOTHING
RETURNING id

-- name: find(kind, area_path)
-- The one of an area and kind that is not over.
SELECT storm.id FROM storm JOIN area ON area.id = storm.area_id
WHERE storm.kind = :kind AND area.path = :area_path AND storm.ended_at IS NULL

-- name: area(area_path)
-- The area with a path.
SELECT id FROM area WHERE path = :area_path

-- name: extend(id, since, last_at)!
-- It reaches from then to then, too.
UPDATE storm SET since = least(since, :since), last_at = greatest(last_at, :last_at) WHERE id = :id

-- name: lock_free(ids)
-- Those that can join now. One that somebody works on joins at the next look: nobody waits here.
SELECT id FROM incident
WHERE id = ANY(:ids::bigint[]) AND storm_id IS NULL AND state NOT IN ('closed', 'cancelled')
ORDER BY id FOR UPDATE SKIP LOCKED

-- name: homes(id)
-- In which areas its homes lie.
SELECT DISTINCT area.path
FROM incident
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE incident.storm_id = :id AND incident.state NOT IN ('closed', 'cancelled')
ORDER BY area.path

-- name: told(id, now, count)!
-- People are told of so many.
UPDATE storm SET told_at = :now, told_count = :count WHERE id = :id

-- name: end(id, now)!
-- It is over.
UPDATE storm SET ended_at = :now WHERE id = :id AND ended_at IS NULL

-- name: heard(id)
-- Who was sent something about it: when the newest message was made, and whether any has not failed (yet).
SELECT user_id, max(created_at) AS at, bool_or(state <> 'failed') AS knows
FROM delivery WHERE storm_id = :id GROUP BY user_id ORDER BY user_id

-- name: insert_delivery(storm_id, user_id, channel_id, step, round, now)
-- A message about it to a user over a channel; nothing where the same round has used this channel already.
INSERT INTO delivery (storm_id, user_id, channel_id, step, round, state, created_at, next_attempt_at)
VALUES (:storm_id, :user_id, :channel_id, :step, :round, 'queued', :now, :now)
ON CONFLICT (storm_id, channel_id, round) WHERE storm_id IS NOT NULL DO NOTHING
RETURNING {columns}

-- name: next_round(id)
-- The next round of messages about it.
SELECT coalesce(max(round) + 1, 0) FROM delivery WHERE storm_id = :id

-- name: outgoing(id)
-- Everything that is needed to write and send a message about it.
SELECT delivery.id, delivery.storm_id, delivery.user_id, delivery.channel_id, delivery.step, delivery.state,
       delivery.copies, channel.kind AS channel_kind, channel.address AS channel_address,
       channel.secret AS channel_secret, channel.failed_at IS NOT NULL AS channel_failed,
       app_user.disabled_at IS NOT NULL AS person_gone, app_user.language, storm.kind, area.name AS area_name, storm.since,
       storm.ended_at,
       (SELECT count(*) FROM incident WHERE storm_id = storm.id AND state NOT IN ('closed', 'cancelled')) AS left
FROM delivery
     JOIN channel ON channel.id = delivery.channel_id
     JOIN app_user ON app_user.id = delivery.user_id
     JOIN storm ON storm.id = delivery.storm_id
     JOIN area ON area.id = storm.area_id
WHERE delivery.id = :id
