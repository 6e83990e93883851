-- The schema from empty. Forward only. Hypertables, roll-ups, compression and retention are the business of
-- storage/editions.py, which runs after the migrations and knows what the server can do.
-- depends:

-- Who and where ----------------------------------------------------------------------------------------------------

CREATE TABLE area (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id int REFERENCES area,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9_-]{1,32}$'),
    name text NOT NULL,
    level text NOT NULL CHECK (level IN ('city', 'county', 'street')),
    -- /330100/330106/330106001/: a subtree is everything that starts with the path of its root
    path text NOT NULL UNIQUE CHECK (path LIKE '/%/')
);
CREATE INDEX area_path ON area (path text_pattern_ops);

CREATE FUNCTION area_set_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.path := coalesce((SELECT path FROM area WHERE id = NEW.parent_id), '/') || NEW.code || '/';
    RETURN NEW;
END $$;
CREATE TRIGGER area_path BEFORE INSERT ON area FOR EACH ROW EXECUTE FUNCTION area_set_path();

CREATE TABLE household (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    area_id int NOT NULL REFERENCES area,
    address text NOT NULL DEFAULT '',
    access_notes text NOT NULL DEFAULT '',
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX household_area ON household (area_id);

CREATE TABLE resident (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    household_id int NOT NULL REFERENCES household,
    name text NOT NULL CHECK (name <> ''),
    birth_year smallint CHECK (birth_year BETWEEN 1880 AND 2100),
    sex text CHECK (sex IN ('female', 'male', 'other')),
    phone text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
    conditions text NOT NULL DEFAULT '',
    medicines text NOT NULL DEFAULT '',
    -- core.care.CarePlan, checked by it on the way in
    care_plan jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(care_plan) = 'object')
);
CREATE INDEX resident_household ON resident (household_id);

CREATE TABLE device (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    household_id int NOT NULL REFERENCES household,
    -- whom it watches; NULL: the household's first resident
    resident_id int REFERENCES resident,
    code text NOT NULL CHECK (code ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'),
    kind text NOT NULL CHECK (kind IN ('wearable', 'tracker', 'sos_button', 'motion', 'door', 'bed', 'smoke', 'gas',
                                       'water', 'climate', 'vitals', 'gateway')),
    interval_s int NOT NULL DEFAULT 0 CHECK (interval_s BETWEEN 0 AND 604800),
    room text NOT NULL DEFAULT '',
    model text NOT NULL DEFAULT '',
    retired_at timestamptz,
    UNIQUE (household_id, code)
);
CREATE INDEX device_resident ON device (resident_id);

CREATE TABLE app_user (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$'),
    display_name text NOT NULL CHECK (display_name <> ''),
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('responder', 'supervisor', 'family', 'operator', 'integrator')),
    -- the subtree that the user works in; a family member has residents instead (contact.user_id)
    area_id int REFERENCES area,
    language text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
    disabled_at timestamptz,
    CHECK (role = 'family' OR area_id IS NOT NULL)
);

CREATE TABLE refresh_token (
    digest bytea PRIMARY KEY,
    user_id int NOT NULL REFERENCES app_user ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

CREATE TABLE contact (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_id int NOT NULL REFERENCES resident,
    user_id int REFERENCES app_user,
    name text NOT NULL CHECK (name <> ''),
    relation text NOT NULL DEFAULT '',
    -- whom a responder rings; messages go over the channels
    phone text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
    call_order smallint NOT NULL DEFAULT 1 CHECK (call_order >= 1),
    valid_until timestamptz
);
CREATE INDEX contact_resident ON contact (resident_id, call_order);

-- How a person is reached: a contact's or a user's. Within one person the lowest call_order is tried first.
CREATE TABLE channel (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contact_id int REFERENCES contact ON DELETE CASCADE,
    user_id int REFERENCES app_user ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('apprise', 'webhook', 'log')),
    -- an Apprise URL, a webhook's URL, or a name for the log
    address text NOT NULL CHECK (address <> ''),
    -- the webhook's signing secret
    secret text,
    call_order smallint NOT NULL DEFAULT 1 CHECK (call_order >= 1),
    -- set when the provider said that this address will never work
    failed_at timestamptz,
    failure text,
    CHECK (num_nonnulls(contact_id, user_id) = 1),
    CHECK (kind <> 'webhook' OR secret IS NOT NULL)
);
CREATE INDEX channel_contact ON channel (contact_id);
CREATE INDEX channel_user ON channel (user_id);

-- A change of who belongs to whom reaches the caches of ingest at once.
CREATE FUNCTION notify_directory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('kanhu_directory', TG_TABLE_NAME);
    RETURN NULL;
END $$;
CREATE TRIGGER household_changed AFTER INSERT OR UPDATE OR DELETE ON household
    FOR EACH STATEMENT EXECUTE FUNCTION notify_directory();
CREATE TRIGGER resident_changed AFTER INSERT OR UPDATE OR DELETE ON resident
    FOR EACH STATEMENT EXECUTE FUNCTION notify_directory();
CREATE TRIGGER device_changed AFTER INSERT OR UPDATE OR DELETE ON device
    FOR EACH STATEMENT EXECUTE FUNCTION notify_directory();

