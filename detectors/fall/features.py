"""Acceleration to features: resampling, candidate impacts, and what a window around an impact looks like.

Everything here is a pure function of samples. Features depend neither on how the device sits (only magnitudes, angles
between directions and components along the estimated gravity are used), nor on its rate (everything is resampled to
`RATE`), nor on how long a clip is: statistics run over the samples that are there, and no feature counts them.

The families of features are the usual ones for a worn accelerometer (Noury et al., IRBM 29:340, 2008): the dip of the
critical phase, the impact, the change of posture, and the stillness after it; energy and rhythm tell daily activities.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.clock import SECOND
from core.readings import Bool, Float64, Int16, Int64

RATE = 50
"""Working rate, samples a second."""
STEP = SECOND // RATE
"""Micros between two samples of a window."""
PHASES = 4
"""Windows are laid at this many phases of the working rate, so that a device's clock does not decide."""
AT_PEAK = 1
"""Which of them has the impact itself."""
FINE_STEP = STEP // PHASES
"""Micros between two samples of the fine grid, which lies on multiples of this since the epoch."""
BEFORE = 3 * RATE
AFTER = 5 * RATE
WINDOW = BEFORE + 1 + AFTER
"""Samples of a window: 3 s, the impact, 5 s."""
CANDIDATE_G = 1.6
"""Least magnitude of a candidate impact: all 1,600 falls of the two developers' sets exceed it."""
LONGEST_GAP = SECOND // 5
"""Micros between two samples across which nothing is interpolated. 15 Hz, the slowest rate, has 67 ms."""
_APART = RATE * PHASES
"""A candidate is the greatest magnitude within a second to both sides."""
_SUBSTEPS = np.array([-3, -1, 1, 3]) * (STEP // 8)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Samples as a device sent them: int16[n, 3] milli-g at `rate` a second, the first at `time` (micros)."""

    time: int
    rate: float
    samples: Int16

    @property
    def end(self) -> int:
        """Micros at which the next sample would come."""
        return self.time + round(len(self.samples) * SECOND / self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Acceleration on the fine grid. start: micros of the first sample, a multiple of FINE_STEP.

    acceleration: float64[n, 3] in g, zeros where present bool[n] is false (a gap).
    """

    start: int
    acceleration: Float64
    present: Bool

    @property
    def magnitude(self) -> Float64:
        """Length of the acceleration, g: float64[n]."""
        return np.asarray(np.sqrt((self.acceleration**2).sum(axis=1)))


def resample(pieces: Sequence[Piece]) -> Run:
    """Put pieces, ascending in time, on the fine grid; where two overlap the earlier one counts.

    Each output is the mean of four points, spread over one STEP, of the linear interpolation between samples. It
    damps what lies above half the working rate whether the device samples faster or slower, and depends on the nearest
    samples only, so the same moments come out the same however the recording was cut.
    """
    times = np.concatenate(
        [p.time + np.rint(np.arange(len(p.samples)) * (SECOND / p.rate)).astype(np.int64) for p in pieces]
    )
    values = np.concatenate([p.samples for p in pieces]).astype(np.float64) / 1000.0
    if len(pieces) > 1:
        latest = np.maximum.accumulate(times)
        fresh = np.concatenate(([True], times[1:] > latest[:-1]))
        times, values = times[fresh], values[fresh]
    if len(times) < 2:
        return Run(0, np.empty((0, 3)), np.empty(0, np.bool_))
    first, last = -(-int(times[0]) // FINE_STEP), int(times[-1]) // FINE_STEP
    grid = np.clip(np.arange(first, last + 1)[:, None] * FINE_STEP + _SUBSTEPS, times[0], times[-1])
    left = np.clip(np.searchsorted(times, grid, side="right") - 1, 0, len(times) - 2)
    apart = times[left + 1] - times[left]
    weight = ((grid - times[left]) / apart)[..., None]
    acceleration = (values[left] * (1.0 - weight) + values[left + 1] * weight).mean(axis=1)
    present = (apart <= LONGEST_GAP).all(axis=1)
    return Run(first * FINE_STEP, acceleration * present[:, None], present)


def candidates(magnitude: Float64) -> Int64:
    """Indices of candidate impacts in float64[n] g: at least CANDIDATE_G and the greatest within a second around."""
    high = np.flatnonzero(magnitude >= CANDIDATE_G)
    if len(high) == 0:
        return high
    padded = np.pad(magnitude, _APART, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _APART + 1)[high]
    # Of equal peaks the earliest counts: nothing before may reach it, nothing after may exceed it.
    before = around[:, :_APART].max(axis=1) < magnitude[high]
    after = around[:, _APART + 1 :].max(axis=1) <= magnitude[high]
    return np.asarray(high[before & after])


def phases(run: Run, at: Int64) -> Int64:
    """Fine indices around which windows of each impact are laid, one a phase: int64[n, PHASES], AT_PEAK the impact's.

    Where there is no sample (a clip's end, a gap), the impact's own stands in.
    """
    near = np.clip(at[:, None] + np.arange(PHASES) - AT_PEAK, 0, len(run.present) - 1)
    return np.where(run.present[near], near, at[:, None])


def windows(run: Run, at: Int64) -> tuple[Float64, Bool]:
    """Windows of a run around indices: float64[n, WINDOW, 3] g, and bool[n, WINDOW], true where there is a sample."""
    index = at[:, None] + np.arange(-BEFORE, AFTER + 1) * PHASES
    within = (index >= 0) & (index < len(run.acceleration))
    index = np.clip(index, 0, len(run.acceleration) - 1)
    present = within & run.present[index]
    return run.acceleration[index] * present[..., None], present


_SEGMENTS: tuple[tuple[str, float, float], ...] = (
    ("before", -3.0, -1.2),
    ("down", -1.2, -0.1),
    ("hit", -0.3, 0.5),
    ("settle", 0.5, 2.0),
    ("rest", 2.0, 5.0),
)
_TURNS = (
    ("before", "down"),
    ("before", "settle"),
    ("before", "rest"),
    ("down", "settle"),
    ("down", "rest"),
    ("settle", "rest"),
)
# What stands in for a segment that the clip does not reach: the nearest one that it has.
_NEAREST = {
    "before": ("down", "hit"),
    "down": ("before", "hit"),
    "hit": ("settle", "down"),
    "settle": ("rest", "hit"),
    "rest": ("settle", "hit"),
}
_LEAST = RATE // 5
"""Samples a segment needs to speak for itself."""
_HALF = RATE // 2
_QUIET_G = 0.04
"""Standard deviation of the magnitude over half a second below which a worn device counts as still, g."""
_EPSILON = 1e-6


def _offset(seconds: float) -> int:
    return BEFORE + round(seconds * RATE)


def _mean(values: Float64, present: Bool) -> Float64:
    return np.asarray((values * present).sum(axis=1) / np.maximum(present.sum(axis=1), 1))


def _deviation(values: Float64, present: Bool) -> Float64:
    centred = values - _mean(values, present)[:, None]
    return np.sqrt(_mean(centred * centred, present))


def _least(values: Float64, present: Bool) -> Float64:
    return np.asarray(np.where(present, values, np.inf).min(axis=1))


def _greatest(values: Float64, present: Bool) -> Float64:
    return np.asarray(np.where(present, values, -np.inf).max(axis=1))


def _angle(one: Float64, other: Float64) -> Float64:
    """Degrees between vectors [..., 3]; 0 where one is missing."""
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    cosine = np.where(lengths > _EPSILON, (one * other).sum(axis=-1) / np.maximum(lengths, _EPSILON), 1.0)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _moving_mean(values: Float64, present: Bool, width: int) -> Float64:
    """Centred mean over `width` samples (odd) of float64[n, W, k], over the samples that are there."""
    half = width // 2

    def total(series: Float64) -> Float64:
        running = np.cumsum(np.pad(series, ((0, 0), (half + 1, half), (0, 0))), axis=1)
        return np.asarray(running[:, width:] - running[:, :-width])

    weights = total(present[..., None].astype(np.float64))
    return total(values * present[..., None]) / np.maximum(weights, 1.0)


def _rhythm(magnitude: Float64, present: Bool) -> Float64:
    """Greatest autocorrelation at lags of 0.3 to 1.2 s: near 1 for gait, clapping, jumping; float64[n]."""
    centred = (magnitude - _mean(magnitude, present)[:, None]) * present
    length = magnitude.shape[1]
    spectrum = np.fft.rfft(centred, 2 * length, axis=1)
    correlation = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)
    lags = correlation[:, round(0.3 * RATE) : min(round(1.2 * RATE), length - 1) + 1]
    return np.asarray(lags.max(axis=1) / np.maximum(correlation[:, 0], _EPSILON))


def _after_halves(magnitude: Float64, present: Bool) -> tuple[Float64, Bool]:
    """Deviation of each half second from 1 s after the impact on, and whether all of it is there: [n, 8] each."""
    start = _offset(1.0)
    count = (WINDOW - start) // _HALF
    shape = (len(magnitude), count, _HALF)
    end = start + count * _HALF
    halves, there = magnitude[:, start:end].reshape(shape), present[:, start:end].reshape(shape)
    return np.asarray(halves.std(axis=2)), np.asarray(there.all(axis=2))


def still_seconds(acceleration: Float64, present: Bool) -> Float64:
    """Seconds of stillness, in half seconds, from 1 s to 5 s after the impact: float64[n]; arguments as `extract`."""
    deviation, whole = _after_halves(np.linalg.norm(acceleration, axis=2), present)
    return np.asarray(((deviation < _QUIET_G) & whole).sum(axis=1) / 2)


def extract(acceleration: Float64, present: Bool) -> dict[str, Float64]:
    """Features of n windows by name, float64[n] each: g, g/s, degrees, seconds and shares.

    Args: acceleration float64[n, WINDOW, 3] in g with zeros where present bool[n, WINDOW] is false; the impact itself
    is there in every window.
    """
    magnitude = np.linalg.norm(acceleration, axis=2)
    gravity = _moving_mean(acceleration, present, RATE + 1)
    strength = np.linalg.norm(gravity, axis=2)
    vertical = (acceleration * gravity).sum(axis=2) / np.maximum(strength, _EPSILON)
    horizontal = np.sqrt(np.maximum(magnitude**2 - vertical**2, 0.0))
    dynamic = np.linalg.norm(acceleration - gravity, axis=2) * present
    both = present[:, 1:] & present[:, :-1]
    jerk = np.pad(np.linalg.norm(np.diff(acceleration, axis=1), axis=2) * both * RATE, ((0, 0), (1, 0)))

    features: dict[str, Float64] = {}
    direction: dict[str, Float64] = {}
    measures: dict[str, dict[str, Float64]] = {}
    enough: dict[str, Bool] = {}
    for name, start, end in _SEGMENTS:
        part = slice(_offset(start), _offset(end))
        here = present[:, part]
        enough[name] = here.sum(axis=1) >= _LEAST
        mean_vector = (acceleration[:, part] * here[..., None]).sum(axis=1) / np.maximum(here.sum(axis=1), 1)[:, None]
        direction[name] = mean_vector
        spread = ((acceleration[:, part] - mean_vector[:, None]) ** 2).sum(axis=2)
        measures[name] = {
            "mean": _mean(magnitude[:, part], here),
            "deviation": _deviation(magnitude[:, part], here),
            "least": _least(magnitude[:, part], here),
            "greatest": _greatest(magnitude[:, part], here),
            "spread": np.sqrt(_mean(spread, here)),
            "jerk_mean": _mean(jerk[:, part], here),
            "jerk_greatest": _greatest(jerk[:, part], here),
            "dynamic": _mean(dynamic[:, part], here),
            "vertical": _deviation(vertical[:, part], here),
            "horizontal": _mean(horizontal[:, part], here),
            "turn": _angle(gravity[:, part][:, 0], gravity[:, part][:, -1]),
        }
    for name, _, _ in _SEGMENTS:
        first, second = _NEAREST[name]
        for measure, values in measures[name].items():
            instead = np.where(enough[first], measures[first][measure], measures[second][measure])
            features[f"{name}_{measure}"] = np.where(enough[name], values, instead)
        instead_of = np.where(enough[first][:, None], direction[first], direction[second])
        direction[name] = np.where(enough[name][:, None], direction[name], instead_of)

    for one, other in _TURNS:
        features[f"posture_{one}_{other}"] = _angle(direction[one], direction[other])

    smooth = _moving_mean(magnitude[..., None], present, 3)[..., 0]
    falling = slice(_offset(-1.2), _offset(0) + 1)
    here = present[:, falling]
    dip = np.where(here, smooth[:, falling], np.inf)
    features["dip"] = dip.min(axis=1)
    features["dip_to_impact"] = (dip.shape[1] - 1 - dip.argmin(axis=1)) / RATE
    features["dip_share"] = _mean((magnitude[:, falling] < 0.7).astype(np.float64), here)
    features["dip_speed"] = (np.maximum(1.0 - magnitude[:, falling], 0.0) * here).sum(axis=1) / RATE

    peak = magnitude[:, BEFORE]
    hit = slice(_offset(-0.5), _offset(0.5) + 1)
    features["peak"] = peak
    features["peak_vertical"] = np.abs(vertical[:, BEFORE])
    features["peak_width"] = ((magnitude[:, hit] > (1.0 + peak[:, None]) / 2) & present[:, hit]).sum(axis=1) / RATE
    features["hit_high"] = ((magnitude[:, hit] > 1.5) & present[:, hit]).sum(axis=1) / RATE
    for name, part in (("earlier", slice(0, _offset(-0.7))), ("later", slice(_offset(0.7), WINDOW))):
        highest = np.where(present[:, part], magnitude[:, part], 1.0).max(axis=1)
        features[f"{name}_peak_share"] = (highest - 1.0) / np.maximum(peak - 1.0, 0.1)
        high = (magnitude[:, part] > 1.0 + (peak[:, None] - 1.0) / 2) & present[:, part]
        features[f"{name}_high_share"] = _mean(high.astype(np.float64), present[:, part])
    features["rhythm_before"] = _rhythm(magnitude[:, : _offset(0)], present[:, : _offset(0)])
    features["rhythm_after"] = _rhythm(magnitude[:, _offset(0.5) :], present[:, _offset(0.5) :])

    deviation, whole = _after_halves(magnitude, present)
    features["still"] = _mean((deviation < _QUIET_G).astype(np.float64), whole)
    stillest = np.where(whole, deviation, np.inf).min(axis=1)
    features["stillest"] = np.where(whole.any(axis=1), stillest, features["settle_deviation"])
    features["energy_ratio"] = np.log((features["rest_dynamic"] + 0.01) / (features["before_dynamic"] + 0.01))
    features["hit_energy_ratio"] = np.log((features["hit_dynamic"] + 0.01) / (features["before_dynamic"] + 0.01))
    return features
