"""Figures of a fall detector on a set of recordings, per trial, per subject and per hour."""

from dataclasses import dataclass

import msgspec
import numpy as np

from core.readings import Bool, Float64, Int64
from detectors.evaluation.recordings import Recordings

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a detector said of each trial.

    found: bool[n]. alarms: int64[n], separate falls it found. delay_s: float64[n], from the impact of a fall to the
    finding, NaN where there was none. score: float64[n] greatest probability, None where the protocol gives none.
    """

    protocol: str
    recordings: Recordings
    found: Bool
    alarms: Int64
    delay_s: Float64
    score: Float64 | None
    threshold: float | None = None


class Figures(msgspec.Struct, frozen=True):
    """One row of the table. Shares lie between 0 and 1; None where the set has nothing to measure it on.

    worst_subject: whose falls were found least. seconds_median, seconds_p90: from impact to finding. alarms_per_hour:
    of trials without a fall. threshold: frozen before the test (the median, where each subject left out has its own).
    """

    recordings: str
    protocol: str
    subjects: int
    falls: int
    activities: int
    sensitivity: float | None
    specificity: float | None
    worst_subject: str | None
    worst_sensitivity: float | None
    older_specificity: float | None
    auc: float | None
    alarms_per_hour: float | None
    older_alarms_per_hour: float | None
    seconds_median: float | None
    seconds_p90: float | None
    threshold: float | None


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
    return Figures(
        recordings=recordings.name,
        protocol=outcome.protocol,
        subjects=len(np.unique(recordings.subject)),
        falls=int(fall.sum()),
        activities=int((~fall).sum()),
        sensitivity=_share(found[fall]),
        specificity=_share(~found[~fall]),
        worst_subject=None if worst is None else worst[1],
        worst_sensitivity=None if worst is None else worst[0],
        older_specificity=_share(~found[~fall & older]),
        auc=None if outcome.score is None else _auc(outcome.score, fall),
        alarms_per_hour=_per_hour(outcome, ~fall),
        older_alarms_per_hour=_per_hour(outcome, ~fall & older),
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
