"""Whether a device is worn and whether its wearer walks: what explains a strange pulse or saturation."""

import msgspec
import numpy as np
import numpy.typing as npt

from core.care import CareContext
from core.clock import MINUTE
from core.metrics import metric_id
from core.readings import NO_TIME, Bool, Int64, ReadingBatch
from detectors.state import Column, Table, TableData

WALK_SETTLES = 5 * MINUTE
"""A walk explains for so long after its end."""

NEVER = int(np.iinfo(np.int64).max)

_CADENCE = 20
"""Steps a minute that are walking."""

_STEPS_WITHIN = 15 * MINUTE
_WORN, _STEPS = metric_id("worn"), metric_id("steps")
WEAR_IDS = (_WORN, _STEPS)
"""The metrics that tell it."""


class WearData(msgspec.Struct, frozen=True):
    """The state as bytes."""

    people: TableData
    devices: TableData


class Wear:
    """Of each device, since when it is worn or not, and its steps; of each resident, since when and until when the
    steps show walking. Rows of people are those of any table aligned with the same residents.
    """

    def __init__(self) -> None:
        self._people = Table(since=Column("i8", NO_TIME), until=Column("i8", NO_TIME))
        self._devices = Table(
            off=Column("i8", NO_TIME),
            on=Column("i8", NO_TIME),
            steps=Column("f8", np.nan),
            steps_time=Column("i8", NO_TIME),
        )

    def align(self, context: CareContext) -> None:
        """Have exactly these people and devices."""
        self._people.align(context.residents)
        self._devices.align(context.devices)

    def dump(self) -> WearData:
        """All of it."""
        return WearData(self._people.dump(), self._devices.dump())

    def load(self, data: WearData) -> None:
        """Take over what `dump` gave. Raises SnapshotError for something else."""
        self._people.load(data.people)
        self._devices.load(data.devices)

    def find(self, devices: npt.NDArray[np.integer]) -> Int64:
        """The rows of these devices, by id, in the order of the context's sorted ids; -1 for a stranger."""
        return self._devices.find(devices)

    def take_worn(self, step: ReadingBatch) -> None:
        """See what devices say of being worn; of a device one moment at most."""
        devices = self._devices
        row = np.where(step.metric == _WORN, devices.find(step.device), -1)
        for value, name, other in ((0.0, "off", "on"), (1.0, "on", "off")):
            at = np.flatnonzero((row >= 0) & (step.value == value))
            slot, time = row[at], step.time[at]
            # Only a change counts: repeats of the same do not move its time. At first a device is taken as worn.
            was_off = devices["off"][slot] > devices["on"][slot]
            change = (time > devices[other][slot]) & (was_off if name == "on" else ~was_off)
            devices[name][slot[change]] = time[change]

    def take_steps(self, who: Int64, step: ReadingBatch) -> Int64:
        """See step counters; of a person (`who`, rows) one moment at most. Returns who walked until then."""
        at = np.flatnonzero(step.metric == _STEPS)
        people, devices = self._people, self._devices
        row = devices.find(step.device[at])
        at, row = at[row >= 0], row[row >= 0]
        who, time, value = who[at], step.time[at], step.value[at]
        before, steps = devices["steps_time"][row], devices["steps"][row]
        later = time > before
        devices["steps_time"][row[later]] = time[later]
        devices["steps"][row[later]] = value[later]
        lately = later & (before >= time - _STEPS_WITHIN)
        walked = np.zeros(len(at), np.bool_)
        walked[lately] = (value[lately] - steps[lately]) * MINUTE >= _CADENCE * (time[lately] - before[lately])
        who, time, start = who[walked], time[walked], before[walked]
        # Several step counters of one person: the earliest start is written last.
        order = np.argsort(-start, kind="stable")
        who, time, start = who[order], time[order], start[order]
        on_end = people["until"][who] + WALK_SETTLES >= start
        people["since"][who] = np.where(on_end, np.minimum(people["since"][who], start), start)
        people["until"][who] = np.maximum(people["until"][who], time)
        return who

    def walked(self, who: Int64, at: Int64) -> Int64:
        """Micros for which each of these people (rows) has walked at these moments, NEVER for who does not."""
        since, until = self._people["since"][who], self._people["until"][who]
        walks = (since <= at) & (until + WALK_SETTLES >= at)
        return np.where(walks, at - np.where(walks, since, at), NEVER)

    def walks_since(self, row: int) -> int:
        """When the newest walk of this person began, micros."""
        return int(self._people["since"][row])

    def off(self, device: Int64, then: Int64) -> Bool:
        """Which of these devices (ids) were not worn then, by what they say."""
        if not len(self._devices):
            return np.zeros(len(device), np.bool_)
        row = self._devices.find(device)
        off, on = self._devices["off"][row], self._devices["on"][row]
        return np.asarray((row >= 0) & (off <= then) & ((on < off) | (then < on)))
