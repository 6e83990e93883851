"""Storms: many maintenance incidents with one cause, and the messages about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.deliveries import Delivery
from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value
from storage.scope import Scope


@dataclass(frozen=True, slots=True)
class Storm:
    """One row with its area. left: how many of its incidents are live."""

    id: int
    kind: str
    area: str
    area_name: str
    area_path: str
    since: datetime
    last_at: datetime
    told_at: datetime | None
    told_count: int | None
    ended_at: datetime | None
    left: int


@dataclass(frozen=True, slots=True)
class Ungrouped:
    """A live maintenance incident of no storm. area_path: of the home's area."""

    incident_id: int
    queue: str
    kind: str
    area_path: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """What a user was sent of a storm. at: when the newest message was made; knows: one has not failed (yet)."""

    user_id: int
    at: datetime
    knows: bool


@dataclass(frozen=True, slots=True)
class StormOutgoing:
    """Everything that is needed to write and send one message about a storm.

    left: as in Storm, now. channel_failed, person_gone: as in `storage.deliveries.Outgoing`.
    """

    id: int
    storm_id: int
    user_id: int
    channel_id: int
    step: int
    state: str
    copies: int
    channel_kind: str
    channel_address: str
    channel_secret: str | None
    channel_failed: bool
    person_gone: bool
    language: str
    kind: str
    area_name: str
    since: datetime
    ended_at: datetime | None
    left: int


async def ungrouped(connection: Connection, since: datetime, kind: str | None = None) -> list[Ungrouped]:
    """The live maintenance incidents of no storm that were raised since then, of one kind or of all."""
    return await fetch_all(connection, Ungrouped, "storms.ungrouped", {"since": since, "kind": kind})


async def open_storms(connection: Connection) -> list[Storm]:
    """All that are not over, the oldest first."""
    return await fetch_all(connection, Storm, "storms.open", {})


async def in_scope(connection: Connection, scope: Scope) -> list[Storm]:
    """Those that are not over and have live incidents in a user's subtree; `left` counts these."""
    return await fetch_all(connection, Storm, "storms.in_scope", {"scope_path": scope.path})


async def lock(connection: Connection, storm_id: int) -> Storm | None:
    """A storm that is not over, held until the transaction ends; or None."""
    if await fetch_value(connection, int, "storms.lock", {"id": storm_id}) is None:
        return None
    return await get(connection, storm_id)


async def get(connection: Connection, storm_id: int) -> Storm | None:
    """A storm, over or not; or None."""
    return await fetch_one(connection, Storm, "storms.get", {"id": storm_id})


async def begin(connection: Connection, kind: str, area_path: str, since: datetime, last_at: datetime) -> int:
    """A new storm, or the open one that the area has of this kind. Returns its id. Raises LookupError: no such area."""
    given = {"kind": kind, "area_path": area_path, "since": since, "last_at": last_at}
    while True:
        new = await fetch_value(connection, int, "storms.insert", given)
        new = new or await fetch_value(connection, int, "storms.find", given)
        if new is not None:
            return new
        if await fetch_value(connection, int, "storms.area", given) is None:
            raise LookupError(f"no area has the path {area_path}")
        # The one there was has ended since.


async def extend(connection: Connection, storm_id: int, since: datetime, last_at: datetime) -> None:
    """It reaches from then to then, too."""
    await execute(connection, "storms.extend", {"id": storm_id, "since": since, "last_at": last_at})


async def lock_free(connection: Connection, incident_ids: Sequence[int]) -> list[int]:
    """Those of the incidents that are live, of no storm, and locked by nobody else; held until the transaction ends."""
    rows = await fetch_all(connection, _Id, "storms.lock_free", {"ids": list(incident_ids)})
    return [row.id for row in rows]


async def homes(connection: Connection, storm_id: int) -> list[str]:
    """The paths of the areas in which its live incidents' homes lie."""
    return [row.path for row in await fetch_all(connection, _Path, "storms.homes", {"id": storm_id})]


async def told(connection: Connection, storm_id: int, now: datetime, count: int) -> None:
    """People are told of so many."""
    await execute(connection, "storms.told", {"id": storm_id, "now": now, "count": count})


async def end(connection: Connection, storm_id: int, now: datetime) -> None:
    """It is over."""
    await execute(connection, "storms.end", {"id": storm_id, "now": now})


async def heard(connection: Connection, storm_id: int) -> list[Heard]:
    """The users who were sent something about it, by id."""
    return await fetch_all(connection, Heard, "storms.heard", {"id": storm_id})


async def insert_delivery(
    connection: Connection,
    storm_id: int,
    user_id: int,
    channel_id: int,
    step: int,
    round: int,  # noqa: A002
    now: datetime,
) -> Delivery | None:
    """A message about it to a user; None where the same round has used this channel already."""
    given = {
        "storm_id": storm_id,
        "user_id": user_id,
        "channel_id": channel_id,
        "step": step,
        "round": round,
        "now": now,
    }
    return await fetch_one(connection, Delivery, "storms.insert_delivery", given)


async def next_round(connection: Connection, storm_id: int) -> int:
    """The first round in which no message about it went out yet."""
    return await fetch_value(connection, int, "storms.next_round", {"id": storm_id}) or 0


async def outgoing(connection: Connection, delivery_id: int) -> StormOutgoing | None:
    """What is needed to send a message about a storm, or None."""
    return await fetch_one(connection, StormOutgoing, "storms.outgoing", {"id": delivery_id})


@dataclass(frozen=True, slots=True)
class _Id:
    id: int


@dataclass(frozen=True, slots=True)
class _Path:
    path: str
