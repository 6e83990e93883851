-- Areas, households, residents and devices, as far as a user's scope reaches: `scope_path` is the path of an area,
-- `scope_user` a family member's id; one of them is null. As a CASE, which is gone before a query is planned for what is
-- given: beside an OR neither of the two would find its index.

-- name: areas(scope_path)
-- The subtree that a user works in, parents first.
SELECT area.id, area.code, area.name, area.level, area.path, parent.code AS parent
FROM area LEFT JOIN area AS parent ON parent.id = area.parent_id
WHERE area.path ^@ :scope_path::text
ORDER BY area.path

-- name: area(code, scope_path)
-- One area of the subtree.
SELECT area.id, area.code, area.name, area.level, area.path, parent.code AS parent
FROM area LEFT JOIN area AS parent ON parent.id = area.parent_id
WHERE area.code = :code AND area.path ^@ :scope_path::text

-- name: insert_area(code, name, level, parent)
-- A new area below another, or at the top; the path is the trigger's work. No row where the code is taken.
INSERT INTO area (code, name, level, parent_id)
VALUES (:code, :name, :level, (SELECT id FROM area WHERE code = :parent::text))
ON CONFLICT (code) DO NOTHING
RETURNING id

-- name: households(scope_path, scope_user, now, area_path, after, maximum)
-- A page of households by id.
SELECT household.id, household.code, area.code AS area, area.path AS area_path, household.address,
       household.access_notes, household.latitude, household.longitude
