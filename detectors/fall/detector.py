"""Falls, by a worn accelerometer and by the device's own word.

What is raised:

- a clip or a stretch of a stream whose impact the classifier takes for a fall: `fall`, HIGH; CRITICAL where the wearer
  lay still for three of the four seconds that are seen after it. The score is the classifier's probability.
- a device's own fall flag: `fall`, MEDIUM, always and at once, whatever the classifier says of a clip. Where both agree
  within 15 s, a further finding says so, CRITICAL.
- no sign of movement in the ten minutes after a fall: `long_lie`, CRITICAL. Signs are a motion sensor, a door, the bed
  being occupied, or a stream that shows brisk movement, from the second minute after the fall on.
- half a minute of brisk movement in a stream, in any of these minutes: the fall is eased, which lowers the severity of
  the incident by one level and closes nothing. What home sensors say does the same in `alerts.fusion`.
- the wearer's cancel within ten minutes after a fall clears it, and no long lie follows.

A fall found by several overlapping clips has one key: the key is the device and the half minute of the impact, whose
time hardly depends on where a clip begins. An impact on the border of two half minutes may have two keys; both alerts
then attach to the one incident.

Assumptions: the person lives alone (anybody's movement counts); a device reports a fall flag once a fall. The
classifier was trained on acted falls (see the model card). Warm-up: none. Cost: about 3 ms a clip that has an impact;
a streamed block without one costs some 50 to 100 us. Memory: 32 bytes a resident; a streaming device the last 4 s of
samples, and up to 12 s while an impact waits for what follows or a block is missing. Order does not matter: findings
are functions of single clips, flags and cancels and of pairs of them, and what needs its surroundings (streams, getting
up, the long lie) waits for them. A lie is commonly called long from an hour on (Fleming and Brayne, BMJ 337:a2227,
2008); ten minutes leave time to help before it is one.
"""

from collections.abc import Sequence
from typing import ClassVar

import msgspec
import numpy as np

from core.care import CareContext, CarePlan
from core.clock import MINUTE, SECOND, to_datetime
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch, Waveform
from detectors.fall.features import Piece
from detectors.fall.impacts import Impact, falls, judge
from detectors.fall.model import FallModel, shipped
from detectors.fall.movement import Movement, is_brisk
from detectors.fall.stream import Block, Blocks, block_of
from detectors.late import late_seconds
from detectors.state import TableData, pack, unpack

_FLAG = metric_id("fall_flag")
_CANCEL = metric_id("cancel")
_MOTION = metric_id("motion")
_DOOR = metric_id("door_open")
_BED = metric_id("bed_occupied")

CLIP_SECONDS = 4.0
"""A waveform as long as this is a clip and judged by itself; a shorter one is a block of a stream."""
EPISODE = 30 * SECOND
AGREEMENT = 15 * SECOND
"""Between an impact and the device's own flag for the same fall."""
CANCEL_WITHIN = 10 * MINUTE
LIE_AFTER = 10 * MINUTE
LIE_SETTLES = MINUTE
"""Movement before this belongs to the fall itself."""
STILL_SECONDS = 3.0
WALKING_SPAN = 10 * SECOND
WALKING_SPANS = 3
"""So many spans on end with brisk movement are walking. Somebody who lies and beats on the floor may do that too, so it
lowers by one level only."""
_LATE_ROWS = 30 * SECOND
"""How long a long lie waits for signs of movement that are on their way."""
_KEPT = 20 * MINUTE


class _Raised(msgspec.Struct, frozen=True):
    """A fall that was raised. source: "clip", "flag" or "both". until: micros to which it is kept."""

    source: str
    device: int
    time: int
    arrival: int
    episode: str
    until: int


class _Cancel(msgspec.Struct, frozen=True):
    device: int
    time: int
    until: int


class _Lie(msgspec.Struct, frozen=True):
    """Somebody who fell, looked at a minute after another until it would be a long lie. looked: minutes looked at."""

    device: int
    time: int
    arrival: int
    episode: str
    looked: int

    @property
    def due(self) -> int:
        """Micros from which the next minute is looked at."""
        return max(self.time + (self.looked + 1) * MINUTE, self.arrival) + _LATE_ROWS


class _Person(msgspec.Struct):
    """What is remembered of a resident who fell lately, or cancelled."""

    raised: list[_Raised] = []
    cancels: list[_Cancel] = []
    lies: list[_Lie] = []


