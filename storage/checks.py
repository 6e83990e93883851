"""Regular checks (探访关爱): plans, the tasks they give, attempts. When something is due is said by `alerts.checks`.

All functions take a connection inside the caller's transaction. path: of the area whose subtree counts, None: nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class PlanDetails:
    """What can be written of a plan.

    kind: visit or call. weekdays: 1 Monday to 7 Sunday; else every_days, counted from starts_on. due_by: local time of
    the resident. grace_hours: how much later it is overdue.
    """

    kind: str
    weekdays: Sequence[int] | None
    every_days: int | None
    due_by: time
    grace_hours: int
    assignee_id: int | None
    starts_on: date
    ends_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is shown. resident, assignee: names; area: a code."""

    id: int
    resident_id: int
    resident: str
    area: str
    kind: str
    weekdays: Sequence[int] | None
    every_days: int | None
    due_by: time
    grace_hours: int
    assignee_id: int | None
    assignee: str | None
    starts_on: date
    ends_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a plan asks for something.

    since: when it was written or last changed. made_through: the last local day whose task is made. care_plan: the
    resident's, for the time zone.
    """

    id: int
    resident_id: int
    kind: str
    weekdays: Sequence[int] | None
    every_days: int | None
    due_by: time
    grace_hours: int
    starts_on: date
    ends_on: date | None
    since: datetime
    made_through: date | None
    ended_at: datetime | None
    care_plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task of one local day: when it comes up, is due and is overdue."""

    day: date
    opens_at: datetime
    due_at: datetime
    overdue_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A stored task, as far as decisions about it need it."""

    id: int
    plan_id: int
    resident_id: int
    kind: str
    day: date
    opens_at: datetime
    due_at: datetime
    overdue_at: datetime
    done_at: datetime | None
    done_by: int | None
    settled_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task with whom it is about. resident, assignee, done_by_name: names; area: a code; state: as of now."""

    id: int
    plan_id: int
    resident_id: int
    resident: str
    area: str
    address: str
    phone: str
    kind: str
    day: date
    opens_at: datetime
    due_at: datetime
    overdue_at: datetime
    made_at: datetime
    state: str
    assignee_id: int | None
    assignee: str | None
    plan_note: str
    done_at: datetime | None
    done_by: int | None
    done_by_name: str | None
    outcome: str | None
    note: str
    attempts: int
    last_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """A task's place in the orders of `tasks`."""

    due_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """The checks of an area and all below it. due: came up; residents, reached: people, each once."""

    area: str
    area_name: str
    residents: int
    due: int
    done: int
    reached: int
    overdue: int


@dataclass(frozen=True, slots=True)
class RaisedAbout:
    """An alert that is not cleared."""

    dedup_key: str
    event_time: datetime


async def plans(
    connection: Connection,
    path: str | None,
    *,
    area_path: str | None = None,
    resident_id: int | None = None,
    after: int = 0,
    maximum: int,
) -> list[Plan]:
    """Up to `maximum` plans that have not been ended with an id above `after`, by id."""
    given = {
        "path": path,
        "area_path": area_path,
        "resident_id": resident_id,
        "after": after,
        "maximum": maximum,
    }
    return await fetch_all(connection, Plan, "checks.plans", given, plan_anew=True)


async def plan(connection: Connection, path: str | None, plan_id: int) -> Plan | None:
    """One plan that has not been ended."""
    return await fetch_one(connection, Plan, "checks.plan", {"path": path, "id": plan_id})


async def add_plan(connection: Connection, resident_id: int, details: PlanDetails, now: datetime) -> int:
    """Add a plan. Returns its id."""
    given = {"resident_id": resident_id, **_details(details), "now": now}
    plan_id = await fetch_value(connection, int, "checks.insert_plan", given)
    if plan_id is None:
        raise LookupError(f"no resident {resident_id}")
    return plan_id


async def update_plan(connection: Connection, plan_id: int, details: PlanDetails, now: datetime) -> None:
    """Write everything of a plan but whose it is; its tasks are to be made again from now on."""
    await execute(connection, "checks.update_plan", {"id": plan_id, **_details(details), "now": now})


async def end_plan(connection: Connection, plan_id: int, now: datetime) -> None:
    """No more tasks are made."""
    await execute(connection, "checks.end_plan", {"id": plan_id, "now": now})


async def lock_waiting(connection: Connection, plan_id: int) -> list[Task]:
    """A plan's tasks that are not done, held until the transaction ends, by when they are due."""
    return await fetch_all(connection, Task, "checks.lock_waiting", {"plan_id": plan_id})


