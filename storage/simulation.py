"""What the simulator asks, to compare what came out with what it sent. Functions take a connection."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.pool import Connection
from storage.rows import fetch_all, fetch_value


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """An alert and its incident. household: code; resident: name; opened_at: None while it never was in the queue."""

    household: str
    resident: str
    kind: str
    raised_at: datetime
    event_time: datetime
    incident: int
    queue: str
    opened_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it can be found again. household, device: codes; time: event time."""

    household: str
    device: str
    time: datetime


async def outcomes(connection: Connection, households: Collection[str], since: datetime) -> list[AlertOutcome]:
    """All alerts of the households that were raised since a moment, in order."""
    given = {"households": list(households), "since": since}
    return await fetch_all(connection, AlertOutcome, "simulation.outcomes", given)


async def committed(connection: Connection, asked: Sequence[Sent], metric: int) -> list[Sent]:
    """Which of the messages have their reading of the metric in the database."""
    return await fetch_all(connection, Sent, "simulation.committed", _columns(asked) | {"metric": metric})


async def alerted(connection: Connection, asked: Sequence[Sent]) -> list[Sent]:
    """Which of the calls for help have their alert."""
    return await fetch_all(connection, Sent, "simulation.alerted", _columns(asked))


async def count_readings(
    connection: Connection, households: Collection[str], metrics: Collection[int], first: datetime, last: datetime
) -> int:
    """Readings with event times in [first, last]."""
    given = {"households": list(households), "metrics": list(metrics), "first": first, "last": last}
    return await fetch_value(connection, int, "simulation.count_readings", given) or 0


async def count_sos(connection: Connection, households: Collection[str], first: datetime, last: datetime) -> int:
    """SOS alerts with event times in [first, last]."""
    given = {"households": list(households), "first": first, "last": last}
    return await fetch_value(connection, int, "simulation.count_sos", given) or 0


def _columns(asked: Sequence[Sent]) -> dict[str, object]:
    return {
        "households": [one.household for one in asked],
        "devices": [one.device for one in asked],
        "times": [one.time for one in asked],
    }
