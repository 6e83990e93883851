"""Patient-days: which a clinical team labelled, and on which the detector or a plain threshold says something."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import msgspec
import numpy as np

from core.care import Limits
from core.clock import DAY, HOUR
from core.findings import Finding, Queue
from core.metrics import metric_id
from core.readings import Bool, Int64
from detectors.evaluation.vital_recordings import LABELLED_AS, VitalRecordings

LABELS_BEHIND = HOUR
"""The TIHM labels' clock is an hour behind that of the measurements (British Summer Time against UTC): with it, nine
labels of ten come within two hours of a measurement and half within 20 minutes; as written, half within 23 hours."""

REFERENCE: Mapping[str, Mapping[str, Limits]] = {
    "blood pressure": {"systolic_bp": Limits(90, 160), "diastolic_bp": Limits(50, 100)},
    "heart rate": {"heart_rate": Limits(50, 100)},
}
"""Plain thresholds given with the recordings: at or beyond is outside."""

CANDIDATES: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "systolic_bp": ((85, 90, 95, 100), (150, 155, 160, 165, 170)),
    "diastolic_bp": ((48, 50, 52, 54, 56, 58, 60), (95, 100, 105, 110)),
    "heart_rate": ((40, 45, 50, 55), (90, 95, 100, 105, 110, 120)),
}
"""Low and high limits among which `chosen_without` chooses."""

_SAMPLES = 2000
_SEED = 20_190_401


class Dating(StrEnum):
    """Which patient-day a label belongs to."""

    CALENDAR = "calendar"
    """That of its own date."""

    MEASUREMENT = "measurement"
    """That of the last measurement of the vital sign before it, the labels' clock put right by LABELS_BEHIND."""


@dataclass(frozen=True, slots=True, eq=False)
class PatientDays:
    """The patient-days of one vital sign: home and calendar day with at least one measurement of it.

    home, day (since the epoch), labelled: of each patient-day, [n]. apart: labelled days without a measurement, that
    count nowhere.
    """

    vital: str
    home: Int64
    day: Int64
    labelled: Bool
    apart: int

    def marked(self, home: Int64, day: Int64) -> Bool:
        """Which of the patient-days are among these."""
        return np.isin(self.home << 32 | self.day, home << 32 | day)


class Figures(msgspec.Struct, frozen=True):
    """One row of the table. Shares lie between 0 and 1, with their 95 % intervals; None where there is no such day.

    emergency_days: share of the patient-days on which the vital sign is an emergency finding. limits: in force; None
    where each home has its own.
    """

    vital: str
    what: str
    dating: Dating
    homes: int
    days: int
    labelled: int
    labelled_without_measurement: int
    sensitivity: float | None
    sensitivity_interval: tuple[float, float] | None
    specificity: float | None
    specificity_interval: tuple[float, float] | None
    emergency_days: float | None
    limits: str | None


