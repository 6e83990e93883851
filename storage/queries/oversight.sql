-- What the auditor looks at, in one snapshot of the database.

-- name: begin_snapshot!
-- All that follows in this transaction sees the same moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- name: live
-- Each live incident with what is due for it; one without a timer comes with nulls, one with two comes twice.
SELECT i.id, i.resident_id, i.queue, i.state::text, i.policy, i.raised_at, t.kind AS timer, t.due_at, t.round,
       EXISTS (SELECT FROM alert a WHERE a.incident_id = i.id) AS has_alert
FROM incident i LEFT JOIN timer t ON t.incident_id = i.id
WHERE i.state NOT IN ('closed', 'cancelled')
ORDER BY i.id

-- name: trail
-- The audit trail of all incidents that are live or ended lately, with the state that each is in.
SELECT i.id AS incident_id, i.state::text, e.event, e.from_state::text, e.to_state::text
FROM incident i LEFT JOIN incident_event e ON e.incident_id = i.id
WHERE i.state NOT IN ('closed', 'cancelled') OR i.ended_at >= :since
ORDER BY i.id, e.id

-- name: checks_left(before)
-- Plans of regular checks with something that should have been done by then: a task to make, or to tell of.
SELECT count(DISTINCT plan_id) AS plans, min(since) AS oldest
FROM (SELECT plan_id, overdue_at AS since FROM check_task
      WHERE done_at IS NULL AND withdrawn_at IS NULL AND settled_at IS NULL AND raised_at IS NULL
        AND overdue_at <= :before
      UNION ALL
      SELECT id, make_at FROM check_plan WHERE ended_at IS NULL AND make_at <= :before) AS waiting

-- name: coverage(of_residents)
-- When it was last looked whether anybody would answer, and since when nobody has been told that nobody would.
SELECT (SELECT checked_at FROM coverage_check) AS checked_at,
       (SELECT min(since) FROM coverage_gap
        WHERE ended IS NULL AND told_at IS NULL AND queue = 'emergency'
          AND code <> ALL(:of_residents::text[])) AS untold_since
