-- Deliveries: who is told, over which channel, and what became of it.

-- name: get
-- One delivery.
SELECT {columns} FROM delivery WHERE id = :id

-- name: lock
-- One delivery, held until the transaction ends.
SELECT {columns} FROM delivery WHERE id = :id FOR UPDATE

-- name: of_incident
-- All deliveries of an incident, oldest first.
SELECT {columns} FROM delivery WHERE incident_id = :incident_id ORDER BY id

-- name: user
-- One user with the first channel that works.
SELECT NULL::int AS contact_id, u.id AS user_id, c.id AS channel_id, false AS confirmed
FROM app_user u
LEFT JOIN LATERAL (
    SELECT id FROM channel WHERE user_id = u.id AND failed_at IS NULL ORDER BY call_order, id LIMIT 1
) c ON true
WHERE u.id = :user_id

-- name: call_list
-- The resident's contacts in call order, each with the first channel that works (their own or their account's) and
-- whether they have confirmed this incident, by a message about it or one that was merged into it, since it was last
-- reopened.
SELECT p.id AS contact_id, NULL::int AS user_id, c.id AS channel_id,
       EXISTS (SELECT FROM incident_event e WHERE e.incident_id = :incident_id AND e.event = 'confirm'
               AND e.actor = 'contact:' || p.id
               AND e.id > coalesce((SELECT max(r.id) FROM incident_event r
                                    WHERE r.incident_id = :incident_id AND r.event = 'reopen'), 0)) AS confirmed
FROM contact p
LEFT JOIN LATERAL (
    SELECT id FROM channel WHERE (contact_id = p.id OR user_id = p.user_id) AND failed_at IS NULL
    ORDER BY contact_id IS NULL, call_order, id LIMIT 1
) c ON true
WHERE p.resident_id = :resident_id AND (p.valid_until IS NULL OR p.valid_until > :now)
ORDER BY p.call_order, p.id

-- name: told_family
-- The contacts that a message about the incident, or one that was merged into it, has gone to, each with the channel of
-- the newest one; without those who are told of its end already. Step -2: the end.
WITH RECURSIVE told AS (
    SELECT :incident_id::bigint AS id
    UNION SELECT m.source_id FROM incident_merge m JOIN told ON m.target_id = told.id
)
SELECT DISTINCT ON (d.contact_id) d.contact_id, NULL::int AS user_id, d.channel_id, false AS confirmed
FROM delivery d
WHERE d.incident_id IN (SELECT id FROM told) AND d.contact_id IS NOT NULL AND d.state IN ('sent', 'delivered', 'confirmed')
  AND NOT EXISTS (SELECT FROM delivery o WHERE o.incident_id = :incident_id AND o.contact_id = d.contact_id
                  AND o.step = -2 AND o.created_at >= :ended_at)
ORDER BY d.contact_id, d.id DESC

-- name: insert
-- A message to a person over a channel; nothing where the same step has used this channel already.
INSERT INTO delivery (incident_id, contact_id, user_id, channel_id, step, round, state, created_at, next_attempt_at)
VALUES (:incident_id, :contact_id, :user_id, :channel_id, :step, :round, 'queued', :now, :available_at)
ON CONFLICT (incident_id, channel_id, step, round) DO NOTHING
RETURNING {columns}

-- name: next_round
-- The next round of messages with this step number.
SELECT coalesce(max(round) + 1, 0) FROM delivery WHERE incident_id = :incident_id AND step = :step

-- name: rounds_used
-- The first round in which no step of an escalation has any messages.
SELECT coalesce(max(round) + 1, 0) FROM delivery WHERE incident_id = :incident_id AND step >= 0

-- name: next_channel
-- The person's next channel that works and that this step has not used.
SELECT c.id FROM delivery d
LEFT JOIN contact p ON p.id = d.contact_id
JOIN channel c ON c.contact_id = d.contact_id OR c.user_id = d.user_id OR c.user_id = p.user_id
WHERE d.id = :id AND c.failed_at IS NULL
  AND NOT EXISTS (SELECT FROM delivery o WHERE o.channel_id = c.id AND o.step = d.step AND o.round = d.round
                  AND (o.incident_id = d.incident_id OR o.storm_id = d.storm_id))
ORDER BY c.contact_id IS NULL, c.call_order, c.id LIMIT 1

