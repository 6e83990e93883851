"""The way of a batch: what is written together, what is acknowledged when, and what a second time changes."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest

from core.clock import SECOND, ManualClock, to_datetime
from core.settings import Settings
from detectors import registry
from detectors.runtime import DetectorError, Runtime
from ingest import codecs, waiting
from ingest.codecs.registry import Route
from ingest.message import Message
from ingest.pipeline import Pipeline
from ingest.receipts import Receipts
from ingest.recovery import recover
from storage import directory, ingest_state
from storage.pool import Pool, open_pool
from tests.support.homes import Home, add_home
from tests.support.rows import T0
from tests.support.source import MemorySource


def fail(error: DetectorError) -> None:
    raise error


class World:
    """A pipeline on a real database, with a source in memory and a clock that is moved by hand."""

    def __init__(self, url: str, pool: Pool, home: Home) -> None:
        self.url = url
        self.pool = pool
        self.home = home
        self.clock = ManualClock(T0)
        self.source = MemorySource()
        self.settings = Settings(database_url=url, ingest_snapshot_seconds=3600)
        self.pipeline: Pipeline
        self._packet = 0

    async def start(self) -> None:
        """Start a worker as `ingest.worker` does; calling it again is a restart after a crash."""
        async with self.pool.connection() as connection:
            known = await directory.load(connection)
            runtime = Runtime(registry.create(), known.context, on_failure=fail)
            worker = self.settings.mqtt_client_id
            findings = await recover(connection, worker, registry.create, runtime, known, self.clock.micros())
            receipts = Receipts(await ingest_state.read_receipts(connection, worker), 16_000)
        self.pipeline = Pipeline(self.settings, self.clock, self.source, self.pool, runtime, receipts, known)
        self.findings_of_recovery = findings

    def message(self, payload: object, *, device: str = "watch", channel: str = "telemetry", **given: Any) -> Message:
        """A message from a device of the home; each arrives a second after the one before."""
        self._packet += 1
        self.clock.advance(SECOND)
        return Message(
            topic=f"kanhu/v1/{self.home.code}/{device}/{channel}",
            payload=payload if isinstance(payload, bytes) else json.dumps(payload).encode(),
            arrival=self.clock.micros(),
            packet_id=given.pop("packet_id", self._packet),
            **given,
        )

    async def take(self, *messages: Message) -> None:
        """One batch."""
        self.source.put(*messages)
        await self.pipeline.step()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    home = add_home(database, "h1", [("watch", "wearable", 0), ("button", "sos_button", 0), ("hall", "motion", 0)])
    async with open_pool(Settings(database_url=database)) as pool:
        made = World(database, pool, home)
        await made.start()
        yield made


def pulse(value: float, time: int) -> list[dict[str, object]]:
    return [{"n": "heart_rate", "u": "/min", "v": value, "t": time / SECOND}]


def sos(time: int) -> list[dict[str, object]]:
    return [{"n": "sos", "vb": True, "t": time / SECOND}]


ALL_ROWS = (
    "SELECT device, metric, time, value FROM reading ORDER BY 1, 2, 3",
    "SELECT dedup_key, kind, event_time FROM alert ORDER BY 1",
    "SELECT resident_id, queue, state FROM incident ORDER BY id",
)


async def test_a_press_of_the_button_becomes_a_row_an_alert_and_an_incident_and_is_then_acknowledged(
    world: World,
) -> None:
    press = world.message(sos(T0), device="button", channel="event")
    await world.take(press)
    assert world.rows("SELECT device, value FROM reading") == [(world.home.devices["button"], 1.0)]
    assert world.rows("SELECT kind, queue, severity FROM alert") == [("sos", "emergency", 5)]
    assert world.rows("SELECT resident_id, state::text, kind FROM incident") == [(world.home.resident, "open", "sos")]
    assert world.rows("SELECT event FROM incident_event") == [("open",)]
    assert world.source.acknowledged == [press]


async def test_nothing_is_acknowledged_nor_written_where_the_commit_fails(world: World) -> None:
    # The last thing that the transaction writes for an SOS fails: all before it must be gone too.
    world.execute("ALTER TABLE incident_event RENAME TO gone")
    with pytest.raises(Exception, match="incident_event"):
        await world.take(world.message(sos(T0), device="button", channel="event"))
    assert world.source.acknowledged == []
    assert world.rows("SELECT * FROM reading") == []
    assert world.rows("SELECT * FROM incident") == []


async def test_duplicates_reorderings_and_a_replay_after_a_crash_give_the_same_rows(world: World) -> None:
    messages = [world.message(pulse(60 + i, T0 + i * SECOND)) for i in range(20)]
    messages += [world.message(sos(T0 + i * 60 * SECOND), device="button", channel="event") for i in range(3)]
    await world.take(*messages)
    wanted = [world.rows(query) for query in ALL_ROWS]
    assert [len(rows) for rows in wanted] == [23, 3, 1]

    again = [
        Message(topic=m.topic, payload=m.payload, arrival=world.clock.micros() + i + 1, packet_id=i + 1, duplicate=True)
        for i, m in enumerate(reversed(messages))
    ]
    world.clock.advance(len(again))
    await world.take(*again[:5])
    await world.start()
    await world.take(*again[5:], *again)
    assert [world.rows(query) for query in ALL_ROWS] == wanted
    assert len(world.source.acknowledged) == len(messages) + 5 + len(again) - 5 + len(again)


async def test_a_sensor_without_a_clock_is_stored_once_though_the_broker_sends_its_message_again(world: World) -> None:
    motion = [{"n": "motion", "vb": True}]
    first = world.message(motion, device="hall")
    await world.take(first)
    copy = world.message(motion, device="hall", packet_id=first.packet_id, duplicate=True)
    await world.take(copy)
    await world.start()
    await world.take(world.message(motion, device="hall", packet_id=first.packet_id, duplicate=True))
    assert world.rows("SELECT count(*) FROM reading") == [(1,)]
    # A connection that dropped before the batch was closed: the message and its copy come in one.
    moved = world.message(motion, device="hall")
    await world.take(moved, world.message(motion, device="hall", packet_id=moved.packet_id, duplicate=True))
    assert world.rows("SELECT count(*) FROM reading") == [(2,)]
    # The same content under another packet id is another movement, and so is one that is no duplicate.
    await world.take(world.message(motion, device="hall", duplicate=True))
    await world.take(world.message(motion, device="hall", packet_id=first.packet_id))
    assert world.rows("SELECT count(*) FROM reading") == [(4,)]
    assert len(world.source.acknowledged) == 7


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("kanhu/v1/h1/stranger/telemetry", b'[{"n":"heart_rate","v":60}]', "unknown_device"),
        ("kanhu/v1/h1/watch/telemetry", b'[{"n":"heart_rate","v":900}]', "implausible"),
        ("kanhu/v1/h1/watch/telemetry", b'[{"n":"heart_rate","u":"kg","v":60}]', "wrong_unit"),
        ("kanhu/v1/h1/watch/telemetry", b'[{"n":"mood","v":60}]', "unknown_metric"),
        ("kanhu/v1/h1/watch/telemetry", b'[{"n":"heart_rate","v":60,"t":883612800}]', "time_absurd"),
        ("kanhu/v1/h1/watch/waveform", bytes.fromhex("a4617418"), "truncated"),
        ("kanhu/v1/h1/watch/telemetry", bytes(10_000_000), "too_large"),
        ("kanhu/v1/h1/watch", b"[]", "unknown_topic"),
        ("kanhu/v1/h1/watch/gossip", b"[]", "unknown_channel"),
        ("kanhu/v1/h1/watch/telemetry", b"\0\xfe\xff", "bad_structure"),
        ("kanhu/v1/h1/watch/telemetry", b"", "empty_payload"),
    ],
    ids=lambda value: value if isinstance(value, str) and "/" not in value else "",
)
async def test_what_can_not_be_taken_is_kept_with_its_reason_and_its_neighbours_are_stored(
    world: World, topic: str, payload: bytes, reason: str
) -> None:
    world.clock.advance(SECOND)
    bad = Message(topic=topic, payload=payload, arrival=world.clock.micros(), packet_id=900)
    before, after = world.message(pulse(60, T0)), world.message(pulse(61, T0 + SECOND))
    await world.take(before, bad, after)
    assert world.rows("SELECT value FROM reading ORDER BY time") == [(60.0,), (61.0,)]
    kept = world.rows("SELECT topic, reason, payload_size, length(payload) FROM quarantine")
    assert kept == [(topic, reason, len(payload), min(len(payload), 65_536))]
    assert len(world.source.acknowledged) == 3
    # Its redelivered copy adds nothing.
    copy = Message(topic=topic, payload=payload, arrival=world.clock.micros() + 1, packet_id=900, duplicate=True)
    await world.take(copy)
    assert world.rows("SELECT count(*) FROM quarantine") == [(1,)]


async def test_records_of_one_message_are_judged_one_by_one(world: World) -> None:
    pack = [
        {"bt": T0 / SECOND, "n": "heart_rate", "v": 60},
        {"n": "heart_rate", "v": 900, "t": 1},
        {"n": "spo2", "u": "kg", "v": 97},
        {"n": "spo2", "u": "%", "v": 97},
    ]
    await world.take(world.message(pack))
    assert world.rows("SELECT value FROM reading ORDER BY value") == [(60.0,), (97.0,)]
    assert world.rows("SELECT part, reason FROM quarantine ORDER BY reason") == [(2, "implausible"), (1, "wrong_unit")]


async def test_a_row_that_only_the_database_refuses_goes_to_quarantine_alone(world: World) -> None:
    world.execute("ALTER TABLE reading ADD CONSTRAINT no_77 CHECK (value <> 77)")
    messages = [world.message(pulse(70 + i, T0 + i * SECOND)) for i in range(20)]
    await world.take(*messages, world.message(sos(T0), device="button", channel="event"))
    assert len(world.rows("SELECT * FROM reading")) == 20
    assert world.rows("SELECT count(*) FROM alert") == [(1,)]
    assert world.rows("SELECT reason, detail LIKE '%no_77%' FROM quarantine") == [("refused_by_database", True)]
    assert len(world.source.acknowledged) == 21


async def test_a_device_added_a_moment_ago_is_known_at_its_first_message(world: World) -> None:
    later = add_home(world.url, "h2", [("button", "sos_button", 0)])
    message = Message(
        topic="kanhu/v1/h2/button/event", payload=json.dumps(sos(T0)).encode(), arrival=T0 + 1, packet_id=1
    )
    await world.take(message)
    assert world.rows("SELECT resident_id FROM incident") == [(later.resident,)]
    assert world.rows("SELECT * FROM quarantine") == []


async def test_an_impossible_clock_is_kept_and_arrival_taken_and_a_copy_changes_nothing(world: World) -> None:
    year_ahead = T0 + 365 * 86400 * SECOND
    message = world.message(pulse(60, year_ahead))
    await world.take(message)
    copy = world.message(pulse(60, year_ahead), duplicate=True)
    await world.take(copy)
    rows = world.rows(
        "SELECT extract(epoch FROM time)::bigint, extract(epoch FROM sent)::bigint FROM reading WHERE metric = 1"
    )
    assert rows == [(message.arrival // SECOND, year_ahead // SECOND)]


async def test_a_restarted_worker_has_the_detectors_state_of_before(world: World) -> None:
    await world.take(world.message([{"n": "battery", "u": "%", "v": 80, "t": T0 / SECOND}]))
    await world.take(world.message([{"n": "battery", "u": "%", "v": 9, "t": T0 / SECOND + 60}]))
    wanted = world.rows("SELECT dedup_key FROM alert")
    await world.start()
    await world.take(world.message([{"n": "battery", "u": "%", "v": 8, "t": T0 / SECOND + 120}]))
    assert world.rows("SELECT dedup_key FROM alert") == wanted
    assert len(wanted) <= 1


async def test_a_bug_in_a_codec_costs_its_message_and_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(payload: bytes, out: object) -> None:
        raise ZeroDivisionError("a bug")

    ways = {world.message([], channel="status").topic: Route(("h1", "watch"), broken)}
    monkeypatch.setattr(codecs, "_routes", ways)
    await world.take(
        world.message(pulse(60, T0)), world.message({}, channel="status"), world.message(pulse(61, T0 + 1))
    )
    assert world.rows("SELECT count(*) FROM reading") == [(2,)]
    assert world.rows("SELECT reason FROM quarantine") == [("codec_failed",)]
    assert len(world.source.acknowledged) == 3


async def test_a_call_for_help_where_nobody_lives_is_kept_until_somebody_does(world: World) -> None:
    world.execute("UPDATE device SET resident_id = NULL; DELETE FROM resident")
    await world.start()
    press = world.message(sos(T0), device="button", channel="event")
    await world.take(press, world.message(pulse(60, T0)))
    assert world.rows("SELECT reason FROM quarantine") == [("unassigned",)]
    assert world.rows("SELECT metric FROM reading") == [(1,)]

    world.execute("INSERT INTO resident (household_id, name) SELECT id, '李桂兰' FROM household")
    await world.start()
    await world.take(Message(topic=press.topic, payload=press.payload, arrival=press.arrival + SECOND, packet_id=77))
    assert world.rows("SELECT kind FROM alert") == [("sos",)]


async def test_a_city_that_falls_silent_does_not_hold_up_a_call_for_help(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes, share = 20, 8
    monkeypatch.setattr(waiting, "SHARE", share)
    for number in range(homes):
        add_home(world.url, f"city{number}", [("hall", "motion", 60)])
    world.settings = Settings(database_url=world.url, ingest_snapshot_seconds=1e-6)
    await world.start()
    await world.pipeline.step()
    snapshot = "SELECT md5(string_agg(state, ''::bytea ORDER BY detector)) FROM detector_snapshot"
    before = world.rows(snapshot)
    # Ten minutes later all are silent; the button is pressed while that is being told.
    world.clock.advance(600 * SECOND)
    silent = "SELECT count(*) FROM alert WHERE kind IN ('device_silent', 'home_silent')"
    await until(world, lambda: world.rows(silent) != [(0,)])
    [(told,)] = world.rows(silent)
    assert told == share
    await world.take(world.message(sos(world.clock.micros()), device="button", channel="event"))
    assert world.rows("SELECT kind FROM alert WHERE kind = 'sos'") == [("sos",)]
    [(later,)] = world.rows(silent)
    assert later == 2 * share
    assert world.rows(snapshot) == before, "a snapshot must not claim what is not raised yet"
    # A crash now loses nothing: the older snapshot finds them again.
    await world.start()
    world.pipeline._next_tick = 0.0
    await until(world, lambda: world.rows(silent) == [(homes,)])
    await until(world, lambda: world.rows(snapshot) != before)


async def until(world: World, done: Callable[[], bool]) -> None:
    """Steps, each with a tick."""
    for _ in range(20):
        if done():
            return
        world.clock.advance(2 * SECOND)
        world.pipeline._next_tick = 0.0
        await world.pipeline.step()
    raise AssertionError("did not come about")


async def test_what_a_device_said_last_is_kept_beside_the_readings(world: World) -> None:
    def watch(worn: bool, time: int) -> list[dict[str, object]]:
        return [{"n": "worn", "vb": worn, "t": time / SECOND}, {"n": "battery", "v": 60, "t": time / SECOND}]

    state = "SELECT device, battery, worn, worn_at, worn_since, heard_at FROM device_state"
    first = world.message(watch(True, T0))
    await world.take(first)
    for second in (2, 3):
        await world.take(world.message(watch(False, T0 + second * SECOND)))
    # Older than what is known, and late: it changes nothing.
    await world.take(world.message(watch(True, T0 + SECOND)))
    [(device, battery, worn, worn_at, worn_since, heard_at)] = world.rows(state)
    assert (device, battery, worn) == (world.home.devices["watch"], 60.0, False)
    assert worn_at == worn_since == to_datetime(T0 + 2 * SECOND), "since when, not when it said so last"
    assert heard_at == to_datetime(first.arrival), "to the minute"
    # A worker that starts again knows nothing of what was written, and changes none of it.
    await world.start()
    await world.take(world.message(watch(False, T0 + 9 * SECOND)))
    [(_, _, worn, worn_at, worn_since, heard_at)] = world.rows(state)
    assert (worn, worn_at, worn_since) == (False, to_datetime(T0 + 9 * SECOND), to_datetime(T0 + 2 * SECOND))
    assert heard_at == to_datetime(world.clock.micros())
