-- Evidence in files.

-- name: insert
-- A file; its digest is the database's own.
INSERT INTO attachment (incident_id, name, content_type, size, sha256, content, added_by, added_at)
VALUES (:incident_id, :name, :content_type, octet_length(:content::bytea), sha256(:content::bytea), :content::bytea,
        :user_id, :now)
RETURNING id, incident_id, name, content_type, size, sha256, added_by, added_at

-- name: count
-- How many files an incident has.
SELECT count(*) FROM attachment WHERE incident_id = :incident_id

-- name: of_incident
-- The files of an incident and of those that went on in it.
WITH RECURSIVE whole AS (
    SELECT :incident_id::bigint AS id
    UNION SELECT m.source_id FROM incident_merge m JOIN whole ON m.target_id = whole.id
)
SELECT id, incident_id, name, content_type, size, sha256, added_by, added_at
FROM attachment WHERE incident_id IN (SELECT id FROM whole) ORDER BY id

-- name: content
-- One of these files with its content.
WITH RECURSIVE whole AS (
    SELECT :incident_id::bigint AS id
    UNION SELECT m.source_id FROM incident_merge m JOIN whole ON m.target_id = whole.id
)
SELECT name, content_type, content FROM attachment WHERE id = :id AND incident_id IN (SELECT id FROM whole)
