"""Which findings are one storm. What is about a person never is."""

import re
from datetime import timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.storms import (
    FEW,
    KINDS,
    MORE_THAN,
    WINDOW,
    Gathered,
    News,
    OpenStorm,
    Stray,
    can_be_part,
    gather,
    news,
    unaware,
)
from core.findings import Kind, Queue
from storage.storms import Heard
from tests.support.alarm_world import NOON

EVERY = timedelta(minutes=15)
PATHS = ["/1/", "/1/11/", "/1/12/", "/1/11/111/", "/1/11/112/", "/1/12/121/", "/2/", "/2/21/", "/11/"]


def silent(number: int, path: str = "/1/11/111/", minutes: float = 0.0, **other: str) -> Stray:
    given: dict[str, str] = {"queue": Queue.MAINTENANCE, "kind": Kind.DEVICE_SILENT, **other}
    return Stray(number, given["queue"], given["kind"], path, NOON + timedelta(minutes=minutes))


def test_ten_may_be_chance_and_eleven_are_a_storm() -> None:
    assert gather([silent(n) for n in range(10)], []) == []
    assert gather([silent(n, minutes=n / 2) for n in range(11)], []) == [
        Gathered(None, "device_silent", "/1/11/111/", tuple(range(11)), NOON, NOON + timedelta(minutes=5))
    ]


def test_eleven_within_ten_minutes_and_not_within_eleven() -> None:
    assert gather([silent(n, minutes=n) for n in range(11)], [])
    assert gather([silent(n, minutes=n * 1.1) for n in range(11)], []) == []


def test_a_long_row_of_windows_is_one_storm_and_what_was_long_before_is_not_in_it() -> None:
    burst = [silent(n, minutes=60 + n / 10) for n in range(300)]
    [storm] = gather([silent(1000), *burst, silent(1001, minutes=180)], [])
    assert storm.incident_ids == tuple(range(300))


def test_it_belongs_to_the_lowest_area_that_holds_so_many() -> None:
    street = [silent(n, "/1/11/111/") for n in range(12)]
    other = [silent(100 + n, "/1/11/112/") for n in range(12)]
    assert [g.area_path for g in gather(street + other, [])] == ["/1/11/111/", "/1/11/112/"]
    spread = [silent(n, ["/1/11/111/", "/1/11/112/", "/1/12/121/"][n % 3]) for n in range(15)]
    assert [(g.area_path, len(g.incident_ids)) for g in gather(spread, [])] == [("/1/", 15)]
    county = [silent(n, ["/1/11/111/", "/1/11/112/"][n % 2]) for n in range(12)]
    assert [g.area_path for g in gather(county, [])] == ["/1/11/"]
    # An area whose code begins like another's is not in it.
    assert gather([silent(n, "/11/") for n in range(6)] + [silent(9 + n, "/1/") for n in range(6)], []) == []


def test_kinds_do_not_add_up() -> None:
    silence = [silent(n) for n in range(8)]
    assert gather(silence + [silent(100 + n, kind=Kind.BATTERY_LOW) for n in range(8)], []) == []


def test_what_comes_while_it_goes_on_joins_and_what_comes_long_after_does_not() -> None:
    storm = OpenStorm(7, "device_silent", "/1/11/", NOON, NOON + timedelta(minutes=5))
    before, soon, then, late = (silent(n, minutes=m) for n, m in enumerate((-9, 14, 23, 34)))
    assert gather([before, soon, then, late], [storm]) == [
        Gathered(7, "device_silent", "/1/11/", (0, 1, 2), before.raised_at, then.raised_at)
    ]
    assert gather([silent(1, "/1/12/")], [storm]) == []
    assert gather([silent(1, kind=Kind.BATTERY_LOW)], [storm]) == []


def test_the_lowest_of_two_storms_is_joined() -> None:
    storms = [OpenStorm(n, "device_silent", path, NOON, NOON) for n, path in ((1, "/1/"), (2, "/1/11/"), (3, "/2/"))]
    assert [g.storm_id for g in gather([silent(5)], storms)] == [2]


