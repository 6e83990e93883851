-- Incidents as users see them: with whom and where, within a scope (see people.sql).

-- name: urgent(scope_path, scope_user, now, queue, states, area_path, resident_id, after_rank, after_severity, after_raised, after_id, maximum)
-- A page of incidents that are not over: by queue, the most severe first, then who waits longest.
SELECT incident.id
FROM incident
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE incident.state NOT IN ('closed', 'cancelled')
  AND CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END
  AND (:queue::text IS NULL OR incident.queue = :queue::text)
  AND (:states::text[] IS NULL OR incident.state::text = ANY(:states::text[]))
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:resident_id::int IS NULL OR incident.resident_id = :resident_id::int)
  AND (:after_id::bigint IS NULL
       OR (array_position(ARRAY['emergency', 'care', 'maintenance'], incident.queue), -incident.severity,
           incident.raised_at, incident.id)
          > (:after_rank::int, -:after_severity::int, :after_raised::timestamptz, :after_id::bigint))
ORDER BY array_position(ARRAY['emergency', 'care', 'maintenance'], incident.queue), incident.severity DESC,
         incident.raised_at, incident.id
LIMIT :maximum

-- name: newest(scope_path, scope_user, now, queue, states, area_path, resident_id, after_raised, after_id, maximum)
-- A page of all incidents, over or not, the newest first.
SELECT incident.id
FROM incident
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END
  AND (:queue::text IS NULL OR incident.queue = :queue::text)
  AND (:states::text[] IS NULL OR incident.state::text = ANY(:states::text[]))
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:resident_id::int IS NULL OR incident.resident_id = :resident_id::int)
  AND (:after_id::bigint IS NULL
       OR (incident.raised_at, incident.id) < (:after_raised::timestamptz, :after_id::bigint))
ORDER BY incident.raised_at DESC, incident.id DESC
LIMIT :maximum

-- name: in_scope(id, scope_path, scope_user, now)
-- Whether a user may know of an incident.
SELECT incident.id
FROM incident
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE incident.id = :id
  AND CASE WHEN :scope_path::text IS NOT NULL THEN area.path ^@ :scope_path::text
           ELSE resident.id = ANY(ARRAY(SELECT contact.resident_id FROM contact WHERE contact.user_id = :scope_user::int
                                       AND (contact.valid_until IS NULL OR contact.valid_until > :now))) END

-- name: entries(ids)
-- Incidents by id, with whom and where, in the order of the ids.
SELECT incident.id, incident.resident_id, resident.name AS resident, household.code AS household, household.address,
       area.code AS area, area.path AS area_path, incident.queue, incident.state::text, incident.severity,
       incident.kind, incident.event_time, incident.raised_at, incident.opened_at, incident.claimed_by,
       app_user.display_name AS claimed_by_name, incident.claimed_at, incident.first_claimed_at,
       incident.contacted_at, incident.dispatched_at, incident.on_scene_at, incident.ended_at, incident.closure_code,
       incident.closure_note, lease.due_at AS lease_until, countdown.due_at AS countdown_until,
       EXISTS (SELECT FROM alert JOIN alarm_test ON alarm_test.alert_id = alert.id WHERE alert.incident_id = incident.id)
           AND NOT EXISTS (SELECT FROM alert LEFT JOIN alarm_test ON alarm_test.alert_id = alert.id
                           WHERE alert.incident_id = incident.id AND alarm_test.id IS NULL) AS expected_test,
       storm.id AS storm_id, storm.kind AS storm_kind, storm_area.code AS storm_area, stormed.incidents AS storm_count,
       storm.since AS storm_since
FROM unnest(:ids::bigint[]) WITH ORDINALITY AS asked (id, place)
     JOIN incident ON incident.id = asked.id
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
     LEFT JOIN app_user ON app_user.id = incident.claimed_by
     LEFT JOIN timer AS lease ON lease.incident_id = incident.id AND lease.kind = 'lease'
     LEFT JOIN timer AS countdown ON countdown.incident_id = incident.id AND countdown.kind = 'countdown'
     LEFT JOIN storm ON storm.id = incident.storm_id AND storm.ended_at IS NULL
     LEFT JOIN area AS storm_area ON storm_area.id = storm.area_id
     LEFT JOIN (SELECT storm_id, count(*) AS incidents FROM incident
                WHERE storm_id IN (SELECT storm_id FROM incident WHERE id = ANY(:ids::bigint[]))
                  AND state NOT IN ('closed', 'cancelled')
                GROUP BY storm_id) AS stormed ON stormed.storm_id = storm.id
ORDER BY asked.place

-- name: actors(incident_id)
-- Names of the users and contacts that acted on an incident.
SELECT 'user:' || app_user.id AS actor, app_user.display_name AS name
FROM app_user
WHERE 'user:' || app_user.id IN (SELECT actor FROM incident_event WHERE incident_id = :incident_id)
UNION ALL
SELECT 'contact:' || contact.id, contact.name
FROM contact
WHERE 'contact:' || contact.id IN (SELECT actor FROM incident_event WHERE incident_id = :incident_id)

