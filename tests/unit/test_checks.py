"""Regular checks: which days a plan asks for, and when."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import checks
from alerts.checks import State, asks_for, dropped, state_of, task_of, to_make
from alerts.rota import moment_of
from core import wording
from core.findings import Kind, Queue, Severity
from storage.checks import RaisedAbout, Schedule, Task

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 10, 5)
WRITTEN = datetime(2026, 10, 5, 0, 30, tzinfo=SHANGHAI)


def schedule(
    weekdays: tuple[int, ...] | None = (1, 2, 3, 4, 5, 6, 7),
    every_days: int | None = None,
    due_by: time = time(10),
    grace_hours: int = 4,
    starts_on: date = MONDAY,
    ends_on: date | None = None,
    since: datetime = WRITTEN,
    made_through: date | None = None,
) -> Schedule:
    return Schedule(
        id=1,
        resident_id=7,
        kind="call",
        weekdays=weekdays,
        every_days=every_days,
        due_by=due_by,
        grace_hours=grace_hours,
        starts_on=starts_on,
        ends_on=ends_on,
        since=since,
        made_through=made_through,
        ended_at=None,
        care_plan={},
    )


def stored(plan: Schedule, day: date, number: int = 5, zone: ZoneInfo = SHANGHAI) -> Task:
    new = task_of(plan, day, zone)
    return Task(number, plan.id, 7, plan.kind, day, new.opens_at, new.due_at, new.overdue_at, None, None, None, None)


def days(plan: Schedule, now: datetime, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [f"{task.day:%a %d}" for task in to_make(plan, zone, now).tasks]


def test_weekdays() -> None:
    plan = schedule(weekdays=(1, 3, 7))
    asked = [day for n in range(14) if asks_for(plan, day := MONDAY + timedelta(days=n))]
    assert [f"{day:%a}" for day in asked] == ["Mon", "Wed", "Sun", "Mon", "Wed", "Sun"]


def test_every_so_many_days_is_counted_from_the_first() -> None:
    plan = schedule(weekdays=None, every_days=3)
    asked = [n for n in range(-6, 10) if asks_for(plan, MONDAY + timedelta(days=n))]
    assert asked == [0, 3, 6, 9]


def test_from_the_first_day_to_the_last_and_no_other() -> None:
    plan = schedule(ends_on=MONDAY + timedelta(days=2))
    assert [n for n in range(-2, 6) if asks_for(plan, MONDAY + timedelta(days=n))] == [0, 1, 2]


def test_tasks_are_made_a_day_ahead_and_the_next_when_that_day_has_come() -> None:
    wanted = to_make(schedule(), SHANGHAI, WRITTEN)
    assert [f"{task.day:%a %d}" for task in wanted.tasks] == ["Mon 05", "Tue 06"]
    assert wanted.through == date(2026, 10, 6)
    assert wanted.again_at == datetime(2026, 10, 6, tzinfo=SHANGHAI)
    later = schedule(made_through=wanted.through)
    assert days(later, datetime(2026, 10, 5, 23, 59, tzinfo=SHANGHAI)) == []
    assert days(later, datetime(2026, 10, 6, 0, 0, tzinfo=SHANGHAI)) == ["Wed 07"]


def test_what_would_have_been_due_before_the_plan_was_written_is_asked_of_nobody() -> None:
    at_noon = datetime(2026, 10, 5, 12, tzinfo=SHANGHAI)
    assert days(schedule(since=at_noon), at_noon) == ["Tue 06"]
    assert days(schedule(since=at_noon, starts_on=date(2026, 1, 1)), at_noon) == ["Tue 06"]


def test_after_days_away_the_days_gone_by_are_made_too() -> None:
    plan = schedule(made_through=date(2026, 10, 6))
    assert days(plan, datetime(2026, 10, 9, 9, tzinfo=SHANGHAI)) == ["Wed 07", "Thu 08", "Fri 09", "Sat 10"]


def test_a_plan_that_starts_later_is_looked_at_when_its_first_day_is_the_next() -> None:
    plan = schedule(starts_on=date(2026, 12, 1))
    wanted = to_make(plan, SHANGHAI, WRITTEN)
    assert (wanted.tasks, wanted.again_at) == ((), datetime(2026, 11, 30, tzinfo=SHANGHAI))
    assert wanted.again_at is not None
    then = schedule(starts_on=date(2026, 12, 1), made_through=wanted.through)
    assert days(then, wanted.again_at) == ["Tue 01"]


def test_a_plan_that_is_over_is_not_looked_at_again() -> None:
    plan = schedule(ends_on=date(2026, 10, 6))
    wanted = to_make(plan, SHANGHAI, WRITTEN)
    assert ([t.day.day for t in wanted.tasks], wanted.again_at) == ([5, 6], None)


@pytest.mark.parametrize(
    ("day", "clock", "due"),
    [
        # Summer time begins at 02:00 and ends at 03:00.
        pytest.param(date(2026, 3, 28), time(10), "2026-03-28T09:00", id="the day before"),
        pytest.param(date(2026, 3, 29), time(10), "2026-03-29T08:00", id="the shorter day"),
        pytest.param(date(2026, 3, 29), time(2, 30), "2026-03-29T01:00", id="a time that is skipped: when it is"),
        pytest.param(date(2026, 10, 25), time(2, 30), "2026-10-25T00:30", id="of one that comes twice the first"),
        pytest.param(date(2026, 10, 25), time(10), "2026-10-25T09:00", id="the longer day"),
    ],
)
def test_the_plans_hour_is_the_clocks_whatever_summer_time_does(day: date, clock: time, due: str) -> None:
    task = task_of(schedule(due_by=clock), day, BERLIN)
    assert task.due_at == datetime.fromisoformat(f"{due}+00:00")
    assert task.overdue_at - task.due_at == timedelta(hours=4)
    assert task.opens_at <= task.due_at


def test_states() -> None:
    plan = schedule()
    task = stored(plan, MONDAY)
    at = datetime(2026, 10, 5, tzinfo=SHANGHAI)
    moments = [at - timedelta(seconds=1), at, at.replace(hour=13, minute=59), at.replace(hour=14)]
    assert [state_of(task, moment) for moment in moments] == [State.UPCOMING, State.DUE, State.DUE, State.OVERDUE]
    assert state_of(replace(task, settled_at=at), moments[-1]) is State.MISSED
    assert state_of(replace(task, settled_at=at, done_at=at), moments[-1]) is State.DONE


def test_a_changed_plan_drops_only_days_that_it_does_not_ask_for() -> None:
    now = datetime(2026, 10, 5, 9, tzinfo=SHANGHAI)
    waiting = [stored(schedule(), MONDAY + timedelta(days=n), n) for n in range(-1, 3)]
    assert [t.day.day for t in dropped(schedule(weekdays=(1, 3)), waiting, now)] == [6]
    # Earlier than now: today's check stays, although the new plan would make none of today.
    assert dropped(schedule(due_by=time(8)), waiting, now) == []


ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "UTC")]
)
PLANS = st.builds(
    schedule,
    weekdays=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(tuple),
    due_by=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    grace_hours=st.integers(0, 72),
    starts_on=st.dates(date(2026, 9, 1), date(2026, 11, 30)),
    ends_on=st.none() | st.dates(date(2026, 12, 1), date(2026, 12, 31)),
) | st.builds(
    schedule,
    weekdays=st.none(),
    every_days=st.integers(1, 9),
    due_by=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    starts_on=st.dates(date(2026, 9, 1), date(2026, 11, 30)),
)


@given(PLANS, ZONES, st.lists(st.integers(0, 100 * 24 * 60), min_size=1, max_size=12))
def test_however_often_it_is_looked_at_the_tasks_are_the_same_and_none_is_missing(
    plan: Schedule, zone: ZoneInfo, minutes: list[int]
) -> None:
    """Looked at in any rhythm, with any gaps, a plan gives each day's task once: those of one look at the end."""
    looks = [WRITTEN + timedelta(minutes=m) for m in sorted(minutes)]
    made: list[date] = []
    through = None
    for now in looks:
        wanted = to_make(replace(plan, made_through=through), zone, now)
        made += [task.day for task in wanted.tasks]
        assert all(task.due_at > plan.since for task in wanted.tasks)
        through = wanted.through
    at_once = to_make(plan, zone, looks[-1])
    assert made == [task.day for task in at_once.tasks]
    # Against the definition, day by day.
    today = looks[-1].astimezone(zone).date()
    span = [WRITTEN.astimezone(zone).date() + timedelta(days=n) for n in range(-3, 110)]
    assert made == [
        day
        for day in span
        if day <= today + timedelta(days=1) and asks_for(plan, day) and moment_of(day, plan.due_by, zone) > WRITTEN
    ]


