-- Regular checks (探访关爱): plans of visits and calls, their tasks and attempts; and the ways into the audit trail by
-- time, which figures and exports take.
-- depends: 0002.reported_miss

CREATE TABLE check_plan (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    resident_id int NOT NULL REFERENCES resident,
    kind text NOT NULL CHECK (kind IN ('visit', 'call')),
    -- either on weekdays (1 Monday … 7 Sunday), or every so many days from the first on
    weekdays smallint[] CHECK (cardinality(weekdays) >= 1 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    every_days smallint CHECK (every_days BETWEEN 1 AND 366),
    -- the resident's local time by which it is to be done, and how much later it is overdue
    due_by time NOT NULL,
    grace_hours smallint NOT NULL CHECK (grace_hours BETWEEN 0 AND 72),
    assignee_id int REFERENCES app_user,
    starts_on date NOT NULL,
    ends_on date,
    note text NOT NULL DEFAULT '',
    -- when it was written or last changed: what would have been due before then was never asked of anybody
    since timestamptz NOT NULL,
    -- the last local day whose task is made, and when the next is to be; NULL: there is none
    made_through date,
    make_at timestamptz,
    ended_at timestamptz,
    CHECK (num_nonnulls(weekdays, every_days) = 1),
    CHECK (ends_on >= starts_on)
);
CREATE INDEX check_plan_resident ON check_plan (resident_id);
CREATE INDEX check_plan_making ON check_plan (make_at) WHERE ended_at IS NULL;

CREATE TABLE check_task (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id int NOT NULL REFERENCES check_plan,
    resident_id int NOT NULL REFERENCES resident,
    kind text NOT NULL CHECK (kind IN ('visit', 'call')),
    -- the resident's local day, and its moments
    day date NOT NULL,
    opens_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    overdue_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    -- when the care queue was told that it is overdue
    raised_at timestamptz,
    done_at timestamptz,
    done_by int REFERENCES app_user,
    outcome text CHECK (outcome IN ('well', 'needs_help')),
    note text NOT NULL DEFAULT '',
    -- it was overdue and nobody had done it when the resident was reached by another check: there is nothing left to do
    settled_at timestamptz,
    -- its plan was changed or ended before it was done
    withdrawn_at timestamptz,
    CHECK (opens_at <= due_at AND due_at <= overdue_at),
    CHECK (num_nonnulls(done_at, done_by, outcome) IN (0, 3)),
    CHECK (done_at IS NULL OR withdrawn_at IS NULL)
);
CREATE UNIQUE INDEX check_task_day ON check_task (plan_id, day) WHERE withdrawn_at IS NULL;
CREATE INDEX check_task_waiting ON check_task (overdue_at)
    WHERE done_at IS NULL AND withdrawn_at IS NULL AND settled_at IS NULL;
CREATE INDEX check_task_due ON check_task (due_at, id) WHERE withdrawn_at IS NULL;
CREATE INDEX check_task_resident ON check_task (resident_id, due_at);
CREATE INDEX check_task_month ON check_task (day) WHERE withdrawn_at IS NULL;

-- Somebody tried and did not reach the resident. Never changed, never deleted.
CREATE TABLE check_attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    task_id bigint NOT NULL REFERENCES check_task,
    at timestamptz NOT NULL,
    user_id int NOT NULL REFERENCES app_user,
    note text NOT NULL DEFAULT ''
);
CREATE INDEX check_attempt_task ON check_attempt (task_id, id);
CREATE TRIGGER check_attempt_is_final BEFORE UPDATE OR DELETE ON check_attempt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Which incidents came into the queue in a period, or were cancelled before they did.
CREATE INDEX incident_event_entered ON incident_event (at)
    WHERE event = 'open' OR (event = 'cancel' AND from_state = 'pending');
-- The trail of a period, in its order.
CREATE INDEX incident_event_at ON incident_event (at, id);
