"""Calls for help: a button on the wrist, a pull cord, a voice command. Immediate.

Every press is a finding of its own and opens, or joins, the resident's emergency incident. There is no dedup window and
no age limit: a press that arrives a day late is raised and says how late it is. No press is held back because another
was seen: the key is the device and the event time, so a duplicate has the same key and the next press a new one.

Assumptions: a device reports `sos` 1 once for each press. One that repeats it with new times while the button is held
attaches more evidence to the same incident. Warm-up: none. Cost: one comparison a row. Nothing raises or lowers the
severity: a person asks for help.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from core.care import CareContext
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake
from detectors.late import late_seconds
from detectors.state import pack, unpack

_SOS = metric_id("sos")


class Sos:
    """See the module's text. Has no state: a finding is a function of its row."""

    name: ClassVar[str] = "sos"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset({_SOS})
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 0

    def configure(self, context: CareContext) -> None:
        """Nothing in the care context may hold an SOS back."""

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """One finding for each press."""
        readings = intake.readings
        pressed = np.flatnonzero((readings.metric == _SOS) & (readings.value == 1.0))
        return [
            self._finding(
                int(readings.resident[row]),
                int(readings.device[row]),
                int(readings.time[row]),
                int(readings.arrival[row]),
            )
            for row in pressed
        ]

    def tick(self, now: int) -> Sequence[Finding]:
        """Nothing comes due."""
        return ()

    def snapshot(self) -> bytes:
        """The empty state."""
        return pack(self.name, self.version, None)

    def restore(self, snapshot: bytes) -> None:
        """Raises SnapshotError for another detector's or version's snapshot."""
        unpack(self.name, self.version, snapshot, type(None))

    def _finding(self, resident: int, device: int, time: int, arrival: int) -> Finding:
        late = late_seconds(time, arrival)
        return Finding(
            kind=Kind.SOS,
            queue=Queue.EMERGENCY,
            severity=Severity.CRITICAL,
            resident=resident,
            device=device,
            time=time,
            detector=self.name,
            version=self.version,
            episode=str(time),
            reason="sos-pressed-late" if late else "sos-pressed",
            evidence={"late_seconds": late, "late_minutes": late / 60} if late else {},
        )
