"""Handing over, calling, reopening and merging against PostgreSQL; and two people who do it at the same moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from alerts import auditor, planning, service
from alerts.lifecycle import Called, CallOutcome, ClosureCode, IllegalEvent
from alerts.precision import precisions
from alerts.service import Conflict, NotNow, raise_findings
from core.findings import Kind, Queue, Severity
from storage import deliveries, history, incidents
from storage.incidents import Incident
from storage.pool import Connection
from tests.support.alarm_world import NOON, World, build, connection_to, finding, pool_of

VITALS = {"queue": Queue.CARE, "severity": Severity.MEDIUM}


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


async def raised(connection: Connection, world: World, kind: Kind = Kind.SOS, **named: object) -> int:
    [new] = await raise_findings(connection, [finding(world, kind, **named)], NOON)  # type: ignore[arg-type]
    return new.incident_id


async def get(connection: Connection, incident_id: int) -> Incident:
    incident = await incidents.get(connection, incident_id)
    assert incident is not None
    return incident


async def due(connection: Connection, incident_id: int, now: datetime) -> list[str]:
    incident = await incidents.lock(connection, incident_id)
    assert incident is not None
    return [e.event for e in await service.carry_out_due(connection, incident, now)]


async def trail(connection: Connection, incident_id: int) -> list[str]:
    return [f"{e.actor} {e.event}" for e in await incidents.events_of(connection, incident_id)]


async def nothing_is_wrong(connection: Connection, now: datetime) -> bool:
    return (await auditor.look(connection, now, timedelta(hours=9))).violations == ()


async def told(connection: Connection, incident_id: int) -> list[tuple[int | None, int | None, int, int]]:
    found = await deliveries.of_incident(connection, incident_id)
    return [(d.user_id, d.contact_id, d.step, d.round) for d in found]


# Hand-over


async def test_a_colleague_takes_over_is_told_and_must_show_that_they_are_there(
    connection: Connection, world: World
) -> None:
    number = await raised(connection, world)
    await service.claim(connection, number, world.responder, after(10))
    await service.dispatch(connection, number, world.responder, after(20), "120")
    incident = await service.hand_over(
        connection, number, world.responder, after(600), world.colleague, "off duty", lease=timedelta(seconds=300)
    )
    assert (incident.state, incident.claimed_by, incident.claimed_at) == ("dispatched", world.colleague, after(600))
    assert incident.first_claimed_at == after(10)
    event = (await incidents.events_of(connection, number))[-1]
    assert (event.event, event.detail) == (
        "hand_over", {"from": world.responder, "to": world.colleague, "note": "off duty"},
    )  # fmt: skip
    assert (world.colleague, None, planning.HANDED, 0) in await told(connection, number)
    [timer] = await incidents.timers_of(connection, number)
    assert (timer.kind, timer.due_at) == ("lease", after(900)), "a claim's lease, not the hour of a dispatch"
    await service.claim(connection, number, world.colleague, after(610))
    [timer] = await incidents.timers_of(connection, number)
    assert timer.due_at == after(610) + timedelta(minutes=60)
    with pytest.raises(Conflict, match="Ming"):
        await service.close(connection, number, world.responder, after(620), ClosureCode.TEST)
    assert await nothing_is_wrong(connection, after(620))


async def test_a_colleague_who_does_nothing_lets_it_escalate(connection: Connection, world: World) -> None:
    number = await raised(connection, world)
    await due(connection, number, NOON)
    await service.claim(connection, number, world.responder, after(10))
    await service.hand_over(
        connection, number, world.responder, after(20), world.colleague, lease=timedelta(seconds=300)
    )
    assert await due(connection, number, after(319)) == []
    assert await due(connection, number, after(320)) == ["lapse"]
    assert await due(connection, number, after(320)) == ["escalate"]


async def test_who_has_no_working_channel_is_named(connection: Connection, world: World) -> None:
    await connection.execute("UPDATE channel SET failed_at = now() WHERE user_id = %s", (world.colleague,))
    number = await raised(connection, world)
    await service.claim(connection, number, world.responder, NOON)
    await service.hand_over(connection, number, world.responder, NOON, world.colleague)
    event = (await incidents.events_of(connection, number))[-1]
    assert (event.event, event.detail["who"]) == ("unreachable", f"user:{world.colleague}")


async def test_it_is_handed_to_nobody_who_does_not_work_there(connection: Connection, world: World) -> None:
    number = await raised(connection, world)
    await service.claim(connection, number, world.responder, NOON)
    cursor = await connection.execute("SELECT id FROM app_user WHERE name = 'far'")
    row = await cursor.fetchone()
    assert row is not None
    await connection.execute("UPDATE app_user SET disabled_at = now() WHERE id = %s", (world.colleague,))
    for receiver in (row[0], world.colleague, 10**8):
        with pytest.raises(NotNow) as refused:
            await service.hand_over(connection, number, world.responder, NOON, receiver)
        assert refused.value.code == "no-such-colleague"
    with pytest.raises(NotNow, match="already"):
        await service.hand_over(connection, number, world.responder, NOON, world.responder)
    assert (await get(connection, number)).claimed_by == world.responder


async def test_a_supervisor_takes_it_from_somebody_and_a_colleague_can_not(
    connection: Connection, world: World
) -> None:
    number = await raised(connection, world)
    with pytest.raises(IllegalEvent):
        await service.hand_over(connection, number, world.supervisor, NOON, world.supervisor, supervisor=True)
    await service.claim(connection, number, world.responder, NOON)
    with pytest.raises(Conflict):
        await service.hand_over(connection, number, world.colleague, NOON, world.colleague)
    incident = await service.hand_over(
        connection, number, world.supervisor, after(5), world.supervisor, supervisor=True
    )
    assert incident.claimed_by == world.supervisor


# Calls


@pytest.mark.parametrize("outcome", [o for o in CallOutcome if o is not CallOutcome.ANSWERED])
async def test_a_call_that_nobody_answers_is_an_attempt_and_renews_the_lease(
    connection: Connection, world: World, outcome: CallOutcome
) -> None:
    number = await raised(connection, world)
    lease = timedelta(seconds=120)
    await service.claim(connection, number, world.responder, NOON, lease=lease)
    incident = await service.contact(
        connection, number, world.responder, after(60), outcome, "rang twice",
        who=Called.CONTACT, contact_id=world.daughter, lease=lease,
    )  # fmt: skip
    assert (incident.state, incident.contacted_at) == ("claimed", None)
    event = (await incidents.events_of(connection, number))[-1]
    assert (event.event, event.detail) == (
        "call", {"outcome": outcome.value, "who": "contact", "contact": world.daughter, "note": "rang twice"},
    )  # fmt: skip
    [timer] = await incidents.timers_of(connection, number)
    assert timer.due_at == after(180)


async def test_help_that_was_sent_is_told_to_the_wearer(connection: Connection, world: World) -> None:
    number = await raised(connection, world)
    await service.claim(connection, number, world.responder, NOON)
    await service.dispatch(connection, number, world.responder, after(5), "120")
    cursor = await connection.execute("SELECT payload->'message' FROM outbox WHERE topic = 'command' ORDER BY id")
    messages = [row[0] for row in await cursor.fetchall()]
    assert [(m["command"], m.get("stage")) for m in messages] == [
        ("locate-now", None), ("incident-acknowledged", "answered"), ("incident-acknowledged", "dispatched"),
    ]  # fmt: skip
    assert messages[2]["text"] == "救援已派出，正在赶来。"


# Reopening


async def closed(connection: Connection, world: World, code: ClosureCode = ClosureCode.REASSURED) -> int:
    number = await raised(connection, world)
    await due(connection, number, NOON)
    await service.claim(connection, number, world.responder, after(10))
    await service.close(connection, number, world.responder, after(60), code, "said she was fine")
    return number


async def test_what_was_closed_too_early_is_open_again_and_everybody_is_told_again(
    connection: Connection, world: World
) -> None:
    number = await closed(connection, world)
    before = await told(connection, number)
    incident = await service.reopen(connection, number, world.colleague, after(600), "daughter rang: not fine")
    assert (incident.state, incident.claimed_by, incident.ended_at, incident.closure_code, incident.closure_note) == (
        "open", None, None, None, "",
    )  # fmt: skip
    assert incident == await get(connection, number)
    event = (await incidents.events_of(connection, number))[-1]
    assert (event.event, event.from_state, event.to_state) == ("reopen", "closed", "open")
    assert event.detail == {
        "note": "daughter rang: not fine",
        "ended_at": after(60).isoformat(),
        "code": "reassured",
        "closure_note": "said she was fine",
    }
    assert await due(connection, number, after(600)) == ["escalate"]
    again = (await told(connection, number))[len(before) :]
    assert {(user, contact) for user, contact, _, _ in again} == {
        (world.responder, None), (world.colleague, None), (None, world.daughter),
    }  # fmt: skip
    assert {(step, round_) for *_, step, round_ in again} == {(0, 1)}
    assert await nothing_is_wrong(connection, after(600))


async def test_a_fall_that_was_cancelled_can_be_reopened(connection: Connection, world: World) -> None:
    number = await raised(connection, world, Kind.FALL, countdown=20)
    await raise_findings(connection, [finding(world, Kind.FALL, clears=True)], after(8))
    incident = await service.reopen(connection, number, world.responder, after(60))
    assert (incident.state, incident.opened_at) == ("open", after(60))
    assert await due(connection, number, after(60)) == ["escalate"]
    assert await nothing_is_wrong(connection, after(60))


async def test_a_code_that_was_taken_back_counts_nowhere(connection: Connection, world: World) -> None:
    async def counted() -> tuple[int, int, int]:
        outcomes = await history.alert_outcomes(connection, "/", NOON - timedelta(hours=1), after(3600))
        [sos] = precisions(outcomes)
        return sos.true, sos.false, sos.unjudged

    number = await closed(connection, world, ClosureCode.ACCIDENTAL)
    assert await counted() == (0, 1, 0)
    await service.reopen(connection, number, world.responder, after(90))
    assert await counted() == (0, 0, 1)
    await service.claim(connection, number, world.responder, after(91))
    await service.close(connection, number, world.responder, after(92), ClosureCode.AMBULANCE)
    assert await counted() == (1, 0, 0)


async def test_after_the_set_time_it_stays_closed(connection: Connection, world: World) -> None:
    number = await closed(connection, world)
    end = after(60) + timedelta(minutes=120)
    with pytest.raises(NotNow) as refused:
        await service.reopen(connection, number, world.responder, end + timedelta(seconds=1))
    assert (refused.value.code, refused.value.facts) == ("too-late", {"reopen_until": end.isoformat()})
    assert (await service.reopen(connection, number, world.responder, end)).state == "open"


async def test_it_is_not_reopened_beside_another_one(connection: Connection, world: World) -> None:
    number = await closed(connection, world)
    other = await raised(connection, world, episode="2")
    with pytest.raises(NotNow) as refused:
        await service.reopen(connection, number, world.responder, after(90))
    assert (refused.value.code, refused.value.facts) == ("another-is-open", {"incident": other})
    assert (await get(connection, number)).state == "closed"


async def test_who_had_confirmed_before_is_told_again_and_hears_the_second_end_too(
    connection: Connection, world: World
) -> None:
    number = await raised(connection, world)
    await due(connection, number, NOON)
    for delivery in await deliveries.of_incident(connection, number):
        await deliveries.record_sent(connection, delivery.id, 1, NOON)
        if delivery.contact_id == world.daughter:
            await service.confirm_delivery(connection, delivery.id, after(5))
    await service.claim(connection, number, world.responder, after(10))
    await service.close(connection, number, world.responder, after(60), ClosureCode.REASSURED)
    await service.reopen(connection, number, world.responder, after(90))
    assert not any(p.confirmed for p in await deliveries.call_list(connection, world.resident, number, after(90)))
    await due(connection, number, after(90))
    assert (None, world.daughter, 0, 1) in await told(connection, number)
    await service.claim(connection, number, world.responder, after(95))
    await service.close(connection, number, world.responder, after(99), ClosureCode.FAMILY_ATTENDED)
    endings = [(c, r) for _, c, step, r in await told(connection, number) if step == planning.ENDED]
    assert endings == [(world.daughter, 0), (world.daughter, 1)]


async def test_a_reopened_incident_whose_rounds_are_over_tells_everybody_at_once_and_says_so(
    connection: Connection, world: World
) -> None:
    number = await raised(connection, world)
    for second in range(0, 800, 20):
        await due(connection, number, after(second))
    last = await incidents.last_event(connection, number, "escalate")
    assert last is not None
    assert last.detail["round"] == 2
    await service.claim(connection, number, world.responder, after(800))
    await service.close(connection, number, world.responder, after(801), ClosureCode.NO_CONTACT)
    await service.reopen(connection, number, world.responder, after(802))
    before = len(await told(connection, number))
    assert await due(connection, number, after(802)) == ["exhaust", "escalate"]
    people = {(user, contact) for user, contact, _, _ in (await told(connection, number))[before:]}
    assert people == {
        (world.responder, None), (world.colleague, None), (world.supervisor, None),
        (None, world.daughter), (None, world.son),
    }  # fmt: skip


# Merging


async def two(connection: Connection, world: World) -> tuple[int, int]:
    """A care incident and an emergency of the same resident."""
    care = await raised(connection, world, Kind.VITALS, **VITALS)
    return care, await raised(connection, world, Kind.FALL, severity=Severity.HIGH)


async def test_the_less_urgent_goes_on_in_the_other_with_its_alerts(connection: Connection, world: World) -> None:
    care, emergency = await two(connection, world)
    await service.claim(connection, emergency, world.responder, after(5))
    source = await service.merge(connection, care, world.responder, after(10), emergency, "same fall")
    assert (source.state, source.closure_code, source.ended_at) == ("closed", "duplicate", after(10))
    assert await incidents.merged_into(connection, care) == emergency
    assert [a.kind for a in await incidents.alerts_of(connection, emergency)] == ["vitals", "fall"]
    assert await incidents.alerts_of(connection, care) == []
    assert await incidents.timers_of(connection, care) == []
    event = (await incidents.events_of(connection, care))[-1]
    assert (event.event, event.detail["into"], event.detail["code"]) == ("merge", emergency, "duplicate")
    event = (await incidents.events_of(connection, emergency))[-1]
    assert (event.event, event.detail["from"], [a["kind"] for a in event.detail["alerts"]]) == (
        "absorb", care, ["vitals"],
    )  # fmt: skip
    target = await get(connection, emergency)
    assert (target.state, target.severity, target.kind) == ("claimed", 4, "fall")
    assert await nothing_is_wrong(connection, after(10))


async def test_a_target_that_got_worse_escalates_at_once(connection: Connection, world: World) -> None:
    care = await raised(connection, world, Kind.VITALS, queue=Queue.CARE, severity=Severity.CRITICAL)
    emergency = await raised(connection, world, Kind.FALL, severity=Severity.MEDIUM)
    await due(connection, emergency, NOON)
    await service.merge(connection, care, world.responder, after(10), emergency)
    target = await get(connection, emergency)
    assert (target.severity, target.kind) == (5, "vitals")
    [timer] = await incidents.timers_of(connection, emergency)
    assert (timer.due_at, timer.step) == (after(10), 1)
    assert await due(connection, emergency, after(10)) == ["escalate"]


async def test_an_emergency_goes_on_in_nothing_less_urgent(connection: Connection, world: World) -> None:
    care, emergency = await two(connection, world)
    for source, target in ((emergency, care), (care, care)):
        with pytest.raises(NotNow) as refused:
            await service.merge(connection, source, world.supervisor, NOON, target, supervisor=True)
        assert refused.value.code in ("not-more-urgent", "not-of-this-resident")
    assert [(await get(connection, i)).state for i in (care, emergency)] == ["open", "open"]


async def test_not_of_another_resident_nor_into_a_countdown_nor_into_what_is_over(
    connection: Connection, world: World
) -> None:
    care = await raised(connection, world, Kind.VITALS, **VITALS)
    neighbours = await raised(connection, world, resident=world.neighbour, episode="9")
    with pytest.raises(NotNow) as refused:
        await service.merge(connection, care, world.responder, NOON, neighbours)
    assert refused.value.code == "not-of-this-resident"
    falling = await raised(connection, world, Kind.FALL, countdown=20)
    with pytest.raises(NotNow) as refused:
        await service.merge(connection, care, world.responder, NOON, falling)
    assert (refused.value.code, refused.value.facts["state"]) == ("target-not-open", "pending")
    await raise_findings(connection, [finding(world, Kind.FALL, clears=True)], after(8))
    with pytest.raises(NotNow) as refused:
        await service.merge(connection, care, world.responder, after(9), falling)
    assert refused.value.facts["state"] == "cancelled"


async def test_nobody_merges_what_a_colleague_holds(connection: Connection, world: World) -> None:
    care, emergency = await two(connection, world)
    for held in (care, emergency):
        await service.claim(connection, held, world.colleague, after(5))
        with pytest.raises(Conflict, match="Ming") as refused:
            await service.merge(connection, care, world.responder, after(6), emergency)
        assert refused.value.incident_id == held
        await service.release(connection, held, world.colleague, after(7))
    await service.claim(connection, emergency, world.colleague, after(8))
    merged = await service.merge(connection, care, world.supervisor, after(9), emergency, supervisor=True)
    assert merged.state == "closed"


async def test_a_merged_incident_is_not_reopened_and_its_clearing_reaches_the_target(
    connection: Connection, world: World
) -> None:
    care, emergency = await two(connection, world)
    stale = await incidents.alerts_known(connection, [finding(world, Kind.VITALS, **VITALS).dedup_key])  # type: ignore[arg-type]
    await service.merge(connection, care, world.responder, after(5), emergency)
    with pytest.raises(NotNow) as refused:
        await service.reopen(connection, care, world.responder, after(6))
    assert (refused.value.code, refused.value.facts) == ("merged", {"merged_into": emergency})
    # As ingest has it that looked the alert up before the merge and gets the lock after it.
    from alerts.service.findings import _clear

    [alert] = stale.values()
    await _clear(connection, alert, finding(world, Kind.VITALS, clears=True, **VITALS), after(7))  # type: ignore[arg-type]
    assert (await trail(connection, emergency))[-1] == "detector:vitals clear"
    assert (await trail(connection, care))[-1] == f"user:{world.responder} merge"


async def test_the_family_hears_of_one_end_only_that_of_the_target(connection: Connection, world: World) -> None:
    care, emergency = await two(connection, world)
    for number in (care, emergency):
        await due(connection, number, NOON)
    sent = await deliveries.of_incident(connection, care)
    assert any(d.contact_id == world.daughter for d in sent)
    for delivery in sent:
        await deliveries.record_sent(connection, delivery.id, 1, NOON)
    await service.merge(connection, care, world.responder, after(5), emergency)
    assert all(step != planning.ENDED for *_, step, _ in await told(connection, care))
    await service.claim(connection, emergency, world.responder, after(6))
    await service.close(connection, emergency, world.responder, after(9), ClosureCode.FAMILY_ATTENDED)
    assert (None, world.daughter, planning.ENDED, 0) in await told(connection, emergency)


# Two at the same moment


async def at_once(url: str, *acts: Callable[[Connection], Awaitable[object]]) -> list[object]:
    """What came of each, all begun at the same moment on connections of their own."""
    barrier = asyncio.Barrier(len(acts))

    async with pool_of(url, len(acts)) as pool:

        async def one(act: Callable[[Connection], Awaitable[object]]) -> object:
            try:
                async with pool.connection() as own:
                    await own.execute("SELECT 1")
                    await barrier.wait()
                    return await act(own)
            except (Conflict, IllegalEvent, NotNow) as refused:
                return refused

        return await asyncio.gather(*(one(act) for act in acts))


def outcomes(results: list[object]) -> tuple[int, int]:
    """How many did it, and how many were refused."""
    done = sum(isinstance(r, Incident) for r in results)
    return done, len(results) - done


async def test_two_hand_over_at_once_and_one_of_them_does(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
        number = await raised(connection, world)
        await service.claim(connection, number, world.responder, NOON)
    results = await at_once(
        database,
        lambda c: service.hand_over(c, number, world.responder, after(5), world.colleague),
        lambda c: service.hand_over(c, number, world.responder, after(5), world.supervisor),
    )
    assert outcomes(results) == (1, 1)
    [refused] = [r for r in results if isinstance(r, Conflict)]
    [done] = [r for r in results if isinstance(r, Incident)]
    assert (refused.holder_id, refused.since) == (done.claimed_by, after(5))
    async with connection_to(database) as connection:
        assert [e for e in await trail(connection, number) if e.endswith("hand_over")] == [
            f"user:{world.responder} hand_over"
        ]
        assert await nothing_is_wrong(connection, after(5))


async def test_one_closes_while_the_other_hands_over(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
        number = await raised(connection, world)
        await service.claim(connection, number, world.responder, NOON)
    results = await at_once(
        database,
        lambda c: service.close(c, number, world.responder, after(5), ClosureCode.REASSURED),
        lambda c: service.hand_over(c, number, world.responder, after(5), world.colleague),
    )
    assert outcomes(results) == (1, 1)
    async with connection_to(database) as connection:
        assert await nothing_is_wrong(connection, after(5))


async def test_two_merge_at_once_and_one_of_them_does(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
        care, emergency = await two(connection, world)
    results = await at_once(
        database,
        *(
            lambda c, user=user: service.merge(c, care, user, after(5), emergency)
            for user in (world.responder, world.colleague, world.supervisor)
        ),
    )
    assert outcomes(results) == (1, 2)
    assert all(isinstance(r, IllegalEvent) for r in results if not isinstance(r, Incident))
    async with connection_to(database) as connection:
        assert len(await incidents.alerts_of(connection, emergency)) == 2
        assert await nothing_is_wrong(connection, after(5))


async def test_one_claims_the_target_while_the_other_merges_into_it(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
        care, emergency = await two(connection, world)
    results = await at_once(
        database,
        lambda c: service.merge(c, care, world.responder, after(5), emergency),
        lambda c: service.claim(c, emergency, world.colleague, after(5)),
    )
    assert isinstance(results[1], Incident), "who answers an emergency is not held up by whoever tidies up"
    async with connection_to(database) as connection:
        assert (await get(connection, emergency)).claimed_by == world.colleague
        assert await nothing_is_wrong(connection, after(5))


async def test_a_merge_does_not_wait_for_a_target_that_is_being_changed(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
        care, emergency = await two(connection, world)
    async with connection_to(database) as busy, connection_to(database) as own:
        await incidents.lock(busy, emergency)
        with pytest.raises(NotNow) as refused:
            await asyncio.wait_for(service.merge(own, care, world.responder, after(5), emergency), 5)
        assert refused.value.code == "changing-now"
        await own.rollback()


async def test_it_is_reopened_at_the_moment_at_which_another_is_raised(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
    for turn in range(5):
        await _reopened_and_raised(database, world, turn)


async def _reopened_and_raised(url: str, world: World, turn: int) -> None:
    async with connection_to(url) as connection:
        number = await raised(connection, world, episode=f"a{turn}")
        await service.claim(connection, number, world.responder, NOON)
        await service.close(connection, number, world.responder, after(1), ClosureCode.REASSURED)
    reopened, new = await at_once(
        url,
        lambda c: service.reopen(c, number, world.responder, after(2)),
        lambda c: raise_findings(c, [finding(world, episode=f"b{turn}")], after(2)),
    )
    assert isinstance(new, list)
    async with connection_to(url) as connection:
        live = await incidents.live_id(connection, world.resident, "emergency")
        assert live is not None
        assert live == new[0].incident_id
        # Either the SOS joined the reopened one, or reopening is refused and names the new one.
        if isinstance(reopened, NotNow):
            assert (reopened.code, reopened.facts) == ("another-is-open", {"incident": live})
        else:
            assert live == number
        assert await nothing_is_wrong(connection, after(2))
        await service.claim(connection, live, world.responder, after(3))
        await service.close(connection, live, world.responder, after(4), ClosureCode.REASSURED)
