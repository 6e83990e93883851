"""The demonstration's town is one in which somebody would answer, at whatever hour it is watched."""

import dataclasses
from datetime import timedelta

import pytest

from alerts import coverage, service
from core.clock import HOUR, ScaledClock, to_datetime, to_micros
from core.settings import read
from demo import script
from demo.responders import Desk
from demo.town import settle_in
from storage import checks
from tests.support.alarm_world import NOON, connection_to


@pytest.fixture
async def town(embedded_database: str) -> str:
    begin = to_micros(NOON)
    clock = ScaledClock(begin, begin, 1.0)
    settings = read(
        {
            "KANHU_DATABASE_URL": embedded_database,
            **{f"KANHU_CLOCK_{name.upper()}": str(value) for name, value in dataclasses.asdict(clock).items()},
        }
    )
    roster = script.make(30, 1, begin, "http://127.0.0.1:1").roster
    desks = [(Desk(f"responder-{n}", "correct horse battery"), "responder") for n in (1, 2, 3)]
    await settle_in(settings, roster, [*desks, (Desk("demo", "correct horse battery"), "supervisor")])
    return embedded_database


async def test_somebody_would_answer_at_every_hour_of_two_weeks(town: str) -> None:
    async with connection_to(town) as connection:
        for hour in range(0, 14 * 24, 5):
            found = await coverage.look(connection, NOON + timedelta(hours=hour))
            gaps = [gap for queues in found.values() for some in queues.values() for gap in some]
            assert gaps == [], to_datetime(to_micros(NOON) + hour * HOUR)
            assert len(found) > 3


async def test_special_care_residents_have_checks_of_which_none_is_overdue_while_the_town_is_scored(town: str) -> None:
    async with connection_to(town) as connection:
        plans = await checks.plans(connection, "/", maximum=100)
        begin = to_datetime(script.begin_of(plans[0].starts_on))
        # Written at whatever hour the test runs; the demonstration writes them in the morning.
        await connection.execute("DELETE FROM check_task")
        await connection.execute("UPDATE check_plan SET since = %s, made_through = NULL", (begin,))
        for plan in plans:
            await service.make_check_tasks(connection, plan.id, begin)
        due = await checks.tasks(connection, "/", begin, states=["due"], maximum=100)
        later = begin + timedelta(minutes=script.MINUTES)
        overdue = await checks.tasks(connection, "/", later, states=["overdue"], maximum=100)
    assert {task.kind for task in due} == {"call", "visit"}
    assert len({task.resident_id for task in due}) == len(due) >= 4
    assert overdue == []
