"""Incidents as users see them: with whom and where, within a user's scope; and what changed, for those who look on.

All functions take a connection inside the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.findings import Queue
from storage.incidents import QUEUES
from storage.pool import Connection
from storage.rows import fetch_all, fetch_one, fetch_value
from storage.scope import Scope


@dataclass(frozen=True, slots=True)
class Entry:
    """An incident with whom it is about and where they live. resident: the name; household, area: codes.

    lease_until: when the claim lapses without a further step. countdown_until: until then the wearer may cancel.
    expected_test: it is about nothing but a press that somebody had asked for.
    storm_…: of the storm that it is part of, while that is not over; its area's code, how many live incidents it has.
    """

    id: int
    resident_id: int
    resident: str
    household: str
    address: str
    area: str
    area_path: str
    queue: str
    state: str
    severity: int
    kind: str
    event_time: datetime
    raised_at: datetime
    opened_at: datetime | None
    claimed_by: int | None
    claimed_by_name: str | None
    claimed_at: datetime | None
    first_claimed_at: datetime | None
    contacted_at: datetime | None
    dispatched_at: datetime | None
    on_scene_at: datetime | None
    ended_at: datetime | None
    closure_code: str | None
    closure_note: str
    lease_until: datetime | None
    countdown_until: datetime | None
    expected_test: bool
    storm_id: int | None
    storm_kind: str | None
    storm_area: str | None
    storm_count: int | None
    storm_since: datetime | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents of those in scope; None: whatever."""

    queue: str | None = None
    states: tuple[str, ...] | None = None
    area_path: str | None = None
    resident_id: int | None = None


@dataclass(frozen=True, slots=True)
class UrgentPlace:
    """An entry's place in the order of `urgent`."""

    queue: Queue
    severity: int
    raised_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class NewestPlace:
    """An entry's place in the order of `newest`."""

    raised_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery with the name of who was told and the kind of channel."""

    id: int
    contact_id: int | None
    user_id: int | None
    recipient: str
    relation: str
    channel: str
    step: int
    round: int
    state: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    confirmed_at: datetime | None
    failed_at: datetime | None
    error: str | None
    attempts: int
    next_attempt_at: datetime | None
    failover_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the audit trail with its incident as it is now. family: ids of the family users who may see it."""

    id: int
    at: datetime
    event: str
    actor: str
    family: frozenset[int]
    entry: Entry

    def visible(self, scope: Scope) -> bool:
        """Whether it lies in a user's scope."""
        if scope.path is not None:
            return self.entry.area_path.startswith(scope.path)
        return scope.user in self.family


@dataclass(frozen=True, slots=True)
class Count:
    """How many incidents a queue has in a state."""

    queue: str
    state: str
    incidents: int


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the page behind a link shows. valid_until, disabled_at: of the contact and the user that it was sent to.

    also: the kinds of its other alerts whose cause is not over. latitude, longitude: of the home.
    """

    id: int
    incident_id: int
    contact_id: int | None
    user_id: int | None
    language: str
    valid_until: datetime | None
    disabled_at: datetime | None
    resident_id: int
    resident: str
    care_plan: Mapping[str, Any]
    place: str
    latitude: float | None
    longitude: float | None
    queue: str
    kind: str
    also: list[str]
    event_time: datetime
    raised_at: datetime
    incident_state: str
    holder: str | None
    claimed_at: datetime | None
    contacted_at: datetime | None
    dispatched_at: datetime | None
    on_scene_at: datetime | None
    ended_at: datetime | None
    closure_code: str | None

    @property
    def actor(self) -> str:
        """Who the link was sent to, as the audit trail names them."""
        return f"contact:{self.contact_id}" if self.contact_id is not None else f"user:{self.user_id}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody said on the page behind their link. answer: of `alerts.service.Answer`, None in old trails."""

    at: datetime
    actor: str
    name: str
    relation: str
    answer: str | None


async def urgent(
    connection: Connection,
    scope: Scope,
    now: datetime,
    which: Filter,
    *,
    after: UrgentPlace | None = None,
    maximum: int,
) -> list[Entry]:
    """Up to `maximum` incidents that are not over: by queue, the most severe first, then who waits longest."""
    given = {
        **_parameters(scope, now, which),
        "after_rank": QUEUES.index(after.queue) + 1 if after else None,
        "after_severity": after.severity if after else None,
        "after_raised": after.raised_at if after else None,
        "after_id": after.id if after else None,
        "maximum": maximum,
    }
    rows = await fetch_all(connection, _Id, "worklist.urgent", given, plan_anew=True)
    return await entries(connection, [row.id for row in rows])


