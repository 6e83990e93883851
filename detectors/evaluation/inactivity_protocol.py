"""How long a silence lasts until the inactivity detector speaks, in real homes, played to the detector itself.

Each home is learnt online, by the detector, from its own past alone. At chosen events the detector's state is kept as a
snapshot, and from it the moment is read at which a silence from there on would be found: at random events as if nothing
happened afterwards (a cut: what a person who falls looks like), at the events before a real silence to see whether it
would have been found before it ended (a false alert). A snapshot can be judged at any operating point, because what the
detector learns does not depend on what it raises.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.clock import DAY, HOUR
from core.readings import Float64, Int64, Intake, ReadingBatch
from detectors.evaluation.inactivity_homes import Homes
from detectors.evaluation.recordings import RecordingsError
from detectors.inactivity import LONGEST, SHORTEST, Inactivity

SET_ASIDE_H = 48.0
"""Silences longer than this are set aside, with their time: nobody is at home, or the sensors are dead."""


@dataclass(frozen=True, slots=True, eq=False)
class Silences:
    """One home. Times are hours.

    days: recorded, without what is set aside. gap: float64[n], real silences of SHORTEST to SET_ASIDE_H.
    limit: float64[points, n], when each would have been found. delay: float64[points, cuts], from cut to finding.
    """

    home: str
    days: float
    gap: Float64
    limit: Float64
    delay: Float64

    def false_alerts(self) -> Int64:
        """At each operating point: int64[points]."""
        return np.asarray((self.limit < self.gap).sum(1))


def check(homes: Homes) -> None:
    """Raise RecordingsError where no home has any time that is not set aside."""
    if not any(recorded_days(homes, home) > 0 for home in range(len(homes))):
        raise RecordingsError(f"{homes.name}: no home has two events within {SET_ASIDE_H:.0f} h, nothing to measure")


def through_the_detector(
    homes: Homes, points: Sequence[float], cuts: int, seed: int, advance: Callable[[], None]
) -> list[Silences]:
    """Each home's silences at operating points (`survival` of Inactivity). `advance` is called `cuts` times or less.

    cuts: random events of each home at which its stream is cut, the same for the same seed, home and number.
    """
    marks, gaps, chosen = _marks(homes, cuts, seed)
    running = Inactivity()
    judges = [Inactivity(survival) for survival in points]
    for detector in (running, *judges):
        detector.configure(homes.context)
    residents = {n + 1: n for n in range(len(homes))}
    found = [np.full((len(points), len(readings)), np.nan) for readings in homes.readings]
    rounds = max(map(len, marks))
    for k in range(rounds):
        parts = [
            readings.take(np.arange(mark[k - 1] + 1 if k else 0, mark[k] + 1))
            for readings, mark in zip(homes.readings, marks, strict=True)
            if k < len(mark)
        ]
        batch = ReadingBatch.concatenate(parts)
        batch = batch.take(np.argsort(batch.time, kind="stable"))
        newest = int(batch.time[-1])
        running.observe(Intake.of(batch), newest)
        snapshot = running.snapshot()
        for point, judge in enumerate(judges):
            judge.restore(snapshot)
            for finding in judge.tick(newest + LONGEST + DAY):
                home = residents[finding.resident]
                if k < len(marks[home]):
                    at = marks[home][k]
                    found[home][point, at] = (finding.time - homes.readings[home].time[at]) / HOUR
        if k * cuts // rounds < (k + 1) * cuts // rounds:
            advance()
    silences = []
    for n, code in enumerate(homes.code):
        length = np.diff(homes.readings[n].time) / HOUR
        silences.append(
            Silences(code, recorded_days(homes, n), length[gaps[n]], found[n][:, gaps[n]], found[n][:, chosen[n]])
        )
    return silences


def fixed(homes: Homes, hours: float, cuts: int, seed: int) -> list[Silences]:
    """The plain baseline: the same limit for everybody, at all times."""
    return _baseline(homes, cuts, seed, lambda length: np.full(len(length) + 1, hours))


def own_longest(homes: Homes, factor: float, cuts: int, seed: int) -> list[Silences]:
    """A plain baseline: the longest silence in this home so far (of those not set aside), times a factor."""

    def limits(length: Float64) -> Float64:
        counted = np.where(length <= SET_ASIDE_H, length, 0.0)
        return np.asarray(factor * np.maximum.accumulate(np.concatenate(([SHORTEST / HOUR], counted))))

    return _baseline(homes, cuts, seed, limits)


def recorded_days(homes: Homes, home: int) -> float:
    """Days from the first to the last event of a home, without the silences that are set aside."""
    length = np.diff(homes.readings[home].time) / HOUR
    return float(length[length <= SET_ASIDE_H].sum()) / 24


def _baseline(homes: Homes, cuts: int, seed: int, limits: Callable[[Float64], Float64]) -> list[Silences]:
    _, gaps, chosen = _marks(homes, cuts, seed)
    silences = []
    for n, code in enumerate(homes.code):
        length = np.diff(homes.readings[n].time) / HOUR
        limit = limits(length)[np.newaxis]
        silences.append(
            Silences(code, recorded_days(homes, n), length[gaps[n]], limit[:, gaps[n]], limit[:, chosen[n]])
        )
    return silences


def _marks(homes: Homes, cuts: int, seed: int) -> tuple[list[Int64], list[Int64], list[Int64]]:
    """For each home: the events at which its state is kept, those before a real silence, and those of the cuts."""
    marks, gaps, chosen = [], [], []
    for code, readings in zip(homes.code, homes.readings, strict=True):
        length = np.diff(readings.time)
        gaps.append(np.flatnonzero((length > SHORTEST) & (length <= SET_ASIDE_H * HOUR)))
        # A home is cut at the same events whatever other homes the file has.
        rng = np.random.default_rng([seed, *code.encode()])
        chosen.append(np.sort(rng.integers(len(readings), size=cuts)))
        marks.append(np.union1d(gaps[-1], chosen[-1]))
    return marks, gaps, chosen
