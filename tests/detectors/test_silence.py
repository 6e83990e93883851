"""What `detectors.silence` puts off, and what it works out for many homes at once, changes nothing."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.clock import HOUR, MINUTE
from core.readings import Bool, Int64
from detectors.silence import Change, Silence
from tests.support.rows import T0

HOMES = 6


@dataclass(frozen=True)
class Town:
    home: Int64
    interval: Int64
    critical: Bool

    def silence(self) -> Silence:
        made = Silence(MINUTE)
        made.align(np.arange(1, len(self.home) + 1), self.interval, self.home, self.critical)
        made.begin(T0)
        return made


def town(rng: np.random.Generator) -> Town:
    """Homes with one to five devices of all intervals, and devices of nobody."""
    home = np.repeat(np.append(np.arange(HOMES), -1), rng.integers(1, 6, HOMES + 1))
    interval = rng.choice([0, 10 * MINUTE, 30 * MINUTE, HOUR], len(home))
    return Town(home, interval, rng.random(len(home)) < 0.3)


def rows(rng: np.random.Generator, at: Town, start: int) -> tuple[Int64, Int64, Int64, Bool]:
    """Messages of ten minutes, by event time. Some devices, and now and then whole homes, say nothing for a while."""
    hour = start // (2 * HOUR)
    mute = np.random.default_rng(hour).random(len(at.home)) < 0.3
    mute |= np.isin(at.home, np.flatnonzero(np.random.default_rng(hour + 1).random(HOMES) < 0.3))
    row = rng.choice(np.append(np.flatnonzero(~mute), 0), 12)
    time = np.sort(start + rng.integers(0, 10 * MINUTE, 12))
    return row, time, time + MINUTE // 2, rng.random(12) < 0.95


@pytest.mark.parametrize("seed", range(15))
def test_what_is_put_off_is_found_when_it_was_to_be(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at = town(rng)
    lazy, thorough = at.silence(), at.silence()
    found: list[list[Change]] = [[], []]
    for step in range(150):
        start = T0 + step * 10 * MINUTE
        given = rows(rng, at, start)
        for silence, changes in ((lazy, found[0]), (thorough, found[1])):
            changes += silence.hear(*given)
            if silence is thorough:
                silence.load(*silence.dump())  # all is worked out anew
                silence.begin(T0)
            changes += silence.due(start + 8 * MINUTE)
    assert found[0] == found[1]
    assert {change.what for change in found[0]} >= {"device", "home"}


def test_homes_that_fall_silent_together_are_told_as_each_would_be_alone() -> None:
    rng = np.random.default_rng(7)
    at = town(rng)
    whole = at.silence()
    count = len(at.home)
    heard = T0 + rng.integers(1, MINUTE, count)
    whole.hear(np.arange(count), heard, heard, np.ones(count, np.bool_))
    together = whole.due(T0 + 10 * HOUR)
    apart: list[Change] = []
    for home in range(HOMES):
        own = at.home == home
        alone = Silence(MINUTE)
        alone.align(np.flatnonzero(own) + 1, at.interval[own], at.home[own], at.critical[own])
        alone.begin(T0)
        alone.hear(np.arange(own.sum()), heard[own], heard[own], np.ones(own.sum(), np.bool_))
        apart += alone.due(T0 + 10 * HOUR)
    assert sorted(together, key=repr) == sorted(apart, key=repr)
    assert any(change.what == "home" for change in apart)
