"""NEWS2 against the chart of the Royal College of Physicians (2017), value by value.

The tables below are the chart's own rows, written as ranges, not the thresholds of the code.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.vitals import news2
from detectors.vitals.news2 import PARAMETERS, UNKNOWN, Risk, score

NAN = float("nan")

# (first value, last value, points), both ends included
RESPIRATION = [(2, 8, 3), (9, 11, 1), (12, 20, 0), (21, 24, 2), (25, 80, 3)]
SCALE_1 = [(40, 91, 3), (92, 93, 2), (94, 95, 1), (96, 100, 0)]
SCALE_2_AIR = [(40, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0), (93, 100, 0)]
SCALE_2_OXYGEN = [(40, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0), (93, 94, 1), (95, 96, 2), (97, 100, 3)]
SYSTOLIC = [(40, 90, 3), (91, 100, 2), (101, 110, 1), (111, 219, 0), (220, 300, 3)]
PULSE = [(20, 40, 3), (41, 50, 1), (51, 90, 0), (91, 110, 1), (111, 130, 2), (131, 300, 3)]
CONSCIOUSNESS = [(0, 0, 0), (1, 4, 3)]
OXYGEN = [(0, 0, 0), (1, 1, 2)]
TEMPERATURE_TENTHS = [(250, 350, 3), (351, 360, 1), (361, 380, 0), (381, 390, 1), (391, 450, 2)]

NORMAL = {
    "respiratory_rate": 16.0,
    "spo2": 97.0,
    "supplemental_oxygen": 0.0,
    "systolic_bp": 125.0,
    "heart_rate": 70.0,
    "consciousness": 0.0,
    "body_temperature": 36.8,
}


def _people(*changes: Mapping[str, float]) -> np.ndarray:
    return np.array([[{**NORMAL, **change}[name] for name in PARAMETERS] for change in changes])


def _one(change: Mapping[str, float], *, scale_2: bool = False) -> news2.Score:
    return score(_people(change), np.array([scale_2]))


def _points(name: str, values: Sequence[float]) -> list[int]:
    people = _people(*({name: value} for value in values))
    scored = score(people, np.zeros(len(people), np.bool_))
    points: list[int] = scored.points[:, PARAMETERS.index(name)].tolist()
    return points


def _every_value(chart: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    return [(value, points) for first, last, points in chart for value in range(first, last + 1)]


@pytest.mark.parametrize(
    ("name", "chart", "scale_2", "oxygen"),
    [
        ("respiratory_rate", RESPIRATION, False, 0),
        ("spo2", SCALE_1, False, 0),
        ("spo2", SCALE_1, False, 1),
        ("spo2", SCALE_2_AIR, True, 0),
        ("spo2", SCALE_2_OXYGEN, True, 1),
        ("systolic_bp", SYSTOLIC, False, 0),
        ("heart_rate", PULSE, False, 0),
        ("consciousness", CONSCIOUSNESS, False, 0),
    ],
)
def test_chart_value_by_value(name: str, chart: list[tuple[int, int, int]], scale_2: bool, oxygen: int) -> None:
    expected = _every_value(chart)
    people = _people(*({name: value, "supplemental_oxygen": oxygen} for value, _ in expected))
    scored = score(people, np.full(len(people), scale_2))
    column = scored.points[:, PARAMETERS.index(name)]
    assert list(zip((v for v, _ in expected), column.tolist(), strict=True)) == expected
    # On Scale 2 and oxygen the normal saturation is not the point: the rest scores 0 but for the oxygen itself.
    assert (scored.low == column + 2 * oxygen).all()


@pytest.mark.parametrize(("value", "points"), _every_value(OXYGEN))
def test_air_or_oxygen(value: float, points: int) -> None:
    scored = _one({"supplemental_oxygen": value})
    assert scored.low[0] == scored.high[0] == points


def test_temperature_tenth_by_tenth() -> None:
    expected = _every_value(TEMPERATURE_TENTHS)
    # as a device sends it: a decimal number, not a product of floats
    degrees = [float(f"{value // 10}.{value % 10}") for value, _ in expected]
    assert _points("body_temperature", degrees) == [points for _, points in expected]


@pytest.mark.parametrize(
    ("degrees", "points"),
    [(35.04, 3), (35.05, 1), (36.04, 1), (36.05, 0), (38.04, 0), (38.05, 1), (39.04, 1), (39.05, 2)],
)
def test_temperature_between_tenths_is_rounded_half_up(degrees: float, points: int) -> None:
    assert _points("body_temperature", [degrees]) == [points]


@pytest.mark.parametrize(
    ("rate", "points"), [(8.4, 3), (8.5, 1), (11.49, 1), (11.5, 0), (20.4, 0), (20.5, 2), (24.5, 3)]
)
def test_values_between_whole_numbers_are_rounded_half_up(rate: float, points: int) -> None:
    assert _points("respiratory_rate", [rate]) == [points]


@pytest.mark.parametrize(
    ("change", "total", "risk"),
    [
        ({}, 0, Risk.LOW),
        ({"heart_rate": 95}, 1, Risk.LOW),
        ({"heart_rate": 115, "spo2": 93}, 4, Risk.LOW),
        ({"respiratory_rate": 25}, 3, Risk.LOW_MEDIUM),
        ({"consciousness": 1}, 3, Risk.LOW_MEDIUM),
        ({"consciousness": 1, "heart_rate": 95}, 4, Risk.LOW_MEDIUM),
        ({"heart_rate": 115, "spo2": 93, "body_temperature": 38.5}, 5, Risk.MEDIUM),
        ({"respiratory_rate": 25, "heart_rate": 115}, 5, Risk.MEDIUM),
        ({"respiratory_rate": 25, "spo2": 91}, 6, Risk.MEDIUM),
        ({"respiratory_rate": 25, "spo2": 91, "heart_rate": 95}, 7, Risk.HIGH),
        (
            {
                "respiratory_rate": 30, "spo2": 80, "supplemental_oxygen": 1, "systolic_bp": 70, "heart_rate": 150,
                "consciousness": 4, "body_temperature": 34,
            },
            20,
            Risk.HIGH,
        ),
    ],
)  # fmt: skip
def test_thresholds_of_the_aggregate(change: dict[str, float], total: int, risk: Risk) -> None:
    scored = _one(change)
    assert (scored.low[0], scored.high[0], scored.risk[0]) == (total, total, risk)


@pytest.mark.parametrize(
    ("missing", "most"),
    [
        ("respiratory_rate", 3), ("spo2", 3), ("supplemental_oxygen", 2), ("systolic_bp", 3), ("heart_rate", 3),
        ("consciousness", 3), ("body_temperature", 3),
    ],
)  # fmt: skip
def test_bounds_where_one_is_missing(missing: str, most: int) -> None:
    scored = _one({missing: NAN})
    assert (scored.low[0], scored.high[0]) == (0, most)
    assert scored.points[0, PARAMETERS.index(missing)] == UNKNOWN
    assert scored.risk[0] == Risk.LOW


def test_nothing_seen_may_be_anything() -> None:
    scored = _one(dict.fromkeys(PARAMETERS, NAN))
    assert (scored.low[0], scored.high[0]) == (0, 20)
    assert (scored.points == UNKNOWN).all()


@pytest.mark.parametrize(
    ("saturation", "low", "high", "points"),
    [(97, 0, 5, UNKNOWN), (95, 0, 4, UNKNOWN), (93, 0, 3, UNKNOWN), (92, 0, 2, 0), (86, 1, 3, 1), (80, 3, 5, 3)],
)
def test_scale_2_without_knowing_of_oxygen(saturation: float, low: int, high: int, points: int) -> None:
    scored = _one({"spo2": saturation, "supplemental_oxygen": NAN}, scale_2=True)
    assert (scored.low[0], scored.high[0]) == (low, high)
    assert scored.points[0, PARAMETERS.index("spo2")] == points


def test_people_are_scored_independently() -> None:
    people = _people({}, {"spo2": 90}, {"spo2": 90}, {"heart_rate": NAN})
    together = score(people, np.array([False, False, True, False]))
    for index, scale_2 in enumerate([False, False, True, False]):
        alone = score(people[index : index + 1], np.array([scale_2]))
        assert (alone.low[0], alone.high[0], alone.risk[0]) == (
            together.low[index],
            together.high[index],
            together.risk[index],
        )
    assert together.low.tolist() == [0, 3, 0, 0]


_ranges = {
    "respiratory_rate": (2, 80),
    "spo2": (40, 100),
    "supplemental_oxygen": (0, 1),
    "systolic_bp": (40, 300),
    "heart_rate": (20, 300),
    "consciousness": (0, 4),
    "body_temperature": (25, 45),
}
_persons = st.fixed_dictionaries({name: st.integers(*_ranges[name]).map(float) for name in PARAMETERS})


@given(_persons, st.sets(st.sampled_from(PARAMETERS)), st.booleans())
def test_bounds_hold_for_whatever_the_missing_values_were(
    person: dict[str, float], missing: set[str], scale_2: bool
) -> None:
    whole = _one(person, scale_2=scale_2)
    partial = _one(person | dict.fromkeys(missing, NAN), scale_2=scale_2)
    assert whole.low[0] == whole.high[0]
    assert partial.low[0] <= whole.low[0] <= partial.high[0]


@given(_persons, st.sets(st.sampled_from(PARAMETERS), min_size=1, max_size=2), st.booleans())
def test_bounds_are_reached(person: dict[str, float], missing: set[str], scale_2: bool) -> None:
    """No bound is wider than need be: some value within the chart reaches it."""
    telling = {
        "respiratory_rate": [8, 16, 21], "spo2": [80, 90, 97], "supplemental_oxygen": [0, 1], "systolic_bp": [80, 120],
        "heart_rate": [35, 70], "consciousness": [0, 1], "body_temperature": [34, 37],
    }  # fmt: skip
    names = sorted(missing)
    partial = _one(person | dict.fromkeys(names, NAN), scale_2=scale_2)
    totals = {
        int(_one(person | dict(zip(names, values, strict=True)), scale_2=scale_2).low[0])
        for values in itertools.product(*(map(float, telling[name]) for name in names))
    }
    assert min(totals) == partial.low[0]
    assert max(totals) == partial.high[0]
