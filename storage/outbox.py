"""The outbox: work that follows from a committed change, taken by dispatchers with leases and done at least once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg.types.json import Jsonb

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value

Topic = Literal["delivery", "failover", "command", "webhook", "notice"]

URGENT = 0
"""Priority of an SOS and all other emergencies."""

ORDINARY = 5


@dataclass(frozen=True, slots=True)
class Work:
    """A row that was taken. attempts: this one counted; it also tells this lease from a later one."""

    id: int
    topic: Topic
    payload: Mapping[str, Any]
    priority: int
    created_at: datetime
    available_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits. oldest_due: since when the oldest that is due is due; failed: rows that were given up."""

    waiting: int
    oldest_due: datetime | None
    failed: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """An integrator's address with its signing secret."""

    id: int
    url: str
    secret: str
    failed_at: datetime | None


async def add(
    connection: Connection,
    topic: Topic,
    payload: Mapping[str, Any],
    *,
    priority: int,
    now: datetime,
    available_at: datetime | None = None,
) -> None:
    """Add work, to be done from `available_at` on (at once where it is None). Dispatchers hear of it at the commit."""
    await execute(
        connection,
        "outbox.add",
        {
            "topic": topic,
            "payload": Jsonb(dict(payload)),
            "priority": priority,
            "now": now,
            "available_at": available_at or now,
        },
    )


async def add_webhooks(
    connection: Connection, resident_id: int, body: Mapping[str, Any], *, priority: int, now: datetime
) -> None:
    """Add a message to each integrator who watches an area in which the resident lives."""
    await execute(
        connection,
        "outbox.add_webhooks",
        {"resident_id": resident_id, "body": Jsonb(dict(body)), "priority": priority, "now": now},
    )


async def lease(
    connection: Connection, now: datetime, leased_until: datetime, *, limit: int, max_priority: int
) -> list[Work]:
    """Take up to `limit` rows of priority `max_priority` or more urgent that are due, the most urgent first."""
    rows = await fetch_all(
        connection,
        Work,
        "outbox.lease",
        {"now": now, "leased_until": leased_until, "limit": limit, "max_priority": max_priority},
    )
    return sorted(rows, key=lambda row: (row.priority, row.available_at, row.id))


async def finish(connection: Connection, work: Work, now: datetime) -> None:
    """The work is done."""
    await execute(connection, "outbox.finish", {"id": work.id, "attempts": work.attempts, "now": now})


async def postpone(connection: Connection, work: Work, available_at: datetime, error: str) -> None:
    """The work is to be tried again from `available_at` on."""
    await execute(
        connection,
        "outbox.postpone",
        {"id": work.id, "attempts": work.attempts, "available_at": available_at, "error": error},
    )


async def give_up(connection: Connection, work: Work, now: datetime, error: str) -> None:
    """The work will not be tried again; the row stays for people to see."""
    await execute(connection, "outbox.give_up", {"id": work.id, "attempts": work.attempts, "now": now, "error": error})


async def next_due(connection: Connection) -> datetime | None:
    """When there is something to do next, a timer or work; None for nothing at all."""
    return await fetch_value(connection, datetime, "outbox.next_due", {})


async def backlog(connection: Connection, now: datetime) -> Backlog:
    """How much waits."""
    return (await fetch_all(connection, Backlog, "outbox.backlog", {"now": now}))[0]


async def purge(connection: Connection, before: datetime) -> int:
    """Delete what was done before `before`. Returns how many rows."""
    return await execute(connection, "outbox.purge", {"before": before})


async def webhook(connection: Connection, webhook_id: int) -> Webhook | None:
    """An integrator's address, or None where it was removed."""
    return await fetch_one(connection, Webhook, "outbox.webhook", {"id": webhook_id})


async def webhook_failed(connection: Connection, webhook_id: int, failure: str, now: datetime) -> None:
    """Note that the integrator's address will never work; nothing more is sent there until somebody clears it."""
    await execute(connection, "outbox.webhook_failed", {"id": webhook_id, "failure": failure, "now": now})
