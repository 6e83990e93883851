"""SenML packs (RFC 8428) in JSON and CBOR."""

import json
from collections.abc import Sequence
from typing import Any, Final

import cbor2

from core.metrics import BY_NAME, Kind
from device_sim.observations import Record

# RFC 8428 §12.1 and RFC 8798 name these units; a metric without an entry is sent in its UCUM unit, and one whose unit
# is "1" without any, as small devices do.
_UNITS: Final = {"heart_rate": "beat/min", "body_temperature": "Cel", "battery": "%EL", "humidity": "%RH"}

# RFC 8428 §6, table 4: labels of the CBOR representation.
_LABELS: Final = {"bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2, "vb": 4, "t": 6}


def pack(records: Sequence[Record], time: int, base_name: str = "") -> list[dict[str, Any]]:
    """A SenML pack as JSON-like records.

    Args: records, at least one; time: micros, becomes the base time; base_name: prefix of the names, such as
    `urn:dev:ops:32473-kanhu-h1.watch:`. Booleans become `vb`, everything else `v`. Times are whole milliseconds.
    """
    rows: list[dict[str, Any]] = []
    for record in records:
        metric = BY_NAME[record.metric]
        row: dict[str, Any] = {}
        if not rows:
            if base_name:
                row["bn"] = base_name
            row["bt"] = round(time / 1e6, 3)
        row["n"] = record.metric
        if metric.kind is Kind.BOOLEAN:
            row["vb"] = bool(record.value)
        else:
            unit = _UNITS.get(record.metric, metric.unit)
            if unit != "1":
                row["u"] = unit
            row["v"] = record.value
        if record.offset:
            row["t"] = record.offset
        rows.append(row)
    return rows


def to_json(rows: list[dict[str, Any]]) -> bytes:
    """A pack as `application/senml+json`."""
    return json.dumps(rows, separators=(",", ":")).encode()


def to_cbor(rows: list[dict[str, Any]]) -> bytes:
    """A pack as `application/senml+cbor`, with the integer labels."""
    return cbor2.dumps([{_LABELS[name]: value for name, value in row.items()} for row in rows])
