-- Family and other contacts of a resident, and the channels they are reached over.

-- name: contacts(resident_id, now)
-- A resident's contacts that are not at their end, in the order they are called.
SELECT id, resident_id, user_id, name, relation, phone, language, call_order, valid_until
FROM contact
WHERE resident_id = :resident_id AND (valid_until IS NULL OR valid_until > :now)
ORDER BY call_order, id

-- name: contact(id)
-- One contact, whatever its end.
SELECT id, resident_id, user_id, name, relation, phone, language, call_order, valid_until
FROM contact WHERE id = :id

-- name: insert_contact(resident_id, user_id, name, relation, phone, language, call_order, valid_until)
-- A new contact of a resident.
INSERT INTO contact (resident_id, user_id, name, relation, phone, language, call_order, valid_until)
VALUES (:resident_id, :user_id, :name, :relation, :phone, :language, :call_order, :valid_until)
RETURNING id

-- name: update_contact(id, user_id, name, relation, phone, language, call_order, valid_until)!
-- Everything but whose contact it is.
UPDATE contact SET user_id = :user_id, name = :name, relation = :relation, phone = :phone, language = :language,
                   call_order = :call_order, valid_until = :valid_until
WHERE id = :id

-- name: end_contact(id, now)!
-- Deliveries name the contact, so it is ended and not deleted.
UPDATE contact SET valid_until = least(valid_until, :now) WHERE id = :id

-- name: channels(contact_ids, user_ids, removed)
-- The channels of contacts and users that were not removed, in the order they are tried.
SELECT id, contact_id, user_id, kind, address, call_order, failed_at, failure
FROM channel
WHERE (contact_id = ANY(:contact_ids::int[]) OR user_id = ANY(:user_ids::int[]))
  AND failure IS DISTINCT FROM :removed
ORDER BY call_order, id

-- name: channel(id, removed)
-- One channel that was not removed.
SELECT id, contact_id, user_id, kind, address, call_order, failed_at, failure
FROM channel WHERE id = :id AND failure IS DISTINCT FROM :removed

-- name: insert_channel(contact_id, user_id, kind, address, secret, call_order)
-- A new way to reach a contact or a user.
INSERT INTO channel (contact_id, user_id, kind, address, secret, call_order)
VALUES (:contact_id, :user_id, :kind, :address, :secret, :call_order)
RETURNING id

-- name: update_channel(id, kind, address, secret, call_order)!
-- A changed channel has not failed yet; a secret that is not given stays.
UPDATE channel SET kind = :kind, address = :address, secret = coalesce(:secret, secret), call_order = :call_order,
                   failed_at = NULL, failure = NULL
WHERE id = :id

-- name: remove_channel(id, now, removed)!
-- Deliveries name the channel, so it is taken out of use and not deleted.
UPDATE channel SET failed_at = :now, failure = :removed WHERE id = :id
