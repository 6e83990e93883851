-- Whether anybody would answer: what there is to judge it by, the gaps found, and the messages about them.

-- name: areas(subtree)
-- Areas of a subtree in which residents live.
SELECT area.id, area.code, area.name, area.path
FROM area
WHERE area.path ^@ :subtree::text
  AND EXISTS (SELECT FROM household JOIN resident ON resident.household_id = household.id
              WHERE household.area_id = area.id)
ORDER BY area.path

-- name: unreachable(now)
-- Residents who have contacts none of whom can be told; expired: because none is valid any more. It is asked of the whole
-- installation twice a minute: as joins, a look for each contact took three times as long.
SELECT household.area_id, resident.id AS resident_id,
       NOT EXISTS (SELECT FROM contact WHERE contact.resident_id = resident.id
                     AND (contact.valid_until IS NULL OR contact.valid_until > :now)) AS expired
FROM resident JOIN household ON household.id = resident.household_id
WHERE EXISTS (SELECT FROM contact WHERE contact.resident_id = resident.id)
  AND NOT EXISTS (SELECT FROM contact JOIN channel ON channel.contact_id = contact.id AND channel.failed_at IS NULL
                  WHERE contact.resident_id = resident.id
                    AND (contact.valid_until IS NULL OR contact.valid_until > :now))
  AND NOT EXISTS (SELECT FROM contact JOIN channel ON channel.user_id = contact.user_id AND channel.failed_at IS NULL
                  WHERE contact.resident_id = resident.id
                    AND (contact.valid_until IS NULL OR contact.valid_until > :now))
ORDER BY resident.id

-- name: begin_check(now)!
-- Whoever looks at the same time waits here for the first to end.
INSERT INTO coverage_check (checked_at) VALUES (:now)
ON CONFLICT (one) DO UPDATE SET checked_at = greatest(coverage_check.checked_at, excluded.checked_at)

-- name: checked_at()
-- When it was last looked; no row where it never was.
SELECT checked_at FROM coverage_check

-- name: open_gaps(scope_path)
-- What is open in a subtree.
SELECT gap.id, area.code AS area, area.name AS area_name, area.path AS area_path, gap.queue, gap.code, gap.residents,
       gap.since, gap.told_at
FROM coverage_gap AS gap JOIN area ON area.id = gap.area_id
WHERE gap.ended IS NULL AND area.path ^@ :scope_path::text
ORDER BY array_position(ARRAY['emergency', 'care', 'maintenance'], gap.queue), area.path, gap.code

-- name: add_gaps(gaps, now)
-- Those that were not open yet.
INSERT INTO coverage_gap (area_id, queue, code, residents, since)
SELECT given.area_id, given.queue, given.code, given.residents, :now
FROM jsonb_to_recordset(:gaps::jsonb) AS given (area_id int, queue text, code text, residents int[])
ON CONFLICT (area_id, queue, code) WHERE ended IS NULL DO NOTHING
RETURNING id

-- name: update_gaps(gaps)!
-- Whom those that go on are about now.
UPDATE coverage_gap SET residents = given.residents
FROM jsonb_to_recordset(:gaps::jsonb) AS given (area_id int, queue text, code text, residents int[])
WHERE coverage_gap.area_id = given.area_id AND coverage_gap.queue = given.queue AND coverage_gap.code = given.code
  AND coverage_gap.ended IS NULL AND coverage_gap.residents <> given.residents

-- name: end_gaps(gaps, now)
-- Those that are open no more.
UPDATE coverage_gap SET ended = greatest(:now, since)
WHERE ended IS NULL AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(:gaps::jsonb) AS given (area_id int, queue text, code text)
    WHERE given.area_id = coverage_gap.area_id AND given.queue = coverage_gap.queue AND given.code = coverage_gap.code)
RETURNING id

-- name: names(ids)
-- Residents by id.
SELECT id, name FROM resident WHERE id = ANY(:ids::int[]) ORDER BY id

-- name: tried(since)
-- Channels that messages about open gaps were given to since then, or that one is waiting for.
SELECT link.gap_id, notice.channel_id, notice.state
FROM coverage_notice_gap AS link
     JOIN coverage_notice AS notice ON notice.id = link.notice_id
     JOIN coverage_gap AS gap ON gap.id = link.gap_id
