"""Dangers in the home: smoke, gas, carbon monoxide; water; cold and heat.

Two detectors, because an alarm can't wait and the rest is better for being seen in order:

- `HomeAlarms` (lateness 0): every row of a sounding smoke, gas or CO sensor is raised at once, whatever came before it
  and in whatever order. Its key is the device and the ten minutes of its event time: a sensor that repeats itself every
  minute gives one alert in ten minutes, and the same ones if the rows come twice or in another order.
- `HomeConditions` (lateness 5 s): sees rows in order, so it knows that a sensor had fallen silent and sounds *again*
  within the same ten minutes, which the key above hides, and raises that; a person who closed the first incident gets
  a second one. Water and temperature are here too.

Smoke, gas and CO: emergency, critical, and nothing clears them: a sensor that stops may have burnt, so a person has to
see that it is over. Water: care, high: it ruins the home and is slippery, but nobody needs an ambulance for it.
Cold or heat: care, medium, after 30 min without a reading to the contrary (airing a room in winter takes less), high
when it is 5 °C beyond the limit; it ends 1 °C within the limit.

Units: booleans, °C. Warm-up: none. Cost: a few comparisons a row; Python only for rows of sensors that are, or were
just before, outside normal. Reference for the default lower limit of the care plan: below 12 °C the circulation of old
people is strained (Collins, Age and Ageing 15:212, 1986).
"""

import heapq
from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec
import numpy as np

from core.care import CareContext
from core.clock import DAY, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import NO_TIME, Float64, Intake, ReadingBatch
from detectors.late import late_seconds
from detectors.state import Column, Table, TableData, pack, unpack

WINDOW = 10 * MINUTE
"""Rows of one sounding sensor in the same ten minutes have the same key."""

PERSISTENCE = 30 * MINUTE
"""How long a room is too cold or too hot before it counts."""

HYSTERESIS = 1.0
"""Degrees within the limit at which a room is well again."""

FAR_BEYOND = 5.0
"""Degrees beyond the limit that make it urgent."""

_ALARMS = {metric_id(kind): kind for kind in (Kind.SMOKE, Kind.GAS, Kind.CARBON_MONOXIDE)}
_ALARM_IDS = np.array(sorted(_ALARMS), np.int16)
_WATER = metric_id("water_leak")
_TEMPERATURE = metric_id("room_temperature")


