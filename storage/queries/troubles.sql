-- What is wrong with equipment now, within a scope (see people.sql).

-- name: troubles(scope_path, scope_user, now, area_path, kind, after_severity, after_time, after_id, maximum)
-- A page of maintenance alerts that are not cleared, of incidents that are not over: the most severe first, then the
-- oldest. A device that has been retired since has no troubles; a home that is silent as a whole has no device.
SELECT alert.id, alert.incident_id, incident.state::text, alert.kind, alert.severity, alert.event_time,
       alert.raised_at, alert.reason, alert.evidence, device.id AS device_id, device.code AS device,
       device.kind AS device_kind, coalesce(device.room, '') AS room, incident.resident_id, resident.name AS resident,
       household.code AS household, household.address, area.code AS area, app_user.display_name AS claimed_by,
       storm.id AS storm_id
FROM incident
     JOIN alert ON alert.incident_id = incident.id
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
     LEFT JOIN device ON device.id = alert.device_id
     LEFT JOIN app_user ON app_user.id = incident.claimed_by
     LEFT JOIN storm ON storm.id = incident.storm_id AND storm.ended_at IS NULL
WHERE incident.queue = 'maintenance' AND incident.state NOT IN ('closed', 'cancelled')
  AND alert.cleared_at IS NULL AND device.retired_at IS NULL
  AND CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:kind::text IS NULL OR alert.kind = :kind::text)
  AND (:after_id::bigint IS NULL
       OR (-alert.severity, alert.event_time, alert.id)
          > (-:after_severity::int, :after_time::timestamptz, :after_id::bigint))
ORDER BY alert.severity DESC, alert.event_time, alert.id
LIMIT :maximum
