"""The runtime: what reaches a detector and in what order, and what one that fails does to the others."""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.care import CareContext
from core.clock import SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, PositionBatch, ReadingBatch
from detectors.base import SnapshotError
from detectors.reorder import ReorderBuffer, in_order
from detectors.runtime import DetectorError, Runtime
from detectors.state import pack, unpack
from tests.support.rows import T0, position, readings, waveform

SOS = metric_id("sos")
MOTION = metric_id("motion")
LATENESS = 10 * SECOND


class Poison(Exception):
    """What the detectors of this test raise."""


class Recorder:
    """Notes each row it sees and says one finding for it; raises at the value 13, and half changes its state first."""

    name: ClassVar[str] = "recorder"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset({MOTION})
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 0

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, float]] = []
        self.fixes = 0
        self.clips = 0
        self.context: CareContext | None = None
        self.fails_in_tick = False

    def configure(self, context: CareContext) -> None:
        self.context = context

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        self.fixes += len(intake.positions)
        self.clips += len(intake.waveforms)
        batch = intake.readings
        findings = []
        for resident, time, value in zip(
            batch.resident.tolist(), batch.time.tolist(), batch.value.tolist(), strict=True
        ):
            if value == 13.0:
                raise Poison
            self.rows.append((resident, time - T0, value))
            findings.append(self.finding(resident, time))
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        if self.fails_in_tick:
            raise Poison
        return [self.finding(1, now)]

    def snapshot(self) -> bytes:
        return pack(self.name, self.version, self.rows)

    def restore(self, snapshot: bytes) -> None:
        self.rows = unpack(self.name, self.version, snapshot, list[tuple[int, int, float]])

    def finding(self, resident: int, time: int) -> Finding:
        return Finding(
            Kind.SOS, Queue.CARE, Severity.LOW, resident, 0, time, self.name, self.version, str(time), "sos-pressed"
        )


class Late(Recorder):
    name: ClassVar[str] = "late"
    metrics: ClassVar[frozenset[int]] = frozenset({MOTION, SOS})
    positions: ClassVar[bool] = True
    waveforms: ClassVar[bool] = True
    lateness: ClassVar[int] = LATENESS


class Health(Recorder):
    name: ClassVar[str] = "device_health"


def batch(*rows: tuple[int, int, float], metric: int = MOTION) -> Intake:
    """Readings from (resident, seconds after T0, value)."""
    return Intake.of(
        ReadingBatch.from_columns(
            device=[10 + r for r, _, _ in rows],
            resident=[r for r, _, _ in rows],
            metric=[metric] * len(rows),
            time=[T0 + s * SECOND for _, s, _ in rows],
            value=[v for _, _, v in rows],
            arrival=[T0 + s * SECOND for _, s, _ in rows],
        )
    )


def at(seconds: int) -> int:
    return T0 + seconds * SECOND


def running(*detectors: Recorder) -> tuple[Runtime, list[DetectorError]]:
    failures: list[DetectorError] = []
    return Runtime(detectors, CareContext(), on_failure=failures.append), failures


def seconds_of(detector: Recorder) -> list[float]:
    return [time / SECOND for _, time, _ in detector.rows]


def test_a_detector_gets_what_it_reads_and_nothing_else() -> None:
    recorder, late = Recorder(), Late()
    runtime, _ = running(recorder, late)
    rows = Intake(
        readings([(1, MOTION, T0, 1.0), (1, SOS, T0, 1.0), (1, metric_id("battery"), T0, 50.0)]),
        position(1, T0),
        (waveform(1, T0),),
    )
    runtime.observe(rows, at(60))
    assert (len(recorder.rows), recorder.fixes, recorder.clips) == (1, 0, 0)
    assert (len(late.rows), late.fixes, late.clips) == (2, 1, 1)


def test_rows_of_nobody_reach_device_health_alone() -> None:
    recorder, late, health = Recorder(), Late(), Health()
    runtime, _ = running(recorder, late, health)
    nobodys = PositionBatch.from_columns(
        device=[1], resident=[0], time=[T0], latitude=[0], longitude=[0], accuracy=[1], source=[0], arrival=[T0]
    )
    runtime.observe(Intake(batch((0, 0, 1.0), (2, 0, 1.0)).readings, nobodys, ()), at(60))
    assert [r for r, _, _ in recorder.rows] == [2]
    assert [r for r, _, _ in late.rows] == [2]
    assert late.fixes == 0
    assert sorted(r for r, _, _ in health.rows) == [0, 2]


def test_one_that_answers_at_once_is_not_kept_waiting_and_the_others_are() -> None:
    recorder, late = Recorder(), Late()
    runtime, _ = running(recorder, late)
    findings = runtime.observe(batch((1, 5, 1.0), (1, 3, 1.0)), at(5))
    assert seconds_of(recorder) == [3, 5]
    assert late.rows == []
    assert len(findings) == 2
    runtime.observe(batch((1, 4, 1.0)), at(6))
    runtime.tick(at(13) - 1)
    assert late.rows == []
    runtime.tick(at(14))
    assert seconds_of(late) == [3, 4]
    runtime.tick(at(15))
    assert seconds_of(late) == [3, 4, 5]


