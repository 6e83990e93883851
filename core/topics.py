"""MQTT topics: `kanhu/v1/{household}/{device}/{channel}` and the roots of other makers. The only parser and writer."""

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "kanhu/v1"
ZIGBEE2MQTT_ROOT = "zigbee2mqtt"
OWNTRACKS_ROOT = "owntracks"

# What ingest subscribes to. `command` goes down to the device and is not among them.
UP_FILTERS: tuple[str, ...] = (
    f"{ROOT}/+/+/telemetry",
    f"{ROOT}/+/+/event",
    f"{ROOT}/+/+/waveform",
    f"{ROOT}/+/+/location",
    f"{ROOT}/+/+/status",
    f"{ZIGBEE2MQTT_ROOT}/#",
    f"{OWNTRACKS_ROOT}/#",
)

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Channel(StrEnum):
    """The last level of a Kanhu topic."""

    TELEMETRY = "telemetry"
    EVENT = "event"
    WAVEFORM = "waveform"
    LOCATION = "location"
    STATUS = "status"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed Kanhu topic."""

    household: str
    device: str
    channel: Channel


class TopicError(ValueError):
    """The topic is not one of Kanhu's."""


def parse(topic: str) -> Topic:
    """Parse `kanhu/v1/{household}/{device}/{channel}`. Raises TopicError with what is wrong."""
    levels = topic.split("/")
    if len(levels) != 5 or levels[0] != "kanhu" or levels[1] != "v1":
        raise TopicError(f"topic {topic[:200]!r} is not {ROOT}/household/device/channel")
    household, device = levels[2], levels[3]
    for what, code in (("household", household), ("device", device)):
        if not CODE.fullmatch(code):
            raise TopicError(f"{what} {code[:80]!r} may have 1 to 64 of A-Z a-z 0-9 _ . -, no sign first")
    try:
        channel = Channel(levels[4])
    except ValueError:
        raise TopicError(f"channel {levels[4][:80]!r} is none of {', '.join(Channel)}") from None
    return Topic(household, device, channel)


def topic(household: str, device: str, channel: Channel) -> str:
    """The topic of a device's channel."""
    return f"{ROOT}/{household}/{device}/{channel}"
