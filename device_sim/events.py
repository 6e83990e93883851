"""Things that happen to people, homes and devices: each changes the day or what is sensed of it, and knows its truth.

An event may change where the resident is (`change`), what devices send of it (`alter`) and add messages of its own
(`add`). All of them are pure; times are micros of the simulation's clock.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from core.care import DeviceKind
from core.clock import HOUR, MINUTE, SECOND
from core.findings import Kind
from device_sim import faults
from device_sim.generated_falls import IMPACT_S, generate
from device_sim.homes import HomeDevice, Household
from device_sim.observations import Clip, Observation, Record, Records, values
from device_sim.routine import HALL, OUT, SETTLED, Doing, Stay, at_home, replaced
from device_sim.sensors import cuff_reading
from device_sim.truth import Truth


class EventError(ValueError):
    """The event can't happen in this home; the message says what it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """household: its code. resident: index in it. start: when it happens."""

    household: str
    start: int
    resident: int = 0

    kind: ClassVar[Kind]

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """The resident's stays of one day, with the event in them."""
        return list(stays)

    def alter(self, home: Household, seen: list[Observation]) -> list[Observation]:
        """What the home's devices send on one day, with the event in it."""
        return seen

    def add(self, home: Household) -> Iterator[Observation]:
        """What devices send because of the event alone."""
        return iter(())

    def truth(self, home: Household) -> Truth:
        """What is to be found out, and by when. Raises EventError where the home can't tell of it."""
        raise NotImplementedError

    def until(self, home: Household) -> int:
        """When the people of the home are over it (micros): nothing else happens there before."""
        return self.start

    def _truth(self, home: Household, seconds: float, *follows: Kind, cancelled: bool = False) -> Truth:
        due = self.start + round(seconds * SECOND)
        return Truth(home.code, home.residents[self.resident].name, self.kind, self.start, due, cancelled, follows)


def _device(home: Household, kind: DeviceKind, resident: int | None = None) -> HomeDevice:
    for device in home.of_kind(kind, resident):
        return device
    raise EventError(f"{home.code} has no {kind}")


def _named(home: Household, code: str) -> HomeDevice:
    for device in home.devices:
        if device.code == code:
            return device
    raise EventError(f"{home.code} has no device {code!r}")


