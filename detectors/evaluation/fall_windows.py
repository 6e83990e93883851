"""Recordings to labelled windows: what the detector would see of each candidate impact."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.clock import SECOND
from core.readings import Bool, Float64, Int16, Int64
from detectors.evaluation.recordings import Recordings, RecordingsError
from detectors.fall.features import (
    BEFORE,
    CANDIDATE_G,
    FINE_STEP,
    PHASES,
    RATE,
    STEP,
    WINDOW,
    Piece,
    candidates,
    extract,
    phases,
    resample,
    windows,
)
from detectors.fall.model import as_input

_CHUNK = 512
_BEFORE_FALL_S, _AFTER_FALL_S = 0.3, 0.5
"""Around a fall's annotated start and end, in which its impact is looked for."""
_ALTERED_RATES = (15.0, 16.0, 20.0, 25.0, 31.25, 50.0)
_ALTERED_SCALE = 0.1
_RANGES_MG = (16_000.0, 8_000.0, 4_000.0, 2_000.0)
_RANGE_SHARES = (0.4, 0.2, 0.25, 0.15)
_RESOLUTIONS_MG = (1.0, 4.0, 16.0, 32.0)
_OFFSET_MG = 25.0
_NOISE_MG = 20.0
"""What accelerometers of wearables offer: ranges of 2 to 16 g, 8 bits and more, zero-g offsets of tens of mg."""
_NEGATIVES = 4
"""Windows of a trial of daily activity that are trained on, at most."""
NEGATIVE, POSITIVE, UNUSED = 0, 1, -1


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Candidate impacts of one set of recordings.

    names: of the features. features: float32[n, phases, names], of windows at all phases of the working rate as the
    detector has them, or at one. trial: int64[n], index of the trial. time_s: float64[n], of the
    impact in its trial. after_s: float64[n], how much follows it there. label: int64[n]: POSITIVE for the impact of a
    fall, NEGATIVE for one of a daily activity, UNUSED for what is not trained on: most of a long activity, and
    what else happens in a trial with a fall, which nobody labelled.
    """

    names: tuple[str, ...]
    features: np.ndarray
    trial: Int64
    time_s: Float64
    after_s: Float64
    label: Int64


def of(recordings: Recordings, seed: int) -> Windows:
    """The windows of the trials as they were recorded, on a grid of random phase, as a device's clock would have it."""
    return _windows(recordings, np.random.default_rng(seed), None)


def altered(recordings: Recordings, seed: int) -> Windows:
    """The same trials as slower devices would sample them, scaled by up to 10 %, in windows cut short at random.

    For training: a clip may end half a second after the impact and begin a second before it. One phase a window.
    """
    return _windows(recordings, np.random.default_rng(seed), _slower)


def crude(recordings: Recordings, seed: int) -> Windows:
    """Like `altered`, by devices that are crude as well: that clip at 2 g or more, round, have an offset and noise, and
    sample moments in place of means.

    For training: a watch of another maker is not the one that recorded.
    """
    return _windows(recordings, np.random.default_rng(seed), _crude)


class NoImpactError(RecordingsError):
    """No trial has an impact to judge; the message says of which recordings."""


Device = Callable[[Int16, float, np.random.Generator], tuple[Int16, float]]
"""int16[n, 3] at a rate to what another device would have given, and its rate."""


def _slower(
    samples: Int16,
    rate: float,
    rng: np.random.Generator,
    sample: Callable[[Int16, float, float], Float64] | None = None,
) -> tuple[Int16, float]:
    slower = float(rng.choice([r for r in _ALTERED_RATES if r <= rate] or [rate]))
    scale = rng.uniform(1 - _ALTERED_SCALE, 1 + _ALTERED_SCALE)
    given = (sample or slowed)(samples, rate, slower)
    return np.clip(np.rint(given * scale), -32768, 32767).astype(np.int16), slower


def _crude(samples: Int16, rate: float, rng: np.random.Generator) -> tuple[Int16, float]:
    given, slower = _slower(samples, rate, rng, _moments if rng.random() < 0.5 else None)
    values = given + rng.normal(0, _OFFSET_MG, 3) + rng.normal(0, rng.uniform(0, _NOISE_MG), given.shape)
    resolution = float(rng.choice(_RESOLUTIONS_MG))
    full = float(rng.choice(_RANGES_MG, p=_RANGE_SHARES))
    return np.clip(np.rint(values / resolution) * resolution, -full, full).astype(np.int16), slower


def _moments(samples: Int16, rate: float, slower: float) -> Float64:
    at = np.arange(0, len(samples) - 1, rate / slower)
    return np.stack([np.interp(at, np.arange(len(samples)), samples[:, axis]) for axis in range(3)], axis=1)


