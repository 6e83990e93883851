"""The live queue: one connection per process listens for changes of incidents and hands them to all open streams.

The database tells the id of each new line of the audit trail when its transaction commits, so that nothing is missed
or told too early. A stream that can't keep up is ended: its client comes back with the id of the last event it has.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NoReturn

import structlog

from api.metrics import Metrics
from core.settings import Settings
from storage import worklist
from storage.errors import Unavailable, wrapped
from storage.pool import Pool, connect, listen
from storage.scope import Scope
from storage.worklist import Change

CHANNEL: Final = "kanhu_incident"

# Events that may wait for a slow client.
_BACKLOG: Final = 256
# A silent connection is tried after so many seconds, so that a dead one is noticed.
_PROBE: Final = 20.0
# Between two tries to reach a database that is away.
_PAUSE: Final = 1.0

_log = structlog.get_logger(__name__)


class Reset:
    """Changes may have been missed: the client loads the list again."""


@dataclass(frozen=True, slots=True, eq=False)
class Subscription:
    """One open stream. None in its queue: it could not keep up and ends."""

    scope: Scope
    waiting: asyncio.Queue[Change | Reset | None] = field(default_factory=lambda: asyncio.Queue(_BACKLOG))

    def put(self, item: Change | Reset) -> bool:
        """Hand over one item. False: there is no room, and the stream is told to end instead."""
        try:
            self.waiting.put_nowait(item)
        except asyncio.QueueFull:
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(None)
            return False
        return True


class Live:
    """Listens, and hands out. `run` is a task for the life of the process; `failed` is set when it died of a fault."""

    def __init__(self, settings: Settings, pool: Pool, now: Callable[[], datetime], metrics: Metrics) -> None:
        self._settings = settings
        self._pool = pool
        self._now = now
        self._metrics = metrics
        self._open: set[Subscription] = set()
        self.listening = asyncio.Event()
        self.failed = asyncio.Event()

    @contextmanager
    def subscribe(self, scope: Scope) -> Iterator[Subscription]:
        """A stream of what happens in a scope, for as long as the context lasts."""
        subscription = Subscription(scope)
        self._open.add(subscription)
        self._metrics.live_subscribers.set(len(self._open))
        try:
            yield subscription
        finally:
            self._open.discard(subscription)
            self._metrics.live_subscribers.set(len(self._open))

    async def run(self) -> NoReturn:
        """Listen until cancelled. A database that goes away is waited for; any other error ends the process."""
        try:
            while True:
                try:
                    await self._listen()
                except Unavailable as error:
                    _log.warning("the live queue lost the database", error=str(error))
                    await asyncio.sleep(_PAUSE)
        except Exception:
            self.failed.set()
            raise

    async def _listen(self) -> None:
        try:
            async with await connect(self._settings) as connection:
                await listen(connection, CHANNEL)
                # What happened while nobody listened is not known.
                self._hand_out(Reset())
                self._metrics.live_listening.set(1)
                self.listening.set()
                while True:
                    with wrapped():
                        ids = [int(told.payload) async for told in connection.notifies(timeout=_PROBE, stop_after=1)]
                        if not ids:
                            await connection.execute("SELECT 1")
                    if ids:
                        await self._tell(ids)
        finally:
            self.listening.clear()
            self._metrics.live_listening.set(0)

    async def _tell(self, ids: list[int]) -> None:
        if not self._open:
            return
        with wrapped():
            async with self._pool.connection() as connection:
                changes = await worklist.changes(connection, ids, self._now())
        for change in changes:
            self._hand_out(change)

    def _hand_out(self, item: Change | Reset) -> None:
        for subscription in list(self._open):
            if isinstance(item, Change) and not item.visible(subscription.scope):
                continue
            if not subscription.put(item):
                _log.warning("a live stream could not keep up and was ended")
                self._open.discard(subscription)
