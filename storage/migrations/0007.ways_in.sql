-- The ways that pages of a large installation take into its tables.
-- depends: 0006.care_checks

-- All incidents, the newest first.
CREATE INDEX incident_newest ON incident (raised_at DESC, id DESC);
-- Whose contact a family member is.
CREATE INDEX contact_user ON contact (user_id) WHERE user_id IS NOT NULL;
