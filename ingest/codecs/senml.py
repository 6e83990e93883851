"""SenML (RFC 8428), JSON and CBOR, told apart by the first byte.

A record's metric is what follows the last `:` or `/` of its name (base name and name joined):
`urn:dev:mac:…:heart_rate` is `heart_rate`. A position is the records `lat`, `lon` (degrees) and, where known, `acc`
(metres) and `source` (a text, one of POSITION_SOURCES) of the same time; records with the units `lat` and `lon` of
the RFC are taken too. Units are those of `core.metrics`; no unit means the metric's own. Sums are refused: Kanhu has
nothing to integrate.

A record that can't be used is refused alone. Only what other records depend on (a base field, the version) takes the
whole pack along.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec.structs import astuple

from core.metrics import BY_NAME, Kind, Metric, UnitError, conversion
from core.readings import POSITION_SOURCES
from ingest.codecs import strict_cbor, strict_json
from ingest.codecs.columns import Columns, DecodeError
from ingest.reasons import Reason

VERSION: Final = 10
"""The version of RFC 8428; a pack of a later one must not be used (§4.4)."""

MAX_RECORDS: Final = 10_000
"""Records in a pack: over an hour of one metric at 2 Hz. Beyond it something is broken."""

HOME_ASSISTANT_NAMES: Final = {
    "occupancy": "motion",
    "presence": "motion",
    "door": "door_open",
    "opening": "door_open",
    "moisture": "water_leak",
}
"""Home Assistant's device classes that have another name here (https://www.home-assistant.io/integrations/binary_sensor/)."""

# RFC 8428 table 4.
LABELS: Final = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs", 0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s",
    6: "t", 7: "ut", 8: "vd",
}  # fmt: skip

# A record's own fields, as the loop below takes them: bn, bt, bu, bv, n, u, v, vb, t, ut. In the place of `vb` stands
# the text of `vs`, or the _Refusal of a record that can't be used.
_Row = tuple[Any, Any, Any, Any, Any, Any, Any, Any, Any, Any]


class _Refusal:
    """Why a record is refused, and the record as text."""

    __slots__ = ("detail", "reason", "record")

    def __init__(self, reason: Reason, detail: str, record: str) -> None:
        self.reason = reason
        self.detail = detail
        self.record = record


