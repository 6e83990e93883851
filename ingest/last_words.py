"""What each device said last, for "is this person protected now?": kept beside the readings, in their transaction.

That a device was heard is written once a minute at most, what it says of itself when it changes, so that a device that
reports each second costs a row a minute. After a restart everything is written once more.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from core.clock import MINUTE
from core.metrics import metric_id
from core.readings import Bool, Float64, Int64, Intake, ReadingBatch
from storage.ingest_state import DeviceStates

HEARD_EVERY: Final = MINUTE
"""Of arrival time: how far behind the newest sign of life what is stored may be."""

_BATTERY = metric_id("battery")
_WORN = metric_id("worn")
_ONLINE = metric_id("online")
_NEVER = np.iinfo(np.int64).min
_COLUMNS: Final = ("heard", "battery", "worn", "online")


class LastWords:
    """What is stored of each device. `new` says what is to be written, `remember` that it was.

    Memory: 32 bytes for each id up to the largest (ids are counted up by the database). Cost: a few array operations
    a batch.
    """

    def __init__(self) -> None:
        # heard: micros of arrival; battery: per cent, rounded; worn, online: 0 or 1. By device id.
        self._known = {name: np.full(1024, _NEVER) for name in _COLUMNS}

    def new(self, intake: Intake) -> DeviceStates | None:
        """What of a batch is worth writing; None where nothing is."""
        readings = intake.readings
        heard = _newest_arrival(intake)
        said = [_newest(readings, metric) for metric in (_BATTERY, _WORN, _ONLINE)]
        everybody = np.unique(np.concatenate([heard[0], *(devices for devices, _, _ in said)]))
        if not len(everybody):
            return None
        self._reach(int(everybody[-1]))
        columns: dict[str, tuple[Bool, Any, Any]] = {}
        at = np.searchsorted(everybody, heard[0])
        due = heard[1] - HEARD_EVERY >= self._known["heard"][heard[0]]
        columns["heard"] = _spread(len(everybody), at[due], heard[1][due], heard[1][due])
        for name, (devices, times, values) in zip(_COLUMNS[1:], said, strict=True):
            changed = np.rint(values).astype(np.int64) != self._known[name][devices]
            at = np.searchsorted(everybody, devices[changed])
            columns[name] = _spread(len(everybody), at, values[changed], times[changed])
        wanted = np.flatnonzero(np.logical_or.reduce([present for present, _, _ in columns.values()]))
        if not len(wanted):
            return None
        listed = {name: _listed(column, wanted) for name, column in columns.items()}
        return DeviceStates(
            devices=everybody[wanted].tolist(),
            heard_at=listed["heard"][1],
            battery=listed["battery"][0],
            battery_at=listed["battery"][1],
            worn=[None if value is None else value == 1.0 for value in listed["worn"][0]],
            worn_at=listed["worn"][1],
            online=[None if value is None else value == 1.0 for value in listed["online"][0]],
            online_at=listed["online"][1],
        )

    def remember(self, states: DeviceStates) -> None:
        """Take it as written."""
        devices = np.array(states.devices)
        written: tuple[tuple[str, Sequence[float | None]], ...] = (
            ("heard", states.heard_at),
            ("battery", states.battery),
            ("worn", states.worn),
            ("online", states.online),
        )
        for name, values in written:
            there = np.array([value is not None for value in values])
            self._known[name][devices[there]] = [round(value) for value in values if value is not None]

    def _reach(self, device: int) -> None:
        size = len(self._known["heard"])
        if device < size:
            return
        more = max(size, device + 1 - size)
        self._known = {name: np.append(known, np.full(more, _NEVER)) for name, known in self._known.items()}


def _newest_arrival(intake: Intake) -> tuple[Int64, Int64]:
    """Devices that gave a sign of life, by id, and the newest arrival of each. A last will is none."""
    readings, positions, waves = intake.readings, intake.positions, intake.waveforms
    alive = (readings.metric != _ONLINE) | (readings.value != 0.0)
    device = np.concatenate(
        [readings.device[alive], positions.device, np.array([w.device for w in waves], np.int64)]
    ).astype(np.int64)
    arrival = np.concatenate(
        [readings.arrival[alive], positions.arrival, np.array([w.arrival for w in waves], np.int64)]
    )
    devices, row = np.unique(device, return_inverse=True)
    newest = np.full(len(devices), _NEVER)
    np.maximum.at(newest, row, arrival)
    return devices, newest


def _newest(readings: ReadingBatch, metric: int) -> tuple[Int64, Int64, Float64]:
    """Devices that said something of a metric, by id, with the event time and the value of the newest."""
    rows = np.flatnonzero(readings.metric == metric)
    rows = rows[np.lexsort((readings.time[rows], readings.device[rows]))]
    device = readings.device[rows].astype(np.int64)
    last = rows[np.append(device[1:] != device[:-1], True)[: len(rows)]]
    return readings.device[last].astype(np.int64), readings.time[last], readings.value[last]


def _spread(count: int, at: Int64, values: Any, times: Int64) -> tuple[Bool, Any, Int64]:
    """As columns over all devices: whether there is something, the value, the time."""
    present = np.zeros(count, np.bool_)
    present[at] = True
    value, time = np.zeros(count), np.zeros(count, np.int64)
    value[at], time[at] = values, times
    return present, value, time


def _listed(column: tuple[Bool, Any, Int64], wanted: Int64) -> tuple[list[float | None], list[int | None]]:
    present, value, time = (part[wanted].tolist() for part in column)
    return (
        [v if there else None for there, v in zip(present, value, strict=True)],
        [t if there else None for there, t in zip(present, time, strict=True)],
    )
