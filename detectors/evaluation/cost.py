"""What detectors cost: time and memory, each time beside a fixed piece of NumPy work done in the same run.

A machine that others share is now quick, now slow; the ratio to the reference moves less than the milliseconds.
"""

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import msgspec
import numpy as np

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.metrics import metric_id
from core.readings import Int64, Intake, ReadingBatch, Waveform
from detectors.base import Detector
from detectors.fall import FallDetector
from detectors.registry import create
from detectors.runtime import DetectorError, Runtime

READINGS = 10_000
RESIDENTS = 1_000_000
_ROUNDS = 25
_WARM_UP = 5
_STREAMS = 50
_STREAM_S = 30
_STREAM_RATE = 50.0
_SEED = 1
_START = 20_000 * DAY

_MIX = {
    "heart_rate": (DeviceKind.WEARABLE, 72.0, 1.0),
    "spo2": (DeviceKind.WEARABLE, 97.0, 1.0),
    "steps": (DeviceKind.WEARABLE, 1200.0, 1.0),
    "battery": (DeviceKind.WEARABLE, 80.0, 1.0),
    "motion": (DeviceKind.MOTION, 1.0, 0.0),
    "door_open": (DeviceKind.DOOR, 1.0, 0.0),
    "room_temperature": (DeviceKind.CLIMATE, 21.0, 0.0),
    "smoke": (DeviceKind.SMOKE, 0.0, 0.0),
}
"""Metric to the kind of device that sends it, its value, and that value's standard deviation."""

KINDS = tuple(dict.fromkeys(kind for kind, _, _ in _MIX.values()))
_WATCHED_BY = (DeviceKind.WEARABLE, DeviceKind.MOTION)
"""What each of many residents has. Of every other home the motion sensor speaks only when somebody moves, so that when
all is silent half of the homes are silent and in half of them a person is."""

RUNTIME = "shared: order, columns"
ALL = "all together"
COLUMNS = (
    "detector", "observe", "tick, little due", "tick, all due", "configure", "… for one more", "snapshot",
    "memory B", "snapshot B",
)  # fmt: skip
LEGEND = (
    "Milliseconds, in brackets as a multiple of the reference. observe: a batch of {readings:,} readings of as many "
    "residents, one each, of eight metrics, with the rows of the minute before, which have waited for their order "
    "(median of {rounds}). tick: over {residents:,} residents, each with a watch and a motion sensor; little due: a "
    "second of a quiet night (median of {rounds}); all due: the slower of the tick that judges a reading of everybody "
    "and the one, days later, that finds all of them silent at once. configure: of a care context with as many "
    "residents, and then of another with one more. memory B, snapshot B: bytes a resident with five devices, after "
    "the batches of observe. shared: what is done for all of them (rows in order, the care context as columns), and "
    "kept to rebuild one that fails."
)
Advance = Callable[[], None]
Step = Callable[[str, int], Advance]


class Timing(msgspec.Struct, frozen=True):
    """ms: milliseconds. ratio: multiple of the reference, which was measured in the same run."""

    ms: float
    ratio: float


class Cost(msgspec.Struct, frozen=True):
    """One row of the table. memory_bytes, snapshot_bytes: a resident. None: not measured apart."""

    detector: str
    observe: Timing
    memory_bytes: float
    snapshot_bytes: float
    tick: Timing | None = None
    tick_all_due: Timing | None = None
    configure: Timing | None = None
    configure_one_more: Timing | None = None
    snapshot: Timing | None = None


class Report(msgspec.Struct, frozen=True):
    """What `kanhu evaluate cost --json` prints. command: that made it.

    reference_batch_ms, reference_tick_ms: one stable sort and a gather of five columns, of `readings` rows beside
    observe, of `residents` rows beside all else. stream_bytes: memory of one watch that streams.
    """

    protocol: str
    legend: str
    command: str
    readings: int
    residents: int
    reference_batch_ms: float
    reference_tick_ms: float
    stream_bytes: float
    rows: list[Cost]


def measure(command: str, step: Step, readings: int = READINGS, residents: int = RESIDENTS) -> Report:
    """All detectors. step: told (what, parts), gives what to call after each part."""
    batch_reference, observed = _observe(readings, step("observe a batch", _ROUNDS))
    tick_reference, ticked = _tick(residents, step("tick over many residents", len(create())))
    memory, snapshots = _bytes(readings, step("memory", len(create()) + 1))
    rows = [
        Cost(
            name,
            _timing(observed[name], batch_reference),
            memory[name],
            snapshots[name],
            **{what: _timing(ms, tick_reference) for what, ms in ticked.get(name, {}).items()},
        )
        for name in observed
    ]
    return Report(
        f"Protocol: a mixed batch of {readings:,} readings of {readings:,} residents, and a tick over {residents:,} "
        "residents, made up (seeded), through the detectors as ingest runs them, on one core. Reference in this run: "
        f"a stable sort and a gather of five columns, of the batch {batch_reference:.2f} ms, of {residents:,} rows "
        f"{tick_reference:.0f} ms.",
        LEGEND.format(readings=readings, residents=residents, rounds=_ROUNDS - _WARM_UP),
        command,
        readings,
        residents,
        batch_reference,
        tick_reference,
        _stream_bytes(),
        rows,
    )


