-- Who a device belongs to, for ingest.

-- name: residents
-- All residents with their care plans.
SELECT resident.id, household.code AS household, coalesce(birth_year, 0) AS birth_year, care_plan
FROM resident JOIN household ON household.id = resident.household_id

-- name: devices
-- All devices in use; one that watches nobody in particular watches its household's first resident.
SELECT device.id, device.code, household.code AS household, device.kind, device.interval_s, device.room,
       coalesce(device.resident_id,
                (SELECT min(resident.id) FROM resident WHERE resident.household_id = household.id), 0) AS resident
FROM device JOIN household ON household.id = device.household_id
WHERE device.retired_at IS NULL
