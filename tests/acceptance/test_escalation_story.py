"""Who hears of an emergency, and when: read the timelines as the story they tell. lan and ming are responders, chen is
their supervisor; daughter and son are family."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerts import auditor, links, service
from alerts.lifecycle import ClosureCode
from alerts.notify.base import Permanent, Temporary
from core.findings import Kind, Queue, Severity
from storage import deliveries, incidents
from storage.deliveries import Delivery
from tests.support.alarm_world import NOON, finding
from tests.support.centre import SECRET, Centre, open_centre


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


async def claim(centre: Centre, incident: int, user: int) -> None:
    async with centre.transaction() as connection:
        await service.claim(connection, incident, user, centre.now)


async def trail(centre: Centre, incident: int) -> list[str]:
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, incident)
    return [f"{(e.at - NOON).total_seconds():6.0f} s {e.event}" for e in events]


async def told(centre: Centre, incident: int) -> list[Delivery]:
    async with centre.transaction() as connection:
        return await deliveries.of_incident(connection, incident)


async def nothing_is_wrong(centre: Centre) -> bool:
    async with centre.transaction() as connection:
        return (await auditor.look(connection, centre.now)).violations == ()


async def test_an_emergency_that_nobody_answers(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(1700)
    assert centre.timeline() == [
        "     0 s lan, ming, daughter-1",
        "    60 s chen, son-1",
        "   180 s lan, ming, chen, daughter-1, son-1",
        "   360 s lan, ming, daughter-1",
        "   420 s chen, son-1",
        "   540 s lan, ming, chen, daughter-1, son-1",
        "   720 s lan, ming, daughter-1",
        "   780 s chen, son-1",
        "   900 s lan, ming, chen, daughter-1, son-1",
        "  1080 s lan, ming, chen, daughter-1, son-1",
        "  1380 s lan, ming, chen, daughter-1, son-1",
        "  1680 s lan, ming, chen, daughter-1, son-1",
    ]
    assert (await trail(centre, raised.incident_id)).count("  1080 s exhaust") == 1
    assert sum(line.endswith("exhaust") for line in await trail(centre, raised.incident_id)) == 1
    async with centre.transaction() as connection:
        report = await auditor.look(connection, centre.now)
    assert (report.violations, report.exhausted) == ((), (raised.incident_id,))


async def test_a_claim_stops_it_and_a_lapse_goes_on_with_the_next_step(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(30)
    await claim(centre, raised.incident_id, centre.world.responder)
    await centre.until(329)
    assert centre.timeline() == ["     0 s lan, ming, daughter-1"]
    await centre.until(500)
    assert centre.timeline() == [
        "     0 s lan, ming, daughter-1",
        "   330 s chen, son-1",
        "   450 s lan, ming, chen, daughter-1, son-1",
    ]
    assert (await trail(centre, raised.incident_id))[:5] == [
        "     0 s open",
        "     0 s escalate",
        "    30 s claim",
        "   330 s lapse",
        "   330 s escalate",
    ]


async def test_a_second_step_comes_after_the_set_seconds_and_not_before(centre: Centre) -> None:
    await centre.raise_(finding(centre.world))
    await centre.until(59)
    assert len(centre.timeline()) == 1
    await centre.until(60)
    assert centre.timeline()[1:] == ["    60 s chen, son-1"]


async def test_what_ends_in_the_countdown_is_heard_of_by_nobody(centre: Centre) -> None:
    await centre.raise_(finding(centre.world, Kind.FALL, countdown=20))
    await centre.until(8)
    await centre.raise_(finding(centre.world, Kind.FALL, clears=True))
    await centre.until(600)
    assert centre.timeline() == []
    assert [topic for topic, _ in centre.commands] == ["kanhu/v1/h1/watch/command"]


async def test_the_family_confirms_by_the_link_and_is_not_asked_again_while_the_queue_goes_on(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(10)
    [message] = [m for _, m in centre.channel.sent if m.address == "daughter-1"]
    link = message.text.rpartition("：")[2].rpartition("confirm/")
    async with centre.transaction() as connection:
        await service.confirm_delivery(connection, links.read(link[2], centre.now, SECRET), centre.now)
    await centre.until(400)
    assert centre.timeline() == [
        "     0 s lan, ming, daughter-1",
        "    60 s chen",
        "   180 s lan, ming, chen, son-1",
        "   360 s lan, ming",
    ]
    assert "    10 s confirm" in await trail(centre, raised.incident_id)


async def test_the_family_hears_how_it_ended(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(10)
    await claim(centre, raised.incident_id, centre.world.responder)
    async with centre.transaction() as connection:
        await service.close(
            connection, raised.incident_id, centre.world.responder, centre.now, ClosureCode.REASSURED, "is fine"
        )
    await centre.until(60)
    assert centre.timeline() == ["     0 s lan, ming, daughter-1", "    10 s daughter-1"]
    assert centre.channel.sent[-1][1].title == "已结束：王秀兰"
    assert "平安" in centre.channel.sent[-1][1].text


async def test_care_is_quiet_at_night_but_the_queue_is_told(centre: Centre) -> None:
    ten_at_night = 10 * 3600
    await centre.until(ten_at_night)
    [raised] = await centre.raise_(
        finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.MEDIUM, at=centre.now)
    )
    await centre.until(ten_at_night + 3600)
    assert centre.timeline() == [f"{ten_at_night:6.0f} s lan, ming"]
    await claim(centre, raised.incident_id, centre.world.responder)
    await centre.until(19 * 3600 - 1)
    assert all("daughter" not in line for line in centre.timeline())
    await centre.until(19 * 3600)
    assert centre.timeline()[-1].startswith(f"{19 * 3600:6.0f} s ")
    assert "daughter-1" in centre.timeline()[-1]


async def test_an_emergency_knows_no_quiet_hours(centre: Centre) -> None:
    midnight = 12 * 3600
    await centre.until(midnight)
    await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(midnight + 1)
    assert centre.timeline() == [f"{midnight:6.0f} s lan, ming, daughter-1"]


async def test_a_channel_that_will_never_work_gives_way_to_the_next_at_once(centre: Centre) -> None:
    centre.channel.failures["daughter-1"] = [Permanent("answered 410", gone=True)]
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(0)
    assert centre.timeline() == ["     0 s lan, ming, daughter-2"]
    failed, instead = [d for d in await told(centre, raised.incident_id) if d.contact_id == centre.world.daughter]
    assert (failed.state, failed.error, failed.channel_id) == (
        "failed", "answered 410", centre.world.daughters_channels[0],
    )  # fmt: skip
    assert (instead.state, instead.channel_id) == ("sent", centre.world.daughters_channels[1])
    await centre.until(180)
    assert centre.timeline()[-1] == "   180 s lan, ming, chen, daughter-2, son-1"


async def test_a_channel_that_fails_for_now_is_tried_for_seconds_and_then_the_next_one(centre: Centre) -> None:
    centre.channel.failures["daughter-1"] = [Temporary("busy")] * 4
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(20)
    assert centre.timeline() == ["     0 s lan, ming", "    12 s daughter-2"]
    assert centre.channel.tried.count("daughter-1") == 4
    await centre.until(180)
    assert "daughter-1" in centre.timeline()[-1], "the next step tries it again"
    assert "unreachable" not in " ".join(await trail(centre, raised.incident_id))


async def test_a_person_who_cannot_be_reached_at_all_is_named_in_the_trail(centre: Centre) -> None:
    for address in ("daughter-1", "daughter-2"):
        centre.channel.failures[address] = [Permanent("answered 404")]
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(1)
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, raised.incident_id)
    [event] = [e for e in events if e.event == "unreachable"]
    assert event.detail["who"] == f"contact:{centre.world.daughter}"
    assert await nothing_is_wrong(centre)


async def test_two_emergencies_of_two_people_go_their_own_ways(centre: Centre) -> None:
    first, _ = await centre.raise_(
        finding(centre.world), finding(centre.world, Kind.FALL, resident=centre.world.neighbour)
    )
    await centre.until(30)
    await claim(centre, first.incident_id, centre.world.responder)
    await centre.until(70)
    assert centre.timeline() == ["     0 s lan, ming, daughter-1, lan, ming", "    60 s chen"]
    assert await nothing_is_wrong(centre)


async def test_maintenance_rings_nobody_until_hours_have_passed(centre: Centre) -> None:
    await centre.raise_(finding(centre.world, Kind.BATTERY_LOW, queue=Queue.MAINTENANCE, severity=Severity.LOW))
    await centre.until(timedelta(hours=4).total_seconds() - 1)
    assert centre.timeline() == []
    await centre.until(timedelta(hours=4).total_seconds())
    assert centre.timeline() == [" 14400 s daughter-1"]
