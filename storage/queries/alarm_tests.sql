-- Tests of a resident's alarm.

-- name: expire!
-- Who asks again waits for one press, not for two.
UPDATE alarm_test SET expires_at = :now
WHERE resident_id = :resident_id AND alert_id IS NULL AND expires_at > :now

-- name: insert
-- Somebody asks the wearer to press.
INSERT INTO alarm_test (resident_id, asked_by, asked_at, expires_at)
VALUES (:resident_id, :user_id, :now, :expires_at)
RETURNING {columns}

-- name: answer
-- The press that a test waits for: the next one that was made since it was asked, by the device's clock to half a minute.
UPDATE alarm_test SET alert_id = :alert_id
WHERE id = (SELECT id FROM alarm_test
            WHERE resident_id = :resident_id AND alert_id IS NULL AND asked_at <= :now AND expires_at > :now
              AND asked_at <= :pressed_at::timestamptz + interval '30 s'
            ORDER BY asked_at DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING {columns}
