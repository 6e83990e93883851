"""What is wrong with equipment now: maintenance alerts, device by device."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.pool import Connection
from storage.rows import fetch_all
from storage.scope import Scope


@dataclass(frozen=True, slots=True)
class Trouble:
    """A maintenance alert that is not cleared, with whose home it is. reason: a message in `core.wording`.

    device_id, device, device_kind: None where a whole home is silent. household, area: codes.
    storm_id: of many with one cause, where it is one of them.
    """

    id: int
    incident_id: int
    state: str
    kind: str
    severity: int
    event_time: datetime
    raised_at: datetime
    reason: str
    evidence: Mapping[str, Any]
    device_id: int | None
    device: str | None
    device_kind: str | None
    room: str
    resident_id: int
    resident: str
    household: str
    address: str
    area: str
    claimed_by: str | None
    storm_id: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """A trouble's place in the order of `troubles`."""

    severity: int
    event_time: datetime
    id: int


async def troubles(
    connection: Connection,
    scope: Scope,
    now: datetime,
    *,
    area_path: str | None,
    kind: str | None,
    after: Place | None,
    maximum: int,
) -> list[Trouble]:
    """A page: the most severe first, then the oldest."""
    given = {
        **scope.parameters(now),
        "area_path": area_path,
        "kind": kind,
        "after_severity": after.severity if after else None,
        "after_time": after.event_time if after else None,
        "after_id": after.id if after else None,
        "maximum": maximum,
    }
    return await fetch_all(connection, Trouble, "troubles.troubles", given, plan_anew=True)