def _windows(recordings: Recordings, rng: np.random.Generator, device: Device | None) -> Windows:
    trials, times, peaks, after = [], [], [], []
    accelerations, presences = [], []
    for index, samples in enumerate(recordings.trials()):
        phase = int(rng.integers(STEP))
        rate = recordings.rate
        if device is not None:
            samples, rate = device(samples, rate, rng)
        run = resample([Piece(phase, rate, samples)])
        magnitude = run.magnitude
        at = candidates(magnitude)
        if len(at) == 0:
            continue
        laid = phases(run, at)
        if device is not None:
            laid = laid[:, [int(rng.integers(PHASES))]]
        acceleration, present = windows(run, laid.ravel())
        accelerations.append(acceleration.astype(np.float32))
        presences.append(present)
        trials.append(np.full(len(at), index))
        times.append((run.start + at * FINE_STEP - phase) / SECOND)
        after.append((len(magnitude) - 1 - at) / (RATE * PHASES))
        peaks.append(magnitude[at])
    if not trials:
        raise NoImpactError(
            f"{recordings.name}: no trial has an impact of {CANDIDATE_G} g or more, nothing to train on; "
            "--frozen measures the shipped model on it"
        )
    trial, time_s = np.concatenate(trials), np.concatenate(times)
    acceleration, present = np.concatenate(accelerations), np.concatenate(presences)
    if device is not None:
        present = _cut_short(present, rng)
    names, features = _features(acceleration, present)
    features = features.reshape(len(trial), -1, len(names))
    label = _labels(recordings, trial, time_s, np.concatenate(peaks))
    return Windows(names, features, trial, time_s, np.concatenate(after), label)


def slowed(samples: Int16, rate: float, slower: float) -> Int16:
    """int16[n, 3] at `rate` as a device with `slower` samples a second, each the mean of its time, would give them."""
    if slower == rate:
        return samples
    total = np.concatenate([np.zeros((1, 3)), np.cumsum(samples.astype(np.float64), axis=0)])
    edges = np.arange(0, len(samples) + 1e-9, rate / slower)
    sums = np.stack([np.interp(edges, np.arange(len(total)), total[:, axis]) for axis in range(3)], axis=1)
    return np.asarray(np.rint(np.diff(sums, axis=0) * slower / rate).astype(np.int16))


def _cut_short(present: Bool, rng: np.random.Generator) -> Bool:
    first = BEFORE - rng.integers(RATE, BEFORE + 1, len(present))
    last = BEFORE + rng.integers(RATE // 2, WINDOW - BEFORE, len(present))
    index = np.arange(WINDOW)
    return np.asarray(present & (index >= first[:, None]) & (index <= last[:, None]))


def _features(acceleration: np.ndarray, present: Bool) -> tuple[tuple[str, ...], np.ndarray]:
    parts = []
    names: tuple[str, ...] = ()
    for start in range(0, len(acceleration), _CHUNK):
        here = present[start : start + _CHUNK]
        chunk = extract(acceleration[start : start + _CHUNK].astype(np.float64) * here[..., None], here)
        names = tuple(chunk)
        parts.append(as_input(chunk, names))
    return names, np.concatenate(parts)


def _labels(recordings: Recordings, trial: Int64, time_s: Float64, peak: Float64) -> Int64:
    """The greatest impact of a fall's annotated time, or of its whole trial where there is none, is the fall's.

    Of a daily activity a few are taken, evenly spread, so that 100 s of jogging do not outvote everything else.
    """
    fall = recordings.is_fall[trial]
    label = np.where(fall, UNUSED, NEGATIVE)
    start, end = recordings.fall_start_s[trial] - _BEFORE_FALL_S, recordings.fall_end_s[trial] + _AFTER_FALL_S
    inside = np.isnan(start) | np.isnan(end) | ((time_s >= start) & (time_s <= end))
    for index in np.unique(trial[fall]):
        own = np.flatnonzero(trial == index)
        annotated = own[inside[own]]
        own = annotated if len(annotated) else own
        label[own[np.argmax(peak[own])]] = POSITIVE
    first = np.concatenate(([0], np.flatnonzero(np.diff(trial)) + 1, [len(trial)]))
    for start, count in zip(first, np.diff(first), strict=False):
        if count > _NEGATIVES and label[start] == NEGATIVE:
            label[start : start + count] = UNUSED
            label[start + np.linspace(0, count - 1, _NEGATIVES).astype(np.int64)] = NEGATIVE
    return label


def impact_s(windows: Windows, trials: int) -> Float64:
    """Seconds from the start of each trial to its fall's impact, NaN where there is none: float64[trials]."""
    found = np.full(trials, np.nan)
    positive = windows.label == POSITIVE
    found[windows.trial[positive]] = windows.time_s[positive]
    return found
