"""`kanhu sim`: simulated households, recorded falls, load."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli import start
from core.care import DeviceKind
from core.clock import MINUTE, SECOND, to_datetime, to_micros
from core.findings import Kind
from core.metrics import metric_id
from core.settings import Settings
from core.topics import Channel
from device_sim import events, homes, load, recordings, score, simulation, trials, truth
from device_sim.answers import Wearers
from device_sim.events import EventError
from device_sim.faults import Line
from device_sim.homes import Roster, RosterError
from device_sim.observations import Message
from device_sim.publisher import (
    BrokerAddress,
    BrokerUnreachable,
    Command,
    Publisher,
    Station,
    one_station,
    own_stations,
)
from device_sim.recordings import RecordingError
from storage import pool
from storage import simulation as compare
from storage.errors import wrapped
from storage.pool import Connection

app = typer.Typer(help="Simulated households, recorded falls, load.", no_args_is_help=True)

RosterOption = Annotated[
    Path | None, typer.Option("--roster", exists=True, dir_okay=False, help="households written by `kanhu sim roster`")
]
HouseholdsOption = Annotated[int, typer.Option("--households", min=1, max=10_000, help="without --roster: how many")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="the same seed gives the same simulation")]
PasswordsOption = Annotated[
    Path | None,
    typer.Option(
        "--passwords",
        exists=True,
        dir_okay=False,
        help="JSON: user name (household/device; household for its gateway) to password; implies --own-connections",
    ),
]
OwnOption = Annotated[
    bool, typer.Option("--own-connections", help="one connection a device instead of one for all of them")
]


def _known_events(names: list[str] | None) -> list[str]:
    for name in names or []:
        if name not in events.NAMES:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(events.NAMES)}")
    return names or []


EventOption = Annotated[
    list[str] | None,
    typer.Option(
        "--event", callback=_known_events, help=f"let it happen once; may be repeated: {', '.join(events.NAMES)}"
    ),
]

_console = Console()
Result = TypeVar("Result")


@app.command()
def roster(
    output: Annotated[Path, typer.Option("--output", "-o", help="file to write")],
    households: HouseholdsOption = 50,
    seed: SeedOption = 1,
) -> None:
    """Write made-up households, residents, contacts and devices, for `kanhu device import`."""
    made = homes.make_roster(households, seed)
    homes.write(made, output)
    devices = sum(len(home.devices) for home in made.households)
    _console.print(f"{output}: {households} households, {devices} devices")


@app.command()
def run(
    roster_file: RosterOption = None,
    households: HouseholdsOption = 50,
    seed: SeedOption = 1,
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="simulated minutes")] = 60.0,
    event: EventOption = None,
    loss: Annotated[float, typer.Option(min=0, max=1, help="share of messages lost before the broker")] = 0.0,
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="share of messages sent twice")] = 0.0,
    reorder: Annotated[float, typer.Option(min=0, max=1, help="share of messages sent late")] = 0.0,
    delay: Annotated[float, typer.Option(min=0, help="seconds that late and second ones may take")] = 30.0,
    truth_file: Annotated[Path | None, typer.Option("--truth", help="write what happened as JSON lines")] = None,
    with_score: Annotated[bool, typer.Option("--score", help="compare the database's alerts with the truth")] = False,
    settle: Annotated[float, typer.Option(min=0, help="seconds to wait before the score")] = 5.0,
    passwords: PasswordsOption = None,
    own_connections: OwnOption = False,
) -> None:
    """Let households live, with a daily routine and what you let happen to them.

    The clock is that of the settings: KANHU_CLOCK_… makes it run faster, for all processes alike.
    """
    values = start.settings()
    clock, speed = values.clock(), _speed(values)
    with _plain_errors():
        people = homes.read(roster_file) if roster_file else homes.make_roster(households, seed)
        # Not at once: the devices connect first.
        first = clock.micros() // 1000 * 1000 + round(2 * SECOND * speed)
        last = first + round(minutes * MINUTE)
        script = simulation.random_script(people, event or [], first, last, seed)
        life = simulation.Simulation(people, seed, script, Line(loss, duplicates, reorder, delay))
        what = life.truth()
        if truth_file:
            truth.write(what, truth_file)
        stations = _stations(values, people, first, passwords, own=own_connections)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=_console) as progress:
            task = progress.add_task("connecting", total=None)

            def told(command: Command) -> None:
                progress.console.print(
                    f"{command.household}/{command.device} ← {command.payload.decode(errors='replace')}"
                )

            def sent(message: Message, real: int) -> None:
                progress.update(task, advance=1, description=f"{to_datetime(message.at):%H:%M:%S} UTC")
                if message.urgent:
                    progress.console.print(f"{to_datetime(message.at):%H:%M:%S} {message.topic}")

            publisher = Publisher(
                _broker(values),
                stations,
                clock,
                speed=speed,
                on_sent=sent,
                on_command=told,
                answer=Wearers(people).answer,
            )
            _run(publisher.run(life.messages(first, last)))
        if with_score:
            outcomes = _run(_outcomes(values, people, first, settle))
            print_score(score.score(what, outcomes, until=clock.micros(), grace=5 * speed, speed=speed), _console)


@app.command(name="recordings")
def play_recordings(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="recordings, .npz")],
    falls: Annotated[int, typer.Option(min=0, help="how many recorded falls")] = 20,
    activities: Annotated[int, typer.Option(min=0, help="how many recorded daily activities")] = 40,
    seed: SeedOption = 1,
    roster_file: RosterOption = None,
    spacing: Annotated[float, typer.Option(min=0, help="seconds between the beginnings of two trials")] = 0.5,
    all_clips: Annotated[
        bool, typer.Option("--all-clips", help="send the 10 s around the largest magnitude where no trigger fires")
    ] = False,
    settle: Annotated[float, typer.Option(min=0, help="seconds to wait for the last incident")] = 45.0,
    passwords: PasswordsOption = None,
    own_connections: OwnOption = True,
) -> None:
    """Publish recorded falls and daily activities, each by a watch of its own household, and list what came out.

    The households must be in the database: `kanhu sim roster`, `kanhu device import`.
    """
    values = start.settings()
    clock, speed = values.clock(), _speed(values)
    with _plain_errors():
        chosen = recordings.choose(recordings.load(file), falls, activities, seed)
        people = homes.read(roster_file) if roster_file else homes.make_roster(len(chosen), seed)
        begin = clock.micros() // 1000 * 1000 + round(3 * SECOND * speed)
        worn = trials.dress(chosen, people, begin, spacing)
        taking_part = {play.home.code for play in worn}
        wearers = msgspec.structs.replace(
            people,
            households=tuple(
                msgspec.structs.replace(home, devices=tuple(home.of_kind(DeviceKind.WEARABLE, 0)))
                for home in people.households
                if home.code in taking_part
            ),
        )
        queue = trials.messages(worn, all_clips=all_clips)
        clips_sent: dict[str, list[int]] = defaultdict(list)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=_console) as progress:
            task = progress.add_task(f"{falls} falls, {activities} activities", total=len(queue))

            def sent(message: Message, real: int) -> None:
                progress.advance(task)
                if message.topic.endswith(Channel.WAVEFORM):
                    clips_sent[message.household].append(clock.micros())

            stations = _stations(values, wearers, begin, passwords, own=own_connections)
            _run(Publisher(_broker(values), stations, clock, speed=speed, on_sent=sent).run(queue))
        with _console.status(f"waiting {settle:.0f} s for the last countdown"):
            outcomes = _run(_outcomes(values, wearers, begin, settle))
        print_trials(trials.results(worn, clips_sent, outcomes, speed), outcomes, _console)


@app.command(name="load")
def run_load(
    roster_file: RosterOption = None,
    households: HouseholdsOption = 50,
    seed: SeedOption = 1,
    rate: Annotated[float, typer.Option(min=0.1, help="messages a second, of 8 readings each")] = 500.0,
    seconds: Annotated[float, typer.Option(min=1, help="how long")] = 30.0,
    connections: Annotated[int, typer.Option(min=1, max=5000, help="over so many connections")] = 20,
    calls: Annotated[float, typer.Option(min=0, help="seconds between two calls for help, 0: none")] = 5.0,
    settle: Annotated[float, typer.Option(min=0, help="seconds to wait for the last ones")] = 30.0,
) -> None:
    """Publish at a set rate; say how long readings take to the database and calls for help to an alert, what was lost.

    The households must be in the database, and the clock the machine's.
    """
    values = start.settings()
    if _speed(values) != 1.0:
        start.complain("a load is measured on the machine's clock: take KANHU_CLOCK_… away")
        raise typer.Exit(2)
    with _plain_errors():
        people = homes.read(roster_file) if roster_file else homes.make_roster(households, seed)
        plan = load.LoadPlan(rate, seconds, connections, calls, settle)
        secret = values.mqtt_password.get_secret_value() if values.mqtt_password else None
        stations = load.load_stations(people, connections, username=values.mqtt_username, password=secret)

        async def measured(show: Callable[[load.LoadProgress], None]) -> load.LoadReport:
            connection = await pool.connect(values)
            async with connection:
                return await load.run_load(people, plan, _broker(values), stations, _Probe(connection), show)

        with Live(console=_console, refresh_per_second=4) as live:

            def show(progress: load.LoadProgress) -> None:
                commit = score.percentile(progress.committed[-500:], 0.99)
                live.update(
                    f"sent {progress.sent:,}  acknowledged {progress.acknowledged:,}  "
                    f"99 % in the database after {commit:.3f} s  behind plan {progress.late:.1f} s"
                )

            report = _run(measured(show))
        print_load(report, _console)


class _Probe:
    """`device_sim.load.CommitProbe` on one connection to the database."""

    _HEART_RATE = metric_id("heart_rate")
    _METRICS = tuple(metric_id(name) for name in load.METRICS)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def committed(self, marks: Collection[load.Mark]) -> list[load.Mark]:
        """Which of the messages' readings can be read."""
        return _marks(await compare.committed(self._connection, _asked(marks), self._HEART_RATE))

    async def alerted(self, marks: Collection[load.Mark]) -> list[load.Mark]:
        """Which of the calls for help have an alert."""
        return _marks(await compare.alerted(self._connection, _asked(marks)))

    async def readings(self, households: Collection[str], first: int, last: int) -> int:
        """How many readings of the load there are."""
        return await compare.count_readings(
            self._connection, households, self._METRICS, to_datetime(first), to_datetime(last)
        )

    async def alerts(self, households: Collection[str], first: int, last: int) -> int:
        """How many SOS alerts there are."""
        return await compare.count_sos(self._connection, households, to_datetime(first), to_datetime(last))