-- name: deliveries(incident_id)
-- Who was told over what, with the receipts, oldest first.
SELECT delivery.id, delivery.contact_id, delivery.user_id, coalesce(contact.name, app_user.display_name) AS recipient,
       coalesce(contact.relation, '') AS relation, channel.kind AS channel, delivery.step, delivery.round,
       delivery.state, delivery.created_at, delivery.sent_at, delivery.delivered_at, delivery.confirmed_at,
       delivery.failed_at, delivery.error, delivery.attempts, delivery.next_attempt_at, delivery.failover_at
FROM delivery
     JOIN channel ON channel.id = delivery.channel_id
     LEFT JOIN contact ON contact.id = delivery.contact_id
     LEFT JOIN app_user ON app_user.id = delivery.user_id
WHERE delivery.incident_id = :incident_id
ORDER BY delivery.id

-- name: changes(ids, now)
-- Events of the audit trail by id, with the family members who may see them.
SELECT incident_event.id, incident_event.incident_id, incident_event.at, incident_event.event, incident_event.actor,
       ARRAY(SELECT contact.user_id FROM contact
             WHERE contact.resident_id = incident.resident_id AND contact.user_id IS NOT NULL
               AND (contact.valid_until IS NULL OR contact.valid_until > :now)) AS family
FROM incident_event JOIN incident ON incident.id = incident_event.incident_id
WHERE incident_event.id = ANY(:ids::bigint[])
ORDER BY incident_event.id

-- name: event_ids_after(after, maximum)
-- The newest events after one, newest first, to be sent again.
SELECT id FROM incident_event WHERE id > :after ORDER BY id DESC LIMIT :maximum

-- name: last_event_id()
-- Where the audit trail ends.
SELECT coalesce(max(id), 0) FROM incident_event

-- name: counts()
-- Incidents that are not over, by queue and state.
SELECT queue, state::text, count(*) AS incidents
FROM incident WHERE state NOT IN ('closed', 'cancelled') GROUP BY 1, 2

-- name: confirmation(delivery_id)
-- What the page behind a link shows: this one incident and nothing more. One that was merged into another goes on there.
WITH RECURSIVE goes_on (id) AS (
    SELECT incident_id FROM delivery WHERE id = :delivery_id
    UNION SELECT incident_merge.target_id FROM incident_merge JOIN goes_on ON incident_merge.source_id = goes_on.id
)
SELECT delivery.id, incident.id AS incident_id, delivery.contact_id, delivery.user_id,
       coalesce(contact.language, app_user.language) AS language, contact.valid_until, app_user.disabled_at,
       resident.id AS resident_id, resident.name AS resident, resident.care_plan,
       coalesce(nullif(household.address, ''), area.name) AS place, household.latitude, household.longitude,
       incident.queue, incident.kind,
       ARRAY(SELECT DISTINCT alert.kind FROM alert
             WHERE alert.incident_id = incident.id AND alert.kind <> incident.kind AND alert.cleared_at IS NULL
             ORDER BY 1) AS also,
       incident.event_time, incident.raised_at, incident.state::text AS incident_state, holder.display_name AS holder,
       incident.claimed_at, incident.contacted_at, incident.dispatched_at, incident.on_scene_at, incident.ended_at,
       incident.closure_code
FROM delivery
     JOIN incident ON incident.id IN (SELECT id FROM goes_on)
          AND NOT EXISTS (SELECT FROM incident_merge WHERE incident_merge.source_id = incident.id)
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
     LEFT JOIN contact ON contact.id = delivery.contact_id
     LEFT JOIN app_user ON app_user.id = delivery.user_id
     LEFT JOIN app_user AS holder ON holder.id = incident.claimed_by
WHERE delivery.id = :delivery_id

-- name: answered(incident_id)
-- What people said on the pages behind their links, also while it was another incident that was merged into this one.
WITH RECURSIVE came_in (id) AS (
    SELECT :incident_id::bigint
    UNION SELECT incident_merge.source_id FROM incident_merge JOIN came_in ON incident_merge.target_id = came_in.id
)
SELECT incident_event.at, incident_event.actor, coalesce(contact.name, app_user.display_name) AS name,
       coalesce(contact.relation, '') AS relation, incident_event.detail ->> 'answer' AS answer
FROM incident_event
     LEFT JOIN contact ON incident_event.actor = 'contact:' || contact.id
     LEFT JOIN app_user ON incident_event.actor = 'user:' || app_user.id
WHERE incident_event.incident_id IN (SELECT id FROM came_in) AND incident_event.event = 'confirm'
  AND coalesce(contact.name, app_user.display_name) IS NOT NULL
ORDER BY incident_event.id
