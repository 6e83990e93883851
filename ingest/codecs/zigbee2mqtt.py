"""Zigbee2MQTT's JSON: one flat object of a device's state.

See https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html and, for the names, …/exposes.html.

Only what Kanhu watches is read; null, which Zigbee2MQTT writes for what it does not know, is passed over. The event
time is `last_seen`, as `ISO_8601`, `ISO_8601_local` or `epoch` (milliseconds); without that setting it is the
arrival.

A button is a call button: Kanhu has no other use for one, and only registered devices are heard. So an `action` of
PRESSES is an SOS, as is `sos: true`; releases and a keypad's arming are passed over, and any other action is refused,
so that somebody sees it. Zigbee2MQTT repeats a state that it remembers with every later message: for a button that says
`sos: true` and never `false`, set `filtered_cache: ['sos']` in its configuration, or each of them calls again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from core.clock import SECOND, to_micros
from core.metrics import metric_id
from ingest.codecs import strict_json
from ingest.codecs.columns import RELATIVE_BELOW, Columns, number
from ingest.reasons import Reason

_SOS: Final = metric_id("sos")

STATES: Final[Mapping[str, tuple[int, bool]]] = {
    "occupancy": (metric_id("motion"), True),
    "contact": (metric_id("door_open"), False),  # true: magnet at the frame, the door is closed
    "water_leak": (metric_id("water_leak"), True),
    "smoke": (metric_id("smoke"), True),
    "gas": (metric_id("gas"), True),
    "carbon_monoxide": (metric_id("carbon_monoxide"), True),
    "sos": (_SOS, True),
}
"""Booleans: the metric, and the value that means yes."""

QUANTITIES: Final[Mapping[str, int]] = {
    "temperature": metric_id("room_temperature"),
    "humidity": metric_id("humidity"),
    "battery": metric_id("battery"),
    "linkquality": metric_id("link_quality"),
    "illuminance": metric_id("illuminance"),
    "power": metric_id("power"),
}

PRESSES: Final = frozenset(
    {"emergency", "panic", "sos", "single", "double", "triple", "quadruple", "many", "hold", "long", "press"}
)
QUIET_ACTIONS: Final = frozenset(
    {"", "release", "hold_release", "long_release", "off", "disarm", "arm_day_zones", "arm_night_zones",
     "arm_partial_zones", "arm_all_zones", "exit_delay"}
)  # fmt: skip


def decode(payload: bytes, out: Columns) -> None:
    """Read a device's state. Raises DecodeError."""
    fields = strict_json.fields(payload)
    seconds = _last_seen(fields)
    before = out.brought()
    for name, raw in fields.items():
        if name in STATES:
            metric, yes = STATES[name]
            said = strict_json.value(raw)
            if type(said) is bool:
                out.reading(metric, 1.0 if said is yes else 0.0, seconds)
            elif said is not None:
                _refuse(out, name, raw, "not true or false")
        elif name in QUANTITIES:
            if name == "illuminance" and "illuminance_lux" in fields:
                continue  # an older Zigbee2MQTT: `illuminance` is the raw value then
            said = strict_json.value(raw)
            level = number(said)
            if level is not None:
                out.reading(QUANTITIES[name], level, seconds)
            elif said is not None:
                _refuse(out, name, raw, "no number")
        elif name == "illuminance_lux":
            level = number(strict_json.value(raw))
            if level is not None:
                out.reading(QUANTITIES["illuminance"], level, seconds)
        elif name == "action":
            _action(out, raw, seconds)
    if out.brought() == before:
        out.ignore()


def _action(out: Columns, raw: msgspec.Raw, seconds: float) -> None:
    action = strict_json.value(raw)
    if action is None or (type(action) is str and action in QUIET_ACTIONS):
        return
    if type(action) is str and action in PRESSES:
        out.reading(_SOS, 1.0, seconds)
    else:
        text = bytes(raw).decode("utf-8", "replace")
        out.reject(Reason.UNSUPPORTED, f"action {text[:80]} is no press of a call button", f'{{"action":{text}}}')


def _refuse(out: Columns, name: str, raw: msgspec.Raw, why: str) -> None:
    text = bytes(raw).decode("utf-8", "replace")
    out.reject(Reason.WRONG_TYPE, f"{name} is {text[:80]}, {why}", f'{{"{name}":{text}}}')


def _last_seen(fields: Mapping[str, msgspec.Raw]) -> float:
    """Seconds since the epoch; 0.0, "now", for anything that is no time, such as a local time without its offset."""
    raw = fields.get("last_seen")
    said = strict_json.value(raw) if raw is not None else None
    if isinstance(said, str):
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            return 0.0
        seconds = to_micros(moment) / SECOND if moment.tzinfo is not None else 0.0
    else:
        seconds = (number(said) or 0.0) / 1000
    return seconds if seconds >= RELATIVE_BELOW else 0.0