def patient_days(recordings: VitalRecordings, label: str, dating: Dating) -> PatientDays:
    """The patient-days of the vital sign that this label type is about."""
    vital, names = LABELLED_AS[label]
    rows = np.isin(recordings.metric, [metric_id(name) for name in names])
    home, time = recordings.home[rows], recordings.time[rows]
    keys = np.unique(home << 32 | time // DAY)
    about = recordings.label_type == label
    label_home, label_time = recordings.label_home[about], recordings.label_time[about]
    if dating is Dating.MEASUREMENT:
        label_time = np.array(
            [_last(time[home == h], at + LABELS_BEHIND) for h, at in zip(label_home, label_time, strict=True)], np.int64
        )
    labels = np.unique(label_home << 32 | label_time // DAY)
    return PatientDays(vital, keys >> 32, keys & 0xFFFFFFFF, np.isin(keys, labels), int((~np.isin(labels, keys)).sum()))


def found_by(findings: Iterable[Finding], label: str, queue: Queue | None = None) -> tuple[Int64, Int64]:
    """Homes and days of the findings that name a metric of this vital sign, whatever the rule, in any queue or one."""
    names = LABELLED_AS[label][1]
    about = [
        (f.resident - 1, f.time // DAY)
        for f in findings
        if not f.clears and f.evidence.get("metric") in names and queue in (None, f.queue)
    ]
    home, day = np.array(about, np.int64).reshape(-1, 2).T
    return home, day


def outside(recordings: VitalRecordings, limits: Mapping[str, Limits]) -> tuple[Int64, Int64]:
    """Homes and days of the measurements at or beyond these limits."""
    hit = np.zeros(len(recordings.home), np.bool_)
    for name, given in limits.items():
        low, high = _bounds(given)
        hit |= (recordings.metric == metric_id(name)) & ((recordings.value <= low) | (recordings.value >= high))
    return recordings.home[hit], recordings.time[hit] // DAY


def others_to_choose_on(days: PatientDays) -> bool:
    """Whether other homes than any one have days with a label and days without."""
    return all(len(np.unique(days.home[mask])) > 1 for mask in (days.labelled, ~days.labelled))


def chosen_without(recordings: VitalRecordings, label: str, dating: Dating) -> list[dict[str, Limits]]:
    """For each home the limits that fit the labels of all other homes best.

    Best: the greatest sum of sensitivity and specificity of plain thresholds over CANDIDATES; of equal ones the first.
    """
    days = patient_days(recordings, label, dating)
    names = [name for name in LABELLED_AS[label][1] if name in CANDIDATES]
    grids = [[Limits(low, high) for low, high in product(*CANDIDATES[name])] for name in names]
    marked = [
        [days.marked(*outside(recordings, {name: limits})) for limits in grid]
        for name, grid in zip(names, grids, strict=True)
    ]
    count = len(recordings.homes)
    combinations = list(product(*(range(len(grid)) for grid in grids)))
    hits = np.empty((len(combinations), count))
    passes = np.empty((len(combinations), count))
    for place, combination in enumerate(combinations):
        said = np.any([marked[metric][choice] for metric, choice in enumerate(combination)], axis=0)
        hits[place] = np.bincount(days.home[said & days.labelled], minlength=count)
        passes[place] = np.bincount(days.home[~said & ~days.labelled], minlength=count)
    sick = np.bincount(days.home[days.labelled], minlength=count)
    well = np.bincount(days.home[~days.labelled], minlength=count)
    fit = (hits.sum(1, keepdims=True) - hits) / np.maximum(sick.sum() - sick, 1)
    fit += (passes.sum(1, keepdims=True) - passes) / np.maximum(well.sum() - well, 1)
    return [
        {name: grids[metric][combinations[best][metric]] for metric, name in enumerate(names)}
        for best in fit.argmax(0).tolist()
    ]


def figures(
    days: PatientDays,
    said: Bool,
    what: str,
    dating: Dating,
    emergencies: Bool | None = None,
    limits: Sequence[Mapping[str, Limits]] | None = None,
) -> Figures:
    """Work out one row. said, emergencies: bool[n], which patient-days have one. limits: each home's, or one."""
    homes = np.unique(days.home)
    index = np.searchsorted(homes, days.home)
    counts = np.array(
        [
            np.bincount(index[mask], minlength=len(homes))
            for mask in (said & days.labelled, days.labelled, ~said & ~days.labelled, ~days.labelled)
        ],
        np.float64,
    )
    drawn = np.random.default_rng(_SEED).integers(0, len(homes), (_SAMPLES, len(homes)))
    totals = counts.sum(axis=1)
    return Figures(
        vital=days.vital,
        what=what,
        dating=dating,
        homes=len(homes),
        days=len(days.day),
        labelled=int(days.labelled.sum()),
        labelled_without_measurement=days.apart,
        sensitivity=_share(totals[0], totals[1]),
        sensitivity_interval=_interval(counts[0], counts[1], drawn),
        specificity=_share(totals[2], totals[3]),
        specificity_interval=_interval(counts[2], counts[3], drawn),
        emergency_days=None if emergencies is None else float(emergencies.mean()),
        limits=None if limits is None else "; ".join(sorted({_in_words(given) for given in limits})),
    )


def _last(times: Int64, at: int) -> int:
    """The last of these times up to `at`; `at` itself where there is none."""
    place = int(np.searchsorted(times, at, side="right"))
    return int(times[place - 1]) if place else int(at)


def _bounds(limits: Limits) -> tuple[float, float]:
    return -np.inf if limits.low is None else limits.low, np.inf if limits.high is None else limits.high


def _in_words(limits: Mapping[str, Limits]) -> str:
    return ", ".join(f"{name} ≤ {given.low:g} or ≥ {given.high:g}" for name, given in limits.items())


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _interval(part: np.ndarray, whole: np.ndarray, drawn: np.ndarray) -> tuple[float, float] | None:
    """95 %. part, whole: days of each home; drawn: int[samples, homes], which homes a sample has.

    By bootstrap, over the samples that have such days at all. Where each home has none or all, every sample is alike:
    then the exact binomial interval (Clopper and Pearson, 1934) with the homes that have such days as the trials.
    """
    homes = int((whole > 0).sum())
    if not homes:
        return None
    if part.sum() == 0:
        return 0.0, float(1 - 0.025 ** (1 / homes))
    if part.sum() == whole.sum():
        return float(0.025 ** (1 / homes)), 1.0
    parts, wholes = part[drawn].sum(axis=1), whole[drawn].sum(axis=1)
    if homes < 2:
        return None
    low, high = np.percentile(parts[wholes > 0] / wholes[wholes > 0], [2.5, 97.5])
    return float(low), float(high)
