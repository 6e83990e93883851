"""What responders do with an incident, told as timelines: lan and ming are responders, chen is their supervisor."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts import auditor, service
from alerts.lifecycle import Called, CallOutcome, ClosureCode
from alerts.service import Conflict
from core.findings import Finding, Kind, Queue, Severity
from storage import incidents, protection, worklist
from storage.scope import Scope
from tests.support.alarm_world import NOON, finding
from tests.support.centre import Centre, open_centre


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


async def trail(centre: Centre, incident: int) -> list[str]:
    """Seconds after noon, what happened, and by whom where it was a person."""
    names = {
        f"user:{centre.world.responder}": "lan",
        f"user:{centre.world.colleague}": "ming",
        f"user:{centre.world.supervisor}": "chen",
    }
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, incident)
    return [
        f"{(e.at - NOON).total_seconds():6.0f} s {e.event}" + (f" by {names[e.actor]}" if e.actor in names else "")
        for e in events
    ]


def heard(centre: Centre) -> list[str]:
    """What the watch was told."""
    told = [json.loads(payload) for topic, payload in centre.commands if topic == "kanhu/v1/h1/watch/command"]
    return [f"{message['command']} {message.get('stage', '')}".strip() for message in told]


async def nothing_is_wrong(centre: Centre) -> bool:
    async with centre.transaction() as connection:
        return (await auditor.look(connection, centre.now)).violations == ()


async def test_from_a_fall_over_calls_in_vain_to_a_hand_over_at_the_end_of_a_shift(centre: Centre) -> None:
    world = centre.world
    [raised] = await centre.raise_(finding(world, Kind.FALL, countdown=20))
    number = raised.incident_id
    await centre.until(45)
    async with centre.transaction() as connection:
        await service.claim(connection, number, world.responder, centre.now)
    await centre.until(75)
    async with centre.transaction() as connection:
        await service.contact(connection, number, world.responder, centre.now, CallOutcome.NO_ANSWER)
    await centre.until(120)
    async with centre.transaction() as connection:
        await service.contact(
            connection, number, world.responder, centre.now, CallOutcome.VOICEMAIL,
            who=Called.CONTACT, contact_id=world.daughter,
        )  # fmt: skip
    await centre.until(150)
    async with centre.transaction() as connection:
        await service.dispatch(connection, number, world.responder, centre.now, "street team")
    await centre.until(600)
    async with centre.transaction() as connection:
        await service.hand_over(connection, number, world.responder, centre.now, world.colleague, "end of shift")
    await centre.until(640)
    async with centre.transaction() as connection:
        await service.claim(connection, number, world.colleague, centre.now)
    await centre.until(1500)
    async with centre.transaction() as connection:
        await service.arrive(connection, number, world.colleague, centre.now)
    await centre.until(2100)
    async with centre.transaction() as connection:
        with pytest.raises(Conflict, match="Ming"):
            await service.close(connection, number, world.responder, centre.now, ClosureCode.RESPONDER_ATTENDED)
        await service.close(connection, number, world.colleague, centre.now, ClosureCode.RESPONDER_ATTENDED)
    await centre.until(4000)
    assert await trail(centre, number) == [
        "     0 s raise",
        "    20 s open",
        "    20 s escalate",
        "    45 s claim by lan",
        "    75 s call by lan",
        "   120 s call by lan",
        "   150 s dispatch by lan",
        "   600 s hand_over by lan",
        "   640 s renew by ming",
        "  1500 s arrive by ming",
        "  2100 s close by ming",
    ]
    assert centre.timeline() == [
        "    20 s lan, ming, daughter-1",
        "   600 s ming",
        "  2100 s daughter-1",
    ]
    [handed] = [message for at, message in centre.channel.sent if at == NOON + timedelta(seconds=600)]
    assert handed.title == "Handed to you: 王秀兰"
    assert heard(centre) == [
        "countdown",
        "locate-now",
        "incident-acknowledged answered",
        "incident-acknowledged dispatched",
    ]
    assert await nothing_is_wrong(centre)


async def test_a_colleague_who_does_not_take_it_up_is_not_waited_for(centre: Centre) -> None:
    world = centre.world
    [raised] = await centre.raise_(finding(world))
    await centre.until(30)
    async with centre.transaction() as connection:
        await service.claim(connection, raised.incident_id, world.responder, centre.now)
        await service.dispatch(connection, raised.incident_id, world.responder, centre.now, "120")
        await service.hand_over(connection, raised.incident_id, world.responder, centre.now, world.colleague)
    await centre.until(400)
    assert (await trail(centre, raised.incident_id))[-2:] == ["   330 s lapse", "   330 s escalate"]
    assert centre.timeline() == [
        "     0 s lan, ming, daughter-1",
        "    30 s ming",
        "   330 s chen, son-1",
    ]
    assert await nothing_is_wrong(centre)


async def test_she_said_she_was_fine_and_was_not(centre: Centre) -> None:
    """Closed after a minute, reopened after ten by a colleague whom the daughter rang: everybody is told again."""
    world = centre.world
    [raised] = await centre.raise_(finding(world))
    number = raised.incident_id
    await centre.until(20)
    async with centre.transaction() as connection:
        await service.claim(connection, number, world.responder, centre.now)
        await service.contact(connection, number, world.responder, centre.now, CallOutcome.ANSWERED)
    await centre.until(60)
    async with centre.transaction() as connection:
        await service.close(connection, number, world.responder, centre.now, ClosureCode.REASSURED)
    await centre.until(600)
    async with centre.transaction() as connection:
        await service.reopen(connection, number, world.colleague, centre.now, "daughter rang")
    await centre.until(660)
    async with centre.transaction() as connection:
        await service.claim(connection, number, world.colleague, centre.now)
    await centre.until(700)
    async with centre.transaction() as connection:
        await service.close(connection, number, world.colleague, centre.now, ClosureCode.AMBULANCE)
    await centre.until(2000)
    assert await trail(centre, number) == [
        "     0 s open",
        "     0 s escalate",
        "    20 s claim by lan",
        "    20 s contact by lan",
        "    60 s close by lan",
        "   600 s reopen by ming",
        "   600 s escalate",
        "   660 s escalate",
        "   660 s claim by ming",
        "   700 s close by ming",
    ]
    assert centre.timeline() == [
        "     0 s lan, ming, daughter-1",
        "    60 s daughter-1",
        "   600 s lan, ming, daughter-1",
        "   660 s chen, son-1",
        "   700 s daughter-1, son-1",
    ]
    assert await nothing_is_wrong(centre)


def long_lie(centre: Centre, fell: datetime = NOON) -> Finding:
    """Ten minutes after a fall."""
    found = finding(centre.world, Kind.LONG_LIE, at=fell + timedelta(minutes=10), episode=str(fell))
    return replace(found, evidence={"fall_time": fell.isoformat(), "minutes": 10})


async def a_fall_that_help_comes_to(centre: Centre, code: ClosureCode, *, arrived: bool = True) -> int:
    """From noon to eight minutes past."""
    world = centre.world
    [raised] = await centre.raise_(finding(world, Kind.FALL))
    await centre.until(30)
    async with centre.transaction() as connection:
        await service.claim(connection, raised.incident_id, world.responder, centre.now)
        await service.dispatch(connection, raised.incident_id, world.responder, centre.now, "street team")
    await centre.until(300)
    if arrived:
        async with centre.transaction() as connection:
            await service.arrive(connection, raised.incident_id, world.responder, centre.now)
    await centre.until(480)
    async with centre.transaction() as connection:
        await service.close(connection, raised.incident_id, world.responder, centre.now, code)
    return raised.incident_id


async def test_who_was_helped_up_before_the_long_lie_is_over_is_not_called_for_again(centre: Centre) -> None:
    number = await a_fall_that_help_comes_to(centre, ClosureCode.AMBULANCE)
    await centre.until(605)
    told = centre.timeline()
    [lie] = await centre.raise_(long_lie(centre))
    assert (lie.incident_id, lie.new_incident) == (number, False)
    assert await centre.raise_(long_lie(centre)) == [], "the same again"
    await centre.until(3600)
    assert (await trail(centre, number))[-2:] == ["   480 s close by lan", "   605 s attach"]
    assert centre.timeline() == told
    assert await nothing_is_wrong(centre)


@pytest.mark.parametrize(
    ("code", "arrived"),
    [(ClosureCode.REASSURED, True), (ClosureCode.DETECTOR_FALSE, True), (ClosureCode.AMBULANCE, False)],
)
async def test_whom_nobody_has_seen_is_called_for_when_they_still_lie_there(
    centre: Centre, code: ClosureCode, arrived: bool
) -> None:
    number = await a_fall_that_help_comes_to(centre, code, arrived=arrived)
    await centre.until(605)
    [lie] = await centre.raise_(long_lie(centre))
    assert lie.new_incident
    assert lie.incident_id != number
    await centre.until(700)
    assert "   605 s lan, ming, daughter-1" in centre.timeline()


async def test_a_second_fall_after_help_has_gone_is_called_for(centre: Centre) -> None:
    await a_fall_that_help_comes_to(centre, ClosureCode.AMBULANCE)
    await centre.until(1300)
    [lie] = await centre.raise_(long_lie(centre, NOON + timedelta(seconds=690)))
    assert lie.new_incident


async def test_a_long_lie_belongs_to_what_has_been_opened_since(centre: Centre) -> None:
    await a_fall_that_help_comes_to(centre, ClosureCode.AMBULANCE)
    await centre.until(500)
    [again] = await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(605)
    [lie] = await centre.raise_(long_lie(centre))
    assert (lie.incident_id, lie.new_incident) == (again.incident_id, False)


async def test_a_worry_and_an_emergency_turn_out_to_be_one(centre: Centre) -> None:
    world = centre.world
    [worry] = await centre.raise_(
        finding(world, Kind.INACTIVITY, queue=Queue.CARE, severity=Severity.MEDIUM, episode="9")
    )
    await centre.until(120)
    [fall] = await centre.raise_(finding(world, Kind.LONG_LIE, at=centre.now))
    await centre.until(130)
    async with centre.transaction() as connection:
        await service.claim(connection, fall.incident_id, world.responder, centre.now)
        await service.merge(connection, worry.incident_id, world.responder, centre.now, fall.incident_id)
    await centre.until(9000)
    assert centre.timeline()[:4] == [
        "     0 s lan, ming, daughter-1",
        "   120 s lan, ming, daughter-1",
        "   430 s chen, son-1",
        "   550 s lan, ming, chen, daughter-1, son-1",
    ]
    assert not any(line.startswith("  1800 s") for line in centre.timeline()), "the worry's own second step"
    async with centre.transaction() as connection:
        kinds = [a.kind for a in await incidents.alerts_of(connection, fall.incident_id)]
    assert kinds == ["inactivity", "long_lie"]
    assert (await trail(centre, worry.incident_id))[-1] == "   130 s merge by lan"
    assert (await trail(centre, fall.incident_id))[2:4] == ["   130 s claim by lan", "   130 s absorb by lan"]
    assert await nothing_is_wrong(centre)


async def test_a_test_of_the_alarm_from_end_to_end(centre: Centre) -> None:
    world = centre.world
    async with centre.transaction() as connection:
        asked = await service.ask_for_test(connection, world.resident, world.supervisor, centre.now)
    assert asked.devices == 1
    await centre.until(10)
    assert heard(centre) == ["test"]
    await centre.until(95)
    [raised] = await centre.raise_(finding(world, at=centre.now))
    await centre.until(100)
    async with centre.transaction() as connection:
        [event] = [e for e in await incidents.events_of(connection, raised.incident_id) if e.event == "open"]
        [entry] = await worklist.entries(connection, [raised.incident_id])
        assert event.detail["expected_test"] is True
        assert event.detail["asked_by"] == f"user:{world.supervisor}"
        assert entry.expected_test
        await service.claim(connection, raised.incident_id, world.responder, centre.now)
        await service.close(connection, raised.incident_id, world.responder, centre.now, ClosureCode.TEST)
        [person] = await protection.residents(connection, Scope.area("/"), centre.now, resident_id=world.resident)
    assert person.last_test_at == NOON + timedelta(seconds=95)
    assert centre.timeline()[0] == "    95 s lan, ming, daughter-1"


async def told_of_a_press(centre: Centre, *, asked: bool) -> list[str]:
    if asked:
        async with centre.transaction() as connection:
            await service.ask_for_test(connection, centre.world.resident, centre.world.supervisor, centre.now)
    await centre.until(60)
    await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(2000)
    return [line for line in centre.timeline() if float(line.split()[0]) >= 60]


async def test_a_press_that_was_asked_for_is_told_to_everybody_at_the_same_moments(
    database: str, embedded_database: str
) -> None:
    """It may be a call for help all the same: nothing that follows from it depends on who asked."""
    timelines = []
    for url, asked in ((database, False), (embedded_database, True)):
        async with open_centre(url) as centre:
            timelines.append(await told_of_a_press(centre, asked=asked))
    assert timelines[0] == timelines[1]
    assert len(timelines[0]) > 8


async def test_the_press_after_the_test_is_a_call_for_help(centre: Centre) -> None:
    world = centre.world
    async with centre.transaction() as connection:
        await service.ask_for_test(connection, world.resident, world.supervisor, centre.now)
    await centre.until(30)
    [test] = await centre.raise_(finding(world, at=centre.now))
    await centre.until(50)
    await centre.raise_(finding(world, at=centre.now, episode="2"))
    await centre.until(51)
    async with centre.transaction() as connection:
        [entry] = await worklist.entries(connection, [test.incident_id])
        attached = [e.detail for e in await incidents.events_of(connection, test.incident_id) if e.event == "attach"]
    assert not entry.expected_test, "it is about more than the press that was asked for"
    assert "expected_test" not in attached[0]
    assert centre.timeline()[-1] == "    50 s chen, son-1", "the next people are told at once"


@pytest.mark.parametrize(
    ("pressed", "arrives"),
    [
        pytest.param(-3600, 30, id="pressed an hour before it was asked for, and late"),
        pytest.param(601, 601, id="too late to be the answer"),
    ],
)
async def test_what_is_no_answer_to_the_test_is_not_called_one(centre: Centre, pressed: int, arrives: int) -> None:
    world = centre.world
    async with centre.transaction() as connection:
        await service.ask_for_test(connection, world.resident, world.supervisor, centre.now)
    await centre.until(arrives)
    [raised] = await centre.raise_(finding(world, at=NOON + timedelta(seconds=pressed)))
    async with centre.transaction() as connection:
        [entry] = await worklist.entries(connection, [raised.incident_id])
    assert not entry.expected_test
    await centre.until(arrives)
    assert centre.timeline() == [f"{arrives:6.0f} s lan, ming, daughter-1"]


async def test_nobody_is_asked_for_a_test_in_an_emergency_or_without_anything_to_press(centre: Centre) -> None:
    world = centre.world
    [raised] = await centre.raise_(finding(world))
    async with centre.transaction() as connection:
        with pytest.raises(service.NotNow) as refused:
            await service.ask_for_test(connection, world.resident, world.supervisor, centre.now)
        assert (refused.value.code, refused.value.facts) == ("has-an-emergency", {"incident": raised.incident_id})
        with pytest.raises(service.NotNow) as refused:
            await service.ask_for_test(connection, world.neighbour, world.supervisor, centre.now)
        assert refused.value.code == "nothing-to-test"
