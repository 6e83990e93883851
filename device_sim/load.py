"""Load: watches that publish at a set rate; how long readings take to the database and calls for help to an alert.

What the database holds is asked through a `CommitProbe`, for the simulator itself knows no database. Times are the
machine's own, so the probe's database must be filled on a clock that runs at normal speed.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from core.care import DeviceKind
from core.clock import SECOND, SystemClock
from device_sim import wire
from device_sim.homes import HomeDevice, Roster, RosterError
from device_sim.observations import Message, Observation, Record, Records
from device_sim.publisher import BrokerAddress, Publisher, Station
from device_sim.score import percentile

METRICS: Final = (
    "heart_rate", "spo2", "respiratory_rate", "body_temperature", "room_temperature", "humidity", "battery", "steps",
)  # fmt: skip
"""One reading of each is in every message."""
_MARKS_A_SECOND: Final = 50
"""Messages a second whose way to the database is timed."""
_ASK_EVERY_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Mark:
    """A message that can be found again: the event time (micros) of a device's message."""

    household: str
    device: str
    time: int


class CommitProbe(Protocol):
    """What the load generator asks the database."""

    async def committed(self, marks: Collection[Mark]) -> Collection[Mark]:
        """Which of the messages' readings can be read."""
        ...

    async def alerted(self, marks: Collection[Mark]) -> Collection[Mark]:
        """Which of the calls for help have an alert."""
        ...

    async def readings(self, households: Collection[str], first: int, last: int) -> int:
        """How many readings of the load there are with event times in [first, last] (micros)."""
        ...

    async def alerts(self, households: Collection[str], first: int, last: int) -> int:
        """How many SOS alerts there are with event times in [first, last] (micros)."""
        ...


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """rate: messages a second over all devices. seconds: how long. calls: seconds between two calls for help, 0 for
    none. connections: how many the devices share. settle: seconds to wait for the last ones at the end.
    """

    rate: float
    seconds: float
    connections: int
    calls: float = 5.0
    settle: float = 30.0


@dataclass(slots=True)
class LoadProgress:
    """How far a load is. late: seconds that the generator is behind its plan."""

    sent: int = 0
    acknowledged: int = 0
    committed: list[float] = field(default_factory=list)
    alerted: list[float] = field(default_factory=list)
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of a load.

    messages, calls: sent and acknowledged by the broker. readings_lost, calls_lost: not to be read after `settle`.
    readings_surplus, calls_surplus: more than were sent. to_commit, to_alert: seconds from handing a message to the
    broker until it could be read, a sample. seconds: from the first to the last message sent.
    """

    messages: int
    calls: int
    seconds: float
    readings_lost: int
    readings_surplus: int
    calls_lost: int
    calls_surplus: int
    to_commit: tuple[float, ...]
    to_alert: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Messages a second, as sent."""
        return self.messages / self.seconds if self.seconds else 0.0

    def commit_percentile(self, share: float) -> float:
        """Seconds from sending to the database."""
        return percentile(self.to_commit, share)


def load_messages(roster: Roster, plan: LoadPlan, start: int) -> Iterator[Message]:
    """The load's messages in order of time: eight unremarkable readings each, and now and then a call for help.

    Devices take turns, so that no two messages of one have the same time. Raises RosterError for a roster without
    wearables or a rate above what its devices can tell apart (1,000 messages a second each).
    """
    watches = [(home.code, watch) for home in roster.households for watch in home.of_kind(DeviceKind.WEARABLE)]
    if not watches:
        raise RosterError("the roster has no wearables to send with")
    if plan.rate > 1000 * len(watches):
        raise RosterError(f"{len(watches)} devices send {1000 * len(watches)} messages a second at most")
    calls = iter(range(0, round(plan.seconds * SECOND), round(plan.calls * SECOND) or 1))
    call = next(calls, None) if plan.calls else None
    called = 0
    for number in range(round(plan.rate * plan.seconds)):
        offset = round(number / plan.rate * 1000) * 1000
        while call is not None and call <= offset:
            home, watch = watches[called % len(watches)]
            yield _message(home, watch, start + call, (Record("sos", True),), event=True)
            called, call = called + 1, next(calls, None)
        home, watch = watches[number % len(watches)]
        yield _message(home, watch, start + offset, _readings(number))


def _readings(number: int) -> tuple[Record, ...]:
    wobble = number % 5
    levels = (68 + wobble, 96 + wobble % 3, 14 + wobble % 3, 36.5 + wobble / 10, 21.5 + wobble / 10, 50 + wobble, 80, 0)
    return tuple(Record(metric, level) for metric, level in zip(METRICS, levels, strict=True))


