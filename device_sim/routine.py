"""A resident's day: where they are and what they do, minute by minute, seeded.

A day is a list of stays that cover it from local midnight to midnight without a gap. Habits (when somebody rises, eats,
goes for a walk) belong to the resident and hardly change; the day's own draw moves them by some minutes.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import MINUTE, SECOND, to_datetime, to_micros


class Doing(StrEnum):
    """What a resident does during a stay."""

    SLEEP = "sleep"
    REST = "rest"
    ACTIVE = "active"
    WALK = "walk"
    WANDER = "wander"
    LIE = "lie"


OUT: Final = "out"
"""The place of a stay outside the home."""

HALL: Final = "living_room"
"""The room behind the front door: whoever comes in passes it first."""

SETTLED: Final = 2 * MINUTE
"""Whoever must be at home for something has been there for so long at least."""

_PASSES_THROUGH: Final = 90 * SECOND
_SHORTEST_WALK: Final = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Stay:
    """A stretch of time in one place.

    start, end: micros. place: a room, or OUT; outside, bearing (radians) and distance (metres) of the far point.
    """

    start: int
    end: int
    place: str
    doing: Doing
    bearing: float = 0.0
    distance: float = 0.0


@dataclass(frozen=True, slots=True)
class Habits:
    """Minutes after local midnight, and lengths in minutes."""

    wake: float
    bed: float
    breakfast: float
    lunch: float
    supper: float
    walk: float
    walk_length: float
    walk_distance: float
    second_walk: bool
    night_toilets: int


def habits(seed: int, household: str, resident: int) -> Habits:
    """The habits of a resident: the same on every day."""
    rng = random.Random(f"{seed}/habits/{household}/{resident}")  # noqa: S311
    wake = rng.gauss(370, 25)
    return Habits(
        wake=wake,
        bed=rng.gauss(1275, 25),
        breakfast=wake + rng.uniform(30, 60),
        lunch=rng.gauss(690, 15),
        supper=rng.gauss(1050, 15),
        walk=rng.uniform(510, 570),
        walk_length=rng.uniform(25, 60),
        walk_distance=rng.uniform(120, 250),
        second_walk=rng.random() < 0.5,
        night_toilets=rng.choice((1, 1, 2)),
    )


def day(seed: int, household: str, resident: int, on: date, zone: ZoneInfo) -> list[Stay]:
    """The stays of one local day, in order and without gaps. Walks stay within 250 m of the home."""
    own = habits(seed, household, resident)
    rng = random.Random(f"{seed}/day/{household}/{resident}/{on}")  # noqa: S311
    midnight = datetime.combine(on, time(), zone)
    start = to_micros(midnight)
    length = (to_micros(datetime.combine(on + timedelta(days=1), time(), zone)) - start) / MINUTE
    plan = list(_plan(own, rng, length))
    stays = []
    for (begin, place, doing, distance), following in zip(
        plan, [*plan[1:], (length, "", Doing.SLEEP, 0.0)], strict=True
    ):
        stays.append(
            Stay(
                start + round(begin * 60) * SECOND,
                start + round(following[0] * 60) * SECOND,
                place,
                doing,
                rng.uniform(0, 6.283) if place == OUT else 0.0,
                distance,
            )
        )
    return [stay for stay in stays if stay.end > stay.start]


def _plan(own: Habits, rng: random.Random, length: float) -> Iterator[tuple[float, str, Doing, float]]:
    """(start in minutes, place, what, distance) in order; each lasts until the next one starts."""
    yield 0.0, "bedroom", Doing.SLEEP, 0.0
    wake = own.wake + rng.gauss(0, 8)
    part = (wake - 90) / own.night_toilets
    for number in range(own.night_toilets):
        moment = 60 + number * part + rng.uniform(0, part - 15)
        yield moment, "bathroom", Doing.ACTIVE, 0.0
        yield moment + rng.uniform(4, 9), "bedroom", Doing.SLEEP, 0.0
    bed = min(own.bed + rng.gauss(0, 12), length - 20)
    fixed = [
        (wake, rng.uniform(10, 20), "bathroom", Doing.ACTIVE, 0.0),
        (own.breakfast + rng.gauss(0, 5), rng.uniform(20, 35), "kitchen", Doing.ACTIVE, 0.0),
        (own.walk + rng.gauss(0, 10), own.walk_length, OUT, Doing.WALK, own.walk_distance),
        (own.lunch + rng.gauss(0, 6), rng.uniform(40, 60), "kitchen", Doing.ACTIVE, 0.0),
        (own.lunch + 75 + rng.gauss(0, 6), rng.uniform(45, 75), "bedroom", Doing.SLEEP, 0.0),
        (own.supper + rng.gauss(0, 6), rng.uniform(40, 60), "kitchen", Doing.ACTIVE, 0.0),
        (bed - 25, 20, "bathroom", Doing.ACTIVE, 0.0),
    ]
    if own.second_walk:
        fixed.insert(5, (own.lunch + 210 + rng.gauss(0, 10), 35, OUT, Doing.WALK, own.walk_distance))
    now = wake
    for start, duration, place, doing, distance in fixed:
        if start > now:
            yield from _leisure(now, start, rng)
        start = max(start, now)
        yield start, place, doing, distance
        now = start + duration
    yield from _leisure(now, bed, rng)
    yield max(bed, now), "bedroom", Doing.SLEEP, 0.0


def _leisure(start: float, end: float, rng: random.Random) -> Iterator[tuple[float, str, Doing, float]]:
    """Time at home between the fixed points: living room, kitchen, now and then the bathroom."""
    now = start
    while now < end:
        place, doing, duration = rng.choices(
            (
                ("living_room", Doing.ACTIVE, rng.uniform(10, 30)),
                ("living_room", Doing.REST, rng.uniform(10, 30)),
                ("kitchen", Doing.ACTIVE, rng.uniform(5, 15)),
                ("bathroom", Doing.ACTIVE, rng.uniform(4, 10)),
                ("bedroom", Doing.ACTIVE, rng.uniform(5, 12)),
            ),
            (4, 4, 2, 2, 1),
        )[0]
        yield now, place, doing, 0.0
        now += duration


def replaced(stays: Sequence[Stay], new: Stay) -> list[Stay]:
    """The stays with `new` put in place of whatever was planned for its time.

    A walk is cut, not moved, and what is left of it after `new` is spent at home.
    """
    before = [replace(s, end=min(s.end, new.start)) for s in stays if s.start < new.start]
    after = [_rest_of(s, new.end) if s.start < new.end else s for s in stays if s.end > new.end]
    return sorted([*before, new, *after], key=lambda s: s.start)


def _rest_of(stay: Stay, start: int) -> Stay:
    return Stay(start, stay.end, HALL, Doing.REST) if stay.place == OUT else replace(stay, start=start)


def at_home(stays: Sequence[Stay], moment: int) -> list[Stay]:
    """The stays, in which whoever would be out at `moment` (micros) came home SETTLED before it, and stays there."""
    back = moment - SETTLED
    changed: list[Stay] = []
    for stay in stays:
        if stay.place != OUT or stay.start > moment or stay.end <= back:
            changed.append(stay)
            continue
        # Whoever would have to turn round at once does not leave.
        turns = back if back - stay.start >= _SHORTEST_WALK else stay.start
        changed += [replace(stay, end=turns)] * (turns > stay.start)
        changed.append(Stay(turns, stay.end, HALL, Doing.ACTIVE))
    return changed


def through_the_hall(stays: Sequence[Stay]) -> list[Stay]:
    """The stays, in which everybody who comes home is in the room behind the door first, whatever was planned."""
    changed = list(stays[:1])
    until = 0
    for before, stay in pairwise(stays):
        if before.place == OUT:
            until = stay.start + _PASSES_THROUGH
        elsewhere = stay.place not in (OUT, HALL)
        passed = min(max(stay.start, until), stay.end) if elsewhere else stay.start
        changed += [Stay(stay.start, passed, HALL, Doing.ACTIVE)] * (passed > stay.start)
        changed += [replace(stay, start=passed)] * (passed < stay.end)
    return changed


def local_days(start: int, end: int, zone: ZoneInfo) -> Iterator[date]:
    """The local days that [start, end) touches."""
    on = to_datetime(start).astimezone(zone).date()
    last = to_datetime(end - 1).astimezone(zone).date()
    while on <= last:
        yield on
        on += timedelta(days=1)
