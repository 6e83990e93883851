"""`kanhu migrate` on TimescaleDB and on plain PostgreSQL: from empty, from every version before with data in it, run
twice, by several at once, and after one that was killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yoyo
from psycopg import sql

from core.metrics import METRICS
from servers.process import free_port
from storage.migrate import migrate
from tests.support.processes import command, running, wait_until

MIGRATIONS = Path(str(resources.files("storage"))) / "migrations"
VERSIONS = sorted(path.stem for path in MIGRATIONS.glob("*.sql"))

DATA = {
    # Each migration, and what is written to a database of that version: what the migration brought, filled.
    "0001.schema": """
        INSERT INTO area (code, name, level) VALUES ('330106', '西湖区', 'county');
        INSERT INTO household (code, area_id, address) SELECT 'h1', id, '曙光路 12 号' FROM area;
        INSERT INTO resident (household_id, name, care_plan)
            SELECT id, '王秀英', '{"fall_countdown": 30}' FROM household;
        INSERT INTO device (household_id, code, kind) SELECT id, 'watch', 'wearable' FROM household;
        INSERT INTO app_user (name, display_name, password_hash, role, area_id)
            SELECT 'lan', '兰', '', 'responder', id FROM area;
        INSERT INTO contact (resident_id, name) SELECT id, '王静' FROM resident;
        INSERT INTO channel (contact_id, kind, address) SELECT id, 'log', 'sms' FROM contact;
        INSERT INTO reading (device, metric, time, value, arrival)
            SELECT 1, 1, timestamptz '2026-03-01 00:00Z' + i * interval '1 hour', 60 + i, '2026-03-01 00:00Z'
            FROM generate_series(0, 99) AS i;
        INSERT INTO position (device, time, latitude, longitude, source, arrival)
            VALUES (1, '2026-03-01 00:00Z', 30.25, 120.15, 0, '2026-03-01 00:00Z');
        INSERT INTO waveform (device, time, rate, samples, arrival)
            VALUES (1, '2026-03-01 00:00Z', 50, '\\x010203040506', '2026-03-01 00:00Z');
        INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, opened_at, policy)
            SELECT id, 'emergency', 'open', 5, 'sos',
                '2026-03-01 00:00Z', '2026-03-01 00:00Z', '2026-03-01 00:00Z', '{}' FROM resident;
        INSERT INTO incident_event (incident_id, at, event, to_state, actor)
            SELECT id, '2026-03-01 00:00Z', 'open', 'open', 'detector:sos' FROM incident;
        INSERT INTO timer (incident_id, kind, due_at) SELECT id, 'escalation', '2026-03-01 00:01Z' FROM incident;
        INSERT INTO delivery (incident_id, contact_id, channel_id, step, round, state, created_at)
            SELECT incident.id, contact.id, channel.id, 0, 0, 'queued', '2026-03-01 00:00Z'
            FROM incident, contact, channel;
        INSERT INTO outbox (topic, payload, created_at, available_at)
            SELECT 'delivery', jsonb_build_object('delivery', id), '2026-03-01 00:00Z', '2026-03-01 07:00Z'
            FROM delivery;
        INSERT INTO escalation_policy (area_id, queue, policy)
            SELECT id, 'emergency', '{"steps": [{"after_s": 0, "targets": ["queue"]}]}' FROM area;
        INSERT INTO escalation_policy (area_id, queue, policy)
            VALUES (NULL, 'care', '{"steps": [{"after_s": 60, "targets": ["supervisors"]}]}');
    """,
    "0002.reported_miss": """
        INSERT INTO reported_miss (resident_id, kind, happened_at, note, reported_by, reported_at)
            SELECT resident.id, 'fall', '2026-03-01 00:00Z', '在浴室', app_user.id, '2026-03-02 00:00Z'
            FROM resident, app_user;
    """,
    "0003.rota": """
        INSERT INTO rotation (area_id, name, timezone, starts_on, days_each)
            SELECT id, '白班', 'Asia/Shanghai', '2026-03-02', 7 FROM area;
        INSERT INTO rotation_member (rotation_id, place, user_id) SELECT rotation.id, 0, app_user.id
            FROM rotation, app_user;
        INSERT INTO rotation_shift (rotation_id, place, weekdays, starts, ends)
            SELECT id, 0, '{1,2,3,4,5}', '20:00', '08:00' FROM rotation;
        INSERT INTO rota_override (area_id, user_id, starts_at, ends_at, made_by, made_at)
            SELECT area.id, app_user.id, '2026-03-03 00:00Z', '2026-03-03 08:00Z', app_user.id, '2026-03-01 00:00Z'
            FROM area, app_user;
        INSERT INTO escalation_policy (area_id, queue, min_severity, weekdays, starts, ends, policy)
            SELECT id, 'emergency', 4, '{6,7}', '22:00', '06:00', '{"steps": [{"after_s": 0, "targets": ["queue"]}]}'
            FROM area;
        INSERT INTO incident_rounds (incident_id, rounds_before) SELECT id, 2 FROM incident;
        INSERT INTO coverage_check (checked_at) VALUES ('2026-03-01 00:00Z');
        INSERT INTO coverage_gap (area_id, queue, code, since) SELECT id, 'emergency', 'nobody_on_shift',
            '2026-03-01 00:00Z' FROM area;
        INSERT INTO channel (user_id, kind, address) SELECT id, 'log', 'lan' FROM app_user;
        INSERT INTO coverage_notice (user_id, channel_id, state, created_at)
            SELECT user_id, id, 'queued', '2026-03-01 00:00Z' FROM channel WHERE user_id IS NOT NULL;
        INSERT INTO coverage_notice_gap (notice_id, gap_id) SELECT n.id, g.id FROM coverage_notice n, coverage_gap g;
        INSERT INTO outbox (topic, payload, created_at, available_at)
            VALUES ('notice', '{"notice": 1}', '2026-03-01 00:00Z', '2026-03-01 00:00Z');
    """,
    "0004.delivery": """
        INSERT INTO channel (contact_id, kind, address) SELECT id, 'sms', '+8613800138000' FROM contact LIMIT 1;
        INSERT INTO storm (kind, area_id, since, last_at)
            SELECT 'device_silent', id, '2026-03-01 00:00Z', '2026-03-01 00:05Z' FROM area LIMIT 1;
        INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, opened_at, policy,
                              storm_id)
            SELECT resident.id, 'maintenance', 'open', 2, 'device_silent', storm.since, storm.since, storm.since, '{}',
                storm.id
            FROM resident, storm LIMIT 1;
        INSERT INTO delivery (storm_id, user_id, channel_id, step, round, state, created_at, next_attempt_at)
            SELECT storm.id, app_user.id, channel.id, -3, 0, 'queued', '2026-03-01 00:05Z', '2026-03-01 00:05Z'
            FROM storm, app_user, channel WHERE channel.kind = 'sms' LIMIT 1;
    """,
    "0005.incident_work": """
        INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, opened_at, ended_at,
                              closure_code, policy)
            SELECT id, 'care', 'closed', 3, 'vitals', '2026-03-01 00:00Z', '2026-03-01 00:00Z', '2026-03-01 00:00Z',
                '2026-03-01 00:05Z', 'duplicate', '{}' FROM resident;
        INSERT INTO incident_merge (source_id, target_id, merged_at, merged_by)
            SELECT s.id, t.id, '2026-03-01 00:05Z', u.id FROM incident s, incident t, app_user u
            WHERE s.queue = 'care' AND t.queue = 'emergency';
        INSERT INTO attachment (incident_id, name, content_type, size, sha256, content, added_by, added_at)
            SELECT i.id, '门厅.jpg', 'image/jpeg', 3, sha256('\\xffd8ff'), '\\xffd8ff', u.id, '2026-03-01 00:06Z'
            FROM incident i, app_user u WHERE i.queue = 'emergency';
        INSERT INTO alarm_test (resident_id, asked_by, asked_at, expires_at)
            SELECT r.id, u.id, '2026-03-01 00:00Z', '2026-03-01 00:10Z' FROM resident r, app_user u;
    """,
    "0006.care_checks": """
        INSERT INTO check_plan (resident_id, kind, weekdays, due_by, grace_hours, starts_on, since, made_through)
            SELECT id, 'call', '{1, 3, 5}', '10:00', 4, '2026-03-01', '2026-03-01 00:00Z', '2026-03-03' FROM resident;
        INSERT INTO check_task (plan_id, resident_id, kind, day, opens_at, due_at, overdue_at, made_at)
            SELECT id, resident_id, kind, '2026-03-02', '2026-03-01 16:00Z', '2026-03-02 02:00Z', '2026-03-02 06:00Z',
                '2026-03-01 00:00Z' FROM check_plan;
        INSERT INTO check_attempt (task_id, at, user_id)
            SELECT check_task.id, '2026-03-02 01:00Z', app_user.id FROM check_task, app_user;
    """,
    "0007.ways_in": """
        INSERT INTO contact (resident_id, user_id, name) SELECT resident.id, app_user.id, '王静'
            FROM resident, app_user;
    """,
}


@dataclass(frozen=True)
class Empty:
    """A database without any table of ours."""

    url: str
    timescale: bool

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, statements: str) -> None:
        with closing(psycopg.connect(self.url, autocommit=True)) as connection:
            connection.execute(statements.encode())


@pytest.fixture(params=["timescale", "plain"])
def empty(request: pytest.FixtureRequest) -> Iterator[Empty]:
    timescale = request.param == "timescale"
    server = request.getfixturevalue("timescale" if timescale else "embedded_server")
    url = server.create_database()
    yield Empty(url, timescale)
    server.drop_database(url)


def tables(empty: Empty) -> list[str]:
    return [
        name
        for (name,) in empty.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_name !~ '^_?yoyo' ORDER BY 1"
        )
    ]


def columns(empty: Empty, names: list[str]) -> dict[str, list[str]]:
    """The columns that each table has now."""
    found = empty.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " ORDER BY ordinal_position"
    )
    return {name: [column for table, column in found if table == name] for name in names}


def content(empty: Empty, wanted: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables, these columns of each, as text in order."""
    with closing(psycopg.connect(empty.url, autocommit=True)) as connection:
        connection.execute("SET timezone TO 'UTC'")
        return {
            name: connection.execute(
                sql.SQL("SELECT ROW({})::text FROM {} ORDER BY 1").format(
                    sql.SQL(", ").join(map(sql.Identifier, these)), sql.Identifier(name)
                )
            ).fetchall()
            for name, these in wanted.items()
        }


