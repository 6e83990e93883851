"""Many maintenance findings with one cause become one storm: which, and when it is over. Pure.

A district loses its power and three hundred devices fall silent: the people of the centre must hear of one thing and
not of three hundred, or they will not hear of the fall among them. Incidents stay one a resident and have their own
timers and families; a storm only says that they are one cause, and the people of the centre hear of it in their place.

What is about a person is never part of one, whatever else happens at the time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.findings import Kind, Queue
from storage.storms import Heard

KINDS = frozenset({Kind.DEVICE_SILENT, Kind.HOME_SILENT, Kind.BATTERY_LOW, Kind.NOT_WORN, Kind.CLOCK_WRONG})
"""What one cause can bring to many homes at once. The schema's CHECKs on `storm` and `incident` have the same names."""

MORE_THAN = 10
"""Findings of one kind in WINDOW and in one area's subtree that may still be chance."""

WINDOW = timedelta(minutes=10)

FEW = 5
"""A storm with no more incidents left than that, and none new within WINDOW, is over: the rest have other causes."""


def can_be_part(queue: str, kind: str) -> bool:
    """Whether an incident of this queue and kind can be part of a storm."""
    return queue == Queue.MAINTENANCE and kind in KINDS


@dataclass(frozen=True, slots=True)
class Stray:
    """A live incident that is part of no storm. area_path: of the home's area."""

    incident_id: int
    queue: str
    kind: str
    area_path: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class OpenStorm:
    """A storm that is not over. since, last_at: when its first and its newest incident were raised."""

    id: int
    kind: str
    area_path: str
    since: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Gathered:
    """Incidents that are one storm: one that is open, or a new one of this kind in this area where storm_id is None."""

    storm_id: int | None
    kind: str
    area_path: str
    incident_ids: tuple[int, ...]
    since: datetime
    last_at: datetime


def gather(strays: Sequence[Stray], storms: Sequence[OpenStorm]) -> list[Gathered]:
    """Which incidents join which storm, and which begin a new one.

    An incident joins the storm of its kind in the lowest area around its home, if it was raised no more than WINDOW
    before that began or after its newest. Of those left, more than MORE_THAN of a kind that were raised within WINDOW
    in an area's subtree begin one, in the lowest area that holds so many.
    """
    found: list[Gathered] = []
    usable = [stray for stray in strays if can_be_part(stray.queue, stray.kind)]
    for kind in sorted({stray.kind for stray in usable}):
        of_kind = sorted((s for s in usable if s.kind == kind), key=lambda s: (s.raised_at, s.incident_id))
        joined, left = _join(of_kind, [storm for storm in storms if storm.kind == kind])
        found += joined
        for path in sorted({p for s in left for p in _around(s.area_path)}, key=lambda p: (-p.count("/"), p)):
            many = _too_many([s for s in left if s.area_path.startswith(path)])
            if many:
                found.append(_gathered(None, kind, path, many))
                taken = {s.incident_id for s in many}
                left = [s for s in left if s.incident_id not in taken]
    return found


def _join(strays: Sequence[Stray], storms: Sequence[OpenStorm]) -> tuple[list[Gathered], list[Stray]]:
    """Those that join a storm that is open, and those that do not. strays: oldest first."""
    joining: dict[int, list[Stray]] = {}
    last = {storm.id: storm.last_at for storm in storms}
    left = []
    for stray in strays:
        fitting = [
            storm
            for storm in storms
            if stray.area_path.startswith(storm.area_path)
            and storm.since - WINDOW <= stray.raised_at <= last[storm.id] + WINDOW
        ]
        if not fitting:
            left.append(stray)
            continue
        storm = max(fitting, key=lambda s: (len(s.area_path), -s.id))
        joining.setdefault(storm.id, []).append(stray)
        last[storm.id] = max(last[storm.id], stray.raised_at)
    by_id = {storm.id: storm for storm in storms}
    return [_gathered(i, by_id[i].kind, by_id[i].area_path, some) for i, some in sorted(joining.items())], left


def _gathered(storm_id: int | None, kind: str, path: str, some: Sequence[Stray]) -> Gathered:
    times = [stray.raised_at for stray in some]
    return Gathered(storm_id, kind, path, tuple(stray.incident_id for stray in some), min(times), max(times))


def _around(path: str) -> list[str]:
    """The paths of an area and of all that hold it: of /1/12/ also /1/."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]


def _too_many(strays: Sequence[Stray]) -> list[Stray]:
    """Those that lie in some WINDOW with more than MORE_THAN. strays: oldest first."""
    marked = [False] * len(strays)
    first = 0
    for number, stray in enumerate(strays):
        while stray.raised_at - strays[first].raised_at > WINDOW:
            first += 1
        if number - first + 1 > MORE_THAN:
            marked[first : number + 1] = [True] * (number - first + 1)
    return [stray for stray, mark in zip(strays, marked, strict=True) if mark]


class News(StrEnum):
    """What people are to be told of a storm now. goes_on: who has come on duty since it was told."""

    BEGINS = "begins"
    GROWS = "grows"
    GOES_ON = "goes_on"
    OVER = "over"


def news(
    left: int, last_at: datetime, told_at: datetime | None, told_count: int | None, now: datetime, every: timedelta
) -> News | None:
    """What everybody on duty is to be told of a storm that is open, None for nothing.

    left: how many of its incidents are live. told_at, told_count: when people were last told, and of how many. every:
    the least time between two messages about a storm that grows.
    """
    if left <= FEW and now - last_at > WINDOW:
        return News.OVER
    if told_at is None or told_count is None:
        return News.BEGINS
    return News.GROWS if left > told_count and now - told_at >= every else None


def unaware(
    told: Collection[int], heard: Iterable[Heard], now: datetime, every: timedelta, *, instead: bool
) -> frozenset[int]:
    """Who of those that are told things now, by id, is to hear of a storm that goes on, because they never did.

    instead: they are everybody, in place of a shift that has nobody. None of them is got out of bed for equipment that
    another one knows of. heard: of all who were sent something; whom nothing has reached is tried again after `every`.
    """
    known = {one.user_id: one for one in heard}
    aware = {user for user in told if user in known and known[user].knows}
    if instead and aware:
        return frozenset()
    return frozenset(u for u in told if u not in aware and (u not in known or now - known[u].at >= every))
