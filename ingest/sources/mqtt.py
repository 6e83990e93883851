"""One MQTT session with a fixed client id, an expiry of days and acknowledgements of our own, by paho-mqtt.

paho reads on a thread of its own and puts messages into a queue; the pipeline takes them out in batches and
acknowledges what is committed. What is received and not acknowledged is bounded by the in-flight window (receive
maximum), so while the pipeline waits for the database nothing more is read and the broker keeps the rest.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from time import monotonic
from types import TracebackType
from typing import Any, Self

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from core.clock import Clock
from core.settings import Settings
from core.topics import UP_FILTERS
from ingest.message import Message
from ingest.sources.base import SourceError

log = structlog.get_logger(__name__)

_KEEPALIVE_S = 60
_RECONNECT_S = (1, 30)
# A device that publishes at QoS 0 is not held back by the in-flight window: beyond this the reading thread waits.
_QUEUE_FACTOR = 2


class MqttSource:
    """See the module's text. Use as an async context manager within the loop that receives."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._queue: deque[Message] = deque()
        self._bound = settings.mqtt_receive_maximum * _QUEUE_FACTOR
        self._room = threading.Condition()
        self._some = asyncio.Event()
        self._target = 0
        self._failure: str | None = None
        self._generation = 0
        self._connected_since: float | None = None
        self._arrival = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client = self._build()

    def _build(self) -> Client:
        settings = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.mqtt_client_id,
            protocol=MQTTv5 if settings.mqtt_protocol == "5" else MQTTv311,
            clean_session=None if settings.mqtt_protocol == "5" else False,
            manual_ack=True,
        )
        if settings.mqtt_username is not None:
            password = settings.mqtt_password
            client.username_pw_set(settings.mqtt_username, password.get_secret_value() if password else None)
        if settings.mqtt_tls_ca is not None:
            client.tls_set(ca_certs=str(settings.mqtt_tls_ca))
        client.reconnect_delay_set(*_RECONNECT_S)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_connect_fail = self._on_connect_fail
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        settings = self._settings
        if settings.mqtt_protocol == "5":
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = settings.mqtt_session_expiry
            properties.ReceiveMaximum = settings.mqtt_receive_maximum
            self._client.connect_async(
                settings.mqtt_host, settings.mqtt_port, _KEEPALIVE_S, clean_start=False, properties=properties
            )
        else:
            self._client.connect_async(settings.mqtt_host, settings.mqtt_port, _KEEPALIVE_S)
        self._client.loop_start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._room:
            self._bound = 1 << 62
            self._room.notify_all()
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    @property
    def connected_since(self) -> float | None:
        """See `Source`."""
        return self._connected_since

    @property
    def waiting(self) -> int:
        """Messages received and not yet handed out."""
        return len(self._queue)

    async def receive(self, limit: int, linger: float, patience: float) -> list[Message]:
        """See `Source`."""
        await self._wait(1, patience)
        if self._queue:
            await self._wait(limit, linger)
        batch: list[Message] = []
        while self._queue and len(batch) < limit:
            batch.append(self._queue.popleft())
        with self._room:
            self._room.notify_all()
        return batch

    async def _wait(self, count: int, patience: float) -> None:
        """Wait until `count` messages are there, or the time is over."""
        deadline = monotonic() + patience
        self._check()
        while len(self._queue) < count:
            self._some.clear()
            self._target = count
            # What came between the first look and setting the target has woken nobody.
            if len(self._queue) >= count:
                break
            try:
                await asyncio.wait_for(self._some.wait(), max(0.0, deadline - monotonic()))
            except TimeoutError:
                break
            finally:
                self._target = 0
            self._check()

    def _check(self) -> None:
        if self._failure is not None:
            raise SourceError(self._failure)
        name = f"paho-mqtt-client-{self._settings.mqtt_client_id}"
        if not any(thread.name == name for thread in threading.enumerate()):
            raise SourceError("the thread that reads from the broker has died; see the log before this")

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """See `Source`. A packet id means something only within the connection that it came over."""
        generation = self._generation
        for message in messages:
            if message.qos and message.generation == generation:
                self._client.ack(message.packet_id, message.qos)

    # From here on: paho's thread.

    def _on_connect(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            # paho tries again; a wrong password is not mended by that, and must not look like silence.
            log.error("broker refused the connection", reason=str(reason))
            return
        self._generation += 1
        self._connected_since = monotonic()
        log.info("connected to the broker", session_present=flags.session_present)
        if self._settings.mqtt_protocol == "5":
            # 1: retained messages only where the subscription is new; a reconnect does not bring them again.
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            result, _ = client.subscribe([(topic, options) for topic in UP_FILTERS])
        else:
            result, _ = client.subscribe([(topic, 1) for topic in UP_FILTERS])
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._fail(f"could not subscribe: {result!r}")

    def _on_subscribe(
        self, client: Client, userdata: Any, mid: int, reasons: list[ReasonCode], properties: Properties | None
    ) -> None:
        refused = [topic for topic, reason in zip(UP_FILTERS, reasons, strict=True) if reason.is_failure]
        if refused:
            self._fail(f"the broker refuses subscriptions to {', '.join(refused)}: check the ingest user's rights")

    def _on_disconnect(
        self, client: Client, userdata: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._connected_since = None
        log.warning("connection to the broker ended", reason=str(reason))

    def _on_connect_fail(self, client: Client, userdata: Any) -> None:
        settings = self._settings
        log.warning("broker can't be reached, trying again", host=settings.mqtt_host, port=settings.mqtt_port)

    def _on_message(self, client: Client, userdata: Any, received: MQTTMessage) -> None:
        try:
            topic = received.topic
        except UnicodeDecodeError as error:
            topic = repr(error.object)
        # Strictly increasing, so that an arrival names one message.
        self._arrival = max(self._arrival + 1, self._clock.micros())
        self._queue.append(
            Message(
                topic=topic,
                payload=bytes(received.payload),
                arrival=self._arrival,
                packet_id=received.mid,
                qos=received.qos,
                duplicate=received.dup,
                retained=received.retain,
                generation=self._generation,
            )
        )
        if 0 < self._target <= len(self._queue):
            self._wake()
        if len(self._queue) >= self._bound:
            with self._room:
                self._room.wait_for(lambda: len(self._queue) < self._bound)

    def _fail(self, why: str) -> None:
        self._failure = why
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._some.set)
