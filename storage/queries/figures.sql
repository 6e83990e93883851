-- What figures are made of: the audit trail, and nothing that a later event overwrites. Area and time zone are the
-- resident's of today; a queue never changes.

-- name: courses(path, since, until, queue)
-- The course of each incident that came into the queue in a span, or was cancelled in its countdown then: moments in
-- seconds since the epoch, null where it did not happen.
WITH entered AS (
    SELECT incident_event.incident_id, incident_event.at AS entered_at, area.id AS area,
           resident.care_plan->>'timezone' AS timezone
    FROM incident_event
         JOIN incident ON incident.id = incident_event.incident_id
         JOIN resident ON resident.id = incident.resident_id
         JOIN household ON household.id = resident.household_id
         JOIN area ON area.id = household.area_id
    WHERE (event = 'open' OR (event = 'cancel' AND from_state = 'pending'))
      AND at >= :since AND at < :until AND area.path ^@ :path::text
      AND (:queue::text IS NULL OR incident.queue = :queue::text)
), trail AS (
    SELECT entered.incident_id, entered.entered_at, entered.area, entered.timezone,
           min(line.actor) FILTER (WHERE from_state IS NULL) AS raised_by,
           min(line.detail->>'kind') FILTER (WHERE from_state IS NULL) AS kind,
           min(line.at) FILTER (WHERE to_state = 'open' AND from_state IS DISTINCT FROM 'open') AS opened_at,
           max(line.id) FILTER (WHERE to_state = 'open' AND from_state IS DISTINCT FROM 'open') AS last_opening,
           min(line.at) FILTER (WHERE event = 'claim') AS answered_at,
           max(line.at) FILTER (WHERE event = 'claim') AS last_claimed_at,
           max(line.id) FILTER (WHERE event = 'claim') AS last_claim,
           min(line.at) FILTER (WHERE event = 'confirm' AND line.actor ^@ 'contact:') AS confirmed_at,
           min(line.at) FILTER (WHERE event = 'dispatch') AS sent_at,
           min(line.at) FILTER (WHERE event = 'arrive') AS arrived_at,
           count(*) FILTER (WHERE event = 'lapse') AS lapses,
           count(*) FILTER (WHERE from_state IN ('closed', 'cancelled') AND to_state = 'open') AS reopenings,
           max(line.id) FILTER (WHERE from_state IN ('closed', 'cancelled') AND to_state = 'open') AS last_reopening,
           max(line.id) FILTER (WHERE to_state IN ('closed', 'cancelled') AND from_state NOT IN ('closed', 'cancelled'))
               AS last_end
    FROM entered JOIN incident_event AS line USING (incident_id)
    GROUP BY 1, 2, 3, 4
)
SELECT trail.area, coalesce(trail.timezone, '') AS timezone, coalesce(trail.raised_by, '') AS raised_by,
       coalesce(trail.kind, '') AS kind,
       extract(epoch FROM trail.entered_at)::float8 AS entered,
       extract(epoch FROM trail.opened_at)::float8 AS opened,
       extract(epoch FROM trail.answered_at)::float8 AS answered,
       CASE WHEN trail.last_claim > trail.last_opening THEN extract(epoch FROM trail.last_claimed_at)::float8 END
           AS held,
       extract(epoch FROM trail.confirmed_at)::float8 AS confirmed,
       extract(epoch FROM trail.sent_at)::float8 AS sent,
       extract(epoch FROM trail.arrived_at)::float8 AS arrived,
       extract(epoch FROM final.at)::float8 AS ended,
       coalesce(final.to_state::text, '') AS end_state,
       coalesce(final.detail->>'code', '') AS code,
       trail.lapses, trail.reopenings
FROM trail
     -- LIMIT: one look by the key for each incident, where a join would be planned over the whole trail
     LEFT JOIN LATERAL (SELECT at, to_state, detail FROM incident_event
                        WHERE id = trail.last_end AND trail.last_end > coalesce(trail.last_reopening, 0)
                        LIMIT 1) AS final ON true

-- name: gaps(path, since, until)
-- When nobody would have answered, as far as it lies in a span: how often, and for how many seconds altogether.
SELECT area.code AS area, area.name AS area_name, gap.queue, gap.code, count(*) AS times,
       sum(extract(epoch FROM least(coalesce(gap.ended, :until), :until) - greatest(gap.since, :since)))::float8
           AS seconds,
       bool_or(gap.ended IS NULL) AS open
FROM coverage_gap AS gap JOIN area ON area.id = gap.area_id
WHERE gap.since < :until AND (gap.ended IS NULL OR gap.ended > :since) AND area.path ^@ :path::text
GROUP BY area.id, gap.queue, gap.code
ORDER BY array_position(ARRAY['emergency', 'care', 'maintenance'], gap.queue), area.path, gap.code

-- name: storms(path, since, until)
-- What failed for many at once and began in a span, with how many incidents it gathered.
SELECT area.code AS area, area.name AS area_name, storm.kind, storm.since, storm.last_at, storm.ended_at,
       (SELECT count(*) FROM incident WHERE incident.storm_id = storm.id) AS incidents
FROM storm JOIN area ON area.id = storm.area_id
WHERE storm.since >= :since AND storm.since < :until AND area.path ^@ :path::text
ORDER BY storm.since, storm.id

-- name: audit_page(after_at, after_id, until, maximum)
-- The places of the next lines of the whole trail, oldest first.
SELECT at, id FROM incident_event
WHERE (at, id) > (:after_at, :after_id) AND at < :until
ORDER BY at, id LIMIT :maximum

-- name: audit_lines(path, ids)
-- Those of these lines that are about residents in scope, oldest first, with the names of the people in them.
SELECT line.id, line.incident_id, line.at, line.event, line.from_state::text, line.to_state::text, line.actor,
       CASE WHEN line.actor ~ '^user:\d{1,9}$'
            THEN (SELECT display_name FROM app_user WHERE id = split_part(line.actor, ':', 2)::int)
            WHEN line.actor ~ '^contact:\d{1,9}$'
            THEN (SELECT name FROM contact WHERE id = split_part(line.actor, ':', 2)::int) END AS actor_name,
       line.detail
FROM incident_event AS line
     JOIN incident ON incident.id = line.incident_id
     JOIN resident ON resident.id = incident.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE line.id = ANY(:ids::bigint[]) AND area.path ^@ :path::text
ORDER BY line.at, line.id
