"""Regular checks (探访关爱): which days a plan asks for, when a check is due, what is said when nobody did it. Pure.

A check is of one local day of the resident: it comes up at midnight, is due at the plan's local time, and is overdue
`grace_hours` later. Where clocks are put forward or back, local times are those of `alerts.rota.moment_of`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.rota import moment_of
from core.clock import to_micros
from core.findings import Finding, Kind, Queue, Severity
from storage.checks import NewTask, RaisedAbout, Schedule, Task

AHEAD = timedelta(days=1)
"""Tasks are made up to the resident's next day, so that who does them can plan a round."""

NOT_IN_A_ROW = 2
"""From so many checks missed in a row on it is more urgent: nobody has heard of the person for that long."""

_DETECTOR = "checks"
_VERSION = 1


class State(StrEnum):
    """Where a task is at some moment.

    Overdue asks to be done still; missed is one that was overdue when the resident was reached by another check.
    """

    UPCOMING = "upcoming"
    DUE = "due"
    DONE = "done"
    OVERDUE = "overdue"
    MISSED = "missed"


class Outcome(StrEnum):
    """What came of a check. Not reached leaves it to be done."""

    WELL = "well"
    NEEDS_HELP = "needs_help"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class ToMake:
    """The tasks that a plan gives, the last day that was looked at, and when to look again; None: it gives no more."""

    tasks: tuple[NewTask, ...]
    through: date
    again_at: datetime | None


def state_of(task: Task, now: datetime) -> State:
    """Where the task is; storage/queries/checks.sql says the same in SQL."""
    if task.done_at is not None:
        return State.DONE
    if task.settled_at is not None:
        return State.MISSED
    if task.overdue_at <= now:
        return State.OVERDUE
    return State.DUE if task.opens_at <= now else State.UPCOMING


def asks_for(schedule: Schedule, day: date) -> bool:
    """Whether the plan has a check on this day."""
    if day < schedule.starts_on or (schedule.ends_on is not None and day > schedule.ends_on):
        return False
    if schedule.every_days is not None:
        return (day - schedule.starts_on).days % schedule.every_days == 0
    return day.isoweekday() in (schedule.weekdays or ())


def task_of(schedule: Schedule, day: date, zone: ZoneInfo) -> NewTask:
    """The check of a day with its moments, in UTC. The grace is in hours that pass, whatever the clock does."""
    due_at = moment_of(day, schedule.due_by, zone)
    return NewTask(
        day=day,
        opens_at=moment_of(day, time(), zone),
        due_at=due_at,
        overdue_at=due_at + timedelta(hours=schedule.grace_hours),
    )


def to_make(schedule: Schedule, zone: ZoneInfo, now: datetime) -> ToMake:
    """The tasks from the last day that was made up to the resident's next day.

    After a while in which none were made, those of days gone by are among them: they were promised, and are overdue.
    What would have been due before the plan was written or changed is not.
    """
    through = now.astimezone(zone).date() + AHEAD
    first = max(schedule.since.astimezone(zone).date(), schedule.starts_on)
    if schedule.made_through is not None:
        first = max(first, schedule.made_through + timedelta(days=1))
    last = through if schedule.ends_on is None else min(through, schedule.ends_on)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    made = (task_of(schedule, day, zone) for day in days if asks_for(schedule, day))
    tasks = tuple(task for task in made if task.due_at > schedule.since)
    if schedule.ends_on is not None and through >= schedule.ends_on:
        return ToMake(tasks, schedule.ends_on, None)
    # The day after `through` is the next day when `through` has come.
    return ToMake(tasks, through, moment_of(max(through, schedule.starts_on - AHEAD), time(), zone))


def dropped(schedule: Schedule, waiting: Sequence[Task], now: datetime) -> list[Task]:
    """The tasks that are not yet due and of which a changed plan knows nothing more.

    A day that it still asks for keeps its task, even where the new time of that day has passed already: nobody's check
    is to be lost by the change of an hour.
    """
    return [task for task in waiting if task.due_at > now and not asks_for(schedule, task.day)]


def overdue(tasks: Sequence[Task], missed_in_a_row: int, zone: ZoneInfo) -> Finding:
    """What the care queue is told of a plan's overdue tasks (one or more, oldest first): the newest, and how many."""
    newest = tasks[-1]
    severe = missed_in_a_row >= NOT_IN_A_ROW
    return _finding(
        newest,
        Kind.CHECK_OVERDUE,
        Severity.HIGH if severe else Severity.MEDIUM,
        newest.overdue_at,
        f"check-overdue-{newest.kind}",
        {
            "task": newest.id,
            "due": f"{newest.due_at.astimezone(zone):%Y-%m-%d %H:%M}",
            "missed": max(missed_in_a_row, len(tasks)),
        },
    )


def needs_help(task: Task, by: str, note: str, now: datetime) -> Finding:
    """What the care queue is told when somebody was reached who needs help. by: display name of who was there."""
    said = {"note": note} if note else {}
    reason = "check-needs-help-note" if note else "check-needs-help"
    evidence = {"task": task.id, "how": task.kind, "by": by, **said}
    return _finding(task, Kind.CHECK_NEEDS_HELP, Severity.HIGH, now, reason, evidence)


def settled(task: Task, alerts: Sequence[RaisedAbout]) -> list[Finding]:
    """The resident was reached by this task: what was raised about checks that nobody did is over."""
    return [
        Finding(
            kind=Kind.CHECK_OVERDUE,
            queue=Queue.CARE,
            severity=Severity.MEDIUM,
            resident=task.resident_id,
            device=0,
            time=to_micros(alert.event_time),
            detector=_DETECTOR,
            version=_VERSION,
            episode=alert.dedup_key.rpartition(":")[2],
            reason="check-done",
            evidence={"task": task.id},
            clears=True,
        )
        for alert in alerts
    ]


def _finding(
    task: Task, kind: Kind, severity: Severity, at: datetime, reason: str, evidence: Mapping[str, object]
) -> Finding:
    return Finding(
        kind=kind,
        queue=Queue.CARE,
        severity=severity,
        resident=task.resident_id,
        device=0,
        time=to_micros(at),
        detector=_DETECTOR,
        version=_VERSION,
        episode=str(task.id),
        reason=reason,
        evidence=evidence,
    )
