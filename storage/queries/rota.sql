-- The rota: rotations with their members and shifts, overrides, and the people who may work by it.

-- name: rotations(subtree, upwards)
-- Rotations of the areas in a subtree and of those that lie above a path; a null matches nothing.
SELECT rotation.id, area.code AS area, area.path AS area_path, rotation.name, rotation.timezone, rotation.starts_on,
       rotation.days_each,
       ARRAY(SELECT user_id FROM rotation_member WHERE rotation_id = rotation.id ORDER BY place) AS members,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('weekdays', weekdays, 'start', starts, 'end', ends)
                                  ORDER BY place), '[]')
        FROM rotation_shift WHERE rotation_id = rotation.id) AS shifts
FROM rotation JOIN area ON area.id = rotation.area_id
WHERE area.path ^@ :subtree::text OR :upwards::text ^@ area.path
ORDER BY area.path, rotation.id

-- name: overrides(subtree, upwards, first, last)
-- Overrides of the areas in a subtree and of those that lie above a path, as far as they touch a span.
SELECT rota_override.id, area.code AS area, area.path AS area_path, rota_override.user_id AS user,
       rota_override.instead_of_id AS instead_of, rota_override.starts_at, rota_override.ends_at, rota_override.note
FROM rota_override JOIN area ON area.id = rota_override.area_id
WHERE (area.path ^@ :subtree::text OR :upwards::text ^@ area.path)
  AND rota_override.ends_at > :first AND rota_override.starts_at < :last
ORDER BY rota_override.starts_at, rota_override.id

-- name: rotation_path(id)
-- Where a rotation belongs.
SELECT area.path FROM rotation JOIN area ON area.id = rotation.area_id WHERE rotation.id = :id

-- name: override_path(id)
-- Where an override belongs.
SELECT area.path FROM rota_override JOIN area ON area.id = rota_override.area_id WHERE rota_override.id = :id

-- name: insert_rotation(area_id, name, timezone, starts_on, days_each)
-- No row where the area has a rotation of that name.
INSERT INTO rotation (area_id, name, timezone, starts_on, days_each)
VALUES (:area_id, :name, :timezone, :starts_on, :days_each)
ON CONFLICT (area_id, name) DO NOTHING
RETURNING id

-- name: update_rotation(id, area_id, name, timezone, starts_on, days_each)
-- No row where another one of the area has that name.
UPDATE rotation SET area_id = :area_id, name = :name, timezone = :timezone, starts_on = :starts_on,
                    days_each = :days_each
WHERE id = :id AND NOT EXISTS (SELECT FROM rotation AS other WHERE other.area_id = :area_id AND other.name = :name
                                 AND other.id <> :id)
RETURNING id

-- name: delete_rotation(id)!
-- With its members and shifts.
DELETE FROM rotation WHERE id = :id

-- name: delete_members(rotation_id)!
-- Before others are written.
DELETE FROM rotation_member WHERE rotation_id = :rotation_id

-- name: insert_members(rotation_id, members)!
-- In the order of turns.
INSERT INTO rotation_member (rotation_id, place, user_id)
SELECT :rotation_id, given.place - 1, given.id
FROM unnest(:members::int[]) WITH ORDINALITY AS given (id, place)

-- name: delete_shifts(rotation_id)!
-- Before others are written.
DELETE FROM rotation_shift WHERE rotation_id = :rotation_id

-- name: insert_shift(rotation_id, place, weekdays, starts, ends)!
-- One span of hours.
INSERT INTO rotation_shift (rotation_id, place, weekdays, starts, ends)
VALUES (:rotation_id, :place, :weekdays, :starts, :ends)

-- name: insert_override(area_id, user_id, instead_of_id, starts_at, ends_at, note, made_by, now)
-- A new override.
INSERT INTO rota_override (area_id, user_id, instead_of_id, starts_at, ends_at, note, made_by, made_at)
VALUES (:area_id, :user_id, :instead_of_id, :starts_at, :ends_at, :note, :made_by, :now)
RETURNING id

-- name: delete_override(id)!
-- As if it had never been.
DELETE FROM rota_override WHERE id = :id

-- name: colleagues(path, named)
-- Responders and supervisors who see all of an area, each with the first channel that works; and whoever is named.
SELECT u.id, u.name, u.display_name, u.role, a.code AS area, a.path AS area_path, u.language,
       u.disabled_at IS NOT NULL AS disabled, c.id AS channel_id
FROM app_user u
JOIN area a ON a.id = u.area_id
LEFT JOIN LATERAL (
    SELECT id FROM channel WHERE user_id = u.id AND failed_at IS NULL ORDER BY call_order, id LIMIT 1
) c ON true
WHERE u.role IN ('responder', 'supervisor')
  AND ((:path::text ^@ a.path AND u.disabled_at IS NULL) OR u.id = ANY(:named::int[]))
ORDER BY u.id

-- name: staff(subtree, upwards, disabled)
-- Responders and supervisors who work in a subtree or see all of it, perhaps with those who are not in use any more.
SELECT u.id, u.name, u.display_name, u.role, a.code AS area, a.path AS area_path, u.language,
       u.disabled_at IS NOT NULL AS disabled, c.id AS channel_id
FROM app_user u
JOIN area a ON a.id = u.area_id
LEFT JOIN LATERAL (
    SELECT id FROM channel WHERE user_id = u.id AND failed_at IS NULL ORDER BY call_order, id LIMIT 1
) c ON true
WHERE u.role IN ('responder', 'supervisor') AND (:disabled OR u.disabled_at IS NULL)
  AND (a.path ^@ :subtree::text OR :upwards::text ^@ a.path)
ORDER BY u.id

-- name: named(ids)
-- Users by id.
SELECT id, display_name, role FROM app_user WHERE id = ANY(:ids::int[])

-- name: home_path(resident_id)
-- The path of the area that a resident lives in.
SELECT area.path
FROM resident JOIN household ON household.id = resident.household_id JOIN area ON area.id = household.area_id
WHERE resident.id = :resident_id