def test_a_row_from_long_ago_passes_straight_through() -> None:
    late = Late()
    runtime, _ = running(late)
    runtime.observe(batch((1, 100, 1.0)), at(110))
    runtime.observe(batch((1, 2, 1.0)), at(111))
    assert seconds_of(late) == [100, 2]


def test_rows_are_not_changed_and_may_be_read_only() -> None:
    runtime, _ = running(Recorder(), Late())
    rows = batch((2, 5, 1.0), (1, 3, 1.0))
    rows.readings.time.setflags(write=False)
    before = rows.readings.time.copy()
    runtime.observe(rows, at(60))
    assert np.array_equal(rows.readings.time, before)


def test_a_new_context_reaches_everybody() -> None:
    detectors = Recorder(), Late()
    runtime, _ = running(*detectors)
    context = CareContext()
    runtime.configure(context)
    assert all(d.context is context for d in detectors)


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="recorder"):
        running(Recorder(), Recorder())


def test_time_is_reported_by_detector_and_step() -> None:
    durations: list[tuple[str, str, float]] = []
    runtime = Runtime(
        [Recorder()],
        CareContext(),
        on_failure=lambda error: pytest.fail(str(error)),
        on_duration=lambda *measured: durations.append(measured),
    )
    runtime.observe(batch((1, 0, 1.0)), at(0))
    runtime.tick(at(1))
    assert [(name, step) for name, step, _ in durations] == [("recorder", "observe"), ("recorder", "tick")]
    assert all(seconds >= 0 for _, _, seconds in durations)


# One that fails ------------------------------------------------------------------------------------------------------


def test_a_row_it_cannot_take_costs_one_resident_one_batch() -> None:
    recorder, late = Recorder(), Late()
    runtime, failures = running(recorder, late)
    runtime.observe(batch((5, 0, 1.0), (6, 0, 1.0)), at(0))
    rows = batch(*((r, 20, 13.0 if r == 6 else 1.0) for r in range(1, 10)))
    findings = runtime.observe(rows, at(20))
    assert {f.resident for f in findings if f.detector == "recorder"} == set(range(1, 10)) - {6}
    assert [(f.detector, f.step, f.resident) for f in failures] == [("recorder", "observe", 6)]
    assert isinstance(failures[0].__cause__, Poison)
    assert sorted(r for r, _, _ in recorder.rows) == sorted([5, 6, *(r for r in range(1, 10) if r != 6)])
    assert runtime.set_aside == frozenset()
    assert len(runtime.observe(batch((6, 21, 1.0)), at(21))) == 1


def test_its_state_is_what_it_was_before_the_batch_also_after_a_snapshot() -> None:
    recorder = Recorder()
    runtime, failures = running(recorder)
    runtime.observe(batch((1, 0, 1.0)), at(0))
    runtime.snapshot()
    runtime.observe(batch((2, 1, 1.0)), at(1))
    runtime.observe(batch((3, 2, 1.0), (4, 2, 13.0), (5, 2, 1.0)), at(2))
    runtime.observe(batch((6, 3, 1.0), (4, 3, 13.0)), at(3))
    assert sorted(r for r, _, _ in recorder.rows) == [1, 2, 3, 5, 6]
    assert [f.resident for f in failures] == [4, 4]


def test_the_others_go_on_where_one_fails_for_good() -> None:
    broken, late = Recorder(), Late()
    runtime, failures = running(broken, late)
    runtime.observe(batch((1, 0, 1.0)), at(0))
    kept = runtime.snapshot()
    broken.fails_in_tick = True
    findings = runtime.tick(at(30))
    assert {f.detector for f in findings} == {"late"}
    assert [(f.step, f.resident) for f in failures] == [("tick", None)]
    assert runtime.set_aside == {"recorder"}
    assert {f.detector for f in runtime.observe(batch((1, 31, 1.0)), at(60))} == {"late"}
    assert len(failures) == 1
    assert set(runtime.snapshot()) == {"late"}
    # What was stored last is still good: a mended one starts there.
    mended = Recorder()
    again, _ = running(mended)
    assert again.restore(kept) == {}
    assert seconds_of(mended) == [0]


def test_a_detector_that_cannot_be_taken_back_is_set_aside() -> None:
    class Stubborn(Recorder):
        def restore(self, snapshot: bytes) -> None:
            raise Poison

    runtime, failures = running(Stubborn(), Late())
    assert runtime.observe(batch((1, 0, 13.0)), at(0)) == []
    assert [(f.detector, f.step) for f in failures] == [("recorder", "rebuild")]
    assert runtime.set_aside == {"recorder"}


