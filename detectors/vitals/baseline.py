"""What is usual for one person: a slow running median and median absolute deviation of each vital sign.

Both are followed by steps instead of stored values: each reading moves the median by a share of the deviation towards
itself, whatever its distance, so one absurd reading moves it no further than any other (Ma, Muthukrishnan and Sandler,
Frugal Streaming for Estimating Quantiles, arXiv:1407.1121). One reading an hour is learnt from, so a sensor that speaks
every minute learns no faster than one that speaks every hour; a changed way of life is usual after some weeks.
"""

import numpy as np

from core.clock import DAY, HOUR
from core.readings import NO_TIME, Bool, Float64, Int32, Int64

LEARN_EVERY = HOUR
SLOWEST = 1 / 64
"""The share of a step when much has been learnt; at first 1/2, 1/3, 1/4, …"""

WARM_READINGS = 40
WARM_TIME = 7 * DAY
"""Nothing is unusual before this many learnt readings and this long."""

FAR = 4.0
"""Robust standard deviations (1.4826 × the median absolute deviation) from the median that are unusual."""


def learn(
    median: Float64, deviation: Float64, learnt: Int32, value: Float64, floor: Float64
) -> tuple[Float64, Float64, Int32]:
    """One step for each of n values: the new median, deviation and count.

    Args: all [n]; median, deviation and value in the metric's unit, learnt: readings so far; floor: least deviation.
    """
    share = np.maximum(1 / (learnt + 1), SLOWEST)
    away = value - median
    first = learnt == 0
    new_median = np.where(first, value, median + 2 * share * deviation * np.sign(away))
    # The deviation is judged by the distance from the median as it was: the reading has not moved that yet.
    grown = deviation * (1 + share * np.sign(np.abs(away) - deviation))
    new_deviation = np.where(first, floor, np.maximum(grown, floor))
    return new_median, new_deviation, learnt + 1


def to_learn(learnt_at: Int64, time: Int64) -> Bool:
    """Whether a reading of this time (micros) is to be learnt from, LEARN_EVERY after the last that was."""
    return np.asarray((learnt_at == NO_TIME) | (time >= np.maximum(learnt_at, -LEARN_EVERY) + LEARN_EVERY))


def unusual(
    value: Float64, median: Float64, deviation: Float64, learnt: Int32, since: Int64, time: Int64, floor: Float64
) -> Float64:
    """By how many robust standard deviations the value is from the usual, signed, 0 within FAR or before it is warm.

    Args: as in `learn`; since, time: micros of the first learnt reading and of this one.
    """
    warm = (learnt >= WARM_READINGS) & (time - np.where(since == NO_TIME, time, since) >= WARM_TIME)
    away = (value - median) / (1.4826 * np.maximum(deviation, floor))
    return np.where(warm & (np.abs(away) > FAR), away, 0.0)
