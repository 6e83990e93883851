"""NEWS2, the National Early Warning Score, scored as columns.

Reference: Royal College of Physicians. National Early Warning Score (NEWS) 2: Standardising the assessment of
acute-illness severity in the NHS. Updated report of a working party. London: RCP, 2017 (chart 1: the scoring system;
chart 2: thresholds and triggers). Reproduced with acknowledgement, as the report asks. For people of 16 and older who
are not pregnant.

The chart is in whole numbers, temperature in tenths; a value is rounded to that, half up, before it is scored, so that
no value falls between two rows of the chart. NaN is a missing value: it has no points, and `aggregate` gives the least
and the greatest total that the chart allows for the values not seen.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from core.readings import Bool, Float64

Int8 = npt.NDArray[np.int8]

UNKNOWN = -1
"""Points of a missing parameter."""


class Risk(IntEnum):
    """Clinical risk by chart 2. LOW_MEDIUM is a 3 in any single parameter with an aggregate below 5."""

    LOW = 0
    LOW_MEDIUM = 1
    MEDIUM = 2
    HIGH = 3


PARAMETERS: tuple[str, ...] = (
    "respiratory_rate",
    "spo2",
    "supplemental_oxygen",
    "systolic_bp",
    "heart_rate",
    "consciousness",
    "body_temperature",
)
"""The seven parameters in the chart's order, by their names in `core.metrics`."""

# Chart 1, row by row: the value from which the next column's points count, and the points from there on. The first
# points are those below the first value.
_RESPIRATION = ((9, 12, 21, 25), (3, 1, 0, 2, 3))
_SPO2_SCALE_1 = ((92, 94, 96), (3, 2, 1, 0))
_SPO2_SCALE_2_AIR = ((84, 86, 88), (3, 2, 1, 0))
_SPO2_SCALE_2_OXYGEN = ((84, 86, 88, 93, 95, 97), (3, 2, 1, 0, 1, 2, 3))
_SYSTOLIC = ((91, 101, 111, 220), (3, 2, 1, 0, 3))
_PULSE = ((41, 51, 91, 111, 131), (3, 1, 0, 1, 2, 3))
_TEMPERATURE_TENTHS = ((351, 361, 381, 391), (3, 1, 0, 1, 2))


def _banded(value: Float64, band: tuple[tuple[int, ...], tuple[int, ...]]) -> Int8:
    """Points of whole numbers by one row of the chart, UNKNOWN where the value is NaN."""
    starts, points = band
    table = np.array([*points, UNKNOWN], np.int8)
    rounded = np.floor(value + 0.5)
    # NaN sorts behind everything: it gets the last place, which is a real band, so it is set apart.
    index = np.searchsorted(np.array(starts, np.float64), rounded, side="right")
    return table[np.where(np.isnan(value), len(points), index)]


def respiration(rate: Float64) -> Int8:
    """Points of breaths a minute: 3 to 8, 1 to 11, 0 to 20, 2 to 24, 3 from 25."""
    return _banded(rate, _RESPIRATION)


def spo2_scale_1(saturation: Float64) -> Int8:
    """Points of SpO2 in %: 3 to 91, 2 to 93, 1 to 95, 0 from 96."""
    return _banded(saturation, _SPO2_SCALE_1)


def spo2_scale_2_on_air(saturation: Float64) -> Int8:
    """Points of SpO2 in % on air, target 88 to 92 %: 3 to 83, 2 to 85, 1 to 87, 0 from 88."""
    return _banded(saturation, _SPO2_SCALE_2_AIR)


def spo2_scale_2_on_oxygen(saturation: Float64) -> Int8:
    """As on air, but too much oxygen counts as well: 1 from 93, 2 from 95, 3 from 97."""
    return _banded(saturation, _SPO2_SCALE_2_OXYGEN)


def air_or_oxygen(on_oxygen: Float64) -> Int8:
    """Points of 1.0 (oxygen) 2, 0.0 (air) 0."""
    return np.where(np.isnan(on_oxygen), UNKNOWN, np.where(on_oxygen > 0, 2, 0)).astype(np.int8)


def systolic(pressure: Float64) -> Int8:
    """Points of mmHg: 3 to 90, 2 to 100, 1 to 110, 0 to 219, 3 from 220."""
    return _banded(pressure, _SYSTOLIC)


def pulse(rate: Float64) -> Int8:
    """Points of beats a minute: 3 to 40, 1 to 50, 0 to 90, 1 to 110, 2 to 130, 3 from 131."""
    return _banded(rate, _PULSE)


def consciousness(acvpu: Float64) -> Int8:
    """Points of 0 alert 0; 1 new confusion, 2 voice, 3 pain, 4 unresponsive 3."""
    return np.where(np.isnan(acvpu), UNKNOWN, np.where(acvpu > 0, 3, 0)).astype(np.int8)


def temperature(degrees: Float64) -> Int8:
    """Points of °C: 3 to 35.0, 1 to 36.0, 0 to 38.0, 1 to 39.0, 2 from 39.1."""
    return _banded(degrees * 10, _TEMPERATURE_TENTHS)


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of n people.

    points: int8[n, 7], in the order of PARAMETERS, UNKNOWN where it can't be said. SpO2 on Scale 2 without knowing of
    oxygen has points only where both give the same. low, high: int8[n], the bounds of the aggregate (0 to 20).
    risk: int8[n], Risk of what is known: what is missing counts as normal.
    """

    points: Int8
    low: Int8
    high: Int8
    risk: Int8


def score(values: Float64, scale_2: Bool) -> Score:
    """Score n people.

    Args: values float64[n, 7] in the order of PARAMETERS and in the metrics' units, NaN where missing; scale_2 bool[n],
    whose SpO2 target is 88 to 92 %.
    """
    rate, saturation, oxygen, pressure, beats, acvpu, degrees = (values[:, column] for column in range(7))
    air = np.where(scale_2, spo2_scale_2_on_air(saturation), spo2_scale_1(saturation))
    oxygenated = np.where(scale_2, spo2_scale_2_on_oxygen(saturation), spo2_scale_1(saturation))
    oxygen_points = air_or_oxygen(oxygen)
    unknown_oxygen = oxygen_points == UNKNOWN
    spo2 = np.where(oxygen_points == 2, oxygenated, air)
    spo2 = np.where(unknown_oxygen & (air != oxygenated), UNKNOWN, spo2)
    points = np.stack(
        [
            respiration(rate),
            spo2,
            oxygen_points,
            systolic(pressure),
            pulse(beats),
            consciousness(acvpu),
            temperature(degrees),
        ],
        axis=1,
    ).astype(np.int8)

    least = np.where(points == UNKNOWN, 0, points)
    # The most a missing parameter may have: 2 for oxygen and temperature's upper side does not matter, its lower has 3.
    greatest = np.where(points == UNKNOWN, np.array([3, 3, 2, 3, 3, 3, 3], np.int8), points)
    # A saturation that is there but can't be scored for want of oxygen: least on air, greatest on oxygen.
    seen = unknown_oxygen & ~np.isnan(saturation)
    least[:, 1] = np.where(seen, np.minimum(air, oxygenated), least[:, 1])
    greatest[:, 1] = np.where(seen, np.maximum(air, oxygenated), greatest[:, 1])
    low = least.sum(axis=1).astype(np.int8)
    high = greatest.sum(axis=1).astype(np.int8)
    risk = np.select(
        [low >= 7, low >= 5, (least == 3).any(axis=1)],
        [Risk.HIGH, Risk.MEDIUM, Risk.LOW_MEDIUM],
        Risk.LOW,
    ).astype(np.int8)
    return Score(points, low, high, risk)
