"""Running the detectors: each gets what it reads, in order, and one that fails takes neither rows nor others along.

What happens when a detector raises is decided in docs/adr/0004-a-failing-detector.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import msgspec
import numpy as np

from core.care import CareContext
from core.findings import Finding
from core.metrics import BY_ID
from core.readings import Bool, Int64, Intake
from detectors.base import Detector, SnapshotError
from detectors.reorder import HeldRows, ReorderBuffer, in_order
from detectors.state import pack, unpack

_LOG_ROWS = 100_000
"""Rows kept for rebuilding a detector before the runtime takes a state of its own accord."""

_METRICS = max(BY_ID) + 1
_NOTHING = Intake.of()

_SEES_UNASSIGNED = frozenset({"device_health"})
"""Detectors that get rows of devices that watch nobody."""


class DetectorError(Exception):
    """A detector raised; the cause is chained.

    detector: its name. resident: whose rows of one batch it did not see, or None: it is set aside, or its snapshot
    could not be taken (`step` says what it was doing).
    """

    def __init__(self, detector: str, step: str, resident: int | None = None) -> None:
        whose = "" if resident is None else f" on rows of resident {resident}"
        super().__init__(f"detector {detector} failed in {step}{whose}")
        self.detector = detector
        self.step = step
        self.resident = resident


class _SeatState(msgspec.Struct, frozen=True):
    held: HeldRows
    state: bytes


@dataclass(slots=True, eq=False)
class _Seat:
    """A detector at work.

    reads: bool, indexed by metric id. checkpoint: a state it had; seen: what it was given since, and the last tick.
    """

    detector: Detector
    reads: Bool
    checkpoint: bytes
    buffer: ReorderBuffer = field(default_factory=ReorderBuffer)
    seen: list[tuple[Intake, int]] = field(default_factory=list)
    seen_rows: int = 0
    ticked: int | None = None
    set_aside: bool = False

    def take_checkpoint(self) -> bytes:
        self.checkpoint = self.detector.snapshot()
        self.seen, self.seen_rows, self.ticked = [], 0, None
        return self.checkpoint

    def saw(self, rows: Intake, now: int) -> None:
        self.seen.append((rows, now))
        self.seen_rows += len(rows)
        if self.seen_rows > _LOG_ROWS:
            self.take_checkpoint()


class Runtime:
    """All detectors of one worker. Not for use from several threads.

    detectors: in the order in which they are asked; `detectors.registry.create()` puts the urgent ones first.
    on_failure: is told of everything that a detector could not do; it must make it loud (log, metric, readiness).
    on_duration: is told (detector, "observe" or "tick", seconds) for metrics.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        context: CareContext,
        *,
        on_failure: Callable[[DetectorError], None],
        on_duration: Callable[[str, str, float], None] | None = None,
    ) -> None:
        self._on_failure = on_failure
        self._on_duration = on_duration
        self._seats: list[_Seat] = []
        for detector in detectors:
            reads = np.zeros(_METRICS, np.bool_)
            reads[list(detector.metrics)] = True
            detector.configure(context)
            self._seats.append(_Seat(detector, reads, detector.snapshot()))
        names = [seat.detector.name for seat in self._seats]
        if len(set(names)) != len(names):
            raise ValueError(f"two detectors have one name: {sorted(names)}")

    @property
    def set_aside(self) -> frozenset[str]:
        """Detectors that failed for good and watch no more until a restart. A worker that has any is not healthy."""
        return frozenset(seat.detector.name for seat in self._seats if seat.set_aside)

    def configure(self, context: CareContext) -> None:
        """Take a new care context. Raises what a detector raises: no worker runs on half a context."""
        for seat in self._seats:
            seat.detector.configure(context)

    def observe(self, intake: Intake, now: int) -> list[Finding]:
        """Show the detectors a batch of rows that were not seen before. `now` in micros. Does not change the rows."""
        findings: list[Finding] = []
        ordered = in_order(intake)  # once for all: each sorts its own again, but what is in order is quickly sorted
        metrics = np.zeros(_METRICS, np.bool_)
        metrics[ordered.readings.metric] = True
        for seat in self._working():
            findings += self._show(seat, _selected(seat, ordered, metrics), now)
        return findings

    def tick(self, now: int) -> list[Finding]:
        """Ask what has come due by `now` (micros), after showing what has waited long enough.

        For a worker that is caught up: one that works off what gathered while it was away would take everybody whose
        readings still wait at the broker for silent, so it ticks again once it has drained that.
        """
        findings: list[Finding] = []
        for seat in self._working():
            findings += self._show(seat, _NOTHING, now)
            if seat.set_aside:
                continue
            start = perf_counter()
            try:
                findings += seat.detector.tick(now)
                seat.ticked = now
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - the one boundary between a detector and the others
                self._set_aside(seat, "tick", error)
            self._report_duration(seat, "tick", start)
        return findings

    def snapshot(self) -> dict[str, bytes]:
        """The state of each detector, with what waits for its order, by its name.

        A detector that is set aside is left out: its last stored state, and how far that reached, stay as they are, so
        that a mended one catches up from there.
        """
        snapshots: dict[str, bytes] = {}
        for seat in self._working():
            detector = seat.detector
            try:
                state = seat.take_checkpoint()
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - see tick
                self._report_failure(seat, "snapshot", error)
                continue
            snapshots[detector.name] = pack(detector.name, detector.version, _SeatState(seat.buffer.dump(), state))
        return snapshots

    def restore(self, snapshots: Mapping[str, bytes]) -> dict[str, SnapshotError]:
        """Take over what `snapshot` gave, before the first row.

        Returns the detectors whose state could not be read (another version, damage), with why: these start empty.
        """
        unreadable: dict[str, SnapshotError] = {}
        for seat in self._seats:
            detector = seat.detector
            if detector.name not in snapshots:
                continue
            try:
                taken = unpack(detector.name, detector.version, snapshots[detector.name], _SeatState)
                seat.buffer.load(taken.held)
                detector.restore(taken.state)
            except SnapshotError as error:
                unreadable[detector.name] = error
                seat.buffer = ReorderBuffer()
                detector.restore(seat.checkpoint)
            seat.take_checkpoint()
        return unreadable

    def _working(self) -> list[_Seat]:
        return [seat for seat in self._seats if not seat.set_aside]

    def _show(self, seat: _Seat, selected: Intake, now: int) -> list[Finding]:
        if seat.detector.lateness:
            seat.buffer.add(selected)
            rows = seat.buffer.release(now - seat.detector.lateness)
        else:
            rows = in_order(selected)
        if not len(rows):
            return []
        start = perf_counter()
        try:
            found = list(seat.detector.observe(rows, now))
            seat.saw(rows, now)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - see tick
            found = self._recover(seat, rows, now, error)
        self._report_duration(seat, "observe", start)
        return found

    def _recover(self, seat: _Seat, rows: Intake, now: int, error: Exception) -> list[Finding]:
        """Rebuild the detector as it was before these rows, and show it those it can take."""
        try:
            self._rebuild(seat)
            return self._show_in_halves(seat, rows, _residents(rows), now, error)
        except MemoryError:
            raise
        except Exception as again:  # noqa: BLE001 - see tick
            self._set_aside(seat, "rebuild", again)
            return []

    def _rebuild(self, seat: _Seat) -> None:
        seat.detector.restore(seat.checkpoint)
        for rows, at in seat.seen:
            seat.detector.observe(rows, at)
        if seat.ticked is not None:
            seat.detector.tick(seat.ticked)

    def _show_in_halves(self, seat: _Seat, rows: Intake, residents: Int64, now: int, error: Exception) -> list[Finding]:
        """Show the rows of these residents, which raised `error` together, in two parts."""
        if len(residents) == 1:
            self._report_failure(seat, "observe", error, int(residents[0]))
            return []
        found: list[Finding] = []
        for half in np.array_split(residents, 2):
            part = _of_residents(rows, half)
            before = seat.detector.snapshot()
            try:
                found += seat.detector.observe(part, now)
                seat.saw(part, now)
            except MemoryError:
                raise
            except Exception as narrower:  # noqa: BLE001 - see tick
                seat.detector.restore(before)
                found += self._show_in_halves(seat, part, half, now, narrower)
        return found

    def _set_aside(self, seat: _Seat, step: str, error: Exception) -> None:
        seat.set_aside = True
        self._report_failure(seat, step, error)

    def _report_failure(self, seat: _Seat, step: str, error: Exception, resident: int | None = None) -> None:
        failure = DetectorError(seat.detector.name, step, resident)
        failure.__cause__ = error
        self._on_failure(failure)

    def _report_duration(self, seat: _Seat, step: str, start: float) -> None:
        if self._on_duration is not None:
            self._on_duration(seat.detector.name, step, perf_counter() - start)


