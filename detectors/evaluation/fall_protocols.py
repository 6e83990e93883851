"""How the fall classifier is measured: on subjects left out, and on another set than it was trained on.

Every model of a protocol is exported as the shipped one is, and the trials that it has not seen go through the detector
as streams: what is found, how often and after how many seconds is what the detector raised.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import numpy as np

from core.readings import Float64, Int64
from detectors.evaluation.fall_figures import Outcome
from detectors.evaluation.fall_training import (
    Material,
    Trained,
    export,
    fit,
    per_trial,
    probability,
    threshold_for,
)
from detectors.evaluation.fall_trials import detect, stream
from detectors.evaluation.fall_windows import impact_s
from detectors.evaluation.recordings import Recordings, RecordingsError
from detectors.fall.model import FallModel

_LEAST_SUBJECTS = 3
"""With falls, and with daily activities: one is left out, one is left out of the inner folds, one trains."""

Advance = Callable[[], None]


def too_few(recordings: Recordings) -> str | None:
    """Why a set has too few subjects to leave any out; None where it has enough."""
    for trials, what in ((recordings.is_fall, "falls"), (~recordings.is_fall, "daily activities")):
        if (count := len(np.unique(recordings.subject[trials]))) < _LEAST_SUBJECTS:
            return (
                f"{recordings.name}: {count} subjects have {what}, training needs {_LEAST_SUBJECTS} to leave some out"
            )
    return None


def check_apart(sets: Sequence[Recordings]) -> None:
    """Raise RecordingsError where two sets have a trial in common, so that one would test what the other trained."""
    for here, there in combinations(sets, 2):
        trials = {samples.tobytes() for samples in here.trials()}
        if common := sum(samples.tobytes() in trials for samples in there.trials()):
            raise RecordingsError(
                f"{common} trials of {there.name} are in {here.name} as well: what trained would be tested"
            )


def leave_one_subject_out(material: Material, advance: Advance) -> Outcome:
    """Each subject's trials judged by a model and a threshold that never saw the subject. advance: called a subject."""
    recordings = material.recordings
    subjects = sorted(set(recordings.subject.tolist()))
    windows = material.windows
    score = np.zeros(len(recordings))
    alarms = np.zeros(len(recordings), np.int64)
    first = np.full(len(recordings), np.nan)
    frozen: list[float] = []

    def one(subject: str) -> tuple[Int64, Float64, Int64, Float64, float]:
        own = threshold_for([material], [{subject}])
        classifier = fit([material], [{subject}])
        trials = np.flatnonzero(recordings.subject == subject)
        rows = material.subject == subject
        found = np.zeros(len(windows.trial))
        if rows.any():
            found[rows] = probability(classifier, windows.features[rows])
        model = FallModel(export(classifier, [material], own))
        result = detect(recordings, model, stream, trials, lambda: None)
        advance()
        return trials, per_trial(material, found)[trials], *result, own

    # Trees are grown without the interpreter's lock, so threads share the work.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for trials, said, raised, seconds, own in pool.map(one, subjects):
            score[trials], alarms[trials], first[trials] = said, raised, seconds
            frozen.append(own)
    protocol = "one subject left out at a time; threshold by inner cross-validation on the others"
    return _outcome(protocol, material, alarms, first, score, float(np.median(frozen)))


def train_here_test_there(here: Material, there: Material, advance: Advance) -> Outcome:
    """All of one set trains model and threshold, the other is the test. advance: called a trial."""
    threshold = threshold_for([here])
    classifier = fit([here])
    score = per_trial(there, probability(classifier, there.windows.features))
    model = FallModel(export(classifier, [here], threshold))
    every = np.arange(len(there.recordings))
    alarms, first = detect(there.recordings, model, stream, every, advance)
    protocol = f"trained on {here.recordings.name} alone, with its threshold"
    if alike := len(set(here.recordings.subject.tolist()) & set(there.recordings.subject.tolist())):
        protocol += f"; {alike} subjects are named alike in both: no measure if they are the same people"
    return _outcome(protocol, there, alarms, first, score, threshold)


def shipped_training(trained: Trained, materials: Sequence[Material], advance: Advance) -> list[Outcome]:
    """What the shipped model's training saw of itself: sets together, subjects in folds. advance: called a trial."""
    ordered = sorted(materials, key=lambda m: m.recordings.name)
    alarms = [np.zeros(len(m.recordings), np.int64) for m in ordered]
    first = [np.full(len(m.recordings), np.nan) for m in ordered]
    for classifier, tested in trained.folds:
        model = FallModel(export(classifier, ordered, trained.threshold))
        for number, (material, own) in enumerate(zip(ordered, tested, strict=True)):
            trials = np.flatnonzero(np.isin(material.recordings.subject, sorted(own)))
            result = detect(material.recordings, model, stream, trials, advance)
            alarms[number][trials], first[number][trials] = result
    protocol = "sets trained together, subjects in eight folds; the threshold was chosen on these same figures"
    return [
        _outcome(protocol, *of[:3], per_trial(of[0], of[3]), trained.threshold)
        for of in zip(ordered, alarms, first, trained.out_of_fold, strict=True)
    ]


def _outcome(
    protocol: str, material: Material, alarms: Int64, first: Float64, score: Float64, threshold: float
) -> Outcome:
    delay = first - impact_s(material.windows, len(material.recordings))
    return Outcome(protocol, material.recordings, alarms > 0, alarms, delay, score, threshold)
