"""A day has no gaps, stays near home and takes in whatever is put into it."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import DAY, MINUTE
from device_sim.routine import OUT, Doing, Stay, day, local_days, replaced

SHANGHAI = ZoneInfo("Asia/Shanghai")
DATES = st.integers(0, 3000).map(lambda n: date(2024, 1, 1) + timedelta(days=n))


def assert_whole(stays: list[Stay]) -> None:
    assert all(stay.end > stay.start for stay in stays)
    assert all(before.end == after.start for before, after in pairwise(stays))


@given(st.integers(0, 10_000), DATES)
def test_a_day_is_covered_from_midnight_to_midnight(seed: int, on: date) -> None:
    stays = day(seed, "h001", 0, on, SHANGHAI)
    assert_whole(stays)
    assert stays[-1].end - stays[0].start == DAY
    assert stays[0].doing is Doing.SLEEP
    assert stays[-1].doing is Doing.SLEEP
    assert all(stay.distance <= 250 for stay in stays)
    assert any(stay.place == OUT for stay in stays)


def test_a_day_of_23_hours_is_covered_too() -> None:
    stays = day(1, "h001", 0, date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert stays[-1].end - stays[0].start == DAY - 60 * MINUTE


@given(DATES, st.integers(-300, 1700), st.integers(1, 600))
def test_what_is_put_in_takes_its_time_and_leaves_no_gap(on: date, begin: int, length: int) -> None:
    plain = day(1, "h001", 0, on, SHANGHAI)
    start = plain[0].start + begin * MINUTE
    new = Stay(start, start + length * MINUTE, "bathroom", Doing.LIE)
    stays = replaced(plain, new)
    assert new in stays
    inside = [stay for stay in stays if stay.end > plain[0].start and stay.start < plain[-1].end]
    others = [stay for stay in inside if stay is not new and stay != new]
    assert all(stay.end <= new.start or stay.start >= new.end for stay in others)
    kept = sum(stay.end - stay.start for stay in others)
    covered = max(0, min(new.end, plain[-1].end) - max(new.start, plain[0].start))
    assert kept == DAY - covered


@pytest.mark.parametrize(("hours", "days"), [((0, 1), 1), ((15, 17), 2), ((16, 17), 1), ((0, 48), 3)])
def test_local_days(hours: tuple[int, int], days: int) -> None:
    # 00:00 UTC is 08:00 in Shanghai: its midnight is 16:00 UTC.
    first = 1_772_496_000_000_000 - 1_772_496_000_000_000 % DAY
    found = list(local_days(first + hours[0] * 60 * MINUTE, first + hours[1] * 60 * MINUTE, SHANGHAI))
    assert len(found) == days