def _asked(marks: Collection[load.Mark]) -> list[compare.Sent]:
    return [compare.Sent(mark.household, mark.device, to_datetime(mark.time)) for mark in marks]


def _marks(there: Sequence[compare.Sent]) -> list[load.Mark]:
    return [load.Mark(one.household, one.device, to_micros(one.time)) for one in there]


async def _outcomes(values: Settings, people: Roster, since: int, settle: float) -> list[score.Outcome]:
    await asyncio.sleep(settle)
    connection = await pool.connect(values)
    async with connection:
        return await read_outcomes(connection, people, since)


async def read_outcomes(connection: Connection, people: Roster, since: int) -> list[score.Outcome]:
    """The alerts of the roster's households that were raised since a moment (micros)."""
    with wrapped():
        rows = await compare.outcomes(connection, [home.code for home in people.households], to_datetime(since))
    return [
        score.Outcome(
            household=row.household,
            resident=row.resident,
            kind=Kind(row.kind),
            raised=to_micros(row.raised_at),
            queued=None if row.opened_at is None else to_micros(row.opened_at),
            cancelled=row.state == "cancelled",
            incident=row.incident,
        )
        for row in rows
    ]


def print_score(result: score.Score, console: Console) -> None:
    """The score as a table, then what was missed and what was false."""
    table = Table(title="alerts beside the truth; real seconds from the event to the queue", title_justify="left")
    table.add_column("kind")
    for column in ("truth", "found", "late", "missed", "false", "median s", "99 % s"):
        table.add_column(column, justify="right")
    for row in result.kinds:
        counts = (str(n) for n in (row.truth, row.found, row.late, row.missed, row.false))
        delays = (f"{row.delay(share):.1f}" if row.delays else "–" for share in (0.5, 0.99))
        table.add_row(row.kind, *counts, *delays, style="red" if row.missed else None)
    console.print(table)
    for event in result.missed:
        console.print(
            f"missed: {event.kind} of {event.household}/{event.resident} at {to_datetime(event.start):%H:%M:%S} UTC"
        )
    for alert in result.false:
        console.print(
            f"false: {alert.kind} of {alert.household}/{alert.resident} at {to_datetime(alert.raised):%H:%M:%S} UTC"
        )


