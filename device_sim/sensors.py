"""What the devices of a home notice of its residents' day: stays in, observations out. Seeded per device and day."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final

from core.care import DeviceKind
from core.clock import DAY, MINUTE, SECOND
from device_sim.homes import Dialect, HomeDevice, Household, offset
from device_sim.observations import Fix, Observation, Record, Records, values
from device_sim.routine import OUT, Doing, Stay


@dataclass(frozen=True, slots=True)
class HomeDay:
    """One local day of a home. start, end: micros of its midnights; stays: of each resident.

    before: of each resident, the stay in which the day began, or which ended with the day before.
    """

    seed: int
    home: Household
    on: date
    start: int
    end: int
    stays: tuple[tuple[Stay, ...], ...]
    before: tuple[Stay, ...]

    def rng(self, device: HomeDevice) -> random.Random:
        """The device's own draw of this day: what one device sends does not depend on which others there are."""
        return random.Random(f"{self.seed}/sensor/{self.home.code}/{device.code}/{self.on}")  # noqa: S311

    def constant(self, device: HomeDevice, low: int, high: int) -> int:
        """A number that belongs to the device: the same on every day."""
        return _constant(self.seed, self.home.code, device.code, low, high)

    def own(self, device: HomeDevice) -> tuple[Stay, ...]:
        """The stays of the resident whom the device watches."""
        return self.stays[device.resident or 0]

    def moves(self) -> Iterator[Iterator[tuple[Stay, Stay]]]:
        """Of each resident, every stay with the one before it."""
        return (pairwise((before, *stays)) for before, stays in zip(self.before, self.stays, strict=True))


@lru_cache(maxsize=10_000)
def _constant(seed: int, home: str, device: str, low: int, high: int) -> int:
    return random.Random(f"{seed}/device/{home}/{device}").randint(low, high)  # noqa: S311


def observe(day: HomeDay) -> list[Observation]:
    """Everything that the home's devices send on one day, in no order."""
    return [seen for device in day.home.devices for seen in _SENSORS[device.kind](day, device)]


def position(home: Household, stay: Stay, moment: int) -> tuple[float, float]:
    """Where somebody who is out is. A walk goes to its far point and back; a wanderer gets there in half the time and
    stays about there."""
    passed = (moment - stay.start) / (stay.end - stay.start)
    share = min(1.0, 2 * passed) if stay.doing is Doing.WANDER else 1 - abs(2 * passed - 1)
    return offset(home.latitude, home.longitude, stay.distance * share, stay.bearing)


def battery(day: HomeDay, device: HomeDevice, moment: int) -> int:
    """Per cent. What is worn or carried is charged every evening at 21:00; what hangs lasts for years."""
    if device.kind in (DeviceKind.WEARABLE, DeviceKind.TRACKER):
        since = (moment - day.start - _CHARGED) % DAY
        return round(100 - 45 * since / DAY)
    return day.constant(device, 55, 100)


_CHARGED: Final = 21 * 60 * MINUTE
_CHARGING: Final = 20 * MINUTE

# Beats a minute on top of the resting rate, and steps a minute (mean).
_EFFORT: Final = {
    Doing.SLEEP: (-5.0, 0.0), Doing.REST: (0.0, 0.0), Doing.ACTIVE: (8.0, 9.0), Doing.WALK: (16.0, 95.0),
    Doing.WANDER: (18.0, 90.0), Doing.LIE: (10.0, 0.0),
}  # fmt: skip


# How long the front door stands open for somebody.
_OPEN_AT_MOST: Final = 12 * SECOND


def _moments(day: HomeDay, device: HomeDevice, every: int) -> Iterator[int]:
    """Times of routine messages, `every` seconds apart, each device with its own phase, whole milliseconds."""
    first = day.constant(device, 0, every * 1000 - 1) * 1000
    return iter(range(day.start + first, day.end, every * SECOND))


def _stay_at(stays: Sequence[Stay], moments: Iterator[int]) -> Iterator[tuple[int, Stay]]:
    """Each moment with the stay it falls into; both in order."""
    index = 0
    for moment in moments:
        while stays[index].end <= moment:
            index += 1
        yield moment, stays[index]


def _millis(rng: random.Random, low: float, high: float) -> int:
    """Micros between `low` and `high` seconds, in whole milliseconds."""
    return round(rng.uniform(low, high) * 1000) * 1000


