"""What the sensors of a home say about an open emergency of its resident."""

from dataclasses import dataclass
from datetime import datetime

from storage.incidents import Alert
from storage.pool import Connection
from storage.rows import fetch_all

_METRICS = ["motion", "door_open", "bed_occupied", "steps", "heart_rate"]


@dataclass(frozen=True, slots=True)
class Sign:
    """A reading; metric: its name, value in its unit."""

    device_id: int
    metric: str
    time: datetime
    value: float


async def open_falls(connection: Connection, since: datetime) -> list[Alert]:
    """Of each open emergency the newest fall or long lie that is not cleared, if it happened since then."""
    return await fetch_all(connection, Alert, "evidence.open_falls", {"since": since})


async def signs(connection: Connection, resident_id: int, after: datetime, until: datetime) -> list[Sign]:
    """What home sensors and wearables of a resident said about movement and heart in a span, by time."""
    given = {"resident_id": resident_id, "metrics": _METRICS, "after": after, "until": until}
    return await fetch_all(connection, Sign, "evidence.signs", given)
