"""SenML: names, units, values, positions, and what is refused alone."""

import json
from typing import Any

import cbor2
import pytest

from core.metrics import METRICS, Kind
from ingest.codecs.senml import LABELS, MAX_RECORDS
from tests.support.decoding import NOW, TELEMETRY, decoded, positions, readings, reasons, whole

NUMBERS = {name: label for label, name in LABELS.items()}


def as_json(records: list[dict[str, Any]]) -> bytes:
    return json.dumps(records).encode()


def as_cbor(records: list[dict[str, Any]]) -> bytes:
    return cbor2.dumps([{NUMBERS[name]: value for name, value in record.items()} for record in records])


both = pytest.mark.parametrize("encode", [as_json, as_cbor])


@both
def test_every_metric_in_its_own_unit(encode: Any) -> None:
    records = [
        {"n": m.name, "vb": True} if m.kind is Kind.BOOLEAN else {"n": m.name, "u": m.unit, "v": m.low} for m in METRICS
    ]
    batch = decoded(TELEMETRY, encode(records))
    assert not batch.rejects
    assert readings(batch) == [(m.name, 1.0 if m.kind is Kind.BOOLEAN else m.low) for m in METRICS]


@both
@pytest.mark.parametrize(
    ("record", "value"),
    [
        ({"n": "heart_rate", "u": "beat/min", "v": 71}, 71.0),
        ({"n": "heart_rate", "u": "Hz", "v": 1.5}, 90.0),
        ({"n": "spo2", "u": "/", "v": 0.97}, 97.0),
        ({"n": "body_temperature", "u": "K", "v": 310.15}, 37.0),
        ({"n": "body_temperature", "u": "[degF]", "v": 98.6}, 37.0),
        ({"n": "motion", "u": "/", "v": 1}, 1.0),
        ({"n": "consciousness", "v": 4}, 4.0),
        ({"n": "spo2", "bv": 90, "v": 7}, 97.0),
        ({"n": "spo2", "bv": 90}, 90.0),
    ],
)
def test_units_are_converted(encode: Any, record: dict[str, Any], value: float) -> None:
    batch = decoded(TELEMETRY, encode([record]))
    assert batch.readings.value.tolist() == pytest.approx([value])


@both
@pytest.mark.parametrize("name", ["urn:dev:mac:0024befffe804ff1:steps", "watch/steps", "steps"])
def test_the_metric_is_the_last_part_of_the_name(encode: Any, name: str) -> None:
    assert readings(decoded(TELEMETRY, encode([{"n": name, "v": 5}]))) == [("steps", 5.0)]


@both
def test_base_name_and_name_are_one(encode: Any) -> None:
    records = [{"bn": "urn:x:heart_", "n": "rate", "v": 60}, {"n": "rate", "v": 61}, {"bn": "steps", "v": 4}]
    assert readings(decoded(TELEMETRY, encode(records))) == [("heart_rate", 60.0), ("heart_rate", 61.0), ("steps", 4.0)]


@both
def test_base_unit_holds_until_the_next(encode: Any) -> None:
    records = [
        {"bu": "%", "n": "spo2", "v": 97},
        {"n": "battery", "v": 50},
        {"n": "heart_rate", "u": "/min", "v": 60},
        {"bu": "Cel", "n": "body_temperature", "v": 36},
        {"n": "spo2", "v": 97},
    ]
    batch = decoded(TELEMETRY, encode(records))
    assert [name for name, _ in readings(batch)] == ["spo2", "battery", "heart_rate", "body_temperature"]
    assert reasons(batch) == ["wrong_unit"]


@both
@pytest.mark.parametrize("home_assistant", [("occupancy", "motion"), ("door", "door_open"), ("moisture", "water_leak")])
def test_device_classes_of_home_assistant(encode: Any, home_assistant: tuple[str, str]) -> None:
    sent, stored = home_assistant
    assert readings(decoded(TELEMETRY, encode([{"n": sent, "vb": True}]))) == [(stored, 1.0)]


