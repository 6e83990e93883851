"""What all routes of one application share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from starlette.requests import HTTPConnection

from api.auth import Passwords, Throttle, Tokens
from api.console import Console
from api.live import Live
from api.metrics import Metrics
from core.clock import Clock, to_datetime
from core.settings import Settings
from storage.errors import wrapped
from storage.pool import Connection, Pool


@dataclass(frozen=True, slots=True)
class Services:
    """Made once by `create_app`.

    clock: of everything that happens to residents. session_clock: of sign-ins.
    """

    settings: Settings
    pool: Pool
    clock: Clock
    session_clock: Clock
    secret: str
    tokens: Tokens
    live: Live
    metrics: Metrics
    passwords: Passwords = field(default_factory=Passwords)
    throttle: Throttle = field(default_factory=Throttle)
    console: Console = field(default_factory=Console)

    @property
    def refresh_life(self) -> timedelta:
        """How long a sign-in lasts without any use."""
        return timedelta(hours=self.settings.refresh_hours)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection of the pool: what is done with it is committed at the end, or nothing."""
        with wrapped():
            async with self.pool.connection() as connection:
                yield connection

    def now(self) -> datetime:
        """The time of what happens to residents."""
        return to_datetime(self.clock.micros())

    def session_now(self) -> datetime:
        """The time of sign-ins."""
        return to_datetime(self.session_clock.micros())


class _State(Protocol):
    kanhu: Services


def of(connection: HTTPConnection) -> Services:
    """The services of the application that a request is for."""
    state: _State = connection.app.state
    return state.kanhu
