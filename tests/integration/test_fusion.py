"""Evidence of the home on an open incident, against PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts import service
from alerts.service import raise_findings
from core.clock import SECOND, to_micros
from core.findings import Kind, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from storage import evidence, incidents, readings
from storage.incidents import Incident
from storage.pool import Connection
from tests.support.alarm_world import NOON, World, build, connection_to, finding
from tests.support.centre import open_centre


@pytest.fixture
async def connection(shared_database: str) -> AsyncIterator[Connection]:
    async with connection_to(shared_database) as connection:
        yield connection
        await connection.rollback()


@pytest.fixture
async def world(connection: Connection) -> World:
    return await build(connection)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def say(connection: Connection, world: World, *rows: tuple[float, str, float]) -> None:
    """Readings by the wearable: seconds after noon, metric, value."""
    times = [to_micros(after(seconds)) for seconds, _, _ in rows]
    batch = ReadingBatch.from_columns(
        device=[world.wearable] * len(rows), resident=[world.resident] * len(rows),
        metric=[metric_id(metric) for _, metric, _ in rows], time=times, value=[value for _, _, value in rows],
        arrival=times,
    )  # fmt: skip
    await readings.write(connection, Intake.of(batch))


async def look(connection: Connection, seconds: float) -> list[str]:
    """One look, as the dispatcher does. Returns the reasons of what changed."""
    said = []
    for fall in await evidence.open_falls(connection, after(seconds) - timedelta(hours=1)):
        event = await service.weigh_evidence(connection, fall, after(seconds))
        said += [event.detail["reason"]] if event else []
    return said


async def live(connection: Connection, world: World) -> Incident:
    incident = await incidents.lock_live(connection, world.resident, "emergency")
    assert incident is not None
    return incident


async def test_in_bed_lowers_once_and_leaves_timer_and_state(connection: Connection, world: World) -> None:
    await raise_findings(connection, [finding(world, Kind.FALL, severity=Severity.CRITICAL)], NOON)
    before = await live(connection, world)
    timers = await incidents.timers_of(connection, before.id)
    await say(connection, world, (180, "bed_occupied", 1.0))
    assert await look(connection, 170) == []
    assert await look(connection, 185) == ["fusion-in-bed"]
    assert await look(connection, 200) == []
    incident = await live(connection, world)
    assert (incident.state, incident.severity, incident.kind) == ("open", Severity.HIGH, "fall")
    assert await incidents.timers_of(connection, before.id) == timers
    adjusted = (await incidents.events_of(connection, before.id))[-1]
    assert (adjusted.event, adjusted.actor) == ("adjust", "fusion")
    assert (adjusted.detail["from"], adjusted.detail["to"]) == (5, 4)
    assert "in bed 3 minutes" in adjusted.detail["text"]["en"]
    assert "3 分钟" in adjusted.detail["text"]["zh-CN"]
    # What is worse counts as ever.
    await raise_findings(connection, [finding(world, Kind.LONG_LIE, severity=Severity.CRITICAL)], after(700))
    assert (await live(connection, world)).severity == Severity.CRITICAL


async def test_stillness_with_a_racing_heart_raises_and_the_next_people_are_told(
    connection: Connection, world: World
) -> None:
    await raise_findings(connection, [finding(world, Kind.FALL, severity=Severity.HIGH)], NOON)
    incident = await live(connection, world)
    await service.carry_out_due(connection, incident, NOON)
    [timer] = await incidents.timers_of(connection, incident.id)
    await incidents.set_timer(connection, incidents.Timer(incident.id, timer.kind, after(900), timer.step, timer.round))
    await say(connection, world, (120, "heart_rate", 140.0), (240, "heart_rate", 138.0))
    assert await look(connection, 299) == []
    assert await look(connection, 300) == ["fusion-still-abnormal-heart"]
    assert (await live(connection, world)).severity == Severity.CRITICAL
    [timer] = await incidents.timers_of(connection, incident.id)
    assert timer.due_at == after(300)
    # Moving later lowers it again, by one.
    await say(connection, world, (400, "bed_occupied", 1.0))
    assert await look(connection, 401) == ["fusion-in-bed"]
    assert (await live(connection, world)).severity == Severity.HIGH


async def test_an_sos_is_never_lowered_nor_a_countdown_touched(connection: Connection, world: World) -> None:
    await raise_findings(connection, [finding(world, Kind.FALL, countdown=600)], NOON)
    await say(connection, world, (180, "bed_occupied", 1.0))
    assert await look(connection, 185) == []
    await raise_findings(connection, [finding(world)], after(190))
    assert await look(connection, 200) == []
    assert (await live(connection, world)).severity == Severity.CRITICAL


async def test_what_is_cleared_closed_or_an_hour_old_is_left_alone(connection: Connection, world: World) -> None:
    fall = finding(world, Kind.FALL)
    await raise_findings(connection, [fall], NOON)
    await say(connection, world, (180, "bed_occupied", 1.0))
    assert await look(connection, 3601) == []
    await raise_findings(connection, [finding(world, Kind.FALL, clears=True)], after(190))
    assert await look(connection, 200) == []


async def test_walking_again_by_the_wearable_lowers_once_and_closes_nothing(
    connection: Connection, world: World
) -> None:
    fall = finding(world, Kind.FALL, severity=Severity.CRITICAL, countdown=90)
    walks = replace(fall, reason="fall-walking-again", evidence={"minutes": 2}, severity=Severity.INFO, eases=True)
    assert await raise_findings(connection, [walks], NOON) == []
    assert await incidents.lock_live(connection, world.resident, "emergency") is None, "it raises nothing by itself"
    await raise_findings(connection, [fall], NOON)
    await raise_findings(connection, [walks], after(80))
    pending = await live(connection, world)
    assert (pending.state, pending.severity) == ("pending", Severity.CRITICAL), "while the countdown runs"
    await raise_findings(connection, [finding(world, Kind.FALL, severity=Severity.HIGH, episode="flag")], after(100))
    for minutes in (3, 4):
        await raise_findings(connection, [replace(walks, evidence={"minutes": minutes})], after(60 * minutes))
    incident = await live(connection, world)
    assert (incident.state, incident.severity) == ("open", Severity.HIGH)
    adjusted = [e for e in await incidents.events_of(connection, incident.id) if e.event == "adjust"]
    assert [(e.actor, e.detail["from"], e.detail["to"]) for e in adjusted] == [("detector:fall", 5, 4)]
    assert "walking" in adjusted[0].detail["text"]["en"]
    assert "3 分钟" in adjusted[0].detail["text"]["zh-CN"]
    await say(connection, world, (300, "bed_occupied", 1.0))
    assert await look(connection, 310) == [], "other sensors do not lower it again"


async def test_the_dispatcher_asks_the_home(database: str) -> None:
    async with open_centre(database) as centre:
        await centre.raise_(finding(centre.world, Kind.FALL))
        async with centre.transaction() as connection:
            await say(connection, centre.world, (180, "bed_occupied", 1.0))
        centre.clock.advance(200 * SECOND)
        assert [await centre.dispatcher.weigh_evidence() for _ in range(2)] == [1, 0]