async def newest(
    connection: Connection,
    scope: Scope,
    now: datetime,
    which: Filter,
    *,
    after: NewestPlace | None = None,
    maximum: int,
) -> list[Entry]:
    """Up to `maximum` incidents, over or not, the newest first."""
    given = {
        **_parameters(scope, now, which),
        "after_raised": after.raised_at if after else None,
        "after_id": after.id if after else None,
        "maximum": maximum,
    }
    rows = await fetch_all(connection, _Id, "worklist.newest", given, plan_anew=True)
    return await entries(connection, [row.id for row in rows])


async def one(connection: Connection, scope: Scope, now: datetime, incident_id: int) -> Entry | None:
    """One incident, if it is in scope."""
    given = {**scope.parameters(now), "id": incident_id}
    if await fetch_one(connection, _Id, "worklist.in_scope", given) is None:
        return None
    found = await entries(connection, [incident_id])
    return found[0] if found else None


async def entries(connection: Connection, ids: Sequence[int]) -> list[Entry]:
    """The incidents with these ids, in their order. No scope: for ids that come from one of the functions above."""
    return await fetch_all(connection, Entry, "worklist.entries", {"ids": list(ids)})


async def actors(connection: Connection, incident_id: int) -> dict[str, str]:
    """The names of the users and contacts in an incident's audit trail, by actor ('user:7')."""
    rows = await fetch_all(connection, _Actor, "worklist.actors", {"incident_id": incident_id})
    return {row.actor: row.name for row in rows}


async def told(connection: Connection, incident_id: int) -> list[Told]:
    """Who was told of an incident, oldest first."""
    return await fetch_all(connection, Told, "worklist.deliveries", {"incident_id": incident_id})


async def changes(connection: Connection, ids: Sequence[int], now: datetime) -> list[Change]:
    """The events with these ids, oldest first, each with its incident as it is now."""
    rows = await fetch_all(connection, _Event, "worklist.changes", {"ids": list(ids), "now": now})
    found = {entry.id: entry for entry in await entries(connection, sorted({row.incident_id for row in rows}))}
    return [Change(row.id, row.at, row.event, row.actor, frozenset(row.family), found[row.incident_id]) for row in rows]


async def event_ids_after(connection: Connection, event_id: int, *, maximum: int) -> list[int]:
    """The ids of the newest `maximum` events after one, oldest first."""
    given = {"after": event_id, "maximum": maximum}
    return [row.id for row in reversed(await fetch_all(connection, _Id, "worklist.event_ids_after", given))]


async def last_event_id(connection: Connection) -> int:
    """The id of the newest event, 0 where there is none."""
    return await fetch_value(connection, int, "worklist.last_event_id", {}) or 0


async def counts(connection: Connection) -> list[Count]:
    """How many incidents are not over."""
    return await fetch_all(connection, Count, "worklist.counts", {})


async def confirmation(connection: Connection, delivery_id: int) -> Confirmation | None:
    """What the page behind a delivery's link shows."""
    return await fetch_one(connection, Confirmation, "worklist.confirmation", {"delivery_id": delivery_id})


async def answered(connection: Connection, incident_id: int) -> list[Answered]:
    """What people said on the pages behind their links, oldest first."""
    return await fetch_all(connection, Answered, "worklist.answered", {"incident_id": incident_id})


def _parameters(scope: Scope, now: datetime, which: Filter) -> dict[str, object]:
    return {
        **scope.parameters(now),
        "queue": which.queue,
        "states": list(which.states) if which.states is not None else None,
        "area_path": which.area_path,
        "resident_id": which.resident_id,
    }


@dataclass(frozen=True, slots=True)
class _Id:
    id: int


@dataclass(frozen=True, slots=True)
class _Actor:
    actor: str
    name: str


@dataclass(frozen=True, slots=True)
class _Event:
    id: int
    incident_id: int
    at: datetime
    event: str
    actor: str
    family: list[int]
