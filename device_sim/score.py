"""Alerts beside the truth: found, late, missed, false, and how long it took. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from core.clock import SECOND
from core.findings import Kind
from device_sim.truth import Truth

ANSWERED_BY: Final[Mapping[Kind, frozenset[Kind]]] = MappingProxyType(
    {
        Kind.FALL: frozenset({Kind.FALL, Kind.LONG_LIE}),
        Kind.DEVICE_SILENT: frozenset({Kind.DEVICE_SILENT, Kind.HOME_SILENT}),
    }
)
"""Kinds of alert that tell of an event of a kind; for all others the kind itself alone."""

_EARLY: Final = 5 * SECOND
"""An alert this long before the event's start is still its own: clocks and batches are not exact."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One alert and its incident. Times are micros of the simulation's clock.

    household: code; resident: name. raised: when the alert was made; queued: when the incident came into the queue,
    None where it never did. cancelled: the incident ended because the wearer took it back.
    """

    household: str
    resident: str
    kind: Kind
    raised: int
    queued: int | None
    cancelled: bool
    incident: int


@dataclass(frozen=True, slots=True)
class KindScore:
    """How one kind did. delays: real seconds from the event's start to the queue, of those found or late."""

    kind: Kind
    truth: int = 0
    found: int = 0
    late: int = 0
    missed: int = 0
    false: int = 0
    delays: tuple[float, ...] = ()

    def delay(self, share: float) -> float:
        """The delay that so large a share (0 to 1) of events did not exceed; NaN without any."""
        return percentile(self.delays, share)


@dataclass(frozen=True, slots=True)
class Score:
    """kinds: in the registry's order, those that occur. missed, false: which they were; a late one is not missed."""

    kinds: tuple[KindScore, ...]
    missed: tuple[Truth, ...]
    false: tuple[Outcome, ...]


def score(
    truth: Iterable[Truth], outcomes: Iterable[Outcome], *, until: int, grace: float, speed: float = 1.0
) -> Score:
    """Match alerts to events by resident, kind and time.

    Args: until: end of what was watched (micros): an event that was due later is not asked for, though its alert is no
    false one. grace: seconds of the simulation's clock that an alert may take beyond its due time: an accelerated
    clock makes a second of computing into a minute. speed: of that clock, so that delays come out in real seconds.

    An alert answers to the latest event of its kind before it. An event is found by the first one within its due time
    and grace, late by one that came after that. An event that the wearer cancelled is found where its incident was
    cancelled. Alerts after the first, and kinds that may follow from an event, are neither found nor false.
    """
    events = sorted(truth, key=lambda t: t.start)
    answers: dict[int, list[Outcome]] = defaultdict(list)
    wrong = []
    for alert in sorted(outcomes, key=lambda o: o.raised):
        about = [index for index, event in enumerate(events) if _about(event, alert)]
        own = [index for index in about if alert.kind in _answers(events[index].kind)]
        if own:
            answers[own[-1]].append(alert)
        elif not any(alert.kind in events[index].follows for index in about):
            wrong.append(alert)

    tallies: dict[Kind, _Tally] = defaultdict(_Tally)
    missed = []
    for index, event in enumerate(events):
        alerts = [alert for alert in answers[index] if alert.cancelled or not event.cancelled]
        latest = event.due + round(grace * SECOND)
        if not alerts and latest > until:
            continue
        tally = tallies[event.kind]
        tally.truth += 1
        if not alerts:
            tally.missed += 1
            missed.append(event)
            continue
        first = alerts[0]
        if first.raised <= latest:
            tally.found += 1
        else:
            tally.late += 1
        if not event.cancelled and first.queued is not None:
            # An incident that was open already had the alert attached when it was raised.
            tally.delays.append((max(first.raised, first.queued) - event.start) / SECOND / speed)
    for alert in wrong:
        tallies[alert.kind].false += 1
    rows = tuple(
        KindScore(kind, t.truth, t.found, t.late, t.missed, t.false, tuple(t.delays))
        for kind in Kind
        if (t := tallies.get(kind)) is not None
    )
    return Score(rows, tuple(missed), tuple(wrong))


@dataclass(slots=True)
class _Tally:
    truth: int = 0
    found: int = 0
    late: int = 0
    missed: int = 0
    false: int = 0
    delays: list[float] = field(default_factory=list)


def _answers(kind: Kind) -> frozenset[Kind]:
    return ANSWERED_BY.get(kind, frozenset({kind}))


def _about(event: Truth, alert: Outcome) -> bool:
    same = (event.household, event.resident) == (alert.household, alert.resident)
    return same and alert.raised >= event.start - _EARLY


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share (0 to 1) does not exceed, by nearest rank; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
