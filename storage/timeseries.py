"""Reading what devices sent: readings, positions and waveforms of a resident by metric and time, page by page.

All functions take a connection inside the caller's transaction. Times are event times, aware datetimes; a range is
[first, last). Pages go from new to old: `before` is the place of the last row of the page before. Whether the resident
is in the user's scope, and whether positions may be shown, is the caller's question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.metrics import METRICS, metric_id
from core.readings import Int16
from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_value

_ALL_METRICS = tuple(metric.id for metric in METRICS)
_BATTERY = metric_id("battery")
# Older than this a device's newest reading says nothing about it; the bound lets whole chunks be left out.
_SEEN_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading. device, metric: ids. sent: the impossible time the device gave, where `time` is the arrival."""

    device: int
    metric: int
    time: datetime
    value: float
    arrival: datetime
    sent: datetime | None

    @property
    def place(self) -> "ReadingPlace":
        """Where this row stands among the pages."""
        return ReadingPlace(self.time, self.device, self.metric)


@dataclass(frozen=True, slots=True)
class ReadingPlace:
    """A row's place in the order of `readings`."""

    time: datetime
    device: int
    metric: int


@dataclass(frozen=True, slots=True)
class Hour:
    """The readings of a device and metric in the hour that begins at `hour`."""

    device: int
    metric: int
    hour: datetime
    readings: int
    low: float
    high: float
    mean: float


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in the order of `positions` and `waveforms`."""

    time: datetime
    device: int


@dataclass(frozen=True, slots=True)
class Position:
    """One fix. accuracy: metres, None where the device gave none. source: index into POSITION_SOURCES."""

    device: int
    time: datetime
    latitude: float
    longitude: float
    accuracy: float | None
    source: int
    arrival: datetime
    sent: datetime | None

    @property
    def place(self) -> Place:
        """Where this row stands among the pages."""
        return Place(self.time, self.device)


@dataclass(frozen=True, slots=True)
class Waveform:
    """Equally spaced acceleration samples from `time` on, `rate` a second; samples: little-endian int16 triples."""

    device: int
    time: datetime
    rate: float
    samples: bytes
    arrival: datetime
    sent: datetime | None

    @property
    def place(self) -> Place:
        """Where this row stands among the pages."""
        return Place(self.time, self.device)

    @property
    def milli_g(self) -> Int16:
        """The samples as int16[n, 3], milli-g."""
        return np.frombuffer(self.samples, dtype="<i2").reshape(-1, 3)


@dataclass(frozen=True, slots=True)
class Seen:
    """When a device was last heard of: the newest arrival; battery in percent with its event time."""

    device: int
    arrival: datetime
    battery: float | None
    battery_time: datetime | None


async def devices_of(connection: Connection, resident_id: int) -> list[int]:
    """The ids of the devices that watch a resident, those out of use too."""
    rows = await fetch_all(connection, _DeviceId, "timeseries.devices_of", {"resident_id": resident_id})
    return [row.id for row in rows]


async def readings(
    connection: Connection,
    devices: Sequence[int],
    first: datetime,
    last: datetime,
    *,
    metrics: Sequence[int] = _ALL_METRICS,
    before: ReadingPlace | None = None,
    maximum: int,
) -> list[Reading]:
    """Up to `maximum` readings of the devices, newest first."""
    given = {
        "devices": list(devices),
        "metrics": list(metrics),
        "first": first,
        "last": last,
        "before_time": before.time if before else None,
        "before_device": before.device if before else None,
        "before_metric": before.metric if before else None,
        "maximum": maximum,
    }
    return await fetch_all(connection, Reading, "timeseries.readings", given)


async def hours(
    connection: Connection,
    devices: Sequence[int],
    first: datetime,
    last: datetime,
    *,
    metrics: Sequence[int],
    maximum: int,
) -> list[Hour]:
    """Up to `maximum` hours of the devices and metrics, oldest first."""
    given = {"devices": list(devices), "metrics": list(metrics), "first": first, "last": last, "maximum": maximum}
    return await fetch_all(connection, Hour, "timeseries.hours", given)


async def latest(
    connection: Connection, devices: Sequence[int], now: datetime, *, metrics: Sequence[int] = _ALL_METRICS
) -> list[Reading]:
    """The newest reading by event time of each device and metric within 30 days."""
    given = {"devices": list(devices), "metrics": list(metrics), "first": now - _SEEN_WITHIN}
    return await fetch_all(connection, Reading, "timeseries.latest", given)


async def last_seen(connection: Connection, devices: Sequence[int], now: datetime) -> list[Seen]:
    """When each device was last heard of within 30 days, by device; one that was not is left out."""
    fixes = await _latest_positions(connection, devices, now)
    return seen(await latest(connection, devices, now), fixes)


def seen(newest: Iterable[Reading], fixes: Iterable[Position] = ()) -> list[Seen]:
    """Last seen from the newest readings of each device and metric, and the newest fixes."""
    arrivals: dict[int, datetime] = {}
    batteries: dict[int, Reading] = {}
    for row in newest:
        arrivals[row.device] = max(row.arrival, arrivals.get(row.device, row.arrival))
        if row.metric == _BATTERY:
            batteries[row.device] = row
    for fix in fixes:
        arrivals[fix.device] = max(fix.arrival, arrivals.get(fix.device, fix.arrival))
    result = []
    for device, arrival in sorted(arrivals.items()):
        battery = batteries.get(device)
        result.append(Seen(device, arrival, battery.value if battery else None, battery.time if battery else None))
    return result


async def _latest_positions(connection: Connection, devices: Sequence[int], now: datetime) -> list[Position]:
    result = []
    for device in devices:
        # A device's clock may be a little ahead, so the range ends after now.
        result += await positions(connection, [device], now - _SEEN_WITHIN, now + timedelta(days=1), maximum=1)
    return result


async def positions(
    connection: Connection,
    devices: Sequence[int],
    first: datetime,
    last: datetime,
    *,
    before: Place | None = None,
    maximum: int,
) -> list[Position]:
    """Up to `maximum` fixes of the devices, newest first."""
    return await fetch_all(connection, Position, "timeseries.positions", _page(devices, first, last, before, maximum))


async def waveforms(
    connection: Connection,
    devices: Sequence[int],
    first: datetime,
    last: datetime,
    *,
    before: Place | None = None,
    maximum: int,
) -> list[Waveform]:
    """Up to `maximum` waveforms of the devices, newest first."""
    return await fetch_all(connection, Waveform, "timeseries.waveforms", _page(devices, first, last, before, maximum))


async def positions_are_open(connection: Connection, resident_id: int) -> bool:
    """Whether an incident of the emergency or care queue is open, so that positions are shown without a reason."""
    return bool(await fetch_value(connection, bool, "timeseries.positions_are_open", {"resident_id": resident_id}))


async def log_position_access(
    connection: Connection, user_id: int, resident_id: int, reason: str, now: datetime
) -> None:
    """Write down who looks at a resident's positions outside an open incident, and why."""
    given = {"at": now, "user_id": user_id, "resident_id": resident_id, "reason": reason}
    await execute(connection, "timeseries.log_position_access", given)


def _page(
    devices: Sequence[int], first: datetime, last: datetime, before: Place | None, maximum: int
) -> dict[str, object]:
    return {
        "devices": list(devices),
        "first": first,
        "last": last,
        "before_time": before.time if before else None,
        "before_device": before.device if before else None,
        "maximum": maximum,
    }


@dataclass(frozen=True, slots=True)
class _DeviceId:
    id: int