-- What devices send -------------------------------------------------------------------------------------------------
-- No foreign keys here: ids come from the directory, and a trigger a row costs more than the write itself.

CREATE TABLE metric (
    id smallint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    unit text NOT NULL,
    loinc text
);

CREATE TABLE reading (
    device int NOT NULL,
    metric smallint NOT NULL,
    time timestamptz NOT NULL,
    value double precision NOT NULL,
    arrival timestamptz NOT NULL,
    -- the impossible time that the device gave; `time` is then the arrival
    sent timestamptz
);
CREATE UNIQUE INDEX reading_key ON reading (device, metric, time);
CREATE INDEX reading_sent ON reading (device, metric, sent) WHERE sent IS NOT NULL;
CREATE INDEX reading_arrival ON reading USING brin (arrival);

CREATE TABLE position (
    device int NOT NULL,
    time timestamptz NOT NULL,
    latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    accuracy double precision CHECK (accuracy >= 0),
    source smallint NOT NULL,
    arrival timestamptz NOT NULL,
    sent timestamptz
);
CREATE UNIQUE INDEX position_key ON position (device, time);
CREATE INDEX position_sent ON position (device, sent) WHERE sent IS NOT NULL;
CREATE INDEX position_arrival ON position USING brin (arrival);

CREATE TABLE waveform (
    device int NOT NULL,
    time timestamptz NOT NULL,
    rate real NOT NULL CHECK (rate > 0),
    -- int16 little-endian triples, milli-g
    samples bytea NOT NULL CHECK (length(samples) % 6 = 0),
    arrival timestamptz NOT NULL,
    sent timestamptz
);
CREATE UNIQUE INDEX waveform_key ON waveform (device, time);
CREATE INDEX waveform_sent ON waveform (device, sent) WHERE sent IS NOT NULL;
CREATE INDEX waveform_arrival ON waveform USING brin (arrival);

-- What could not be decoded or stored, with the reason, until somebody looks at it.
CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- which worker's message, and which part of it (0: the whole): a batch written twice adds nothing
    worker text NOT NULL,
    arrival timestamptz NOT NULL,
    part int NOT NULL DEFAULT 0,
    topic text NOT NULL,
    payload bytea NOT NULL,
    payload_size int NOT NULL CHECK (payload_size >= length(payload)),
    reason text NOT NULL,
    detail text NOT NULL,
    -- NULL: the whole message; else the record of it that was refused, as text
    record text,
    reinjected_at timestamptz,
    UNIQUE (worker, arrival, part)
);
CREATE INDEX quarantine_arrival ON quarantine (arrival);
CREATE INDEX quarantine_waiting ON quarantine (reason, id) WHERE reinjected_at IS NULL;

-- Messages whose redelivery no time of their own would tell from new ones: which were committed last. A row is
-- overwritten when the broker uses its packet id again, and `sequence` tells the ones that must have been acknowledged.
CREATE TABLE receipt (
    worker text NOT NULL,
    packet_id int NOT NULL,
    digest bytea NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (worker, packet_id)
);

CREATE TABLE detector_snapshot (
    worker text NOT NULL,
    detector text NOT NULL,
    version int NOT NULL,
    state bytea NOT NULL,
    -- everything that arrived up to here is in it
    reach timestamptz NOT NULL,
    PRIMARY KEY (worker, detector)
);

-- Alerts, incidents, escalation -------------------------------------------------------------------------------------

CREATE TYPE incident_state AS ENUM (
    'pending', 'open', 'claimed', 'contacted', 'dispatched', 'on_scene', 'closed', 'cancelled'
);

CREATE TABLE incident (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_id int NOT NULL REFERENCES resident,
    queue text NOT NULL CHECK (queue IN ('emergency', 'care', 'maintenance')),
    state incident_state NOT NULL,
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    -- of the most severe alert
    kind text NOT NULL,
    -- when it happened, when it was raised, when it came into the queue (after a countdown)
    event_time timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    opened_at timestamptz,
    claimed_by int REFERENCES app_user,
    claimed_at timestamptz,
    first_claimed_at timestamptz,
    contacted_at timestamptz,
    dispatched_at timestamptz,
    on_scene_at timestamptz,
    ended_at timestamptz,
    closure_code text,
    closure_note text NOT NULL DEFAULT '',
    -- the escalation policy as it was when the incident opened
    policy jsonb NOT NULL,
    CHECK ((state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'closed') = (closure_code IS NOT NULL)),
    CHECK ((state IN ('claimed', 'contacted', 'dispatched', 'on_scene')) <= (claimed_by IS NOT NULL)),
    CHECK (state NOT IN ('pending', 'open') OR claimed_by IS NULL),
    CHECK (state IN ('pending', 'cancelled') OR opened_at IS NOT NULL)
);
CREATE UNIQUE INDEX incident_one_open ON incident (resident_id, queue) WHERE state NOT IN ('closed', 'cancelled');
CREATE INDEX incident_live ON incident (queue, severity DESC, raised_at) WHERE state NOT IN ('closed', 'cancelled');
CREATE INDEX incident_resident ON incident (resident_id, raised_at DESC);

