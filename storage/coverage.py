"""Whether anybody would answer: what it is judged by, the gaps that were found, and the messages about them.

All functions take a connection inside the caller's transaction. The judgement is `alerts.coverage`'s.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from psycopg.types.json import Jsonb

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class WatchedArea:
    """An area in which residents live."""

    id: int
    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A resident none of whose contacts can be told. expired: because none is valid any more."""

    area_id: int
    resident_id: int
    expired: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """A queue of an area in which nobody would answer. residents: whom it is about, empty for all of the area."""

    area_id: int
    queue: str
    code: str
    residents: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap that is stored and open. area: code. told_at: when the first message about it was sent."""

    id: int
    area: str
    area_name: str
    area_path: str
    queue: str
    code: str
    residents: list[int]
    since: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A channel that a message about a gap was given to. state: queued, sent or failed."""

    gap_id: int
    channel_id: int
    state: str


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Somebody to tell. channels: those that work, in the order in which they are tried."""

    user_id: int
    area_path: str
    channels: list[int]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything that is needed to send a message about gaps but its text."""

    id: int
    user_id: int
    state: str
    channel_id: int
    channel_kind: str
    channel_address: str
    channel_secret: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Named:
    """A resident by name."""

    id: int
    name: str


async def areas(connection: Connection, subtree: str = "/") -> list[WatchedArea]:
    """The areas of a subtree in which residents live, by path."""
    return await fetch_all(connection, WatchedArea, "coverage.areas", {"subtree": subtree})


async def unreachable(connection: Connection, now: datetime) -> list[Unreachable]:
    """The residents who have contacts, none of whom can be told. Who never had any is not among them."""
    return await fetch_all(connection, Unreachable, "coverage.unreachable", {"now": now})


async def begin_check(connection: Connection, now: datetime) -> None:
    """Note that it is looked now; another process that looks waits until this transaction ends."""
    await execute(connection, "coverage.begin_check", {"now": now})


async def checked_at(connection: Connection) -> datetime | None:
    """When it was last looked; None for never."""
    return await fetch_value(connection, datetime, "coverage.checked_at", {})


async def open_gaps(connection: Connection, subtree: str = "/") -> list[OpenGap]:
    """The open gaps of a subtree, emergencies first."""
    return await fetch_all(connection, OpenGap, "coverage.open_gaps", {"scope_path": subtree})


async def write(connection: Connection, gaps: Sequence[Gap], now: datetime) -> tuple[set[int], set[int]]:
    """Make the open gaps these. Returns the ids of those that are new and of those that have ended."""
    given = {"gaps": Jsonb([asdict(gap) for gap in gaps]), "now": now}
    ended = await fetch_all(connection, _Id, "coverage.end_gaps", given)
    await execute(connection, "coverage.update_gaps", given)
    new = await fetch_all(connection, _Id, "coverage.add_gaps", given)
    return {row.id for row in new}, {row.id for row in ended}


async def names(connection: Connection, ids: Sequence[int]) -> list[Named]:
    """The residents with these ids."""
    return await fetch_all(connection, Named, "coverage.names", {"ids": list(ids)})


async def tried(connection: Connection, since: datetime) -> list[Tried]:
    """The channels that were given a message about an open gap since then, or that one waits for."""
    return await fetch_all(connection, Tried, "coverage.tried", {"since": since})


async def supervisors(connection: Connection) -> list[Supervisor]:
    """All supervisors in use."""
    return await fetch_all(connection, Supervisor, "coverage.supervisors", {})


async def add_notice(
    connection: Connection, user_id: int, channel_id: int, gap_ids: Sequence[int], now: datetime
) -> int:
    """A message to a supervisor about gaps. Returns its id."""
    new_id = await fetch_value(
        connection, int, "coverage.insert_notice", {"user_id": user_id, "channel_id": channel_id, "now": now}
    )
    if new_id is None:
        raise LookupError("the insert gave no id")
    await execute(connection, "coverage.link_notice", {"notice_id": new_id, "gap_ids": list(gap_ids)})
    return new_id


async def outgoing(connection: Connection, notice_id: int) -> Outgoing | None:
    """What is needed to send a message, or None."""
    return await fetch_one(connection, Outgoing, "coverage.outgoing", {"id": notice_id})


async def gaps_of_notice(connection: Connection, notice_id: int) -> list[OpenGap]:
    """The gaps that a message is about and that are open still."""
    return await fetch_all(connection, OpenGap, "coverage.gaps_of_notice", {"id": notice_id})


async def notice_sent(connection: Connection, notice_id: int, now: datetime) -> None:
    """The provider took the message: somebody was told of its gaps."""
    await execute(connection, "coverage.notice_sent", {"id": notice_id, "now": now})
    await execute(connection, "coverage.gaps_told", {"notice_id": notice_id, "now": now})


async def notice_failed(connection: Connection, notice_id: int, error: str, now: datetime) -> None:
    """The message will not go over its channel."""
    await execute(connection, "coverage.notice_failed", {"id": notice_id, "error": error, "now": now})


async def next_channel(connection: Connection, notice_id: int, since: datetime) -> int | None:
    """The supervisor's next channel that works and was given no message about the same gaps since then."""
    return await fetch_value(connection, int, "coverage.next_channel", {"id": notice_id, "since": since})


async def again(connection: Connection, notice_id: int, channel_id: int, now: datetime) -> int:
    """The same message to the same supervisor over another channel. Returns its id."""
    given = {"notice_id": notice_id, "channel_id": channel_id, "now": now}
    new_id = await fetch_value(connection, int, "coverage.again", given)
    if new_id is None:
        raise LookupError("the insert gave no id")
    return new_id


@dataclass(frozen=True, slots=True)
class _Id:
    id: int