def print_trials(results: Sequence[trials.TrialResult], outcomes: Sequence[score.Outcome], console: Console) -> None:
    """Each trial with its incident, then sensitivity, specificity and delays."""
    table = Table("household", "trial", "truth", "clips", "incident", "to alert s", "to queue s", title="recordings")
    for one in results:
        trial = one.worn.trial
        wrong = trial.is_fall is (one.incident is None)
        table.add_row(
            one.worn.home.code,
            trial.name,
            "fall" if trial.is_fall else f"activity {trial.activity}",
            str(one.clips),
            "-" if one.incident is None else str(one.incident),
            "-" if one.to_alert is None else f"{one.to_alert:.2f}",
            "-" if one.to_queue is None else f"{one.to_queue:.2f}",
            style="red" if wrong else None,
        )
    console.print(table)
    falls = [one for one in results if one.worn.trial.is_fall]
    others = [one for one in results if not one.worn.trial.is_fall]
    recognised = sum(one.incident is not None for one in falls)
    false = sum(one.incident is not None for one in others)
    triggered = sum(one.clips > 0 for one in others)
    console.print(
        f"falls recognised: {recognised} of {len(falls)}; daily activities taken for a fall: {false} of {len(others)} "
        f"({triggered} of them sent a clip). Recorded falls are acted, and a model that was trained on them knows them."
    )
    for what, delays in (
        ("clip sent to alert", [one.to_alert for one in falls if one.to_alert is not None]),
        (
            "clip sent to queue, with the wearer's countdown",
            [one.to_queue for one in falls if one.to_queue is not None],
        ),
    ):
        if delays:
            median, most = score.percentile(delays, 0.5), score.percentile(delays, 0.99)
            console.print(f"{what}: median {median:.2f} s, 99th percentile {most:.2f} s")
    waiting = sum(one.incident is not None and one.to_queue is None for one in results)
    if waiting:
        console.print(
            f"{waiting} incidents are not in the queue: is `kanhu dispatch` running, and --settle long enough?"
        )
    for outcome in outcomes:
        if outcome.kind not in (Kind.FALL, Kind.LONG_LIE):
            console.print(f"also: {outcome.kind} of {outcome.household}, incident {outcome.incident}")


