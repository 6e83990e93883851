"""Publishing messages again, each acknowledged before the next, by paho-mqtt.

Not by aiomqtt, which takes every acknowledgement for a yes: with MQTT 5 it may say that the message is refused.
"""

import queue
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from core.settings import Settings

_WAIT_S = 10.0


class BrokerError(Exception):
    """The broker can't be reached, or does not take a message; the message says which and why."""


def publish(settings: Settings, messages: Iterable[tuple[str, bytes]], taken: Callable[[int], None]) -> None:
    """Publish (topic, payload) in order, QoS 1.

    taken: called with the place of each message when the broker has it. Raises BrokerError. A broker that speaks MQTT
    3.1.1 only can't say that it refuses a message.
    """
    with _connected(settings) as (client, answer):
        for place, (topic, payload) in enumerate(messages):
            client.publish(topic, payload, qos=1)
            answer(topic)
            taken(place)


@contextmanager
def _connected(settings: Settings) -> Iterator[tuple[Client, Callable[[str], None]]]:
    answers: queue.Queue[ReasonCode] = queue.Queue()
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"{settings.mqtt_client_id}-reinject",
        protocol=MQTTv5 if settings.mqtt_protocol == "5" else MQTTv311,
        reconnect_on_failure=False,
    )
    if settings.mqtt_username is not None:
        password = settings.mqtt_password
        client.username_pw_set(settings.mqtt_username, password.get_secret_value() if password else None)
    if settings.mqtt_tls_ca is not None:
        client.tls_set(ca_certs=str(settings.mqtt_tls_ca))
    client.on_connect = lambda _client, _data, _flags, reason, _properties: answers.put(reason)
    client.on_publish = lambda _client, _data, _id, reason, _properties: answers.put(reason)
    client.on_disconnect = lambda _client, _data, _flags, reason, _properties: answers.put(reason)

    def answer(what: str) -> None:
        try:
            reason = answers.get(timeout=_WAIT_S)
        except queue.Empty:
            raise BrokerError(f"{what}: no answer within {_WAIT_S:g} s") from None
        if reason.is_failure:
            raise BrokerError(f"{what}: {reason}")

    try:
        client.connect(settings.mqtt_host, settings.mqtt_port)
    except OSError as error:
        raise BrokerError(f"connection: {error}") from error
    client.loop_start()
    try:
        answer("connection")
        yield client, answer
    finally:
        client.disconnect()
        client.loop_stop()
