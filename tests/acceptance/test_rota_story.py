"""Who is on shift hears of it, and that nobody would is heard of before anything happens: read the timelines as the
story they tell. It begins at noon in Shanghai. lan and ming are responders, chen is their supervisor; daughter and son
are family. The watch looks every 30 s."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb
from structlog.testing import capture_logs

from alerts import auditor, service
from alerts.auditor import Rule
from alerts.coverage import Code
from alerts.lifecycle import ClosureCode
from alerts.notify.base import Permanent, Temporary
from core.findings import Kind, Queue, Severity
from core.shifts import Hours
from storage import coverage, incidents, rota
from storage.coverage import OpenGap
from tests.support.alarm_world import NOON, finding
from tests.support.centre import Centre, open_centre

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
HOUR = 3600


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


async def shift(centre: Centre, name: str, first: time, last: time, *members: int, area: int | None = None) -> int:
    details = rota.RotationDetails(
        name, "Asia/Shanghai", date(2026, 9, 1), 1, members, (Hours(EVERY_DAY, first, last),)
    )
    async with centre.transaction() as connection:
        return await rota.add_rotation(connection, area or centre.world.area, details)


async def stands_in(centre: Centre, user: int, of: int, first: datetime, last: datetime) -> None:
    async with centre.transaction() as connection:
        await rota.add_override(
            connection,
            centre.world.area,
            user_id=user,
            instead_of_id=of,
            starts_at=first,
            ends_at=last,
            note="病假",
            made_by=centre.world.supervisor,
            now=centre.now,
        )


async def execute(centre: Centre, statement: str, *values: object) -> None:
    async with centre.transaction() as connection:
        await connection.execute(statement.encode(), values)


async def watch(centre: Centre, seconds: int) -> list[OpenGap]:
    """Go on until then, with a look every 30 s and one at the end. Returns what is open."""
    begun = round((centre.now - NOON).total_seconds())
    for moment in [*range(begun, seconds, 30), seconds]:
        await centre.until(moment)
        gaps = await centre.dispatcher.check_coverage()
        await centre.settle()
    return gaps


def codes(gaps: list[OpenGap]) -> set[tuple[str, str]]:
    return {(gap.queue, gap.code) for gap in gaps}


async def steps(centre: Centre, incident: int) -> list[dict[str, Any]]:
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, incident)
    return [dict(e.detail) for e in events if e.event == "escalate"]


def local(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai"))


async def test_who_is_on_shift_is_told_and_everybody_once_all_rounds_are_over(centre: Centre) -> None:
    await shift(centre, "白班", time(8), time(20), centre.world.responder)
    await shift(centre, "夜班", time(20), time(8), centre.world.colleague)
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(1100)
    assert centre.timeline() == [
        "     0 s lan, daughter-1",
        "    60 s chen, son-1",
        "   180 s lan, chen, daughter-1, son-1",
        "   360 s lan, daughter-1",
        "   420 s chen, son-1",
        "   540 s lan, chen, daughter-1, son-1",
        "   720 s lan, daughter-1",
        "   780 s chen, son-1",
        "   900 s lan, chen, daughter-1, son-1",
        # Nobody has answered: being off duty spares nobody any more.
        "  1080 s lan, ming, chen, daughter-1, son-1",
    ]
    told = await steps(centre, raised.incident_id)
    assert [step["fallback"].get("queue") for step in told] == [None] * 9 + ["exhausted"]


async def test_an_override_takes_over_at_22_00_in_the_middle_of_an_emergency(centre: Centre) -> None:
    await shift(centre, "夜班", time(20), time(8), centre.world.responder)
    await stands_in(centre, centre.world.colleague, centre.world.responder, local(22), local(23))
    ten = 10 * HOUR
    await centre.until(ten - 100)
    [first] = await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(ten + 90)
    async with centre.transaction() as connection:
        await service.claim(connection, first.incident_id, centre.world.colleague, centre.now)
        await service.close(
            connection, first.incident_id, centre.world.colleague, centre.now, ClosureCode.DETECTOR_FALSE
        )
    # He gives it back at 23:00, and the neighbour has no family.
    await centre.until(ten + HOUR - 60)
    sent = len(centre.channel.sent)
    await centre.raise_(finding(centre.world, resident=centre.world.neighbour, at=centre.now, episode="2"))
    await centre.until(ten + HOUR + 120)
    assert centre.timeline()[:3] == [
        f"{ten - 100:6} s lan, daughter-1",
        f"{ten - 40:6} s chen, son-1",
        f"{ten + 80:6} s ming, chen, daughter-1, son-1",
    ]
    del centre.channel.sent[:sent]
    assert centre.timeline() == [
        f"{ten + HOUR - 60:6} s ming",
        f"{ten + HOUR:6} s chen",
        f"{ten + HOUR + 120:6} s lan, chen",
    ]


async def test_nobody_on_shift_is_told_to_the_supervisor_once_and_an_emergency_then_to_everybody(
    centre: Centre,
) -> None:
    morning = await shift(centre, "早班", time(8), time(12), centre.world.responder)
    assert codes(await watch(centre, 300)) == {("emergency", "nobody_on_shift"), ("care", "nobody_on_shift")}
    assert centre.timeline() == ["     0 s chen"]
    [(_, message)] = centre.channel.sent
    assert message.title == "Nobody would answer: 西湖街道"
    assert "西湖街道 (Emergency, Care): Nobody is on shift." in message.text
    assert message.text.endswith("https://kanhu.example/rota")
    [raised] = await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(300)
    assert centre.timeline()[-1] == "   300 s lan, ming, daughter-1"
    assert (await steps(centre, raised.incident_id))[0]["fallback"] == {"queue": "nobody_on_shift"}
    # The afternoon is filled, and the gap is over.
    await shift(centre, "午班", time(12), time(20), centre.world.colleague)
    assert await watch(centre, 340) == []
    async with centre.transaction() as connection:
        await rota.delete_rotation(connection, morning)
    assert await watch(centre, 400) == []
    assert [line for line in centre.timeline() if line.endswith(" chen")] == ["     0 s chen"]


async def test_the_watch_sees_a_gap_when_the_shift_ends_and_not_before(centre: Centre) -> None:
    await shift(centre, "白班", time(8), time(18), centre.world.responder)
    six = 6 * HOUR
    await centre.until(six - 60)
    assert await watch(centre, six - 1) == []
    assert codes(await watch(centre, six)) == {("emergency", "nobody_on_shift"), ("care", "nobody_on_shift")}
    assert centre.timeline() == [f"{six:6} s chen"]


async def test_nobody_on_shift_has_a_channel(centre: Centre) -> None:
    await shift(centre, "白班", time(8), time(20), centre.world.responder)
    await execute(
        centre, "UPDATE channel SET failed_at = %s, failure = 'x' WHERE user_id = %s", NOON, centre.world.responder
    )
    assert codes(await watch(centre, 0)) == {("emergency", "no_channel"), ("care", "no_channel")}
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(1)
    assert centre.timeline() == ["     0 s chen, ming, daughter-1"]
    [step] = await steps(centre, raised.incident_id)
    assert (step["fallback"], step["unreachable"]) == (
        {"queue": "no_channel"},
        [f"user:{centre.world.responder}"],
    )


async def test_a_responder_who_was_disabled_leaves_a_gap_in_the_rota(centre: Centre) -> None:
    await shift(centre, "白班", time(8), time(20), centre.world.responder)
    assert await watch(centre, 0) == []
    await execute(centre, "UPDATE app_user SET disabled_at = %s WHERE id = %s", NOON, centre.world.responder)
    assert codes(await watch(centre, 30)) == {("emergency", "nobody_on_shift"), ("care", "nobody_on_shift")}
    await execute(centre, "UPDATE app_user SET disabled_at = %s WHERE id = %s", NOON, centre.world.colleague)
    assert ("emergency", "nobody_on_shift") not in codes(await watch(centre, 60))
    assert ("emergency", "no_staff") in codes(await watch(centre, 60))


async def test_who_stands_in_for_somebody_who_has_left_is_on_shift(centre: Centre) -> None:
    await shift(centre, "白班", time(8), time(20), centre.world.responder)
    await execute(centre, "UPDATE app_user SET disabled_at = %s WHERE id = %s", NOON, centre.world.responder)
    # The supervisor does it, and so does a responder's duty.
    await stands_in(centre, centre.world.supervisor, centre.world.responder, local(12), local(14))
    assert await watch(centre, 0) == []
    await centre.raise_(finding(centre.world))
    await centre.until(1)
    assert centre.timeline() == ["     0 s chen, daughter-1"]
    assert codes(await watch(centre, 2 * HOUR)) == {("emergency", "nobody_on_shift"), ("care", "nobody_on_shift")}


async def test_who_stands_in_for_somebody_who_is_no_responder_any_more_is_on_shift(centre: Centre) -> None:
    await shift(centre, "白班一", time(8), time(20), centre.world.responder)
    await stands_in(centre, centre.world.colleague, centre.world.responder, local(12), local(14))
    await execute(centre, "UPDATE app_user SET role = 'operator' WHERE id = %s", centre.world.responder)
    await centre.raise_(finding(centre.world))
    await centre.until(1)
    assert centre.timeline() == ["     0 s ming, daughter-1"]
    async with centre.transaction() as connection:
        [told] = [e for e in await incidents.events_of(connection, 1) if e.event == "escalate"]
    assert told.detail["fallback"] == {}, "somebody is on shift"


async def test_contacts_without_a_channel(centre: Centre) -> None:
    await execute(centre, "UPDATE channel SET failed_at = %s, failure = 'x' WHERE contact_id IS NOT NULL", NOON)
    gaps = await watch(centre, 60)
    assert codes(gaps) == {(queue.value, "contacts_no_channel") for queue in Queue}
    # The neighbour has never had a contact: that is no gap.
    assert {tuple(gap.residents) for gap in gaps} == {(centre.world.resident,)}
    assert centre.timeline() == ["     0 s chen"]
    assert "1 resident has no contact with a working channel." in centre.channel.sent[0][1].text
    [raised] = await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(61)
    assert centre.timeline()[-1] == "    60 s lan, ming"
    assert (await steps(centre, raised.incident_id))[0]["unreachable"] == [f"contact:{centre.world.daughter}"]


async def test_contacts_that_expire(centre: Centre) -> None:
    expires = NOON + timedelta(hours=1)
    await execute(centre, "UPDATE contact SET valid_until = %s", expires)
    await centre.until(HOUR - 30)
    assert await watch(centre, HOUR - 1) == []
    gaps = await watch(centre, HOUR)
    assert codes(gaps) == {(queue.value, "contacts_expired") for queue in Queue}
    assert centre.timeline() == ["  3600 s chen"]
    await centre.raise_(finding(centre.world, at=centre.now))
    await centre.until(HOUR)
    assert centre.timeline()[-1] == "  3600 s chen, lan, ming"
    await execute(centre, "UPDATE contact SET valid_until = NULL WHERE id = %s", centre.world.son)
    assert await watch(centre, HOUR + 30) == []
    assert centre.timeline()[-1] == "  3600 s chen, lan, ming"


async def street_of(centre: Centre, supervisor: str, *channels: str) -> int:
    """Move the home to a street below, with a supervisor of its own."""
    async with centre.transaction() as connection:
        for statement in (
            "INSERT INTO area (code, name, level, parent_id)"
            f" VALUES ('330106001', '武林路', 'street', {centre.world.area})",
            "UPDATE household SET area_id = (SELECT id FROM area WHERE code = '330106001')",
            "INSERT INTO app_user (name, display_name, password_hash, role, area_id)"
            f" SELECT '{supervisor}', '{supervisor}', '', 'supervisor', id FROM area WHERE code = '330106001'",
        ):
            await connection.execute(statement.encode())
        for order, channel in enumerate(channels, 1):
            await connection.execute(
                b"INSERT INTO channel (user_id, kind, address, call_order)"
                b" SELECT id, 'log', %s, %s FROM app_user WHERE name = %s",
                (channel, order, supervisor),
            )
        row = await (await connection.execute(b"SELECT id FROM area WHERE code = '330106001'")).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_gap_goes_to_the_nearest_supervisor_then_over_their_next_channel_then_to_the_area_above(
    centre: Centre,
) -> None:
    street = await street_of(centre, "wu", "wu-1", "wu-2")
    await shift(centre, "早班", time(8), time(12), centre.world.responder, area=street)
    centre.channel.failures["wu-1"] = [Permanent("answered 410", gone=True)]
    await watch(centre, 30)
    assert centre.timeline() == ["     0 s wu-2"]
    assert centre.channel.sent[0][1].title == "无人应答：武林路"
    # The gap ends and opens again; now neither channel works.
    await shift(centre, "午班", time(12), time(13), centre.world.responder, area=street)
    assert await watch(centre, 60) == []
    centre.channel.failures["wu-2"] = [Temporary("busy")] * 4
    await centre.until(HOUR)
    await watch(centre, HOUR + 60)
    # Tried for twelve seconds; the next look goes to the area above.
    assert centre.timeline() == ["     0 s wu-2", "  3630 s chen"]
    async with centre.transaction() as connection:
        assert all(gap.told_at is not None for gap in await coverage.open_gaps(connection))


async def test_a_gap_that_nobody_can_be_told_of_is_an_error_and_stops_the_heartbeat(centre: Centre) -> None:
    await shift(centre, "早班", time(8), time(12), centre.world.responder)
    centre.channel.failures["chen"] = [Permanent("answered 500")]
    with capture_logs() as logs:
        await watch(centre, 120)
    said = [line for line in logs if line["event"] == "nobody could be told that nobody would answer"]
    assert said
    assert said[0]["log_level"] == "error"

    async def rules() -> list[Rule]:
        async with centre.transaction() as connection:
            return [v.rule for v in (await auditor.look(connection, centre.now)).violations]

    assert await rules() == []
    await watch(centre, 150)
    assert await rules() == [Rule.NOBODY_WOULD_ANSWER]
    # Ten minutes later it is tried again, and works.
    await watch(centre, 630)
    assert centre.timeline() == ["   600 s chen"]
    assert await rules() == []
    await centre.until(1000)
    assert await rules() == [Rule.COVERAGE_UNCHECKED]


async def test_several_who_look_at_once_tell_once(centre: Centre) -> None:
    await shift(centre, "早班", time(8), time(12), centre.world.responder)
    await asyncio.gather(*(centre.dispatcher.check_coverage() for _ in range(4)))
    await centre.settle()
    assert centre.timeline() == ["     0 s chen"]


async def policy(centre: Centre, queue: Queue, severity: int, *steps_: tuple[int, list[str]]) -> None:
    value = {"steps": [{"after_s": after, "targets": targets} for after, targets in steps_], "rounds": 2}
    await execute(
        centre,
        "INSERT INTO escalation_policy (area_id, queue, min_severity, policy) VALUES (%s, %s, %s, %s)",
        centre.world.area,
        queue.value,
        severity,
        Jsonb(value),
    )


async def test_what_becomes_more_severe_is_told_anew_by_the_policy_for_that(centre: Centre) -> None:
    await policy(centre, Queue.CARE, 1, (0, ["queue"]), (3600, ["supervisors"]))
    await policy(centre, Queue.CARE, 4, (0, ["queue"]), (60, ["supervisors", "family"]))
    [raised] = await centre.raise_(
        finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.LOW, episode="1")
    )
    await centre.until(300)
    assert centre.timeline() == ["     0 s lan, ming"]
    worse = finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.HIGH, at=centre.now, episode="2")
    await centre.raise_(worse)
    await centre.until(600)
    assert centre.timeline() == [
        "     0 s lan, ming",
        "   300 s lan, ming",
        "   360 s chen, daughter-1, son-1",
        "   540 s lan, ming",
        "   600 s chen, daughter-1, son-1",
    ]
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, raised.incident_id)
        assert (await auditor.look(connection, centre.now)).violations == ()
    [attached] = [e for e in events if e.event == "attach"]
    assert attached.detail["policy"] is not None


async def test_a_held_incident_that_becomes_more_severe_begins_anew_when_the_holder_lets_go(centre: Centre) -> None:
    await policy(centre, Queue.CARE, 4, (0, ["queue", "supervisors"]), (60, ["family"]))
    [raised] = await centre.raise_(finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.LOW))
    await centre.until(10)
    async with centre.transaction() as connection:
        await service.claim(connection, raised.incident_id, centre.world.responder, centre.now)
    await centre.raise_(
        finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.CRITICAL, at=centre.now, episode="2")
    )
    await centre.until(309)
    assert centre.timeline() == ["     0 s lan, ming, daughter-1"]
    await centre.until(370)
    assert centre.timeline()[1:] == ["   310 s lan, ming, chen", "   370 s daughter-1, son-1"]


async def test_a_policy_that_tells_only_supervisors_needs_one_who_can_be_reached(centre: Centre) -> None:
    await policy(centre, Queue.CARE, 1, (0, ["supervisors"]))
    await execute(
        centre, "UPDATE channel SET failed_at = %s, failure = 'x' WHERE user_id = %s", NOON, centre.world.supervisor
    )
    gaps = await watch(centre, 0)
    assert codes(gaps) == {("care", Code.NO_SUPERVISOR), ("maintenance", Code.NO_SUPERVISOR)}
    assert centre.timeline() == [], "there is nobody left to tell"


async def test_an_incident_that_a_graver_one_is_merged_into_takes_up_the_policy_for_that(centre: Centre) -> None:
    await policy(centre, Queue.EMERGENCY, 5, (0, ["queue", "supervisors"]), (60, ["family"]))
    first, second = await centre.raise_(
        finding(centre.world, Kind.FALL, severity=Severity.HIGH),
        finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.CRITICAL),
    )
    [emergency] = [r.incident_id for r in (first, second) if r.finding.queue is Queue.EMERGENCY]
    [care] = [r.incident_id for r in (first, second) if r.finding.queue is Queue.CARE]
    await centre.until(10)
    async with centre.transaction() as connection:
        await service.claim(connection, care, centre.world.responder, centre.now)
        await service.merge(connection, care, centre.world.responder, centre.now, emergency)
    await centre.until(100)
    assert centre.timeline()[1:] == ["    10 s lan, ming, chen", "    70 s daughter-1, son-1"]
    async with centre.transaction() as connection:
        assert (await auditor.look(connection, centre.now)).violations == ()