@both
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "pulse", "v": 60}, "unknown_metric"),
        ({"n": "", "v": 60}, "unknown_metric"),
        ({"v": 60}, "unknown_metric"),
        ({"n": "heart_rate:", "v": 60}, "unknown_metric"),
        ({"n": "heart_rate", "u": "kg", "v": 60}, "wrong_unit"),
        ({"n": "heart_rate"}, "bad_structure"),
        ({"n": "heart_rate", "u": "/min"}, "bad_structure"),
        ({}, "bad_structure"),
        ({"n": "heart_rate", "v": 60, "vb": True}, "bad_structure"),
        ({"n": "heart_rate", "v": 60, "vs": "60"}, "bad_structure"),
        ({"n": "heart_rate", "vb": True}, "wrong_type"),
        ({"n": "consciousness", "vb": True}, "wrong_type"),
        ({"n": "heart_rate", "vs": "60"}, "wrong_type"),
        ({"n": "heart_rate", "vd": "YQ"}, "wrong_type"),
        ({"n": "heart_rate", "v": "60"}, "wrong_type"),
        ({"n": "heart_rate", "v": True}, "wrong_type"),
        ({"n": "motion", "vb": 1}, "wrong_type"),
        ({"n": "motion", "vs": "on"}, "wrong_type"),
        ({"n": 5, "v": 60}, "wrong_type"),
        ({"n": "heart_rate", "v": 60, "t": "now"}, "wrong_type"),
        ({"n": "heart_rate", "v": 60, "s": 5}, "unsupported"),
        ({"n": "heart_rate", "s": 5}, "unsupported"),
        ({"n": "heart_rate", "bs": 5, "v": 60}, "unsupported"),
        ({"n": "heart_rate", "v": 19}, "implausible"),
        ({"n": "heart_rate", "v": 301}, "implausible"),
        ({"n": "motion", "v": 0.5}, "implausible"),
        ({"n": "consciousness", "v": 1.5}, "implausible"),
        ({"n": "lat", "u": "m", "v": 1}, "wrong_unit"),
        ({"n": "source", "v": 1}, "wrong_type"),
        ({"n": "source", "vs": "dead reckoning"}, "wrong_type"),
        ({"n": "lat", "vb": True}, "wrong_type"),
    ],
)
def test_a_bad_record_is_refused_alone(encode: Any, record: dict[str, Any], reason: str) -> None:
    before, after = {"bt": NOW, "n": "steps", "v": 1}, {"n": "steps", "t": 1, "v": 2}
    batch = decoded(TELEMETRY, encode([before, record, after]))
    assert reasons(batch) == [reason]
    assert readings(batch) == [("steps", 1.0), ("steps", 2.0)]
    assert whole(batch) == [False]


@both
def test_what_the_bad_record_said_can_be_read(encode: Any) -> None:
    batch = decoded(TELEMETRY, encode([{"bn": "urn:x:", "bt": NOW, "n": "spo2", "v": 400}]))
    assert json.loads(batch.rejects[0].record or "") == {"n": "spo2", "u": "%", "v": 400.0, "t": NOW}
    assert "40 to 100" in batch.rejects[0].detail


@both
@pytest.mark.parametrize("base", [{"bt": "today"}, {"bn": 5}, {"bu": True}, {"bv": "0"}, {"bver": "10"}])
def test_a_bad_base_field_takes_the_pack_along(encode: Any, base: dict[str, Any]) -> None:
    batch = decoded(TELEMETRY, encode([{"n": "steps", "v": 1}, base | {"n": "steps", "v": 2}]))
    assert reasons(batch) == ["bad_structure"]
    assert whole(batch) == [True]
    assert len(batch.readings) == 0


@both
def test_base_fields_of_a_refused_record_hold_for_the_next(encode: Any) -> None:
    batch = decoded(TELEMETRY, encode([{"bt": NOW - 60, "n": "steps", "v": "x"}, {"n": "steps", "v": 2}]))
    assert batch.readings.time.tolist() == [1_759_999_940_000_000]


@both
def test_a_later_version_must_not_be_used(encode: Any) -> None:
    assert reasons(decoded(TELEMETRY, encode([{"bver": 11, "n": "steps", "v": 1}]))) == ["unsupported"]
    assert readings(decoded(TELEMETRY, encode([{"bver": 10, "n": "steps", "v": 1}]))) == [("steps", 1.0)]


def test_unknown_fields_are_ignored_unless_they_must_be_understood() -> None:
    batch = decoded(TELEMETRY, b'[{"n":"steps","v":1,"x":{"y":[1e999]},"ut":60},{"n":"steps","v":2,"unit_":"dozen"}]')
    assert readings(batch) == [("steps", 1.0)]
    assert reasons(batch) == ["unsupported"]
    in_cbor = cbor2.dumps([{0: "steps", 2: 1, "x": [[1]]}, {0: "steps", 2: 2, "unit_": "dozen"}])
    assert readings(decoded(TELEMETRY, in_cbor)) == [("steps", 1.0)]
    assert reasons(decoded(TELEMETRY, in_cbor)) == ["unsupported"]


