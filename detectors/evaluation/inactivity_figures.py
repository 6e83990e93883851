"""Figures of an inactivity detector: false alerts a home-day, and how long a silence lasts until it is found."""

from collections.abc import Sequence

import msgspec
import numpy as np

from core.readings import Float64, Int64
from detectors.evaluation.inactivity_protocol import Silences

IN_TIME_H = 12.0
RESAMPLES = 2000


class Figure(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval by bootstrap over homes; None with one home."""

    value: float
    low: float | None
    high: float | None


class Figures(msgspec.Struct, frozen=True):
    """One row of the table. false_alerts: a home-day. Delays in hours. in_time: share found within IN_TIME_H."""

    recordings: str
    row: str
    homes: int
    days: float
    false_alerts: Figure
    delay_mean: Figure
    delay_median: Figure
    in_time: Figure


def figures(recordings: str, row: str, silences: Sequence[Silences], points: Int64, seed: int) -> Figures:
    """Work out a row. points: the operating point of each home, an index into what `silences` was measured at.

    False alerts are those of all homes by the days of all homes; delays are over cuts, as many in each home.
    """
    raised = np.array([s.false_alerts()[p] for s, p in zip(silences, points, strict=True)], np.float64)
    days = np.array([s.days for s in silences])
    delay = np.array([s.delay[p] for s, p in zip(silences, points, strict=True)])
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(silences), size=(RESAMPLES, len(silences)))

    def figure(value: float, resampled: Float64) -> Figure:
        if len(silences) < 2:
            return Figure(value, None, None)
        low, high = np.percentile(resampled, [2.5, 97.5])
        return Figure(value, float(low), float(high))

    mean, in_time = delay.mean(1), (delay <= IN_TIME_H).mean(1)
    return Figures(
        recordings=recordings,
        row=row,
        homes=len(silences),
        days=float(days.sum()),
        false_alerts=figure(float(raised.sum() / days.sum()), raised[picks].sum(1) / days[picks].sum(1)),
        delay_mean=figure(float(mean.mean()), mean[picks].mean(1)),
        delay_median=figure(float(np.median(delay)), np.array([np.median(delay[pick]) for pick in picks])),
        in_time=figure(float(in_time.mean()), in_time[picks].mean(1)),
    )


def chosen_on_the_others(silences: Sequence[Silences], budget: float) -> Int64:
    """For each home the operating point that the other homes choose: int64[homes]."""
    return np.array([choose([*silences[:n], *silences[n + 1 :]], budget) for n in range(len(silences))])


def choose(silences: Sequence[Silences], budget: float) -> int:
    """The operating point with the shortest mean delay of those with at most `budget` false alerts a home-day.

    Where none keeps to the budget: the one with the fewest false alerts.
    """
    alerts = np.sum([s.false_alerts() for s in silences], axis=0) / sum(s.days for s in silences)
    delay = np.mean([s.delay.mean(1) for s in silences], axis=0)
    within = alerts <= budget
    return int(np.argmin(np.where(within, delay, np.inf))) if within.any() else int(np.argmin(alerts))
