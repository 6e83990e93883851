"""Recorded falls and daily activities, cut into clips as a wrist device with a trigger of its own would send them.

The file is an `.npz`: `acceleration_mg` int16 [samples, 3], trials one after another; `offsets` int64 [trials + 1];
per trial `subject`, `activity`, `is_fall`, `trial`; `sample_rate_hz`; and, where the set has them, `fall_start_s` and
`fall_end_s` (NaN for none).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from device_sim.observations import Clip, Samples

HIGH_MG: Final = 1800.0
LOW_MG: Final = 400.0
"""A magnitude above or below wakes the device. Sensitive on purpose: telling falls apart is Kanhu's work."""
BEFORE_S: Final = 4.0
AFTER_S: Final = 6.0


class RecordingError(ValueError):
    """The file is not in the format of the recordings, or has too few; the message says what is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One recorded trial. samples: int16[n, 3] milli-g at `rate` Hz."""

    name: str
    subject: str
    activity: str
    is_fall: bool
    samples: Samples
    rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A clip and where in the trial it begins, in seconds; `sent_s`: when the device has it whole."""

    clip: Clip
    start_s: float
    sent_s: float


def load(path: Path) -> list[Trial]:
    """All trials of a file. Raises RecordingError for another format, OSError where it can't be read."""
    with np.load(path, allow_pickle=False) as archive:
        missing = {"acceleration_mg", "offsets", "is_fall", "activity", "subject", "sample_rate_hz"} - set(
            archive.files
        )
        if missing:
            raise RecordingError(f"{path}: no {', '.join(sorted(missing))} in it")
        samples, offsets, rate = archive["acceleration_mg"], archive["offsets"], float(archive["sample_rate_hz"])
        if samples.ndim != 2 or samples.shape[1] != 3 or offsets[-1] != len(samples):
            raise RecordingError(f"{path}: offsets end at {offsets[-1]}, acceleration_mg is {samples.shape}")
        names = archive["trial"] if "trial" in archive.files else np.arange(len(offsets) - 1).astype(str)
        facts = zip(names, archive["subject"], archive["activity"], archive["is_fall"], strict=True)
        return [
            Trial(str(name), str(subject), str(activity), bool(fall), samples[offsets[n] : offsets[n + 1]], rate)
            for n, (name, subject, activity, fall) in enumerate(facts)
        ]


def choose(trials: Sequence[Trial], falls: int, activities: int, seed: int) -> list[Trial]:
    """A seeded draw of so many falls and daily activities, mixed.

    Raises RecordingError where the file has fewer.
    """
    rng = np.random.default_rng(seed)
    chosen: list[Trial] = []
    for wanted, is_fall, what in ((falls, True, "falls"), (activities, False, "daily activities")):
        there = [trial for trial in trials if trial.is_fall is is_fall]
        if len(there) < wanted:
            raise RecordingError(f"there are {len(there)} {what}, not {wanted}")
        chosen += [there[i] for i in rng.choice(len(there), wanted, replace=False)]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def magnitude(samples: Samples) -> npt.NDArray[np.float64]:
    """Length of each acceleration vector, milli-g."""
    return np.asarray(np.linalg.norm(samples.astype(np.float64), axis=1))


def cut(trial: Trial, *, all_clips: bool = False) -> list[Cut]:
    """The clips that a wearable would send of a trial: 4 s before its trigger to 6 s after it, cut at the trial's ends.

    A trial of 10 s or less goes whole; nothing is padded. While a clip is being taken the trigger sleeps. Nothing is
    sent where it never fires, unless `all_clips` is set: then the 10 s around the largest magnitude are.
    """
    size = magnitude(trial.samples)
    fired = np.flatnonzero((size > HIGH_MG) | (size < LOW_MG))
    if not len(fired) and all_clips and len(size):
        fired = np.array([int(np.argmax(size))])
    before, after = round(BEFORE_S * trial.rate), round(AFTER_S * trial.rate)
    cuts: list[Cut] = []
    awake = 0
    for index in fired:
        if index < awake:
            continue
        first, last = max(0, int(index) - before), min(len(size), int(index) + after)
        if len(size) <= before + after:
            first, last = 0, len(size)
        cuts.append(Cut(Clip(trial.samples[first:last], trial.rate), first / trial.rate, last / trial.rate))
        awake = last
    return cuts