class _RefusedError(Exception):
    """The record is refused; what it was is known further up."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def decode(payload: bytes, out: Columns) -> None:
    """Read a pack. Raises DecodeError."""
    first = payload[0]
    if first in strict_json.STARTS:
        _take(_json_rows(payload), out)
    elif 0x80 <= first <= 0x9F:
        _take(_cbor_rows(payload), out)
    else:
        raise DecodeError(Reason.BAD_STRUCTURE, f"starts with 0x{first:02x}: neither a JSON array nor one of CBOR")


# What a name and unit stand for --------------------------------------------------------------------------------------

_LATITUDE, _LONGITUDE, _ACCURACY, _SOURCE = -1, -2, -3, -4
_PARTS: Final = {"lat": _LATITUDE, "lon": _LONGITUDE, "acc": _ACCURACY, "source": _SOURCE}
_PART_UNITS: Final = {_LATITUDE: ("lat", "deg"), _LONGITUDE: ("lon", "deg"), _ACCURACY: ("m",), _SOURCE: ()}

# id of the metric or part, factor, offset, kind (None for a part)
_Meaning = tuple[int, float, float, Kind | None]

_MAX_MEANINGS: Final = 4096
_meanings: dict[tuple[str, str | None], _Meaning] = {}


def _meaning(name: str, unit: str | None) -> _Meaning:
    """What the records of this name and unit are. Raises _RefusedError."""
    metric_name = name[max(name.rfind(":"), name.rfind("/")) + 1 :]
    part = _PARTS.get(unit if unit in ("lat", "lon") else metric_name)
    meaning: _Meaning
    if part is not None:
        if unit is not None and unit not in _PART_UNITS[part]:
            raise _RefusedError(Reason.WRONG_UNIT, f"unit {unit!r} does not fit {metric_name}")
        meaning = (part, 1.0, 0.0, None)
    else:
        metric = BY_NAME.get(HOME_ASSISTANT_NAMES.get(metric_name, metric_name))
        if metric is None:
            raise _RefusedError(Reason.UNKNOWN_METRIC, f"no metric {metric_name[:80]!r}")
        meaning = (metric.id, *_conversion(metric, unit), metric.kind)
    if len(_meanings) < _MAX_MEANINGS:
        _meanings[name, unit] = meaning
    return meaning


def _conversion(metric: Metric, unit: str | None) -> tuple[float, float]:
    # A strange unit does not make a call for help less of one.
    if metric.name == "sos":
        return 1.0, 0.0
    try:
        return conversion(metric, unit)
    except UnitError as error:
        raise _RefusedError(Reason.WRONG_UNIT, str(error)) from error


# The records, whatever their representation --------------------------------------------------------------------------


def _take(rows: Iterable[_Row], out: Columns) -> None:
    add_metric, add_value, add_seconds = out.metric.append, out.value.append, out.seconds.append
    find = _meanings.get
    base_name = prefix = ""
    base_time = 0.0
    base_unit = base_value = None
    fixes: dict[float, list[Any]] = {}

    for bn, bt, bu, bv, n, u, v, vb, t, _ in rows:
        if bn is not None:
            base_name = bn
            prefix = bn[max(bn.rfind(":"), bn.rfind("/")) + 1 :]
        if bt is not None:
            base_time = bt
        if bu is not None:
            base_unit = bu
        if bv is not None:
            base_value = bv
        if vb is not None and type(vb) is _Refusal:
            out.reject(vb.reason, vb.detail, vb.record)
            continue
        seconds = base_time if t is None else base_time + t
        unit = u if u is not None else base_unit
        if v is None and vb is None:
            if n is None and u is None and t is None and not (bn is bt is bu is bv is None):
                continue  # base fields only, for the records after it
            if base_value is None:
                text = _text(base_name, n, unit, v, vb, seconds)
                out.reject(Reason.BAD_STRUCTURE, "a record without a value", text)
                continue
            v = 0.0
        if v is not None and base_value is not None:
            v += base_value

        name = prefix + n if n is not None else prefix
        try:
            meaning = find((name, unit)) or _meaning(name, unit)
        except _RefusedError as refused:
            out.reject(refused.reason, refused.detail, _text(base_name, n, unit, v, vb, seconds))
            continue
        metric, factor, offset, kind = meaning

        if v is not None:
            if vb is not None:
                text = _text(base_name, n, unit, v, vb, seconds)
                out.reject(Reason.BAD_STRUCTURE, "a record with two values", text)
                continue
            if metric > 0:
                add_metric(metric)
                add_value(v * factor + offset)
                add_seconds(seconds)
                continue
            if metric != _SOURCE:
                fixes.setdefault(seconds, [None, None, math.nan, 0])[-1 - metric] = float(v)
                continue
        elif kind is Kind.BOOLEAN and type(vb) is bool:
            add_metric(metric)
            add_value(1.0 if vb else 0.0)
            add_seconds(seconds)
            continue
        elif metric == _SOURCE and vb in POSITION_SOURCES:
            fixes.setdefault(seconds, [None, None, math.nan, 0])[3] = POSITION_SOURCES.index(vb)
            continue
        text = _text(base_name, n, unit, v, vb, seconds)
        out.reject(Reason.WRONG_TYPE, f"{name[-80:]} takes no such value", text)

    for seconds, (latitude, longitude, accuracy, source) in fixes.items():
        if latitude is None or longitude is None:
            record = msgspec.json.encode({"lat": latitude, "lon": longitude, "acc": accuracy, "t": seconds}).decode()
            out.reject(Reason.BAD_STRUCTURE, "a position needs lat and lon of the same time", record)
        else:
            out.fix(seconds, latitude, longitude, accuracy, source)


def _text(base_name: str, n: Any, unit: Any, v: Any, vb: Any, seconds: float) -> str:
    """The record with its base fields applied, but for a relative time (RFC 8428 §4.6)."""
    record = {
        "n": base_name + (n or ""),
        "u": unit,
        "v": v,
        "vb" if type(vb) is bool else "vs": vb,
        "t": seconds or None,
    }
    given = {label: value for label, value in record.items() if value is not None}
    return msgspec.json.encode(given).decode()


# JSON ----------------------------------------------------------------------------------------------------------------


class _Record(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """The record that nearly every device sends, its fields in the order of a _Row.

    Anything else about a pack, and it is read the careful way.
    """

    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    n: str | None = None
    u: str | None = None
    v: float | None = None
    vb: bool | None = None
    t: float | None = None
    ut: float | None = None


_PLAIN: Final = msgspec.json.Decoder(list[_Record])


def _json_rows(payload: bytes) -> Iterable[_Row]:
    try:
        records = _PLAIN.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _careful_json_rows(payload)
    _limit(len(records))
    return map(astuple, records)


def _careful_json_rows(payload: bytes) -> Iterator[_Row]:
    records = strict_json.elements(payload)
    _limit(len(records))
    for raw in records:
        text = bytes(raw).decode("utf-8", "replace")
        if not text.lstrip().startswith("{"):
            yield _no_record(text)
            continue
        yield _careful_row({label: strict_json.value(given) for label, given in strict_json.fields(raw).items()}, text)


# CBOR ----------------------------------------------------------------------------------------------------------------

_STRING, _NUMBER = (str,), (float, int)
_PLAIN_FIELDS: Final = frozenset(
    (label, kind)
    for label, kinds in {
        -2: _STRING, -3: _NUMBER, -4: _STRING, -5: _NUMBER, 0: _STRING, 1: _STRING, 2: _NUMBER, 4: (bool,), 6: _NUMBER,
        7: _NUMBER,
    }.items()
    for kind in kinds
)  # fmt: skip


def _cbor_rows(payload: bytes) -> Iterator[_Row]:
    records = strict_cbor.decode(payload)
    _limit(len(records))
    for record in records:
        if type(record) is not dict:
            yield _no_record(repr(record))
            continue
        for label, value in record.items():
            if (label, type(value)) not in _PLAIN_FIELDS:
                yield _careful_row(_named(record), repr(record))
                break
        else:
            get = record.get
            yield get(-2), get(-3), get(-4), get(-5), get(0), get(1), get(2), get(4), get(6), None


def _named(record: dict[Any, Any]) -> dict[Any, Any]:
    """The fields by their names. The names of table 4 mean nothing in CBOR, only the integers do."""
    named = {label: value for label, value in record.items() if type(label) is str and label not in _TYPES}
    return named | {LABELS[label]: value for label, value in record.items() if type(label) is int and label in LABELS}


# A record with anything unusual in it --------------------------------------------------------------------------------

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "bn": _STRING, "bt": _NUMBER, "bu": _STRING, "bv": _NUMBER, "bs": _NUMBER, "bver": (int,), "n": _STRING,
    "u": _STRING, "v": _NUMBER, "vs": _STRING, "vb": (bool,), "vd": (str, bytes), "s": _NUMBER, "t": _NUMBER,
    "ut": _NUMBER,
}  # fmt: skip


def _no_record(text: str) -> _Row:
    refusal = _Refusal(Reason.BAD_STRUCTURE, "a record is an object", text)
    return None, None, None, None, None, None, None, refusal, None, None


def _careful_row(record: dict[Any, Any], text: str) -> _Row:
    """The row of a record whose fields may be anything. Raises DecodeError for what the whole pack depends on."""
    refused: tuple[Reason, str] | None = None
    given: dict[str, Any] = {}
    for label, value in record.items():
        kinds = _TYPES.get(label) if type(label) is str else None
        if kinds is None:
            # §4.4: unknown fields are ignored, except those whose label says that they must be understood.
            if type(label) is str and label.endswith("_"):
                refused = (Reason.UNSUPPORTED, f"field {label[:80]!r} must be understood, and is not")
        elif type(value) in kinds and not _too_long(value):
            given[label] = value
        elif value is None:
            continue
        elif label in ("bn", "bt", "bu", "bv", "bver"):
            raise DecodeError(Reason.BAD_STRUCTURE, f"base field {label} is {_kind(value)}")
        else:
            refused = (Reason.WRONG_TYPE, f"field {label} is {_kind(value)}")
    if given.get("bver", 0) > VERSION:
        raise DecodeError(Reason.UNSUPPORTED, f"SenML version {given['bver']}, of which only {VERSION} is known")
    if "s" in given or "bs" in given:
        refused = refused or (Reason.UNSUPPORTED, "sums are not taken")
    if "vd" in given:
        refused = refused or (Reason.WRONG_TYPE, "binary values are not taken")
    if len(given.keys() & {"v", "vs", "vb", "vd"}) > 1:
        refused = refused or (Reason.BAD_STRUCTURE, "a record with two values")
    get = given.get
    base = (get("bn"), get("bt"), get("bu"), get("bv"))
    if refused is not None:
        return *base, None, None, None, _Refusal(*refused, text), None, None
    return *base, get("n"), get("u"), get("v"), given.get("vb", get("vs")), get("t"), None


def _too_long(value: object) -> bool:
    """An integer that no float can hold."""
    return type(value) is int and value.bit_length() > 1000


def _kind(value: object) -> str:
    return "not readable" if value is strict_json.MALFORMED else f"of type {type(value).__name__}"


def _limit(records: int) -> None:
    if records > MAX_RECORDS:
        raise DecodeError(Reason.TOO_LARGE, f"{records} records in a pack, of at most {MAX_RECORDS}")