def cells(row: Cost) -> tuple[str, ...]:
    """One row of the table, in the order of COLUMNS."""
    timings = (
        row.observe, row.tick, row.tick_all_due, row.configure, row.configure_one_more, row.snapshot,
    )  # fmt: skip
    return (
        row.detector,
        *("–" if t is None else f"{t.ms:,.{1 if t.ms < 100 else 0}f} (×{t.ratio:.2f})" for t in timings),
        f"{row.memory_bytes:,.0f}",
        f"{row.snapshot_bytes:,.0f}",
    )


def stream_in_words(report: Report) -> str:
    """The line below the table."""
    return (
        f"A watch that streams {_STREAM_RATE:.0f} samples a second costs {report.stream_bytes:,.0f} B of memory more."
    )


def city(residents: int, kinds: Sequence[DeviceKind]) -> CareContext:
    """Residents from 1 on, each alone in a home with one device of each kind; see _WATCHED_BY."""
    plan = CarePlan()
    return CareContext(
        {
            (number := (r - 1) * len(kinds) + place + 1): Device(
                number, f"d{number}", f"h{r}", r, kind, 0 if kind is DeviceKind.MOTION and r % 2 else 3600
            )
            for r in range(1, residents + 1)
            for place, kind in enumerate(kinds)
        },
        {r: Resident(r, f"h{r}", plan) for r in range(1, residents + 1)},
    )