def _selected(seat: _Seat, intake: Intake, metrics: Bool) -> Intake:
    """The rows that the detector reads. metrics: bool, indexed by metric id, those that the batch has."""
    detector = seat.detector
    readings, positions, waveforms = intake.readings, intake.positions, intake.waveforms
    everybody = detector.name in _SEES_UNASSIGNED
    if not (seat.reads & metrics).any():
        readings = _NOTHING.readings
    else:
        wanted = seat.reads[readings.metric]
        if not everybody:
            wanted &= readings.resident != 0
        if not wanted.all():
            readings = readings.take(wanted)
    if not detector.positions:
        positions = _NOTHING.positions
    elif not everybody and not positions.resident.all():
        positions = positions.take(positions.resident != 0)
    if not detector.waveforms:
        waveforms = ()
    elif not everybody:
        waveforms = tuple(w for w in waveforms if w.resident != 0)
    return Intake(readings, positions, waveforms)


def _residents(rows: Intake) -> Int64:
    waveforms = np.array([w.resident for w in rows.waveforms], dtype=np.int64)
    return np.unique(np.concatenate([rows.readings.resident, rows.positions.resident, waveforms]).astype(np.int64))


def _of_residents(rows: Intake, residents: Int64) -> Intake:
    chosen = set(residents.tolist())
    return Intake(
        rows.readings.take(np.isin(rows.readings.resident, residents)),
        rows.positions.take(np.isin(rows.positions.resident, residents)),
        tuple(w for w in rows.waveforms if w.resident in chosen),
    )
