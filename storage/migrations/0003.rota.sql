-- The rota, policies by severity and hours, and the watch over whether anybody would answer.
-- depends: 0002.reported_miss

-- Members who take turns of days_each days from starts_on on.
CREATE TABLE rotation (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id int NOT NULL REFERENCES area,
    name text NOT NULL CHECK (name <> ''),
    -- of the hours and of the days
    timezone text NOT NULL CHECK (timezone <> ''),
    starts_on date NOT NULL,
    days_each smallint NOT NULL CHECK (days_each BETWEEN 1 AND 366),
    UNIQUE (area_id, name)
);

CREATE TABLE rotation_member (
    rotation_id int NOT NULL REFERENCES rotation ON DELETE CASCADE,
    place smallint NOT NULL CHECK (place >= 0),
    user_id int NOT NULL REFERENCES app_user,
    PRIMARY KEY (rotation_id, place),
    UNIQUE (rotation_id, user_id)
);
CREATE INDEX rotation_member_user ON rotation_member (user_id);

CREATE TABLE rotation_shift (
    rotation_id int NOT NULL REFERENCES rotation ON DELETE CASCADE,
    place smallint NOT NULL CHECK (place >= 0),
    -- of the day on which the shift begins, 1 is Monday
    weekdays smallint[] NOT NULL CHECK (cardinality(weekdays) BETWEEN 1 AND 7
                                        AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    starts time NOT NULL,
    -- not later than starts: on the next day
    ends time NOT NULL,
    PRIMARY KEY (rotation_id, place)
);

-- Somebody on shift for another, or besides the others.
CREATE TABLE rota_override (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id int NOT NULL REFERENCES area,
    user_id int NOT NULL REFERENCES app_user,
    instead_of_id int REFERENCES app_user,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    note text NOT NULL DEFAULT '',
    made_by int NOT NULL REFERENCES app_user,
    made_at timestamptz NOT NULL,
    CHECK (ends_at > starts_at),
    CHECK (instead_of_id <> user_id)
);
CREATE INDEX rota_override_area ON rota_override (area_id, ends_at);

-- A policy for incidents of a severity and above, and perhaps only in some local hours. What there was is for all.
ALTER TABLE escalation_policy
    ADD COLUMN min_severity smallint NOT NULL DEFAULT 1 CHECK (min_severity BETWEEN 1 AND 5),
    ADD COLUMN weekdays smallint[] CHECK (cardinality(weekdays) BETWEEN 1 AND 7
                                          AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    ADD COLUMN starts time,
    ADD COLUMN ends time,
    ADD COLUMN timezone text NOT NULL DEFAULT 'Asia/Shanghai' CHECK (timezone <> ''),
    ADD CHECK (num_nonnulls(weekdays, starts, ends) IN (0, 3)),
    DROP CONSTRAINT escalation_policy_area_id_queue_key,
    ADD CONSTRAINT escalation_policy_key
        UNIQUE NULLS NOT DISTINCT (area_id, queue, min_severity, weekdays, starts, ends);

-- An incident that takes up another policy is told by it from its first step on: the rounds of its deliveries go on
-- counting from here, since one step of one round uses a channel once. No row: it has the policy that it opened with.
-- No column: a process of the version before reads incident rows as they were.
CREATE TABLE incident_rounds (
    incident_id bigint PRIMARY KEY REFERENCES incident,
    rounds_before int NOT NULL CHECK (rounds_before >= 0)
);

-- When it was last looked whether anybody would answer; its row is the lock of those who look.
CREATE TABLE coverage_check (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    checked_at timestamptz NOT NULL
);

-- Nobody would answer in an area's queue, and why.
CREATE TABLE coverage_gap (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id int NOT NULL REFERENCES area,
    queue text NOT NULL CHECK (queue IN ('emergency', 'care', 'maintenance')),
    code text NOT NULL CHECK (code <> ''),
    -- whom it is about, where it is about some of the area's residents only
    residents int[] NOT NULL DEFAULT '{}',
    since timestamptz NOT NULL,
    ended timestamptz CHECK (ended >= since),
    -- when the first message about it had been sent
    told_at timestamptz
);
CREATE UNIQUE INDEX coverage_gap_open ON coverage_gap (area_id, queue, code) WHERE ended IS NULL;
CREATE INDEX coverage_gap_since ON coverage_gap (since);

-- One message to one supervisor over one channel about gaps.
CREATE TABLE coverage_notice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES app_user,
    channel_id int NOT NULL REFERENCES channel,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    failed_at timestamptz,
    error text,
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'failed') = (failed_at IS NOT NULL))
);

CREATE TABLE coverage_notice_gap (
    notice_id bigint NOT NULL REFERENCES coverage_notice,
    gap_id bigint NOT NULL REFERENCES coverage_gap,
    PRIMARY KEY (notice_id, gap_id)
);
CREATE INDEX coverage_notice_gap_gap ON coverage_notice_gap (gap_id);

ALTER TABLE outbox
    DROP CONSTRAINT outbox_topic_check,
    ADD CONSTRAINT outbox_topic_check CHECK (topic IN ('delivery', 'failover', 'command', 'webhook', 'notice'));
