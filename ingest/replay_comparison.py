"""What a replay would have raised beside what was raised then. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence

import msgspec

from alerts.lifecycle import FALSE_CODES, TRUE_CODES, ClosureCode
from core.clock import DAY, MINUTE, SECOND

SAME_TIME = 2 * MINUTE
"""Raised times this close count as the same: a replay looks each minute, and a commit takes a while."""

SAME_EVENT = 30 * MINUTE
"""How far apart the event times of one event may be, of one kind and resident, where the dedup keys differ."""

_WEEK = 7 * DAY


class Raised(msgspec.Struct, frozen=True):
    """An alert. event_time, raised: micros. code: closure code of its incident; None where there is none (yet)."""

    key: str
    kind: str
    resident: int
    event_time: int
    raised: int
    code: str | None = None


class Change(msgspec.Struct, frozen=True):
    """One alert of then, of now, or of both.

    what: same, earlier, later, added, removed. seconds: by how much later it is raised now.
    """

    what: str
    kind: str
    resident: int
    then: Raised | None
    now: Raised | None
    seconds: float | None


class KindFigures(msgspec.Struct, frozen=True):
    """How the alerts of one kind changed ("": all kinds).

    false_then: closed as false. false_now: those of them that the replay still raises. true_lost: closed as true, and
    the replay does not raise them. false_a_person_week_now counts only alerts that people judged; with all that were
    added taken for false as well it is `false_a_person_week_at_most`.
    """

    kind: str
    then: int
    now: int
    same: int
    earlier: int
    later: int
    added: int
    removed: int
    true_lost: int
    false_then: int
    false_now: int
    false_a_person_week_then: float
    false_a_person_week_now: float
    false_a_person_week_at_most: float


def compare(then: Iterable[Raised], now: Iterable[Raised], first: int, last: int) -> list[Change]:
    """Match alerts of then and now, first by dedup key without the version, then by kind, resident and event time.

    Alerts from before `first` (micros) may be matched with later ones; a pair counts when it was raised from `first`
    until before `last` then or, where it was not raised then, now. By raised time; the same whatever the order given.
    """
    left, right = sorted(then, key=_order), _firsts(now)
    pairs = _by_key(left, right) + _by_time(left, right)
    changes = [(a, _pair(a, b)) for a, b in pairs]
    changes += [(a, Change("removed", a.kind, a.resident, a, None, None)) for a in left]
    changes += [(b, Change("added", b.kind, b.resident, None, b, None)) for b in right]
    changes.sort(key=lambda c: _order(c[0]))
    return [change for alert, change in changes if first <= alert.raised < last]


def figures(changes: Sequence[Change], people: int, span: int) -> list[KindFigures]:
    """Figures of all kinds together, then of each kind. people: how many were watched for `span` micros."""
    weeks = people * span / _WEEK
    kinds = sorted({c.kind for c in changes})
    return [_figures("", changes, weeks), *(_figures(k, [c for c in changes if c.kind == k], weeks) for k in kinds)]


def _order(alert: Raised) -> tuple[int, str]:
    return alert.raised, alert.key


def _firsts(alerts: Iterable[Raised]) -> list[Raised]:
    """Of each dedup key the first, as alerts are stored."""
    firsts: dict[str, Raised] = {}
    for alert in sorted(alerts, key=_order):
        firsts.setdefault(alert.key, alert)
    return list(firsts.values())


def _without_version(alert: Raised) -> Hashable:
    kind, _, device, episode = alert.key.split(":", 3)
    return kind, alert.resident, device, episode


def _by_key(left: list[Raised], right: list[Raised]) -> list[tuple[Raised, Raised]]:
    """Take the pairs of one key out of both lists."""
    return _take_pairs(left, right, _without_version, lambda a, b: True)


def _by_time(left: list[Raised], right: list[Raised]) -> list[tuple[Raised, Raised]]:
    """Take the pairs of one kind, resident and about one time out of both lists, the closest first."""
    return _take_pairs(
        left, right, lambda a: (a.kind, a.resident), lambda a, b: abs(a.event_time - b.event_time) <= SAME_EVENT
    )


def _take_pairs(
    left: list[Raised],
    right: list[Raised],
    group: Callable[[Raised], Hashable],
    fits: Callable[[Raised, Raised], bool],
) -> list[tuple[Raised, Raised]]:
    groups = defaultdict(list)
    for alert in right:
        groups[group(alert)].append(alert)
    candidates = [(a, b) for a in left for b in groups[group(a)] if fits(a, b)]
    candidates.sort(key=lambda p: (abs(p[0].event_time - p[1].event_time), _order(p[0]), _order(p[1])))
    pairs: list[tuple[Raised, Raised]] = []
    taken: set[Raised] = set()
    gone: set[Raised] = set()
    for a, b in candidates:
        if a not in taken and b not in gone:
            pairs.append((a, b))
            taken.add(a)
            gone.add(b)
    left[:] = [a for a in left if a not in taken]
    right[:] = [b for b in right if b not in gone]
    return pairs


def _pair(then: Raised, now: Raised) -> Change:
    apart = now.raised - then.raised
    what = "same" if abs(apart) <= SAME_TIME else "earlier" if apart < 0 else "later"
    return Change(what, then.kind, then.resident, then, now, apart / SECOND)


def _figures(kind: str, changes: Sequence[Change], weeks: float) -> KindFigures:
    count = Counter(c.what for c in changes)
    false_then = sum(_judged(c, FALSE_CODES) for c in changes)
    false_now = sum(_judged(c, FALSE_CODES) for c in changes if c.now is not None)
    return KindFigures(
        kind=kind,
        then=sum(c.then is not None for c in changes),
        now=sum(c.now is not None for c in changes),
        same=count["same"],
        earlier=count["earlier"],
        later=count["later"],
        added=count["added"],
        removed=count["removed"],
        true_lost=sum(_judged(c, TRUE_CODES) for c in changes if c.what == "removed"),
        false_then=false_then,
        false_now=false_now,
        false_a_person_week_then=false_then / weeks,
        false_a_person_week_now=false_now / weeks,
        false_a_person_week_at_most=(false_now + count["added"]) / weeks,
    )


def _judged(change: Change, codes: frozenset[ClosureCode]) -> bool:
    return change.then is not None and change.then.code in codes
