"""Topics: who sent it, what reads it, what is of no concern; and the reasons in words."""

import pytest

from core.topics import UP_FILTERS, Channel
from core.wording import LANGUAGES, has
from ingest.codecs import decode_batch
from ingest.codecs.registry import CHANNELS, route
from ingest.message import Message
from ingest.reasons import Reason
from tests.support.decoding import ARRIVAL, MAX_PAYLOAD, TELEMETRY, decoded, readings, reasons

PACK = b'[{"n":"steps","v":1}]'


def test_every_channel_up_has_a_codec_and_is_subscribed_to() -> None:
    assert set(CHANNELS) == set(Channel) - {Channel.COMMAND}
    for channel in CHANNELS:
        assert f"kanhu/v1/+/+/{channel}" in UP_FILTERS


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("kanhu/v1/h1/watch/telemetry", ("h1", "watch")),
        ("kanhu/v1/H-1.a_b/0x00158d/event", ("H-1.a_b", "0x00158d")),
        ("zigbee2mqtt/h1/0x00158d00018255df", ("h1", "0x00158d00018255df")),
        ("zigbee2mqtt/h1/door/availability", ("h1", "door")),
        ("zigbee2mqtt/bridge-street-5/door", ("bridge-street-5", "door")),
        ("owntracks/h1/phone", ("h1", "phone")),
        ("owntracks/h1/phone/event", ("h1", "phone")),
    ],
)
def test_who_sent_it(topic: str, device: tuple[str, str]) -> None:
    way = route(topic)
    assert way is not None
    assert way.device == device


@pytest.mark.parametrize(
    "topic",
    [
        "zigbee2mqtt/bridge/devices",
        "zigbee2mqtt/bridge/request/permit_join",
        "zigbee2mqtt/h1/lamp/set",
        "zigbee2mqtt/h1/lamp/get",
        "zigbee2mqtt/h1/lamp/set/state",
        "owntracks/h1/phone/cmd",
        "owntracks/h1/phone/waypoints",
    ],
)
def test_what_is_of_no_concern(topic: str) -> None:
    batch = decoded(topic, b"\xff anything")
    assert (batch.ignored, len(batch.rejects), batch.message_device.tolist()) == (1, 0, [-1])


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("kanhu/v1/h1/watch/command", "unknown_channel"),
        ("kanhu/v1/h1/watch/telemetries", "unknown_channel"),
        ("kanhu/v1/h1/watch", "unknown_topic"),
        ("kanhu/v1/h1/watch/telemetry/x", "unknown_topic"),
        ("kanhu/v2/h1/watch/telemetry", "unknown_topic"),
        ("kanhu/v1//watch/telemetry", "unknown_topic"),
        ("kanhu/v1/h1/wat ch/telemetry", "unknown_topic"),
        ("kanhu/v1/" + "h" * 65 + "/watch/telemetry", "unknown_topic"),
        ("homeassistant/sensor/x/config", "unknown_topic"),
        ("", "unknown_topic"),
        ("zigbee2mqtt", "unknown_topic"),
        ("zigbee2mqtt/door", "unknown_topic"),
        ("zigbee2mqtt/door/availability", "unknown_topic"),
        ("zigbee2mqtt/客厅/door", "unknown_topic"),
        ("zigbee2mqtt/h1/door/occupancy", "unknown_topic"),
        ("owntracks/h1", "unknown_topic"),
        ("owntracks/h1/phone/elsewhere", "unknown_topic"),
        ("owntracks/h 1/phone", "unknown_topic"),
    ],
)
def test_wrong_topics(topic: str, reason: str) -> None:
    batch = decoded(topic, PACK)
    assert reasons(batch) == [reason]
    assert batch.message_device.tolist() == [-1]
    assert batch.devices == ()


def test_devices_of_a_batch_are_told_apart() -> None:
    topics = [TELEMETRY, "kanhu/v1/h1/watch/event", "kanhu/v1/h2/watch/event", "nowhere", "zigbee2mqtt/h1/watch"]
    messages = [Message(topic, PACK, ARRIVAL + i) for i, topic in enumerate(topics)]
    batch = decode_batch(messages, MAX_PAYLOAD)
    assert batch.devices == (("h1", "watch"), ("h2", "watch"))
    assert batch.message_device.tolist() == [0, 0, 1, -1, 0]
    assert batch.readings.device.tolist() == [0, 0, 1]
    assert batch.readings.arrival.tolist() == [ARRIVAL, ARRIVAL + 1, ARRIVAL + 2]
    assert [(r.message, str(r.reason)) for r in batch.rejects] == [(3, "unknown_topic"), (4, "bad_structure")]


def test_an_empty_batch() -> None:
    batch = decode_batch([], MAX_PAYLOAD)
    assert (len(batch.readings), len(batch.positions), batch.waveforms, batch.rejects) == (0, 0, (), ())
    assert batch.timeless.tolist() == []


def test_size_limit_is_the_payloads() -> None:
    limit = len(PACK)
    batch = decode_batch([Message(TELEMETRY, PACK, ARRIVAL), Message(TELEMETRY, PACK + b" ", ARRIVAL + 1)], limit)
    assert readings(batch) == [("steps", 1.0)]
    assert reasons(batch) == ["too_large"]


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence(reason: Reason, language: str) -> None:
    assert has(reason.message, language)
