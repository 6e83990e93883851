"""`kanhu demo`: a town of its own, two minutes of every kind of alert, and the score."""

import asyncio
import os
import secrets
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from cli import logs, start
from cli.sim import print_score, read_outcomes
from core.clock import HOUR, MINUTE, SECOND, ScaledClock, SystemClock
from core.wording import say
from demo import script
from demo.phones import Phones
from demo.responders import Desk, Responder
from demo.screen import Screen
from demo.script import MUST_BE_FOUND, ZONE
from demo.town import Running, Town, TownFailed, clock_from, served, settle_in
from device_sim import score, simulation
from device_sim.answers import Wearers
from device_sim.publisher import BrokerAddress, Publisher, one_station
from servers.broker_access import SIMULATOR
from servers.contract import Broker, Database, ServerFailed, ServersUnavailable
from servers.process import LOOPBACK, free_port
from storage import pool
from storage.migrate import migrate

# Between the processes' start and nine o'clock.
_BOOT_S: Final = 8.0
_SETTLE_S: Final = 6.0
_RESPONDERS: Final = 3
_SUPERVISOR: Final = "demo"
# With --keep.
_KEPT_HOURS: Final = 12


def demo(
    keep: Annotated[
        bool, typer.Option("--keep", help="leave it running, and print the addresses and a sign-in")
    ] = False,
    real: Annotated[
        bool, typer.Option("--real", help="on real Mosquitto and TimescaleDB (root on Debian), not the embedded ones")
    ] = False,
    households: Annotated[int, typer.Option(min=25, max=500, help="how many homes")] = 50,
    seconds: Annotated[float, typer.Option(min=60, max=1800, help="how long the two hours take")] = 100.0,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same town")] = 1,
    language: Annotated[Literal["zh-CN", "en", ""], typer.Option(help="of the screen; else by LANG")] = "",
) -> None:
    """Show every kind of incident being raised, notified, claimed and closed, and score it against the truth.

    Starts a database, a broker and all of Kanhu, with nothing to install. Ends with 1 where an SOS, a fall, smoke or
    wandering was missed.
    """
    console = Console()
    chosen = language or ("zh-CN" if os.environ.get("LANG", "").startswith("zh") else "en")
    try:
        with ExitStack() as stack, start.plain_errors():
            console.print(say("demo-starting", chosen), style="bold")
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kanhu-demo-")))
            logs.to_file(directory / "demo.log")
            database, broker = _servers(real)
            stack.enter_context(database)
            stack.enter_context(broker)
            migrate(database.url)
            day = Day(console, Town(database.url, broker, directory), chosen, households, seconds, seed)
            passed = asyncio.run(day.run(keep=keep))
    except (TownFailed, ServersUnavailable, ServerFailed) as error:
        start.complain(str(error))
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if not passed:
        raise typer.Exit(1)


def _servers(real: bool) -> tuple[Database, Broker]:
    if real:
        from servers.real import Mosquitto, TimescaleServer

        return TimescaleServer(), Mosquitto()
    try:
        from servers.embedded import EmbeddedBroker, EmbeddedDatabase
    except ImportError as error:
        raise ServersUnavailable("the embedded servers are not installed: `pip install kanhu[embedded]`") from error
    return EmbeddedDatabase(), EmbeddedBroker()


