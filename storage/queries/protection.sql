-- What "is this person protected now?" is judged by, for one resident or for all of a scope in one go.
-- A scope as in people.sql.

-- name: residents(scope_path, scope_user, now, area_path, resident_id)
-- Residents with where they live, whom of their contacts a message reaches, when their alarm was last tested from end to
-- end, and their most urgent live incident.
WITH asked AS (
    SELECT resident.id, resident.name, household.code AS household, area.code AS area, area.path AS area_path,
           household.address
    FROM resident
         JOIN household ON household.id = resident.household_id
         JOIN area ON area.id = household.area_id
    WHERE CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
               ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact
                                            WHERE contact.user_id = :scope_user::int
                                              AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END
      AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
      AND (:resident_id::int IS NULL OR resident.id = :resident_id::int)
), reach AS (
    SELECT resident_id, count(*) FILTER (WHERE NOT over) AS valid, count(*) FILTER (WHERE over) AS expired,
           count(*) FILTER (WHERE NOT over AND works) AS reachable
    FROM (SELECT contact.resident_id, contact.valid_until IS NOT NULL AND contact.valid_until <= :now AS over,
                 EXISTS (SELECT FROM channel WHERE channel.contact_id = contact.id AND channel.failed_at IS NULL)
                 OR EXISTS (SELECT FROM channel WHERE channel.user_id = contact.user_id
                              AND channel.user_id IS NOT NULL AND channel.failed_at IS NULL) AS works
          FROM asked JOIN contact ON contact.resident_id = asked.id) AS each
    GROUP BY resident_id
), live AS (
    SELECT DISTINCT ON (resident_id) resident_id, id
    FROM incident
    WHERE state NOT IN ('closed', 'cancelled')
    ORDER BY resident_id, array_position(ARRAY['emergency', 'care', 'maintenance'], queue)
)
SELECT asked.id AS resident_id, asked.name AS resident, asked.household, asked.area, asked.area_path, asked.address,
       coalesce(reach.valid, 0) AS contacts, coalesce(reach.reachable, 0) AS reachable,
       coalesce(reach.expired, 0) AS expired, test.raised_at AS last_test_at, live.id AS open_incident_id
FROM asked
     LEFT JOIN reach ON reach.resident_id = asked.id
     LEFT JOIN live ON live.resident_id = asked.id
     LEFT JOIN LATERAL (
         SELECT alert.raised_at
         FROM incident JOIN alert ON alert.incident_id = incident.id AND alert.kind = 'sos'
         WHERE incident.resident_id = asked.id AND incident.closure_code = 'test'
         ORDER BY incident.ended_at DESC, alert.id DESC LIMIT 1) AS test ON true
ORDER BY asked.id

-- name: devices(residents)
-- What residents can call for help with, and what each device said last, as ingest keeps it. A button that hangs in the
-- home and is nobody's own is everybody's who lives there.
SELECT resident.id AS resident_id, device.id AS device_id, device.kind, device.interval_s, device_state.heard_at,
       CASE WHEN NOT device_state.online THEN device_state.online_at END AS offline_at, device_state.battery,
       device_state.worn, device_state.worn_since
FROM unnest(:residents::int[]) AS asked (id)
     JOIN resident ON resident.id = asked.id
     JOIN device ON device.household_id = resident.household_id AND device.retired_at IS NULL
          AND (device.resident_id = resident.id
               OR device.resident_id IS NULL
                  AND (device.kind = 'sos_button'
                       OR resident.id = (SELECT min(other.id) FROM resident AS other
                                         WHERE other.household_id = device.household_id)))
     LEFT JOIN device_state ON device_state.device = device.id
WHERE device.kind IN ('wearable', 'sos_button')
ORDER BY resident.id, device.id

-- name: heard(devices, first)
-- The newest arrival of anything from these devices since a moment; a last will is no sign of life.
SELECT asked.device AS device_id, max(found.arrival) AS heard_at
FROM unnest(:devices::int[]) AS asked (device)
     CROSS JOIN LATERAL (
         SELECT newest.arrival
         FROM metric CROSS JOIN LATERAL (
              SELECT arrival FROM reading
              WHERE reading.device = asked.device AND reading.metric = metric.id AND time >= :first
                AND (metric.id <> 61 OR value = 1)
              ORDER BY time DESC LIMIT 1) AS newest
         UNION ALL
         (SELECT arrival FROM position WHERE position.device = asked.device AND time >= :first
          ORDER BY time DESC LIMIT 1)
         UNION ALL
         (SELECT arrival FROM waveform WHERE waveform.device = asked.device AND time >= :first
          ORDER BY time DESC LIMIT 1)) AS found
GROUP BY 1
