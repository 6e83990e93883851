"""The same recordings as other devices would give them: other rates, units, ways of wearing."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from core.readings import Int16
from detectors.evaluation import fall_trials
from detectors.evaluation.fall_trials import Send
from detectors.evaluation.fall_windows import slowed
from detectors.evaluation.recordings import STANDARD_GRAVITY, Recordings, milli_g

RATES = (15.0, 25.0, 31.25, 64.0, 100.0)
_SEED = 20230118

Variation = Callable[[Recordings], Recordings]


def _as_recorded(recordings: Recordings) -> Recordings:
    return recordings


def at_rate(recordings: Recordings, rate: float) -> Recordings:
    """At another rate: the mean of its time where the device is slower, linear interpolation where it is faster."""

    def resampled(samples: Int16) -> Int16:
        if rate <= recordings.rate:
            return slowed(samples, recordings.rate, rate)
        at = np.arange(0, (len(samples) - 1) / recordings.rate + 1e-9, 1 / rate) * recordings.rate
        axes = [np.interp(at, np.arange(len(samples)), samples[:, axis]) for axis in range(3)]
        return np.rint(np.stack(axes, axis=1)).astype(np.int16)

    return _each(replace(recordings, rate=rate), [resampled(samples) for samples in recordings.trials()])


def in_metres(recordings: Recordings) -> Recordings:
    """As a file in m/s², its unit told by its name."""
    metres = (recordings.samples * (STANDARD_GRAVITY / 1000)).astype(np.float32)
    return replace(recordings, samples=milli_g(metres, recordings.offsets, "ms2"))


def in_g_unnamed(recordings: Recordings) -> Recordings:
    """As a file in g that does not say so."""
    return replace(recordings, samples=milli_g((recordings.samples / 1000).astype(np.float32), recordings.offsets))


def turned(recordings: Recordings) -> Recordings:
    """Each trial with the device worn in a random orientation."""
    rng = np.random.default_rng(_SEED)

    def rotated(samples: Int16) -> Int16:
        rotation, triangle = np.linalg.qr(rng.normal(size=(3, 3)))
        uniform = rotation * np.sign(np.diag(triangle))  # Mezzadri, Notices of the AMS 54:592, 2007
        return np.asarray(np.clip(np.rint(samples @ uniform), -32768, 32767).astype(np.int16))

    return _each(recordings, [rotated(samples) for samples in recordings.trials()])


def _each(recordings: Recordings, samples: list[Int16]) -> Recordings:
    offsets = np.concatenate(([0], np.cumsum([len(s) for s in samples]))).astype(np.int64)
    return replace(recordings, samples=np.concatenate(samples), offsets=offsets)


def _rate(rate: float) -> Variation:
    return lambda recordings: at_rate(recordings, rate)


VARIATIONS: Mapping[str, tuple[Variation, Send]] = {
    "as recorded, clips": (_as_recorded, fall_trials.clip),
    **{f"{rate:g} Hz, clips": (_rate(rate), fall_trials.clip) for rate in RATES},
    "in m/s² by name, clips": (in_metres, fall_trials.clip),
    "in g, unit not named, clips": (in_g_unnamed, fall_trials.clip),
    "random orientation, clips": (turned, fall_trials.clip),
    "1 s blocks, times off by 10 ms": (_as_recorded, fall_trials.jittered),
    "blocks of 0.3 to 2 s in bursts, out of order": (_as_recorded, fall_trials.bursts),
}
"""What is changed, and how it is sent."""
