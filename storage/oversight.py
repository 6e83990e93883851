"""What the auditor reads: every live incident with what is due for it, and the trail of how it got there."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.errors import wrapped
from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class Watched:
    """A live incident with one of its timers, or with None for each of timer, due_at and round."""

    id: int
    resident_id: int
    queue: str
    state: str
    policy: Mapping[str, Any]
    raised_at: datetime
    timer: str | None
    due_at: datetime | None
    round: int | None
    has_alert: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """A line of the audit trail beside the state its incident is in; event None: there is no line at all."""

    incident_id: int
    state: str
    event: str | None
    from_state: str | None
    to_state: str | None


@dataclass(frozen=True, slots=True)
class ChecksLeft:
    """Plans of regular checks that nobody looked after. oldest: when the first of it should have been done."""

    plans: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The watch over whether anybody would answer. checked_at: None where it never was looked.

    untold_since: since when nobody would answer an emergency somewhere and nobody was told so; None for never.
    """

    checked_at: datetime | None
    untold_since: datetime | None


@asynccontextmanager
async def snapshot(connection: Connection) -> AsyncIterator[None]:
    """All reads within see one moment. The connection must be in no transaction."""
    with wrapped():
        async with connection.transaction():
            await execute(connection, "oversight.begin_snapshot", {})
            yield


async def live(connection: Connection) -> list[Watched]:
    """All live incidents by id, a row for each of their timers."""
    return await fetch_all(connection, Watched, "oversight.live", {})


async def trail(connection: Connection, since: datetime) -> list[Trace]:
    """The trails of the incidents that are live or have ended since then, by incident, oldest line first."""
    return await fetch_all(connection, Trace, "oversight.trail", {"since": since})


async def checks_left(connection: Connection, before: datetime) -> ChecksLeft:
    """Regular checks that were to be made, or overdue ones that were to be told, by then, and were not."""
    [found] = await fetch_all(connection, ChecksLeft, "oversight.checks_left", {"before": before})
    return found


async def coverage(connection: Connection, of_residents: Collection[str]) -> Coverage:
    """The watch over whether anybody would answer. of_residents: codes of gaps that are about single residents only."""
    found = await fetch_one(connection, Coverage, "oversight.coverage", {"of_residents": sorted(of_residents)})
    return found or Coverage(None, None)