def _alarm(detector: str, version: int, readings: ReadingBatch, row: int, *, again: bool) -> Finding:
    kind = _ALARMS[int(readings.metric[row])]
    time = int(readings.time[row])
    late = late_seconds(time, int(readings.arrival[row]))
    evidence: dict[str, object] = {"alarm": str(kind)}
    if late:
        evidence |= {"late_seconds": late, "late_minutes": late / 60}
    return Finding(
        kind=kind,
        queue=Queue.EMERGENCY,
        severity=Severity.CRITICAL,
        resident=int(readings.resident[row]),
        device=int(readings.device[row]),
        time=time,
        detector=detector,
        version=version,
        episode=str(time if again else time // WINDOW * WINDOW),
        reason="home-alarm-again" if again else "home-alarm-late" if late else "home-alarm",
        evidence=evidence,
    )


class HomeAlarms:
    """Smoke, gas and carbon monoxide, at once. Has no state: a finding is a function of its row."""

    name: ClassVar[str] = "home_alarms"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset(_ALARMS)
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 0

    def configure(self, context: CareContext) -> None:
        """Nothing in the care context may hold an alarm back."""

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """A finding for each row of a sounding sensor."""
        readings = intake.readings
        sounding = np.flatnonzero(np.isin(readings.metric, _ALARM_IDS) & (readings.value == 1.0))
        return [_alarm(self.name, self.version, readings, int(row), again=False) for row in sounding]

    def tick(self, now: int) -> Sequence[Finding]:
        """Nothing comes due."""
        return ()

    def snapshot(self) -> bytes:
        """The empty state."""
        return pack(self.name, self.version, None)

    def restore(self, snapshot: bytes) -> None:
        """Raises SnapshotError for another detector's or version's snapshot."""
        unpack(self.name, self.version, snapshot, type(None))


class _Climate(msgspec.Struct):
    """A room beyond a limit. since: of the first such reading. raised: persistence is over.

    time, degrees: the newest reading.
    """

    resident: int
    cold: bool
    limit: float
    since: int
    time: int
    degrees: float
    raised: bool = False


class _Alarm(msgspec.Struct):
    """An alarm sensor that has sounded: when last, and when last it said that all is well."""

    sounded: int
    silent: int = NO_TIME


class _State(msgspec.Struct):
    devices: TableData
    wet: dict[int, int]
    climate: dict[int, _Climate]
    alarms: dict[str, _Alarm]


class HomeConditions:
    """Water, cold and heat, and alarms that sound again. See the module's text.

    A row older than the newest of its sensor is left out, except an alarm that sounds: that is raised in any case.
    """

    name: ClassVar[str] = "home_conditions"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset({*_ALARMS, _WATER, _TEMPERATURE})
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 5 * SECOND

    def __init__(self) -> None:
        # `active`: the device has an entry in one of the three dicts, so its rows need a look each.
        self._devices = Table(active=Column("?", 0), temperature=Column("i8", NO_TIME), water=Column("i8", NO_TIME))
        self._wet: dict[int, int] = {}
        self._climate: dict[int, _Climate] = {}
        self._alarms: dict[tuple[int, int], _Alarm] = {}
        # (due, device) of rooms beyond a limit; one that is well again by then is passed over.
        self._due: list[tuple[int, int]] = []
        self._low: Float64 = np.empty(0)
        self._high: Float64 = np.empty(0)

    def configure(self, context: CareContext) -> None:
        """Take each device's limits from its resident's care plan."""
        columns = context.columns
        self._devices.align(columns.device)
        # A device of nobody, row -1, has no limits.
        self._low = np.append(columns.of_plans("room_low", np.float64), -np.inf)[columns.owner_row]
        self._high = np.append(columns.of_plans("room_high", np.float64), np.inf)[columns.owner_row]
        self._drop_what_left()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the rows begin and end. Rows of devices that are not in the context are left out."""
        readings = intake.readings
        slot = self._devices.find(readings.device)
        known = slot >= 0
        if not known.all():
            readings, slot = readings.take(known), slot[known]
        metric, value = readings.metric, readings.value
        climate = metric == _TEMPERATURE
        boolean = ~climate & (value == 1.0)
        beyond = climate & ((value <= self._low[slot]) | (value >= self._high[slot]))
        look = boolean | beyond | self._devices["active"][slot]
        # A row that begins something makes the device's later rows of this batch worth a look as well.
        if look.any():
            look = np.isin(slot, slot[look])
        findings: list[Finding] = []
        for row in np.flatnonzero(look):
            findings += self._look(readings, int(row), int(slot[row]))
        rest = ~look
        for column, of in (("temperature", climate & rest), ("water", (metric == _WATER) & rest)):
            np.maximum.at(self._devices[column], slot[of], readings.time[of])
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Rooms that have been too cold or too hot long enough, by what was observed until `now` - lateness."""
        findings: list[Finding] = []
        while self._due and self._due[0][0] < now - self.lateness:
            findings += self._climate_due(heapq.heappop(self._due)[1], now - self.lateness)
        return findings

    def snapshot(self) -> bytes:
        """The whole state."""
        alarms = {f"{device}/{metric}": alarm for (device, metric), alarm in self._alarms.items()}
        return pack(self.name, self.version, _State(self._devices.dump(), self._wet, self._climate, alarms))

    def restore(self, snapshot: bytes) -> None:
        """Raises SnapshotError for one it can't read."""
        state = unpack(self.name, self.version, snapshot, _State)
        self._devices.load(state.devices)
        self._wet, self._climate = state.wet, state.climate
        self._alarms = {}
        for key, alarm in state.alarms.items():
            device, _, metric = key.partition("/")
            self._alarms[int(device), int(metric)] = alarm
        self._drop_what_left()

    def _drop_what_left(self) -> None:
        active = np.array([*self._wet, *self._climate, *(device for device, _ in self._alarms)], np.int64)
        left = set(active[self._devices.find(active) < 0].tolist())
        self._wet = {d: since for d, since in self._wet.items() if d not in left}
        self._climate = {d: c for d, c in self._climate.items() if d not in left}
        self._alarms = {key: a for key, a in self._alarms.items() if key[0] not in left}
        self._due = [(c.since + PERSISTENCE, device) for device, c in self._climate.items() if not c.raised]
        heapq.heapify(self._due)

    def _look(self, readings: ReadingBatch, row: int, slot: int) -> Iterator[Finding]:
        metric = int(readings.metric[row])
        if metric == _TEMPERATURE:
            yield from self._room(readings, row, slot)
        elif metric == _WATER:
            yield from self._water(readings, row, slot)
        else:
            yield from self._sounds_again(readings, row)
        device = int(readings.device[row])
        self._devices["active"][slot] = (
            device in self._wet or device in self._climate or any((device, m) in self._alarms for m in _ALARMS)
        )

    def _sounds_again(self, readings: ReadingBatch, row: int) -> Iterator[Finding]:
        key = int(readings.device[row]), int(readings.metric[row])
        time, alarm = int(readings.time[row]), self._alarms.get(key)
        if readings.value[row] != 1.0:
            if alarm is not None:
                alarm.silent = max(alarm.silent, time)
                if time - alarm.sounded > DAY:
                    del self._alarms[key]  # what sounds from now on has a key of its own
            return
        if alarm is None:
            self._alarms[key] = _Alarm(sounded=time)
            return
        same_window = time // WINDOW == alarm.sounded // WINDOW
        in_order_again = alarm.sounded < alarm.silent <= time
        if same_window and (in_order_again or time < max(alarm.sounded, alarm.silent)):
            yield _alarm(self.name, self.version, readings, row, again=True)
        alarm.sounded = max(alarm.sounded, time)

    def _water(self, readings: ReadingBatch, row: int, slot: int) -> Iterator[Finding]:
        device, time, newest = int(readings.device[row]), int(readings.time[row]), self._devices["water"]
        if time <= newest[slot]:
            return
        newest[slot] = time
        wet = readings.value[row] == 1.0
        if wet == (device in self._wet):
            return
        if wet:
            self._wet[device] = time
        since = time if wet else self._wet.pop(device)
        yield Finding(
            kind=Kind.WATER_LEAK,
            queue=Queue.CARE,
            severity=Severity.HIGH,
            resident=int(readings.resident[row]),
            device=device,
            time=time,
            detector=self.name,
            version=self.version,
            episode=str(since),
            reason="water-leak" if wet else "water-leak-over",
            clears=not wet,
        )

    def _room(self, readings: ReadingBatch, row: int, slot: int) -> Iterator[Finding]:
        device, time, newest = int(readings.device[row]), int(readings.time[row]), self._devices["temperature"]
        if time <= newest[slot]:
            return
        newest[slot] = time
        yield from self._climate_due(device, time)
        degrees, low, high = float(readings.value[row]), float(self._low[slot]), float(self._high[slot])
        episode = self._climate.get(device)
        if episode is not None:
            episode.time, episode.degrees = time, degrees
            within = degrees - episode.limit if episode.cold else episode.limit - degrees
            if within >= HYSTERESIS or (within > 0 and not episode.raised):
                del self._climate[device]
                if episode.raised:
                    yield self._temperature(device, episode, over=True)
            else:
                return
        if degrees <= low or degrees >= high:
            cold = degrees <= low
            resident, limit = int(readings.resident[row]), low if cold else high
            self._climate[device] = _Climate(resident, cold, limit, since=time, time=time, degrees=degrees)
            heapq.heappush(self._due, (time + PERSISTENCE, device))

    def _climate_due(self, device: int, reached: int) -> Iterator[Finding]:
        """Raise what was due before `reached` (micros): a reading of just then may still say otherwise."""
        episode = self._climate.get(device)
        if episode is not None and not episode.raised and episode.since + PERSISTENCE < reached:
            episode.raised = True
            yield self._temperature(device, episode, over=False)

    def _temperature(self, device: int, episode: _Climate, *, over: bool) -> Finding:
        beyond = episode.limit - episode.degrees if episode.cold else episode.degrees - episode.limit
        reason = "home-temperature-over" if over else "home-too-cold" if episode.cold else "home-too-hot"
        return Finding(
            kind=Kind.HOME_TEMPERATURE,
            queue=Queue.CARE,
            severity=Severity.HIGH if beyond >= FAR_BEYOND else Severity.MEDIUM,
            resident=episode.resident,
            device=device,
            time=episode.time if over else episode.since + PERSISTENCE,
            detector=self.name,
            version=self.version,
            episode=str(episode.since),
            reason=reason,
            evidence={
                "degrees": episode.degrees,
                "limit": episode.limit,
                "minutes": PERSISTENCE // MINUTE,
                "since": episode.since,
            },
            clears=over,
        )