def schema(empty: Empty) -> list[tuple[Any, ...]]:
    """What the database looks like: columns, constraints, indexes, triggers."""
    return empty.rows(
        "SELECT 'column', table_name::text, column_name::text, data_type::text || is_nullable || coalesce("
        "column_default, '') FROM information_schema.columns WHERE table_schema = 'public' AND table_name !~ '^_?yoyo'"
        " UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ 'yoyo'"
        " UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename !~ 'yoyo' UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)"
        " FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text !~ '^_timescaledb|yoyo' ORDER BY 1, 2, 3"
    )


def migrate_up_to(url: str, version: str) -> None:
    """As somebody did who ran an older Kanhu."""
    migrations = yoyo.read_migrations(str(MIGRATIONS))
    with yoyo.get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1)) as backend:
        backend.apply_migrations(migrations.filter(lambda migration: migration.id <= version))


def assert_is_whole(empty: Empty) -> None:
    """Everything that processes of this version rely on is there."""
    stored = empty.rows("SELECT id, name, unit, loinc FROM metric ORDER BY id")
    assert stored == [(m.id, m.name, m.unit, m.loinc) for m in sorted(METRICS, key=lambda m: m.id)]
    assert empty.rows("SELECT migration_id FROM _yoyo_migration ORDER BY 1") == [(version,) for version in VERSIONS]
    assert empty.rows("SELECT count(*) FROM reading_hour WHERE readings = 0") == [(0,)]
    if empty.timescale:
        hypertables = empty.rows("SELECT hypertable_name FROM timescaledb_information.hypertables ORDER BY 1")
        assert hypertables == [("position",), ("reading",), ("waveform",)]


