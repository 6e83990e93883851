"""What changed over days: body weight and blood pressure. Pure functions of the values of the last days.

All take `days`, float64[n, DAYS] in any one unit: column 0 is the newest local day that has a measurement, column 1 the
day before it, and so on; NaN: no measurement. One wrong reading (another person on the scale) shows nowhere, for what
is compared are middles of several days; what comes again is no longer wrong. Sources:

- Weight gain: more than 2 kg in 3 days (European Society of Cardiology, heartfailurematters.org, "Weight gain"; Jaarsma
  et al., European Journal of Heart Failure, 2021): in heart failure, water.
- Weight loss: 5 % in a month (CMS, MDS 3.0 RAI Manual, item K0300, which asks the same of care homes).
- Blood pressure: a week of measuring says how high it is, on three days at least (European Society of Hypertension,
  Parati et al., Journal of Hypertension 39:1742, 2021). Two such periods of one treated person differ by 7.7 mmHg
  systolic (standard deviation; Asayama et al., Journal of Hypertension 40:398, 2022): 15 is twice that. For diastolic
  10, and for both 1.5 standard deviations of the person's own days, are ours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from core.readings import Bool, Float64, Int64

WEEK = 7
MONTH = 30
DAYS = 5 * WEEK
"""How many days back a value is of use."""

GAIN, GAIN_WITHIN = 2.0, 3
"""Kilograms, and days."""

LOSS = 0.05
"""Share of the weight, within MONTH."""

AGREE = 1.0
"""Kilograms by which one person's weight differs from one day to the next and from morning to evening."""

IMPLAUSIBLE = 0.1
"""Share of the weight. A body gains that much in GAIN_WITHIN days hardly ever; another person on the scale does."""

NEWEST_WITHIN = 3 * WEEK
"""Days within which three measured days are to say what somebody weighs now."""

DRIFT = {"systolic_bp": 15.0, "diastolic_bp": 10.0}
"""mmHg."""

DRIFT_SPREAD = 1.5
WEEK_DAYS, USUAL_DAYS = 4, 8
"""Measured days that a week, and the four weeks before it, need."""

_BINARY = 1e-6
"""72.1 - 70.1 is 2, whatever binary fractions make of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What came of n people. Arrays [n].

    level: what it is now, before: what it was, both in the unit of `days`, NaN where too little was measured (before
    also where it can't be far from the level); since: days from one to the other. beyond: worth a look.
    """

    level: Float64
    before: Float64
    since: Int64
    beyond: Bool


def weight_gain(days: Float64, again: Bool) -> Change:
    """Rise within GAIN_WITHIN days, in kg.

    again: bool[n], whether the newest day was measured alike twice, apart. Now: the newest day, if that is so or it
    agrees with the measured day before; otherwise the middle of the newest three. Before: the least of the days within
    GAIN_WITHIN, each taken as the middle of itself and its measured neighbours.
    """
    value, age, middle = _measured(days)
    believed = again | (np.abs(value[:, 0] - value[:, 1]) <= AGREE + _BINARY)
    level = np.where(believed, value[:, 0], middle[:, 1])
    recent = np.where((age >= 1) & (age <= GAIN_WITHIN), middle, np.nan)
    which, before = _least(recent)
    since = np.take_along_axis(age, which[:, None], axis=1)[:, 0]
    return Change(level, before, since, np.asarray(level - before >= GAIN - _BINARY))


def weight_loss(days: Float64) -> Change:
    """Fall within MONTH, in kg: from the greatest middle of five measured days to that of the newest three. Five, for
    a gain of some days that is gone again is no loss.
    """
    value, age, middle = _measured(days)
    level = np.where(age[:, 2] <= NEWEST_WITHIN, middle[:, 1], np.nan)
    before, since = np.full(len(days), np.nan), np.zeros(len(days), np.int64)
    # Who ever weighed so much more: few.
    some = np.flatnonzero(level <= (1 - LOSS) * np.fmax.reduce(value, axis=1) + _BINARY)
    earlier = np.full((len(some), DAYS), np.nan)
    earlier[:, 2:-2] = np.sort(sliding_window_view(value[some], 5, axis=1), axis=2)[:, :, 2]
    complete = ~np.isnan(np.roll(value[some], -2, axis=1))
    which, least = _least(-np.where(complete & (age[some] <= MONTH), earlier, np.nan))
    before[some] = -least
    since[some] = np.take_along_axis(age[some], which[:, None], axis=1)[:, 0]
    return Change(level, before, since, np.asarray(before - level >= LOSS * before - _BINARY))


def drift(days: Float64, least: float) -> Change:
    """Rise or fall of the middle of the newest week against the middle of the four weeks before, in mmHg.

    least: below this it is no drift.
    """
    week, before = days[:, :WEEK], days[:, WEEK:]
    level = _median(week, WEEK_DAYS)
    usual = _median(before, USUAL_DAYS)
    beyond = np.abs(level - usual) >= least
    far = np.flatnonzero(beyond)
    spread = 1.4826 * _median(np.abs(before[far] - usual[far, None]), USUAL_DAYS)
    beyond[far] = np.abs(level[far] - usual[far]) >= DRIFT_SPREAD * spread
    return Change(level, usual, np.full(len(days), WEEK), beyond)


def implausible(level: float, before: float, days: int) -> bool:
    """Whether a weight changed by more than a body does in so few days."""
    return abs(level - before) >= IMPLAUSIBLE * before and days <= GAIN_WITHIN


def _measured(days: Float64) -> tuple[Float64, Int64, Float64]:
    """Values of the measured days, newest first, NaN behind them; their ages in days, DAYS behind; and the middle of
    each and its two neighbours, NaN where it has not both.
    """
    missing = np.isnan(days)
    age = np.argsort(missing, axis=1, kind="stable")
    value = np.take_along_axis(days, age, axis=1)
    age[np.isnan(value)] = DAYS
    middle = np.full_like(value, np.nan)
    newer, own, older = value[:, :-2], value[:, 1:-1], value[:, 2:]
    middle[:, 1:-1] = np.maximum(np.minimum(newer, own), np.minimum(np.maximum(newer, own), older))
    return value, age, middle


def _least(values: Float64) -> tuple[Int64, Float64]:
    """Where the least of each row is, and the least, NaN where there is none."""
    which = np.argmin(np.where(np.isnan(values), np.inf, values), axis=1)
    return which, np.take_along_axis(values, which[:, None], axis=1)[:, 0]


def _median(values: Float64, needed: int) -> Float64:
    """Of each row, the lower one of two; NaN where fewer than `needed` are there."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = np.count_nonzero(~np.isnan(values), axis=1)
    middle = np.take_along_axis(ordered, np.maximum(count - 1, 0)[:, None] // 2, axis=1)[:, 0]
    return np.where(count >= needed, middle, np.nan)
