-- Escalation policies by area, queue, severity and hours.

-- name: for_resident(resident_id, queue)
-- All that could apply to an incident of a resident in a queue: of the areas upwards from home, and those for everywhere.
SELECT p.id, a.code AS area, a.path AS area_path, p.queue, p.min_severity, p.weekdays, p.starts, p.ends, p.timezone,
       p.policy
FROM resident r
JOIN household h ON h.id = r.household_id
JOIN area home ON home.id = h.area_id
JOIN escalation_policy p ON p.queue = :queue
LEFT JOIN area a ON a.id = p.area_id
WHERE r.id = :resident_id AND (p.area_id IS NULL OR home.path ^@ a.path)
ORDER BY p.id

-- name: list(subtree, upwards)
-- All of the areas in a subtree, of those at and above a path, and those for everywhere.
SELECT p.id, a.code AS area, a.path AS area_path, p.queue, p.min_severity, p.weekdays, p.starts, p.ends, p.timezone,
       p.policy
FROM escalation_policy p LEFT JOIN area a ON a.id = p.area_id
WHERE p.area_id IS NULL OR a.path ^@ :subtree::text OR :upwards::text ^@ a.path
ORDER BY a.path NULLS FIRST, array_position(ARRAY['emergency', 'care', 'maintenance'], p.queue), p.min_severity, p.id

-- name: one(id)
-- One policy.
SELECT p.id, a.code AS area, a.path AS area_path, p.queue, p.min_severity, p.weekdays, p.starts, p.ends, p.timezone,
       p.policy
FROM escalation_policy p LEFT JOIN area a ON a.id = p.area_id
WHERE p.id = :id

-- name: insert(area_id, queue, min_severity, weekdays, starts, ends, timezone, policy)
-- No row where the area has one for the same.
INSERT INTO escalation_policy (area_id, queue, min_severity, weekdays, starts, ends, timezone, policy)
VALUES (:area_id, :queue, :min_severity, :weekdays, :starts, :ends, :timezone, :policy)
ON CONFLICT ON CONSTRAINT escalation_policy_key DO NOTHING
RETURNING id

-- name: update(id, area_id, queue, min_severity, weekdays, starts, ends, timezone, policy)
-- No row where the area has another one for the same.
UPDATE escalation_policy SET area_id = :area_id, queue = :queue, min_severity = :min_severity, weekdays = :weekdays,
                             starts = :starts, ends = :ends, timezone = :timezone, policy = :policy
WHERE id = :id AND NOT EXISTS (
    SELECT FROM escalation_policy AS other
    WHERE other.id <> :id AND other.area_id = :area_id AND other.queue = :queue AND other.min_severity = :min_severity
      AND (other.weekdays, other.starts, other.ends)
          IS NOT DISTINCT FROM (:weekdays::smallint[], :starts::time, :ends::time))
RETURNING id

-- name: delete(id)!
-- What lies above counts from then on; incidents that are open keep theirs.
DELETE FROM escalation_policy WHERE id = :id
