"""Recordings of homes: motion and door events of one resident each, as CSV, plain or gzip.

Columns `home`, `time` (local, without a zone), `location`, as `tables` reads them. A location with "door" in its name
is a door, any other a room with a motion sensor. Where doors are recorded as events, each event counts as a move of the
door.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.metrics import metric_id
from core.readings import Int64, ReadingBatch
from detectors.evaluation import tables
from detectors.evaluation.recordings import RecordingsError

_COLUMNS = ("home", "time", "location")
_MOTION = metric_id("motion")
_DOOR = metric_id("door_open")


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """One file. name: the file's, without its endings. digest: SHA-256 of the file. code: text[homes].

    context: a resident a home, ids from 1 in the order of `code`, in a zone in which local time is UTC.
    readings: a batch a home, in order of time.
    """

    name: str
    digest: str
    code: tuple[str, ...]
    context: CareContext
    readings: tuple[ReadingBatch, ...]

    def __len__(self) -> int:
        return len(self.code)


def load(path: Path) -> Homes:
    """Read a file. Raises RecordingsError for one that is not a recording of homes, OSError for one not there."""
    raw = path.read_bytes()
    lines = list(tables.rows(path, raw, _COLUMNS))
    home = np.array([row[0] for _, row in lines], dtype=np.str_)
    where = np.array([_room(row[2]) for _, row in lines], dtype=np.str_)
    time = np.array([_micros(path, line, row[1]) for line, row in lines], dtype=np.int64)
    codes, whose = np.unique(home, return_inverse=True)
    if not len(codes):
        raise RecordingsError(f"{path}: no events")
    rooms, room = np.unique(where, return_inverse=True)
    is_door = np.array(["door" in name for name in rooms])
    plan = CarePlan(timezone="UTC")
    residents = {n + 1: Resident(n + 1, str(code), plan) for n, code in enumerate(codes)}
    devices = {}
    batches = []
    for n, code in enumerate(codes):
        own = np.flatnonzero(whose == n)
        # The same event twice is one.
        own = own[np.unique(np.stack([time[own], room[own]]), axis=1, return_index=True)[1]]
        for kind in np.unique(room[own]):
            number = n * len(rooms) + int(kind) + 1
            sort = DeviceKind.DOOR if is_door[kind] else DeviceKind.MOTION
            name = str(rooms[kind])
            devices[number] = Device(number, f"{code}-{name}", str(code), n + 1, sort, 0, name)
        batches.append(_readings(n, time[own], room[own], is_door, len(rooms)))
    context = CareContext(devices, residents)
    name = path.name.removesuffix(".gz").removesuffix(".csv")
    return Homes(name, hashlib.sha256(raw).hexdigest(), tuple(map(str, codes)), context, tuple(batches))


def _readings(home: int, time: Int64, room: Int64, is_door: npt.NDArray[np.bool_], rooms: int) -> ReadingBatch:
    value = np.ones(len(time))
    for kind in np.flatnonzero(is_door):
        events = np.flatnonzero(room == kind)
        value[events] = (np.arange(len(events)) + 1) % 2
    return ReadingBatch.from_columns(
        device=home * rooms + room + 1,
        resident=np.full(len(time), home + 1),
        metric=np.where(is_door[room], _DOOR, _MOTION),
        time=time,
        value=value,
        arrival=time,
    )


def _room(location: str) -> str:
    """As devices name it: "Front door" or "front-door" as "front_door"."""
    return location.lower().replace("-", "_").replace(" ", "_")


def _micros(path: Path, line: int, text: str) -> int:
    if not text:
        raise RecordingsError(f"{path}, line {line}: an event without a time")
    try:
        return tables.micros(text)
    except ValueError as error:
        raise RecordingsError(f"{path}, line {line}: {error}") from error
