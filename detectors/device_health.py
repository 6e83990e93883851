"""The devices themselves: silent, low on battery, not worn, with a wrong clock.

- **Silence**: `detectors.silence` says when. A device that stops reporting is maintenance; a wearable or SOS button
  silent for four intervals and at least an hour is also care, because a fall or a call for help may not get through. A
  whole home that stops is one finding.
- **Battery**: below 15 % until it is at 20 % again.
- **Not worn**: half an hour on end in waking hours (outside the plan's quiet hours, local time).
- **Clock**: the device sent a time more than the codecs accept ahead of arrival; at most once a day (UTC).

Findings need somebody to be about: of a device without a resident in a home without one nothing is said. A device that
was never heard counts from the first moment that the detector was asked after it came into the context.

Units: micros, percent. Warm-up: none. Cost: array operations; Python only for what changes. Kind of the device raises
severity: medium for what a call for help or an alarm depends on, low for the rest.
"""

from collections.abc import Sequence
from typing import ClassVar

import msgspec
import numpy as np

from core.care import CareContext, CarePlan, Device, DeviceKind
from core.clock import DAY, MINUTE, SECOND, to_datetime
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import BY_ID, metric_id
from core.readings import NO_TIME, Float64, Int64, Intake, ReadingBatch
from detectors.local_time import after_waking_minutes, minute_of_day
from detectors.silence import NEVER, NOT_DUE, Change, Silence
from detectors.state import Column, Table, TableData, pack, rounds, unpack

BATTERY_LOW = 15.0
BATTERY_CHARGED = 20.0
NOT_WORN_MINUTES = 30

_CALLS_FOR_HELP = frozenset({DeviceKind.WEARABLE, DeviceKind.SOS_BUTTON})
_LIVES_DEPEND_ON_IT = _CALLS_FOR_HELP | {DeviceKind.SMOKE, DeviceKind.GAS, DeviceKind.GATEWAY}

_BATTERY = metric_id("battery")
_WORN = metric_id("worn")
_ONLINE = metric_id("online")


class _State(msgspec.Struct, frozen=True):
    devices: TableData
    silence: tuple[TableData, TableData]