def print_load(report: load.LoadReport, console: Console) -> None:
    """What became of a load."""
    table = Table("", "sent", "lost", "surplus", "median s", "95 % s", "99 % s", title="load")
    readings = (report.messages - report.calls) * len(load.METRICS)
    for what, sent, lost, surplus, delays in (
        ("readings, to the database", readings, report.readings_lost, report.readings_surplus, report.to_commit),
        ("calls for help, to the alert", report.calls, report.calls_lost, report.calls_surplus, report.to_alert),
    ):
        shares = (f"{score.percentile(delays, share):.3f}" for share in (0.5, 0.95, 0.99))
        table.add_row(what, f"{sent:,}", str(lost), str(surplus), *shares)
    console.print(table)
    console.print(f"{report.messages:,} messages in {report.seconds:.1f} s: {report.rate:,.0f} a second")


def _stations(values: Settings, people: Roster, now: int, passwords: Path | None, *, own: bool) -> list[Station]:
    if passwords is not None:
        return own_stations(people, now, msgspec.json.decode(passwords.read_bytes(), type=dict[str, str]))
    if own and values.mqtt_username is None:
        return own_stations(people, now, {})
    secret = values.mqtt_password.get_secret_value() if values.mqtt_password else None
    return one_station(people, now, username=values.mqtt_username, password=secret)


def _broker(values: Settings) -> BrokerAddress:
    return BrokerAddress(values.mqtt_host, values.mqtt_port, values.mqtt_protocol, values.mqtt_tls_ca)


def _speed(values: Settings) -> float:
    return 1.0 if values.clock_origin is None else values.clock_speed


def _run(work: Awaitable[Result]) -> Result:
    async def awaited() -> Result:
        return await work

    return asyncio.run(awaited())


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Say in one line what a user of the simulator can mend."""
    try:
        with start.plain_errors():
            yield
    except (BrokerUnreachable, RecordingError, EventError, RosterError, msgspec.MsgspecError) as error:
        start.complain(str(error))
        raise typer.Exit(1) from error
