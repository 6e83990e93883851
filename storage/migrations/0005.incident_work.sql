-- What people do with incidents beyond claim and closure: merging, evidence in files, tests of the alarm by the wearer.
-- Tables of their own, not columns: a process of the version before reads incident rows as they were.
-- depends: 0002.reported_miss

-- Where an incident goes on. Its alerts are those of the target since then.
CREATE TABLE incident_merge (
    source_id bigint PRIMARY KEY REFERENCES incident,
    target_id bigint NOT NULL REFERENCES incident,
    merged_at timestamptz NOT NULL,
    merged_by int NOT NULL REFERENCES app_user,
    CHECK (source_id <> target_id)
);
CREATE INDEX incident_merge_target ON incident_merge (target_id);

-- Evidence that people add: never changed.
CREATE TABLE attachment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incident,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    content_type text NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf',
                                                       'audio/mpeg', 'audio/ogg', 'audio/mp4')),
    size int NOT NULL CHECK (size BETWEEN 1 AND 4194304),
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    added_by int NOT NULL REFERENCES app_user,
    added_at timestamptz NOT NULL,
    CHECK (size = octet_length(content)),
    CHECK (sha256 = sha256(content))
);
-- All of these formats are compressed already.
ALTER TABLE attachment ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX attachment_incident ON attachment (incident_id);
CREATE FUNCTION refuse_other_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence is never changed';
END $$;
CREATE TRIGGER attachment_is_final BEFORE UPDATE ON attachment
    FOR EACH ROW EXECUTE FUNCTION refuse_other_evidence();

-- Somebody asked a wearer to press SOS, to see whether help would come. The press that follows opens an incident as any
-- other; this only says that it may be that press. It was an end-to-end test if its incident is closed as a test.
CREATE TABLE alarm_test (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_id int NOT NULL REFERENCES resident,
    asked_by int NOT NULL REFERENCES app_user,
    asked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    alert_id bigint UNIQUE REFERENCES alert,
    CHECK (expires_at >= asked_at)
);
CREATE INDEX alarm_test_waiting ON alarm_test (resident_id, asked_at DESC) WHERE alert_id IS NULL;

-- When a resident's alarm was last tested from end to end.
CREATE INDEX incident_test ON incident (resident_id, ended_at DESC) WHERE closure_code = 'test';

-- The newest that each device said, kept by ingest beside the readings: to look it up in them for a whole city takes
-- seconds. No foreign key, as for readings.
CREATE TABLE device_state (
    device int PRIMARY KEY,
    -- arrival of the newest sign of life, to the minute; NULL: only a last will has come
    heard_at timestamptz,
    -- what it said of itself, with the event time
    battery real,
    battery_at timestamptz,
    worn boolean,
    worn_at timestamptz,
    -- when it was first said that it is (not) worn
    worn_since timestamptz,
    online boolean,
    online_at timestamptz
) WITH (fillfactor = 70);
