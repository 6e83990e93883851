"""Zigbee2MQTT JSON: one flat object a message, with `last_seen` (the `ISO_8601` setting) and `linkquality`.

Names of the values are those of its `exposes`: https://www.zigbee2mqtt.io/guide/usage/exposes.html.
"""

import json
from collections.abc import Sequence
from typing import Final

from core.clock import to_datetime
from device_sim.observations import Record

_NAMES: Final = {
    "motion": "occupancy",
    "smoke": "smoke",
    "gas": "gas",
    "carbon_monoxide": "carbon_monoxide",
    "water_leak": "water_leak",
    "room_temperature": "temperature",
    "humidity": "humidity",
    "illuminance": "illuminance",
    "power": "power",
    "battery": "battery",
    "link_quality": "linkquality",
}


def state(records: Sequence[Record], time: int) -> bytes:
    """A device's message. `contact` is true while a door is closed; an SOS is the button's action `emergency`.

    Raises KeyError for a metric that Zigbee2MQTT has no name for.
    """
    message: dict[str, object] = {}
    for record in records:
        if record.metric == "door_open":
            message["contact"] = not record.value
        elif record.metric == "sos":
            message["action"] = "emergency"
        else:
            message[_NAMES[record.metric]] = record.value
    moment = to_datetime(time)
    message["last_seen"] = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return json.dumps(message, separators=(",", ":")).encode()


def availability(*, online: bool) -> bytes:
    """The retained message of the `availability` topic."""
    return json.dumps({"state": "online" if online else "offline"}, separators=(",", ":")).encode()
