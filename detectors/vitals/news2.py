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

from core.readings import Bool, Float64, Int64

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
_OXYGEN = ((1,), (0, 2))
_CONSCIOUSNESS = ((1,), (0, 3))


_MISSING = 511
"""Index of a missing value in `_TABLE`, whose other indices are the whole numbers of the chart."""


def _by_number(starts: tuple[int, ...], points: tuple[int, ...]) -> Int8:
    """Points of each whole number from 0, and UNKNOWN at _MISSING."""
    table = np.array(points, np.int8)[np.searchsorted(starts, np.arange(_MISSING + 1), side="right")]
    table[_MISSING] = UNKNOWN
    return table


_ROWS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    _RESPIRATION, _SPO2_SCALE_1, _OXYGEN, _SYSTOLIC, _PULSE, _CONSCIOUSNESS, _TEMPERATURE_TENTHS,
    _SPO2_SCALE_2_AIR, _SPO2_SCALE_2_OXYGEN,
)  # fmt: skip
_TABLE = np.stack([_by_number(*row) for row in _ROWS])
_FACTOR = np.array([10.0 if row is _TEMPERATURE_TENTHS else 1.0 for row in _ROWS[: len(PARAMETERS)]])
_COLUMNS = np.arange(len(PARAMETERS))
_SPO2, _OXYGEN_COLUMN = PARAMETERS.index("spo2"), PARAMETERS.index("supplemental_oxygen")
_AIR, _ON_OXYGEN = _ROWS.index(_SPO2_SCALE_2_AIR), _ROWS.index(_SPO2_SCALE_2_OXYGEN)
_MOST = _TABLE[: len(PARAMETERS)].max(axis=1)
"""Points that a missing parameter may have at most."""


def _number(value: Float64, factor: Float64) -> Int64:
    """Index into a row of `_TABLE`."""
    number = np.floor(np.nan_to_num(value) * factor + 0.5).astype(np.int64)
    return np.where(np.isnan(value), _MISSING, np.clip(number, 0, _MISSING - 1))


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


def points_of(column: Int64, value: Float64) -> Int8:
    """Points of single values on Scale 1. column: index into PARAMETERS; all arrays [n]."""
    return np.asarray(_TABLE[column, _number(value, _FACTOR[column])])


def score(values: Float64, scale_2: Bool) -> Score:
    """Score n people.

    Args: values float64[n, 7] in the order of PARAMETERS and in the metrics' units, NaN where missing; scale_2 bool[n],
    whose SpO2 target is 88 to 92 %.
    """
    number = _number(values, _FACTOR)
    points = _TABLE[_COLUMNS, number]
    least, greatest = np.maximum(points, 0), np.where(points == UNKNOWN, _MOST, points)
    at = np.flatnonzero(scale_2)
    if len(at):
        oxygen, saturation = points[at, _OXYGEN_COLUMN], number[at, _SPO2]
        air, oxygenated = _TABLE[_AIR, saturation], _TABLE[_ON_OXYGEN, saturation]
        # Without knowing of oxygen: least on air, greatest on oxygen.
        lower = np.where(oxygen == UNKNOWN, np.minimum(air, oxygenated), np.where(oxygen > 0, oxygenated, air))
        upper = np.where(oxygen == UNKNOWN, np.maximum(air, oxygenated), lower)
        points[at, _SPO2] = np.where(lower == upper, lower, UNKNOWN)
        least[at, _SPO2] = np.maximum(lower, 0)
        greatest[at, _SPO2] = np.where(upper == UNKNOWN, _MOST[_SPO2], upper)
    low, high = (bound.sum(axis=1, dtype=np.int8) for bound in (least, greatest))
    risk = np.where((least == 3).any(axis=1), np.int8(Risk.LOW_MEDIUM), np.int8(Risk.LOW))
    risk[low >= 5] = Risk.MEDIUM
    risk[low >= 7] = Risk.HIGH
    return Score(points, low, high, risk)
