"""Regular checks: plans give tasks, tasks are done or become overdue, and the care queue hears what people must know.

A task is locked before the incident that comes of it, everywhere.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from alerts import checks, planning
from alerts.checks import Outcome, State
from alerts.service import changes
from alerts.service.findings import Raised, raise_findings
from core.findings import Kind
from storage import checks as store
from storage import incidents
from storage.checks import PlanDetails
from storage.pool import Connection


class AlreadyDone(changes.AlertError):
    """Somebody has done the check. by: display name; at: when."""

    def __init__(self, by: str, at: datetime) -> None:
        super().__init__(f"{by} did it at {at.isoformat(timespec='seconds')}")
        self.by = by
        self.at = at


class NotYet(changes.AlertError):
    """The check is of a day that has not begun: done today, nobody would look in on that day."""

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(f"it comes up at {opens_at.isoformat(timespec='seconds')}")
        self.opens_at = opens_at


async def add_check_plan(connection: Connection, resident_id: int, details: PlanDetails, now: datetime) -> int:
    """Add a plan with its first tasks. Returns its id."""
    plan_id = await store.add_plan(connection, resident_id, details, now)
    await make_check_tasks(connection, plan_id, now)
    return plan_id


async def change_check_plan(connection: Connection, plan_id: int, details: PlanDetails, now: datetime) -> None:
    """Change a plan: tasks that are not yet due follow it, those that are due stay to be done as they were."""
    await store.update_plan(connection, plan_id, details, now)
    schedule = await store.lock_schedule(connection, plan_id)
    if schedule is None:
        raise changes.NotFound(f"no plan {plan_id}")
    dropped = checks.dropped(schedule, await store.lock_waiting(connection, plan_id), now)
    await store.withdraw(connection, [task.id for task in dropped], now)
    await make_check_tasks(connection, plan_id, now)


async def end_check_plan(connection: Connection, plan_id: int, now: datetime) -> None:
    """End a plan: nothing is asked any more. What is overdue already stays so."""
    await store.end_plan(connection, plan_id, now)
    waiting = await store.lock_waiting(connection, plan_id)
    await store.withdraw(connection, [t.id for t in waiting if checks.state_of(t, now) is not State.OVERDUE], now)


async def make_check_tasks(connection: Connection, plan_id: int, now: datetime) -> int:
    """Make a plan's tasks up to the resident's next day; again changes nothing.

    Returns how many are new or were moved.
    """
    schedule = await store.lock_schedule(connection, plan_id)
    if schedule is None or schedule.ended_at is not None:
        return 0
    zone = ZoneInfo(planning.care_plan(schedule.care_plan).timezone)
    wanted = checks.to_make(schedule, zone, now)
    new = await store.add_tasks(connection, schedule, wanted.tasks, now) if wanted.tasks else 0
    await store.made(connection, plan_id, wanted.through, wanted.again_at)
    return new


async def raise_overdue_checks(connection: Connection, plan_id: int, now: datetime) -> list[Raised]:
    """Tell the care queue of a plan's tasks that nobody has done in time: one finding, of the newest."""
    schedule = await store.lock_schedule(connection, plan_id)
    tasks = await store.lock_overdue(connection, plan_id, now)
    if schedule is None or not tasks:
        return []
    missed = await store.missed_in_a_row(connection, plan_id, now)
    zone = ZoneInfo(planning.care_plan(schedule.care_plan).timezone)
    raised = await raise_findings(connection, [checks.overdue(tasks, missed, zone)], now)
    await store.raised(connection, [task.id for task in tasks], now)
    return raised


async def record_check(
    connection: Connection, task_id: int, user_id: int, outcome: Outcome, note: str, now: datetime
) -> None:
    """Write down what came of a check.

    Not reached is an attempt and leaves it to be done. Needs help opens an incident of the care queue. Whoever was
    reached is no longer missed: what was raised about checks that nobody did is cleared, and nobody is asked for them
    any more. A late one can be written down still. Raises NotFound, AlreadyDone, NotYet.
    """
    locked = await store.lock_with_overdue(connection, task_id, now)
    task = next((one for one in locked if one.id == task_id), None)
    if task is None or task.withdrawn_at is not None:
        raise changes.NotFound(f"no check {task_id}")
    if task.done_at is not None and task.done_by is not None:
        by = await incidents.holder(connection, task.done_by)
        raise AlreadyDone(by or f"user {task.done_by}", task.done_at)
    if checks.state_of(task, now) is State.UPCOMING:
        raise NotYet(task.opens_at)
    if outcome is Outcome.NOT_REACHED:
        await store.attempted(connection, task_id, user_id, note, now)
        return
    await store.done(connection, task_id, user_id, outcome.value, note, now)
    await store.settle(connection, [one.id for one in locked if one.id != task_id], now)
    found = checks.settled(task, await store.raised_about(connection, task.resident_id, Kind.CHECK_OVERDUE.value))
    if outcome is Outcome.NEEDS_HELP:
        by = await incidents.holder(connection, user_id)
        found.append(checks.needs_help(task, by or f"user {user_id}", note, now))
    await raise_findings(connection, found, now)