FROM household JOIN area ON area.id = household.area_id
WHERE CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE household.id = ANY(ARRAY(SELECT resident.household_id
                                         FROM contact JOIN resident ON resident.id = contact.resident_id
                                         WHERE contact.user_id = :scope_user::int
                                           AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND household.id > :after
ORDER BY household.id LIMIT :maximum

-- name: household(id, scope_path, scope_user, now)
-- One household.
SELECT household.id, household.code, area.code AS area, area.path AS area_path, household.address,
       household.access_notes, household.latitude, household.longitude
FROM household JOIN area ON area.id = household.area_id
WHERE household.id = :id
  AND CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE household.id = ANY(ARRAY(SELECT resident.household_id
                                         FROM contact JOIN resident ON resident.id = contact.resident_id
                                         WHERE contact.user_id = :scope_user::int
                                           AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END

-- name: household_id(code)
-- By the code that stands in topics.
SELECT id FROM household WHERE code = :code

-- name: insert_household(code, area_id, address, access_notes, latitude, longitude)
-- No row where the code is taken.
INSERT INTO household (code, area_id, address, access_notes, latitude, longitude)
VALUES (:code, :area_id, :address, :access_notes, :latitude, :longitude)
ON CONFLICT (code) DO NOTHING
RETURNING id

-- name: update_household(id, area_id, address, access_notes, latitude, longitude)!
-- The code stays: devices publish under it.
UPDATE household SET area_id = :area_id, address = :address, access_notes = :access_notes,
                     latitude = :latitude, longitude = :longitude
WHERE id = :id

-- name: residents(scope_path, scope_user, now, area_path, household_id, name, after, maximum)
-- A page of residents by id, perhaps of an area, a household, or with a part of a name.
SELECT resident.id, resident.household_id, household.code AS household, area.code AS area, area.path AS area_path,
       household.address, resident.name, resident.birth_year, resident.sex, resident.phone, resident.language,
       resident.conditions, resident.medicines
FROM resident JOIN household ON household.id = resident.household_id JOIN area ON area.id = household.area_id
WHERE CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:household_id::int IS NULL OR resident.household_id = :household_id::int)
  AND (:name::text IS NULL OR strpos(lower(resident.name), lower(:name::text)) > 0)
  AND resident.id > :after
ORDER BY resident.id LIMIT :maximum

-- name: resident(id, scope_path, scope_user, now)
-- One resident.
SELECT resident.id, resident.household_id, household.code AS household, area.code AS area, area.path AS area_path,
       household.address, resident.name, resident.birth_year, resident.sex, resident.phone, resident.language,
       resident.conditions, resident.medicines
FROM resident JOIN household ON household.id = resident.household_id JOIN area ON area.id = household.area_id
WHERE resident.id = :id
  AND CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END

-- name: insert_resident(household_id, name, birth_year, sex, phone, language, conditions, medicines)
-- No row where there is no such household.
INSERT INTO resident (household_id, name, birth_year, sex, phone, language, conditions, medicines)
SELECT id, :name, :birth_year, :sex, :phone, :language, :conditions, :medicines
FROM household WHERE id = :household_id
RETURNING id

-- name: update_resident(id, name, birth_year, sex, phone, language, conditions, medicines)!
-- Everything but the household and the care plan.
UPDATE resident SET name = :name, birth_year = :birth_year, sex = :sex, phone = :phone, language = :language,
                    conditions = :conditions, medicines = :medicines
WHERE id = :id

-- name: care_plan(id)
-- A resident's care plan, locked until the end of the transaction, so that who compares and writes does both.
SELECT care_plan FROM resident WHERE id = :id FOR UPDATE

-- name: set_care_plan(id, care_plan)!
-- The whole plan.
UPDATE resident SET care_plan = :care_plan WHERE id = :id

-- name: devices(scope_path, scope_user, now, household_id, resident_id, retired, after, maximum)
-- A page of devices by id, perhaps of a household or of whom they watch.
WITH kin AS (
    SELECT resident.id, resident.household_id
    FROM contact JOIN resident ON resident.id = contact.resident_id
    WHERE contact.user_id = :scope_user::int AND (contact.valid_until IS NULL OR contact.valid_until > :now)
)
SELECT device.id, device.household_id, household.code AS household, device.resident_id, watched.id AS watches,
       device.code, device.kind, device.interval_s, device.room, device.model, device.retired_at
FROM device JOIN household ON household.id = device.household_id JOIN area ON area.id = household.area_id
     LEFT JOIN LATERAL (SELECT coalesce(device.resident_id, min(resident.id)) AS id FROM resident
                        WHERE resident.household_id = household.id) AS watched ON true
WHERE CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           -- the second: which of all devices these can be, by an index
           ELSE watched.id = ANY(ARRAY(SELECT id FROM kin))
                AND (device.resident_id = ANY(ARRAY(SELECT id FROM kin))
                     OR device.household_id = ANY(ARRAY(SELECT household_id FROM kin))) END
  AND (:household_id::int IS NULL OR device.household_id = :household_id::int)
  AND (:resident_id::int IS NULL
       OR (watched.id = :resident_id::int
           -- as above
           AND (device.resident_id = :resident_id::int
                OR device.household_id = (SELECT household_id FROM resident WHERE id = :resident_id::int))))
  AND (:retired OR device.retired_at IS NULL)
  AND device.id > :after
ORDER BY device.id LIMIT :maximum

-- name: device(id, scope_path, scope_user, now)
-- One device, retired or not.
SELECT device.id, device.household_id, household.code AS household, device.resident_id, watched.id AS watches,
       device.code, device.kind, device.interval_s, device.room, device.model, device.retired_at
FROM device JOIN household ON household.id = device.household_id JOIN area ON area.id = household.area_id
     LEFT JOIN LATERAL (SELECT coalesce(device.resident_id, min(resident.id)) AS id FROM resident
                        WHERE resident.household_id = household.id) AS watched ON true
WHERE device.id = :id
  AND CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE watched.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END

-- name: insert_device(household_id, resident_id, code, kind, interval_s, room, model)
-- No row where the household has a device of that code.
INSERT INTO device (household_id, resident_id, code, kind, interval_s, room, model)
VALUES (:household_id, :resident_id, :code, :kind, :interval_s, :room, :model)
ON CONFLICT (household_id, code) DO NOTHING
RETURNING id

-- name: update_device(id, resident_id, kind, interval_s, room, model, retired, now)!
-- Code and household stay: they are its topic. Retired once keeps its date.
UPDATE device SET resident_id = :resident_id, kind = :kind, interval_s = :interval_s, room = :room, model = :model,
                  retired_at = CASE WHEN :retired THEN coalesce(retired_at, :now) END
WHERE id = :id
