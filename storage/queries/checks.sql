-- Regular checks: plans, tasks, attempts. Scope as in people.sql, but for an area's path only: the centre's own work.

-- name: plans(path, area_path, resident_id, after, maximum)
-- A page of plans that have not been ended, by id.
SELECT check_plan.id, check_plan.resident_id, resident.name AS resident, area.code AS area, check_plan.kind,
       check_plan.weekdays, check_plan.every_days, check_plan.due_by, check_plan.grace_hours, check_plan.assignee_id,
       app_user.display_name AS assignee, check_plan.starts_on, check_plan.ends_on, check_plan.note
FROM check_plan
     JOIN resident ON resident.id = check_plan.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
     LEFT JOIN app_user ON app_user.id = check_plan.assignee_id
WHERE check_plan.ended_at IS NULL AND area.path ^@ :path::text
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:resident_id::int IS NULL OR check_plan.resident_id = :resident_id::int)
  AND check_plan.id > :after
ORDER BY check_plan.id LIMIT :maximum

-- name: plan(id, path)
-- One plan that has not been ended.
SELECT check_plan.id, check_plan.resident_id, resident.name AS resident, area.code AS area, check_plan.kind,
       check_plan.weekdays, check_plan.every_days, check_plan.due_by, check_plan.grace_hours, check_plan.assignee_id,
       app_user.display_name AS assignee, check_plan.starts_on, check_plan.ends_on, check_plan.note
FROM check_plan
     JOIN resident ON resident.id = check_plan.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
     LEFT JOIN app_user ON app_user.id = check_plan.assignee_id
WHERE check_plan.id = :id AND check_plan.ended_at IS NULL AND area.path ^@ :path::text

-- name: insert_plan(resident_id, kind, weekdays, every_days, due_by, grace_hours, assignee_id, starts_on, ends_on, note, now)
-- A new plan.
INSERT INTO check_plan (resident_id, kind, weekdays, every_days, due_by, grace_hours, assignee_id, starts_on, ends_on,
                        note, since, make_at)
VALUES (:resident_id, :kind, :weekdays, :every_days, :due_by, :grace_hours, :assignee_id, :starts_on, :ends_on, :note,
        :now, :now)
RETURNING id

-- name: update_plan(id, kind, weekdays, every_days, due_by, grace_hours, assignee_id, starts_on, ends_on, note, now)!
-- Everything but whose plan it is; its tasks are to be made again from now on.
UPDATE check_plan SET kind = :kind, weekdays = :weekdays, every_days = :every_days, due_by = :due_by,
                      grace_hours = :grace_hours, assignee_id = :assignee_id, starts_on = :starts_on,
                      ends_on = :ends_on, note = :note, since = :now, made_through = NULL,
                      make_at = :now
WHERE id = :id

-- name: end_plan(id, now)!
-- No more tasks; what was done under it stays.
UPDATE check_plan SET ended_at = coalesce(ended_at, :now) WHERE id = :id

-- name: lock_waiting(plan_id)
-- A plan's tasks that are not done, held until the transaction ends.
SELECT check_task.id, check_task.plan_id, check_task.resident_id, check_task.kind, check_task.day,
       check_task.opens_at, check_task.due_at, check_task.overdue_at, check_task.done_at, check_task.done_by,
       check_task.settled_at, check_task.withdrawn_at
FROM check_task
WHERE plan_id = :plan_id AND done_at IS NULL AND withdrawn_at IS NULL AND settled_at IS NULL
ORDER BY overdue_at, id FOR UPDATE

-- name: withdraw(ids, now)!
-- These are asked of nobody any more.
UPDATE check_task SET withdrawn_at = :now WHERE id = ANY(:ids::bigint[])

-- name: lock_schedule(id)
-- When a plan asks for something, held until the transaction ends, with the resident's care plan for the time zone.
SELECT check_plan.id, check_plan.resident_id, check_plan.kind, check_plan.weekdays, check_plan.every_days,
       check_plan.due_by, check_plan.grace_hours, check_plan.starts_on, check_plan.ends_on, check_plan.since,
       check_plan.made_through, check_plan.ended_at, resident.care_plan
FROM check_plan JOIN resident ON resident.id = check_plan.resident_id
WHERE check_plan.id = :id
FOR UPDATE OF check_plan

-- name: plans_to_make(now, maximum)
-- Plans whose next day's task is to be made, the longest waiting first.
SELECT id FROM check_plan WHERE ended_at IS NULL AND make_at <= :now ORDER BY make_at, id LIMIT :maximum

