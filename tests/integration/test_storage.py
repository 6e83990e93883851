"""What is written, what of it is written twice, and what is known afterwards."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from alerts import service
from core.care import CarePlan
from core.clock import SECOND, to_datetime
from core.metrics import metric_id
from core.readings import NO_TIME, Intake, ReadingBatch
from core.settings import Settings
from ingest.seen import Seen
from storage import directory, incidents, ingest_state
from storage import readings as store
from storage.errors import Refused
from storage.ingest_state import Quarantined, Receipt
from storage.pool import Connection, open_pool
from tests.support import alarm_world
from tests.support.homes import add_home
from tests.support.rows import T0, position, readings, waveform

PULSE, SPO2 = metric_id("heart_rate"), metric_id("spo2")


@pytest.fixture
async def connection(database: str) -> AsyncIterator[Connection]:
    async with open_pool(Settings(database_url=database)) as pool, pool.connection() as one:
        yield one


async def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return await (await connection.execute(query)).fetchall()


async def write(connection: Connection, intake: Intake) -> None:
    async with connection.transaction():
        await store.write(connection, intake)


async def test_readings_come_back_as_they_were_written(connection: Connection) -> None:
    batch = readings(
        [(1, PULSE, T0 + 123_456, 61.25), (2, SPO2, T0 - 1, 97.0)], arrival=T0 + 5, sent=[NO_TIME, T0 + 10**12]
    )
    await write(connection, Intake.of(batch))
    assert await rows(connection, "SELECT device, metric, time, value, arrival, sent FROM reading ORDER BY device") == [
        (1, PULSE, to_datetime(T0 + 123_456), 61.25, to_datetime(T0 + 5), None),
        (2, SPO2, to_datetime(T0 - 1), 97.0, to_datetime(T0 + 6), to_datetime(T0 + 10**12)),
    ]


async def test_what_is_there_already_stays_and_its_neighbours_are_written(connection: Connection) -> None:
    await write(connection, Intake.of(readings([(1, PULSE, T0, 60.0)]), position(1, T0), [waveform(1, T0)]))
    again = Intake.of(readings([(1, PULSE, T0, 99.0), (1, PULSE, T0 + 1, 61.0)]), position(1, T0), [waveform(1, T0)])
    await write(connection, again)
    await write(connection, again)
    assert await rows(connection, "SELECT value FROM reading ORDER BY time") == [(60.0,), (61.0,)]
    assert await rows(connection, "SELECT count(*) FROM position") == [(1,)]
    assert await rows(connection, "SELECT count(*) FROM waveform") == [(1,)]


async def test_two_clashing_batches_in_one_transaction(connection: Connection) -> None:
    await write(connection, Intake.of(readings([(1, PULSE, T0, 60.0)])))
    async with connection.transaction():
        for value in (61.0, 62.0):
            clash = readings([(1, PULSE, T0, value), (1, PULSE, T0 + int(value), value)])
            await store.write(connection, Intake.of(clash))
    assert await rows(connection, "SELECT value FROM reading ORDER BY time") == [(60.0,), (61.0,), (62.0,)]


async def test_a_refused_row_leaves_the_transaction_usable(connection: Connection) -> None:
    beyond = position(1, T0, latitude=91.0)
    async with connection.transaction():
        with pytest.raises(Refused):
            await store.write(connection, Intake.of(readings([(1, PULSE, T0, 60.0)]), beyond))
        await store.write(connection, Intake.of(readings([(1, PULSE, T0 + 1, 61.0)])))
    assert await rows(connection, "SELECT value FROM reading") == [(61.0,)]


async def test_stored_readings_are_known_by_the_time_the_device_gave(connection: Connection) -> None:
    batch = readings([(1, PULSE, T0, 60.0), (1, SPO2, T0, 97.0)], sent=[NO_TIME, T0 + 10**12])
    await write(connection, Intake.of(batch))
    later = replace(batch, time=batch.time + np.array([0, 5]), arrival=batch.arrival + 5)
    other = replace(batch, device=batch.device + 1)
    assert (await store.stored_readings(connection, later)).tolist() == [True, True]
    assert (await store.stored_readings(connection, other)).tolist() == [False, False]
    assert (await store.newest(connection, np.array([1, 1, 2]), np.array([PULSE, 5, PULSE]))).tolist() == [
        T0,
        NO_TIME,
        NO_TIME,
    ]


def as_set(batch: ReadingBatch) -> set[tuple[int, int, int]]:
    return set(zip(batch.device.tolist(), batch.metric.tolist(), batch.time.tolist(), strict=True))


async def test_only_new_rows_pass_whatever_comes_twice_late_or_after_a_restart(connection: Connection) -> None:
    first = readings([(1, PULSE, T0 + 10, 60.0), (1, PULSE, T0 + 30, 61.0)])
    before_the_restart = Seen()
    passed = await before_the_restart.only_new(connection, Intake.of(first))
    assert as_set(passed.readings) == as_set(first)
    await write(connection, passed)
    before_the_restart.remember(passed.readings)

    mixed = readings(
        [
            (1, PULSE, T0 + 10, 60.0),  # redelivered
            (1, PULSE, T0 + 20, 62.0),  # late, between two that are stored
            (1, PULSE, T0 + 40, 63.0),  # new
            (1, PULSE, T0 + 40, 64.0),  # the same again within the batch: the first counts
            (2, PULSE, T0 + 10, 65.0),  # a device not met before
        ]
    )
    wanted = {(1, PULSE, T0 + 20), (1, PULSE, T0 + 40), (2, PULSE, T0 + 10)}
    for seen in (before_the_restart, Seen()):
        passed = await seen.only_new(connection, Intake.of(mixed))
        assert as_set(passed.readings) == wanted
        assert 64.0 not in passed.readings.value
    await write(connection, passed)
    before_the_restart.remember(passed.readings)
    for seen in (before_the_restart, Seen()):
        assert not len(await seen.only_new(connection, Intake.of(mixed)))


async def test_positions_and_waveforms_pass_once(connection: Connection) -> None:
    intake = Intake.of(positions=position(1, T0), waveforms=[waveform(1, T0), waveform(1, T0)])
    passed = await Seen().only_new(connection, intake)
    assert (len(passed.positions), len(passed.waveforms)) == (1, 1)
    await write(connection, passed)
    assert not len(await Seen().only_new(connection, intake))


async def test_what_arrived_comes_back_in_slices_and_only_from_the_span(connection: Connection) -> None:
    hour = 3600 * SECOND
    for arrival in (T0, T0 + 1, T0 + hour, T0 + 2 * hour):
        await write(connection, Intake.of(readings([(1, PULSE, arrival, 60.0)], arrival=arrival)))
    await write(connection, Intake.of(positions=position(3, T0 + hour), waveforms=[waveform(4, T0 + hour)]))
    slices = [one async for one in store.arrived(connection, T0, T0 + 2 * hour - 1)]
    assert [one.readings.arrival.tolist() for one in slices] == [[T0 + 1], [T0 + hour]]
    fix, wave = slices[1].positions, slices[1].waveforms[0]
    assert (fix.device.tolist(), np.isnan(fix.accuracy).tolist()) == ([3], [True])
    assert (wave.time, wave.rate, wave.samples.tolist()) == (T0 + hour, 50.0, waveform(4, 0).samples.tolist())


async def test_quarantine_receipts_and_snapshots_are_kept_once(connection: Connection) -> None:
    row = Quarantined(to_datetime(T0), 0, "kanhu/v1/h/d/telemetry", b"\0\xff", 2, "bad_json", "no JSON", None)
    async with connection.transaction():
        for _ in range(2):
            await ingest_state.write_quarantine(connection, "w", [row, replace(row, part=1, record="{}")])
            await ingest_state.write_receipts(connection, "w", [Receipt(5, b"a", 1), Receipt(6, b"b", 2)])
        await ingest_state.write_receipts(connection, "w", [Receipt(5, b"c", 3)])
        await ingest_state.write_snapshots(connection, "w", {"fall": (1, b"old")}, T0)
        await ingest_state.write_snapshots(connection, "w", {"fall": (2, b"new")}, T0 + 1)
    kept = await ingest_state.list_quarantine(connection)
    assert [(one.part, one.payload, one.record) for one in kept] == [(0, b"\0\xff", None), (1, b"\0\xff", "{}")]
    assert set(await ingest_state.read_receipts(connection, "w")) == {Receipt(5, b"c", 3), Receipt(6, b"b", 2)}
    assert await ingest_state.read_receipts(connection, "another") == []
    snapshot = (await ingest_state.read_snapshots(connection, "w"))["fall"]
    assert (snapshot.version, snapshot.state, snapshot.reach) == (2, b"new", T0 + 1)
    async with connection.transaction():
        await ingest_state.mark_reinjected(connection, [kept[0].id], to_datetime(T0))
    assert [one.id for one in await ingest_state.list_quarantine(connection)] == [kept[1].id]


async def test_one_wrong_care_plan_leaves_nobody_unwatched(connection: Connection, database: str) -> None:
    add_home(database, "h1", plan={"timezone": "Asia/Nowhere"})
    add_home(database, "h2", plan={"home_by": "19:30"})
    found = (await directory.load(connection)).context
    plans = {resident.household: resident.plan for resident in found.residents.values()}
    assert plans == {"h1": CarePlan(), "h2": CarePlan(home_by="19:30")}
    assert {device.household for device in found.devices.values()} == {"h1", "h2"}


async def test_columns_of_a_newer_version_do_not_stop_a_process_of_this_one(connection: Connection) -> None:
    world = await alarm_world.build(connection)
    [raised] = await service.raise_findings(connection, [alarm_world.finding(world)], alarm_world.NOON)
    for table in ("incident", "alert", "incident_event", "timer"):
        await connection.execute(f"ALTER TABLE {table} ADD COLUMN of_tomorrow int DEFAULT 1".encode())
    await service.claim(connection, raised.incident_id, world.responder, alarm_world.NOON)
    found = await incidents.get(connection, raised.incident_id)
    assert found is not None
    assert found.state == "claimed"
    assert len(await incidents.alerts_of(connection, raised.incident_id)) == 1
