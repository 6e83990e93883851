"""What each detector costs: a mixed batch of 10,000 readings of 10,000 residents, a tick over a million residents."""

from collections.abc import Callable, Iterable
from statistics import median
from time import perf_counter

import numpy as np
import pytest

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import HOUR, MINUTE, SECOND
from core.metrics import BY_NAME, metric_id
from core.readings import Intake, ReadingBatch
from detectors.base import Detector
from detectors.registry import create
from detectors.runtime import DetectorError, Runtime
from tests.support.rows import T0

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

ROUNDS = 15
READ = 10_000
MILLION = 1_000_000

MIX = {
    "heart_rate": (DeviceKind.WEARABLE, 72.0),
    "spo2": (DeviceKind.WEARABLE, 97.0),
    "steps": (DeviceKind.WEARABLE, 1200.0),
    "battery": (DeviceKind.WEARABLE, 80.0),
    "motion": (DeviceKind.MOTION, 1.0),
    "door_open": (DeviceKind.DOOR, 1.0),
    "room_temperature": (DeviceKind.CLIMATE, 21.0),
    "smoke": (DeviceKind.SMOKE, 0.0),
}
KINDS = tuple(dict.fromkeys(kind for kind, _ in MIX.values()))
ALL = "all of them"
NAMES = [detector.name for detector in create()]


def city(residents: int, kinds: tuple[DeviceKind, ...]) -> CareContext:
    """Residents from 1, each alone in a home with a device of each kind."""
    plan = CarePlan()
    return CareContext(
        {
            (number := (r - 1) * len(kinds) + place + 1): Device(number, "d", f"h{r}", r, kind, 3600, "")
            for r in range(1, residents + 1)
            for place, kind in enumerate(kinds)
        },
        {r: Resident(r, f"h{r}", plan) for r in range(1, residents + 1)},
    )


def batch(rng: np.random.Generator, start: int) -> Intake:
    """One reading each of READ residents, mixed, within a tenth of a second."""
    names = rng.choice(list(MIX), READ)
    resident = rng.permutation(READ) + 1
    place = np.array([KINDS.index(MIX[name][0]) for name in names])
    time = start + rng.integers(0, SECOND // 10, READ)
    return Intake.of(
        ReadingBatch.from_columns(
            device=(resident - 1) * len(KINDS) + place + 1,
            resident=resident,
            metric=[BY_NAME[name].id for name in names],
            time=time,
            value=[MIX[name][1] + rng.normal() * (MIX[name][0] is DeviceKind.WEARABLE) for name in names],
            arrival=time + SECOND // 20,
        )
    )


def named(name: str) -> Detector:
    return next(detector for detector in create() if detector.name == name)


def configure(detectors: Iterable[Detector], context: CareContext) -> None:
    for detector in detectors:
        detector.configure(context)


def milliseconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def fail(error: DetectorError) -> None:
    raise error


@pytest.mark.parametrize("name", [*NAMES, ALL])
def test_a_batch_of_ten_thousand_readings(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    runtime = Runtime(create() if name == ALL else [named(name)], city(READ, KINDS), on_failure=fail)
    runtime.tick(T0)
    times = []
    for turn in range(ROUNDS + 5):
        now = T0 + turn * MINUTE
        rows = batch(rng, now)
        # With the rows of the minute before, which have waited for their order until now.
        took = milliseconds(lambda: runtime.observe(rows, now + SECOND // 5))  # noqa: B023 - called at once
        took += milliseconds(lambda: runtime.tick(now + 59 * SECOND))  # noqa: B023 - called at once
        times.append(took)
    size = sum(map(len, runtime.snapshot().values()))
    with capsys.disabled():
        print(
            f"\n{name:16} {READ:,} readings: median {median(times[5:]):.1f} ms, snapshot {size / READ:.0f} B a resident"
        )


@pytest.fixture(scope="module")
def million() -> CareContext:
    return city(MILLION, (DeviceKind.MOTION,))


@pytest.mark.parametrize("name", [*NAMES, ALL])
def test_a_tick_over_a_million_residents(name: str, million: CareContext, capsys: pytest.CaptureFixture[str]) -> None:
    detectors = create() if name == ALL else (named(name),)
    configured = milliseconds(lambda: configure(detectors, million))
    for detector in detectors:
        detector.tick(T0)
    ids = np.arange(1, MILLION + 1)
    time = T0 + ids % HOUR
    seen = Intake.of(
        ReadingBatch.from_columns(
            device=ids, resident=ids, metric=np.full(MILLION, metric_id("motion")), time=time,
            value=np.ones(MILLION), arrival=time,
        )
    )  # fmt: skip
    reading = [detector for detector in detectors if metric_id("motion") in detector.metrics]
    observed = milliseconds(lambda: [detector.observe(seen, T0 + HOUR) for detector in reading])
    times = [
        milliseconds(lambda: [detector.tick(T0 + MINUTE + second * SECOND) for detector in detectors])  # noqa: B023
        for second in range(ROUNDS)
    ]
    one_more = CareContext(million.devices, {**million.residents, MILLION + 1: Resident(MILLION + 1, "h", CarePlan())})
    joined = milliseconds(lambda: configure(detectors, one_more))
    size, took = 0, 0.0
    for detector in detectors:
        snapshots: list[bytes] = []
        took += milliseconds(lambda: snapshots.append(detector.snapshot()))  # noqa: B023 - called at once
        size += len(snapshots[0])
    with capsys.disabled():
        print(
            f"\n{name:16} tick over {MILLION:,} residents: median {median(times):.1f} ms, most {max(times):.1f} ms;"
            f" configure {configured / 1000:.1f} s, for one more {joined / 1000:.1f} s,"
            f" a reading of each {observed:.0f} ms, snapshot {took:.0f} ms, {size / MILLION:.0f} B a resident"
        )
