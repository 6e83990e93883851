"""Which escalation policy counts for an incident, and what is wrong with one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from alerts.escalation import DEFAULT_POLICIES, Policy, Target
from core.findings import Queue
from core.shifts import Hours


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy, and what it is for: incidents of that severity and above, in those hours (None: in all).

    area_path: of which area and all below it; None: everywhere. id None: built in.
    """

    id: int | None
    area_path: str | None
    queue: Queue
    min_severity: int
    hours: Hours | None
    zone: ZoneInfo
    policy: Policy


def choose(rules: Iterable[Rule], path: str, queue: Queue, severity: int, now: datetime) -> Rule:
    """The most specific rule for an incident in the area at a path: of the nearest area upwards, then for the highest
    severity that is not above the incident's, then one with hours before one without, then the oldest.

    What is built in holds where none matches, so there is always one.
    """
    fitting = [
        rule
        for rule in rules
        if rule.queue is queue
        and (rule.area_path is None or path.startswith(rule.area_path))
        and rule.min_severity <= severity
        and (rule.hours is None or rule.hours.hold(now, rule.zone))
    ]
    return max(
        fitting,
        key=lambda r: (len(r.area_path or ""), r.min_severity, r.hours is not None, -(r.id or 0)),
        default=built_in(queue),
    )


def built_in(queue: Queue) -> Rule:
    """What holds where no area says otherwise."""
    return Rule(None, None, queue, 1, None, ZoneInfo("UTC"), DEFAULT_POLICIES[queue])


class Code(StrEnum):
    """What can be wrong with a policy; `hole-…` in the wording."""

    FAMILY_ONLY = "family_only"
    CENTRE_LATE = "centre_late"
    FIRST_LATE = "first_late"
    QUEUE_LATE = "queue_late"
    NO_QUEUE = "no_queue"
    NO_SUPERVISORS = "no_supervisors"
    GAP = "gap"
    RARE_AFTER_THE_END = "rare_after_the_end"


@dataclass(frozen=True, slots=True)
class Hole:
    """Something a policy leaves open. refused: so bad that it must not be stored. values: for the words."""

    code: Code
    refused: bool = False
    values: Mapping[str, int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """Its name in `core.wording`."""
        return f"hole-{self.code}"


@dataclass(frozen=True, slots=True)
class _Limits:
    """Seconds. first: until anybody is told. gap: between two steps. after_the_end: between repetitions."""

    first: int
    gap: int
    after_the_end: int


# An emergency is to be answered within 60 s (97.5 %) and 180 s (99 %); care is looked at today, the equipment tomorrow.
_LIMITS: Final[Mapping[Queue, _Limits]] = MappingProxyType(
    {
        Queue.EMERGENCY: _Limits(60, 180, 600),
        Queue.CARE: _Limits(3600, 14_400, 14_400),
        Queue.MAINTENANCE: _Limits(86_400, 86_400, 172_800),
    }
)

LATEST_S: Final = 180
"""An emergency that the centre hears of later than this can't be answered in time: such a policy is refused."""


def holes(policy: Policy, queue: Queue) -> list[Hole]:
    """What a policy leaves open, the worst first; of a good one nothing."""
    limits = _LIMITS[queue]
    emergency = queue is Queue.EMERGENCY
    first = policy.steps[0].after_s
    centre = _first(policy, {Target.QUEUE, Target.SUPERVISORS})
    responders = _first(policy, {Target.QUEUE})
    found: list[Hole] = []
    if centre is None:
        # The family of somebody without family is nobody.
        found.append(Hole(Code.FAMILY_ONLY, emergency))
    elif emergency and centre > LATEST_S:
        found.append(Hole(Code.CENTRE_LATE, True, {"seconds": centre, "limit": LATEST_S}))
    if first > limits.first:
        found.append(Hole(Code.FIRST_LATE, values={"seconds": first, "limit": limits.first}))
    if centre is not None and queue is not Queue.MAINTENANCE:
        if responders is None:
            found.append(Hole(Code.NO_QUEUE))
        elif responders > limits.first >= first:
            found.append(Hole(Code.QUEUE_LATE, values={"seconds": responders, "limit": limits.first}))
    if centre is not None and _first(policy, {Target.SUPERVISORS}) is None:
        found.append(Hole(Code.NO_SUPERVISORS))
    pauses = [step.after_s for step in policy.steps[1:]]
    longest = max([*pauses, policy.repeat_after_s])
    if longest > limits.gap:
        found.append(Hole(Code.GAP, values={"seconds": longest, "limit": limits.gap}))
    if policy.repeat_last_s > limits.after_the_end:
        values = {"seconds": policy.repeat_last_s, "limit": limits.after_the_end}
        found.append(Hole(Code.RARE_AFTER_THE_END, values=values))
    return found


def _first(policy: Policy, targets: set[Target]) -> int | None:
    """Seconds until a step tells one of the targets, in the first round; None for never."""
    passed = 0
    for step in policy.steps:
        passed += step.after_s
        if targets.intersection(step.targets):
            return passed
    return None