class Day:
    """One demonstration."""

    def __init__(self, console: Console, town: Town, language: str, households: int, seconds: float, seed: int) -> None:
        self._console = console
        self._town = town
        self._language = language
        self._seed = seed
        self._speed = script.MINUTES * 60 / seconds
        self._phone_port = free_port()
        begin = script.begin_of(datetime.fromtimestamp(SystemClock().micros() / SECOND, ZONE).date())
        self._script = script.make(households, seed, begin, f"http://{LOOPBACK}:{self._phone_port}")
        self._desks = [Desk(f"responder-{n}", secrets.token_urlsafe(12)) for n in range(1, _RESPONDERS + 1)]
        self._supervisor = Desk(_SUPERVISOR, secrets.token_urlsafe(9))

    async def run(self, *, keep: bool) -> bool:
        """The two hours, then the score. True where nothing was missed that must be found."""
        town, plan = self._town, self._script
        clock = clock_from(plan.begin, self._speed, _BOOT_S)
        desks = [*((desk, "responder") for desk in self._desks), (self._supervisor, "supervisor")]
        await settle_in(town.read_settings(clock), plan.roster, desks)
        screen = Screen(self._console, clock, self._language, len(plan.roster.households), self._speed)
        phones = Phones(0.6, screen.message, screen.tapped)
        async with served(phones.app(), self._phone_port):
            async with town.processes(clock) as running:
                await town.until_ready(running)
                with screen:
                    await self._live(clock, screen, phones, running)
                    passed = await self._score(clock)
            if keep:
                await self._keep(clock, screen, phones)
        return passed

    async def _live(self, clock: ScaledClock, screen: Screen, phones: Phones, running: Running) -> None:
        """Let the day pass: homes, telephones, responders, and a watch over our own processes."""
        town, plan = self._town, self._script
        async with asyncio.TaskGroup() as tasks:
            staff = [
                tasks.create_task(phones.run(), name="telephones"),
                tasks.create_task(town.watch(running), name="processes"),
                tasks.create_task(self._announce(clock, screen), name="truth"),
            ]
            for number, desk in enumerate(self._desks):
                on_change = screen.change if number == 0 else None
                responder = Responder(town.url, desk, self._seed + number, on_change)
                staff.append(tasks.create_task(responder.run(), name=desk.name))
            # On a slow machine the day has begun before anybody could send: what is past goes at once.
            begin = min(clock.micros(), plan.begin)
            await self._publisher(clock).run(plan.simulation.messages(begin, plan.end))
            screen.say("demo-settling")
            await asyncio.sleep(_SETTLE_S)
            for task in staff:
                task.cancel()

    def _publisher(self, clock: ScaledClock) -> Publisher:
        broker = self._town.broker
        login = broker.service(SIMULATOR)
        stations = one_station(
            self._script.roster,
            clock.micros(),
            username=login.username if login else None,
            password=login.password if login else None,
        )
        address = BrokerAddress(broker.host, broker.port, broker.protocol)
        wearers = Wearers(self._script.roster)
        return Publisher(address, stations, clock, speed=clock.speed, answer=wearers.answer)

    async def _announce(self, clock: ScaledClock, screen: Screen) -> None:
        """Say what really happens, when it happens."""
        names = {home.code: home.residents[0].name for home in self._script.roster.households}
        for truth in self._script.simulation.truth():
            await asyncio.sleep(max(0.0, (truth.start - clock.micros()) / SECOND / clock.speed))
            screen.happens(truth, names[truth.household])

    async def _score(self, clock: ScaledClock) -> bool:
        plan = self._script
        async with await pool.connect(self._town.read_settings(clock)) as connection:
            outcomes = await read_outcomes(connection, plan.roster, plan.begin - HOUR)
        result = score.score(
            plan.simulation.truth(), outcomes, until=plan.end, grace=5 * clock.speed, speed=clock.speed
        )
        print_score(result, self._console)
        missed = result.missed_of(*MUST_BE_FOUND)
        if missed:
            what = ", ".join(say(f"kind-{event.kind}", self._language) for event in missed)
            self._console.print(say("demo-failed", self._language, what=what), style="bold red")
            return False
        self._console.print(say("demo-passed", self._language), style="bold green")
        return True

    async def _keep(self, fast: ScaledClock, screen: Screen, phones: Phones) -> None:
        """Go on at real speed, with something happening every now and then, until Ctrl-C."""
        town, plan = self._town, self._script
        clock = clock_from(fast.micros() + MINUTE, 1.0, 0.0)
        screen.follow(clock)
        begin = clock.micros()
        # What has begun goes on, and what was due since the script's end is sent late, not never.
        happening = [*plan.simulation.script, *script.afterwards(plan, begin, self._seed)]
        life = simulation.Simulation(plan.roster, self._seed, happening)
        kept = life.messages(plan.end, begin + _KEPT_HOURS * HOUR)
        async with town.processes(clock) as running:
            await town.until_ready(running)
            self._print_addresses()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(phones.run(), name="telephones")
                tasks.create_task(town.watch(running), name="processes")
                await self._publisher(clock).run(kept)

    def _print_addresses(self) -> None:
        """Where everything is; last what a newcomer needs: the console and the sign-in."""
        town, print_ = self._town, self._console.print
        print_(say("demo-kept", self._language), style="bold")
        print_(f"  API       {town.url}/api/v1 (described at /api/v1/openapi.json)")
        print_(f"  MQTT      {town.broker.host}:{town.broker.port}")
        print_(f"  database  {town.database}", highlight=False, soft_wrap=True)
        print_(say("demo-console", self._language, url=f"{town.url}/"), style="bold green", soft_wrap=True)
        sign_in = {"name": self._supervisor.name, "password": self._supervisor.password}
        print_(say("demo-sign-in", self._language, **sign_in), style="bold green", soft_wrap=True)
