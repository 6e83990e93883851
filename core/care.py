"""What detectors know about people and devices: the care context. Read from the store, handed in, never fetched."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from core.readings import Int64


class DeviceKind(StrEnum):
    """What a device is, which says what its silence means."""

    WEARABLE = "wearable"
    TRACKER = "tracker"
    SOS_BUTTON = "sos_button"
    MOTION = "motion"
    DOOR = "door"
    BED = "bed"
    SMOKE = "smoke"
    GAS = "gas"
    WATER = "water"
    CLIMATE = "climate"
    VITALS = "vitals"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Device:
    """A device as ingest and detectors know it.

    interval: seconds between two messages of a working one; 0 for one that speaks only when something happens.
    room: where it hangs ("kitchen", "bathroom", "front_door", …), "" for a worn one.
    """

    id: int
    code: str
    household: str
    resident: int
    kind: DeviceKind
    interval: int
    room: str = ""


class Zone(msgspec.Struct, frozen=True):
    """A circle on the map. inside: the resident should stay within; else should stay out.

    latitude, longitude: degrees, WGS 84. radius: metres. dwell: seconds outside before it counts.
    """

    name: str
    latitude: float
    longitude: float
    radius: float
    inside: bool = True
    dwell: int = 120


class Limits(msgspec.Struct, frozen=True):
    """Hard limits for one metric, always applied on top of NEWS2; in the metric's own unit."""

    low: float | None = None
    high: float | None = None


class CarePlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is agreed for one resident. Stored as JSON, checked on the way in; every field has a default.

    spo2_scale: NEWS2 Scale 1, or 2 for a prescribed target of 88 to 92 % (hypercapnic respiratory failure).
    inactivity_hours: a fixed limit on silence in the home, None for the learnt profile.
    home_by: local time "HH:MM" by which the resident should be home, None for no such time.
    quiet_start, quiet_end: local hours in which care and maintenance do not ring; emergencies always do.
    room_low, room_high: degrees Celsius.
    """

    timezone: str = "Asia/Shanghai"
    spo2_scale: int = 1
    limits: dict[str, Limits] = {}
    zones: tuple[Zone, ...] = ()
    home_by: str | None = None
    inactivity_hours: float | None = None
    bathroom_minutes: int = 60
    quiet_start: str = "22:00"
    quiet_end: str = "07:00"
    room_low: float = 12.0
    room_high: float = 35.0
    fall_countdown: int = 20


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident as detectors know them: no name, no address. birth_year 0 where unknown."""

    id: int
    household: str
    plan: CarePlan = field(default_factory=CarePlan)
    birth_year: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class CareColumns:
    """A care context as columns, by ascending id: of its devices (device, owner, interval, kind, room, home:
    [devices]) and of its residents (resident, resident_home: [residents]; plan_holders: the objects).

    owner: the resident's id, 0 for nobody. owner_row: the row of the owner, -1 where the context has none. interval:
    seconds. kind: place in KINDS. room: place in `rooms`, the names of all rooms. home, resident_home: number of the
    household, counted from 0 to `homes` - 1.
    """

    device: Int64
    owner: Int64
    owner_row: Int64
    interval: Int64
    kind: npt.NDArray[np.int8]
    room: Int64
    rooms: tuple[str, ...]
    home: Int64
    resident: Int64
    resident_home: Int64
    plan_holders: list[Resident]
    homes: int

    def of_kinds(self, kinds: Iterable[DeviceKind]) -> npt.NDArray[np.bool_]:
        """Which devices are of these kinds: bool[devices]."""
        wanted = np.zeros(len(KINDS), np.bool_)
        wanted[[KINDS.index(kind) for kind in kinds]] = True
        return np.asarray(wanted[self.kind])

    def in_rooms(self, means: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        """Which devices hang in a room whose name means that: bool[devices]. Each name is asked about once."""
        return np.asarray(np.fromiter(map(means, self.rooms), np.bool_, len(self.rooms))[self.room])

    def of_plans(
        self, name: str, kind: type[np.generic], meaning: Callable[[Any], object] | None = None
    ) -> npt.NDArray[Any]:
        """A field of each resident's care plan, or what it means: [residents]. Each value is asked about once."""
        values = list(map(attrgetter(f"plan.{name}"), self.plan_holders))
        if meaning is not None:
            meant = {value: meaning(value) for value in set(values)}
            values = list(map(meant.__getitem__, values))
        return np.fromiter(values, kind, len(values))


KINDS = tuple(DeviceKind)
_CODES = {kind: code for code, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class CareContext:
    """All devices and residents of one worker. A new one replaces it when something changed."""

    devices: Mapping[int, Device] = field(default_factory=dict)
    residents: Mapping[int, Resident] = field(default_factory=dict)

    @cached_property
    def columns(self) -> CareColumns:
        """The same as columns, made once for all detectors: going through a million objects takes most of a second."""
        device, devices = _by_id(self.devices)
        resident, residents = _by_id(self.residents)
        count = len(devices)
        owner = np.fromiter(map(attrgetter("resident"), devices), np.int64, count)
        owner_row = np.full(count, -1)
        if len(resident):
            at = np.minimum(np.searchsorted(resident, owner), len(resident) - 1)
            owner_row = np.where(resident[at] == owner, at, -1)
        # Households are told apart by 64 bits of hash: a dictionary of a million names takes seconds, and for a city of
        # as many the odds that two are taken for one are below one in ten million.
        home, resident_home = _hashes(devices), _hashes(residents)
        apart = np.append(resident_home, 0)[owner_row] != home
        apart |= owner_row < 0
        numbers, numbered = np.unique(np.concatenate([resident_home, home[apart]]), return_inverse=True)
        resident_home = numbered[: len(residents)]
        home = np.append(resident_home, -1)[owner_row]
        home[apart] = numbered[len(residents) :]
        rooms: dict[str, int] = {}
        room = (rooms.setdefault(name, len(rooms)) for name in map(attrgetter("room"), devices))
        return CareColumns(
            room=np.fromiter(room, np.int64, count),
            rooms=tuple(rooms),
            device=device,
            owner=owner,
            owner_row=owner_row,
            interval=np.fromiter(map(attrgetter("interval"), devices), np.int64, count),
            kind=np.fromiter(map(_CODES.__getitem__, map(attrgetter("kind"), devices)), np.int8, count),
            home=home,
            resident=resident,
            resident_home=resident_home,
            plan_holders=residents,
            homes=len(numbers),
        )


def _hashes(living_there: list[Any]) -> Int64:
    return np.fromiter(map(hash, map(attrgetter("household"), living_there)), np.int64, len(living_there))


def _by_id(things: Mapping[int, Any]) -> tuple[Int64, list[Any]]:
    ids = np.fromiter(things, np.int64, len(things))
    if np.all(ids[1:] > ids[:-1]):
        return ids, list(things.values())
    ids.sort()
    return ids, [things[i] for i in ids.tolist()]
