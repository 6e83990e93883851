"""What the sensors of a home tell about where its resident is: by the kind of a device and the room it hangs in.

Facts of the care context as columns that run beside a detector's tables, one row a device or a resident; and two
operations that every detector of the home needs on a batch.
"""

import msgspec
import numpy as np

from core.care import CareColumns, DeviceKind
from core.clock import SECOND
from core.metrics import metric_id
from core.readings import Bool, Float64, Int64, ReadingBatch
from detectors.local_time import local
from detectors.state import Table, TableData, pack, unpack

MOTION = metric_id("motion")
DOOR = metric_id("door_open")
BED = metric_id("bed_occupied")
ONLINE = metric_id("online")

SIGNS_OF_LIFE = frozenset(
    map(metric_id, ("room_temperature", "humidity", "illuminance", "power", "battery", "link_quality", "online"))
)
"""What home sensors say of themselves or the room: nobody moved, but they work."""

NOT_AT_HOME = frozenset({DeviceKind.WEARABLE, DeviceKind.TRACKER, DeviceKind.VITALS, DeviceKind.SOS_BUTTON})
"""Devices that say nothing about whether the sensors of the home work."""

NEVER = np.iinfo(np.int64).min
NOT_DUE = np.iinfo(np.int64).max

_OUTSIDE_DOORS = frozenset(
    {"front_door", "back_door", "main_door", "entrance_door", "大门", "前门", "后门", "入户门", "进户门", "防盗门"}
)
_BATHROOMS = frozenset({"bathroom", "toilet", "wc", "shower", "shower_room", "卫生间", "浴室", "厕所", "洗手间"})
_BEDROOMS = frozenset({"bedroom", "卧室", "主卧", "次卧"})
_PASSAGES = frozenset({"hall", "hallway", "corridor", "landing", "stairs", "entrance", "走廊", "过道", "玄关", "楼梯"})


def _words(room: str) -> str:
    return room.strip().lower().replace("-", "_").replace(" ", "_").rstrip("_0123456789")


def is_bathroom(room: str) -> bool:
    """Whether a room of that name is a bathroom or toilet ("bathroom", "Bathroom 2", "卫生间")."""
    return _words(room) in _BATHROOMS


def is_bedroom(room: str) -> bool:
    """Whether a room of that name is a bedroom."""
    return _words(room) in _BEDROOMS


def is_passage(room: str) -> bool:
    """Whether people only pass through a room of that name."""
    return _words(room) in _PASSAGES


def is_outside_door(room: str) -> bool:
    """Whether what is called a room is a door to the outside ("front_door", "Front Door", "大门")."""
    return _words(room) in _OUTSIDE_DOORS


def lead_outside(columns: CareColumns) -> Bool:
    """Which devices are the sensors of a door to the outside; a door without a room is one: bool[devices]."""
    nameless = columns.of_kinds((DeviceKind.DOOR,)) & columns.in_rooms(lambda room: not room)
    return np.asarray(columns.in_rooms(is_outside_door) | nameless)


class _State(msgspec.Struct, frozen=True):
    people: TableData
    devices: TableData


class HomeTables:
    """What a detector of the home remembers, one row a resident and one row a device of the care context."""

    def __init__(self, people: Table, devices: Table) -> None:
        self._people = people
        self._devices = devices

    def align(self, columns: CareColumns) -> None:
        """Have the rows of this context, in its order."""
        self._people.align(columns.resident)
        self._devices.align(columns.device)

    def known(self, readings: ReadingBatch) -> tuple[ReadingBatch, Int64, Int64]:
        """The readings of people and devices of the context, with the rows of both: int64[n] each."""
        person, device = self._people.find(readings.resident), self._devices.find(readings.device)
        known = (person >= 0) & (device >= 0)
        return (readings, person, device) if known.all() else (readings.take(known), person[known], device[known])

    def snapshot(self, name: str, version: int) -> bytes:
        """All of it, as a detector's state."""
        return pack(name, version, _State(self._people.dump(), self._devices.dump()))

    def restore(self, name: str, version: int, snapshot: bytes) -> None:
        """Take over a state. Raises SnapshotError for another version's or a damaged one."""
        state = unpack(name, version, snapshot, _State)
        self._people.load(state.people)
        self._devices.load(state.devices)


def patience(owner: Int64, beats: Bool, interval: Int64, residents: int) -> Int64:
    """How long a resident's home sensors may be unheard before it is an outage, micros: int64[residents].

    0 where none reports by itself. owner: the resident's row of each device, -1 for none; beats: whether its reports
    count; interval: seconds. One and a half times that of the slowest which report at least hourly, so that one dead
    sensor does not look like an outage of all.
    """
    often = beats & (interval <= 3600)
    slowest = np.zeros(residents, np.int64)
    np.maximum.at(slowest, owner[often], interval[often])
    quickest = np.full(residents, NOT_DUE)
    np.minimum.at(quickest, owner[beats], interval[beats])
    chosen = np.where(slowest > 0, slowest, np.where(quickest == NOT_DUE, 0, quickest))
    return np.asarray(chosen * SECOND * 3 // 2)


def moved(newest: Float64, device: Int64, value: Float64) -> Bool:
    """Which readings of a door or a bed tell of a person: it changed, or is the first and on: bool[n].

    Sensors repeat themselves. Arguments as of `values_before`.
    """
    before = values_before(newest, device, value)
    return np.asarray((value != before) & ((value == 1.0) | ~np.isnan(before)))


def values_before(newest: Float64, device: Int64, value: Float64) -> Float64:
    """The value that each device had before, NaN for none: float64[n]; remembers the last of each in `newest`.

    Args: newest, a column of the devices' table, written into; device, the table's row of each reading, in order of
    time; value.
    """
    if not len(value):
        return np.empty(0)
    order = np.argsort(device, kind="stable")
    ordered = device[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    last = np.concatenate((first[1:], [True]))
    previous = np.concatenate(([np.nan], value[order][:-1]))
    previous[first] = newest[ordered[first]]
    newest[ordered[last]] = value[order][last]
    before = np.empty(len(value))
    before[order] = previous
    return before


class Zones:
    """Residents' local time."""

    def __init__(self, columns: CareColumns) -> None:
        names: dict[str, int] = {}
        self._code = columns.of_plans("timezone", np.int16, lambda name: names.setdefault(name, len(names)))
        self._names = tuple(names)

    def local(self, people: Int64, time: Int64) -> Int64:
        """Moments (micros UTC) as micros of the local time of these residents (rows): int64[n]."""
        if len(self._names) == 1:
            return local(self._names[0], time)
        shown = np.empty(len(time), np.int64)
        for code, zone in enumerate(self._names):
            here = self._code[people] == code
            if here.any():
                shown[here] = local(zone, time[here])
        return shown