def test_the_names_of_json_mean_nothing_in_cbor() -> None:
    assert reasons(decoded(TELEMETRY, cbor2.dumps([{"n": "steps", "v": 1}]))) == ["bad_structure"]


def test_decimal_fractions_are_numbers() -> None:
    # RFC 8949 §3.4.4: C4 82 21 19 6AB3 is 273.15.
    payload = bytes.fromhex("81 a3 00") + b"\x70body_temperature" + bytes.fromhex("01 61 4b 02 c4 82 21 19 7901")
    assert decoded(TELEMETRY, payload).readings.value.tolist() == pytest.approx([36.62])


@both
def test_an_sos_is_one_whatever_unit_or_count(encode: Any) -> None:
    batch = decoded(TELEMETRY, encode([{"n": "sos", "u": "presses", "v": 3}, {"n": "sos", "v": 0}]))
    assert readings(batch) == [("sos", 1.0), ("sos", 0.0)]
    assert not batch.rejects


def test_not_a_number_in_cbor() -> None:
    values = [float("nan"), float("inf"), -float("inf")]
    batch = decoded(TELEMETRY, cbor2.dumps([{0: "power", 2: v} for v in values] + [{0: "power", 2: 5}]))
    assert reasons(batch) == ["not_finite"] * 3
    assert readings(batch) == [("power", 5.0)]


@both
def test_positions_are_the_records_of_one_time(encode: Any) -> None:
    records = [
        {"bt": NOW, "n": "lat", "v": 31.2304},
        {"n": "lon", "v": 121.4737},
        {"n": "acc", "u": "m", "v": 12},
        {"n": "source", "vs": "wifi"},
        {"n": "lat", "t": -60, "v": 31.2305},
        {"n": "lon", "t": -60, "v": 121.4738},
        {"n": "battery", "v": 80},
    ]
    batch = decoded("kanhu/v1/h1/watch/location", encode(records))
    assert [p[:2] + p[3:] for p in positions(batch)] == [(31.2304, 121.4737, "wifi"), (31.2305, 121.4738, "gnss")]
    assert batch.positions.accuracy[0] == 12.0
    assert batch.positions.accuracy[1] != batch.positions.accuracy[1]
    assert (batch.positions.arrival - batch.positions.time).tolist() == [0, 60_000_000]
    assert readings(batch) == [("battery", 80.0)]


@both
@pytest.mark.parametrize(
    ("lat", "lon", "acc"), [(91, 0, 5), (0, 181, 5), (-90.1, 5, 5), (0, 0, 5), (31, 121, -1)], ids=str
)
def test_impossible_positions(encode: Any, lat: float, lon: float, acc: float) -> None:
    batch = decoded(TELEMETRY, encode([{"n": "lat", "v": lat}, {"n": "lon", "v": lon}, {"n": "acc", "v": acc}]))
    assert reasons(batch) == ["implausible"]
    assert len(batch.positions) == 0