-- name: insert_tasks(plan_id, resident_id, kind, days, opens_at, due_at, overdue_at, now)!
-- The tasks of some days; a day that has one keeps it, with these moments where it is neither done nor due.
INSERT INTO check_task (plan_id, resident_id, kind, day, opens_at, due_at, overdue_at, made_at)
SELECT :plan_id, :resident_id, :kind, given.day, given.opens_at, given.due_at, given.overdue_at, :now
FROM unnest(:days::date[], :opens_at::timestamptz[], :due_at::timestamptz[], :overdue_at::timestamptz[])
     AS given (day, opens_at, due_at, overdue_at)
ON CONFLICT (plan_id, day) WHERE withdrawn_at IS NULL
DO UPDATE SET kind = excluded.kind, opens_at = excluded.opens_at, due_at = excluded.due_at,
              overdue_at = excluded.overdue_at
    WHERE check_task.done_at IS NULL AND check_task.due_at > :now

-- name: made(id, through, make_at)!
-- The plan's tasks are made up to and including that day; when the next is to be.
UPDATE check_plan SET made_through = :through, make_at = :make_at WHERE id = :id

-- name: plans_overdue(now, maximum)
-- Plans with a task that is overdue and of which the care queue does not know, the longest overdue first.
SELECT plan_id AS id FROM check_task
WHERE done_at IS NULL AND withdrawn_at IS NULL AND settled_at IS NULL AND raised_at IS NULL AND overdue_at <= :now
GROUP BY plan_id ORDER BY min(overdue_at), plan_id LIMIT :maximum

-- name: lock_overdue(plan_id, now)
-- A plan's tasks that are overdue and of which the care queue does not know, held until the transaction ends.
SELECT check_task.id, check_task.plan_id, check_task.resident_id, check_task.kind, check_task.day,
       check_task.opens_at, check_task.due_at, check_task.overdue_at, check_task.done_at, check_task.done_by,
       check_task.settled_at, check_task.withdrawn_at
FROM check_task
WHERE plan_id = :plan_id AND done_at IS NULL AND withdrawn_at IS NULL AND settled_at IS NULL AND raised_at IS NULL
  AND overdue_at <= :now
ORDER BY overdue_at, id FOR UPDATE

-- name: missed_in_a_row(plan_id, now)
-- How many of a plan's checks are overdue since the resident was last reached by any.
SELECT count(*) FROM check_task
WHERE plan_id = :plan_id AND done_at IS NULL AND withdrawn_at IS NULL AND settled_at IS NULL AND overdue_at <= :now

-- name: raised(ids, now)!
-- The care queue knows of them.
UPDATE check_task SET raised_at = :now WHERE id = ANY(:ids::bigint[])

-- name: lock_with_overdue(id, now)
-- One task, and all that are overdue of the same resident, held until the transaction ends. All are locked in one order,
-- which is the dispatcher's too, so that nobody waits for somebody who waits.
SELECT check_task.id, check_task.plan_id, check_task.resident_id, check_task.kind, check_task.day,
       check_task.opens_at, check_task.due_at, check_task.overdue_at, check_task.done_at, check_task.done_by,
       check_task.settled_at, check_task.withdrawn_at
FROM check_task
WHERE id = :id
   OR (resident_id = (SELECT resident_id FROM check_task WHERE id = :id) AND done_at IS NULL AND withdrawn_at IS NULL
       AND settled_at IS NULL AND overdue_at <= :now)
ORDER BY overdue_at, id FOR UPDATE

-- name: settle(ids, now)!
-- The resident was reached by another check: nobody needs to do these any more.
UPDATE check_task SET settled_at = :now WHERE id = ANY(:ids::bigint[])

-- name: done(id, user_id, outcome, note, now)!
-- The resident was reached.
UPDATE check_task SET settled_at = NULL, done_at = :now, done_by = :user_id, outcome = :outcome, note = :note WHERE id = :id

-- name: attempted(id, user_id, note, now)!
-- Somebody tried and did not reach the resident.
INSERT INTO check_attempt (task_id, at, user_id, note) VALUES (:id, :now, :user_id, :note)

-- name: raised_about(resident_id, kind)
-- The alerts of a kind about a resident that are not cleared.
SELECT dedup_key, event_time FROM alert
WHERE resident_id = :resident_id AND kind = :kind AND cleared_at IS NULL
ORDER BY id

-- name: soonest(path, now, area_path, resident_id, states, waiting, day, after_due, after_id, maximum)
-- A page of tasks, those due first first. waiting: all that is asked for is to be done still, which has an index.
SELECT task.id
FROM check_task AS task
     JOIN resident ON resident.id = task.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE task.withdrawn_at IS NULL AND area.path ^@ :path::text
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:resident_id::int IS NULL OR task.resident_id = :resident_id::int)
  AND (:day::date IS NULL OR task.day = :day::date)
  AND (NOT :waiting OR (task.done_at IS NULL AND task.settled_at IS NULL))
  AND (:states::text[] IS NULL
       OR CASE WHEN task.done_at IS NOT NULL THEN 'done' WHEN task.settled_at IS NOT NULL THEN 'missed'
               WHEN task.overdue_at <= :now THEN 'overdue' WHEN task.opens_at <= :now THEN 'due' ELSE 'upcoming'
          END = ANY(:states::text[]))
  AND (:after_id::bigint IS NULL OR (task.due_at, task.id) > (:after_due::timestamptz, :after_id::bigint))
