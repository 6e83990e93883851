"""Acceleration to features: what they depend on, and what they do not."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SECOND
from core.readings import Int16
from detectors.fall.features import (
    BEFORE,
    FINE_STEP,
    PHASES,
    RATE,
    STEP,
    WINDOW,
    Piece,
    candidates,
    extract,
    resample,
    still_seconds,
    windows,
)
from device_sim.generated_falls import IMPACT_S, generate


def features_of(samples: Int16, rate: float = 50.0, time: int = 0) -> dict[str, float]:
    run = resample([Piece(time, rate, samples)])
    at = candidates(run.magnitude)
    strongest = at[[int(np.argmax(run.magnitude[at]))]]
    return {name: float(value[0]) for name, value in extract(*windows(run, strongest)).items()}


def wave(rate: float, seconds: float = 8.0) -> Int16:
    """A swing of 2 Hz, 400 mg, on gravity."""
    time = np.arange(round(rate * seconds)) / rate
    swing = 400 * np.sin(2 * np.pi * 2 * time)
    return np.stack([swing, np.zeros_like(time), np.full_like(time, 1000)], axis=1).round().astype(np.int16)


@pytest.mark.parametrize("rate", [15.0, 25.0, 50.0, 64.0, 100.0, 200.0])
def test_any_rate_comes_out_as_the_same_motion(rate: float) -> None:
    run = resample([Piece(7_000, rate, wave(rate))])
    moments = (run.start + np.arange(len(run.acceleration)) * FINE_STEP - 7_000) / SECOND
    expected = 0.4 * np.sin(2 * np.pi * 2 * moments)
    middle = slice(5 * PHASES, -10 * PHASES)
    # A linear interpolation of a sine at f sampled at r errs by at most (pi f / r)^2 / 2, and so does the average.
    tolerance = 0.4 * ((np.pi * 2 / rate) ** 2 / 2 + (np.pi * 2 / RATE) ** 2 / 2) + 0.002
    assert np.abs(run.acceleration[middle, 0] - expected[middle]).max() < tolerance
    assert run.present.all()
    assert run.start % FINE_STEP == 0


def test_an_average_never_exceeds_the_greatest_sample() -> None:
    rng = np.random.default_rng(1)
    samples = rng.integers(-4000, 4000, (500, 3)).astype(np.int16)
    greatest = np.linalg.norm(samples.astype(float), axis=1).max() / 1000
    assert resample([Piece(123, 77.0, samples)]).magnitude.max() <= greatest


def test_a_gap_is_not_made_up() -> None:
    samples = wave(50.0, 2.0)
    run = resample([Piece(0, 50.0, samples), Piece(5 * SECOND, 50.0, samples)])
    seconds = (run.start + np.arange(len(run.present)) * FINE_STEP) / SECOND
    assert not run.present[(seconds > 2.05) & (seconds < 4.95)].any()
    assert run.present[(seconds < 1.9) | (seconds > 5.05)].all()
    assert (run.acceleration[~run.present] == 0).all()


@given(cut=st.lists(st.integers(1, 499), min_size=1, max_size=12, unique=True), seed=st.integers(0, 20))
def test_cutting_a_recording_changes_nothing(cut: list[int], seed: int) -> None:
    samples = generate(seed).samples
    edges = [0, *sorted(cut), len(samples)]
    pieces = [Piece(start * STEP, 50.0, samples[start:end]) for start, end in pairwise(edges)]
    whole, joined = resample([Piece(0, 50.0, samples)]), resample(pieces)
    assert joined.start == whole.start
    assert np.array_equal(joined.acceleration, whole.acceleration)


def test_of_overlapping_pieces_the_earlier_counts() -> None:
    one, other = wave(50.0, 3.0), np.zeros((150, 3), np.int16)
    run = resample([Piece(0, 50.0, one), Piece(2 * SECOND, 50.0, other)])
    seconds = np.arange(len(run.acceleration)) / (RATE * PHASES)
    assert (run.acceleration[seconds < 2.9, 2] > 0.99).all()
    assert (run.acceleration[seconds > 3.05] == 0).all()


def test_too_few_samples_are_nothing() -> None:
    for count in (0, 1):
        assert len(resample([Piece(0, 50.0, np.zeros((count, 3), np.int16))]).acceleration) == 0
    assert len(candidates(np.empty(0))) == 0


def test_candidates_are_the_greatest_within_a_second() -> None:
    magnitude = np.ones(2000)
    magnitude[[400, 520, 1200, 1201, 1680]] = [2.0, 3.0, 2.5, 2.5, 1.5]
    assert candidates(magnitude).tolist() == [520, 1200]


@given(seed=st.integers(0, 1000))
def test_features_do_not_depend_on_how_the_device_sits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    samples = generate(seed % 7).samples.astype(np.float64)
    run = resample([Piece(0, 50.0, samples.astype(np.int16))])
    at = candidates(run.magnitude)
    acceleration, present = windows(run, at)
    straight, rotated = extract(acceleration, present), extract(acceleration @ turned, present)
    for name, value in straight.items():
        # An arc cosine near 0 degrees keeps half of the digits.
        assert np.allclose(value, rotated[name], atol=1e-4), name


def test_a_clip_in_its_own_length_or_within_a_longer_one_has_finite_features() -> None:
    samples = generate(3).samples
    impact = round(IMPACT_S * RATE)
    for before, after in ((10, 30), (50, 25), (200, 300)):
        found = features_of(samples[impact - before : impact + after])
        assert all(np.isfinite(value) for value in found.values())
        assert found["peak"] == pytest.approx(features_of(samples)["peak"], rel=0.05)


def test_features_mean_what_they_say() -> None:
    impact = BEFORE
    acceleration = np.zeros((1, WINDOW, 3))
    acceleration[0, :impact, 2] = 1.0
    acceleration[0, impact - 20 : impact, 2] = 0.3
    acceleration[0, impact] = (0.0, 0.0, 4.0)
    acceleration[0, impact + 1 :, 0] = 1.0
    present = np.ones((1, WINDOW), np.bool_)
    found = {name: float(value[0]) for name, value in extract(acceleration, present).items()}
    assert found["peak"] == pytest.approx(4.0)
    assert found["dip"] == pytest.approx(0.3)
    assert found["dip_speed"] == pytest.approx(0.7 * 20 / RATE)
    assert found["posture_before_rest"] == pytest.approx(90.0, abs=0.5)
    assert found["rest_deviation"] == pytest.approx(0.0, abs=1e-9)
    assert still_seconds(acceleration, present).tolist() == [4.0]


def test_moving_on_is_not_still() -> None:
    rng = np.random.default_rng(0)
    acceleration: npt.NDArray[np.float64] = np.zeros((1, WINDOW, 3))
    acceleration[..., 2] = 1.0 + 0.2 * rng.normal(size=(1, WINDOW))
    present = np.ones((1, WINDOW), np.bool_)
    assert still_seconds(acceleration, present).tolist() == [0.0]
    present[:, BEFORE + RATE :] = False
    acceleration[:, BEFORE + RATE :] = 0.0
    assert still_seconds(acceleration, present).tolist() == [0.0], "what was not seen is not stillness"
