"""The service against PostgreSQL: what a finding or a person's act leaves in the tables, all in one transaction."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from psycopg.rows import dict_row

from alerts import auditor, planning, service
from alerts.lifecycle import CallOutcome, ClosureCode, IllegalEvent
from alerts.measures import FINDINGS_REFUSED
from alerts.service import Conflict, NotFound, raise_findings
from core.findings import Kind, Queue, Severity
from storage import deliveries, incidents
from storage.incidents import Incident
from storage.pool import Connection
from tests.support.alarm_world import NOON, World, build, connection_to, finding, pool_of


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


async def rows(connection: Connection, query: str) -> list[dict[str, object]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode())
        return await cursor.fetchall()


async def trail(connection: Connection, incident_id: int) -> list[str]:
    return [f"{e.actor} {e.event}" for e in await incidents.events_of(connection, incident_id)]


async def only(connection: Connection, world: World, queue: Queue = Queue.EMERGENCY) -> Incident:
    incident = await incidents.lock_live(connection, world.resident, queue.value)
    assert incident is not None
    return incident


async def due(connection: Connection, incident_id: int, now: datetime) -> list[str]:
    incident = await incidents.lock(connection, incident_id)
    assert incident is not None
    return [e.event for e in await service.carry_out_due(connection, incident, now)]


async def commands(connection: Connection) -> list[object]:
    found = await rows(connection, "SELECT payload FROM outbox WHERE topic = 'command' ORDER BY id")
    return [r["payload"]["message"]["command"] for r in found]  # type: ignore[index]


# Findings


async def test_an_sos_opens_an_incident_with_its_alert_trail_timer_and_command(
    connection: Connection, world: World
) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    incident = await only(connection, world)
    assert (raised.incident_id, raised.new_incident) == (incident.id, True)
    assert (incident.state, incident.kind, incident.severity, incident.opened_at) == ("open", "sos", 5, NOON)
    [alert] = await incidents.alerts_of(connection, incident.id)
    assert (alert.id, alert.device_id, alert.evidence) == (raised.alert_id, world.wearable, {"button": 1})
    assert await trail(connection, incident.id) == ["detector:sos open"]
    [timer] = await incidents.timers_of(connection, incident.id)
    assert (timer.kind, timer.due_at) == ("escalation", NOON)
    assert await commands(connection) == ["locate-now"]


async def test_no_findings_ask_the_database_nothing() -> None:
    assert await raise_findings(None, [], NOON) == []  # type: ignore[arg-type]


async def test_the_same_findings_again_change_nothing(connection: Connection, world: World) -> None:
    batch = [finding(world), finding(world, Kind.FALL, countdown=20), finding(world)]
    first = await raise_findings(connection, batch, NOON)
    assert [(r.finding.kind, r.new_incident) for r in first] == [(Kind.SOS, True), (Kind.FALL, False)]
    tables = ("incident", "alert", "incident_event", "timer", "outbox")
    before = [await rows(connection, f"SELECT * FROM {table}") for table in tables]
    assert await raise_findings(connection, batch, after(60)) == []
    assert [await rows(connection, f"SELECT * FROM {table}") for table in tables] == before


async def test_a_late_sos_is_raised_and_says_how_late_it_is(connection: Connection, world: World) -> None:
    await raise_findings(connection, [finding(world, at=NOON - timedelta(days=3))], NOON)
    incident = await only(connection, world)
    [event] = await incidents.events_of(connection, incident.id)
    assert (incident.event_time, event.detail["late_s"]) == (NOON - timedelta(days=3), 3 * 86_400)


async def test_an_sos_comes_first_of_a_batch(connection: Connection, world: World) -> None:
    batch = [finding(world, Kind.SMOKE, resident=world.neighbour), finding(world, Kind.FALL), finding(world)]
    raised = await raise_findings(connection, batch, NOON)
    assert [r.finding.kind for r in raised] == [Kind.SOS, Kind.FALL, Kind.SMOKE]


async def test_findings_about_nobody_do_not_hold_up_the_others(connection: Connection, world: World) -> None:
    batch = [
        replace(finding(world, Kind.BATTERY_LOW), resident=0),
        replace(finding(world), resident=10**9),
        finding(world),
    ]
    before = FINDINGS_REFUSED.labels("sos")._value.get()
    raised = await raise_findings(connection, batch, NOON)
    assert [r.finding.resident for r in raised] == [world.resident]
    assert FINDINGS_REFUSED.labels("sos")._value.get() == before + 1


async def test_an_sos_of_a_device_that_was_removed_is_not_lost(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [replace(finding(world), device=4711)], NOON)
    [alert] = await incidents.alerts_of(connection, raised.incident_id)
    assert alert.device_id is None


async def test_more_alerts_join_the_incident_of_their_queue_and_the_worst_gives_its_name(
    connection: Connection, world: World
) -> None:
    await raise_findings(connection, [finding(world, Kind.FALL, severity=Severity.HIGH)], NOON)
    await raise_findings(connection, [finding(world, Kind.INACTIVITY, severity=Severity.LOW)], after(5))
    assert (await only(connection, world)).kind == "fall"
    await raise_findings(connection, [finding(world, Kind.LONG_LIE)], after(9))
    await raise_findings(connection, [finding(world, Kind.BATTERY_LOW, queue=Queue.MAINTENANCE)], after(9))
    incident = await only(connection, world)
    assert (incident.kind, incident.severity) == ("long_lie", 5)
    assert len(await incidents.alerts_of(connection, incident.id)) == 3
    assert (await only(connection, world, Queue.MAINTENANCE)).id != incident.id


async def test_the_next_alert_after_the_end_makes_a_new_incident(connection: Connection, world: World) -> None:
    [first] = await raise_findings(connection, [finding(world)], NOON)
    await service.claim(connection, first.incident_id, world.responder, NOON)
    await service.close(connection, first.incident_id, world.responder, NOON, ClosureCode.REASSURED)
    [second] = await raise_findings(connection, [finding(world, episode="2")], after(9))
    assert second.new_incident
    assert second.incident_id != first.incident_id


# Countdown


async def test_a_fall_waits_for_the_wearer_and_then_opens(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world, Kind.FALL, countdown=20)], NOON)
    incident = await only(connection, world)
    assert (incident.state, incident.opened_at) == ("pending", None)
    [row] = await rows(connection, "SELECT * FROM outbox")
    message = row["payload"]["message"]  # type: ignore[index]
    assert (message["command"], message["seconds"]) == ("countdown", 20)
    assert "20 秒" in message["text"]
    assert await due(connection, raised.incident_id, after(19.9)) == []
    assert await due(connection, raised.incident_id, after(20)) == ["open"]
    incident = await only(connection, world)
    assert (incident.state, incident.opened_at) == ("open", after(20))


async def test_the_wearer_cancels_in_time(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world, Kind.FALL, countdown=20)], NOON)
    await raise_findings(connection, [finding(world, Kind.FALL, clears=True)], after(8))
    incident = await incidents.get(connection, raised.incident_id)
    assert incident is not None
    assert (incident.state, incident.ended_at) == ("cancelled", after(8))
    assert await trail(connection, incident.id) == ["detector:fall raise", "wearer clear", "wearer cancel"]
    assert await incidents.timers_of(connection, incident.id) == []


async def test_a_cancel_after_the_countdown_is_noted_and_a_person_still_has_to_look(
    connection: Connection, world: World
) -> None:
    [raised] = await raise_findings(connection, [finding(world, Kind.FALL, countdown=20)], NOON)
    await due(connection, raised.incident_id, after(20))
    await raise_findings(connection, [finding(world, Kind.FALL, clears=True)], after(25))
    assert (await only(connection, world)).state == "open"
    assert (await trail(connection, raised.incident_id))[-1] == "wearer clear"


async def test_an_sos_in_the_countdown_opens_at_once(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world, Kind.FALL, countdown=20)], NOON)
    await raise_findings(connection, [finding(world)], after(3))
    incident = await only(connection, world)
    assert (incident.state, incident.opened_at) == ("open", after(3))
    assert await trail(connection, raised.incident_id) == [
        "detector:fall raise", "detector:sos attach", "detector:sos open",
    ]  # fmt: skip
    [timer] = await incidents.timers_of(connection, incident.id)
    assert (timer.kind, timer.due_at) == ("escalation", after(3))


async def test_a_cancelled_fall_does_not_take_another_alert_with_it(connection: Connection, world: World) -> None:
    await raise_findings(connection, [finding(world, Kind.FALL, countdown=20)], NOON)
    await raise_findings(connection, [finding(world, Kind.INACTIVITY, countdown=60)], after(1))
    await raise_findings(connection, [finding(world, Kind.FALL, clears=True)], after(8))
    assert (await only(connection, world)).state == "pending"


async def test_a_countdown_is_for_emergencies_only(connection: Connection, world: World) -> None:
    await raise_findings(connection, [finding(world, Kind.VITALS, queue=Queue.CARE, countdown=60)], NOON)
    assert (await only(connection, world, Queue.CARE)).state == "open"


# Clearing


async def test_what_is_over_by_itself_ends_unclaimed_care_but_only_when_all_of_it_is(
    connection: Connection, world: World
) -> None:
    silent = finding(world, Kind.DEVICE_SILENT, queue=Queue.MAINTENANCE, severity=Severity.LOW)
    battery = finding(world, Kind.BATTERY_LOW, queue=Queue.MAINTENANCE, severity=Severity.LOW)
    first, _ = await raise_findings(connection, [silent, battery], NOON)
    await raise_findings(connection, [replace(silent, clears=True)], after(60))
    assert (await only(connection, world, Queue.MAINTENANCE)).state == "open"
    await raise_findings(connection, [replace(battery, clears=True)], after(90))
    incident = await incidents.get(connection, first.incident_id)
    assert incident is not None
    assert (incident.state, incident.ended_at) == ("cancelled", after(90))
    assert (await trail(connection, incident.id))[-1] == "detector:battery_low cancel"
    cleared = [a.cleared_at for a in await incidents.alerts_of(connection, incident.id)]
    assert sorted(c for c in cleared if c) == [after(60), after(90)]


async def test_what_a_person_holds_does_not_end_by_itself(connection: Connection, world: World) -> None:
    silent = finding(world, Kind.DEVICE_SILENT, queue=Queue.MAINTENANCE)
    [raised] = await raise_findings(connection, [silent], NOON)
    await service.claim(connection, raised.incident_id, world.responder, after(1))
    await raise_findings(connection, [replace(silent, clears=True)], after(2))
    assert (await only(connection, world, Queue.MAINTENANCE)).state == "claimed"


async def test_an_emergency_does_not_end_by_itself(connection: Connection, world: World) -> None:
    smoke = finding(world, Kind.SMOKE)
    await raise_findings(connection, [smoke], NOON)
    await raise_findings(connection, [replace(smoke, clears=True)], after(2))
    assert (await only(connection, world)).state == "open"


async def test_clearing_twice_or_what_was_never_raised_changes_nothing(connection: Connection, world: World) -> None:
    smoke = finding(world, Kind.SMOKE)
    [raised] = await raise_findings(connection, [smoke], NOON)
    for second in (2, 3):
        await raise_findings(connection, [replace(smoke, clears=True)], after(second))
    await raise_findings(connection, [replace(smoke, clears=True, episode="never")], after(4))
    assert await trail(connection, raised.incident_id) == ["detector:smoke open", "detector:smoke clear"]


# People


async def test_the_way_to_the_end_is_written_down_with_who_and_when(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    number, user = raised.incident_id, world.responder
    await service.claim(connection, number, user, after(10))
    await service.contact(connection, number, user, after(30), CallOutcome.ANSWERED, "in pain")
    await service.dispatch(connection, number, user, after(60), "street team")
    await service.note(connection, number, world.colleague, after(70), "key is with the neighbour")
    await service.arrive(connection, number, user, after(900))
    incident = await service.close(
        connection, number, user, after(1000), ClosureCode.RESPONDER_ATTENDED, "was all right"
    )
    assert (
        incident.state, incident.closure_code, incident.claimed_at, incident.first_claimed_at, incident.contacted_at,
        incident.dispatched_at, incident.on_scene_at, incident.ended_at,
    ) == (
        "closed", "responder_attended", after(10), after(10), after(30), after(60), after(900), after(1000),
    )  # fmt: skip
    assert incident == await incidents.get(connection, number)
    assert await trail(connection, number) == [
        "detector:sos open",
        f"user:{user} claim",
        f"user:{user} contact",
        f"user:{user} dispatch",
        f"user:{world.colleague} note",
        f"user:{user} arrive",
        f"user:{user} close",
    ]
    assert await incidents.timers_of(connection, number) == []
    assert (await auditor.look(connection, after(1000), timedelta(hours=1))).violations == ()


async def test_a_claim_stops_the_escalation_and_tells_the_wearer(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await due(connection, raised.incident_id, NOON)
    await service.claim(connection, raised.incident_id, world.responder, after(10), lease=timedelta(seconds=300))
    [timer] = await incidents.timers_of(connection, raised.incident_id)
    assert (timer.kind, timer.due_at, timer.step) == ("lease", after(310), 1)
    assert await commands(connection) == ["locate-now", "incident-acknowledged"]


async def test_who_holds_it_may_claim_again_and_others_are_told_who_does(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await service.claim(connection, raised.incident_id, world.responder, after(10))
    await service.claim(connection, raised.incident_id, world.responder, after(200))
    [timer] = await incidents.timers_of(connection, raised.incident_id)
    assert timer.due_at == after(500)
    with pytest.raises(Conflict, match="Lan") as refused:
        await service.claim(connection, raised.incident_id, world.colleague, after(201))
    assert (refused.value.holder, refused.value.since) == ("Lan", after(10))


async def test_only_the_holder_or_a_supervisor_goes_on_with_it(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    number = raised.incident_id
    await service.claim(connection, number, world.responder, after(10))
    for act in (
        service.release(connection, number, world.colleague, after(20)),
        service.contact(connection, number, world.colleague, after(20), CallOutcome.ANSWERED),
        service.dispatch(connection, number, world.colleague, after(20), "ambulance"),
        service.close(connection, number, world.colleague, after(20), ClosureCode.TEST),
    ):
        with pytest.raises(Conflict, match="Lan"):
            await act
    incident = await service.close(connection, number, world.supervisor, after(30), ClosureCode.TEST, supervisor=True)
    assert incident.state == "closed"


async def test_what_cannot_happen_changes_nothing(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    before = await rows(connection, "SELECT * FROM incident, incident_event")
    for act in (
        service.close(connection, raised.incident_id, world.responder, after(5), ClosureCode.TEST),
        service.arrive(connection, raised.incident_id, world.responder, after(5)),
        service.release(connection, raised.incident_id, world.responder, after(5)),
    ):
        with pytest.raises(IllegalEvent):
            await act
    assert await rows(connection, "SELECT * FROM incident, incident_event") == before
    with pytest.raises(NotFound):
        await service.claim(connection, 10**9, world.responder, NOON)


async def test_a_lapsed_claim_is_open_again_and_goes_on_with_the_next_step_at_once(
    connection: Connection, world: World
) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    number = raised.incident_id
    assert await due(connection, number, NOON) == ["escalate"]
    await service.claim(connection, number, world.responder, after(10), lease=timedelta(seconds=300))
    assert await due(connection, number, after(309)) == []
    assert await due(connection, number, after(310)) == ["lapse"]
    incident = await only(connection, world)
    assert (incident.state, incident.claimed_by, incident.first_claimed_at) == ("open", None, after(10))
    assert await due(connection, number, after(310)) == ["escalate"]
    event = (await incidents.events_of(connection, number))[-1]
    assert (event.detail["step"], event.detail["round"]) == (1, 0)


async def test_work_on_it_renews_the_lease(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    number, user = raised.incident_id, world.responder
    await service.claim(connection, number, user, NOON)
    leases = []
    for act in (
        service.contact(connection, number, user, NOON, CallOutcome.ANSWERED),
        service.dispatch(connection, number, user, NOON, "ambulance"),
        service.arrive(connection, number, user, NOON),
    ):
        await act
        [timer] = await incidents.timers_of(connection, number)
        leases.append((timer.due_at - NOON).total_seconds() / 60)
    assert leases == [15, 60, 120]


async def test_given_back_it_goes_on_at_once(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await due(connection, raised.incident_id, NOON)
    await service.claim(connection, raised.incident_id, world.responder, after(10))
    await service.release(connection, raised.incident_id, world.responder, after(20))
    [timer] = await incidents.timers_of(connection, raised.incident_id)
    assert (timer.kind, timer.due_at, timer.step) == ("escalation", after(20), 1)


async def test_an_sos_while_it_is_held_reaches_the_holder_each_time(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await service.claim(connection, raised.incident_id, world.responder, after(10))
    for episode in ("2", "3"):
        await raise_findings(connection, [finding(world, episode=episode)], after(20))
    told = await deliveries.of_incident(connection, raised.incident_id)
    assert [(d.user_id, d.step, d.round) for d in told] == [
        (world.responder, planning.RENOTIFY, 0), (world.responder, planning.RENOTIFY, 1),
    ]  # fmt: skip
    assert (await only(connection, world)).state == "claimed"


async def test_an_sos_on_an_open_incident_brings_the_next_step_forward(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await due(connection, raised.incident_id, NOON)
    await raise_findings(connection, [finding(world, episode="2")], after(20))
    [timer] = await incidents.timers_of(connection, raised.incident_id)
    assert (timer.due_at, timer.step) == (after(20), 1)


async def test_of_twenty_who_claim_at_once_one_wins(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
        users = [world.responder, world.colleague]
        for number in range(18):
            cursor = await connection.execute(
                "INSERT INTO app_user (name, display_name, password_hash, role, area_id)"
                " VALUES (%s, %s, '', 'responder', %s) RETURNING id",
                (f"user{number}", f"User {number}", world.area),
            )
            row = await cursor.fetchone()
            assert row is not None
            users.append(row[0])
        [raised] = await raise_findings(connection, [finding(world)], NOON)
    async with pool_of(database, 20) as pool:
        barrier = asyncio.Barrier(20)

        async def claim(user: int) -> int | str:
            async with pool.connection() as own:
                await own.execute("SELECT 1")
                await barrier.wait()
                try:
                    return (await service.claim(own, raised.incident_id, user, after(5))).claimed_by or 0
                except Conflict as conflict:
                    return conflict.holder

        results = await asyncio.gather(*(claim(user) for user in users))
    winners = [r for r in results if isinstance(r, int)]
    assert len(winners) == 1
    assert len({r for r in results if isinstance(r, str)}) == 1
    async with connection_to(database) as connection:
        assert (await trail(connection, raised.incident_id)).count(f"user:{winners[0]} claim") == 1
        assert len(await trail(connection, raised.incident_id)) == 2


async def test_findings_raised_by_many_at_once_make_one_incident(database: str) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
    async with pool_of(database, 8) as pool:
        barrier = asyncio.Barrier(8)

        async def raise_(number: int) -> int:
            async with pool.connection() as own:
                await own.execute("SELECT 1")
                await barrier.wait()
                # Each pair of workers has the same finding: a batch that was delivered twice.
                return len(await raise_findings(own, [finding(world, episode=str(number // 2))], NOON))

        assert sum(await asyncio.gather(*(raise_(number) for number in range(8)))) == 4
    async with connection_to(database) as connection:
        assert len(await rows(connection, "SELECT 1 FROM incident")) == 1
        assert len(await rows(connection, "SELECT 1 FROM alert")) == 4
        assert (await auditor.look(connection, NOON)).violations == ()


# Confirmation


async def test_a_contact_confirms_once_and_the_incident_stays_open(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await due(connection, raised.incident_id, NOON)
    [told] = [d for d in await deliveries.of_incident(connection, raised.incident_id) if d.contact_id == world.daughter]
    confirmed = await service.confirm_delivery(connection, told.id, after(30))
    assert (confirmed.state, confirmed.confirmed_at) == ("confirmed", after(30))
    assert await service.confirm_delivery(connection, told.id, after(40)) == confirmed
    assert (await only(connection, world)).state == "open"
    assert (await trail(connection, raised.incident_id)).count(f"contact:{world.daughter} confirm") == 1
    with pytest.raises(NotFound):
        await service.confirm_delivery(connection, 10**9, NOON)


async def test_receipts_come_in_any_order(connection: Connection, world: World) -> None:
    [raised] = await raise_findings(connection, [finding(world)], NOON)
    await due(connection, raised.incident_id, NOON)
    number = (await deliveries.of_incident(connection, raised.incident_id))[0].id
    assert (await service.record_delivered(connection, number, after(2))).state == "delivered"
    await deliveries.record_sent(connection, number, 1, after(3))
    assert (await service.record_delivered(connection, number, after(9))).delivered_at == after(2)
    assert (await service.confirm_delivery(connection, number, after(10))).state == "confirmed"
    await deliveries.record_failed(connection, number, 2, "late failure", after(11))
    delivery = await deliveries.get(connection, number)
    assert delivery is not None
    assert (delivery.state, delivery.sent_at, delivery.delivered_at) == ("confirmed", after(3), after(2))


# Policies


async def test_the_nearest_areas_policy_counts_and_a_broken_one_does_not_stop_an_sos(
    connection: Connection, world: World
) -> None:
    async def policy(area: int | None, seconds: object) -> None:
        await connection.execute(
            "INSERT INTO escalation_policy (area_id, queue, policy) VALUES (%s, 'emergency',"
            " jsonb_build_object('steps', jsonb_build_array(jsonb_build_object("
            " 'after_s', %s::jsonb, 'targets', jsonb_build_array('queue')))))",
            (area, seconds),
        )

    async def first_due(episode: str) -> datetime:
        [raised] = await raise_findings(connection, [finding(world, episode=episode)], NOON)
        [timer] = await incidents.timers_of(connection, raised.incident_id)
        await service.claim(connection, raised.incident_id, world.responder, NOON)
        await service.close(connection, raised.incident_id, world.responder, NOON, ClosureCode.TEST)
        return timer.due_at

    await policy(None, "33")
    await policy(world.other_area, "44")
    assert await first_due("1") == after(33)
    await policy(world.area, "55")
    assert await first_due("2") == after(55)
    await connection.execute("UPDATE escalation_policy SET policy = '{\"steps\": 3}' WHERE area_id = %s", (world.area,))
    assert await first_due("3") == NOON
