-- What people say that no detector noticed, and the way to alerts by when they were raised: detectors are measured by both.
-- depends: 0001.schema

CREATE TABLE reported_miss (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_id int NOT NULL REFERENCES resident,
    -- what happened: a kind of finding
    kind text NOT NULL CHECK (kind <> ''),
    happened_at timestamptz NOT NULL,
    note text NOT NULL DEFAULT '',
    reported_by int NOT NULL REFERENCES app_user,
    reported_at timestamptz NOT NULL,
    CHECK (happened_at <= reported_at)
);
CREATE INDEX reported_miss_happened ON reported_miss (happened_at);
CREATE INDEX alert_raised ON alert (raised_at);
