"""The town at work: Kanhu's own processes, started as an operator does, and what they need to know of the town."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

import httpx
import msgspec
import uvicorn
from argon2 import PasswordHasher

from alerts import service
from core.clock import SECOND, ScaledClock, SystemClock, to_datetime
from core.settings import Settings, read
from core.shifts import Hours
from demo.responders import Desk
from device_sim.homes import Roster
from servers.broker_access import DISPATCH, INGEST, SIMULATOR
from servers.contract import Broker
from servers.process import LOOPBACK, bound_to_us, free_port
from storage import contacts, people, roster, rota, users
from storage.checks import PlanDetails
from storage.pool import Connection, open_pool
from storage.rota import RotationDetails
from storage.scope import Scope

_READY_S: Final = 180.0
_STOP_S: Final = 15.0
_SHIFTS: Final = (("早班", time(6), time(14)), ("中班", time(14), time(22)), ("夜班", time(22), time(6)))
# Of the oldest, in order: kind, every so many days, due by, hours of grace, note. None is overdue before the score.
_CHECKS: Final = (
    ("call", 1, time(11, 30), 1, "耳背，请多响几声"),
    ("call", 1, time(15), 2, ""),
    ("visit", 2, time(17), 3, "带血压计"),
    ("call", 1, time(12), 2, ""),
    ("visit", 7, time(16), 4, "独居，门铃坏了，请敲门"),
    ("call", 1, time(18), 1, ""),
)
PROCESSES: Final = ("ingest", "dispatch", "api")

Running = Mapping[str, subprocess.Popen[bytes]]
"""Processes by their command's name."""


class TownFailed(RuntimeError):
    """A process did not come up, or ended; the message ends with the last lines of its log."""


