"""Training the fall classifier: gradient boosting, operating point, export to ONNX. Needs the `train` extra.

The same recordings and the same versions of the libraries give the same bytes.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType
from sklearn.ensemble import GradientBoostingClassifier

from core.readings import Bool, Float64
from detectors.evaluation import fall_windows
from detectors.evaluation.fall_windows import POSITIVE, UNUSED, Windows
from detectors.evaluation.recordings import Recordings
from detectors.fall.features import RATE
from detectors.fall.model import INPUT, OUTPUT

SEED = 20230117
_OPSET = {"": 17, "ai.onnx.ml": 3}
_FOLDS = 4
_THRESHOLDS = np.arange(0.05, 0.951, 0.01)
_PLATEAU = 5
"""Thresholds to both sides over which the figure is averaged, so that a lucky one does not win."""
_ALTERED_TIMES = 2
_PHASE_STEP = 2
"""Of the windows at all phases every second one trains: neighbours are much alike."""
_WEIGHTS = {"weda_fall_dev": 3.0}
"""Of a set beside others, by its name; 1 where it has none. The wrist, where a watch is, is the harder place, and with
equal weights the waist set decides what a tree asks."""
_GIVEN_UP = 0.001
"""Of the best sum, for a higher threshold."""
_TREES = {
    "n_estimators": 300,
    "learning_rate": 0.05,
    "max_depth": 5,
    "min_samples_leaf": 20,
    "subsample": 0.5,
    "max_features": 6,
}


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A set of recordings with its windows: as recorded, and as other devices would have, differently each time."""

    recordings: Recordings
    windows: Windows
    altered: tuple[Windows, ...]

    @property
    def subject(self) -> np.ndarray:
        """Whose each window (as recorded) is."""
        return self.recordings.subject[self.windows.trial]


def prepare(recordings: Recordings) -> Material:
    """Cut the windows of a set."""
    altered = tuple(
        alter(recordings, SEED + 1 + time)
        for alter in (fall_windows.altered, fall_windows.crude)
        for time in range(_ALTERED_TIMES)
    )
    return Material(recordings, fall_windows.of(recordings, SEED), altered)


def fit(materials: Sequence[Material], leave: Sequence[set[str]] | None = None) -> GradientBoostingClassifier:
    """Train on all subjects of the sets but those that `leave` names for each.

    Falls and daily activities of each set weigh the same, so the probability is one for even odds; sets by `_WEIGHTS`.
    """
    features, label, weight = [], [], []
    for number, material in enumerate(materials):
        left = [] if leave is None else sorted(leave[number])
        parts = []
        for windows in (material.windows, *material.altered):
            used = (windows.label != UNUSED) & ~np.isin(material.recordings.subject[windows.trial], left)
            laid = range(0, windows.features.shape[1], _PHASE_STEP)
            parts += [(windows.features[used, phase], windows.label[used]) for phase in laid]
        own_label = np.concatenate([own for _, own in parts])
        counts = np.bincount(own_label, minlength=2)
        features += [own for own, _ in parts]
        label.append(own_label)
        share = _WEIGHTS.get(material.recordings.name, 1.0) / np.maximum(counts, 1)[own_label]
        weight.append(share)
    model = GradientBoostingClassifier(random_state=SEED, **_TREES)
    sample_weight = np.concatenate(weight)
    sample_weight *= len(sample_weight) / sample_weight.sum()
    return model.fit(np.concatenate(features), np.concatenate(label), sample_weight=sample_weight)


def probability(model: GradientBoostingClassifier, features: np.ndarray) -> Float64:
    """Of a fall for float32[n, phases, names], the mean over the phases; rounded as the detector does: float64[n]."""
    flat = model.predict_proba(features.reshape(-1, features.shape[2]))[:, POSITIVE].round(4)
    return np.asarray(flat.reshape(len(features), -1).mean(axis=1).round(4))


def per_trial(material: Material, window_probability: Float64) -> Float64:
    """The greatest probability of each trial's windows; 0 for a trial without an impact."""
    score = np.zeros(len(material.recordings))
    np.maximum.at(score, material.windows.trial, window_probability)
    return score


Fold = tuple[GradientBoostingClassifier, list[set[str]]]
"""A model, and the subjects of each set that it never saw."""