class DeviceHealth:
    """See the module's text."""

    name: ClassVar[str] = "device_health"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset(BY_ID)
    positions: ClassVar[bool] = True
    waveforms: ClassVar[bool] = True
    lateness: ClassVar[int] = 60 * SECOND

    def __init__(self) -> None:
        self._silence = Silence(self.lateness)
        # battery_low, off: since when; *_at: event time of the newest such reading, so that an older one says nothing.
        self._devices = Table(
            battery_at=Column("i8", NEVER),
            battery_low=Column("i8", NEVER),
            worn_at=Column("i8", NEVER),
            off=Column("i8", NEVER),
            off_raised=Column("?", 0),
            clock_day=Column("i4", -1),
        )
        self._context = CareContext()
        self._resident: Int64 = np.empty(0, np.int64)
        self._not_worn_due: Int64 = np.empty(0, np.int64)

    def configure(self, context: CareContext) -> None:
        """Take the devices; those of one household are judged together."""
        self._context = context
        columns = context.columns
        # A home's number is its first resident: whom a finding about the whole home is about.
        first = np.full(columns.homes, NOT_DUE)
        np.minimum.at(first, columns.resident_home, columns.resident)
        first[first == NOT_DUE] = -1
        self._resident = np.where(columns.owner_row >= 0, columns.owner, np.maximum(first, 0)[columns.home])
        self._devices.align(columns.device)
        # The rows of both tables are of the same devices.
        self._silence.align(
            columns.device,
            columns.interval * SECOND,
            first[columns.home],
            columns.of_kinds(_CALLS_FOR_HELP),
        )
        self._refresh_not_worn()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """Signs of life, and what devices say of themselves. Rows of devices outside the context are left out."""
        self._silence.begin(now)
        readings, positions = intake.readings, intake.positions
        waves = np.array([w.device for w in intake.waveforms], np.int64)
        everything = self._devices.find(np.concatenate([readings.device, positions.device, waves]))
        findings = self._hear(intake, everything)
        rows = everything[: len(readings)]
        for metric, judge in ((_BATTERY, self._battery), (_WORN, self._worn)):
            chosen = (readings.metric == metric) & (rows >= 0)
            if not chosen.any():
                continue
            about, batch = rows[chosen], readings.take(chosen)
            for step in rounds(about):
                findings += judge(about[step], batch.time[step], batch.value[step])
        findings += self._clock(readings, rows)
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """What has fallen silent, or lain about unworn, by `now` - lateness."""
        self._silence.begin(now)
        until = now - self.lateness
        findings = self._say(self._silence.due(until))
        findings += self._not_worn(np.flatnonzero(self._not_worn_due <= until))
        return findings

    def snapshot(self) -> bytes:
        """The whole state."""
        return pack(self.name, self.version, _State(self._devices.dump(), self._silence.dump()))

    def restore(self, snapshot: bytes) -> None:
        """Take over a state. Raises SnapshotError for another version's or a damaged one."""
        state = unpack(self.name, self.version, snapshot, _State)
        self._devices.load(state.devices)
        self._silence.load(*state.silence)
        self._refresh_not_worn()

    def _hear(self, intake: Intake, rows: Int64) -> list[Finding]:
        """What messages say by coming. rows: of the devices of readings, positions and waveforms, -1 for unknown."""
        readings, positions, waves = intake.readings, intake.positions, intake.waveforms
        alive = np.ones(len(rows), np.bool_)
        alive[: len(readings)] = (readings.metric != _ONLINE) | (readings.value != 0.0)
        time = np.concatenate([readings.time, positions.time, np.array([w.time for w in waves], np.int64)])
        arrival = np.concatenate([readings.arrival, positions.arrival, np.array([w.arrival for w in waves], np.int64)])
        # The readings of one message are one sign of life.
        key = rows * 2 + alive
        in_order = (time[1:] > time[:-1]) | ((time[1:] == time[:-1]) & (key[1:] >= key[:-1]))
        order = np.arange(len(rows)) if in_order.all() else np.lexsort((key, time))
        same = (np.diff(rows[order]) == 0) & (np.diff(time[order]) == 0) & (np.diff(alive[order]) == 0)
        order = order[~np.concatenate(([False], same))[: len(order)] & (rows[order] >= 0)]
        return self._say(self._silence.hear(rows[order], time[order], arrival[order], alive[order]))

    def _say(self, changes: Sequence[Change]) -> list[Finding]:
        rows = self._devices.find(np.array([-1 if c.what == "home" else c.id for c in changes], np.int64))
        return [
            self._about_home(change) if row < 0 else self._about_device(change, row)
            for change, row in zip(changes, rows.tolist(), strict=True)
        ]

    def _about_device(self, change: Change, row: int) -> Finding:
        device = self._device(row)
        episode = "never" if change.last == NEVER else str(change.last)
        critical = change.what == "critical"
        if change.over:
            reason = "device-heard-again"
        elif critical:
            reason = "device-silent-wearer"
        elif change.offline:
            reason = "device-disconnected"
        else:
            reason = "device-silent"
        return self._finding(
            Kind.DEVICE_SILENT,
            row,
            change.time,
            f"{episode}:care" if critical else episode,
            reason,
            {
                **_since(change),
                "interval_minutes": device.interval / 60,
                "offline": change.offline,
                "device": device.code,
                "room": device.room,
            },
            queue=Queue.CARE if critical else Queue.MAINTENANCE,
            severity=Severity.MEDIUM if critical or device.kind in _LIVES_DEPEND_ON_IT else Severity.LOW,
            clears=change.over,
        )

    def _about_home(self, change: Change) -> Finding:
        return Finding(
            kind=Kind.HOME_SILENT,
            queue=Queue.MAINTENANCE,
            severity=Severity.MEDIUM,
            resident=change.id,
            device=0,
            time=change.time,
            detector=self.name,
            version=self.version,
            episode="never" if change.last == NEVER else str(change.last),
            reason="home-heard-again" if change.over else "home-silent",
            evidence=_since(change),
            clears=change.over,
        )

    def _battery(self, rows: Int64, time: Int64, percent: Float64) -> list[Finding]:
        """Battery readings, one a device."""
        columns = self._devices
        newest = time >= columns["battery_at"][rows]
        rows, time, percent = rows[newest], time[newest], percent[newest]
        columns["battery_at"][rows] = time
        since = columns["battery_low"][rows]
        findings: list[Finding] = []
        for at in np.flatnonzero(
            ((percent < BATTERY_LOW) & (since == NEVER)) | ((percent >= BATTERY_CHARGED) & (since != NEVER))
        ):
            row, low = int(rows[at]), bool(percent[at] < BATTERY_LOW)
            episode = int(time[at]) if low else int(since[at])
            columns["battery_low"][row] = episode if low else NEVER
            if not self._resident[row]:
                continue
            device = self._device(row)
            findings.append(
                self._finding(
                    Kind.BATTERY_LOW,
                    row,
                    int(time[at]),
                    str(episode),
                    "battery-low" if low else "battery-charged",
                    {"percent": float(percent[at]), "device": device.code, "room": device.room},
                    clears=not low,
                )
            )
        return findings

    def _worn(self, rows: Int64, time: Int64, worn: Float64) -> list[Finding]:
        """Whether wearables are worn, one reading a device."""
        columns = self._devices
        newest = time >= columns["worn_at"][rows]
        rows, time, worn = rows[newest], time[newest], worn[newest]
        columns["worn_at"][rows] = time
        off = columns["off"][rows] != NEVER
        put_on = (worn != 0.0) & off
        findings = self._not_worn(rows[put_on & (self._not_worn_due[rows] <= time)])
        for at in np.flatnonzero(put_on & columns["off_raised"][rows]):
            findings.append(self._about_wearing(int(rows[at]), int(time[at]), worn_again=True))
        columns["off"][rows[put_on]] = NEVER
        columns["off_raised"][rows[put_on]] = False
        self._not_worn_due[rows[put_on]] = NOT_DUE
        for at in np.flatnonzero((worn == 0.0) & ~off):
            columns["off"][rows[at]] = time[at]
            self._not_worn_due[rows[at]] = self._worn_by(int(rows[at]))
        return findings

    def _not_worn(self, rows: Int64) -> list[Finding]:
        """Wearables whose time off the wrist is over."""
        findings = [self._about_wearing(int(row), int(self._not_worn_due[row]), worn_again=False) for row in rows]
        self._devices["off_raised"][rows] = True
        self._not_worn_due[rows] = NOT_DUE
        return findings

    def _about_wearing(self, row: int, time: int, *, worn_again: bool) -> Finding:
        since = int(self._devices["off"][row])
        return self._finding(
            Kind.NOT_WORN,
            row,
            time,
            str(since),
            "worn-again" if worn_again else "not-worn",
            {"minutes": (time - since) / MINUTE, "since": since, "device": self._device(row).code},
            severity=Severity.LOW,
            clears=worn_again,
        )

    def _worn_by(self, row: int) -> int:
        """When a wearable that lies about will have done so for too long; NOT_DUE for one that nobody should wear."""
        resident = int(self._resident[row])
        if not resident:
            return NOT_DUE
        plan: CarePlan = self._context.residents[resident].plan
        return after_waking_minutes(
            int(self._devices["off"][row]),
            NOT_WORN_MINUTES,
            minute_of_day(plan.quiet_end),
            minute_of_day(plan.quiet_start),
            plan.timezone,
        )

    def _refresh_not_worn(self) -> None:
        self._not_worn_due = np.full(len(self._devices), NOT_DUE)
        for row in np.flatnonzero((self._devices["off"] != NEVER) & ~self._devices["off_raised"]):
            self._not_worn_due[row] = self._worn_by(int(row))

    def _clock(self, readings: ReadingBatch, rows: Int64) -> list[Finding]:
        findings: list[Finding] = []
        for at in np.flatnonzero((readings.sent != NO_TIME) & (rows >= 0)):
            row, time = int(rows[at]), int(readings.time[at])
            if time // DAY <= self._devices["clock_day"][row] or not self._resident[row]:
                continue
            self._devices["clock_day"][row] = time // DAY
            device = self._device(row)
            findings.append(
                self._finding(
                    Kind.CLOCK_WRONG,
                    row,
                    time,
                    to_datetime(time).date().isoformat(),
                    "clock-wrong",
                    {"minutes": (int(readings.sent[at]) - time) / MINUTE, "device": device.code, "room": device.room},
                    severity=Severity.LOW,
                )
            )
        return findings

    def _device(self, row: int) -> Device:
        return self._context.devices[int(self._devices.ids[row])]

    def _finding(
        self,
        kind: Kind,
        row: int,
        time: int,
        episode: str,
        reason: str,
        evidence: dict[str, object],
        *,
        queue: Queue = Queue.MAINTENANCE,
        severity: Severity | None = None,
        clears: bool = False,
    ) -> Finding:
        device = self._device(row)
        if severity is None:
            severity = Severity.MEDIUM if device.kind in _LIVES_DEPEND_ON_IT else Severity.LOW
        return Finding(
            kind=kind,
            queue=queue,
            severity=severity,
            resident=int(self._resident[row]),
            device=device.id,
            time=time,
            detector=self.name,
            version=self.version,
            episode=episode,
            reason=reason,
            evidence=evidence,
            clears=clears,
        )


def _since(change: Change) -> dict[str, object]:
    heard = change.since if change.last == NEVER else change.last
    return {"minutes": (change.time - heard) / MINUTE, "last_heard": None if change.last == NEVER else change.last}
