"""Publishing a stream of messages in its time over MQTT, QoS 1, as devices do: each with its own connection, or all
through one.

What the broker has not acknowledged when a connection drops is sent again after it is back, so a message may arrive
twice but is not lost. A connection that was there once is tried again for ever; one that never was fails after a while.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import aiomqtt
import stamina
import structlog
from aiomqtt.exceptions import MqttConnectError

from core.clock import SECOND, Clock, SystemClock
from core.topics import Channel, TopicError, parse, topic
from device_sim import wire
from device_sim.homes import Dialect, HomeDevice, Household, Roster
from device_sim.observations import Message

_log = structlog.get_logger(__name__)

_WINDOW: Final = 50
"""Messages of one connection that wait for their acknowledgement."""
_FIRST_TRIES: Final = 6
_PROTOCOLS: Final = {"5": aiomqtt.ProtocolVersion.V5, "3.1.1": aiomqtt.ProtocolVersion.V311}


class BrokerUnreachable(Exception):
    """The broker can't be reached or refuses the connection; the message names it."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and how it is spoken to."""

    host: str
    port: int
    protocol: Literal["5", "3.1.1"] = "5"
    tls_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """One connection. It carries what its `devices` (household, device) send and hears what they are told.

    births: sent after every connect; will: left with the broker.
    """

    client_id: str
    devices: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    births: tuple[Message, ...]
    will: Message | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Command:
    """What a device was told."""

    household: str
    device: str
    payload: bytes


def one_station(
    roster: Roster, now: int, *, client_id: str = "kanhu-sim", username: str | None = None, password: str | None = None
) -> list[Station]:
    """All devices behind one connection, as if one gateway served the city. It has no last will: whose would it be?"""
    pairs = [(home, device) for home in roster.households for device in home.devices]
    births = (wire.birth(home.code, device, now) for home, device in pairs)
    return [
        Station(
            client_id,
            tuple((home.code, device.code) for home, device in pairs),
            (topic("+", "+", Channel.COMMAND),),
            tuple(birth for birth in births if birth is not None),
            None,
            username,
            password,
        )
    ]


def own_stations(roster: Roster, now: int, passwords: Mapping[str, str]) -> list[Station]:
    """A connection for each device, and one for each household's Zigbee gateway.

    passwords: by user name, which is `{household}/{device}`, or `{household}` for the gateway; empty where the broker
    asks for none. Raises KeyError for a device without one where there are others.
    """
    return [station for home in roster.households for station in _of_home(home, now, passwords)]


def _of_home(home: Household, now: int, passwords: Mapping[str, str]) -> Iterable[Station]:
    zigbee = [device for device in home.devices if device.dialect is Dialect.ZIGBEE2MQTT]
    if zigbee:
        yield _station(home, f"{home.code}.zigbee2mqtt", home.code, zigbee, None, now, passwords)
    for device in home.devices:
        if device.dialect is not Dialect.ZIGBEE2MQTT:
            username = f"{home.code}/{device.code}"
            will = wire.last_will(home.code, device, now)
            yield _station(home, f"{home.code}.{device.code}", username, [device], will, now, passwords)


def _station(
    home: Household,
    client_id: str,
    username: str,
    devices: list[HomeDevice],
    will: Message | None,
    now: int,
    passwords: Mapping[str, str],
) -> Station:
    births = (wire.birth(home.code, device, now) for device in devices)
    hears = (d for d in devices if d.dialect in (Dialect.SENML_JSON, Dialect.SENML_CBOR))
    return Station(
        client_id,
        tuple((home.code, device.code) for device in devices),
        tuple(topic(home.code, device.code, Channel.COMMAND) for device in hears),
        tuple(birth for birth in births if birth is not None),
        will,
        username if passwords else None,
        passwords[username] if passwords else None,
    )


def _ignore_command(command: Command) -> None:
    """Most devices have no loudspeaker."""


def _no_answer(command: Command, now: int) -> None:
    """Most people are not asked to do anything."""


def _ignore_times(message: Message, real: int) -> None:
    """For those who do not measure."""


