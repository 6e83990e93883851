"""How the fall classifier is measured: on subjects left out, and on another set than it was trained on."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.readings import Float64
from detectors.evaluation.fall_figures import Outcome
from detectors.evaluation.fall_training import Material, Trained, fit, per_trial, probability, threshold_for
from detectors.evaluation.fall_windows import impact_s
from detectors.fall.features import AFTER, RATE

_ONE_FALL_S = 10.0
"""As `detectors.fall.impacts.falls` groups them."""

_LEAST_SUBJECTS = 3
"""With falls: one is left out, one is left out of the inner folds, one trains."""

Advance = Callable[[], None]


class TooFewSubjectsError(ValueError):
    """Too few subjects of the set have falls to leave any out; `--frozen` measures the shipped model on it."""


def leave_one_subject_out(material: Material, advance: Advance) -> Outcome:
    """Each subject's trials judged by a model and a threshold that never saw the subject. advance: called a subject.

    Raises TooFewSubjectsError.
    """
    recordings = material.recordings
    faller = np.unique(recordings.subject[recordings.is_fall])
    if len(faller) < _LEAST_SUBJECTS:
        raise TooFewSubjectsError(
            f"{recordings.name}: {len(faller)} subjects have falls, leaving one out needs {_LEAST_SUBJECTS}; "
            "--frozen measures the shipped model on it"
        )
    subjects = sorted(set(recordings.subject.tolist()))
    windows = material.windows
    found = np.zeros(len(windows.trial))
    threshold = np.zeros(len(windows.trial))
    frozen: list[float] = []

    def one(subject: str) -> tuple[np.ndarray, Float64, float]:
        rows = material.subject == subject
        own = threshold_for([material], [{subject}])
        model = fit([material], [{subject}])
        result = probability(model, windows.features[rows]) if rows.any() else np.zeros(0)
        advance()
        return rows, result, own

    # Trees are grown without the interpreter's lock, so threads share the work.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for rows, result, own in pool.map(one, subjects):
            found[rows], threshold[rows] = result, own
            frozen.append(own)
    protocol = "one subject left out at a time; threshold by inner cross-validation on the others"
    return outcome(protocol, material, found, threshold, float(np.median(frozen)))


def train_here_test_there(here: Material, there: Material) -> Outcome:
    """All of one set trains model and threshold, the other is the test."""
    threshold = threshold_for([here])
    found = probability(fit([here]), there.windows.features)
    protocol = f"trained on {here.recordings.name} alone, with its threshold"
    return outcome(protocol, there, found, np.full(len(found), threshold), threshold)


def shipped_training(trained: Trained, materials: Sequence[Material]) -> list[Outcome]:
    """What the shipped model's training saw of itself: both sets together, subjects in eight folds."""
    ordered = sorted(materials, key=lambda m: m.recordings.name)
    protocol = "sets trained together, subjects in eight folds; the threshold was chosen on these same figures"
    return [
        outcome(protocol, material, found, np.full(len(found), trained.threshold), trained.threshold)
        for material, found in zip(ordered, trained.out_of_fold, strict=True)
    ]


def outcome(protocol: str, material: Material, found: Float64, threshold: Float64, frozen: float) -> Outcome:
    """From windows to trials, as the detector would decide on a stream: 5 s after an impact, or at the trial's end."""
    windows, recordings = material.windows, material.recordings
    reached = found >= threshold
    trial, time_s = windows.trial[reached], windows.time_s[reached]
    decided = time_s + np.minimum(windows.after_s[reached], AFTER / RATE)
    first = np.full(len(recordings), np.inf)
    np.minimum.at(first, trial, decided)
    separate = np.ones(len(trial), np.bool_)
    separate[1:] = (np.diff(trial) != 0) | (np.diff(time_s) > _ONE_FALL_S)
    return Outcome(
        protocol=protocol,
        recordings=recordings,
        found=np.isfinite(first),
        alarms=np.bincount(trial[separate], minlength=len(recordings)),
        delay_s=np.where(np.isfinite(first), first, np.nan) - impact_s(material.windows, len(recordings)),
        score=per_trial(material, found),
        threshold=frozen,
    )
