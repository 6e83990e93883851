-- A roster (see storage/roster.py) into the database: what is there is updated, what is not is added, nothing is
-- removed. `rows` is a JSON array of objects, in the roster's order, which ids follow.

-- name: area(code, name, level, parent)!
-- One area; parents come first. Where it is in the tree never changes.
INSERT INTO area (code, name, level, parent_id)
VALUES (:code, :name, :level, (SELECT id FROM area WHERE code = :parent::text))
ON CONFLICT (code) DO UPDATE SET name = excluded.name

-- name: households(rows)!
-- Households by code.
INSERT INTO household (code, area_id, address, access_notes, latitude, longitude)
SELECT given.code, area.id, given.address, given.access_notes, given.latitude, given.longitude
FROM jsonb_to_recordset(:rows) AS given (code text, area text, address text, access_notes text,
                                         latitude float8, longitude float8)
     JOIN area ON area.code = given.area
ON CONFLICT (code) DO UPDATE SET area_id = excluded.area_id, address = excluded.address,
                                 access_notes = excluded.access_notes, latitude = excluded.latitude,
                                 longitude = excluded.longitude

-- name: update_residents(rows)!
-- Residents by household and name.
UPDATE resident SET birth_year = given.birth_year, sex = given.sex, phone = given.phone, language = given.language,
                    conditions = given.conditions, medicines = given.medicines, care_plan = given.care_plan
FROM jsonb_to_recordset(:rows) AS given (household text, name text, birth_year int, sex text, phone text, language text,
                                         conditions text, medicines text, care_plan jsonb)
     JOIN household ON household.code = given.household
WHERE resident.household_id = household.id AND resident.name = given.name

-- name: insert_residents(rows)!
-- Those that are not there yet, in order: the first of a household is whom its devices watch.
INSERT INTO resident (household_id, name, birth_year, sex, phone, language, conditions, medicines, care_plan)
SELECT household.id, given.name, given.birth_year, given.sex, given.phone, given.language, given.conditions,
       given.medicines, given.care_plan
FROM jsonb_to_recordset(:rows) AS given (place int, household text, name text, birth_year int, sex text, phone text,
                                         language text, conditions text, medicines text, care_plan jsonb)
     JOIN household ON household.code = given.household
WHERE NOT EXISTS (SELECT FROM resident WHERE resident.household_id = household.id AND resident.name = given.name)
ORDER BY given.place

-- name: update_contacts(rows)!
-- Contacts by resident and name.
UPDATE contact SET relation = given.relation, phone = given.phone, language = given.language,
                   call_order = given.call_order
FROM jsonb_to_recordset(:rows) AS given (household text, resident text, name text, relation text, phone text,
                                         language text, call_order smallint)
     JOIN household ON household.code = given.household
     JOIN resident ON resident.household_id = household.id AND resident.name = given.resident
WHERE contact.resident_id = resident.id AND contact.name = given.name

-- name: insert_contacts(rows)!
-- Those that are not there yet.
INSERT INTO contact (resident_id, name, relation, phone, language, call_order)
SELECT resident.id, given.name, given.relation, given.phone, given.language, given.call_order
FROM jsonb_to_recordset(:rows) AS given (place int, household text, resident text, name text, relation text, phone text,
                                         language text, call_order smallint)
     JOIN household ON household.code = given.household
     JOIN resident ON resident.household_id = household.id AND resident.name = given.resident
WHERE NOT EXISTS (SELECT FROM contact WHERE contact.resident_id = resident.id AND contact.name = given.name)
ORDER BY given.place

-- name: update_channels(rows)!
-- Channels by contact, kind and address.
UPDATE channel SET secret = given.secret, call_order = given.call_order
FROM jsonb_to_recordset(:rows) AS given (household text, resident text, contact text, kind text, address text,
                                         secret text, call_order smallint)
     JOIN household ON household.code = given.household
     JOIN resident ON resident.household_id = household.id AND resident.name = given.resident
     JOIN contact ON contact.resident_id = resident.id AND contact.name = given.contact
WHERE channel.contact_id = contact.id AND channel.kind = given.kind AND channel.address = given.address

-- name: insert_channels(rows)!
-- Those that are not there yet.
INSERT INTO channel (contact_id, kind, address, secret, call_order)
SELECT contact.id, given.kind, given.address, given.secret, given.call_order
FROM jsonb_to_recordset(:rows) AS given (place int, household text, resident text, contact text, kind text,
                                         address text, secret text, call_order smallint)
     JOIN household ON household.code = given.household
     JOIN resident ON resident.household_id = household.id AND resident.name = given.resident
     JOIN contact ON contact.resident_id = resident.id AND contact.name = given.contact
WHERE NOT EXISTS (SELECT FROM channel WHERE channel.contact_id = contact.id AND channel.kind = given.kind
                    AND channel.address = given.address)
ORDER BY given.place

-- name: devices(rows)!
-- Devices by household and code; one that a roster names is in use again.
INSERT INTO device (household_id, resident_id, code, kind, interval_s, room, model)
SELECT household.id, resident.id, given.code, given.kind, given.interval, given.room, given.model
FROM jsonb_to_recordset(:rows) AS given (place int, household text, resident text, code text, kind text, "interval" int,
                                         room text, model text)
     JOIN household ON household.code = given.household
     LEFT JOIN resident ON resident.household_id = household.id AND resident.name = given.resident
ORDER BY given.place
ON CONFLICT (household_id, code) DO UPDATE
SET resident_id = excluded.resident_id, kind = excluded.kind, interval_s = excluded.interval_s, room = excluded.room,
    model = excluded.model, retired_at = NULL
