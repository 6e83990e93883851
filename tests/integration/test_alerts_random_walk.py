"""Whatever people, detectors and time do to an incident, in any order: the auditor finds nothing wrong after it.

Each walk runs in one transaction that is rolled back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import auditor, service
from alerts.lifecycle import CallOutcome, ClosureCode, IllegalEvent
from alerts.service import Conflict, NotNow
from core.findings import Kind, Queue
from storage import deliveries, incidents
from storage.pool import Connection
from tests.support.alarm_world import NOON, World, build, connection_to, finding

Act = Callable[[Connection, World, int, timedelta], Awaitable[object]]


def by(number: int, world: World) -> int:
    return (world.responder, world.colleague, world.supervisor)[number % 3]


async def raise_(connection: Connection, world: World, number: int, at: timedelta) -> object:
    kind = (Kind.SOS, Kind.FALL, Kind.VITALS, Kind.BATTERY_LOW)[number % 4]
    queue = (Queue.EMERGENCY, Queue.EMERGENCY, Queue.CARE, Queue.MAINTENANCE)[number % 4]
    found = finding(
        world, kind, queue=queue, episode=str(number // 8), countdown=20 if kind is Kind.FALL else 0,
        clears=number % 8 >= 4, at=NOON + at,
    )  # fmt: skip
    return await service.raise_findings(connection, [found], NOON + at)


async def timers(connection: Connection, world: World, number: int, at: timedelta) -> object:
    done = 0
    while (incident := await incidents.lock_due(connection, NOON + at)) is not None and done < 50:
        await service.carry_out_due(connection, incident, NOON + at)
        done += 1
    return done


async def confirm(connection: Connection, world: World, number: int, at: timedelta) -> object:
    told = await deliveries.of_incident(connection, await newest(connection))
    return await service.confirm_delivery(connection, told[number % len(told)].id, NOON + at) if told else None


async def newest(connection: Connection) -> int:
    row = await (await connection.execute("SELECT max(id) FROM incident")).fetchone()
    return int(row[0] or 0) if row else 0


ACTS: dict[str, Act] = {
    "raise": raise_,
    "timers": timers,
    "confirm": confirm,
    "claim": lambda c, w, n, at: _on(c, lambda i: service.claim(c, i, by(n, w), NOON + at)),
    "release": lambda c, w, n, at: _on(c, lambda i: service.release(c, i, by(n, w), NOON + at)),
    "contact": lambda c, w, n, at: _on(c, lambda i: service.contact(c, i, by(n, w), NOON + at, CallOutcome.ANSWERED)),
    "dispatch": lambda c, w, n, at: _on(
        c, lambda i: service.dispatch(c, i, by(n, w), NOON + at, "team", supervisor=n % 2 == 0)
    ),
    "arrive": lambda c, w, n, at: _on(c, lambda i: service.arrive(c, i, by(n, w), NOON + at)),
    "close": lambda c, w, n, at: _on(c, lambda i: service.close(c, i, by(n, w), NOON + at, ClosureCode.TEST)),
    "call": lambda c, w, n, at: _on(
        c, lambda i: service.contact(c, i, by(n, w), NOON + at, list(CallOutcome)[1 + n % 5], supervisor=n % 2 == 0)
    ),
    "hand over": lambda c, w, n, at: _on(
        c, lambda i: service.hand_over(c, i, by(n, w), NOON + at, by(n // 3, w), supervisor=n % 2 == 0)
    ),
    "reopen": lambda c, w, n, at: _any(c, n, lambda i: service.reopen(c, i, by(n, w), NOON + at)),
    "merge": lambda c, w, n, at: _two(
        c, n, lambda i, into: service.merge(c, i, by(n, w), NOON + at, into, supervisor=n % 2 == 0)
    ),
    "note": lambda c, w, n, at: _on(c, lambda i: service.note(c, i, by(n, w), NOON + at, "note")),
}


async def _on(connection: Connection, act: Callable[[int], Awaitable[object]]) -> object:
    number = await newest(connection)
    return await act(number) if number else None


async def _any(connection: Connection, number: int, act: Callable[[int], Awaitable[object]]) -> object:
    """On any incident, over or not."""
    ids = await _ids(connection)
    return await act(ids[number % len(ids)]) if ids else None


async def _two(connection: Connection, number: int, act: Callable[[int, int], Awaitable[object]]) -> object:
    ids = await _ids(connection)
    return await act(ids[number % len(ids)], ids[number // len(ids) % len(ids)]) if ids else None


async def _ids(connection: Connection) -> list[int]:
    rows = await (await connection.execute("SELECT id FROM incident ORDER BY id DESC LIMIT 4")).fetchall()
    return [int(row[0]) for row in rows]


WALKS = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 31), st.sampled_from([1, 15, 70, 320, 4000])),
    min_size=1,
    max_size=25,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 3), min_size=1, max_size=2), WALKS)
def test_nothing_is_ever_left(shared_database: str, first: list[int], walk: list[tuple[str, int, int]]) -> None:
    asyncio.run(_walk(shared_database, [("raise", number, 1) for number in first] + walk))


async def _walk(url: str, walk: list[tuple[str, int, int]]) -> None:
    async with connection_to(url) as connection:
        world = await build(connection)
        at = timedelta()
        for name, number, seconds in walk:
            at += timedelta(seconds=seconds)
            # A dispatcher runs: whatever has come due by now has been done.
            await timers(connection, world, 0, at)
            before = await _everything(connection)
            try:
                async with connection.transaction():
                    await ACTS[name](connection, world, number, at)
            except (IllegalEvent, Conflict, NotNow):
                assert await _everything(connection) == before
            await timers(connection, world, 0, at)
            report = await auditor.look(connection, NOON + at, timedelta(0))
            wrong = [v for v in report.violations if v.rule is not auditor.Rule.OUTBOX_STUCK]
            assert wrong == [], (name, number)
        await connection.rollback()


async def _everything(connection: Connection) -> list[object]:
    found: list[object] = []
    for table in ("incident", "alert", "incident_event", "incident_merge", "timer", "delivery", "outbox"):
        cursor = await connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode())
        found.append(await cursor.fetchall())
    return found
