"""Who is told when, until somebody answers: policies, their steps and what is due next. Pure.

A policy is steps, gone through `rounds` times. When all rounds are over and nobody has answered, the policy is
exhausted: that is said loudly, and the last step goes on every `repeat_last_s`, because an incident is never left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from core.care import CarePlan
from core.findings import Queue

Seconds = Annotated[int, msgspec.Meta(ge=0, le=604_800)]


class Target(StrEnum):
    """Who a step tells.

    queue: the responders whose area the home lies in. supervisors: likewise. family_next: the next contact of the call
    list. family: all of it.
    """

    QUEUE = "queue"
    SUPERVISORS = "supervisors"
    FAMILY_NEXT = "family_next"
    FAMILY = "family"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. after_s: seconds after the step before it; for the first, after the incident came into the queue."""

    after_s: Seconds
    targets: Annotated[tuple[Target, ...], msgspec.Meta(min_length=1)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An escalation policy.

    rounds: how often the steps are gone through. repeat_after_s: from a round's last step to the first of the next
    round. repeat_last_s: how often the last step comes once all rounds are over.
    """

    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=20)]
    rounds: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1
    repeat_after_s: Annotated[int, msgspec.Meta(ge=1, le=604_800)] = 180
    repeat_last_s: Annotated[int, msgspec.Meta(ge=60, le=604_800)] = 300


_EVERYBODY = (Target.QUEUE, Target.SUPERVISORS, Target.FAMILY)

# Calls are to be answered within 60 s (97.5 %) and 180 s (99 %): the next people are told as each limit passes.
DEFAULT_POLICIES: Mapping[Queue, Policy] = MappingProxyType(
    {
        Queue.EMERGENCY: Policy(
            steps=(
                Step(0, (Target.QUEUE, Target.FAMILY_NEXT)),
                Step(60, (Target.SUPERVISORS, Target.FAMILY_NEXT)),
                Step(120, _EVERYBODY),
            ),
            rounds=3,
            repeat_after_s=180,
            repeat_last_s=300,
        ),
        Queue.CARE: Policy(
            steps=(
                Step(0, (Target.QUEUE, Target.FAMILY_NEXT)),
                Step(1800, (Target.SUPERVISORS,)),
                Step(5400, _EVERYBODY),
            ),
            rounds=2,
            repeat_after_s=7200,
            repeat_last_s=14_400,
        ),
        # The console shows it at once; nobody's telephone rings for a battery.
        Queue.MAINTENANCE: Policy(
            steps=(Step(14_400, (Target.FAMILY_NEXT,)), Step(72_000, (Target.SUPERVISORS,))),
            rounds=1,
            repeat_after_s=86_400,
            repeat_last_s=86_400,
        ),
    }
)
"""What holds where no area has a policy of its own (table escalation_policy)."""

LEASES: Mapping[str, timedelta] = MappingProxyType(
    {
        "contacted": timedelta(minutes=15),
        # Help should be on scene within 45 minutes; then somebody has to look again.
        "dispatched": timedelta(minutes=60),
        "on_scene": timedelta(minutes=120),
    }
)
"""How long a holder's silence is taken for work, by state. A fresh claim has `settings.claim_lease_seconds`."""


@dataclass(frozen=True, slots=True)
class Due:
    """Step `step` of round `round` is to be carried out at `at`."""

    step: int
    round: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Exhausted:
    """All rounds are over. The last step is repeated at `at`; `round` goes on counting."""

    step: int
    round: int
    at: datetime


def first_step(policy: Policy, opened_at: datetime) -> Due:
    """What is due for an incident that came into the queue at `opened_at`."""
    return Due(0, 0, opened_at + timedelta(seconds=policy.steps[0].after_s))


def next_step(policy: Policy, step: int, round: int, now: datetime) -> Due | Exhausted:  # noqa: A002
    """What is due after step `step` of round `round` was carried out at `now`."""
    last = len(policy.steps) - 1
    if is_exhausted(policy, round):
        return Exhausted(last, round + 1, now + timedelta(seconds=policy.repeat_last_s))
    if step < last:
        return Due(step + 1, round, now + timedelta(seconds=policy.steps[step + 1].after_s))
    if round + 1 < policy.rounds:
        return Due(0, round + 1, now + timedelta(seconds=policy.repeat_after_s))
    return Exhausted(last, round + 1, now + timedelta(seconds=policy.repeat_after_s))


def after_reopening(policy: Policy, last: tuple[int, int] | None, now: datetime) -> Due | Exhausted:
    """What is due for an incident that comes back into the queue at `now`: something at once.

    last: step and round that were carried out last, None where none was. It is a round of its own, because in one and
    the same round nobody is told of a step twice; where the policy has no round left, everybody is told.
    """
    if last is None:
        return Due(0, 0, now)
    following = last[1] + 1
    if is_exhausted(policy, following):
        return Exhausted(len(policy.steps) - 1, following, now)
    return Due(0, following, now)


def is_exhausted(policy: Policy, round: int) -> bool:  # noqa: A002
    """Whether a timer of this round belongs to the time after the policy was gone through."""
    return round >= policy.rounds


def targets_of(policy: Policy, step: int, round: int) -> tuple[Target, ...]:  # noqa: A002
    """Who the step tells. On exhaustion the supervisors are told whatever the last step says."""
    targets = policy.steps[min(step, len(policy.steps) - 1)].targets
    if is_exhausted(policy, round) and Target.SUPERVISORS not in targets:
        return (*targets, Target.SUPERVISORS)
    return targets


def family_turn(policy: Policy, step: int, round: int) -> int:  # noqa: A002
    """How many `family_next` have come before this step, over all rounds: the place in the call list, which wraps."""
    each = [Target.FAMILY_NEXT in s.targets for s in policy.steps]
    rounds_before = min(round, policy.rounds)
    after_the_end = round - rounds_before
    return rounds_before * sum(each) + sum(each[:step]) + after_the_end * each[-1]


def family_to_tell(
    targets: Sequence[Target], turn: int, call_list: Sequence[int], confirmed: frozenset[int]
) -> tuple[int, ...]:
    """Which contacts a step tells.

    call_list: contact ids in call order. confirmed: those who have confirmed this incident. Who has confirmed is not
    told again, and the walk down the list (`family_next`) ends once anybody of it has; `family` still tells the others.
    """
    if Target.FAMILY in targets:
        return tuple(c for c in call_list if c not in confirmed)
    if Target.FAMILY_NEXT in targets and call_list and confirmed.isdisjoint(call_list):
        return (call_list[turn % len(call_list)],)
    return ()


def quiet_until(queue: Queue, plan: CarePlan, now: datetime) -> datetime | None:
    """The end of the resident's quiet hours if `now` lies in them, else None. There are none for an emergency.

    The hours are local and may go over midnight; start = end means that there are none.
    """
    if queue is Queue.EMERGENCY:
        return None
    start, end = time.fromisoformat(plan.quiet_start), time.fromisoformat(plan.quiet_end)
    local = now.astimezone(ZoneInfo(plan.timezone))
    clock = local.time()
    over_midnight = end < start
    if not ((clock >= start or clock < end) if over_midnight else (start <= clock < end)):
        return None
    ends = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    if ends <= local:
        ends += timedelta(days=1)
    return ends.astimezone(now.tzinfo)


def policy_from(stored: object) -> Policy:
    """A policy from its JSON value. Raises msgspec.ValidationError, naming the field."""
    return msgspec.convert(stored, Policy)


def policy_to(policy: Policy) -> dict[str, object]:
    """A policy as a JSON value."""
    value: dict[str, object] = msgspec.to_builtins(policy)
    return value