def _message(home: str, watch: HomeDevice, at: int, records: tuple[Record, ...], *, event: bool = False) -> Message:
    return wire.encode(watch, Observation(at, at, home, watch.code, Records(records, event)))


def load_stations(
    roster: Roster, connections: int, *, username: str | None = None, password: str | None = None
) -> list[Station]:
    """So many connections, the wearables dealt out among them. All use the same account."""
    watches = [(home.code, watch.code) for home in roster.households for watch in home.of_kind(DeviceKind.WEARABLE)]
    count = min(connections, len(watches))
    return [
        Station(f"kanhu-load-{n}", tuple(watches[n::count]), (), (), None, username, password) for n in range(count)
    ]


async def run_load(
    roster: Roster,
    plan: LoadPlan,
    broker: BrokerAddress,
    stations: Sequence[Station],
    probe: CommitProbe,
    on_progress: Callable[[LoadProgress], None],
) -> LoadReport:
    """Send the load, wait until all of it can be read or `settle` is over, and say what became of it.

    The devices must be known to the database. Raises BrokerUnreachable, RosterError (see `load_messages`), and whatever
    the probe raises.
    """
    clock = SystemClock()
    # Whole milliseconds, as on the wire, so that a message can be found again by its time.
    start = clock.micros() // 1000 * 1000 + SECOND
    watch = _Watch(probe, on_progress)
    publisher = Publisher(broker, stations, clock, on_sent=watch.sent, on_acknowledged=watch.acknowledged)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(watch.ask(), name="commit probe")
        await publisher.run(load_messages(roster, plan, start))
        watch.finished = True
        # What has not come through by then is counted as lost.
        with suppress(TimeoutError):
            async with asyncio.timeout(plan.settle):
                await asking
    homes = [home.code for home in roster.households]
    first, last = start - SECOND, start + round((plan.seconds + 1) * SECOND)
    wanted = (watch.messages - watch.calls) * len(METRICS)
    until = clock.micros() + round(plan.settle * SECOND)
    stored = await probe.readings(homes, first, last)
    while stored < wanted and clock.micros() < until:
        await asyncio.sleep(0.5)
        stored = await probe.readings(homes, first, last)
    alerts = await probe.alerts(homes, first, last)
    return LoadReport(
        messages=watch.messages,
        calls=watch.calls,
        seconds=watch.seconds,
        readings_lost=max(0, wanted - stored),
        readings_surplus=max(0, stored - wanted),
        calls_lost=max(0, watch.calls - alerts),
        calls_surplus=max(0, alerts - watch.calls),
        to_commit=tuple(watch.progress.committed),
        to_alert=tuple(watch.progress.alerted),
    )


class _Watch:
    """Marks a sample of the messages when they are sent, and asks until each has come through."""

    def __init__(self, probe: CommitProbe, on_progress: Callable[[LoadProgress], None]) -> None:
        self._probe = probe
        self._on_progress = on_progress
        self._readings: dict[Mark, int] = {}
        self._calls: dict[Mark, int] = {}
        self._next_mark = 0
        self._first = 0
        self._last = 0
        self.progress = LoadProgress()
        self.messages = 0
        self.calls = 0
        self.finished = False

    @property
    def seconds(self) -> float:
        """From the first message sent to the last."""
        return (self._last - self._first) / SECOND

    def sent(self, message: Message, real: int) -> None:
        """A message was handed to the connection at `real`; one that is sent again keeps its first time."""
        self._first = self._first or real
        self._last = real
        self.progress.late = (real - message.at) / SECOND
        mark = Mark(message.household, message.device, message.at)
        if message.urgent:
            self._calls.setdefault(mark, real)
        elif real >= self._next_mark:
            self._next_mark = real + SECOND // _MARKS_A_SECOND
            self._readings.setdefault(mark, real)
        self.progress.sent += 1

    def acknowledged(self, message: Message, real: int) -> None:
        """The broker has it."""
        self.messages += 1
        self.calls += message.urgent
        self.progress.acknowledged = self.messages

    async def ask(self) -> None:
        """Ask the probe about what is not there yet, until all is sent and has come through."""
        clock = SystemClock()
        while not self.finished or self._readings or self._calls:
            for waiting, ask, delays in (
                (self._readings, self._probe.committed, self.progress.committed),
                (self._calls, self._probe.alerted, self.progress.alerted),
            ):
                if waiting:
                    there = await ask(tuple(waiting))
                    now = clock.micros()
                    delays.extend((now - waiting.pop(mark)) / SECOND for mark in there if mark in waiting)
            self._on_progress(self.progress)
            await asyncio.sleep(_ASK_EVERY_S)