-- name: outgoing
-- Everything that is needed to write and send a message.
SELECT d.id, d.incident_id, d.contact_id, d.user_id, d.channel_id, d.step, d.state, d.copies,
       c.kind AS channel_kind, c.address AS channel_address, c.secret AS channel_secret,
       c.failed_at IS NOT NULL AS channel_failed,
       coalesce(p.valid_until <= :now, false) OR u.disabled_at IS NOT NULL AS person_gone,
       coalesce(p.language, u.language) AS language,
       i.state::text AS incident_state, i.queue, i.kind, i.severity, i.event_time, i.raised_at, i.closure_code,
       r.name AS resident_name, r.care_plan, h.address AS home_address, a.name AS area_name
FROM delivery d
JOIN channel c ON c.id = d.channel_id
LEFT JOIN contact p ON p.id = d.contact_id
LEFT JOIN app_user u ON u.id = d.user_id
JOIN incident i ON i.id = d.incident_id
JOIN resident r ON r.id = i.resident_id
JOIN household h ON h.id = r.household_id
JOIN area a ON a.id = h.area_id
WHERE d.id = :id

-- name: has_other_hope
-- Whether another message of the same step to the same person has not failed (yet).
SELECT EXISTS (
    SELECT FROM delivery d JOIN delivery o ON o.id <> d.id AND o.step = d.step AND o.round = d.round
        AND (o.incident_id = d.incident_id OR o.storm_id = d.storm_id)
        AND (o.contact_id = d.contact_id OR o.user_id = d.user_id)
    WHERE d.id = :id AND o.state <> 'failed'
)

-- name: has_confirmed
-- Whether the person has confirmed the incident since it was last reopened, by whichever message.
SELECT EXISTS (
    SELECT FROM delivery d JOIN incident_event e ON e.incident_id = d.incident_id AND e.event = 'confirm'
        AND e.actor = coalesce('contact:' || d.contact_id, 'user:' || d.user_id)
    WHERE d.id = :id
      AND e.id > coalesce((SELECT max(r.id) FROM incident_event r
                           WHERE r.incident_id = d.incident_id AND r.event = 'reopen'), 0)
)

-- name: channel_kind
-- What kind of channel it is.
SELECT kind FROM channel WHERE id = :id

-- name: set_failover!
-- When the person's next channel is tried too; only the first time counts.
UPDATE delivery SET failover_at = :at WHERE id = :id AND failover_at IS NULL

-- name: sent!
-- The provider took the message. A receipt or a confirmation may have been faster; a copy that it has given up since
-- says nothing of the one that is to be given out anew.
UPDATE delivery SET sent_at = :now, attempts = :attempts, error = NULL, next_attempt_at = NULL,
       provider_id = coalesce(:provider_id, provider_id),
       state = CASE WHEN state = 'queued' THEN 'sent' ELSE state END
WHERE id = :id AND state <> 'failed' AND copies = :copies

-- name: not_sent!
-- A temporary failure.
UPDATE delivery SET attempts = :attempts, error = :error, next_attempt_at = :next_attempt_at
WHERE id = :id AND state = 'queued'

-- name: again!
-- The provider could not deliver it in time: it will be given it as a new message.
UPDATE delivery SET state = 'queued', copies = copies + 1, error = :error, next_attempt_at = :next_attempt_at
WHERE id = :id AND state IN ('queued', 'sent')

-- name: failed!
-- The message will not be sent over this channel.
UPDATE delivery SET state = 'failed', failed_at = :now, attempts = :attempts, error = :error, next_attempt_at = NULL
WHERE id = :id AND state = 'queued'

-- name: refused!
-- The provider took the message and says that it will never arrive.
UPDATE delivery SET state = 'failed', failed_at = :now, error = :error, next_attempt_at = NULL
WHERE id = :id AND state IN ('queued', 'sent')

-- name: unheard!
-- The provider took the message and has not said what became of it.
UPDATE delivery SET error = :error WHERE id = :id AND state = 'sent'

-- name: delivered
-- The provider says that the message has arrived: whatever was said before, it has.
UPDATE delivery SET delivered_at = :at, error = NULL, next_attempt_at = NULL, failed_at = NULL,
       state = CASE WHEN state = 'confirmed' THEN state ELSE 'delivered' END
WHERE id = :id AND delivered_at IS NULL
RETURNING {columns}

-- name: confirmed
-- The person confirmed by an act of their own, whatever we know of how the message got there.
UPDATE delivery SET state = 'confirmed', confirmed_at = :now, failed_at = NULL, next_attempt_at = NULL WHERE id = :id
RETURNING {columns}

-- name: channel_failed!
-- The channel's address will never work.
UPDATE channel SET failed_at = :now, failure = :failure WHERE id = :id AND failed_at IS NULL

-- name: resident_plan
-- A resident's care plan.
SELECT care_plan FROM resident WHERE id = :resident_id
