-- Whether the database is of this version.

-- name: applied(ids)
-- Which of these migrations the database has had.
SELECT migration_id AS id FROM _yoyo_migration WHERE migration_id = ANY(:ids::text[])