def mixed_batch(rng: np.random.Generator, start: int, readings: int = READINGS) -> Intake:
    """One reading of each resident of `city(readings, …)`, mixed, within a tenth of a second from `start` (micros)."""
    kinds, values, spreads = zip(*_MIX.values(), strict=True)
    what = rng.integers(0, len(_MIX), readings)
    resident = rng.permutation(readings) + 1
    time = start + rng.integers(0, SECOND // 10, readings)
    place = np.array([KINDS.index(kind) for kind in kinds])[what]
    return Intake.of(
        ReadingBatch.from_columns(
            device=(resident - 1) * len(KINDS) + place + 1,
            resident=resident,
            metric=np.array([metric_id(name) for name in _MIX])[what],
            time=time,
            value=np.array(values)[what] + np.round(rng.normal(size=readings)) * np.array(spreads)[what],
            arrival=time + SECOND // 20,
        )
    )


def _observe(readings: int, advance: Advance) -> tuple[float, dict[str, float]]:
    """Milliseconds of the reference, and of each detector, what they share, and all, for one batch."""
    rng = np.random.default_rng(_SEED)
    spent: dict[str, list[float]] = {detector.name: [] for detector in create()}

    def note(detector: str, step: str, seconds: float) -> None:
        spent[detector][-1] += seconds * 1000

    runtime = Runtime(create(), city(readings, KINDS), on_failure=_fail, on_duration=note)
    reference, everything = [], []
    for turn in range(_ROUNDS):
        for times in spent.values():
            times.append(0.0)
        now = _START + turn * MINUTE
        rows = mixed_batch(rng, now, readings)
        reference.append(_reference(rows.readings.device))
        start = perf_counter()
        runtime.observe(rows, now + SECOND // 5)
        runtime.tick(now + 59 * SECOND)
        everything.append((perf_counter() - start) * 1000)
        advance()
    spent[RUNTIME] = [
        every - sum(own) for every, own in zip(everything, zip(*spent.values(), strict=True), strict=True)
    ]
    spent[ALL] = everything
    return median(reference[_WARM_UP:]), {name: median(times[_WARM_UP:]) for name, times in spent.items()}


_TICK_FIGURES = ("tick", "tick_all_due", "configure", "configure_one_more", "snapshot")


def _tick(residents: int, advance: Advance) -> tuple[float, dict[str, dict[str, float]]]:
    """Milliseconds of the reference, and of each detector, what they share, and all, by _TICK_FIGURES."""
    context = city(residents, _WATCHED_BY)
    # A context read anew shares no object with the one before.
    one_more = city(residents + 1, _WATCHED_BY)
    rows = _reading_of_everybody(residents)
    reference = median(_reference(rows.readings.device[::2]) for _ in range(_WARM_UP))
    figures = {
        RUNTIME: {
            "configure": _milliseconds(lambda: context.columns),
            "configure_one_more": _milliseconds(lambda: one_more.columns),
        }
    }
    for detector in create():
        figures[detector.name] = _over_many(detector, context, one_more, rows)
        gc.collect()
        advance()
    figures[ALL] = {what: sum(own.get(what, 0.0) for own in figures.values()) for what in _TICK_FIGURES}
    return reference, figures


def _over_many(detector: Detector, context: CareContext, one_more: CareContext, rows: Intake) -> dict[str, float]:
    configure = _milliseconds(lambda: detector.configure(context))
    detector.tick(_START)
    own = np.isin(rows.readings.metric, list(detector.metrics))
    detector.observe(Intake.of(rows.readings.take(own)), _START + HOUR)
    judged = _milliseconds(lambda: detector.tick(_START + HOUR + 2 * MINUTE))
    ticks = [
        _milliseconds(lambda: detector.tick(_START + HOUR + 2 * MINUTE + second * SECOND))  # noqa: B023 - called at once
        for second in range(1, _ROUNDS - _WARM_UP + 1)
    ]
    snapshot = _milliseconds(detector.snapshot)
    joined = _milliseconds(lambda: detector.configure(one_more))
    silent = _milliseconds(lambda: detector.tick(_START + 10 * DAY))
    return dict(zip(_TICK_FIGURES, (median(ticks), max(judged, silent), configure, joined, snapshot), strict=True))


def _reading_of_everybody(residents: int) -> Intake:
    """A heart rate and a motion of each resident of `city(residents, _WATCHED_BY)`, within an hour, in order."""
    device = np.arange(1, 2 * residents + 1)
    time = np.sort(_START + np.random.default_rng(_SEED).integers(0, HOUR, 2 * residents))
    return Intake.of(
        ReadingBatch.from_columns(
            device=device,
            resident=(device + 1) // 2,
            metric=np.where(device % 2, metric_id("heart_rate"), metric_id("motion")),
            time=time,
            value=np.where(device % 2, 72.0, 1.0),
            arrival=time + SECOND,
        )
    )


def _bytes(readings: int, advance: Advance) -> tuple[dict[str, float], dict[str, float]]:
    """Bytes a resident in memory and in a snapshot: of each detector, what they share, and all."""
    context = city(readings, KINDS)
    columns = _held(lambda: context.columns) / readings
    memory, snapshot = {}, {}
    for detector in create():
        memory[detector.name] = _held(lambda d=detector: _fed(d, context, readings)) / readings  # type: ignore[misc]
        snapshot[detector.name] = len(detector.snapshot()) / readings
        advance()
    runtimes: list[Runtime] = []
    held = _held(lambda: runtimes.append(_fed_runtime(context, readings))) / readings + columns
    whole = sum(map(len, runtimes[0].snapshot().values())) / readings
    advance()
    memory |= {RUNTIME: held - sum(memory.values()), ALL: held}
    snapshot |= {RUNTIME: whole - sum(snapshot.values()), ALL: whole}
    return memory, snapshot


def _fed(detector: Detector, context: CareContext, readings: int) -> None:
    rng = np.random.default_rng(_SEED)
    detector.configure(context)
    for turn in range(_WARM_UP):
        now = _START + turn * MINUTE
        rows = mixed_batch(rng, now, readings).readings
        rows = rows.take(np.isin(rows.metric, list(detector.metrics)))
        detector.observe(Intake.of(rows.take(np.argsort(rows.time, kind="stable"))), now + MINUTE)
        detector.tick(now + MINUTE)


def _fed_runtime(context: CareContext, readings: int) -> Runtime:
    rng = np.random.default_rng(_SEED)
    runtime = Runtime(create(), context, on_failure=_fail)
    for turn in range(_WARM_UP):
        now = _START + turn * MINUTE
        runtime.observe(mixed_batch(rng, now, readings), now + SECOND)
        runtime.tick(now + 59 * SECOND)
    runtime.snapshot()  # as ingest does every few seconds, and with it what was shown since is forgotten
    return runtime


def _stream_bytes() -> float:
    """Bytes of memory that a streaming watch costs, of the detectors that see waveforms."""
    rng = np.random.default_rng(_SEED)
    detector = FallDetector()
    detector.configure(city(_STREAMS, (DeviceKind.WEARABLE,)))

    def stream() -> None:
        for second in range(_STREAM_S):
            time = _START + second * SECOND
            blocks = []
            for number in range(1, _STREAMS + 1):
                samples = rng.normal((0, 0, 1000), 20, (int(_STREAM_RATE), 3)).astype(np.int16)
                blocks.append(Waveform(number, number, time, _STREAM_RATE, samples, time + SECOND))
            detector.observe(Intake.of(waveforms=blocks), time + SECOND)

    return _held(stream) / _STREAMS


def _held(work: Callable[[], object]) -> float:
    """Bytes that are allocated in `work` and still held after it."""
    gc.collect()
    tracemalloc.start()
    work()
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(held)


def _reference(ids: np.ndarray) -> float:
    """Milliseconds of a stable sort of these ids, in a seeded shuffle, and a gather of five columns."""
    shuffled: Int64 = np.random.default_rng(_SEED).permutation(ids).astype(np.int64)
    columns = [shuffled + n for n in range(5)]

    def work() -> None:
        order = np.argsort(shuffled, kind="stable")
        for column in columns:
            column[order]

    return _milliseconds(work)


def _milliseconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def _timing(ms: float, reference: float) -> Timing:
    return Timing(ms, ms / reference)


def _fail(error: DetectorError) -> None:
    raise error