class _Streamed(msgspec.Struct, array_like=True):
    resident: int
    blocks: list[Block]
    whole_to: int | None


class _State(msgspec.Struct):
    movement: TableData
    walking: TableData
    people: dict[int, _Person]
    streams: dict[int, _Streamed]


class FallDetector:
    """See the module's text. model: the shipped one unless another is being measured."""

    name: ClassVar[str] = "fall"
    version: ClassVar[int] = 3
    metrics: ClassVar[frozenset[int]] = frozenset({_FLAG, _CANCEL, _MOTION, _DOOR, _BED})
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = True
    lateness: ClassVar[int] = 0

    def __init__(self, model: FallModel | None = None) -> None:
        self._model = shipped() if model is None else model
        self._context = CareContext()
        self._movement = Movement(MINUTE)
        self._walking = Movement(WALKING_SPAN)
        self._people: dict[int, _Person] = {}
        self._streams: dict[int, tuple[int, Blocks]] = {}
        self._open: set[int] = set()

    def configure(self, context: CareContext) -> None:
        """Take residents' countdowns, and forget who and what is no longer there."""
        self._context = context
        self._movement.align(context.residents)
        self._walking.align(context.residents)
        self._drop_unknown()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """Findings of these rows, and of what had come due before the first of them arrived."""
        arrivals = [*intake.readings.arrival.tolist(), *(w.arrival for w in intake.waveforms)]
        findings = self._due(min(arrivals, default=now))
        self._see_movement(intake.readings)
        findings += self._see_flags_and_cancels(intake.readings)
        streaming = []
        for waveform in intake.waveforms:
            if len(waveform.samples) >= CLIP_SECONDS * waveform.rate:
                impacts = judge([Piece(waveform.time, waveform.rate, waveform.samples)], self._model)
                source = (waveform.resident, waveform.device, waveform.time, waveform.arrival)
                findings += self._raise_impacts(impacts, *source)
            elif waveform.device in self._context.devices:
                streaming.append(waveform)
        findings += self._see_blocks(streaming)
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Streams that were cut off after an impact, and long lies."""
        findings = self._due(now)
        self._streams = {device: held for device, held in self._streams.items() if not held[1].ended(now)}
        return findings

    def snapshot(self) -> bytes:
        """The whole state."""
        streams = {
            device: _Streamed(resident, held.blocks, held.whole_to)
            for device, (resident, held) in self._streams.items()
        }
        return pack(self.name, self.version, _State(self._movement.dump(), self._walking.dump(), self._people, streams))

    def restore(self, snapshot: bytes) -> None:
        """Take over a state. Raises SnapshotError."""
        state = unpack(self.name, self.version, snapshot, _State)
        self._movement.load(state.movement)
        self._walking.load(state.walking)
        self._people = state.people
        self._streams = {
            device: (held.resident, Blocks(held.blocks, held.whole_to)) for device, held in state.streams.items()
        }
        self._drop_unknown()

    def _drop_unknown(self) -> None:
        residents, devices = self._context.residents, self._context.devices
        self._people = {resident: person for resident, person in self._people.items() if resident in residents}
        self._streams = {device: held for device, held in self._streams.items() if device in devices}
        self._open = {device for device, (_, held) in self._streams.items() if held.open}

    # What comes in

    def _see_movement(self, readings: ReadingBatch) -> None:
        metric = readings.metric
        moved = (metric == _DOOR) | (((metric == _MOTION) | (metric == _BED)) & (readings.value == 1.0))
        if moved.any():
            self._movement.add(readings.resident[moved].astype(np.int64), readings.time[moved])

    def _see_flags_and_cancels(self, readings: ReadingBatch) -> list[Finding]:
        findings: list[Finding] = []
        told = ((readings.metric == _FLAG) | (readings.metric == _CANCEL)) & (readings.value == 1.0)
        for row in np.flatnonzero(told):
            resident, device = int(readings.resident[row]), int(readings.device[row])
            time, arrival = int(readings.time[row]), int(readings.arrival[row])
            if readings.metric[row] == _FLAG:
                findings += self._raise_flag(resident, device, time, arrival)
            else:
                findings += self._cancel(resident, device, time, arrival)
        return findings

    def _see_blocks(self, waveforms: Sequence[Waveform]) -> list[Finding]:
        findings: list[Finding] = []
        for waveform in waveforms:
            _, held = self._streams.setdefault(waveform.device, (waveform.resident, Blocks()))
            self._streams[waveform.device] = (waveform.resident, held)
            held.add(block_of(waveform))
        brisk = [(waveform.resident, waveform.time) for waveform in waveforms if is_brisk(waveform)]
        if brisk:
            residents, times = np.array(brisk, np.int64).T
            self._movement.add(residents, times)
            self._walking.add(residents, times)
        for device in sorted({waveform.device for waveform in waveforms}):
            findings += self._judge_stream(device)
        return findings

    def _judge_stream(self, device: int, now: int | None = None) -> list[Finding]:
        resident, held = self._streams[device]
        findings: list[Finding] = []
        for block, impacts in held.judge(self._model, now):
            findings += self._raise_impacts(impacts, resident, device, block.time, block.arrival)
        held.forget()
        self._open.discard(device)
        if held.open:
            self._open.add(device)
        return findings

    def _due(self, now: int) -> list[Finding]:
        findings: list[Finding] = []
        for device in sorted(self._open):
            findings += self._judge_stream(device, now)
        for resident, person in list(self._people.items()):
            lies, person.lies = person.lies, []
            for lie in lies:
                findings += self._look(resident, person, lie, now)
            person.raised = [raised for raised in person.raised if raised.until > now]
            person.cancels = [cancel for cancel in person.cancels if cancel.until > now]
            if not (person.raised or person.cancels or person.lies):
                del self._people[resident]
        return findings

    # What goes out

    def _raise_impacts(
        self, impacts: Sequence[Impact], resident: int, device: int, time: int, arrival: int
    ) -> list[Finding]:
        """Raise the falls among the impacts of the waveform of `device` that begins at `time`."""
        findings: list[Finding] = []
        for impact in falls(impacts, self._model.threshold):
            still = impact.still_seconds >= STILL_SECONDS
            evidence: dict[str, object] = {
                "probability": impact.probability,
                "percent": 100 * impact.probability,
                "threshold": self._model.threshold,
                "model": self._model.version,
                "impact_time": to_datetime(impact.time).isoformat(),
                "peak_mg": impact.peak_mg,
                "peak_g": impact.peak_mg / 1000,
                "dip_mg": impact.dip_mg,
                "posture_degrees": impact.posture_degrees,
                "still_seconds": impact.still_seconds,
                "waveform": {"device": device, "time": to_datetime(time).isoformat()},
            }
            until = max(impact.time, arrival) + _KEPT
            raised = _Raised("clip", device, impact.time, arrival, str(impact.time // EPISODE), until)
            severity = Severity.CRITICAL if still else Severity.HIGH
            reason = "fall-impact-then-still" if still else "fall-impact"
            findings += self._raise(raised, resident, severity, reason, evidence)
        return findings

    def _raise_flag(self, resident: int, device: int, time: int, arrival: int) -> list[Finding]:
        raised = _Raised("flag", device, time, arrival, f"flag-{time // EPISODE}", max(time, arrival) + _KEPT)
        evidence: dict[str, object] = {"flag_time": to_datetime(time).isoformat()}
        return self._raise(raised, resident, Severity.MEDIUM, "fall-device-flag", evidence)

    def _raise(
        self,
        raised: _Raised,
        resident: int,
        severity: Severity,
        reason: str,
        evidence: dict[str, object],
    ) -> list[Finding]:
        """One fall, the further finding where clip and flag agree, and its end where it is cancelled already."""
        person = self._person(resident)
        late = late_seconds(raised.time, raised.arrival)
        score = evidence.get("probability")
        findings = [
            Finding(
                kind=Kind.FALL,
                queue=Queue.EMERGENCY,
                severity=severity,
                resident=resident,
                device=raised.device,
                time=raised.time,
                detector=self.name,
                version=self.version,
                episode=raised.episode,
                reason=reason,
                evidence={**evidence, "late_minutes": late // 60},
                score=score if isinstance(score, float) else None,
                countdown=self._countdown(resident),
            )
        ]
        findings += [self._cleared(resident, raised, cancel) for cancel in person.cancels if _ends(cancel, raised)]
        if raised.source != "both":
            if raised.arrival - raised.time < LIE_AFTER:
                looked = LIE_SETTLES // MINUTE
                person.lies.append(_Lie(raised.device, raised.time, raised.arrival, raised.episode, looked))
            for other in [other for other in person.raised if _agree(raised, other)]:
                clip, flag = (raised, other) if raised.source == "clip" else (other, raised)
                arrival = max(clip.arrival, flag.arrival)
                both = _Raised("both", clip.device, clip.time, arrival, f"both-{clip.time // EPISODE}", raised.until)
                agreed: dict[str, object] = {
                    "impact_time": to_datetime(clip.time).isoformat(),
                    "flag_time": to_datetime(flag.time).isoformat(),
                }
                findings += self._raise(both, resident, Severity.CRITICAL, "fall-device-agrees", agreed)
        person.raised.append(raised)
        return findings

    def _cancel(self, resident: int, device: int, time: int, arrival: int) -> list[Finding]:
        person = self._person(resident)
        cancel = _Cancel(device, time, max(time, arrival) + _KEPT)
        person.cancels.append(cancel)
        return [self._cleared(resident, raised, cancel) for raised in person.raised if _ends(cancel, raised)]

    def _cleared(self, resident: int, raised: _Raised, cancel: _Cancel) -> Finding:
        return Finding(
            kind=Kind.FALL,
            queue=Queue.EMERGENCY,
            severity=Severity.INFO,
            resident=resident,
            device=raised.device,
            time=cancel.time,
            detector=self.name,
            version=self.version,
            episode=raised.episode,
            reason="fall-cancelled-by-wearer",
            evidence={"seconds": (cancel.time - raised.time) // SECOND, "device": cancel.device},
            clears=True,
        )

    def _look(self, resident: int, person: _Person, lie: _Lie, now: int) -> list[Finding]:
        """Look at the minutes that are over by `now`, each once; the last says whether it is a long lie."""
        findings: list[Finding] = []
        cancelled = any(0 <= cancel.time - lie.time <= CANCEL_WITHIN for cancel in person.cancels)
        while lie.looked < LIE_AFTER // MINUTE and lie.due <= now:
            begin = lie.time + lie.looked * MINUTE
            lie = msgspec.structs.replace(lie, looked=lie.looked + 1)
            # A walk from one minute into the next counts in the second.
            walked = self._walking.in_a_row(resident, begin - (WALKING_SPANS - 1) * WALKING_SPAN, begin + MINUTE)
            if walked >= WALKING_SPANS and not cancelled:
                findings.append(self._eased(resident, lie))
        if lie.looked < LIE_AFTER // MINUTE:
            person.lies.append(lie)
        elif not cancelled:
            findings += self._long_lie(resident, lie)
        return findings

    def _eased(self, resident: int, lie: _Lie) -> Finding:
        return Finding(
            kind=Kind.FALL,
            queue=Queue.EMERGENCY,
            severity=Severity.INFO,
            resident=resident,
            device=lie.device,
            time=lie.time + lie.looked * MINUTE,
            detector=self.name,
            version=self.version,
            episode=lie.episode,
            reason="fall-walking-again",
            evidence={"minutes": lie.looked},
            eases=True,
        )

    def _long_lie(self, resident: int, lie: _Lie) -> list[Finding]:
        until = lie.time + LIE_AFTER
        if self._movement.within(resident, lie.time + LIE_SETTLES, until):
            return []
        return [
            Finding(
                kind=Kind.LONG_LIE,
                queue=Queue.EMERGENCY,
                severity=Severity.CRITICAL,
                resident=resident,
                device=lie.device,
                time=until,
                detector=self.name,
                version=self.version,
                episode=str(lie.time // EPISODE),
                reason="fall-long-lie",
                evidence={"fall_time": to_datetime(lie.time).isoformat(), "minutes": LIE_AFTER // MINUTE},
            )
        ]

    def _person(self, resident: int) -> _Person:
        """What is remembered of the resident; of one that is not in the context nothing is."""
        if resident not in self._context.residents:
            return _Person()
        return self._people.setdefault(resident, _Person())

    def _countdown(self, resident: int) -> int:
        known = self._context.residents.get(resident)
        return (CarePlan() if known is None else known.plan).fall_countdown


def _agree(one: _Raised, other: _Raised) -> bool:
    return (
        {one.source, other.source} == {"clip", "flag"}
        and one.device == other.device
        and abs(one.time - other.time) <= AGREEMENT
    )


def _ends(cancel: _Cancel, raised: _Raised) -> bool:
    return 0 <= cancel.time - raised.time <= CANCEL_WITHIN