strays = st.lists(
    st.builds(
        lambda queue, kind, path, minutes: (queue, kind, path, minutes),
        st.sampled_from(list(Queue)),
        st.sampled_from(list(Kind)),
        st.sampled_from(PATHS),
        st.integers(0, 60),
    ),
    max_size=80,
).map(lambda some: [silent(n, p, m, queue=q, kind=k) for n, (q, k, p, m) in enumerate(some)])
of_few_kinds = st.lists(
    st.tuples(st.sampled_from([Kind.DEVICE_SILENT, Kind.SMOKE, Kind.SOS]), st.sampled_from(PATHS), st.integers(0, 15)),
    min_size=10,
    max_size=60,
).map(lambda some: [silent(n, p, m, kind=k) for n, (k, p, m) in enumerate(some)])
storms = st.lists(
    st.builds(
        lambda kind, path, first, long: (kind, path, first, long),
        st.sampled_from(sorted(KINDS)),
        st.sampled_from(PATHS),
        st.integers(0, 60),
        st.integers(0, 30),
    ),
    max_size=5,
    unique_by=lambda one: one[:2],
).map(
    lambda some: [
        OpenStorm(n, k, p, NOON + timedelta(minutes=f), NOON + timedelta(minutes=f + long))
        for n, (k, p, f, long) in enumerate(some)
    ]
)


@given(st.one_of(strays, of_few_kinds), storms)
@settings(max_examples=300, deadline=None)
def test_never_a_person_and_each_incident_once(some: list[Stray], open_storms: list[OpenStorm]) -> None:
    by_id = {stray.incident_id: stray for stray in some}
    found = gather(some, open_storms)
    ids = [i for one in found for i in one.incident_ids]
    assert len(ids) == len(set(ids))
    for one in found:
        members = [by_id[i] for i in one.incident_ids]
        assert {m.queue for m in members} == {Queue.MAINTENANCE}
        assert {m.kind for m in members} == {one.kind} <= KINDS
        assert all(m.area_path.startswith(one.area_path) for m in members)
        if one.storm_id is None:
            assert len(members) > MORE_THAN
        else:
            assert one.kind == open_storms[one.storm_id].kind
    # The order in which they are seen makes no difference.
    assert {frozenset(g.incident_ids) for g in gather(some[::-1], open_storms)} == {
        frozenset(g.incident_ids) for g in found
    }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("queue", list(Queue))
def test_what_can_be_part_of_one(queue: Queue, kind: Kind) -> None:
    equipment = {Kind.DEVICE_SILENT, Kind.HOME_SILENT, Kind.BATTERY_LOW, Kind.NOT_WORN, Kind.CLOCK_WRONG}
    assert can_be_part(queue, kind) is (queue is Queue.MAINTENANCE and kind in equipment)
    many = [silent(n, queue=queue, kind=kind) for n in range(500)]
    assert bool(gather(many, [])) is can_be_part(queue, kind)


def test_the_schema_has_the_same_kinds() -> None:
    text = (files("storage") / "migrations" / "0004.delivery.sql").read_text(encoding="utf-8")
    lists = re.findall(r"kind IN \(([^)]*)\)", text)
    of_storms = [set(re.findall(r"'([a-z_]+)'", one)) for one in lists if "device_silent" in one]
    assert of_storms == [set(KINDS), set(KINDS)]


def test_what_is_told_of_a_storm_and_when() -> None:
    late = NOON + timedelta(minutes=30)
    assert news(12, NOON, None, None, NOON, EVERY) is News.BEGINS
    assert news(12, NOON, NOON, 12, NOON + timedelta(hours=5), EVERY) is None
    assert news(40, NOON, NOON, 12, NOON + EVERY - timedelta(seconds=1), EVERY) is None
    assert news(40, NOON, NOON, 12, NOON + EVERY, EVERY) is News.GROWS
    assert news(11, late, NOON, 12, late, EVERY) is None
    # Few are left, and none is new: those have causes of their own.
    assert news(FEW, NOON, NOON, 12, NOON + WINDOW, EVERY) is None
    assert news(FEW, NOON, NOON, 12, NOON + WINDOW + timedelta(seconds=1), EVERY) is News.OVER
    assert news(0, NOON, None, None, late, EVERY) is News.OVER


def test_who_knows_nothing_of_a_storm_hears_of_it() -> None:
    knows, failed_now, failed_before = (
        Heard(1, NOON - timedelta(days=1), True),
        Heard(2, NOON - EVERY + timedelta(seconds=1), False),
        Heard(3, NOON - EVERY, False),
    )
    heard = [knows, failed_now, failed_before]
    assert unaware([1, 2, 3, 4], heard, NOON, EVERY, instead=False) == {3, 4}
    assert unaware([1, 2, 3, 4], heard, NOON, EVERY, instead=True) == set()
    # Whoever has gone home and knows does not count.
    assert unaware([2, 3, 4], heard, NOON, EVERY, instead=True) == {3, 4}
    assert unaware([], heard, NOON, EVERY, instead=True) == set()