async def withdraw(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Ask nobody any more for these tasks."""
    await execute(connection, "checks.withdraw", {"ids": list(ids), "now": now})


async def lock_schedule(connection: Connection, plan_id: int) -> Schedule | None:
    """When the plan asks for something, held until the transaction ends."""
    return await fetch_one(connection, Schedule, "checks.lock_schedule", {"id": plan_id})


async def plans_to_make(connection: Connection, now: datetime, *, maximum: int) -> list[int]:
    """Ids of plans whose next day's task is to be made, the longest waiting first."""
    return [
        row.id for row in await fetch_all(connection, _Id, "checks.plans_to_make", {"now": now, "maximum": maximum})
    ]


async def add_tasks(connection: Connection, schedule: Schedule, tasks: Sequence[NewTask], now: datetime) -> int:
    """Add tasks of a plan. A day that has one keeps it, with these moments where it is neither done nor due.

    Returns how many are new or were moved.
    """
    given = {
        "plan_id": schedule.id,
        "resident_id": schedule.resident_id,
        "kind": schedule.kind,
        "days": [task.day for task in tasks],
        "opens_at": [task.opens_at for task in tasks],
        "due_at": [task.due_at for task in tasks],
        "overdue_at": [task.overdue_at for task in tasks],
        "now": now,
    }
    return await execute(connection, "checks.insert_tasks", given)


async def made(connection: Connection, plan_id: int, through: date, make_at: datetime | None) -> None:
    """Note that the plan's tasks are made up to and including that day. make_at: when to look again; None: never."""
    await execute(connection, "checks.made", {"id": plan_id, "through": through, "make_at": make_at})


async def plans_overdue(connection: Connection, now: datetime, *, maximum: int) -> list[int]:
    """Plans with overdue tasks that the care queue does not know of, the longest overdue first."""
    rows = await fetch_all(connection, _Id, "checks.plans_overdue", {"now": now, "maximum": maximum})
    return [row.id for row in rows]


async def lock_overdue(connection: Connection, plan_id: int, now: datetime) -> list[Task]:
    """A plan's overdue tasks that the care queue does not know of, held until the transaction ends, oldest first."""
    return await fetch_all(connection, Task, "checks.lock_overdue", {"plan_id": plan_id, "now": now})


async def missed_in_a_row(connection: Connection, plan_id: int, now: datetime) -> int:
    """How many of the plan's checks are overdue since the resident was last reached by any check."""
    return await fetch_value(connection, int, "checks.missed_in_a_row", {"plan_id": plan_id, "now": now}) or 0


async def raised(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Note that the care queue knows of overdue tasks."""
    await execute(connection, "checks.raised", {"ids": list(ids), "now": now})


async def lock_with_overdue(connection: Connection, task_id: int, now: datetime) -> list[Task]:
    """The task and all others that are overdue of the same resident, held until the transaction ends."""
    return await fetch_all(connection, Task, "checks.lock_with_overdue", {"id": task_id, "now": now})


async def settle(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Note of overdue tasks that the resident was reached by another check, so that there is nothing left to do."""
    await execute(connection, "checks.settle", {"ids": list(ids), "now": now})


async def done(connection: Connection, task_id: int, user_id: int, outcome: str, note: str, now: datetime) -> None:
    """Write down that the resident was reached."""
    given = {"id": task_id, "user_id": user_id, "outcome": outcome, "note": note, "now": now}
    await execute(connection, "checks.done", given)


async def attempted(connection: Connection, task_id: int, user_id: int, note: str, now: datetime) -> None:
    """Write down that the resident was not reached."""
    await execute(connection, "checks.attempted", {"id": task_id, "user_id": user_id, "note": note, "now": now})


async def raised_about(connection: Connection, resident_id: int, kind: str) -> list[RaisedAbout]:
    """Alerts of a kind about a resident that are not cleared."""
    return await fetch_all(connection, RaisedAbout, "checks.raised_about", {"resident_id": resident_id, "kind": kind})


async def tasks(
    connection: Connection,
    path: str | None,
    now: datetime,
    *,
    area_path: str | None = None,
    resident_id: int | None = None,
    states: Sequence[str] | None = None,
    day: date | None = None,
    after: TaskPlace | None = None,
    maximum: int,
) -> list[ShownTask]:
    """Up to `maximum` tasks after a place. states: None for all. day: the resident's local one.

    Where only what is over or late is asked for (done, overdue, missed) the newest first, else the soonest first.
    """
    asked = None if states is None else set(states)
    given = {
        "path": path,
        "now": now,
        "area_path": area_path,
        "resident_id": resident_id,
        "states": None if states is None else list(states),
        "waiting": asked is not None and asked <= {"overdue", "due", "upcoming"},
        "day": day,
        "after_due": after.due_at if after else None,
        "after_id": after.id if after else None,
        "maximum": maximum,
    }
    late = asked is not None and asked <= {"done", "overdue", "missed"}
    block = "checks.newest" if late else "checks.soonest"
    ids = [row.id for row in await fetch_all(connection, _Id, block, given, plan_anew=True)]
    return await fetch_all(connection, ShownTask, "checks.shown", {"ids": ids, "now": now})


async def task(connection: Connection, path: str | None, now: datetime, task_id: int) -> ShownTask | None:
    """One task that was not withdrawn."""
    if await fetch_one(connection, _Id, "checks.in_scope", {"id": task_id, "path": path}) is None:
        return None
    return await fetch_one(connection, ShownTask, "checks.shown", {"ids": [task_id], "now": now})


async def figures(
    connection: Connection, path: str | None, first: date, last: date, now: datetime
) -> list[AreaFigures]:
    """The checks of the local days from `first` to `last`, of each area in the subtree that had any."""
    given = {"path": path, "first": first, "last": last, "now": now}
    return await fetch_all(connection, AreaFigures, "checks.figures", given, plan_anew=True)


def _details(details: PlanDetails) -> dict[str, object]:
    weekdays = None if details.weekdays is None else sorted(set(details.weekdays))
    return asdict(details) | {"weekdays": weekdays}


@dataclass(frozen=True, slots=True)
class _Id:
    id: int
