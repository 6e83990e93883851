"""A small synchronous MQTT client for tests, on paho: every step waits for the broker's answer."""

import queue
import threading
from collections.abc import Callable
from typing import Any, Literal, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from servers.contract import Broker, Login

_WAIT = 20.0


class Client:
    """Connected when its `with` block is entered; `messages` fills as they come.

    session: seconds the broker keeps the session, and the session before is taken up again; 0: a new one each time.
    manual_ack: nothing is acknowledged but by `ack`. receive_maximum: the window, with MQTT 5.
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        login: Login | None = None,
        *,
        session: int = 0,
        manual_ack: bool = False,
        receive_maximum: int = 65535,
        protocol: Literal["5", "3.1.1"] = "5",
    ) -> None:
        self._broker = broker
        self._session = session
        self._receive_maximum = receive_maximum
        self._answers: queue.Queue[Any] = queue.Queue()
        self._published: dict[int, ReasonCode] = {}
        self._publishing = threading.Condition()
        self.messages: queue.Queue[paho.MQTTMessage] = queue.Queue()
        self.disconnected = threading.Event()
        self.session_present = False
        self._version_5 = protocol == "5"
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if self._version_5 else session == 0,
            protocol=paho.MQTTv5 if self._version_5 else paho.MQTTv311,
            manual_ack=manual_ack,
        )
        if login is not None:
            self._client.username_pw_set(login.username, login.password)
        self._client.on_connect = lambda _c, _u, flags, code, _p: self._answers.put((flags, code))
        self._client.on_subscribe = lambda _c, _u, _mid, codes, _p: self._answers.put(codes)
        self._client.on_message = lambda _c, _u, message: self.messages.put(message)
        self._client.on_publish = lambda _c, _u, mid, code, _p: self._on_publish(mid, code)
        self._client.on_disconnect = lambda *_: self.disconnected.set()

    def __enter__(self) -> Self:
        if self._version_5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = self._session
            properties.ReceiveMaximum = self._receive_maximum
            self._client.connect(
                self._broker.host, self._broker.port, clean_start=self._session == 0, properties=properties
            )
        else:
            self._client.connect(self._broker.host, self._broker.port)
        self._client.loop_start()
        flags, code = self._answers.get(timeout=_WAIT)
        if code.is_failure:
            self._client.loop_stop()
            raise ConnectionRefusedError(str(code))
        self.session_present = flags.session_present
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, *filters: str) -> list[ReasonCode]:
        """Subscribe with QoS 1 and wait: what the broker said to each."""
        self._client.subscribe([(one, 1) for one in filters])
        codes: list[ReasonCode] = self._answers.get(timeout=_WAIT)
        return codes

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> str:
        """Publish with QoS 1 and wait: what the broker's acknowledgement said."""
        return self.publish_all([(topic, payload)], retain=retain)[0]

    def publish_all(self, messages: list[tuple[str, bytes]], *, retain: bool = False) -> list[str]:
        """Publish with QoS 1, then wait for all acknowledgements: what each said."""
        ids = [self._client.publish(topic, payload, 1, retain).mid for topic, payload in messages]
        with self._publishing:
            if not self._publishing.wait_for(lambda: all(mid in self._published for mid in ids), _WAIT):
                raise TimeoutError("no acknowledgement from the broker")
        return [str(self._published.pop(mid)) for mid in ids]

    def receive(self, count: int) -> list[paho.MQTTMessage]:
        """The next `count` messages. Raises queue.Empty where they don't come."""
        return [self.messages.get(timeout=_WAIT) for _ in range(count)]

    def ack(self, message: paho.MQTTMessage) -> None:
        """Acknowledge a message (with manual_ack)."""
        self._client.ack(message.mid, message.qos)

    def _on_publish(self, mid: int, code: ReasonCode) -> None:
        with self._publishing:
            self._published[mid] = code
            self._publishing.notify_all()


def payloads(messages: list[paho.MQTTMessage]) -> list[bytes]:
    """The payloads of messages."""
    return [bytes(message.payload) for message in messages]


def numbered(topic: Callable[[int], str], count: int) -> list[tuple[str, bytes]]:
    """Messages to publish whose payloads are their numbers."""
    return [(topic(number), b"%d" % number) for number in range(count)]