def _room(stays: Sequence[Stay], moment: int) -> str:
    """The room somebody is in who is at home."""
    for stay in stays:
        if stay.start <= moment < stay.end and stay.place != OUT:
            return stay.place
    return HALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Sos(Event):
    """A call for help by the button on the wall or, with `worn`, by the one on the watch."""

    worn: bool = False
    kind: ClassVar[Kind] = Kind.SOS

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """At home, where the button is."""
        return list(stays) if self.worn else at_home(stays, self.start)

    def add(self, home: Household) -> Iterator[Observation]:
        """One press."""
        yield values(self.start, home.code, self._button(home).code, ("sos", True), event=True)

    def truth(self, home: Household) -> Truth:
        """At once."""
        self._button(home)
        return self._truth(home, 5)

    def _button(self, home: Household) -> HomeDevice:
        if self.worn:
            return _device(home, DeviceKind.WEARABLE, self.resident)
        return _device(home, DeviceKind.SOS_BUTTON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall(Event):
    """A fall at home: a clip from the watch, then lying on the floor for `lies` seconds, or getting up and cancelling.

    start: the impact. seed: of the generated clip; clip: a recorded one in its place, whose impact is `impact_s` from
    its start. cancel_after: seconds from the clip to the wearer's "I am all right"; None for somebody who does not.
    flagged: the watch has a fall detection of its own and says so.
    """

    seed: int
    clip: Clip | None = None
    impact_s: float = IMPACT_S
    lies: int = 1800
    cancel_after: int | None = None
    flagged: bool = False
    kind: ClassVar[Kind] = Kind.FALL

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """Lying where they were, or up again at once."""
        stays = at_home(stays, self.start)
        if self.cancel_after is not None:
            return stays
        return replaced(stays, Stay(self.start, self.start + self.lies * SECOND, _room(stays, self.start), Doing.LIE))

    def until(self, home: Household) -> int:
        """When somebody has helped them up."""
        return self.start + (0 if self.cancel_after is not None else self.lies) * SECOND

    def add(self, home: Household) -> Iterator[Observation]:
        """The clip when it is whole, then what the wearer or the watch adds."""
        watch = _device(home, DeviceKind.WEARABLE, self.resident)
        clip = generate(self.seed) if self.clip is None else self.clip
        first = self.start - round(self.impact_s * SECOND)
        whole = first + round(len(clip.samples) / clip.rate * 1000) * 1000
        yield Observation(whole, first, home.code, watch.code, clip)
        if self.flagged:
            yield values(whole, home.code, watch.code, ("fall_flag", True), event=True)
        if self.cancel_after is not None:
            yield values(whole + self.cancel_after * SECOND, home.code, watch.code, ("cancel", True), event=True)

    def truth(self, home: Household) -> Truth:
        """When the clip is there, the stillness after it was watched and the wearer's countdown is over."""
        _device(home, DeviceKind.WEARABLE, self.resident)
        countdown = home.residents[self.resident].care_plan.fall_countdown
        follows = () if self.cancel_after is not None else (Kind.LONG_LIE, Kind.INACTIVITY, Kind.LONG_IN_BATHROOM)
        return self._truth(home, 60 + countdown, *follows, cancelled=self.cancel_after is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard(Event):
    """Smoke, gas or water: the detector is true for `minutes`, repeating itself every minute, then false."""

    minutes: int = 6

    _DEVICE: ClassVar[DeviceKind]
    _METRIC: ClassVar[str]

    def until(self, home: Household) -> int:
        """When the detector is quiet again."""
        return self.start + self.minutes * MINUTE

    def add(self, home: Household) -> Iterator[Observation]:
        """The detector's messages."""
        device = _device(home, self._DEVICE)
        for minute in range(self.minutes + 1):
            danger = minute < self.minutes
            yield values(self.start + minute * MINUTE, home.code, device.code, (self._METRIC, danger), event=True)

    def truth(self, home: Household) -> Truth:
        """At once."""
        _device(home, self._DEVICE)
        return self._truth(home, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke(Hazard):
    """Smoke in the kitchen."""

    kind: ClassVar[Kind] = Kind.SMOKE
    _DEVICE: ClassVar[DeviceKind] = DeviceKind.SMOKE
    _METRIC: ClassVar[str] = "smoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gas(Hazard):
    """Gas in the kitchen."""

    kind: ClassVar[Kind] = Kind.GAS
    _DEVICE: ClassVar[DeviceKind] = DeviceKind.GAS
    _METRIC: ClassVar[str] = "gas"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterLeak(Hazard):
    """Water on the bathroom's floor."""

    kind: ClassVar[Kind] = Kind.WATER_LEAK
    _DEVICE: ClassVar[DeviceKind] = DeviceKind.WATER
    _METRIC: ClassVar[str] = "water_leak"


@dataclass(frozen=True, slots=True, kw_only=True)
class LowOxygen(Event):
    """Oxygen saturation falls, heart and breath race: NEWS2 of 7 and more. The watch measures with every message."""

    minutes: int = 40
    kind: ClassVar[Kind] = Kind.VITALS

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """Sitting down: nobody walks like that."""
        stays = at_home(stays, self.start)
        return replaced(stays, Stay(self.start, self.until(home), _room(stays, self.start), Doing.REST))

    def until(self, home: Household) -> int:
        """When they feel well again."""
        return self.start + self.minutes * MINUTE

    def alter(self, home: Household, seen: list[Observation]) -> list[Observation]:
        """The watch's vital signs in that time."""
        watch = _device(home, DeviceKind.WEARABLE, self.resident).code
        drop = 14 if home.residents[self.resident].care_plan.spo2_scale == 2 else 13
        normal = 90 if home.residents[self.resident].care_plan.spo2_scale == 2 else 97
        until = self.until(home)

        def ill(observation: Observation) -> Observation:
            if observation.device != watch or not self.start <= observation.at < until:
                return observation
            if not isinstance(observation.body, Records) or observation.body.event:
                return observation
            vital = {"heart_rate", "spo2", "respiratory_rate"}
            kept = tuple(r for r in observation.body.values if r.metric not in vital)
            # Within a percent and two beats, drawn from the time so that the event needs no seed.
            wobble = observation.at // MINUTE % 3 - 1
            signs = (
                Record("heart_rate", 124 + 2 * wobble),
                Record("spo2", normal - drop + wobble),
                Record("respiratory_rate", 27 + wobble),
            )
            return replace(observation, body=replace(observation.body, values=(*signs, *kept)))

        return [ill(observation) for observation in seen]

    def truth(self, home: Household) -> Truth:
        """After five minutes of it: one bad value is an artefact."""
        _device(home, DeviceKind.WEARABLE, self.resident)
        return self._truth(home, 10 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class HighPressure(Event):
    """A blood pressure far above the care plan's limit, measured three times, as people do who do not believe it."""

    kind: ClassVar[Kind] = Kind.VITALS

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """At home, where the cuff is."""
        return at_home(stays, self.start)

    def until(self, home: Household) -> int:
        """After the last measurement."""
        return self.start + 4 * MINUTE

    def add(self, home: Household) -> Iterator[Observation]:
        """Three measurements, two minutes apart."""
        cuff = _device(home, DeviceKind.VITALS, self.resident)
        for number, (systolic, diastolic) in enumerate(((224, 121), (228, 124), (226, 122))):
            yield cuff_reading(home.code, cuff.code, self.start + number * 2 * MINUTE, systolic, diastolic, 96)

    def truth(self, home: Household) -> Truth:
        """After the third."""
        _device(home, DeviceKind.VITALS, self.resident)
        return self._truth(home, 5 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wandering(Event):
    """Leaves home and walks `metres` away, beyond the zone of the care plan, to be found after `minutes`."""

    metres: float = 1200.0
    bearing: float = 1.0
    minutes: int = 60
    kind: ClassVar[Kind] = Kind.WANDERING

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """Out there, from home."""
        stays = at_home(stays, self.start)
        return replaced(stays, Stay(self.start, self.until(home), OUT, Doing.WANDER, self.bearing, self.metres))

    def until(self, home: Household) -> int:
        """When they have been found and brought home."""
        return self.start + self.minutes * MINUTE

    def truth(self, home: Household) -> Truth:
        """Out of the zone's edge and its dwell time, with some fixes to spare. It starts where the edge is crossed."""
        zones = [zone for zone in home.residents[self.resident].care_plan.zones if zone.inside]
        if not zones:
            raise EventError(f"{home.code} has no zone to leave")
        zone = max(zones, key=lambda z: z.radius)
        if zone.radius > self.metres * 0.8:
            raise EventError(f"{self.metres} m do not leave a zone of {zone.radius} m")
        crossing = round(zone.radius / self.metres * self.minutes / 2 * MINUTE)
        event = replace(self, start=self.start + crossing)
        return event._truth(home, zone.dwell + 5 * 60, Kind.NOT_HOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Still(Event):
    """Lies still at home for `hours`: nothing moves but the heart. Longer than the plan's limit of inactivity.

    They moved about right before, and were seen: who was last seen hours ago is missed hours earlier.
    """

    hours: float
    kind: ClassVar[Kind] = Kind.INACTIVITY

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """Lying where they moved about."""
        stays = at_home(stays, self.start)
        room = _room(stays, self.start)
        stays = replaced(stays, Stay(self.start - SETTLED, self.start, room, Doing.ACTIVE))
        return replaced(stays, Stay(self.start, self.until(home), room, Doing.LIE))

    def until(self, home: Household) -> int:
        """When they can get up."""
        return self.start + round(self.hours * HOUR)

    def truth(self, home: Household) -> Truth:
        """When the limit has passed since they last moved."""
        limit = home.residents[self.resident].care_plan.inactivity_hours
        if limit is None or limit >= self.hours or len(home.residents) > 1:
            raise EventError(f"{home.code}: no limit of inactivity below {self.hours} h for somebody who lives alone")
        return self._truth(home, limit * 3600 + 300, Kind.LONG_IN_BATHROOM, Kind.LONG_LIE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongInBathroom(Event):
    """Goes into the bathroom, moves there for `moves` minutes, and lies there for longer than the plan allows."""

    moves: int = 3
    beyond: int = 30
    kind: ClassVar[Kind] = Kind.LONG_IN_BATHROOM

    def change(self, home: Household, stays: Sequence[Stay]) -> list[Stay]:
        """In there, until `beyond` minutes after the limit."""
        stays = at_home(stays, self.start)
        fell = self.start + self.moves * MINUTE
        going_in = replaced(stays, Stay(self.start, fell, "bathroom", Doing.ACTIVE))
        return replaced(going_in, Stay(fell, self.until(home), "bathroom", Doing.LIE))

    def until(self, home: Household) -> int:
        """When they have been found."""
        return self.start + (self._limit(home) + self.beyond) * MINUTE

    def truth(self, home: Household) -> Truth:
        """When the limit has passed since they went in."""
        if not any(device.room == "bathroom" for device in home.of_kind(DeviceKind.MOTION)):
            raise EventError(f"{home.code} has no motion sensor in the bathroom")
        if len(home.residents) > 1:
            raise EventError(f"{home.code}: who lives with somebody is not seen to be in the bathroom")
        return self._truth(home, self._limit(home) * 60 + 120, Kind.INACTIVITY, Kind.LONG_LIE)

    def _limit(self, home: Household) -> int:
        return home.residents[self.resident].care_plan.bathroom_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent(Event):
    """A device falls silent and stays so for `hours`."""

    device: str
    hours: float = 24.0
    kind: ClassVar[Kind] = Kind.DEVICE_SILENT

    def alter(self, home: Household, seen: list[Observation]) -> list[Observation]:
        """Without its messages."""
        return faults.silence(seen, self.device, self.start, self.start + round(self.hours * HOUR))

    def truth(self, home: Household) -> Truth:
        """One and a half intervals after its last message, and once its neighbours were heard."""
        device = _named(home, self.device)
        if not device.interval:
            raise EventError(f"{home.code}: {self.device} speaks only when something happens")
        return self._truth(home, 1.5 * device.interval + 180, Kind.NOT_WORN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LowBattery(Event):
    """A device's battery is at `level` per cent from now on."""

    device: str
    level: int = 4
    kind: ClassVar[Kind] = Kind.BATTERY_LOW

    def alter(self, home: Household, seen: list[Observation]) -> list[Observation]:
        """Every message of the device says so."""
        return faults.low_battery(seen, self.device, self.start, self.level)

    def truth(self, home: Household) -> Truth:
        """With the second message: one value may be a dip."""
        return self._truth(home, 2 * (_named(home, self.device).interval or 86_400) + 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongClock(Event):
    """A device's clock jumps ahead by `seconds`, more than the five minutes that are forgiven."""

    device: str
    seconds: float = 3600.0
    kind: ClassVar[Kind] = Kind.CLOCK_WRONG

    def alter(self, home: Household, seen: list[Observation]) -> list[Observation]:
        """Times of its messages from then on."""
        before = [s for s in seen if s.at < self.start]
        return before + faults.skew((s for s in seen if s.at >= self.start), self.device, self.seconds)

    def truth(self, home: Household) -> Truth:
        """With the second message."""
        return self._truth(home, 2 * (_named(home, self.device).interval or 86_400) + 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cold(Event):
    """The heating fails: the thermometer reads `degrees` for `hours`."""

    degrees: float = 6.0
    hours: float = 3.0
    kind: ClassVar[Kind] = Kind.HOME_TEMPERATURE

    def alter(self, home: Household, seen: list[Observation]) -> list[Observation]:
        """The thermometer's values in that time."""
        device = _device(home, DeviceKind.CLIMATE).code
        until = self.until(home)

        def cold(body: Records) -> Records:
            read = (replace(r, value=self.degrees) if r.metric == "room_temperature" else r for r in body.values)
            return replace(body, values=tuple(read))

        return [
            replace(s, body=cold(s.body))
            if s.device == device and self.start <= s.at < until and isinstance(s.body, Records)
            else s
            for s in seen
        ]

    def until(self, home: Household) -> int:
        """When it is warm again."""
        return self.start + round(self.hours * HOUR)

    def truth(self, home: Household) -> Truth:
        """After half an hour: an open window is no emergency."""
        _device(home, DeviceKind.CLIMATE)
        return self._truth(home, 1800 + 600)


NAMES: Final = (
    "sos", "sos-watch", "fall", "fall-cancelled", "smoke", "gas", "water-leak", "low-oxygen", "high-pressure",
    "wandering", "still", "bathroom", "silent", "low-battery", "wrong-clock", "cold",
)  # fmt: skip
"""What `named` makes."""


def named(name: str, home: Household, start: int, seed: int) -> Event:
    """The event of that name with its usual sizes.

    Raises EventError where it can't happen in this home, KeyError for an unknown name.
    """
    at: dict[str, Any] = {"household": home.code, "start": start}
    limit = home.residents[0].care_plan.inactivity_hours or 0.0
    makers: dict[str, Callable[[], Event]] = {
        "sos": lambda: Sos(**at),
        "sos-watch": lambda: Sos(**at, worn=True),
        "fall": lambda: Fall(**at, seed=seed),
        "fall-cancelled": lambda: Fall(**at, seed=seed, cancel_after=8),
        "smoke": lambda: Smoke(**at),
        "gas": lambda: Gas(**at),
        "water-leak": lambda: WaterLeak(**at),
        "low-oxygen": lambda: LowOxygen(**at),
        "high-pressure": lambda: HighPressure(**at),
        "wandering": lambda: Wandering(**at),
        "still": lambda: Still(**at, hours=limit + 1),
        "bathroom": lambda: LongInBathroom(**at),
        "silent": lambda: Silent(**at, device=_device(home, DeviceKind.CLIMATE).code),
        "low-battery": lambda: LowBattery(**at, device=_device(home, DeviceKind.BED).code),
        "wrong-clock": lambda: WrongClock(**at, device=_device(home, DeviceKind.CLIMATE).code),
        "cold": lambda: Cold(**at),
    }  # fmt: skip
    event = makers[name]()
    event.truth(home)
    return event
