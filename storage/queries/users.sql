-- Users, their refresh tokens, and the answers they have had to requests with an idempotency key.

-- name: user(id)
-- One user.
SELECT app_user.id, app_user.name, app_user.display_name, app_user.role, area.code AS area, area.path AS area_path,
       app_user.language, app_user.disabled_at
FROM app_user LEFT JOIN area ON area.id = app_user.area_id
WHERE app_user.id = :id

-- name: user_by_name(name)
-- One user by sign-in name.
SELECT app_user.id, app_user.name, app_user.display_name, app_user.role, area.code AS area, area.path AS area_path,
       app_user.language, app_user.disabled_at
FROM app_user LEFT JOIN area ON area.id = app_user.area_id
WHERE app_user.name = :name

-- name: users()
-- All users by name.
SELECT app_user.id, app_user.name, app_user.display_name, app_user.role, area.code AS area, area.path AS area_path,
       app_user.language, app_user.disabled_at
FROM app_user LEFT JOIN area ON area.id = app_user.area_id
ORDER BY app_user.name

-- name: password_hash(name)
-- For the sign-in and nothing else.
SELECT password_hash FROM app_user WHERE name = :name

-- name: insert_user(name, display_name, password_hash, role, area_id, language)
-- No row where the name is taken.
INSERT INTO app_user (name, display_name, password_hash, role, area_id, language)
VALUES (:name, :display_name, :password_hash, :role, :area_id, :language)
ON CONFLICT (name) DO NOTHING
RETURNING id

-- name: set_password(id, password_hash)!
-- A new password.
UPDATE app_user SET password_hash = :password_hash WHERE id = :id

-- name: disable_user(id, now)!
-- Signs in no more; once disabled keeps its date.
UPDATE app_user SET disabled_at = coalesce(disabled_at, :now) WHERE id = :id

-- name: insert_refresh_token(digest, user_id, expires_at)!
-- Only the digest is kept: who reads the table can't sign in with it.
INSERT INTO refresh_token (digest, user_id, expires_at) VALUES (:digest, :user_id, :expires_at)

-- name: take_refresh_token(digest, now)
-- A token counts once: taking it deletes it.
DELETE FROM refresh_token WHERE digest = :digest AND expires_at > :now RETURNING user_id

-- name: delete_refresh_token(digest)!
-- Signing out.
DELETE FROM refresh_token WHERE digest = :digest

-- name: delete_refresh_tokens_of(user_id)!
-- A changed password or a disabled user ends all sign-ins.
DELETE FROM refresh_token WHERE user_id = :user_id

-- name: delete_expired_refresh_tokens(user_id, now)!
-- The user's own old ones, at each sign-in.
DELETE FROM refresh_token WHERE user_id = :user_id AND expires_at <= :now

-- name: begin_request(user_id, key, request_digest, now)
-- The first request with this key gets a row. A second one waits here for the first's transaction, then gets none.
INSERT INTO idempotency (user_id, key, request_digest, created_at) VALUES (:user_id, :key, :request_digest, :now)
ON CONFLICT (user_id, key) DO NOTHING
RETURNING true

-- name: answered_request(user_id, key)
-- What the first request was and got.
SELECT request_digest, status, body FROM idempotency WHERE user_id = :user_id AND key = :key

-- name: answer_request(user_id, key, status, body)!
-- The answer to give again.
UPDATE idempotency SET status = :status, body = :body WHERE user_id = :user_id AND key = :key

-- name: forget_requests(user_id, before)!
-- The user's own old ones.
DELETE FROM idempotency WHERE user_id = :user_id AND created_at < :before
