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
