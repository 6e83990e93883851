"""What the fall detector costs: a clip, a streamed block, and a model run; `make bench` prints it."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

import numpy as np
import pytest

from core.care import CareContext, Device, DeviceKind, Resident
from core.clock import HOUR
from core.readings import Intake
from detectors.fall import FallDetector
from detectors.fall.features import Piece, candidates, extract, phases, resample, windows
from detectors.fall.model import shipped
from device_sim.generated_falls import generate
from tests.support.falls import blocks, walk

pytestmark = pytest.mark.bench

START = 20_000 * 24 * HOUR
WATCHES = 400
SECONDS = 35
"""Longer than a stream's beginning is waited for, so that the memory is that of a stream that goes on."""


def detector() -> FallDetector:
    made = FallDetector()
    people = range(1, WATCHES + 1)
    made.configure(
        CareContext(
            {n: Device(n, f"w{n}", "h", n, DeviceKind.WEARABLE, 0) for n in people},
            {n: Resident(n, f"h{n}") for n in people},
        )
    )
    return made


def micros(work: Callable[[], object], times: int = 200) -> float:
    spent = []
    for _ in range(times):
        start = perf_counter()
        work()
        spent.append(perf_counter() - start)
    return median(spent) * 1e6


def test_a_clip(capsys: pytest.CaptureFixture[str]) -> None:
    piece = Piece(START, 50.0, generate(1).samples)
    run = resample([piece])
    around = windows(run, phases(run, candidates(run.magnitude)).ravel())
    features = extract(*around)
    with capsys.disabled():
        print("\nfall, a clip of 10 s at 50 Hz with an impact, median:")
        for what, work in (
            ("resampling", lambda: resample([piece])),
            ("features", lambda: extract(*around)),
            ("model", lambda: shipped().probability(features)),
        ):
            print(f"  {what:<12}{micros(work):8.0f} us")


@pytest.mark.parametrize(("what", "share"), [("walk with an impact now and then", 1.0), ("sit and walk gently", 0.4)])
def test_a_second_of_many_streams(what: str, share: float, capsys: pytest.CaptureFixture[str]) -> None:
    made = detector()
    samples = [np.rint(walk(n, SECONDS) * share + [0, 0, 1000 * (1 - share)]).astype(np.int16) for n in range(20)]
    each = [
        [b for n in range(1, WATCHES + 1) for b in [blocks(samples[n % 20], START, device=n, resident=n)[second]]]
        for second in range(SECONDS)
    ]
    spent = []
    for sent in each:
        start = perf_counter()
        made.observe(Intake.of(waveforms=sent), max(b.arrival for b in sent))
        spent.append(perf_counter() - start)
    size = len(made.snapshot())
    with capsys.disabled():
        print(f"\nfall, blocks of 1 s of {WATCHES} watches of people who {what}:")
        print(f"  median {np.median(spent) * 1e6 / WATCHES:.0f} us a block")
        print(f"  snapshot {size / WATCHES / 1024:.1f} KiB a watch")