def test_a_snapshot_that_fails_is_left_out_and_the_detector_goes_on() -> None:
    class Forgetful(Recorder):
        taken = 0

        def snapshot(self) -> bytes:
            self.taken += 1
            if self.taken > 1:
                raise Poison
            return super().snapshot()

    runtime, failures = running(Forgetful(), Late())
    assert set(runtime.snapshot()) == {"late"}
    assert [(f.detector, f.step) for f in failures] == [("recorder", "snapshot")]
    assert len(runtime.observe(batch((1, 0, 1.0)), at(0))) == 1


def test_what_is_no_failure_of_a_detector_is_passed_on() -> None:
    class Hungry(Recorder):
        def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
            raise MemoryError

    runtime, failures = running(Hungry())
    with pytest.raises(MemoryError):
        runtime.observe(batch((1, 0, 1.0)), at(0))
    assert failures == []


def test_a_long_run_without_snapshots_keeps_no_long_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detectors.runtime._LOG_ROWS", 3)
    recorder = Recorder()
    runtime, failures = running(recorder)
    rows = [batch((n, n, 1.0)) for n in range(1, 9)]
    counted = [sys.getrefcount(row.readings) for row in rows]
    for n, row in enumerate(rows, start=1):
        runtime.observe(row, at(n))
    assert sum(sys.getrefcount(row.readings) > count for row, count in zip(rows, counted, strict=True)) <= 3
    runtime.observe(batch((9, 9, 13.0)), at(9))
    assert [r for r, _, _ in recorder.rows] == list(range(1, 9))
    assert [f.resident for f in failures] == [9]


# Snapshots -----------------------------------------------------------------------------------------------------------


def test_a_snapshot_holds_what_waits_for_its_order() -> None:
    runtime, _ = running(Late())
    rows = Intake(batch((1, 5, 1.0), (2, 3, 1.0)).readings, position(1, at(4)), (waveform(1, at(4)),))
    runtime.observe(rows, at(6))
    late = Late()
    again, _ = running(late)
    assert again.restore(runtime.snapshot()) == {}
    again.observe(batch((3, 4, 1.0)), at(7))
    again.tick(at(20))
    assert seconds_of(late) == [3, 4, 5]
    assert (late.fixes, late.clips) == (1, 1)


@pytest.mark.parametrize(
    "damage",
    [
        lambda snapshot: b"",
        lambda snapshot: b"nonsense",
        lambda snapshot: snapshot[:-3],
        lambda snapshot: snapshot.replace(b"late", b"lame"),
    ],
    ids=["empty", "nonsense", "cut", "renamed"],
)
def test_one_that_cannot_be_restored_starts_empty_and_is_named(damage: object) -> None:
    assert callable(damage)
    runtime, _ = running(Recorder(), Late())
    runtime.observe(batch((1, 5, 1.0)), at(30))
    runtime.observe(batch((1, 31, 1.0)), at(31))
    snapshots = runtime.snapshot()
    recorder, late = Recorder(), Late()
    again, _ = running(recorder, late)
    unreadable = again.restore(snapshots | {"late": damage(snapshots["late"])})
    assert set(unreadable) == {"late"}
    assert isinstance(unreadable["late"], SnapshotError)
    assert seconds_of(recorder) == [5, 31]
    again.tick(at(100))
    assert late.rows == []


def test_a_state_of_another_version_is_refused() -> None:
    class Newer(Late):
        version: ClassVar[int] = 2

    runtime, _ = running(Late())
    again, _ = running(Newer())
    assert "version" in str(again.restore(runtime.snapshot())["late"])


def test_held_columns_of_another_layout_are_refused() -> None:
    buffer = ReorderBuffer()
    buffer.add(batch((1, 0, 1.0)))
    held = buffer.dump()
    readings_held = dict(held.readings)
    value = readings_held.pop("value")
    with pytest.raises(SnapshotError, match="columns"):
        ReorderBuffer().load(msgspec.structs.replace(held, readings=readings_held))
    with pytest.raises(SnapshotError, match="damaged"):
        ReorderBuffer().load(msgspec.structs.replace(held, readings=readings_held | {"value": value[:-1]}))


@given(
    times=st.lists(st.integers(0, 30), min_size=1, max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=5),
    releases=st.lists(st.integers(-1, 31), max_size=5),
)
def test_the_buffer_gives_each_row_once_and_in_order(times: list[int], cuts: list[int], releases: list[int]) -> None:
    rows = [(n, MOTION, time, 1.0) for n, time in enumerate(times, start=1)]
    everything = in_order(Intake.of(readings(rows))).readings
    buffer = ReorderBuffer()
    bounds = [0, *sorted(c for c in cuts if c < len(rows)), len(rows)]
    for start, end in pairwise(bounds):
        buffer.add(Intake.of(readings(rows[start:end])))
    given_up = []
    for until in sorted(releases):
        before = len(buffer)
        part = buffer.release(until).readings
        assert len(buffer) == before - len(part)
        assert not len(part) or part.time.max() <= until
        given_up.append(part)
    given_up.append(buffer.release(31).readings)
    assert len(buffer) == 0
    assert np.array_equal(ReadingBatch.concatenate(given_up).device, everything.device)