WHERE gap.ended IS NULL AND (notice.created_at > :since OR notice.state = 'queued')

-- name: supervisors()
-- All supervisors with their working channels in the order in which they are tried.
SELECT app_user.id AS user_id, area.path AS area_path,
       ARRAY(SELECT channel.id FROM channel WHERE channel.user_id = app_user.id AND channel.failed_at IS NULL
             ORDER BY channel.call_order, channel.id) AS channels
FROM app_user JOIN area ON area.id = app_user.area_id
WHERE app_user.role = 'supervisor' AND app_user.disabled_at IS NULL
ORDER BY app_user.id

-- name: insert_notice(user_id, channel_id, now)
-- A message to a supervisor.
INSERT INTO coverage_notice (user_id, channel_id, state, created_at)
VALUES (:user_id, :channel_id, 'queued', :now)
RETURNING id

-- name: link_notice(notice_id, gap_ids)!
-- What it is about.
INSERT INTO coverage_notice_gap (notice_id, gap_id) SELECT :notice_id, unnest(:gap_ids::bigint[])

-- name: outgoing(id)
-- Everything that is needed to send a message.
SELECT notice.id, notice.user_id, notice.state, channel.id AS channel_id, channel.kind AS channel_kind,
       channel.address AS channel_address, channel.secret AS channel_secret, app_user.language
FROM coverage_notice AS notice
     JOIN channel ON channel.id = notice.channel_id
     JOIN app_user ON app_user.id = notice.user_id
WHERE notice.id = :id

-- name: gaps_of_notice(id)
-- What a message is about, as far as it is open still.
SELECT gap.id, area.code AS area, area.name AS area_name, area.path AS area_path, gap.queue, gap.code, gap.residents,
       gap.since, gap.told_at
FROM coverage_notice_gap AS link
     JOIN coverage_gap AS gap ON gap.id = link.gap_id
     JOIN area ON area.id = gap.area_id
WHERE link.notice_id = :id AND gap.ended IS NULL
ORDER BY array_position(ARRAY['emergency', 'care', 'maintenance'], gap.queue), area.path, gap.code

-- name: notice_sent(id, now)!
-- The provider took it.
UPDATE coverage_notice SET state = 'sent', sent_at = :now WHERE id = :id AND state = 'queued'

-- name: gaps_told(notice_id, now)!
-- The first message that was taken counts.
UPDATE coverage_gap SET told_at = :now
WHERE told_at IS NULL AND id IN (SELECT gap_id FROM coverage_notice_gap WHERE notice_id = :notice_id)

-- name: notice_failed(id, error, now)!
-- It will not go over this channel.
UPDATE coverage_notice SET state = 'failed', failed_at = :now, error = :error WHERE id = :id AND state = 'queued'

-- name: next_channel(id, since)
-- The same supervisor's next channel that works and has had no message about the same gaps.
SELECT channel.id
FROM coverage_notice AS notice JOIN channel ON channel.user_id = notice.user_id
WHERE notice.id = :id AND channel.failed_at IS NULL AND NOT EXISTS (
    SELECT FROM coverage_notice AS other
                JOIN coverage_notice_gap AS theirs ON theirs.notice_id = other.id
                JOIN coverage_notice_gap AS ours ON ours.gap_id = theirs.gap_id AND ours.notice_id = notice.id
    WHERE other.channel_id = channel.id AND other.created_at > :since)
ORDER BY channel.call_order, channel.id
LIMIT 1

-- name: again(notice_id, channel_id, now)
-- The same message over another channel.
WITH new AS (
    INSERT INTO coverage_notice (user_id, channel_id, state, created_at)
    SELECT user_id, :channel_id, 'queued', :now FROM coverage_notice WHERE id = :notice_id
    RETURNING id
), linked AS (
    INSERT INTO coverage_notice_gap (notice_id, gap_id)
    SELECT new.id, link.gap_id FROM new, coverage_notice_gap AS link WHERE link.notice_id = :notice_id
)
SELECT id FROM new