ORDER BY task.due_at, task.id LIMIT :maximum

-- name: newest(path, now, area_path, resident_id, states, waiting, day, after_due, after_id, maximum)
-- The same, those due last first.
SELECT task.id
FROM check_task AS task
     JOIN resident ON resident.id = task.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE task.withdrawn_at IS NULL AND area.path ^@ :path::text
  AND (:area_path::text IS NULL OR area.path ^@ :area_path::text)
  AND (:resident_id::int IS NULL OR task.resident_id = :resident_id::int)
  AND (:day::date IS NULL OR task.day = :day::date)
  AND (NOT :waiting OR (task.done_at IS NULL AND task.settled_at IS NULL))
  AND (:states::text[] IS NULL
       OR CASE WHEN task.done_at IS NOT NULL THEN 'done' WHEN task.settled_at IS NOT NULL THEN 'missed'
               WHEN task.overdue_at <= :now THEN 'overdue' WHEN task.opens_at <= :now THEN 'due' ELSE 'upcoming'
          END = ANY(:states::text[]))
  AND (:after_id::bigint IS NULL OR (task.due_at, task.id) < (:after_due::timestamptz, :after_id::bigint))
ORDER BY task.due_at DESC, task.id DESC LIMIT :maximum

-- name: in_scope(id, path)
-- Whether a user may know of a task.
SELECT task.id
FROM check_task AS task
     JOIN resident ON resident.id = task.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
WHERE task.id = :id AND task.withdrawn_at IS NULL AND area.path ^@ :path::text

-- name: shown(ids, now)
-- Tasks by id with whom they are about, in the order of the ids.
SELECT task.id, task.plan_id, task.resident_id, resident.name AS resident, area.code AS area, household.address,
       resident.phone, task.kind, task.day, task.opens_at, task.due_at, task.overdue_at, task.made_at,
       CASE WHEN task.done_at IS NOT NULL THEN 'done' WHEN task.settled_at IS NOT NULL THEN 'missed'
            WHEN task.overdue_at <= :now THEN 'overdue' WHEN task.opens_at <= :now THEN 'due' ELSE 'upcoming'
       END AS state,
       plan.assignee_id, assignee.display_name AS assignee, plan.note AS plan_note, task.done_at, task.done_by,
       doer.display_name AS done_by_name, task.outcome, task.note,
       (SELECT count(*) FROM check_attempt WHERE check_attempt.task_id = task.id) AS attempts,
       (SELECT max(at) FROM check_attempt WHERE check_attempt.task_id = task.id) AS last_attempt_at
FROM unnest(:ids::bigint[]) WITH ORDINALITY AS asked (id, place)
     JOIN check_task AS task ON task.id = asked.id
     JOIN check_plan AS plan ON plan.id = task.plan_id
     JOIN resident ON resident.id = task.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area ON area.id = household.area_id
     LEFT JOIN app_user AS assignee ON assignee.id = plan.assignee_id
     LEFT JOIN app_user AS doer ON doer.id = task.done_by
ORDER BY asked.place

-- name: figures(path, first, last, now)
-- The checks of some days that have come up, by area with all below it; a resident counts once.
SELECT area.code AS area, area.name AS area_name, count(*) AS residents, sum(due)::bigint AS due,
       sum(done)::bigint AS done, count(*) FILTER (WHERE done > 0) AS reached, sum(overdue)::bigint AS overdue
FROM (SELECT resident_id, count(*) AS due, count(done_at) AS done,
             count(*) FILTER (WHERE done_at IS NULL AND overdue_at <= :now) AS overdue
      FROM check_task
      WHERE withdrawn_at IS NULL AND day BETWEEN :first AND :last AND opens_at <= :now
      GROUP BY resident_id) AS each
     JOIN resident ON resident.id = each.resident_id
     JOIN household ON household.id = resident.household_id
     JOIN area AS home ON home.id = household.area_id
     -- By the codes in its path: to compare the paths of all areas with each other took a city half a second.
     CROSS JOIN LATERAL unnest(string_to_array(trim('/' FROM home.path), '/')) AS upwards (code)
     JOIN area ON area.code = upwards.code
WHERE area.path ^@ :path::text
GROUP BY area.id ORDER BY area.path
