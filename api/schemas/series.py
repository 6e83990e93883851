"""What devices send: readings, positions, waveforms."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from api.schemas.base import Input, Output, Text


class Reading(Output):
    """One value. `time` is event time, `arrival` when Kanhu got it."""

    device_id: int
    metric: str
    unit: str = Field(description="UCUM")
    time: datetime
    value: float
    arrival: datetime
    sent: datetime | None = Field(description="the impossible time that the device gave; `time` is then the arrival")


class Hour(Output):
    """The readings of one hour."""

    device_id: int
    metric: str
    unit: str
    hour: datetime
    readings: int
    low: float
    high: float
    mean: float


class Hours(Output):
    """Hourly figures, oldest first."""

    items: list[Hour]


class Latest(Output):
    """The newest value of each device and metric."""

    items: list[Reading]


class Seen(Output):
    """When a device was last heard of within 30 days; null: not at all."""

    device_id: int
    code: str
    kind: str
    room: str
    interval_s: int
    last_seen: datetime | None = Field(description="arrival time of the newest message")
    battery: float | None = Field(description="percent")
    battery_time: datetime | None


class LastSeen(Output):
    """The devices in use that watch a resident."""

    items: list[Seen]


class Position(Output):
    """One fix."""

    device_id: int
    time: datetime
    latitude: float
    longitude: float
    accuracy: float | None = Field(description="metres, 68 % confidence")
    source: str
    arrival: datetime


class Waveform(Output):
    """Equally spaced acceleration samples."""

    device_id: int
    time: datetime = Field(description="of the first sample")
    rate: float = Field(description="samples a second")
    samples: list[tuple[int, int, int]] = Field(description="x, y, z in milli-g")
    arrival: datetime


class PositionAccess(Input):
    """Why somebody has to know where a resident is although no incident is open. It is written down."""

    reason: Text = Field(min_length=3, description="kept for good, with who asked and when")
    first: AwareDatetime | None = Field(None, description="from then on; a day ago if not given")
    last: AwareDatetime | None = Field(None, description="up to then; now if not given")
    limit: int = Field(100, ge=1, le=500)
    cursor: str | None = Field(None, max_length=500)
