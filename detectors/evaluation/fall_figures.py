"""Figures of a fall detector on a set of recordings, per trial, per subject and per hour."""

from dataclasses import dataclass

import msgspec
import numpy as np

from core.readings import Bool, Float64, Int64
from detectors.evaluation.recordings import Recordings

_HOUR_S = 3600.0
_DRAWS = 2000
_SEED = 20230119
_BINS = 10

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a detector said of each trial.

    found: bool[n]. alarms: int64[n], separate falls it found. delay_s: float64[n], from the impact of a fall to the
    finding, NaN where there was none. score: float64[n] greatest probability.
    """

    protocol: str
    recordings: Recordings
    found: Bool
    alarms: Int64
    delay_s: Float64
    score: Float64
    threshold: float


class Bin(msgspec.Struct, frozen=True):
    """Trials whose probability lies in one tenth: what was said on average, and the share of falls among them.

    Falls and daily activities of the set weigh the same, as in training.
    """

    trials: int
    said: float
    falls: float


class Figures(msgspec.Struct, frozen=True):
    """One row of the table. Shares lie between 0 and 1; None where the set has nothing to measure it on.

    worst_subject: whose falls were found least. seconds_median, seconds_p90: from impact to finding. alarms_per_hour:
    of trials without a fall. …_interval: 95 %, by bootstrap over subjects; None with fewer than two. brier, ece, bins:
    calibration of the probability per trial, for even odds of a fall and a daily activity. threshold: frozen before the
    test (the median, where each subject left out has its own).
    """

    recordings: str
    protocol: str
    subjects: int
    falls: int
    activities: int
    sensitivity: float | None
    sensitivity_interval: Interval | None
    specificity: float | None
    specificity_interval: Interval | None
    worst_subject: str | None
    worst_sensitivity: float | None
    older_specificity: float | None
    older_specificity_interval: Interval | None
    auc: float | None
    brier: float | None
    ece: float | None
    bins: list[Bin]
    alarms_per_hour: float | None
    alarms_interval: Interval | None
    older_alarms_per_hour: float | None
    older_alarms_interval: Interval | None
    seconds_median: float | None
    seconds_p90: float | None
    threshold: float


def figures(outcome: Outcome) -> Figures:
    """Work out the figures of an outcome."""
    recordings, found = outcome.recordings, outcome.found
    fall, older = recordings.is_fall, recordings.older_adult
    worst: tuple[float, str] | None = min(
        ((float(found[fall & (recordings.subject == s)].mean()), str(s)) for s in np.unique(recordings.subject[fall])),
        default=None,
    )
    delays = outcome.delay_s[fall & found]
    delays = delays[~np.isnan(delays)]
    bins, brier, ece = _calibration(outcome.score, fall)
    hours = recordings.seconds / _HOUR_S
    ones = np.ones(len(found))
    return Figures(
        recordings=recordings.name,
        protocol=outcome.protocol,
        subjects=len(np.unique(recordings.subject)),
        falls=int(fall.sum()),
        activities=int((~fall).sum()),
        sensitivity=_share(found[fall]),
        sensitivity_interval=_interval(recordings, fall, found, ones),
        specificity=_share(~found[~fall]),
        specificity_interval=_interval(recordings, ~fall, ~found, ones),
        worst_subject=None if worst is None else worst[1],
        worst_sensitivity=None if worst is None else worst[0],
        older_specificity=_share(~found[~fall & older]),
        older_specificity_interval=_interval(recordings, ~fall & older, ~found, ones),
        auc=_auc(outcome.score, fall),
        brier=brier,
        ece=ece,
        bins=bins,
        alarms_per_hour=_per_hour(outcome, ~fall),
        alarms_interval=_interval(recordings, ~fall, outcome.alarms, hours),
        older_alarms_per_hour=_per_hour(outcome, ~fall & older),
        older_alarms_interval=_interval(recordings, ~fall & older, outcome.alarms, hours),
        seconds_median=float(np.median(delays)) if len(delays) else None,
        seconds_p90=float(np.percentile(delays, 90)) if len(delays) else None,
        threshold=outcome.threshold,
    )


def _share(found: Bool) -> float | None:
    return float(found.mean()) if len(found) else None


def _per_hour(outcome: Outcome, trials: Bool) -> float | None:
    hours = float(outcome.recordings.seconds[trials].sum()) / _HOUR_S
    return float(outcome.alarms[trials].sum()) / hours if hours > 0 else None


def _auc(score: Float64, truth: Bool) -> float | None:
    """Share of pairs of a fall and a daily activity in which the fall scores higher; a tie counts half."""
    falls, others = np.sort(score[truth]), score[~truth]
    if not len(falls) or not len(others):
        return None
    below = np.searchsorted(falls, others, side="left") + np.searchsorted(falls, others, side="right")
    return float(1 - below.mean() / (2 * len(falls)))


def _interval(recordings: Recordings, trials: Bool, above: Bool | Int64, below: Float64) -> Interval | None:
    """95 % of sum(above) / sum(below) over the trials, their subjects drawn with replacement; seeded."""
    subjects, of = np.unique(recordings.subject[trials], return_inverse=True)
    if len(subjects) < 2:
        return None
    tops = np.bincount(of, above[trials].astype(np.float64))
    bottoms = np.bincount(of, below[trials])
    drawn = np.random.default_rng(_SEED).multinomial(len(subjects), np.full(len(subjects), 1 / len(subjects)), _DRAWS)
    low, high = np.percentile((drawn @ tops) / (drawn @ bottoms), [2.5, 97.5])
    return float(low), float(high)


def _calibration(score: Float64, truth: Bool) -> tuple[list[Bin], float | None, float | None]:
    """Bins, Brier score (Brier, Monthly Weather Review 78:1, 1950), and expected calibration error over the bins."""
    if truth.all() or not truth.any():
        return [], None, None
    weight = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum())
    tenth = np.minimum((score * _BINS).astype(np.int64), _BINS - 1)
    bins, ece = [], 0.0
    for number in np.unique(tenth):
        own = tenth == number
        share = float(weight[own].sum())
        said, falls = float(weight[own] @ score[own]) / share, float(weight[own] @ truth[own]) / share
        bins.append(Bin(int(own.sum()), said, falls))
        ece += share * abs(said - falls)
    return bins, float(weight @ (score - truth) ** 2), ece