def _wearable(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    rng = day.rng(device)
    resident = day.home.residents[device.resident or 0]
    resting = day.constant(device, 64, 72)
    saturation = 90.0 if resident.care_plan.spo2_scale == 2 else 97.2
    steps = 0
    for number, (moment, stay) in enumerate(_stay_at(day.own(device), _moments(day, device, device.interval))):
        effort, pace = _EFFORT[stay.doing]
        steps += max(0, round(rng.gauss(pace, pace / 3) * device.interval / 60))
        beats, breaths, oxygen = rng.gauss(resting + effort, 2.5), rng.gauss(15.5, 0.8), rng.gauss(saturation, 0.5)
        if _CHARGED - _CHARGING <= moment - day.start < _CHARGED and stay.doing not in (Doing.LIE, Doing.WANDER):
            yield values(moment, day.home.code, device.code, ("worn", False), ("battery", battery(day, device, moment)))
            continue
        records: list[tuple[str, float | bool]] = [("heart_rate", round(beats)), ("steps", steps), ("worn", True)]
        if number % 5 == 0:
            records += [("spo2", min(100, round(oxygen))), ("respiratory_rate", round(breaths))]
        if number % 10 == 0:
            records.append(("battery", battery(day, device, moment)))
        yield values(moment, day.home.code, device.code, *records)
    yield from _walks(day, device, rng, every=60)


def _walks(day: HomeDay, device: HomeDevice, rng: random.Random, every: int) -> Iterator[Observation]:
    for stay in day.own(device):
        if stay.place != OUT:
            continue
        for moment in range(stay.start + every * SECOND // 2, stay.end, every * SECOND):
            yield _fix(day, device, moment, position(day.home, stay, moment), rng.uniform(6, 18), rng)
        if stay.end < day.end:
            home = (day.home.latitude, day.home.longitude)
            yield _fix(day, device, stay.end + 20 * SECOND, home, rng.uniform(10, 30), rng)


def _fix(
    day: HomeDay, device: HomeDevice, moment: int, where: tuple[float, float], accuracy: float, rng: random.Random
) -> Observation:
    # The stated accuracy is the radius of 68 % (OwnTracks), 1.51 standard deviations of each axis.
    error = abs(rng.gauss(0, accuracy / 1.51))
    latitude, longitude = offset(*where, error, rng.uniform(0, 6.283))
    level = battery(day, device, moment) if device.dialect is Dialect.OWNTRACKS else None
    moment -= moment % SECOND
    return Observation(moment, moment, day.home.code, device.code, Fix(latitude, longitude, accuracy, level))


def _tracker(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    rng = day.rng(device)
    for moment, stay in _stay_at(day.own(device), _moments(day, device, device.interval)):
        if stay.place != OUT:
            home = (day.home.latitude, day.home.longitude)
            yield _fix(day, device, moment, home, rng.uniform(15, 40), rng)
    yield from _walks(day, device, rng, every=120)


def _motion(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    """Occupied at once, and again at most once a minute; free after 90 s without motion, as Aqara's sensor does."""
    rng = day.rng(device)
    noticed: list[int] = []
    for moves in day.moves():
        inside = day.start
        for before, stay in moves:
            if before.place == OUT:
                # Whoever comes home shuts the door first.
                inside = stay.start + _OPEN_AT_MOST
            if stay.place != device.room or stay.doing is Doing.LIE:
                continue
            moment = max(stay.start, inside)
            entered = moment + _millis(rng, 1, 5)
            if moment < day.end <= entered:
                # The next day has them in there already.
                entered = day.end - SECOND // 1000
            begins = stay.start > day.start or before.place != stay.place
            if begins and entered < stay.end:
                noticed.append(entered)
            pause = {Doing.ACTIVE: 110.0, Doing.REST: 420.0}.get(stay.doing)
            while pause is not None:
                moment += max(SECOND, round(rng.expovariate(1 / pause) * 1000) * 1000)
                if moment >= stay.end:
                    break
                noticed.append(moment)
    noticed.sort()
    kept: list[int] = []
    for moment in noticed:
        if not kept or moment - kept[-1] >= MINUTE:
            kept.append(moment)
    for moment, following in zip(kept, [*kept[1:], day.end], strict=True):
        yield values(moment, day.home.code, device.code, ("motion", True), *_link(day, device, rng), event=True)
        if following - moment > 90 * SECOND:
            free = moment + 90 * SECOND
            yield values(free, day.home.code, device.code, ("motion", False), *_link(day, device, rng), event=True)
    yield from _check_in(day, device, rng)


def _check_in(day: HomeDay, device: HomeDevice, rng: random.Random) -> Iterator[Observation]:
    for moment in _moments(day, device, device.interval):
        yield values(moment, day.home.code, device.code, *_link(day, device, rng))


def _link(day: HomeDay, device: HomeDevice, rng: random.Random) -> tuple[tuple[str, float | bool], ...]:
    return ("battery", battery(day, device, day.start)), ("link_quality", rng.randint(60, 180))


def _door(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    """Opens for whoever leaves or comes home, and is shut behind them; for two together, once."""
    rng = day.rng(device)
    passages = sorted(
        stay.start
        for moves in day.moves()
        for before, stay in moves
        if (before.place == OUT) is not (stay.place == OUT)
    )
    shut = day.start - _OPEN_AT_MOST
    for passage in passages:
        if passage <= shut:
            continue
        shut = passage + _millis(rng, 4, _OPEN_AT_MOST / SECOND)
        yield values(passage, day.home.code, device.code, ("door_open", True), *_link(day, device, rng), event=True)
        yield values(shut, day.home.code, device.code, ("door_open", False), *_link(day, device, rng), event=True)
    yield from _check_in(day, device, rng)


def _bed(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    def occupied(stay: Stay) -> bool:
        return stay.place == "bedroom" and stay.doing is Doing.SLEEP

    stays = day.own(device)
    for before, after in pairwise(stays):
        if occupied(before) is not occupied(after):
            yield values(after.start, day.home.code, device.code, ("bed_occupied", occupied(after)), event=True)
    for moment, stay in _stay_at(stays, _moments(day, device, device.interval)):
        level = battery(day, device, moment)
        yield values(moment, day.home.code, device.code, ("bed_occupied", occupied(stay)), ("battery", level))


def _climate(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    """Two samples a pack, the older one half an interval before."""
    rng = day.rng(device)
    mean = day.constant(device, 20, 25)
    for moment in _moments(day, device, device.interval):
        records = [
            Record(metric, round(rng.gauss(middle, spread), 1), back)
            for back in (-device.interval / 2, 0.0)
            for metric, middle, spread in (("room_temperature", mean, 0.3), ("humidity", 55, 2))
        ]
        records.append(Record("battery", battery(day, device, moment)))
        yield Observation(moment, moment, day.home.code, device.code, Records(tuple(records)))


def _hazard(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    rng = day.rng(device)
    metric = {DeviceKind.SMOKE: "smoke", DeviceKind.GAS: "gas", DeviceKind.WATER: "water_leak"}[device.kind]
    for moment in _moments(day, device, device.interval):
        yield values(moment, day.home.code, device.code, (metric, False), *_link(day, device, rng))


def _cuff(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    """Morning and evening, the level of somebody who is treated for high blood pressure."""
    rng = day.rng(device)
    for hour in (8.0, 19.5):
        moment = day.start + _millis(rng, hour * 3600 - 900, hour * 3600 + 900)
        yield cuff_reading(day.home.code, device.code, moment, rng.gauss(138, 6), rng.gauss(82, 4), rng.gauss(70, 4))


def cuff_reading(
    household: str, device: str, moment: int, systolic: float, diastolic: float, pulse: float
) -> Observation:
    """What a blood-pressure cuff sends after a measurement (mm[Hg] and beats a minute)."""
    return values(
        moment, household, device,
        ("systolic_bp", round(systolic)), ("diastolic_bp", round(diastolic)), ("heart_rate", round(pulse)),
    )  # fmt: skip


def _only_when_used(day: HomeDay, device: HomeDevice) -> Iterator[Observation]:
    return iter(())


_SENSORS: Final[dict[DeviceKind, Callable[[HomeDay, HomeDevice], Iterator[Observation]]]] = {
    DeviceKind.WEARABLE: _wearable,
    DeviceKind.TRACKER: _tracker,
    DeviceKind.SOS_BUTTON: _only_when_used,
    DeviceKind.MOTION: _motion,
    DeviceKind.DOOR: _door,
    DeviceKind.BED: _bed,
    DeviceKind.SMOKE: _hazard,
    DeviceKind.GAS: _hazard,
    DeviceKind.WATER: _hazard,
    DeviceKind.CLIMATE: _climate,
    DeviceKind.VITALS: _cuff,
    DeviceKind.GATEWAY: _only_when_used,
}
