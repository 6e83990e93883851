"""Nobody is in two places: whoever is out comes home through the door before anything inside sees them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.clock import DAY, HOUR, MINUTE, SECOND, to_micros
from device_sim import events
from device_sim.events import Event
from device_sim.homes import Household, make_roster
from device_sim.routine import HALL, OUT, SETTLED, Doing, Stay, at_home, day, replaced, through_the_hall
from device_sim.simulation import Simulation

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROSTER = make_roster(10, 1)
AT_HOME = ("sos", "fall", "fall-cancelled", "low-oxygen", "high-pressure", "still", "bathroom")


def hourly(code: str) -> Household:
    """A home of the roster, whose watch speaks once an hour: what it says is of no interest here."""
    home = ROSTER.household(code)
    devices = (msgspec.structs.replace(one, interval=max(one.interval, 3600)) for one in home.devices)
    return msgspec.structs.replace(home, devices=tuple(devices))


# A home that can have it.
WHERE = {name: hourly("h005") for name in AT_HOME} | {"still": hourly("h007"), "wandering": hourly("h001")}
# The longest that the front door stands open.
OPEN = 12 * SECOND

SEEDS = st.integers(0, 10_000)
DATES = st.integers(0, 3000).map(lambda n: date(2024, 1, 1) + timedelta(days=n))
TIMES = st.integers(0, DAY // SECOND - 1)


def midnight(on: date) -> int:
    return to_micros(datetime.combine(on, time(), SHANGHAI))


@dataclass(frozen=True)
class Life:
    """Twelve hours of a home in the middle of which something happens.

    out: when its resident is out. doors: when the front door opens and shuts. motion: when which room sees somebody.
    """

    event: Event
    home: Household
    stays: Sequence[Stay]
    out: Sequence[Stay]
    doors: Sequence[tuple[int, int]]
    motion: Sequence[tuple[int, str]]


def life(name: str, seed: int, on: date, second: int) -> Life:
    home = WHERE[name]
    event = events.named(name, home, midnight(on) + second * SECOND, 1)
    planned = [stay for n in range(-1, 2) for stay in day(seed, home.code, 0, on + timedelta(days=n), SHANGHAI)]
    stays = through_the_hall(event.change(home, planned))
    first, last = event.start - 6 * HOUR, event.start + 6 * HOUR
    said = list(Simulation(msgspec.structs.replace(ROSTER, households=(home,)), seed, (event,)).messages(first, last))
    contact = [
        (m.at, json.loads(m.payload)["contact"]) for m in said if m.device == "door-front" if b"contact" in m.payload
    ]
    doors = [(opened, shut) for (opened, closed), (shut, _) in pairwise(contact) if not closed]
    motion = [
        (m.at, m.device.removeprefix("motion-"))
        for m in said
        if m.device.startswith("motion-") and json.loads(m.payload).get("occupancy") is True
    ]
    out = [stay for stay in stays if stay.place == OUT and first < stay.start and stay.end < last - MINUTE]
    return Life(event, home, stays, out, doors, motion)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(sorted(WHERE)), SEEDS, DATES, TIMES)
@example("wandering", 1547, date(2028, 3, 27), 1538)  # home again seconds before the end of what was planned
def test_nothing_moves_inside_from_leaving_until_the_door_was_opened_and_shut_again(
    name: str, seed: int, on: date, second: int
) -> None:
    lived = life(name, seed, on, second)
    for walk in lived.out:
        assert not [m for m in lived.motion if walk.start < m[0] <= walk.end]
        for passage in (walk.start, walk.end):
            [(opened, shut)] = [d for d in lived.doors if d[0] <= passage <= d[1]]
            assert opened <= passage < shut <= opened + OPEN
            assert not [m for m in lived.motion if opened < m[0] <= shut]
        back = [m for m in lived.motion if m[0] > walk.end][:1]
        assert {room for _, room in back} <= {HALL}


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(AT_HOME), SEEDS, DATES, TIMES)
def test_whom_something_happens_to_at_home_has_come_home_before(name: str, seed: int, on: date, second: int) -> None:
    lived = life(name, seed, on, second)
    start, until = lived.event.start, lived.event.until(lived.home)
    assert not [
        stay for stay in lived.stays if stay.place == OUT and stay.end > start - SETTLED and stay.start <= until
    ]
    truth = lived.event.truth(lived.home)
    assert (truth.start, truth.household) == (start, lived.home.code)


@settings(deadline=None, max_examples=20)
@given(SEEDS, DATES, TIMES)
def test_who_falls_still_moved_right_before_and_nothing_moves_after(seed: int, on: date, second: int) -> None:
    lived = life("still", seed, on, second)
    start = lived.event.start
    last = [at for at, _ in lived.motion if at <= start][-1]
    assert last >= start - SETTLED - MINUTE
    assert not [m for m in lived.motion if m[0] > start]
    assert not [d for d in lived.doors if d[1] > start]


@settings(deadline=None, max_examples=20)
@given(SEEDS, DATES, TIMES)
@example(0, date(2024, 1, 1), DAY // SECOND - 3)  # across midnight
def test_who_lies_in_the_bathroom_was_seen_to_go_in_and_nowhere_else_since(seed: int, on: date, second: int) -> None:
    lived = life("bathroom", seed, on, second)
    start, until = lived.event.start, lived.event.until(lived.home)
    inside = [m for m in lived.motion if start - MINUTE < m[0] < until]
    assert [m for m in inside if m[1] == "bathroom" and m[0] < start + 6 * SECOND]
    assert {room for at, room in inside if at > start} <= {"bathroom"}
    assert not [d for d in lived.doors if start <= d[1] < until]


def test_a_wanderer_leaves_from_home_also_from_a_walk() -> None:
    for on in (date(2026, 5, n) for n in range(1, 15)):
        walk = next(stay for stay in day(3, "h001", 0, on, SHANGHAI) if stay.place == OUT)
        lived = life("wandering", 3, on, (walk.start - midnight(on)) // SECOND + 600)
        start, until = lived.event.start, lived.event.until(lived.home)
        home, wander = [stay for stay in lived.stays if start - SETTLED <= stay.start <= start]
        assert (home.place, home.start, home.end) == (HALL, start - SETTLED, start)
        assert (wander.place, wander.start, wander.end) == (OUT, start, until)
        # Wherever they go next, they come home first.
        assert next(stay for stay in lived.stays if stay.start == until).place == HALL


def test_across_midnight_nobody_changes_the_room() -> None:
    for number in range(10):
        lived = life("still", number, date(2026, 5, 1) + timedelta(days=number), 60)
        start = lived.event.start
        assert len({room for at, room in lived.motion if start - SETTLED < at <= start}) == 1


WALK = Stay(60 * MINUTE, 100 * MINUTE, OUT, Doing.WALK, 1.0, 200.0)
PLAN = [Stay(0, 60 * MINUTE, "kitchen", Doing.ACTIVE), WALK, Stay(100 * MINUTE, 200 * MINUTE, "bedroom", Doing.REST)]


@pytest.mark.parametrize(
    ("minute", "walks"),
    [
        (30, (60, 100)),  # long before it
        (59.9, (60, 100)),
        (60, None),  # about to leave
        (61, None),
        (63.9, None),  # a walk of less than two minutes
        (64, (60, 62)),
        (90, (60, 88)),
        (101, (60, 99)),  # just back
        (102, (60, 100)),
    ],
)
def test_a_walk_ends_two_minutes_before_or_does_not_begin(minute: float, walks: tuple[int, int] | None) -> None:
    stays = at_home(PLAN, round(minute * MINUTE))
    out = [(stay.start // MINUTE, stay.end // MINUTE) for stay in stays if stay.place == OUT]
    assert out == ([walks] if walks else [])
    assert [stay.start for stay in stays[1:]] == [stay.end for stay in stays[:-1]]
    assert (stays[0], stays[-1]) == (PLAN[0], PLAN[-1])


def test_what_is_left_of_a_walk_is_not_walked() -> None:
    stays = replaced(PLAN, Stay(50 * MINUTE, 80 * MINUTE, "kitchen", Doing.LIE))
    assert [(stay.place, stay.start // MINUTE) for stay in stays] == [
        ("kitchen", 0), ("kitchen", 50), (HALL, 80), ("bedroom", 100),
    ]  # fmt: skip


def test_who_comes_home_is_in_the_hall_for_a_while() -> None:
    stays = through_the_hall(PLAN)
    assert [(stay.place, (stay.end - stay.start) // SECOND) for stay in stays] == [
        ("kitchen", 3600), (OUT, 2400), (HALL, 90), ("bedroom", 5910),
    ]  # fmt: skip
    assert through_the_hall(stays) == stays
