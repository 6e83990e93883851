"""What was raised in the past, and how it turned out: for measuring detectors by what became of their alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.pool import Connection
from storage.rows import fetch_all


@dataclass(frozen=True, slots=True)
class ChosenResident:
    """household: its code."""

    id: int
    household: str


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert as it was raised then. closure_code: of its incident, None where that is not closed."""

    dedup_key: str
    kind: str
    resident_id: int
    event_time: datetime
    raised_at: datetime
    closure_code: str | None


async def residents_chosen(
    connection: Connection, residents: Sequence[int], households: Sequence[str]
) -> list[ChosenResident]:
    """Residents with these ids or of these households, by id; all where both are empty."""
    given = {"residents": list(residents) or None, "households": list(households) or None}
    return await fetch_all(connection, ChosenResident, "history.residents_chosen", given)


async def alerts_raised(
    connection: Connection, residents: Sequence[int], detectors: Sequence[str], since: datetime, until: datetime
) -> list[RaisedAlert]:
    """Alerts of these residents and detectors raised from `since` until before `until`, oldest first."""
    given = {"residents": list(residents), "detectors": list(detectors), "since": since, "until": until}
    return await fetch_all(connection, RaisedAlert, "history.alerts_raised", given)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Alerts of one version of a detector whose incidents ended alike; closure_code None: nobody closed them."""

    detector: str
    version: int
    closure_code: str | None
    ended: bool
    alerts: int


@dataclass(frozen=True, slots=True)
class MissCount:
    """How many misses of one kind were reported."""

    kind: str
    reported: int


@dataclass(frozen=True, slots=True)
class Miss:
    """Something that happened and that no detector noticed, as somebody reported it."""

    id: int
    resident_id: int
    kind: str
    happened_at: datetime
    note: str
    reported_by: int
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class JudgedFall:
    """A fall alert that a person has judged."""

    resident_id: int
    device_id: int
    event_time: datetime
    closure_code: str
    birth_year: int | None


@dataclass(frozen=True, slots=True)
class Acceleration:
    """time: of the first sample. rate: samples a second. samples: int16 little-endian triples, milli-g."""

    time: datetime
    rate: float
    samples: bytes


async def alert_outcomes(connection: Connection, path: str | None, since: datetime, until: datetime) -> list[Outcomes]:
    """How alerts raised in a span ended, for residents in the area at `path` and below; None: nowhere."""
    given = {"path": path, "since": since, "until": until}
    return await fetch_all(connection, Outcomes, "history.alert_outcomes", given, plan_anew=True)


async def miss_counts(connection: Connection, path: str | None, since: datetime, until: datetime) -> list[MissCount]:
    """Reported misses that happened in a span, for residents in the area at `path` and below; None: nowhere."""
    given = {"path": path, "since": since, "until": until}
    return await fetch_all(connection, MissCount, "history.miss_counts", given)


async def add_miss(
    connection: Connection,
    *,
    resident_id: int,
    kind: str,
    happened_at: datetime,
    note: str,
    reported_by: int,
    reported_at: datetime,
) -> Miss:
    """Write down a miss."""
    given = {
        "resident_id": resident_id,
        "kind": kind,
        "happened_at": happened_at,
        "note": note,
        "reported_by": reported_by,
        "reported_at": reported_at,
    }
    [miss] = await fetch_all(connection, Miss, "history.insert_miss", given)
    return miss


async def judged_falls(
    connection: Connection, codes: Sequence[str], since: datetime, until: datetime
) -> list[JudgedFall]:
    """Fall alerts raised in a span whose incident was closed with one of these codes, by event time."""
    given = {"codes": list(codes), "since": since, "until": until}
    return await fetch_all(connection, JudgedFall, "history.judged_falls", given)


async def acceleration(connection: Connection, device: int, first: datetime, last: datetime) -> list[Acceleration]:
    """The device's clips and blocks that begin within a span, by time."""
    given = {"device": device, "first": first, "last": last}
    return await fetch_all(connection, Acceleration, "history.acceleration", given)