def test_from_empty(empty: Empty) -> None:
    assert migrate(empty.url) == VERSIONS
    assert_is_whole(empty)


def test_a_second_time_changes_nothing(empty: Empty) -> None:
    migrate(empty.url)
    before = schema(empty)
    assert migrate(empty.url) == []
    assert schema(empty) == before
    assert_is_whole(empty)


def test_each_migration_has_data_to_be_tested_with() -> None:
    assert sorted(DATA) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_from_a_version_with_data_to_the_newest_nothing_is_lost(empty: Empty, version: str) -> None:
    migrate_up_to(empty.url, version)
    for filled in VERSIONS[: VERSIONS.index(version) + 1]:
        empty.execute(DATA[filled])
    # What a later version adds to a table is its own to fill.
    names = columns(empty, [name for name in tables(empty) if name != "metric"])
    before = content(empty, names)
    assert before["reading"]
    assert migrate(empty.url) == VERSIONS[VERSIONS.index(version) + 1 :]
    assert content(empty, names) == before
    assert_is_whole(empty)
    assert empty.rows("SELECT sum(readings) FROM reading_hour") == [(len(before["reading"]),)]


def test_data_written_by_the_newest_outlive_another_migrate(empty: Empty) -> None:
    migrate(empty.url)
    for filled in VERSIONS:
        empty.execute(DATA[filled])
    names = columns(empty, tables(empty))
    before = content(empty, names)
    assert migrate(empty.url) == []
    assert content(empty, names) == before


def test_what_waits_to_be_sent_says_since_then_when_it_will_be(empty: Empty) -> None:
    migrate_up_to(empty.url, "0002.reported_miss")
    for filled in ("0001.schema", "0002.reported_miss"):
        empty.execute(DATA[filled])
    migrate(empty.url)
    assert empty.rows("SELECT state, next_attempt_at, copies FROM delivery") == [
        ("queued", datetime(2026, 3, 1, 7, tzinfo=UTC), 1)
    ]


