"""Which codec reads which topic. A new format is one file, and one line in CHANNELS or one root here.

Kanhu's own topics name household and device. Zigbee2MQTT: the friendly name is `{household}/{device}`. OwnTracks: the
user is the household.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.topics import CODE, OWNTRACKS_ROOT, ROOT, ZIGBEE2MQTT_ROOT, Channel, TopicError, parse
from ingest.codecs import location, owntracks, senml, status, waveform, zigbee2mqtt
from ingest.codecs.columns import Columns, DecodeError, DeviceKey
from ingest.reasons import Reason

Codec = Callable[[bytes, Columns], None]
"""Reads a payload that is not empty into columns. Raises DecodeError, and nothing else whatever the payload."""

CHANNELS: Final[Mapping[Channel, Codec]] = MappingProxyType(
    {
        Channel.TELEMETRY: senml.decode,
        Channel.EVENT: senml.decode,
        Channel.WAVEFORM: waveform.decode,
        Channel.LOCATION: location.decode,
        Channel.STATUS: status.decode,
    }
)

# Zigbee2MQTT: what others ask of a device. OwnTracks: topics of the app's own, see its booklet.
_ASKED: Final = frozenset({"set", "get"})
_APP: Final = frozenset({"beacon", "card", "cmd", "dump", "info", "request", "status", "step", "waypoint", "waypoints"})


@dataclass(frozen=True, slots=True)
class Route:
    """Who sent it, and what reads it."""

    device: DeviceKey
    codec: Codec


def route(topic: str) -> Route | None:
    """The way of a topic's messages; None for those of no concern. Raises DecodeError where nothing is known of it."""
    root, _, rest = topic.partition("/")
    if root == ZIGBEE2MQTT_ROOT:
        return _zigbee2mqtt(rest.split("/"))
    if root == OWNTRACKS_ROOT:
        return _owntracks(rest.split("/"))
    return _kanhu(topic)


def _kanhu(topic: str) -> Route:
    try:
        parsed = parse(topic)
    except TopicError as error:
        levels = topic.split("/")
        known = len(levels) == 5 and topic.startswith(f"{ROOT}/") and levels[4] not in set(Channel)
        raise DecodeError(Reason.UNKNOWN_CHANNEL if known else Reason.UNKNOWN_TOPIC, str(error)) from error
    codec = CHANNELS.get(parsed.channel)
    if codec is None:
        raise DecodeError(Reason.UNKNOWN_CHANNEL, f"channel {parsed.channel} goes down to the device, never up")
    return Route((parsed.household, parsed.device), codec)


def _zigbee2mqtt(levels: list[str]) -> Route | None:
    if levels[0] == "bridge" or any(level in _ASKED for level in levels[2:]):
        return None
    if len(levels) == 3 and levels[2] == "availability":
        return Route(_device(levels, "friendly name", "household/device"), status.decode)
    if len(levels) == 2 and levels[1] not in _ASKED | {"availability"}:
        return Route(_device(levels, "friendly name", "household/device"), zigbee2mqtt.decode)
    raise DecodeError(
        Reason.UNKNOWN_TOPIC,
        f"Zigbee2MQTT topic {'/'.join(levels)[:150]!r}: the friendly name must be household/device",
    )


def _owntracks(levels: list[str]) -> Route | None:
    if len(levels) == 3 and levels[2] in _APP:
        return None
    if len(levels) == 2 or (len(levels) == 3 and levels[2] == "event"):
        return Route(_device(levels, "OwnTracks topic", "user/device"), owntracks.decode)
    raise DecodeError(Reason.UNKNOWN_TOPIC, f"OwnTracks topic {'/'.join(levels)[:150]!r} is not user/device")


def _device(levels: list[str], what: str, form: str) -> DeviceKey:
    household, device = levels[:2]
    if CODE.fullmatch(household) and CODE.fullmatch(device):
        return household, device
    name = f"{household}/{device}"[:150]
    raise DecodeError(
        Reason.UNKNOWN_TOPIC, f"{what} {name!r} is not {form}: each 1 to 64 of A-Z a-z 0-9 _ . -, no sign first"
    )