class Publisher:
    """Publishes messages when the clock reaches their time.

    clock: the simulation's, which runs `speed` times as fast as real time. on_sent, on_acknowledged: called with a
    message and the machine's own time (micros) when it is handed over, and when the broker has acknowledged it.
    on_command: called with what a device is told. answer: what is published in reply to it, when its time comes.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        stations: Iterable[Station],
        clock: Clock,
        *,
        speed: float = 1.0,
        on_sent: Callable[[Message, int], None] = _ignore_times,
        on_acknowledged: Callable[[Message, int], None] = _ignore_times,
        on_command: Callable[[Command], None] = _ignore_command,
        answer: Callable[[Command, int], Message | None] = _no_answer,
    ) -> None:
        self._broker = broker
        self._lines = [_Line(station) for station in stations]
        self._clock = clock
        self._speed = speed
        self._on_sent = on_sent
        self._on_acknowledged = on_acknowledged
        self._on_command = on_command
        self._answer = answer
        self._answering: asyncio.TaskGroup | None = None
        self._real = SystemClock()

    async def run(self, messages: Iterable[Message]) -> None:
        """Connect, publish all messages, each at its time, and disconnect when the last is acknowledged.

        A message whose time is past goes at once. Raises BrokerUnreachable where a connection can't be made at first,
        KeyError for a message of a device that no station carries.
        """
        routes = {device: line for line in self._lines for device in line.station.devices}
        try:
            async with asyncio.TaskGroup() as group:
                self._answering = group
                for line in self._lines:
                    group.create_task(self._serve(line), name=f"mqtt {line.station.client_id}")
                for line in self._lines:
                    await line.ready.wait()
                for message in messages:
                    wait = (message.at - self._clock.micros()) / SECOND / self._speed
                    if wait > 0:
                        await asyncio.sleep(wait)
                    line = routes[message.household, message.device]
                    line.queue.put_nowait(message)
                    if line.queue.qsize() >= _WINDOW:
                        await asyncio.sleep(0)
                for line in self._lines:
                    line.queue.put_nowait(None)
        except* BrokerUnreachable as failures:
            # All connections fail for the same reason: one is enough to say.
            raise _first(failures) from None

    async def _serve(self, line: "_Line") -> None:
        finished = False
        while not finished:
            try:
                async with AsyncExitStack() as stack:
                    client = await self._connect(stack, line)
                    async with asyncio.TaskGroup() as group:
                        listener = group.create_task(self._listen(client, line))
                        await self._send(client, line)
                        listener.cancel()
                    finished = True
            except* aiomqtt.MqttError as lost:
                _log.warning("connection lost", client=line.station.client_id, reason=str(_first(lost)))
                await asyncio.sleep(0.2)

    async def _connect(self, stack: AsyncExitStack, line: "_Line") -> aiomqtt.Client:
        station, broker = line.station, self._broker
        will = station.will

        def passing(error: Exception) -> bool:
            return isinstance(error, aiomqtt.MqttError) and not isinstance(error, MqttConnectError)

        try:
            async for attempt in stamina.retry_context(
                on=passing,
                attempts=None if line.ready.is_set() else _FIRST_TRIES,
                timeout=None,
                wait_initial=0.1,
                wait_max=10.0,
                wait_jitter=0.1,
            ):
                with attempt:
                    client = aiomqtt.Client(
                        broker.host,
                        broker.port,
                        identifier=station.client_id,
                        username=station.username,
                        password=station.password,
                        protocol=_PROTOCOLS[broker.protocol],
                        tls_context=ssl.create_default_context(cafile=broker.tls_ca) if broker.tls_ca else None,
                        will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=will.retain) if will else None,
                        max_inflight_messages=_WINDOW,
                    )
                    client.pending_calls_threshold = 2 * _WINDOW
                    await stack.enter_async_context(client)
        except aiomqtt.MqttError as error:
            raise BrokerUnreachable(f"broker {broker.host}:{broker.port}: {error}") from error
        return client

    async def _listen(self, client: aiomqtt.Client, line: "_Line") -> None:
        for pattern in line.station.commands:
            await client.subscribe(pattern, qos=1)
        async for message in client.messages:
            try:
                told = parse(message.topic.value)
            except TopicError as error:
                _log.warning("not for a device", reason=str(error))
                continue
            command = Command(told.household, told.device, message.payload)
            self._on_command(command)
            reply = self._answer(command, self._clock.micros())
            if reply is not None and self._answering is not None:
                # Of its own, so that a connection that is lost meanwhile takes nothing along.
                self._answering.create_task(self._reply(line, reply), name=f"answer of {told.household}/{told.device}")

    async def _reply(self, line: "_Line", message: Message) -> None:
        await asyncio.sleep(max(0, message.at - self._clock.micros()) / SECOND / self._speed)
        line.queue.put_nowait(message)

    async def _send(self, client: aiomqtt.Client, line: "_Line") -> None:
        births = line.station.births
        for first in range(0, len(births), _WINDOW):
            await _together(_publish(client, birth) for birth in births[first : first + _WINDOW])
        line.ready.set()
        while await line.fill():
            await _together(self._deliver(client, line, message) for message in tuple(line.unacknowledged))

    async def _deliver(self, client: aiomqtt.Client, line: "_Line", message: Message) -> None:
        self._on_sent(message, self._real.micros())
        await _publish(client, message)
        self._on_acknowledged(message, self._real.micros())
        line.unacknowledged.remove(message)


class _Line:
    """A station's messages on their way: what waits, and what was sent and is not acknowledged."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self.unacknowledged: list[Message] = []
        self.ready = asyncio.Event()
        self._closed = False

    async def fill(self) -> bool:
        """Wait for messages to send, up to the window. Returns False when there are none and none will come."""
        if not self.unacknowledged and not self._closed:
            self._take(await self.queue.get())
        while len(self.unacknowledged) < _WINDOW and not self.queue.empty():
            self._take(self.queue.get_nowait())
        return bool(self.unacknowledged)

    def _take(self, message: Message | None) -> None:
        if message is None:
            self._closed = True
        else:
            self.unacknowledged.append(message)


async def _publish(client: aiomqtt.Client, message: Message) -> None:
    await client.publish(message.topic, message.payload, qos=1, retain=message.retain)


async def _together(calls: Iterable[Awaitable[None]]) -> None:
    """Await all. Each begins in its order, so messages go out in theirs."""
    async with asyncio.TaskGroup() as group:
        for call in calls:
            group.create_task(_awaited(call))


async def _awaited(call: Awaitable[None]) -> None:
    await call


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