def test_a_policy_from_before_holds_for_every_severity_and_hour(empty: Empty) -> None:
    migrate_up_to(empty.url, "0002.reported_miss")
    empty.execute(DATA["0001.schema"])
    migrate(empty.url)
    kept = "SELECT queue, min_severity, weekdays, starts, ends, timezone FROM escalation_policy ORDER BY id"
    assert empty.rows(kept) == [
        ("emergency", 1, None, None, None, "Asia/Shanghai"),
        ("care", 1, None, None, None, "Asia/Shanghai"),
    ]
    # One for the same queue, severity and hours is still refused, one for others is not.
    again = (
        "INSERT INTO escalation_policy (area_id, queue, min_severity, policy)"
        " SELECT id, 'emergency', {}, '{{}}' FROM area"
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        empty.execute(again.format(1))
    empty.execute(again.format(4))


def test_a_metric_of_the_registry_that_is_wrong_in_the_table_is_put_right(empty: Empty) -> None:
    migrate(empty.url)
    empty.execute("UPDATE metric SET unit = 'kg', loinc = NULL; DELETE FROM metric WHERE id = 1")
    migrate(empty.url)
    assert_is_whole(empty)


def test_several_at_once(empty: Empty) -> None:
    code = "import sys; from storage.migrate import migrate; sys.stdin.read(1); print(*migrate(sys.argv[1]))"
    several = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for one in several:
        assert one.stdin is not None
        one.stdin.write("go")
        one.stdin.flush()
    ended = [one.communicate(timeout=60) for one in several]
    assert [one.returncode for one in several] == [0, 0, 0], ended
    # One of them did it, the others found it done.
    assert sorted(out.split() for out, _ in ended) == [[], [], VERSIONS]
    assert_is_whole(empty)


@pytest.mark.parametrize(
    "in_the_way",
    [
        pytest.param("CREATE TABLE incident_event (x int)", id="amid its statements"),
        pytest.param("LOCK TABLE _yoyo_migration IN SHARE MODE", id="before it is noted as applied"),
    ],
)
def test_one_that_was_killed_half_way_is_as_if_it_never_was(empty: Empty, in_the_way: str, tmp_path: Path) -> None:
    with yoyo.get_backend(empty.url.replace("postgresql://", "postgresql+psycopg://", 1)) as backend:
        backend.ensure_internal_schema_updated()
    with (
        closing(psycopg.connect(empty.url)) as other,
        running(["migrate"], {"KANHU_DATABASE_URL": empty.url}, tmp_path / "migrate.log") as killed,
    ):
        other.execute(in_the_way.encode())
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        wait_until(lambda: empty.rows(waits) != [], "the migration has come to what is in its way")
        killed.kill()
        other.rollback()
    # What yoyo leaves behind where it is killed while it holds its own lock.
    empty.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, '2026-03-01', 1)")
    assert migrate(empty.url) == VERSIONS
    assert_is_whole(empty)


def test_a_server_that_is_not_there_is_said_in_one_line() -> None:
    ended = command(["migrate"], {"KANHU_DATABASE_URL": f"postgresql://kanhu@127.0.0.1:{free_port()}/kanhu"})
    assert ended.returncode == 1
    [said] = ended.stderr.splitlines()
    assert said.startswith("kanhu: the database is not answering: ")
    assert "Connection refused" in said


def test_the_roll_up_by_hours_is_the_same_on_both(request: pytest.FixtureRequest) -> None:
    start = datetime(2026, 3, 29, 0, 20, tzinfo=UTC)
    # Over the change to summer time in Europe, in two series.
    rows = [(1 + i % 2, 1, start + timedelta(minutes=7 * i), float((i * 37) % 101)) for i in range(300)]
    wanted: dict[tuple[int, int, datetime], list[float]] = {}
    for device, metric, time, value in rows:
        wanted.setdefault((device, metric, time.replace(minute=0)), []).append(value)
    for name in ("timescale", "embedded_server"):
        server = request.getfixturevalue(name)
        url = server.create_database()
        migrate(url)
        with closing(psycopg.connect(url, options="-c timezone=Europe/Berlin")) as connection:
            connection.cursor().executemany(
                "INSERT INTO reading (device, metric, time, value, arrival) VALUES (%s, %s, %s, %s, %s)",
                [(*row, start) for row in rows],
            )
            stored = connection.execute(
                "SELECT device, metric, hour, readings, low, high, mean FROM reading_hour ORDER BY 1, 2, 3"
            ).fetchall()
        server.drop_database(url)
        assert [
            (*key, len(v), min(v), max(v), pytest.approx(sum(v) / len(v))) for key, v in sorted(wanted.items())
        ] == [(device, metric, hour.astimezone(UTC), *rest) for device, metric, hour, *rest in stored], name
