"""What "is this person protected now?" is judged by, for one resident or for all of a scope in one go.

All functions take a connection inside the caller's transaction. The judgement is `alerts.protection`'s.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from storage.pool import Connection
from storage.rows import fetch_all
from storage.scope import Scope

# Who seems silent is looked for in the readings themselves, which takes a millisecond a device: not for a whole city.
_LOOKED_FOR = 500
_HEARD_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident with where they live. household, area: codes. contacts: valid ones, of whom a message reaches some.

    last_test_at: the SOS of the newest incident that was closed as a test.
    """

    resident_id: int
    resident: str
    household: str
    area: str
    area_path: str
    address: str
    contacts: int
    reachable: int
    expired: int
    last_test_at: datetime | None
    open_incident_id: int | None


@dataclass(frozen=True, slots=True)
class Caller:
    """A device with which a resident can call for help, and what it said last.

    interval_s: seconds between two messages, 0 for one that speaks only when something happens. heard_at: arrival, to
    the minute. offline_at: when the broker said that it is gone, if that is its last word. battery: percent.
    """

    resident_id: int
    device_id: int
    kind: str
    interval_s: int
    heard_at: datetime | None
    offline_at: datetime | None
    battery: float | None
    worn: bool | None
    worn_since: datetime | None


async def residents(
    connection: Connection,
    scope: Scope,
    now: datetime,
    *,
    area_path: str | None = None,
    resident_id: int | None = None,
) -> list[Resident]:
    """The residents of a scope, perhaps of an area's subtree or one alone, by id."""
    given = {**scope.parameters(now), "area_path": area_path, "resident_id": resident_id}
    return await fetch_all(connection, Resident, "protection.residents", given, plan_anew=True)


async def callers(connection: Connection, residents: Sequence[int], now: datetime) -> Mapping[int, list[Caller]]:
    """What these residents can call for help with, by resident."""
    given = {"residents": list(residents)}
    found = await fetch_all(connection, Caller, "protection.devices", given, plan_anew=True)
    silent = [c.device_id for c in found if c.interval_s and _seems_silent(c, now)]
    heard: dict[int, datetime] = {}
    if silent and len(silent) <= _LOOKED_FOR:
        asked = {"devices": silent, "first": now - _HEARD_WITHIN}
        heard = {row.device_id: row.heard_at for row in await fetch_all(connection, _Heard, "protection.heard", asked)}
    by_resident: dict[int, list[Caller]] = defaultdict(list)
    for caller in found:
        at = heard.get(caller.device_id)
        newer = at is not None and (caller.heard_at is None or at > caller.heard_at)
        by_resident[caller.resident_id].append(replace(caller, heard_at=at) if newer else caller)
    return by_resident


def _seems_silent(caller: Caller, now: datetime) -> bool:
    return caller.heard_at is None or now - caller.heard_at > timedelta(seconds=caller.interval_s)


@dataclass(frozen=True, slots=True)
class _Heard:
    device_id: int
    heard_at: datetime
