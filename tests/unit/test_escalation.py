from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from alerts.escalation import (
    DEFAULT_POLICIES,
    Due,
    Exhausted,
    Policy,
    Step,
    Target,
    family_to_tell,
    family_turn,
    first_step,
    next_step,
    policy_from,
    policy_to,
    quiet_until,
    targets_of,
)
from alerts.planning import care_plan
from core.care import CarePlan
from core.findings import Queue
from tests.support.alarm_world import NOON

EMERGENCY = DEFAULT_POLICIES[Queue.EMERGENCY]


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_an_emergency_is_told_at_0_60_and_180_seconds_for_three_rounds_and_then_every_five_minutes() -> None:
    due: Due | Exhausted = first_step(EMERGENCY, NOON)
    times = []
    for _ in range(12):
        times.append((int((due.at - NOON).total_seconds()), due.step, due.round, type(due).__name__))
        due = next_step(EMERGENCY, due.step, due.round, due.at)
    assert times == [
        (0, 0, 0, "Due"), (60, 1, 0, "Due"), (180, 2, 0, "Due"),
        (360, 0, 1, "Due"), (420, 1, 1, "Due"), (540, 2, 1, "Due"),
        (720, 0, 2, "Due"), (780, 1, 2, "Due"), (900, 2, 2, "Due"),
        (1080, 2, 3, "Exhausted"), (1380, 2, 4, "Exhausted"), (1680, 2, 5, "Exhausted"),
    ]  # fmt: skip


def test_a_step_that_is_late_moves_those_after_it() -> None:
    assert next_step(EMERGENCY, 0, 0, at(7)) == Due(1, 0, at(67))


def test_the_first_step_may_wait() -> None:
    policy = DEFAULT_POLICIES[Queue.MAINTENANCE]
    assert first_step(policy, NOON) == Due(0, 0, NOON + timedelta(hours=4))


def test_supervisors_hear_of_an_exhausted_policy_whatever_its_last_step_says() -> None:
    policy = Policy(steps=(Step(0, (Target.QUEUE,)),), rounds=2)
    assert targets_of(policy, 0, 1) == (Target.QUEUE,)
    assert targets_of(policy, 0, 2) == (Target.QUEUE, Target.SUPERVISORS)


def test_family_next_walks_down_the_call_list_and_starts_again() -> None:
    turns = [family_turn(EMERGENCY, step, round_) for round_ in range(3) for step in (0, 1)]
    assert turns == [0, 1, 2, 3, 4, 5]
    told = [family_to_tell((Target.FAMILY_NEXT,), turn, [7, 8, 9], frozenset()) for turn in turns]
    assert told == [(7,), (8,), (9,), (7,), (8,), (9,)]


def test_family_next_walks_on_after_the_end() -> None:
    policy = Policy(steps=(Step(0, (Target.QUEUE,)), Step(9, (Target.FAMILY_NEXT,))), rounds=1)
    assert [family_turn(policy, 1, round_) for round_ in range(4)] == [0, 1, 2, 3]


def test_one_of_the_family_who_confirmed_ends_the_walk_but_others_are_told_with_everybody() -> None:
    assert family_to_tell((Target.FAMILY_NEXT,), 0, [7, 8], frozenset({8})) == ()
    assert family_to_tell((Target.FAMILY,), 0, [7, 8], frozenset({8})) == (7,)
    assert family_to_tell((Target.QUEUE,), 0, [7, 8], frozenset()) == ()
    assert family_to_tell((Target.FAMILY_NEXT,), 0, [], frozenset()) == ()


def test_quiet_hours_that_are_not_local_hold_nothing_up() -> None:
    plan = care_plan({"quiet_start": "21:00+02:00"})
    assert plan == CarePlan()
    assert quiet_until(Queue.CARE, plan, NOON) is None


@pytest.mark.parametrize(
    ("start", "end", "local_hour", "quiet_hours_left"),
    [
        ("22:00", "07:00", 21, None),
        ("22:00", "07:00", 22, 9),
        ("22:00", "07:00", 6, 1),
        ("22:00", "07:00", 7, None),
        ("13:00", "15:00", 13, 2),
        ("13:00", "15:00", 15, None),
        ("13:00", "15:00", 12, None),
        ("00:00", "00:00", 0, None),
    ],
)
def test_quiet_hours_are_local(start: str, end: str, local_hour: int, quiet_hours_left: int | None) -> None:
    plan = CarePlan(timezone="Asia/Shanghai", quiet_start=start, quiet_end=end)
    now = datetime(2026, 10, 1, 0, 0, tzinfo=UTC) + timedelta(hours=local_hour - 8)
    expected = None if quiet_hours_left is None else now + timedelta(hours=quiet_hours_left)
    assert quiet_until(Queue.CARE, plan, now) == expected
    assert quiet_until(Queue.EMERGENCY, plan, now) is None


def test_a_policy_goes_to_json_and_back() -> None:
    for policy in DEFAULT_POLICIES.values():
        assert policy_from(msgspec.json.decode(msgspec.json.encode(policy_to(policy)))) == policy


@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [{"after_s": -1, "targets": ["queue"]}]}, "after_s"),
        ({"steps": [{"after_s": 0, "targets": ["neighbours"]}]}, "targets"),
        ({"steps": [{"after_s": 0, "targets": ["queue"]}], "repeat_last_s": 5}, "repeat_last_s"),
        ({"steps": [{"after_s": 0, "targets": ["queue"]}], "round": 5}, "round"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_by_the_name_of_its_field(stored: object, field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        policy_from(stored)
