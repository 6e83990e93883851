"""What the simulator asks the database is what is there."""

from datetime import timedelta

import psycopg
import pytest

from cli.sim import read_outcomes
from core.clock import SECOND, to_datetime
from core.metrics import metric_id
from core.settings import Settings
from device_sim.homes import make_roster
from storage import pool, simulation
from storage.simulation import Sent
from tests.support.homes import Home, add_home

NOW = to_datetime(1_772_497_800_000_000)


@pytest.fixture
def home(database: str) -> Home:
    return add_home(database, "h001")


@pytest.fixture
def settings(database: str) -> Settings:
    return Settings(database_url=database)


def sent(seconds: int, device: str = "watch") -> Sent:
    return Sent("h001", device, NOW + timedelta(seconds=seconds))


def write(url: str, statement: str, *given: object) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement, given).fetchone()
    assert row is not None
    return int(row[0])


def add_reading(url: str, device: int, metric: str, seconds: int) -> None:
    write(
        url,
        "INSERT INTO reading (device, metric, time, value, arrival) VALUES (%s, %s, %s, 1, %s) RETURNING device",
        device,
        metric_id(metric),
        NOW + timedelta(seconds=seconds),
        NOW,
    )


def add_alert(url: str, home: Home, kind: str, seconds: int, state: str = "open") -> int:
    at = NOW + timedelta(seconds=seconds)
    incident = write(
        url,
        "INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, opened_at, ended_at,"
        " policy) VALUES (%s, 'emergency', %s::incident_state, 5, %s, %s, %s, %s, %s, '{}') RETURNING id",
        home.resident,
        state,
        kind,
        at,
        at,
        None if state == "cancelled" else at + timedelta(seconds=2),
        at + timedelta(seconds=9) if state == "cancelled" else None,
    )
    return write(
        url,
        "INSERT INTO alert (dedup_key, incident_id, resident_id, device_id, kind, queue, severity, event_time,"
        " raised_at, detector, version, reason, evidence)"
        " VALUES (%s, %s, %s, %s, %s, 'emergency', 5, %s, %s, 'x', 1, 'x', '{}') RETURNING incident_id",
        f"{kind}:{seconds}",
        incident,
        home.resident,
        home.devices["watch"],
        kind,
        at,
        at + timedelta(seconds=1),
    )


async def test_committed_messages_are_found_by_device_and_time(database: str, settings: Settings, home: Home) -> None:
    for seconds in (0, 1):
        add_reading(database, home.devices["watch"], "heart_rate", seconds)
    add_reading(database, home.devices["watch"], "spo2", 2)
    asked = [sent(1), sent(0), sent(2), sent(3), sent(0, "other")]
    async with await pool.connect(settings) as connection:
        found = await simulation.committed(connection, asked, metric_id("heart_rate"))
    assert sorted(found, key=lambda s: s.time) == [sent(0), sent(1)]


async def test_alerted_calls_are_found_once(database: str, settings: Settings, home: Home) -> None:
    add_alert(database, home, "sos", 5)
    async with await pool.connect(settings) as connection:
        assert await simulation.alerted(connection, [sent(4), sent(5)]) == [sent(5)]


async def test_counts_are_of_the_asked_households_metrics_and_times(
    database: str, settings: Settings, home: Home
) -> None:
    other = add_home(database, "h002")
    for seconds in range(10):
        add_reading(database, home.devices["watch"], "heart_rate", seconds)
    add_reading(database, home.devices["watch"], "worn", 3)
    add_reading(database, other.devices["watch"], "heart_rate", 3)
    add_alert(database, home, "sos", 3)
    first, last = NOW + timedelta(seconds=2), NOW + timedelta(seconds=5)
    async with await pool.connect(settings) as connection:
        readings = await simulation.count_readings(connection, ["h001"], [metric_id("heart_rate")], first, last)
        assert readings == 4
        assert await simulation.count_sos(connection, ["h001"], first, last) == 1
        assert await simulation.count_sos(connection, ["h002"], first, last) == 0


async def test_outcomes_tell_of_queue_and_cancelling(database: str, settings: Settings, home: Home) -> None:
    cancelled = add_alert(database, home, "fall", 10, "cancelled")
    opened = add_alert(database, home, "sos", 20)
    async with await pool.connect(settings) as connection:
        first, second = await read_outcomes(connection, make_roster(1, 1), 1_772_497_800_000_000 + 11 * SECOND)
    assert (first.incident, first.kind, first.cancelled, first.queued) == (cancelled, "fall", True, None)
    assert (second.incident, second.kind, second.cancelled) == (opened, "sos", False)
    assert second.queued == 1_772_497_800_000_000 + 22 * SECOND
    assert (second.household, second.resident) == ("h001", "王秀英")
