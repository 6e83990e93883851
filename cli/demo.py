"""`kanhu demo`: a town of its own, two minutes of every kind of alert, and the score."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from cli import logs, start
from cli.sim import print_score, read_outcomes
from core.clock import HOUR, MINUTE, SECOND, ScaledClock, SystemClock
from core.wording import say
from demo import pace, script
from demo.pace import LONGEST_S
from demo.patience import NoAnswer
from demo.phones import Phones
from demo.responders import Desk, Responder
from demo.screen import Screen
from demo.script import ZONE, Script
from demo.town import Running, Town, TownFailed, clock_from, served, settle_in
from demo.verdict import verdict
from device_sim import score, simulation
from device_sim.answers import Wearers
from device_sim.observations import Message
from device_sim.publisher import BrokerAddress, BrokerUnreachable, Publisher, one_station
from servers.broker_access import SIMULATOR
from servers.contract import Broker, Database, ServerFailed, ServersUnavailable
from servers.process import LOOPBACK, free_port
from storage import pool
from storage.migrate import migrate

# The homes' life before nine, of which as much is sent as there is time for once all processes are ready.
_BEFORE: Final = 2 * HOUR
# After the last message.
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
    seconds: Annotated[
        float | None,
        typer.Option(min=60, max=LONGEST_S, help="how long the two hours take", show_default="100, more where needed"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same town")] = 1,
    language: Annotated[Literal["zh-CN", "en", ""], typer.Option(help="of the screen; else by LANG")] = "",
) -> None:
    """Show every kind of incident being raised, notified, claimed and closed, and score it against the truth.

    Starts a database, a broker and all of Kanhu, with nothing to install. Ends with 1 where anything was missed.
    """
    console = Console()
    chosen = language or ("zh-CN" if os.environ.get("LANG", "").startswith("zh") else "en")
    passed, failure, interrupted = False, "", False
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
    except* (TownFailed, NoAnswer, BrokerUnreachable, ServersUnavailable, ServerFailed) as failures:
        failure = str(_first(failures))
    except* KeyboardInterrupt:
        interrupted = True
    if failure:
        start.complain(failure)
    if interrupted:
        raise typer.Exit(130)
    if not passed:
        raise typer.Exit(1)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


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

    def __init__(
        self, console: Console, town: Town, language: str, households: int, seconds: float | None, seed: int
    ) -> None:
        self._console = console
        self._town = town
        self._language = language
        self._households = households
        self._seed = seed
        self._phone_port = free_port()
        begin = script.begin_of(datetime.fromtimestamp(SystemClock().micros() / SECOND, ZONE).date())
        self._script, self._messages, self._simulated_in = self._simulated(begin, begin - _BEFORE)
        self._seconds = seconds or pace.seconds_for(self._simulated_in)
        if seconds is None and self._seconds > pace.USUAL_S:
            console.print(say("demo-slowly", language, usual=round(pace.USUAL_S), seconds=round(self._seconds)))
        self._speed = script.MINUTES * 60 / self._seconds
        self._clock = clock_from(self._script.begin, self._speed, pace.boot_for(self._simulated_in))
        self._lag = pace.Lag(self._clock)
        self._desks = [Desk(f"responder-{n}", secrets.token_urlsafe(12)) for n in range(1, _RESPONDERS + 1)]
        self._supervisor = Desk(_SUPERVISOR, secrets.token_urlsafe(9))

    def _simulated(self, begin: int, since: int) -> tuple[Script, list[Message], float]:
        """The script from `begin` on, the messages of the town from `since` on, and the real seconds that this took.

        All of them, so that later none is late because it is being made.
        """
        plan = script.make(self._households, self._seed, begin, f"http://{LOOPBACK}:{self._phone_port}")
        started = monotonic()
        messages = list(plan.simulation.messages(since, plan.end))
        return plan, messages, monotonic() - started

    async def run(self, *, keep: bool) -> bool:
        """The two hours, then the score. True where nothing was missed."""
        town, clock = self._town, self._clock
        desks = [*((desk, "responder") for desk in self._desks), (self._supervisor, "supervisor")]
        await settle_in(town.read_settings(clock), self._script.roster, desks)
        screen = Screen(self._console, clock, self._language, self._households, self._speed)
        phones = Phones(0.6, screen.message, screen.tapped, screen.again)
        async with served(phones.app(), self._phone_port):
            async with town.processes(clock) as running:
                await town.until_listening(running)
                # Silence is counted from now on, so from now on devices speak, whether or not anybody works yet.
                ready = clock.micros()
                if ready > self._script.begin:
                    begin = pace.late_begin(ready, self._simulated_in, self._speed)
                    self._script, self._messages, _ = self._simulated(begin, ready)
                with screen:
                    await self._live(ready, screen, phones, running)
                    passed = await self._score()
            if keep:
                await self._keep(clock, screen, phones)
        return passed

    async def _live(self, ready: int, screen: Screen, phones: Phones, running: Running) -> None:
        """Let the day pass from `ready` (micros) on: homes, telephones, responders, a watch over our own processes."""
        town = self._town
        async with asyncio.TaskGroup() as tasks:
            staff = [
                tasks.create_task(phones.run(), name="telephones"),
                tasks.create_task(town.watch(running), name="processes"),
                tasks.create_task(self._announce(screen), name="truth"),
            ]
            for number, desk in enumerate(self._desks):
                on_change = screen.change if number == 0 else None
                responder = Responder(town.url, desk, self._seed + number, screen.again, on_change)
                staff.append(tasks.create_task(self._at_work(responder, running), name=desk.name))
            due = (message for message in self._messages if message.at >= ready)
            await self._publisher(self._clock, self._lag.acknowledged).run(due)
            screen.say("demo-settling")
            await asyncio.sleep(_SETTLE_S * max(1.0, self._seconds / pace.USUAL_S))
            for task in staff:
                task.cancel()

    async def _at_work(self, responder: Responder, running: Running) -> None:
        await self._town.until_ready(running)
        await responder.run()

    def _publisher(self, clock: ScaledClock, on_acknowledged: Callable[[Message, int], None]) -> Publisher:
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
        return Publisher(
            address, stations, clock, speed=clock.speed, answer=wearers.answer, on_acknowledged=on_acknowledged
        )

    async def _announce(self, screen: Screen) -> None:
        """Say what really happens, when it happens."""
        clock = self._clock
        names = {home.code: home.residents[0].name for home in self._script.roster.households}
        for truth in self._script.simulation.truth():
            await asyncio.sleep(max(0.0, (truth.start - clock.micros()) / SECOND / clock.speed))
            screen.happens(truth, names[truth.household])

    async def _score(self) -> bool:
        """Print the score. True where nothing was missed."""
        plan, clock = self._script, self._clock
        async with await pool.connect(self._town.read_settings(clock)) as connection:
            outcomes = await read_outcomes(connection, plan.roster, plan.begin - HOUR)
        result = score.score(
            plan.simulation.truth(), outcomes, until=plan.end, grace=5 * clock.speed, speed=clock.speed
        )
        print_score(result, self._console)
        reached = verdict(result, self._lag, self._seconds, self._language)
        for text, style in reached.lines:
            self._console.print(text, style=style)
        return reached.passed

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
                await self._publisher(clock, pace.Lag(clock).acknowledged).run(kept)

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
