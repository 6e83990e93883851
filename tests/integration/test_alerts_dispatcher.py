"""The dispatcher's loops, leases and shutdown against PostgreSQL and an MQTT broker."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from alerts import auditor, service
from alerts.delivering import Desk, Outcome
from alerts.dispatcher import Dispatcher
from alerts.lifecycle import CallOutcome, ClosureCode
from alerts.notify.base import Message, Permanent, Temporary
from core.findings import Kind, Queue, Severity
from core.settings import read
from storage import deliveries, incidents, outbox
from storage.errors import Refused
from tests.support.alarm_world import NOON, SECRET, finding
from tests.support.centre import Centre, open_centre


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


@asynccontextmanager
async def running(centre: Centre, database: str, desk: Desk) -> AsyncIterator[Dispatcher]:
    """A dispatcher with all its loops; it has ended in order at the end."""
    settings = read({"KANHU_DATABASE_URL": database})
    dispatcher = Dispatcher(centre.pool, desk, now=lambda: centre.now, speed=1.0, poll_seconds=60.0)
    stop = asyncio.Event()
    task = asyncio.create_task(dispatcher.run(settings, stop))
    try:
        yield dispatcher
    finally:
        stop.set()
        await task


def desk_of(centre: Centre, channel: object) -> Desk:
    async def publish(topic: str, payload: bytes) -> None:
        centre.commands.append((topic, payload))

    return Desk(
        pool=centre.pool,
        channels={"log": channel, "webhook": channel},  # type: ignore[dict-item]
        publish=publish,
        public_url="https://kanhu.example",
        secret="0" * 32,
        link_life=timedelta(hours=1),
        now=lambda: centre.now,
        jitter=lambda: 0.5,
    )


class Inbox:
    """A channel whose messages can be awaited; `slow` addresses wait for `go`."""

    def __init__(self, slow: frozenset[str] = frozenset()) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue()
        self.slow = slow
        self.go = asyncio.Event()
        self.waiting: asyncio.Queue[str] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        if message.address in self.slow:
            self.waiting.put_nowait(message.address)
            await self.go.wait()
        self.messages.put_nowait(message)


async def test_an_sos_reaches_people_as_soon_as_it_is_committed(centre: Centre, database: str) -> None:
    inbox = Inbox()
    async with running(centre, database, desk_of(centre, inbox)):
        # Its loops look by themselves once a minute only: what comes within seconds comes by the notification.
        await centre.raise_(finding(centre.world))
        async with asyncio.timeout(10):
            got = {(await inbox.messages.get()).address for _ in range(3)}
    assert got == {"lan", "ming", "daughter-1"}
    assert [json.loads(payload)["command"] for _, payload in centre.commands] == ["locate-now"]


async def test_what_a_dead_dispatcher_held_is_taken_over_with_the_same_message(centre: Centre) -> None:
    await centre.raise_(finding(centre.world))
    assert await centre.dispatcher.next_timer()
    first = await centre.dispatcher.work()
    assert await centre.dispatcher.work() == []
    centre.clock.advance(59_000_000)
    assert await centre.dispatcher.work() == []
    centre.clock.advance(1_000_000)
    again = await centre.dispatcher.work()
    assert [w.id for w in again] == [w.id for w in first]
    assert [w.attempts for w in again] == [w.attempts + 1 for w in first]
    for work in again:
        assert (await centre.dispatcher.do(work)).outcome is Outcome.DONE
    # The dead one was only slow: what it says now counts no more.
    sent = len(centre.channel.sent)
    for work in first:
        assert (await centre.dispatcher.do(work)).outcome in (Outcome.NOT_NEEDED, Outcome.DONE)
    assert len(centre.channel.sent) == sent
    async with centre.transaction() as connection:
        left = await outbox.lease(connection, centre.now + timedelta(days=1), centre.now, limit=9, max_priority=9)
    # The daughter has another channel: whether hers has delivered is looked at once more.
    assert [w.topic for w in left] == ["failover"]


async def test_of_two_dispatchers_each_row_goes_to_one(centre: Centre) -> None:
    await centre.raise_(finding(centre.world))
    await centre.dispatcher.next_timer()
    taken = await asyncio.gather(centre.dispatcher.work(2), centre.dispatcher.work(2))
    ids = [w.id for some in taken for w in some]
    assert len(ids) == len(set(ids)) == 4


async def test_one_timer_is_carried_out_by_one_dispatcher(centre: Centre) -> None:
    await centre.raise_(finding(centre.world))
    assert sorted(await asyncio.gather(*(centre.dispatcher.next_timer() for _ in range(4)))) == [
        False, False, False, True,
    ]  # fmt: skip


async def test_slow_care_messages_leave_room_for_an_sos(centre: Centre, database: str) -> None:
    async with centre.transaction() as connection:
        for number in range(40):
            cursor = await connection.execute(
                "INSERT INTO app_user (name, display_name, password_hash, role, area_id, language)"
                " VALUES (%s, 'x', '', 'responder', %s, 'en') RETURNING id",
                (f"slow{number}", centre.world.area),
            )
            row = await cursor.fetchone()
            assert row is not None
            await connection.execute(
                "INSERT INTO channel (user_id, kind, address) VALUES (%s, 'log', 'slow')", (row[0],)
            )
    inbox = Inbox(slow=frozenset({"slow"}))
    async with running(centre, database, desk_of(centre, inbox)):
        await centre.raise_(finding(centre.world, Kind.VITALS, queue=Queue.CARE, resident=centre.world.neighbour))
        async with asyncio.timeout(20):
            for _ in range(20):
                await inbox.waiting.get()
            while not inbox.messages.empty():
                inbox.messages.get_nowait()
            async with centre.transaction() as connection:
                await connection.execute("UPDATE app_user SET disabled_at = %s WHERE name LIKE 'slow%%'", (NOON,))
            await centre.raise_(finding(centre.world))
            got: set[str] = set()
            while not {"lan", "ming", "daughter-1"} <= got:
                got.add((await inbox.messages.get()).address)
        assert not inbox.go.is_set()
        inbox.go.set()


async def test_stopping_lets_what_is_being_sent_come_to_its_end(centre: Centre, database: str) -> None:
    inbox = Inbox(slow=frozenset({"lan", "ming", "daughter-1"}))
    async with running(centre, database, desk_of(centre, inbox)):
        [raised] = await centre.raise_(finding(centre.world))
        async with asyncio.timeout(10):
            for _ in range(3):
                await inbox.waiting.get()
        asyncio.get_running_loop().call_later(0.2, inbox.go.set)
    async with centre.transaction() as connection:
        states = [d.state for d in await deliveries.of_incident(connection, raised.incident_id)]
    assert states == ["sent", "sent", "sent"]


async def test_a_task_that_dies_stops_the_process(
    centre: Centre, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(service, "carry_out_due", broken)
    await centre.raise_(finding(centre.world))
    settings = read({"KANHU_DATABASE_URL": database})
    dispatcher = Dispatcher(
        centre.pool, desk_of(centre, centre.channel), now=lambda: centre.now, speed=1.0, poll_seconds=60.0
    )
    with pytest.raises(ExceptionGroup) as raised:
        await asyncio.wait_for(dispatcher.run(settings, asyncio.Event()), 20)
    assert raised.value.subgroup(ZeroDivisionError) is not None


async def test_a_lost_cancellation_does_not_keep_the_process_alive(
    centre: Centre, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = asyncio.Event()

    async def losing(*_: object, **__: object) -> list[outbox.Work]:
        waits.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return []
        raise AssertionError

    monkeypatch.setattr(outbox, "lease", losing)
    async with asyncio.timeout(20), running(centre, database, desk_of(centre, Inbox())):
        await waits.wait()


async def test_a_row_that_kills_whoever_does_it_is_given_up_in_the_end(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.dispatcher.next_timer()
    async with centre.transaction() as connection:
        await connection.execute("UPDATE outbox SET attempts = 20 WHERE topic = 'delivery'")
    await centre.settle()
    async with centre.transaction() as connection:
        told = await deliveries.of_incident(connection, raised.incident_id)
        events = [e.event for e in await incidents.events_of(connection, raised.incident_id)]
    # The daughter has another channel; the responders have none.
    assert [d.state for d in told] == ["failed", "failed", "failed", "sent"]
    assert events.count("unreachable") == 2


async def test_a_message_about_what_has_ended_is_not_sent(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.dispatcher.next_timer()
    async with centre.transaction() as connection:
        await service.claim(connection, raised.incident_id, centre.world.responder, centre.now)
        await service.close(connection, raised.incident_id, centre.world.responder, centre.now, ClosureCode.ACCIDENTAL)
    await centre.settle()
    assert centre.channel.sent == []
    async with centre.transaction() as connection:
        told = await deliveries.of_incident(connection, raised.incident_id)
    assert {(d.state, d.error) for d in told} == {("failed", "the incident ended before it was sent")}


async def test_an_incident_that_the_database_refuses_to_have_handled_does_not_hold_up_the_others(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = await centre.raise_(
        finding(centre.world), finding(centre.world, Kind.FALL, resident=centre.world.neighbour)
    )
    carry_out = service.carry_out_due

    async def refusing(connection: object, incident: incidents.Incident, now: object) -> object:
        if incident.id == bad.incident_id:
            raise Refused("smallint out of range")
        return await carry_out(connection, incident, now)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "carry_out_due", refusing)
    assert await centre.dispatcher.next_timer()
    assert await centre.dispatcher.next_timer()
    assert not await centre.dispatcher.next_timer()
    async with centre.transaction() as connection:
        assert "escalate" in [e.event for e in await incidents.events_of(connection, good.incident_id)]
        assert "escalate" not in [e.event for e in await incidents.events_of(connection, bad.incident_id)]


async def test_integrators_of_the_area_hear_of_each_state_and_nothing_private(centre: Centre) -> None:
    async with centre.transaction() as connection:
        for area in (centre.world.area, centre.world.other_area):
            await connection.execute(
                "INSERT INTO webhook (area_id, url, secret) VALUES (%s, %s, %s)",
                (area, f"https://integrator.example/{area}", SECRET),
            )
    [raised] = await centre.raise_(finding(centre.world))
    await centre.settle()
    async with centre.transaction() as connection:
        await service.claim(connection, raised.incident_id, centre.world.responder, centre.now)
        await service.contact(connection, raised.incident_id, centre.world.responder, centre.now, CallOutcome.ANSWERED)
        await service.contact(connection, raised.incident_id, centre.world.responder, centre.now, CallOutcome.ANSWERED)
    await centre.settle()
    got = [m for _, m in centre.channel.sent if m.address.startswith("https:")]
    assert {m.address for m in got} == {f"https://integrator.example/{centre.world.area}"}
    assert [m.body["type"] for m in got] == ["incident.open", "incident.claimed", "incident.contacted"]
    assert len({m.id for m in got}) == 3
    text = json.dumps([dict(m.body) for m in got], ensure_ascii=False)
    assert "王秀兰" not in text
    assert "武林路" not in text


async def test_an_integrator_that_is_gone_is_called_no_more(centre: Centre) -> None:
    async with centre.transaction() as connection:
        await connection.execute(
            "INSERT INTO webhook (area_id, url, secret) VALUES (%s, 'https://gone.example/', %s)",
            (centre.world.area, SECRET),
        )
    centre.channel.failures["https://gone.example/"] = [Temporary("answered 503"), Permanent("answered 410", gone=True)]
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(6)
    assert centre.channel.tried.count("https://gone.example/") == 2
    async with centre.transaction() as connection:
        await service.claim(connection, raised.incident_id, centre.world.responder, centre.now)
    await centre.until(3600)
    assert centre.channel.tried.count("https://gone.example/") == 2


async def test_a_command_that_comes_too_late_is_not_published(centre: Centre) -> None:
    await centre.raise_(finding(centre.world, Kind.FALL, countdown=20))
    centre.clock.advance(20_000_000)
    [work] = await centre.dispatcher.work()
    assert (await centre.dispatcher.do(work)).outcome is Outcome.FAILED
    assert centre.commands == []


async def test_the_auditor_calls_the_watchdog_only_while_nothing_is_wrong(centre: Centre, database: str) -> None:
    settings = read({"KANHU_DATABASE_URL": database, "KANHU_HEARTBEAT_URL": "https://watchdog.example/1"})
    beaten = asyncio.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        beaten.set()
        return httpx.Response(200)

    async def round_() -> None:
        task = asyncio.create_task(auditor.watch(settings, client, lambda: centre.now))
        try:
            await asyncio.wait_for(beaten.wait(), 3)
        finally:
            task.cancel()

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await round_()
        beaten.clear()
        await centre.raise_(finding(centre.world, severity=Severity.CRITICAL))
        centre.clock.advance(60_000_000)
        with pytest.raises(TimeoutError):
            await round_()
        await centre.settle()
        await round_()