def in_folds(
    materials: Sequence[Material], leave: Sequence[set[str]] | None = None, folds: int = _FOLDS
) -> tuple[list[Float64], list[Fold]]:
    """Probabilities of all windows of the subjects that stay, each from a model that never saw the subject.

    Subjects are dealt out to folds, those with falls first, in the order of their names; those left out come back as
    NaN.
    """
    left = [set()] * len(materials) if leave is None else leave
    found = [np.full(len(m.windows.trial), np.nan) for m in materials]
    subjects = [_dealt(m.recordings, out) for m, out in zip(materials, left, strict=True)]
    models: list[Fold] = []
    for fold in range(folds):
        tested = [set(own[fold::folds]) for own in subjects]
        model = fit(materials, [out | own for out, own in zip(left, tested, strict=True)])
        models.append((model, tested))
        for material, own, result in zip(materials, tested, found, strict=True):
            rows = np.isin(material.subject, sorted(own))
            if rows.any():
                result[rows] = probability(model, material.windows.features[rows])
    return found, models


def _dealt(recordings: Recordings, left: set[str]) -> list[str]:
    falls = set(recordings.subject[recordings.is_fall].tolist())
    return sorted(set(recordings.subject.tolist()) - left, key=lambda subject: (subject not in falls, subject))


def operating_point(scores: Sequence[Float64], truths: Sequence[Bool]) -> float:
    """The highest threshold with all but the best sum of sensitivity and specificity per trial, meant over the sets.

    The highest, because trials hold a far greater share of falls than days do: what costs next to nothing here spares
    false alarms there.
    """
    total = np.zeros(len(_THRESHOLDS))
    for score, truth in zip(scores, truths, strict=True):
        reached = score[:, None] >= _THRESHOLDS
        total += reached[truth].mean(axis=0) - reached[~truth].mean(axis=0)
    padded = np.pad(total, _PLATEAU, mode="edge")
    smooth = np.convolve(padded, np.full(2 * _PLATEAU + 1, 1.0 / (2 * _PLATEAU + 1)), mode="valid")
    best = np.flatnonzero(smooth >= smooth.max() - _GIVEN_UP * len(scores))
    return round(float(_THRESHOLDS[best[-1]]), 2)


def threshold_for(materials: Sequence[Material], leave: Sequence[set[str]] | None = None) -> float:
    """The operating point by inner cross-validation over the subjects that stay."""
    left = [set()] * len(materials) if leave is None else leave
    scores, truths = [], []
    for material, out, found in zip(materials, left, in_folds(materials, leave)[0], strict=True):
        stays = ~np.isin(material.recordings.subject, sorted(out))
        scores.append(per_trial(material, np.nan_to_num(found))[stays])
        truths.append(material.recordings.is_fall[stays])
    return operating_point(scores, truths)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained model. onnx: its bytes. classifier: what they were exported from. out_of_fold: probabilities of each
    set's windows by the models of the folds, which never saw the subject, on which the threshold was chosen.
    """

    onnx: bytes
    classifier: GradientBoostingClassifier
    threshold: float
    out_of_fold: list[Float64]
    folds: list[Fold]


def train(materials: Sequence[Material]) -> Trained:
    """Train on all subjects of the sets, in the order of the sets' names, and freeze the operating point."""
    materials = sorted(materials, key=lambda m: m.recordings.name)
    found, folds = in_folds(materials, folds=2 * _FOLDS)
    scores = [per_trial(m, own) for m, own in zip(materials, found, strict=True)]
    threshold = operating_point(scores, [m.recordings.is_fall for m in materials])
    classifier = fit(materials)
    return Trained(export(classifier, materials, threshold), classifier, threshold, found, folds)


def export(classifier: GradientBoostingClassifier, materials: Sequence[Material], threshold: float) -> bytes:
    """The classifier as ONNX with its metadata: features, threshold, version, and the digests of what trained it."""
    names = materials[0].windows.names
    model = convert_sklearn(
        classifier,
        name="fall",
        initial_types=[(INPUT, FloatTensorType([None, len(names)]))],
        final_types=[("label", Int64TensorType([None])), (OUTPUT, FloatTensorType([None, 2]))],
        options={id(classifier): {"zipmap": False}},
        target_opset=_OPSET,
    )
    # The converter lists its operator sets in the order of a Python set.
    ordered = sorted(model.opset_import, key=lambda o: o.domain)
    del model.opset_import[:]
    model.opset_import.extend(ordered)
    version = hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()[:12]
    metadata = {
        "features": json.dumps(names),
        "rate_hz": str(RATE),
        "seed": str(SEED),
        "threshold": f"{threshold:.2f}",
        "trained_on": json.dumps({m.recordings.name: m.recordings.digest for m in materials}),
        "version": version,
    }
    for key, value in sorted(metadata.items()):
        model.metadata_props.add(key=key, value=value)
    return bytes(model.SerializeToString(deterministic=True))