@given(PLANS, ZONES, st.integers(0, 60 * 24 * 60))
def test_looked_at_only_when_it_asks_for_it_a_task_is_there_before_its_day_begins(
    plan: Schedule, zone: ZoneInfo, minutes: int
) -> None:
    now: datetime | None = WRITTEN
    end = WRITTEN + timedelta(minutes=minutes)
    made: set[date] = set()
    through = None
    while now is not None and now <= end:
        wanted = to_make(replace(plan, made_through=through), zone, now)
        made |= {task.day for task in wanted.tasks}
        assert wanted.again_at is None or wanted.again_at > now
        through, now = wanted.through, wanted.again_at
    assert made == {task.day for task in to_make(plan, zone, end).tasks}


def test_the_care_queue_is_told_of_the_newest_and_how_many_were_missed() -> None:
    plan = schedule()
    tasks = [stored(plan, MONDAY, 5), stored(plan, MONDAY + timedelta(days=1), 6)]
    found = checks.overdue(tasks, 3, SHANGHAI)
    assert (found.kind, found.queue, found.severity) == (Kind.CHECK_OVERDUE, Queue.CARE, Severity.HIGH)
    assert (found.dedup_key, found.resident) == ("check_overdue:1:r7:6", 7)
    said = wording.say(found.reason, "en", **found.evidence)
    assert said == "The call due at 2026-10-06 10:00 has not been made; 3 have been missed in a row"
    first = checks.overdue(tasks[:1], 1, SHANGHAI)
    assert first.severity is Severity.MEDIUM
    assert wording.say(first.reason, "en", **first.evidence).endswith("it is the first that was missed")
    assert wording.say(first.reason, "zh-CN", **first.evidence).endswith("首次错过")


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("note", ["", "摔了一跤，脚肿了"])
def test_needs_help_says_who_and_what(language: str, note: str) -> None:
    found = checks.needs_help(stored(schedule(), MONDAY), "李敏", note, WRITTEN)
    said = wording.say(found.reason, language, **found.evidence)
    assert "李敏" in said
    assert note in said


def test_being_reached_clears_what_was_raised_by_its_own_key() -> None:
    task = stored(schedule(), MONDAY)
    raised = checks.overdue([task], 1, SHANGHAI)
    [cleared] = checks.settled(task, [RaisedAbout(raised.dedup_key, WRITTEN)])
    assert (cleared.dedup_key, cleared.clears) == (raised.dedup_key, True)
    for language in wording.LANGUAGES:
        # An alert's clearing is said with the evidence of its raising.
        assert wording.say(cleared.reason, language, **raised.evidence)
