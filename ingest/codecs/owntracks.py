"""OwnTracks JSON (https://owntracks.org/booklet/tech/json/).

`location`: the position at `tst`, the battery at `created_at`, when the phone made the message. `transition`: the
position at which a region of the app's own was entered or left (Kanhu has its own zones, so the position is what
counts). `lwt`: the last will, the phone is offline; its `tst` is when the app connected and says nothing here. Other
types are the app's own affairs and are counted as ignored; encrypted messages are refused, Kanhu has no key.
"""

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from core.metrics import metric_id
from core.readings import POSITION_SOURCES
from ingest.codecs import strict_json
from ingest.codecs.columns import RELATIVE_BELOW, UNUSABLE_TIME, Columns, DecodeError, number
from ingest.reasons import Reason

_BATTERY: Final = metric_id("battery")
_ONLINE: Final = metric_id("online")
_GNSS: Final = POSITION_SOURCES.index("gnss")
_BEACON: Final = POSITION_SOURCES.index("beacon")

IGNORED_TYPES: Final = frozenset(
    {"beacon", "card", "cmd", "configuration", "dump", "request", "status", "steps", "waypoint", "waypoints"}
)


def decode(payload: bytes, out: Columns) -> None:
    """Read a message of any `_type`. Raises DecodeError."""
    fields = strict_json.fields(payload)
    kind = strict_json.value(fields["_type"]) if "_type" in fields else None
    if type(kind) is not str:
        raise DecodeError(Reason.BAD_STRUCTURE, "_type is missing or no text")
    if kind == "location":
        _position(fields, out)
        if "batt" in fields:
            _battery(fields, out)
    elif kind == "transition":
        if "lat" in fields or "lon" in fields:
            _position(fields, out)
        else:
            out.ignore()  # of a beacon: it says no place
    elif kind == "lwt":
        out.reading(_ONLINE, 0.0, 0.0)
    elif kind in IGNORED_TYPES:
        out.ignore()
    elif kind == "encrypted":
        raise DecodeError(Reason.UNSUPPORTED, "encrypted: take the secret key out of the app's settings")
    else:
        raise DecodeError(Reason.BAD_STRUCTURE, f"_type is {kind!r:.80}, none of OwnTracks'")


def _position(fields: Mapping[str, msgspec.Raw], out: Columns) -> None:
    values = {name: _number(fields, name) for name in ("lat", "lon", "tst")}
    accuracy = _number(fields, "acc") if "acc" in fields else math.nan
    wrong = [name for name, value in (*values.items(), ("acc", accuracy)) if value is None]
    latitude, longitude, time = values.values()
    if wrong or latitude is None or longitude is None or time is None or accuracy is None:
        out.reject(Reason.BAD_STRUCTURE, f"{', '.join(wrong)} missing or no number", _text(fields))
        return
    source = _BEACON if "t" in fields and bytes(fields["t"]) == b'"b"' else _GNSS
    out.fix(_absolute(time), latitude, longitude, accuracy, source)


def _battery(fields: Mapping[str, msgspec.Raw], out: Columns) -> None:
    level = _number(fields, "batt")
    time = _number(fields, "created_at" if "created_at" in fields else "tst")
    if level is None or time is None:
        out.reject(Reason.BAD_STRUCTURE, "batt or its time is no number", _text(fields))
        return
    out.reading(_BATTERY, level, _absolute(time))


def _number(fields: Mapping[str, msgspec.Raw], name: str) -> float | None:
    raw = fields.get(name)
    value = strict_json.value(raw) if raw is not None else None
    return number(value)


def _absolute(seconds: float) -> float:
    return seconds if seconds >= RELATIVE_BELOW else UNUSABLE_TIME


def _text(fields: Mapping[str, msgspec.Raw]) -> str:
    return msgspec.json.encode(fields).decode("utf-8", "replace")
