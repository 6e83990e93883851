"""The dispatcher looks after regular checks: any number of dispatchers, and whatever the database says to one plan."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, time, timedelta

import psycopg
import pytest

from alerts import auditor, service
from alerts.auditor import Rule
from alerts.checks import Outcome
from storage import checks
from storage.checks import PlanDetails
from tests.support.alarm_world import NOON
from tests.support.centre import Centre, open_centre

DAILY = PlanDetails("call", None, 1, time(14), 1, None, date(2026, 10, 1), None, "")


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


async def plan(centre: Centre, resident: int) -> int:
    async with centre.transaction() as connection:
        return await service.add_check_plan(connection, resident, DAILY, centre.now)


async def count(centre: Centre, what: str) -> int:
    async with centre.transaction() as connection:
        row = await (await connection.execute(f"SELECT count(*) FROM {what}".encode())).fetchone()
    assert row is not None
    return int(row[0])


async def test_several_dispatchers_make_each_task_and_each_finding_once(centre: Centre) -> None:
    for _ in range(3):
        await plan(centre, centre.world.resident)
    await plan(centre, centre.world.neighbour)
    centre.clock.advance(4 * 86_400 * 1_000_000)
    await asyncio.gather(*(centre.dispatcher.look_after_checks() for _ in range(4)))
    # Five days gone by or begun, and the next, of each of four plans; each plan's newest overdue one is told.
    assert await count(centre, "check_task") == 4 * 6
    assert await count(centre, "alert") == 4
    assert await count(centre, "incident WHERE queue = 'care'") == 2
    assert await count(centre, "check_task WHERE raised_at IS NOT NULL") == 4 * 4


async def test_who_is_reached_while_it_becomes_overdue_is_either_missed_and_cleared_or_never_missed(
    centre: Centre,
) -> None:
    await plan(centre, centre.world.resident)
    centre.clock.advance(4 * 3600 * 1_000_000)

    async def reach() -> None:
        async with centre.transaction() as connection:
            await service.record_check(connection, 1, centre.world.responder, Outcome.WELL, "", centre.now)

    await asyncio.gather(centre.dispatcher.look_after_checks(), reach())
    await centre.dispatcher.look_after_checks()
    assert await count(centre, "incident WHERE state <> 'cancelled'") == 0


async def test_two_who_reach_one_person_at_once_do_not_wait_for_each_other_for_ever(centre: Centre) -> None:
    for _ in range(6):
        await plan(centre, centre.world.resident)
    centre.clock.advance(2 * 86_400 * 1_000_000)
    for _ in range(3):
        await centre.dispatcher.look_after_checks()
    async with centre.transaction() as connection:
        found = await checks.tasks(connection, "/", centre.now, states=["overdue"], maximum=99)

    async def reach(task: int) -> None:
        async with centre.transaction() as connection:
            await service.record_check(connection, task, centre.world.responder, Outcome.WELL, "", centre.now)

    await asyncio.gather(*(reach(t.id) for t in found), centre.dispatcher.look_after_checks())
    assert await count(centre, "check_task WHERE done_at IS NOT NULL") == len(found) == 12
    assert await count(centre, "incident WHERE state = 'open'") == 0


async def test_a_plan_that_the_database_refuses_does_not_keep_the_others_from_their_checks(centre: Centre) -> None:
    broken, whole = await plan(centre, centre.world.resident), await plan(centre, centre.world.neighbour)
    async with centre.transaction() as connection:
        await connection.execute(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.plan_id = {broken} THEN RAISE check_violation; END IF; RETURN NEW; END $$;"
            "CREATE TRIGGER no BEFORE INSERT OR UPDATE ON check_task FOR EACH ROW EXECUTE FUNCTION no()".encode()
        )
    centre.clock.advance(2 * 86_400 * 1_000_000)
    await centre.dispatcher.look_after_checks()
    assert await count(centre, f"check_task WHERE plan_id = {whole}") == 4
    assert await count(centre, f"check_task WHERE plan_id = {broken}") == 2
    assert await count(centre, f"alert WHERE resident_id = {centre.world.neighbour}") == 1
    async with centre.transaction() as connection:
        report = await auditor.look(connection, centre.now)
    assert [v.rule for v in report.violations] == [Rule.CHECK_LEFT], "the auditor says that somebody is forgotten"


async def test_a_dispatcher_that_does_nothing_is_noticed(centre: Centre) -> None:
    await plan(centre, centre.world.resident)
    centre.clock.advance(3 * 3600 * 1_000_000 + 1)
    async with centre.transaction() as connection:
        assert (await auditor.look(connection, centre.now)).violations == ()
    centre.clock.advance(auditor.CHECK_GRACE // timedelta(microseconds=1))
    async with centre.transaction() as connection:
        found = (await auditor.look(connection, centre.now)).violations
    assert [(v.rule, v.incident_id) for v in found] == [(Rule.CHECK_LEFT, None)]
    await centre.dispatcher.look_after_checks()
    async with centre.transaction() as connection:
        left = [v for v in (await auditor.look(connection, centre.now)).violations if v.rule is Rule.CHECK_LEFT]
    assert left == []


async def test_that_tasks_are_not_made_is_noticed_before_anything_is_overdue(centre: Centre) -> None:
    async with centre.transaction() as connection:
        later = replace(DAILY, starts_on=date(2026, 10, 5))
        await service.add_check_plan(connection, centre.world.resident, later, centre.now)
    midnight_before = timedelta(days=2, hours=12)
    for beyond, rules in ((timedelta(0), []), (auditor.CHECK_GRACE, [Rule.CHECK_LEFT])):
        centre.clock.advance((NOON + midnight_before + beyond - centre.now) // timedelta(microseconds=1))
        async with centre.transaction() as connection:
            assert [v.rule for v in (await auditor.look(connection, centre.now)).violations] == rules
    await centre.dispatcher.look_after_checks()
    async with centre.transaction() as connection:
        assert (await auditor.look(connection, centre.now)).violations == ()
    assert await count(centre, "check_task") == 1


async def test_attempts_are_never_changed(centre: Centre) -> None:
    await plan(centre, centre.world.resident)
    async with centre.transaction() as connection:
        await service.record_check(connection, 1, centre.world.responder, Outcome.NOT_REACHED, "", NOON)
    for statement in (b"UPDATE check_attempt SET note = 'x'", b"DELETE FROM check_attempt"):
        with pytest.raises(psycopg.errors.RaiseException):
            async with centre.transaction() as connection:
                await connection.execute(statement)


async def test_a_zone_that_is_not_known_holds_nothing_up(centre: Centre) -> None:
    async with centre.transaction() as connection:
        await connection.execute('UPDATE resident SET care_plan = \'{"timezone": "Mars/Olympus"}\'')
    await plan(centre, centre.world.resident)
    assert await count(centre, "check_task") == 2
