"""The detectors' contract.

A detector is stateful per resident and does no I/O: it reads columns and the care context, and returns findings. The
runtime (`detectors.runtime`) calls it and the conformance suite (`tests/detectors/test_conformance.py`) holds every
registered one to this:

- `observe` gets rows in event-time order, each row once. A detector with `lateness` 0 gets a row at once and must give
  the same findings whatever the order; any other gets it `lateness` after its event time at the earliest, in order, so
  that what arrives late by less than that changes nothing. What arrives later still comes when it comes, out of order.
- findings depend on what was observed and on `now` only: never on how rows were cut into batches, nor on how often
  `tick` was called between.
- `snapshot` gives bytes that `restore` of a new instance takes: `restore(snapshot)` and the remaining rows give what an
  uninterrupted run gives, at every cut. State of a device or resident that left the context is dropped. `configure`
  comes before everything else, also before `restore`, which takes the place of whatever state there is.
- inputs are never changed in place; the same input gives the same output (seeded, no clock, no global state).
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from core.care import CareContext
from core.findings import Finding
from core.readings import Intake


class Detector(Protocol):
    """See the module's text.

    name: of the detector, in dedup keys, metrics and snapshots. version: goes up when the same input may give other
    findings. metrics: ids of `core.metrics` that it reads; it gets no others. positions, waveforms: whether it reads
    those. lateness: micros of allowed lateness; 0 for a detector that must answer at once.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    metrics: ClassVar[frozenset[int]]
    positions: ClassVar[bool]
    waveforms: ClassVar[bool]
    lateness: ClassVar[int]

    def configure(self, context: CareContext) -> None:
        """Take the care context, before the first row and whenever something in it changed."""
        ...

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """See rows of the metrics, positions and waveforms it reads. `now` in micros."""
        ...

    def tick(self, now: int) -> Sequence[Finding]:
        """Say what has come due by `now` (micros): silence, countdowns, dwell. Called about once a second."""
        ...

    def snapshot(self) -> bytes:
        """The whole state."""
        ...

    def restore(self, snapshot: bytes) -> None:
        """Take over a state. Raises SnapshotError for one it can't read: the runtime starts it empty and says so."""
        ...


class SnapshotError(ValueError):
    """The snapshot is of another version or damaged."""
