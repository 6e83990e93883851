"""Regular checks (探访关爱), day by day: read the diaries as the story they tell.

Wang Xiulan is rung up every day by 10:00, and it is overdue at 14:00. lan and ming are responders, chen is their
supervisor; daughter and son are family. The story begins on Thursday, 1 October 2026, at noon in Shanghai.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts import auditor, service
from alerts.checks import Outcome
from alerts.lifecycle import ClosureCode
from storage import checks, incidents
from storage.checks import PlanDetails, ShownTask
from tests.support.alarm_world import NOON
from tests.support.centre import Centre, open_centre

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY_CALL = PlanDetails("call", (1, 2, 3, 4, 5, 6, 7), None, time(10), 4, None, date(2026, 10, 1), None, "耳背")
PATH = "/330106/"


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


async def until(centre: Centre, moment: str) -> None:
    """Let the time pass up to day and hour ("2 14:00"), the dispatcher at work."""
    day, clock = moment.split()
    end = datetime.combine(date(2026, 10, int(day)), time.fromisoformat(clock), SHANGHAI)
    while centre.now < end:
        step = min(end, centre.now.replace(minute=0) + timedelta(hours=1))
        await centre.until((step - NOON).total_seconds())
        await centre.dispatcher.look_after_checks()
        await centre.settle()


async def plan(centre: Centre, details: PlanDetails = DAILY_CALL) -> int:
    async with centre.transaction() as connection:
        return await service.add_check_plan(connection, centre.world.resident, details, centre.now)


async def tasks(centre: Centre) -> list[ShownTask]:
    async with centre.transaction() as connection:
        return await checks.tasks(connection, PATH, centre.now, maximum=500)


async def diary(centre: Centre) -> list[str]:
    return [f"{task.day.day} {task.state}" for task in await tasks(centre)]


async def record(centre: Centre, day: int, outcome: Outcome, note: str = "", by: int | None = None) -> None:
    [task] = [t for t in await tasks(centre) if t.day.day == day]
    async with centre.transaction() as connection:
        await service.record_check(
            connection, task.id, centre.world.responder if by is None else by, outcome, note, centre.now
        )


async def incident_story(centre: Centre) -> list[str]:
    """Each incident's trail on one line, without the escalation's steps."""
    async with centre.transaction() as connection:
        rows = await (await connection.execute("SELECT id FROM incident ORDER BY id")).fetchall()
        found = [await incidents.events_of(connection, row[0]) for row in rows]
    return [", ".join(said(line) for line in lines if line.event not in ("escalate", "exhaust")) for lines in found]


def said(line: incidents.IncidentEvent) -> str:
    local = line.at.astimezone(SHANGHAI)
    kind = f" {line.detail['kind']}" if line.event in ("open", "attach") and "kind" in line.detail else ""
    return f"{local.day} {local:%H:%M} {line.event}{kind}"


async def nothing_is_wrong(centre: Centre) -> bool:
    async with centre.transaction() as connection:
        return (await auditor.look(connection, centre.now)).violations == ()


async def test_a_plan_gives_a_task_a_day_and_the_next_one_a_day_ahead(centre: Centre) -> None:
    await plan(centre)
    assert await diary(centre) == ["2 upcoming"], "today's hour has passed: nobody was asked for it"
    await until(centre, "2 00:00")
    assert await diary(centre) == ["2 due", "3 upcoming"]
    await until(centre, "2 09:30")
    await record(centre, 2, Outcome.WELL, "精神很好")
    assert await diary(centre) == ["2 done", "3 upcoming"]
    await until(centre, "3 09:00")
    assert await diary(centre) == ["2 done", "3 due", "4 upcoming"]
    assert centre.timeline() == []


async def test_a_check_that_nobody_does_becomes_an_incident_and_ends_when_the_person_is_reached(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "2 13:30")
    assert (await diary(centre), await incident_story(centre)) == (["2 due", "3 upcoming"], [])
    await until(centre, "2 14:00")
    assert await diary(centre) == ["2 overdue", "3 upcoming"]
    assert await incident_story(centre) == ["2 14:00 open check_overdue"]
    assert centre.timeline() == [" 93600 s lan, ming, daughter-1"]
    await until(centre, "2 14:40")
    assert centre.timeline()[1:] == [" 95400 s chen"]
    await record(centre, 2, Outcome.WELL, "在邻居家")
    await until(centre, "2 18:00")
    assert await incident_story(centre) == ["2 14:00 open check_overdue, 2 14:40 clear, 2 14:40 cancel"]
    assert await diary(centre) == ["2 done", "3 upcoming"]
    assert centre.timeline()[2:] == [" 96000 s daughter-1"], "who was told hears how it ended"


async def test_not_reached_is_an_attempt_and_the_check_stays_to_be_done(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "2 09:30")
    await record(centre, 2, Outcome.NOT_REACHED, "没人接")
    await until(centre, "2 10:30")
    await record(centre, 2, Outcome.NOT_REACHED, "占线", by=centre.world.colleague)
    [task, _] = await tasks(centre)
    assert (task.state, task.attempts, task.last_attempt_at) == ("due", 2, centre.now)
    await until(centre, "2 14:00")
    assert await incident_story(centre) == ["2 14:00 open check_overdue"]
    await record(centre, 2, Outcome.NOT_REACHED)
    assert (await diary(centre))[0] == "2 overdue"


async def test_somebody_who_needs_help_is_the_care_queues_at_once(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "2 09:30")
    await record(centre, 2, Outcome.NEEDS_HELP, "脚肿得走不了路")
    await centre.settle()
    assert await incident_story(centre) == ["2 09:30 open check_needs_help"]
    assert centre.timeline() == [" 77400 s lan, ming, daughter-1"]
    await until(centre, "3 09:30")
    await record(centre, 3, Outcome.WELL)
    assert await incident_story(centre) == ["2 09:30 open check_needs_help"], "only a person ends this one"
    assert await nothing_is_wrong(centre)


async def test_overdue_and_then_found_in_need_stays_one_incident(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "2 14:00")
    await record(centre, 2, Outcome.NEEDS_HELP, "摔倒了")
    assert await incident_story(centre) == [
        "2 14:00 open check_overdue, 2 14:00 attach check_needs_help, 2 14:00 clear"
    ]
    assert await nothing_is_wrong(centre)


async def test_days_without_word_are_one_incident_that_gets_more_urgent(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "2 14:00")
    async with centre.transaction() as connection:
        [first] = await (await connection.execute("SELECT severity FROM incident")).fetchall()
    await until(centre, "3 14:00")
    async with centre.transaction() as connection:
        [second] = await (await connection.execute("SELECT severity FROM incident")).fetchall()
    assert (first, second) == ((3,), (4,))
    assert await incident_story(centre) == ["2 14:00 open check_overdue, 3 14:00 attach check_overdue"]
    await until(centre, "4 09:00")
    await record(centre, 4, Outcome.WELL)
    assert (await incident_story(centre))[0].endswith("4 09:00 clear, 4 09:00 clear, 4 09:00 cancel")
    assert await diary(centre) == ["2 missed", "3 missed", "4 done", "5 upcoming"], "what was missed stays missed"


async def test_a_held_incident_is_not_taken_out_of_its_holders_hands(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "2 14:00")
    async with centre.transaction() as connection:
        await service.claim(connection, 1, centre.world.responder, centre.now)
    await record(centre, 2, Outcome.WELL)
    assert await incident_story(centre) == ["2 14:00 open check_overdue, 2 14:00 claim, 2 14:00 clear"]
    async with centre.transaction() as connection:
        await service.close(connection, 1, centre.world.responder, centre.now, ClosureCode.REASSURED)
    assert await nothing_is_wrong(centre)


async def test_after_days_away_the_missed_days_are_overdue_and_one_finding_says_how_many(centre: Centre) -> None:
    await plan(centre)
    five_days = int((NOON.replace(day=6) - NOON).total_seconds())
    centre.clock.advance(five_days * 1_000_000)
    await centre.dispatcher.look_after_checks()
    assert await diary(centre) == ["2 overdue", "3 overdue", "4 overdue", "5 overdue", "6 due", "7 upcoming"]
    assert [t.made_at >= t.overdue_at for t in await tasks(centre)] == [False, True, True, True, False, False]
    assert await incident_story(centre) == ["6 12:00 open check_overdue"]
    async with centre.transaction() as connection:
        [alert] = await incidents.alerts_of(connection, 1)
    assert (alert.severity, alert.evidence["missed"], alert.evidence["due"]) == (4, 4, "2026-10-05 10:00")
    await centre.dispatcher.look_after_checks()
    assert len(await incident_story(centre)) == 1, "a second look changes nothing"
    await record(centre, 6, Outcome.WELL)
    assert await incident_story(centre) == ["6 12:00 open check_overdue, 6 12:00 clear, 6 12:00 cancel"]
    assert await diary(centre) == ["2 missed", "3 missed", "4 missed", "5 missed", "6 done", "7 upcoming"]


async def test_who_was_rung_up_and_wrote_it_down_a_day_late_has_done_it(centre: Centre) -> None:
    await plan(centre)
    await until(centre, "3 09:00")
    await record(centre, 3, Outcome.WELL)
    assert await diary(centre) == ["2 missed", "3 done", "4 upcoming"]
    await record(centre, 2, Outcome.WELL, "昨天打过，忘了记")
    assert await diary(centre) == ["2 done", "3 done", "4 upcoming"]


async def test_of_a_check_that_was_missed_while_the_dispatcher_was_away_nobody_is_told_after_the_person_was_reached(
    centre: Centre,
) -> None:
    await plan(centre)
    await plan(centre, replace(DAILY_CALL, kind="visit", due_by=time(18), starts_on=date(2026, 10, 2)))
    await until(centre, "2 08:00")
    centre.clock.advance(8 * 3600 * 1_000_000)
    [visit] = [t for t in await tasks(centre) if (t.day.day, t.kind) == (2, "visit")]
    async with centre.transaction() as connection:
        await service.record_check(connection, visit.id, centre.world.colleague, Outcome.WELL, "", centre.now)
    await until(centre, "2 20:00")
    assert await incident_story(centre) == []
    assert await diary(centre) == ["2 missed", "2 done", "3 upcoming", "3 upcoming"]


async def test_a_changed_plan_moves_what_is_to_come_and_leaves_what_is_due(centre: Centre) -> None:
    number = await plan(centre)
    await until(centre, "2 11:00")
    later = PlanDetails("visit", (1, 6), None, time(16), 2, None, date(2026, 10, 1), None, "")
    async with centre.transaction() as connection:
        await service.change_check_plan(connection, number, later, centre.now)
    assert [(t.day.day, t.kind, t.state) for t in await tasks(centre)] == [
        (2, "call", "due"), (3, "visit", "upcoming"),
    ]  # fmt: skip
    await until(centre, "2 14:00")
    assert await incident_story(centre) == ["2 14:00 open check_overdue"], (
        "today's call was promised, and nobody made it"
    )
    await until(centre, "5 18:00")
    assert await diary(centre) == ["2 overdue", "3 overdue", "5 overdue"]


async def test_an_ended_plan_asks_nobody_any_more(centre: Centre) -> None:
    number = await plan(centre)
    await until(centre, "2 11:00")
    async with centre.transaction() as connection:
        await service.end_check_plan(connection, number, centre.now)
    await until(centre, "4 18:00")
    assert (await diary(centre), await incident_story(centre)) == ([], [])