@both
def test_half_a_position(encode: Any) -> None:
    batch = decoded(
        TELEMETRY, encode([{"n": "lat", "v": 31.2}, {"n": "lon", "t": 5, "v": 121.4}, {"n": "steps", "v": 1}])
    )
    assert reasons(batch) == ["bad_structure", "bad_structure"]
    assert readings(batch) == [("steps", 1.0)]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty_payload"),
        (b"{}", "bad_structure"),
        (b'{"n":"steps","v":1}', "bad_structure"),
        (b'"steps"', "bad_structure"),
        (b"steps=1", "bad_structure"),
        (b"\x00", "bad_structure"),
        (b"\xa0", "bad_structure"),
        (b"\xef\xbb\xbf[]", "bad_structure"),
        (b'[{"n":"steps","v":1}', "truncated"),
        (b'[{"n":"steps","v":1}] [', "bad_json"),
        (b'[{"n":"steps","v":NaN}]', "bad_json"),
        (b'[{"n":"steps","v":01}]', "bad_json"),
        (b"[" * 100_000, "bad_structure"),
        (b'[{"x":' + b"[" * 100_000, "bad_structure"),
        (b'[\xff{"n":"steps","v":1}]', "not_utf8"),
        (b"\x81", "truncated"),
        (b"\x81\xa2\x00\x65steps\x02", "truncated"),
        (b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "truncated"),
        (b"\x81\x5b\x00\x00\x00\xff\xff\xff\xff\xff", "truncated"),
        (b"\x80\x80", "bad_cbor"),
        (b"\x81\xff", "bad_cbor"),
        (b"\x9c", "bad_cbor"),
        (b"\x81\xa2\x02\x01\x02\x02", "bad_cbor"),
        (b"\x81\xa1\x00\x61\xff", "not_utf8"),
        (b"\x81\xa1\x00\xd8\x23\x64((((", "unsupported"),
        (b"\x81\xd8\x1c\x81\xd8\x1d\x00", "unsupported"),
        (b"\x81\xa1\x02\xc2\x41\x05", "unsupported"),
        (b"\x81\xa1\x02\xc5\x82\x01\x02", "unsupported"),  # a bigfloat
        (b"\x81\xa1\x02\xd8\x1e\x82\x01\x02", "unsupported"),  # a rational
        (b"\x81\xa1\x02\xc4\x82\x01\xf9\x40\x00", "unsupported"),  # no integer mantissa
        (b"\x81" * 100_000, "bad_structure"),
        (b"\x81" * 1000, "bad_structure"),
    ],
)
def test_a_message_that_cannot_be_read(payload: bytes, reason: str) -> None:
    batch = decoded(TELEMETRY, b'[{"n":"steps","v":1}]', payload, b'[{"n":"steps","v":2}]')
    assert [(r.message, str(r.reason), r.record) for r in batch.rejects] == [(1, reason, None)]
    assert readings(batch) == [("steps", 1.0), ("steps", 2.0)]
    assert batch.reading_message.tolist() == [0, 2]


def test_a_ten_megabyte_message_is_refused_unread() -> None:
    assert reasons(decoded(TELEMETRY, b"[" + b" " * 10_000_000 + b"]")) == ["too_large"]


def test_too_many_records() -> None:
    record = b'{"n":"steps","v":1}'
    assert len(decoded(TELEMETRY, b"[" + b",".join([record] * MAX_RECORDS) + b"]").readings) == MAX_RECORDS
    for payload in (b"[" + b",".join([record] * (MAX_RECORDS + 1)) + b"]", b"[" + b"{}," * MAX_RECORDS + b"{}]"):
        assert reasons(decoded(TELEMETRY, payload)) == ["too_large"]


def test_a_message_full_of_bad_records_does_not_fill_the_quarantine() -> None:
    payload = as_json([{"n": "pulse", "v": 1}] * 500 + [{"n": "steps", "v": 1}] + [{"n": "spo2", "v": 1}] * 500)
    batch = decoded(TELEMETRY, payload, payload)
    assert readings(batch) == [("steps", 1.0)] * 2
    assert [r.message for r in batch.rejects] == [0] * 21 + [1] * 21
    assert "980 more" in batch.rejects[20].detail
    assert batch.rejects[20].record is None


def test_keys_made_to_collide_cost_no_time() -> None:
    # Arrays of -1 and -2 all have the same hash: as keys of a large map they take the square of their number.
    keys = [bytes([0x8C]) + bytes(0x20 | (n >> bit & 1) for bit in range(12)) + b"\x00" for n in range(4096)]
    payload = b"\x81\xb9\x10\x00" + b"".join(keys)
    batch = decoded(TELEMETRY, payload)
    assert reasons(batch) == ["bad_structure"]
    assert "16384 bytes" in batch.rejects[0].detail


@pytest.mark.parametrize("value", [b"1e400", b"-1e400", b"9" * 400, b"9" * 5000])
def test_numbers_beyond_all_bounds(value: bytes) -> None:
    batch = decoded(TELEMETRY, b'[{"n":"steps","v":' + value + b'},{"n":"steps","v":2}]')
    assert reasons(batch) == ["wrong_type"]
    assert readings(batch) == [("steps", 2.0)]


def test_no_text_breaks_the_quarantine() -> None:
    batch = decoded(
        TELEMETRY, b'[{"n":"a\\u0000b","v":1},{"n":"\xf0\x9f\x92\x9a","vs":"' + b"x" * 5000 + b'"}]', b"\x81\x61\x00"
    )
    assert len(batch.rejects) == 3
    for reject in batch.rejects:
        for text in (reject.detail, reject.record or ""):
            assert "\0" not in text
            assert len(text.encode()) <= 2000
