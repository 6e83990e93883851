"""Who is on shift: examples that can be read, and properties over any rota, override, zone and change of clocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.rota import LONGEST_SHIFT, Shift, by_area, moment_of, nearest, on_shift, shifts
from core.shifts import Hours, Override, Rotation

ALL_WEEK = (1, 2, 3, 4, 5, 6, 7)
LAN, MING, CHEN = 1, 2, 3
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 10, 5)

# Clocks that change by an hour, by half an hour, in the south, and not at all.
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")

NIGHT = Rotation(
    id=1,
    area="street",
    area_path="/city/street/",
    name="夜班",
    timezone="Asia/Shanghai",
    starts_on=MONDAY,
    days_each=7,
    members=(LAN, MING),
    shifts=(Hours(ALL_WEEK, time(20), time(8)),),
)


def at(day: int, hour: int, minute: int = 0, zone: ZoneInfo = SHANGHAI) -> datetime:
    """A local time of October 2026."""
    return datetime(2026, 10, day, hour, minute, tzinfo=zone)


def users(found: Sequence[Shift]) -> list[int]:
    return [shift.user for shift in found]


def instead(number: int, user: int, of: int | None, first: datetime, last: datetime) -> Override:
    return Override(number, "street", "/city/street/", user, of, first, last)


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        (at(5, 19, 59), []),
        (at(5, 20), [LAN]),
        (at(6, 7, 59), [LAN]),
        (at(6, 8), []),
        # Sunday's night is the last of her week and goes on into Monday.
        (at(12, 7, 59), [LAN]),
        (at(12, 20), [MING]),
        (at(19, 20), [LAN]),
        # Before the first turn there is nobody.
        (at(4, 21), []),
        (at(5, 1), []),
    ],
)
def test_members_take_turns_and_a_night_belongs_to_the_day_on_which_it_begins(moment: datetime, who: list[int]) -> None:
    assert users(on_shift([NIGHT], [], moment)) == who


def test_an_override_takes_over_at_its_hour_and_gives_back() -> None:
    override = instead(1, CHEN, LAN, at(5, 22), at(6, 2))
    found = shifts([NIGHT], [override], at(5, 12), at(6, 12))
    assert [(s.user, s.instead_of, s.starts_at, s.ends_at) for s in found] == [
        (LAN, None, at(5, 20), at(5, 22)),
        (CHEN, LAN, at(5, 22), at(6, 2)),
        (LAN, None, at(6, 2), at(6, 8)),
    ]
    assert [s.override for s in found] == [None, 1, None]


def test_an_override_for_somebody_who_does_not_work_then_adds_nobody() -> None:
    assert shifts([NIGHT], [instead(1, CHEN, MING, at(5, 20), at(6, 8))], at(5, 12), at(6, 12)) == shifts(
        [NIGHT], [], at(5, 12), at(6, 12)
    )


def test_somebody_is_on_shift_besides_the_others() -> None:
    added = instead(1, CHEN, None, at(5, 12), at(5, 21))
    assert users(on_shift([NIGHT], [added], at(5, 13))) == [CHEN]
    assert users(on_shift([NIGHT], [added], at(5, 20, 30))) == [LAN, CHEN]


def test_of_two_overrides_the_later_one_counts() -> None:
    first, second = instead(1, MING, LAN, at(5, 20), at(6, 8)), instead(2, CHEN, LAN, at(5, 22), at(6, 1))
    overrides = [second, first]
    assert users(on_shift([NIGHT], overrides, at(5, 21))) == [MING]
    assert users(on_shift([NIGHT], overrides, at(5, 23))) == [CHEN]
    # She herself takes her shift back.
    back = instead(3, LAN, MING, at(6, 3), at(6, 4))
    [shift] = on_shift([NIGHT], [*overrides, back], at(6, 3))
    assert (shift.user, shift.instead_of, shift.override) == (LAN, None, 3)


def test_who_has_two_shifts_is_there_once_until_the_last_ends() -> None:
    day = replace(NIGHT, id=2, name="白班", members=(LAN,), shifts=(Hours(ALL_WEEK, time(18), time(22)),))
    [shift] = on_shift([NIGHT, day], [], at(5, 21))
    assert (shift.user, shift.ends_at) == (LAN, at(6, 8))


def test_the_nearest_area_with_a_rota_in_force_counts() -> None:
    city = replace(NIGHT, id=2, area="city", area_path="/city/")
    later = replace(NIGHT, id=3, area="new", area_path="/city/new/", starts_on=MONDAY + timedelta(days=30))
    rotas = by_area([NIGHT, city, later], [instead(1, CHEN, None, at(5, 1), at(6, 1))], at(7, 12))
    assert set(rotas) == {"/city/", "/city/street/"}

    def counts(path: str) -> str | None:
        found = nearest(path, rotas)
        return None if found is None else found.area_path

    assert counts("/city/street/") == "/city/street/"
    assert counts("/city/street/block/") == "/city/street/"
    assert counts("/city/new/") == "/city/"
    assert counts("/elsewhere/") is None
    assert rotas["/city/street/"].people == {LAN, MING, CHEN}
    assert by_area([later], [instead(1, CHEN, None, at(5, 1), at(6, 1))], at(7, 12)) == {}, "overrides alone are none"


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        (date(2026, 3, 29), time(1, 59), "2026-03-29T00:59"),
        # Skipped: the moment at which the clocks are put forward.
        (date(2026, 3, 29), time(2, 0), "2026-03-29T01:00"),
        (date(2026, 3, 29), time(2, 59), "2026-03-29T01:00"),
        (date(2026, 3, 29), time(3, 0), "2026-03-29T01:00"),
        # Twice: the first time.
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        (date(2026, 10, 25), time(3, 0), "2026-10-25T02:00"),
    ],
)
def test_clocks_that_are_changed(day: date, clock: time, moment: str) -> None:
    assert moment_of(day, clock, ZoneInfo("Europe/Berlin")) == datetime.fromisoformat(f"{moment}+00:00")


def test_a_night_in_which_clocks_change_is_an_hour_shorter_or_longer() -> None:
    berlin = replace(NIGHT, timezone="Europe/Berlin", starts_on=date(2026, 3, 1))
    hours = []
    for day in (date(2026, 3, 28), date(2026, 10, 24), date(2026, 6, 1)):
        noon = datetime.combine(day, time(12), ZoneInfo("Europe/Berlin"))
        [shift] = shifts([berlin], [], noon, noon + timedelta(hours=12))
        hours.append((shift.ends_at - shift.starts_at) / timedelta(hours=1))
    assert hours == [11, 13, 12]


# Properties

moments = st.integers(0, 2 * 365 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
clocks = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def rotations(draw: st.DrawFn) -> Rotation:
    """Any rotation; its shifts may overlap, be empty of days, or go round the clock."""
    weekdays = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
    return Rotation(
        id=draw(st.integers(1, 5)),
        area="a",
        area_path="/a/",
        name="r",
        timezone=draw(st.sampled_from(ZONES)),
        starts_on=draw(st.dates(date(2025, 12, 1), date(2026, 12, 31))),
        days_each=draw(st.integers(1, 10)),
        members=tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True))),
        shifts=tuple(draw(st.lists(st.builds(Hours, weekdays, clocks, clocks), min_size=1, max_size=3))),
    )


@st.composite
def overrides(draw: st.DrawFn, number: int, near: datetime) -> Override:
    """An override around a moment."""
    user = draw(st.integers(1, 7))
    of = draw(st.none() | st.integers(1, 7).filter(lambda other: other != user))
    first = near + timedelta(minutes=draw(st.integers(-2000, 2000)))
    return Override(number, "a", "/a/", user, of, first, first + timedelta(minutes=draw(st.integers(1, 3000))))


def by_the_wall(rotation: Rotation, moment: datetime) -> set[int]:
    """Who is on shift by nothing but the clock and calendar on the wall: what `alerts.rota` must agree with."""
    local = moment.astimezone(ZoneInfo(rotation.timezone)).replace(tzinfo=None)
    found = set()
    for days_ago in (0, 1):
        day = local.date() - timedelta(days=days_ago)
        since_start = (day - rotation.starts_on).days
        if since_start < 0:
            continue
        for hours in rotation.shifts:
            begins = datetime.combine(day, hours.start)
            ends = datetime.combine(day, hours.end) + timedelta(days=hours.end <= hours.start)
            if day.isoweekday() in hours.weekdays and begins <= local < ends:
                found.add(rotation.members[since_start // rotation.days_each % len(rotation.members)])
    return found


def is_shown_twice(rotation: Rotation, moment: datetime) -> bool:
    """Whether clocks are put back within some hours, so that the wall alone does not tell the moment."""
    zone = ZoneInfo(rotation.timezone)
    offsets = {(moment + timedelta(hours=h)).astimezone(zone).utcoffset() for h in (-2, -1, 0, 1, 2)}
    return len(offsets) > 1


@settings(max_examples=300, deadline=None)
@given(rotations(), moments)
def test_no_gap_and_nobody_is_invented(rotation: Rotation, moment: datetime) -> None:
    if not is_shown_twice(rotation, moment):
        assert {s.user for s in on_shift([rotation], [], moment)} == by_the_wall(rotation, moment)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.sets(clocks, min_size=1, max_size=6), st.integers(1, 9), moments)
def test_shifts_that_follow_each_other_on_the_wall_cover_every_moment_once(
    zone: str, changes: set[time], days_each: int, moment: datetime
) -> None:
    starts = sorted(changes)
    hours = [Hours(ALL_WEEK, start, end) for start, end in zip(starts, [*starts[1:], starts[0]], strict=True)]
    rotation = replace(
        NIGHT, timezone=zone, starts_on=date(2025, 12, 1), days_each=days_each, members=(1, 2, 3), shifts=tuple(hours)
    )
    found = shifts([rotation], [], moment, moment + timedelta(days=4))
    # One after the other, over whatever happens to the clocks.
    assert [s.ends_at for s in found[:-1]] == [s.starts_at for s in found[1:]]
    assert found[0].starts_at <= moment
    assert found[-1].ends_at >= moment + timedelta(days=4)
    assert all(s.ends_at - s.starts_at <= LONGEST_SHIFT for s in found)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.lists(rotations(), min_size=1, max_size=3), moments)
def test_a_span_says_the_same_as_each_of_its_moments(
    data: st.DataObject, some: list[Rotation], moment: datetime
) -> None:
    changes = [data.draw(overrides(n, moment)) for n in range(data.draw(st.integers(0, 4)))]
    first = moment - timedelta(minutes=data.draw(st.integers(0, 3000)))
    last = moment + timedelta(minutes=data.draw(st.integers(1, 3000)))
    span = shifts(some, changes, first, last)
    assert {s.user for s in span if s.starts_at <= moment < s.ends_at} == {
        s.user for s in on_shift(some, changes, moment)
    }
    assert all(s.starts_at < s.ends_at for s in span)
    # And who reads only the overrides near a moment sees the same.
    near = [o for o in changes if o.ends_at > moment - LONGEST_SHIFT and o.starts_at < moment + LONGEST_SHIFT]
    assert on_shift(some, near, moment) == on_shift(some, changes, moment)


@settings(max_examples=300, deadline=None)
@given(st.data(), rotations(), moments)
def test_the_last_override_wins(data: st.DataObject, rotation: Rotation, moment: datetime) -> None:
    changes = [data.draw(overrides(n, moment)) for n in range(data.draw(st.integers(0, 3)))]
    before = {s.user for s in on_shift([rotation], changes, moment)}
    last = data.draw(overrides(9, moment))
    after = {s.user for s in on_shift([rotation], [*changes, last], moment)}
    if not last.starts_at <= moment < last.ends_at:
        assert after == before
    elif last.instead_of is None:
        assert after == before | {last.user}
    else:
        assert last.instead_of not in after
        assert last.user in after or last.instead_of not in before
        # Of the others nobody comes, and whoever goes had stood in for that person.
        assert after - before <= {last.user}