@dataclass(frozen=True)
class Town:
    """Where everything is. database: URL. directory: for the logs."""

    database: str
    broker: Broker
    directory: Path
    api_port: int = field(default_factory=free_port)
    metrics_port: int = field(default_factory=free_port)
    secret: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    @property
    def url(self) -> str:
        """The API's address."""
        return f"http://{LOOPBACK}:{self.api_port}"

    def settings(self, clock: ScaledClock, account: str) -> dict[str, str]:
        """The environment of a process that signs in to the broker with a service's account."""
        given = {
            "DATABASE_URL": self.database,
            "MQTT_HOST": self.broker.host,
            "MQTT_PORT": str(self.broker.port),
            "MQTT_PROTOCOL": self.broker.protocol,
            "INGEST_METRICS_PORT": str(self.metrics_port),
            "DISPATCH_METRICS_PORT": "0",
            "DISPATCH_POLL_SECONDS": "0.2",
            "INGEST_BATCH_MS": "20",
            "API_PORT": str(self.api_port),
            "PUBLIC_URL": self.url,
            "TOKEN_SECRET": self.secret,
            # Long in the town's hours, short in ours.
            "TOKEN_MINUTES": "1440",
            "CLOCK_ORIGIN": str(clock.origin),
            "CLOCK_START": str(clock.start),
            "CLOCK_SPEED": str(clock.speed),
        }
        login = self.broker.service(account)
        if login is not None:
            given |= {"MQTT_USERNAME": login.username, "MQTT_PASSWORD": login.password}
        return {f"KANHU_{name}": value for name, value in given.items()}

    def read_settings(self, clock: ScaledClock) -> Settings:
        """The same for this process."""
        return read(self.settings(clock, SIMULATOR))

    @asynccontextmanager
    async def processes(self, clock: ScaledClock) -> AsyncIterator[Running]:
        """Ingest, dispatch and API for the time of the block; ended in order after it."""
        accounts = {"ingest": INGEST, "dispatch": DISPATCH, "api": DISPATCH}
        running = {name: self._start(name, self.settings(clock, accounts[name])) for name in PROCESSES}
        try:
            yield running
        finally:
            for process in running.values():
                process.send_signal(signal.SIGTERM)
            # On threads: the telephones go on answering what is still being sent to them.
            await asyncio.gather(*(asyncio.to_thread(_wait, process) for process in running.values()))

    def _start(self, name: str, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("KANHU_")}
        with self._log(name).open("ab") as log:
            # In a session of their own, so that Ctrl-C reaches us first and they are ended in order.
            return subprocess.Popen(  # noqa: S603 - our own command
                [*bound_to_us(), sys.executable, "-m", "cli.main", name],
                env={**inherited, **settings},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def until_listening(self, running: Running) -> None:
        """Wait until ingest has its session at the broker. Raises TownFailed."""
        await self._until(running, f"http://{LOOPBACK}:{self.metrics_port}/metrics", "kanhu_ingest_connected 1.0")

    async def until_ready(self, running: Running) -> None:
        """Wait until ingest has its session at the broker and the API can work. Raises TownFailed."""
        await self.until_listening(running)
        await self._until(running, f"{self.url}/readyz", "")

    async def _until(self, running: Running, url: str, wanted: str) -> None:
        deadline = monotonic() + _READY_S
        async with httpx.AsyncClient(timeout=2.0) as client:
            while not await _answers(client, url, wanted):
                self.check(running)
                if monotonic() > deadline:
                    raise TownFailed(f"{url} does not answer; the logs are in {self.directory}")
                await asyncio.sleep(0.1)

    async def watch(self, running: Running) -> None:
        """Until cancelled. Raises TownFailed when a process ends."""
        while True:
            self.check(running)
            await asyncio.sleep(0.5)

    def check(self, running: Running) -> None:
        """Raises TownFailed where a process has ended."""
        for name, process in running.items():
            if process.poll() is not None:
                tail = self._log(name).read_text(encoding="utf-8", errors="replace")[-3000:]
                raise TownFailed(f"kanhu {name} ended with {process.returncode}:\n{tail}")

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _answers(client: httpx.AsyncClient, url: str, wanted: str) -> bool:
    try:
        answer = await client.get(url)
    except httpx.TransportError:
        return False
    return answer.is_success and wanted in answer.text


async def settle_in(settings: Settings, town: Roster, desks: list[tuple[Desk, str]]) -> None:
    """Write the town's people and devices, and the users at the desks (each with a role) into the database.

    The responders share three shifts a day.
    """
    # The town's clock begins today; a week before, so that nobody's first turn begins in mid-demonstration.
    now = to_datetime(settings.clock().micros())
    begins = now.date() - timedelta(days=7)
    hasher = PasswordHasher()
    async with open_pool(settings) as pool, pool.connection() as connection:
        await roster.load(connection, roster.read(msgspec.json.encode(town)))
        root = await people.area(connection, town.areas[0].code)
        staff: dict[str, list[int]] = {}
        for desk, role in desks:
            user_id = await users.add_user(
                connection,
                desk.name,
                display_name=desk.name,
                password_hash=hasher.hash(desk.password),
                role=role,
                area_id=root.id if root else None,
                language="zh-CN",
            )
            await contacts.add_channel(
                connection, user_id=user_id, kind="log", address=desk.name, secret=None, call_order=1
            )
            staff.setdefault(role, []).append(user_id)
        if root is not None:
            await _fill_rota(connection, root.id, staff.get("responder", []), begins)
            await _fill_checks(
                connection, root.path, staff.get("responder", []), to_datetime(settings.clock().micros())
            )


async def _fill_rota(connection: Connection, area_id: int, responders: Sequence[int], begins: date) -> None:
    """Three shifts a day, round the clock: everybody works one of them for a week, then the next."""
    for number, (name, first, last) in enumerate(_SHIFTS):
        turns = tuple(responders[number % len(responders) :]) + tuple(responders[: number % len(responders)])
        details = RotationDetails(name, "Asia/Shanghai", begins, 7, turns, (Hours((1, 2, 3, 4, 5, 6, 7), first, last),))
        await rota.add_rotation(connection, area_id, details)


async def _fill_checks(connection: Connection, path: str, responders: Sequence[int], now: datetime) -> None:
    """The oldest of the town are special-care residents: somebody rings them up or looks in."""
    everybody = await people.residents(connection, Scope.area(path), now, maximum=1000)
    oldest = sorted(everybody, key=lambda one: (one.birth_year or now.year, one.id))
    for number, (resident, (kind, days, due_by, grace, note)) in enumerate(zip(oldest, _CHECKS, strict=False)):
        assignee = responders[number % len(responders)] if responders else None
        details = PlanDetails(kind, None, days, due_by, grace, assignee, now.date(), None, note)
        await service.add_check_plan(connection, resident.id, details, now)


def clock_from(start: int, speed: float, delay: float) -> ScaledClock:
    """A clock that shows `start` (micros) when `delay` real seconds have passed, and runs `speed` times as fast."""
    return ScaledClock(SystemClock().micros() + round(delay * SECOND), start, speed)


@asynccontextmanager
async def served(app: object, port: int) -> AsyncIterator[None]:
    """An ASGI application on loopback for the time of the block."""
    server = uvicorn.Server(
        uvicorn.Config(app, host=LOOPBACK, port=port, log_level="warning", lifespan="off")  # type: ignore[arg-type]
    )
    # Signals are the demonstration's to handle.
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve(), name="telephones")
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextmanager
def _no_signals() -> Iterator[None]:
    yield
