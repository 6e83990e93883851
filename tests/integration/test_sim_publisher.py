"""The publisher on a real broker: everything arrives, in each device's order, through a broker's crash too."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

import aiomqtt
import pytest

from core.clock import HOUR, MINUTE, SECOND, ManualClock, ScaledClock, SystemClock
from core.topics import UP_FILTERS
from device_sim import load
from device_sim.answers import Wearers
from device_sim.homes import Roster, make_roster
from device_sim.load import LoadPlan, LoadProgress, Mark
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
from device_sim.simulation import Simulation
from servers.broker_access import INGEST, new_password
from servers.contract import Login
from servers.embedded import EmbeddedBroker
from servers.process import free_port
from servers.real import Mosquitto

ROSTER = make_roster(3, 1)
START = 1_772_497_800_000_000
LATER = ManualClock(START + 24 * 60 * MINUTE)
"""A clock by which every message is due."""


def address(broker: EmbeddedBroker) -> BrokerAddress:
    return BrokerAddress(broker.host, broker.port, broker.protocol)


class Heard:
    """What a subscriber has got."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._changed = asyncio.Condition()

    async def listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            async with self._changed:
                self.messages.append((message.topic.value, message.payload))
                self._changed.notify_all()

    async def until(self, enough: Callable[[list[tuple[str, bytes]]], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: enough(self.messages))


@asynccontextmanager
async def listening(broker: EmbeddedBroker, pattern: str = "#") -> AsyncIterator[Heard]:
    heard = Heard()
    async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(pattern, qos=1)
        task = asyncio.create_task(heard.listen(client))
        yield heard
        task.cancel()


@pytest.mark.parametrize("stations", [one_station(ROSTER, START), own_stations(ROSTER, START, {})])
async def test_everything_arrives_in_each_devices_order(
    embedded_broker: EmbeddedBroker, stations: list[Station]
) -> None:
    messages = list(Simulation(ROSTER, 7).messages(START, START + 20 * MINUTE))
    sent: list[Message] = []
    acknowledged: list[Message] = []
    publisher = Publisher(
        address(embedded_broker),
        stations,
        LATER,
        on_sent=lambda message, real: sent.append(message),
        on_acknowledged=lambda message, real: acknowledged.append(message),
    )
    births = {birth.topic for station in stations for birth in station.births}
    async with listening(embedded_broker) as heard:
        await publisher.run(messages)
        await heard.until(lambda got: len(got) >= len(messages) + len(births))
    came = defaultdict(list)
    for topic, payload in heard.messages:
        if topic not in births:
            came[topic].append(payload)
    expected = defaultdict(list)
    for message in messages:
        expected[message.topic].append(message.payload)
    assert came == expected
    assert births <= {topic for topic, _ in heard.messages}
    assert sorted(sent, key=lambda m: m.at) == messages
    assert len(acknowledged) == len(messages)


async def test_messages_wait_for_their_time(embedded_broker: EmbeddedBroker) -> None:
    clock = ScaledClock(SystemClock().micros(), START, 60.0)
    real: dict[int, int] = {}
    messages = [
        Message(START + 60 * SECOND * n, "h001", "watch", "kanhu/v1/h001/watch/event", b"[]") for n in (1, 2, 3)
    ]

    def sent(message: Message, at: int) -> None:
        real[message.at] = at

    await Publisher(address(embedded_broker), one_station(ROSTER, START), clock, speed=60.0, on_sent=sent).run(messages)
    for message in messages:
        due = clock.origin + (message.at - clock.start) / clock.speed
        assert real[message.at] >= due - 20_000


async def test_births_are_retained_and_a_lost_device_leaves_its_will(embedded_broker: EmbeddedBroker) -> None:
    (watch,) = [s for s in own_stations(ROSTER, START, {}) if s.client_id == "h001.watch"]
    assert watch.will is not None
    assert (watch.will.topic, watch.will.payload) == ("kanhu/v1/h001/watch/status", b'{"online":false}')
    await Publisher(address(embedded_broker), [watch], LATER).run([])
    async with listening(embedded_broker, "kanhu/v1/h001/watch/status") as heard:
        await heard.until(lambda got: got == [("kanhu/v1/h001/watch/status", b'{"online":true}')])


async def test_commands_reach_their_device(embedded_broker: EmbeddedBroker) -> None:
    got: asyncio.Queue[Command] = asyncio.Queue()
    release = asyncio.Event()
    stations = own_stations(ROSTER, START, {})
    publisher = Publisher(address(embedded_broker), stations, LATER, on_command=got.put_nowait)

    async def scenario() -> None:
        async with aiomqtt.Client(
            embedded_broker.host, embedded_broker.port, protocol=aiomqtt.ProtocolVersion.V5
        ) as client:
            # The device may not have subscribed yet: say it until it is heard.
            while got.empty():
                await client.publish("kanhu/v1/h002/watch/command", b'{"do":"locate-now"}', qos=1)
                await asyncio.sleep(0.02)
        release.set()

    far = Message(LATER.micros() + 60 * SECOND, "h002", "watch", "kanhu/v1/h002/watch/event", b"[]")
    async with asyncio.timeout(20):
        running = asyncio.create_task(publisher.run([far]))
        await scenario()
        running.cancel()
    command = got.get_nowait()
    assert (command.household, command.device, command.payload) == ("h002", "watch", b'{"do":"locate-now"}')


async def test_a_broker_that_comes_back_gets_what_it_had_not_acknowledged(embedded_broker: EmbeddedBroker) -> None:
    messages = list(Simulation(ROSTER, 7).messages(START, START + 60 * MINUTE))
    half = asyncio.Event()
    acknowledged: list[Message] = []

    def note(message: Message, real: int) -> None:
        acknowledged.append(message)
        if len(acknowledged) == 200:
            half.set()

    publisher = Publisher(address(embedded_broker), one_station(ROSTER, START), LATER, on_acknowledged=note)
    async with asyncio.timeout(60):
        running = asyncio.create_task(publisher.run(messages))
        await half.wait()
        embedded_broker.stop()
        before = len(acknowledged)
        assert before < len(messages)
        embedded_broker.start()
        await running
    assert sorted(acknowledged, key=lambda m: (m.at, m.topic)) == sorted(messages, key=lambda m: (m.at, m.topic))


async def test_a_broker_that_is_not_there_is_named() -> None:
    port = free_port()
    publisher = Publisher(BrokerAddress("127.0.0.1", port), one_station(ROSTER, START), LATER)
    with pytest.raises(BrokerUnreachable, match=f"127.0.0.1:{port}"):
        await publisher.run([])


@pytest.mark.servers
async def test_devices_with_accounts_of_their_own_are_let_in_by_mosquitto(mosquitto: Mosquitto) -> None:
    passwords = {home.code: new_password() for home in ROSTER.households}
    passwords |= {f"{home.code}/{device.code}": new_password() for home in ROSTER.households for device in home.devices}
    mosquitto.add_accounts(Login(name, password) for name, password in passwords.items())
    ingest = mosquitto.service(INGEST)
    messages = list(Simulation(ROSTER, 7).messages(START, START + 30 * MINUTE))
    stations = own_stations(ROSTER, START, passwords)
    heard = Heard()
    broker = BrokerAddress(mosquitto.host, mosquitto.port)
    async with aiomqtt.Client(
        mosquitto.host,
        mosquitto.port,
        identifier="sim-publisher-test",
        username=ingest.username,
        password=ingest.password,
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        for pattern in UP_FILTERS:
            await client.subscribe(pattern, qos=1)
        task = asyncio.create_task(heard.listen(client))
        await Publisher(broker, stations, LATER).run(messages)
        # Births are retained there and come again to each subscription.
        births = {birth.topic for station in stations for birth in station.births}
        await heard.until(lambda got: sum(topic not in births for topic, _ in got) >= len(messages))
        task.cancel()
    came = Counter((topic, payload) for topic, payload in heard.messages if topic not in births)
    assert came == Counter((message.topic, message.payload) for message in messages)
    wrong = own_stations(ROSTER, START, dict.fromkeys(passwords, "guessed"))
    with pytest.raises(BrokerUnreachable, match=r"[Nn]ot authori"):
        await Publisher(broker, wrong[:1], LATER).run([])


class Database:
    """A `CommitProbe` that is fed by a subscriber, and loses what it is told to."""

    def __init__(self, heard: Heard, lose: Callable[[str, bytes], bool]) -> None:
        self._heard = heard
        self._lose = lose

    def _stored(self, channel: str) -> list[tuple[str, bytes]]:
        return [(t, p) for t, p in self._heard.messages if t.endswith(channel) and not self._lose(t, p)]

    def _there(self, channel: str, marks: Collection[Mark]) -> list[Mark]:
        stored = self._stored(channel)
        return [
            mark
            for mark in marks
            if any(
                t.startswith(f"kanhu/v1/{mark.household}/{mark.device}/")
                and str(mark.time // 1000 / 1000).encode() in p
                for t, p in stored
            )
        ]

    async def committed(self, marks: Collection[Mark]) -> list[Mark]:
        return self._there("/telemetry", marks)

    async def alerted(self, marks: Collection[Mark]) -> list[Mark]:
        return self._there("/event", marks)

    async def readings(self, households: Collection[str], first: int, last: int) -> int:
        return 8 * len(self._stored("/telemetry"))

    async def alerts(self, households: Collection[str], first: int, last: int) -> int:
        return len(self._stored("/event"))


@pytest.fixture
def odd_roster() -> Roster:
    """Watches that speak JSON, so that the test can read the times in it."""
    roster = make_roster(9, 1)
    return Roster(roster.areas, roster.households[0:9:2])


Run = Callable[[Callable[[str, bytes], bool]], Awaitable[load.LoadReport]]


@pytest.fixture
def loaded(embedded_broker: EmbeddedBroker, odd_roster: Roster) -> Run:
    async def run(lose: Callable[[str, bytes], bool]) -> load.LoadReport:
        seen: list[LoadProgress] = []
        stations = load.load_stations(odd_roster, 3)
        assert len(stations) == 3
        async with listening(embedded_broker) as heard:
            report = await load.run_load(
                odd_roster,
                LoadPlan(rate=200, seconds=2, connections=3, calls=0.5, settle=1.0),
                address(embedded_broker),
                stations,
                Database(heard, lose),
                seen.append,
            )
        assert seen
        return report

    return run


async def test_a_load_that_comes_through_loses_nothing(loaded: Run) -> None:
    report = await loaded(lambda topic, payload: False)
    assert (report.messages, report.calls) == (404, 4)
    assert (report.readings_lost, report.readings_surplus, report.calls_lost, report.calls_surplus) == (0, 0, 0, 0)
    assert len(report.to_alert) == 4
    assert len(report.to_commit) > 50
    assert 0 < report.commit_percentile(0.5) <= report.commit_percentile(0.99) < 5
    assert 150 < report.rate < 250


async def test_a_load_counts_what_is_lost(loaded: Run) -> None:
    # Seven watches (h003 and h009 have two) send 400 messages and 4 calls in turn; the fourth is of h005.
    report = await loaded(lambda topic, payload: topic.startswith("kanhu/v1/h005/"))
    assert report.readings_lost == 8 * 57
    assert report.calls_lost == 1


async def test_a_wearer_who_is_asked_for_a_test_presses_sos(embedded_broker: EmbeddedBroker) -> None:
    stations = one_station(ROSTER, START)
    publisher = Publisher(address(embedded_broker), stations, LATER, speed=1000.0, answer=Wearers(ROSTER).answer)
    # Something to send after an hour of the simulation, so that the publisher stays for the answer.
    last = [Message(LATER.micros() + HOUR, "h001", "watch", "kanhu/v1/h001/watch/telemetry", b"[]")]
    async with listening(embedded_broker, "kanhu/v1/+/+/event") as heard:
        running = asyncio.create_task(publisher.run(last))
        async with aiomqtt.Client(
            embedded_broker.host, embedded_broker.port, protocol=aiomqtt.ProtocolVersion.V5
        ) as client:
            # The device may not have subscribed yet: say it until it is heard.
            while not heard.messages:
                await client.publish("kanhu/v1/h002/watch/command", b'{"command":"test","text":"SOS"}', qos=1)
                await asyncio.sleep(0.05)
        running.cancel()
    topic, payload = heard.messages[0]
    assert topic == "kanhu/v1/h002/watch/event"
    assert b"sos" in payload
