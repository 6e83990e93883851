"""An emergency centre on a clock that is moved by hand: the dispatcher's own steps, without its loops."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts import service
from alerts.delivering import Desk
from alerts.dispatcher import Dispatcher
from alerts.notify.base import Message, NotSent
from core.clock import ManualClock, to_datetime, to_micros
from core.findings import Finding
from storage import outbox
from storage.outbox import Work
from storage.pool import Connection, Pool
from tests.support.alarm_world import NOON, World, build, pool_of

SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Recorder:
    """A channel that keeps what is sent, or fails as it is told to: by address, the failures of the next attempts."""

    clock: ManualClock
    sent: list[tuple[datetime, Message]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    failures: dict[str, list[NotSent]] = field(default_factory=dict)

    async def send(self, message: Message) -> None:
        self.tried.append(message.address)
        if self.failures.get(message.address):
            raise self.failures[message.address].pop(0)
        self.sent.append((to_datetime(self.clock.micros()), message))


@dataclass
class Centre:
    """The world, the clock, and what went out. commands: (topic, payload)."""

    pool: Pool
    world: World
    clock: ManualClock
    channel: Recorder
    dispatcher: Dispatcher
    commands: list[tuple[str, bytes]]

    @property
    def now(self) -> datetime:
        return to_datetime(self.clock.micros())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self.pool.connection() as connection:
            yield connection

    async def raise_(self, *findings: Finding) -> Sequence[service.Raised]:
        async with self.transaction() as connection:
            return await service.raise_findings(connection, findings, self.now)

    async def settle(self) -> list[Work]:
        """Do all that is due now."""
        done: list[Work] = []
        while True:
            while await self.dispatcher.next_timer():
                pass
            if not (taken := await self.dispatcher.work()):
                return done
            for work in taken:
                await self.dispatcher.do(work)
                done.append(work)

    async def until(self, seconds: float) -> None:
        """Move the clock on to that many seconds after NOON, doing what comes due on the way when it is due."""
        end = NOON + timedelta(seconds=seconds)
        while True:
            await self.settle()
            async with self.transaction() as connection:
                due = await outbox.next_due(connection)
            if due is None or due > end:
                self._move_to(end)
                await self.settle()
                return
            self._move_to(due)

    def _move_to(self, moment: datetime) -> None:
        self.clock.advance(max(0, to_micros(moment) - self.clock.micros()))

    def timeline(self) -> list[str]:
        """What went out: seconds after noon, and to which address, in order."""
        lines: list[str] = []
        for at, message in self.channel.sent:
            stamp = f"{(at - NOON).total_seconds():6.0f} s "
            if lines and lines[-1].startswith(stamp):
                lines[-1] += f", {message.address}"
            else:
                lines.append(stamp + message.address)
        return lines


@asynccontextmanager
async def open_centre(url: str, *, jitter: Callable[[], float] = lambda: 0.5) -> AsyncIterator[Centre]:
    """A centre on a fresh database, at noon."""
    clock = ManualClock(to_micros(NOON))
    channel = Recorder(clock)
    commands: list[tuple[str, bytes]] = []

    async def publish(topic: str, payload: bytes) -> None:
        commands.append((topic, payload))

    def now() -> datetime:
        return to_datetime(clock.micros())

    async with pool_of(url) as pool:
        async with pool.connection() as connection:
            world = await build(connection)
        desk = Desk(
            pool=pool,
            channels={"log": channel, "webhook": channel, "apprise": channel},
            publish=publish,
            public_url="https://kanhu.example",
            secret=SECRET,
            link_life=timedelta(hours=24),
            now=now,
            jitter=jitter,
        )
        dispatcher = Dispatcher(pool, desk, now=now, speed=1.0, poll_seconds=1.0)
        yield Centre(pool, world, clock, channel, dispatcher, commands)