CREATE TABLE alert (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dedup_key text NOT NULL UNIQUE,
    incident_id bigint NOT NULL REFERENCES incident,
    resident_id int NOT NULL REFERENCES resident,
    device_id int REFERENCES device,
    kind text NOT NULL,
    queue text NOT NULL CHECK (queue IN ('emergency', 'care', 'maintenance')),
    severity smallint NOT NULL CHECK (severity BETWEEN 1 AND 5),
    event_time timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    detector text NOT NULL,
    version int NOT NULL,
    reason text NOT NULL,
    evidence jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'object'),
    score double precision CHECK (score BETWEEN 0 AND 1),
    cleared_at timestamptz,
    clear_reason text
);
CREATE INDEX alert_incident ON alert (incident_id);
CREATE INDEX alert_resident ON alert (resident_id, event_time DESC);

-- The audit trail. Never changed, never deleted.
CREATE TABLE incident_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incident,
    at timestamptz NOT NULL,
    event text NOT NULL,
    from_state incident_state,
    to_state incident_state NOT NULL,
    -- 'detector:fall', 'user:7', 'contact:12', 'wearer', 'timer', 'auditor'
    actor text NOT NULL CHECK (actor <> ''),
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX incident_event_incident ON incident_event (incident_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is never changed';
END $$;
CREATE TRIGGER incident_event_is_final BEFORE UPDATE OR DELETE ON incident_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION notify_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('kanhu_incident', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER incident_event_live AFTER INSERT ON incident_event
    FOR EACH ROW EXECUTE FUNCTION notify_incident();

-- Who saw a resident's exact position outside an open incident, and why.
CREATE TABLE position_access (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    user_id int NOT NULL REFERENCES app_user,
    resident_id int NOT NULL REFERENCES resident,
    reason text NOT NULL CHECK (length(reason) >= 3)
);
CREATE TRIGGER position_access_is_final BEFORE UPDATE OR DELETE ON position_access
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- steps: alerts.escalation.Policy as JSON. The policy of the nearest area upwards counts; area NULL: everywhere else.
CREATE TABLE escalation_policy (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id int REFERENCES area,
    queue text NOT NULL CHECK (queue IN ('emergency', 'care', 'maintenance')),
    policy jsonb NOT NULL,
    UNIQUE NULLS NOT DISTINCT (area_id, queue)
);

-- What is due next for an incident: the end of a countdown, the next escalation step, the lapse of a claim.
CREATE TABLE timer (
    incident_id bigint NOT NULL REFERENCES incident,
    kind text NOT NULL CHECK (kind IN ('countdown', 'escalation', 'lease')),
    due_at timestamptz NOT NULL,
    -- of the escalation: the step that is due, and the round through the policy
    step smallint NOT NULL DEFAULT 0,
    round int NOT NULL DEFAULT 0,
    PRIMARY KEY (incident_id, kind)
);
CREATE INDEX timer_due ON timer (due_at);

-- One message to one person over one channel, with its receipts.
CREATE TABLE delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id bigint NOT NULL REFERENCES incident,
    contact_id int REFERENCES contact,
    user_id int REFERENCES app_user,
    channel_id int NOT NULL REFERENCES channel,
    step smallint NOT NULL,
    round int NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'delivered', 'confirmed', 'failed')),
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    delivered_at timestamptz,
    confirmed_at timestamptz,
    failed_at timestamptz,
    error text,
    attempts smallint NOT NULL DEFAULT 0,
    CHECK (num_nonnulls(contact_id, user_id) = 1),
    CHECK ((state = 'confirmed') <= (confirmed_at IS NOT NULL)),
    CHECK ((state = 'failed') = (failed_at IS NOT NULL)),
    UNIQUE (incident_id, channel_id, step, round)
);
CREATE INDEX delivery_incident ON delivery (incident_id);

-- Work that follows from a committed change, done by the dispatcher at least once.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL CHECK (topic IN ('delivery', 'command', 'webhook')),
    payload jsonb NOT NULL,
    -- lowest first: 0 for an SOS and other emergencies
    priority smallint NOT NULL DEFAULT 5,
    created_at timestamptz NOT NULL,
    available_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    done_at timestamptz,
    failed_at timestamptz,
    error text
);
CREATE INDEX outbox_waiting ON outbox (priority, available_at) WHERE done_at IS NULL AND failed_at IS NULL;

CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('kanhu_outbox', '');
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_added AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();
CREATE TRIGGER timer_added AFTER INSERT OR UPDATE ON timer FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox();

-- Integrators' systems that are told of incidents in an area.
CREATE TABLE webhook (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id int NOT NULL REFERENCES area,
    url text NOT NULL CHECK (url ~ '^https?://'),
    secret text NOT NULL,
    failed_at timestamptz,
    failure text
);

-- Answers to requests with an Idempotency-Key, so that a repeated one gets the same answer.
CREATE TABLE idempotency (
    user_id int NOT NULL REFERENCES app_user ON DELETE CASCADE,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_digest bytea NOT NULL,
    status smallint,
    body jsonb,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
