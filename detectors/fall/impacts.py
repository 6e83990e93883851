"""From samples to judged impacts: each candidate with the probability that it was a fall, and its facts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.clock import SECOND
from detectors.fall.features import (
    AT_PEAK,
    BEFORE,
    FINE_STEP,
    PHASES,
    Piece,
    candidates,
    extract,
    phases,
    resample,
    still_seconds,
    windows,
)
from detectors.fall.model import FallModel

_ONE_FALL = 10 * SECOND
"""Impacts no further apart than this are one fall: the bounce, the arm after the body."""


@dataclass(frozen=True, slots=True)
class Impact:
    """An impact that was judged.

    time: micros. probability: of a fall. peak_mg: magnitude. dip_mg: least magnitude in the 1.2 s before.
    posture_degrees: between the directions of gravity before and after. still_seconds: of the four seconds that begin
    one second later.
    """

    time: int
    probability: float
    peak_mg: int
    dip_mg: int
    posture_degrees: int
    still_seconds: float


def judge(pieces: Sequence[Piece], model: FallModel, start: int | None = None, end: int | None = None) -> list[Impact]:
    """Judge the candidate impacts of pieces (ascending), or only those from `start` to before `end` (micros).

    The probability is the mean over windows at all phases of the working rate, so that a borderline impact does not
    depend on where a device's clock put its samples; the facts are those of the window at the peak.
    """
    run = resample(pieces)
    at = candidates(run.magnitude)
    times = run.start + at * FINE_STEP
    wanted = np.ones(len(at), np.bool_)
    if start is not None:
        wanted &= times >= start
    if end is not None:
        wanted &= times < end
    at, times = at[wanted], times[wanted]
    if len(at) == 0:
        return []
    acceleration, present = windows(run, phases(run, at).ravel())
    features = extract(acceleration, present)
    probability = model.probability(features).reshape(-1, PHASES).mean(axis=1).round(4)
    peaks = slice(AT_PEAK, None, PHASES)
    acceleration, present = acceleration[peaks], present[peaks]
    return [
        Impact(int(time), float(probability), round(1000 * peak), round(1000 * dip), round(posture), float(still))
        for time, probability, peak, dip, posture, still in zip(
            times,
            probability,
            np.linalg.norm(acceleration[:, BEFORE], axis=1).tolist(),
            features["dip"][peaks].tolist(),
            features["posture_before_rest"][peaks].tolist(),
            still_seconds(acceleration, present),
            strict=True,
        )
    ]


def falls(impacts: Sequence[Impact], threshold: float) -> list[Impact]:
    """Of the impacts (ascending) that reach the threshold, the most probable of each fall; of equals the earliest."""
    chosen: list[Impact] = []
    last = None
    for impact in impacts:
        if impact.probability < threshold:
            continue
        if last is None or impact.time - last > _ONE_FALL:
            chosen.append(impact)
        elif impact.probability > chosen[-1].probability:
            chosen[-1] = impact
        last = impact.time
    return chosen
