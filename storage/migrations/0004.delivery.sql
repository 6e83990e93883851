-- Channels that a provider sends receipts for, the next channel within seconds, and many findings of one cause as one storm.
-- depends: 0002.reported_miss

ALTER TABLE channel
    DROP CONSTRAINT channel_kind_check,
    ADD CONSTRAINT channel_kind_check CHECK (kind IN ('apprise', 'webhook', 'sms', 'log'));

ALTER TABLE outbox
    DROP CONSTRAINT outbox_topic_check,
    ADD CONSTRAINT outbox_topic_check CHECK (topic IN ('delivery', 'failover', 'command', 'webhook', 'notice'));

-- More maintenance findings of one kind, in a short time and in one area's subtree, than chance would bring: one cause.
-- Its incidents stay one a resident; the people of the centre are told of the storm and not of each. Never of people:
-- what a storm can be made of is written out here, in incident_only_maintenance_storms and in alerts/storms.py.
CREATE TABLE storm (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('device_silent', 'home_silent', 'battery_low', 'not_worn', 'clock_wrong')),
    area_id int NOT NULL REFERENCES area,
    -- when its first and its newest incident were raised
    since timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- when people were last told, and of how many; NULL: not yet
    told_at timestamptz,
    told_count int,
    ended_at timestamptz,
    CHECK (last_at >= since),
    CHECK ((told_at IS NULL) = (told_count IS NULL))
);
CREATE UNIQUE INDEX storm_one_open ON storm (kind, area_id) WHERE ended_at IS NULL;

ALTER TABLE incident
    ADD COLUMN storm_id bigint REFERENCES storm,
    ADD CONSTRAINT incident_only_maintenance_storms CHECK (
        storm_id IS NULL OR (queue = 'maintenance'
            AND kind IN ('device_silent', 'home_silent', 'battery_low', 'not_worn', 'clock_wrong'))
    );
CREATE INDEX incident_storm ON incident (storm_id) WHERE storm_id IS NOT NULL;

ALTER TABLE delivery
    -- a message is about an incident, or about a storm
    ALTER COLUMN incident_id DROP NOT NULL,
    ADD COLUMN storm_id bigint REFERENCES storm,
    -- what the provider calls it
    ADD COLUMN provider_id text,
    -- when it will be tried (again); NULL: it will not be
    ADD COLUMN next_attempt_at timestamptz,
    -- when the person's next channel is tried too, should this one not have delivered by then
    ADD COLUMN failover_at timestamptz,
    -- how often the provider was given it as a new message; the first copy that arrives counts
    ADD COLUMN copies smallint NOT NULL DEFAULT 1 CHECK (copies >= 1),
    ADD CONSTRAINT delivery_about_one CHECK (num_nonnulls(incident_id, storm_id) = 1),
    -- families are told of their own resident only
    ADD CONSTRAINT delivery_storm_to_staff CHECK (storm_id IS NULL OR user_id IS NOT NULL);
CREATE UNIQUE INDEX delivery_storm ON delivery (storm_id, channel_id, round) WHERE storm_id IS NOT NULL;

UPDATE delivery SET next_attempt_at = outbox.available_at
FROM outbox
WHERE outbox.topic = 'delivery' AND outbox.done_at IS NULL AND outbox.failed_at IS NULL
  AND (outbox.payload ->> 'delivery')::bigint = delivery.id AND delivery.state = 'queued';
