"""Any payload whatever gives rows or a reason, and never hurts its neighbours."""

import json
from typing import Any

import cbor2
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.metrics import BY_NAME, METRICS, Kind, plausible
from core.readings import NO_TIME, Int64
from device_sim.encoders import senml as sim_senml
from device_sim.observations import Record
from ingest.codecs import decode_batch
from ingest.codecs.columns import AHEAD, EARLIEST, MAX_REJECTS, Decoded
from ingest.message import Message
from tests.support.decoding import ARRIVAL, MAX_PAYLOAD, NOW, TELEMETRY, decoded, readings

TOPICS = (
    "kanhu/v1/h1/watch/telemetry",
    "kanhu/v1/h1/watch/event",
    "kanhu/v1/h1/watch/waveform",
    "kanhu/v1/h1/watch/location",
    "kanhu/v1/h1/watch/status",
    "zigbee2mqtt/h1/sensor",
    "zigbee2mqtt/h1/sensor/availability",
    "owntracks/h1/phone",
    "owntracks/h1/phone/event",
)

NEIGHBOUR = b'[{"n":"steps","v":17,"t":1759999000}]'

PACK: list[dict[str, Any]] = [
    {"bn": "urn:dev:x:", "bt": NOW, "bu": "%", "n": "spo2", "v": 97.5},
    {"n": "heart_rate", "u": "beat/min", "v": 71, "t": -1},
    {"n": "motion", "vb": True},
    {"n": "lat", "u": "lat", "v": 31.2},
    {"n": "lon", "u": "lon", "v": 121.4},
    {"n": "source", "vs": "wifi"},
    {"n": "steps", "u": "1", "v": 5, "s": 1, "bs": 1, "ut": 60, "bver": 10, "x": [1, {"y": None}]},
]
NUMBERS = {"bn": -2, "bt": -3, "bu": -4, "bs": -6, "bver": -1, "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5, "t": 6}

VALID = (
    json.dumps(PACK).encode(),
    cbor2.dumps([{NUMBERS.get(k, k): v for k, v in record.items()} for record in PACK]),
    cbor2.dumps([{0: "body_temperature", 1: "K", 2: cbor2.CBORTag(4, [-2, 31000]), 6: -3}]),
    cbor2.dumps({"t": NOW, "r": 50.0, "u": "mg", "a": bytes(range(240))}),
    cbor2.dumps({"t": NOW, "r": 50.0, "u": "mg", "a": cbor2.CBORTag(77, bytes(range(240)))}),
    b'{"_type":"location","acc":65,"batt":97,"created_at":1691244725,"lat":49.01,"lon":8.39,"t":"u","tst":1691244711}',
    b'{"_type":"transition","wtst":1425042603,"lat":12.34,"lon":44.5,"tst":1427634603,"acc":130,"event":"enter","t":"b"}',
    b'{"_type":"lwt","tst":1427634603}',
    b'{"contact":false,"battery":90,"action":"single","temperature":21.5,"last_seen":"2025-10-09T08:53:20.000Z","x":{}}',
    b'{"online":true}',
    b'{"state":"offline"}',
    b"online",
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good payload with some bytes changed, cut, doubled or put in."""
    payload = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(payload)))
        match draw(st.integers(0, 4)):
            case 0 if at < len(payload):
                payload[at] = draw(st.integers(0, 255))
            case 1:
                payload[at:at] = draw(st.binary(max_size=9))
            case 2:
                del payload[at : at + draw(st.integers(1, 8))]
            case 3:
                payload[at:at] = payload[at : at + 20]
            case 4:
                special = (
                    b"1e999",
                    b"NaN",
                    b"\\ud800",
                    b"null",
                    b"[[[[",
                    b'{"":',
                    b"\xfb\x7f\xf8" + bytes(6),
                    b"\xd8\x1d",
                )
                payload[at:at] = draw(st.sampled_from(special))
    return bytes(payload)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["heart_rate", "sos", "%", "location", "emergency", "lat", "online", *NUMBERS]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
json_fields = ["bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut", "must_"]
foreign_fields = [
    "_type",
    "lat",
    "lon",
    "tst",
    "acc",
    "batt",
    "created_at",
    "t",
    "online",
    "state",
    "action",
    "contact",
    "occupancy",
    "sos",
    "temperature",
    "battery",
    "illuminance",
    "illuminance_lux",
    "last_seen",
]
shaped_json = st.one_of(
    st.lists(st.dictionaries(st.sampled_from(json_fields), values, max_size=6) | values, max_size=4),
    st.dictionaries(st.sampled_from(foreign_fields), values, max_size=8),
    values,
).map(lambda value: json.dumps(value).encode())
tags = st.builds(
    cbor2.CBORTag,
    st.sampled_from([0, 1, 2, 4, 28, 29, 35, 77, 258, 9999]),
    st.binary(max_size=8) | st.just([0, 1]),
)
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=12),
    st.sampled_from(["heart_rate", "sos", "%", "lat", "mg"]),
    st.just(cbor2.undefined),
    st.just(cbor2.CBORSimpleValue(99)),
    tags,
)
keys = st.integers(-8, 10) | st.sampled_from(["t", "r", "u", "a", "must_", "v"]) | st.floats(-2, 2) | st.booleans()
shaped_cbor = st.one_of(
    st.lists(st.dictionaries(keys, plain, max_size=6) | plain, max_size=4), st.dictionaries(keys, plain, max_size=6)
).map(cbor2.dumps)

payloads = st.one_of(st.binary(max_size=80), damaged(), shaped_json, shaped_cbor)


def check(batch: Decoded, messages: int) -> None:
    """What holds for any batch."""
    rows = batch.readings
    assert np.all(np.isfinite(rows.value))
    assert np.all(plausible(rows.metric, rows.value))
    for of, message, arrival, time, sent in (
        (rows.device, batch.reading_message, rows.arrival, rows.time, rows.sent),
        (
            batch.positions.device,
            batch.position_message,
            batch.positions.arrival,
            batch.positions.time,
            batch.positions.sent,
        ),
        (
            np.array([w.device for w in batch.waveforms], dtype=np.int32),
            batch.waveform_message,
            np.array([w.arrival for w in batch.waveforms], dtype=np.int64),
            np.array([w.time for w in batch.waveforms], dtype=np.int64),
            np.array([w.sent for w in batch.waveforms], dtype=np.int64),
        ),
    ):
        assert len(of) == len(message)
        assert np.all(np.diff(message) >= 0)
        assert np.array_equal(arrival, ARRIVAL + message.astype(np.int64))
        assert np.array_equal(of, batch.message_device[message])
        check_times(time, sent, arrival)
    assert np.all(np.abs(batch.positions.latitude) <= 90)
    assert np.all(np.abs(batch.positions.longitude) <= 180)
    assert [r.message for r in batch.rejects] == sorted(r.message for r in batch.rejects)
    for reject in batch.rejects:
        for text in (reject.detail, reject.record or ""):
            assert "\0" not in text
            text.encode()
    assert len(batch.rejects) <= messages * (MAX_REJECTS + 1)
    assert len(batch.timeless) == len(batch.message_device) == messages


def check_times(time: Int64, sent: Int64, arrival: Int64) -> None:
    assert np.all(time <= arrival + AHEAD)
    assert np.all(time >= EARLIEST)
    wrong = sent != NO_TIME
    assert np.all(time[wrong] <= arrival[wrong])
    # All within the years 1 to 9999.
    assert np.all(sent[wrong] >= -62_135_596_800_000_000)
    assert np.all(sent[wrong] <= 253_402_300_799_999_999)


@given(topic=st.sampled_from(TOPICS), payload=payloads, retained=st.booleans())
@settings(max_examples=1500, deadline=None)
@example(topic=TELEMETRY, payload=b'[{"bt":1e308,"n":"sos","t":1e308,"vb":true}]', retained=False)
@example(topic=TELEMETRY, payload=b'[{"n":"power","v":1e308,"bv":1e308}]', retained=False)
@example(topic=TELEMETRY, payload=b'[{"n":"power","u":"kW","v":1e308}]', retained=False)
@example(topic=TELEMETRY, payload=b"\x81\xa2\x00\xc4\x82\x3b\xff\xff\xff\xff\xff\xff\xff\xff\x01", retained=False)
def test_any_payload_gives_rows_or_a_reason_and_spares_its_neighbours(
    topic: str, payload: bytes, *, retained: bool
) -> None:
    messages = [
        Message(TELEMETRY, NEIGHBOUR, ARRIVAL),
        Message(topic, payload, ARRIVAL + 1, retained=retained),
        Message(TELEMETRY, NEIGHBOUR, ARRIVAL + 2),
    ]
    batch = decode_batch(messages, MAX_PAYLOAD)
    check(batch, 3)
    assert batch.reading_message.tolist().count(0) == 1
    assert batch.reading_message.tolist().count(2) == 1
    assert all(r.message == 1 for r in batch.rejects)
    failed = [r for r in batch.rejects if r.record is None and "more records" not in r.detail]
    if failed:
        assert len(batch.rejects) == 1
        assert 1 not in batch.reading_message
        assert 1 not in batch.position_message
        assert 1 not in batch.waveform_message


levels = [
    "kanhu",
    "v1",
    "h1",
    "zigbee2mqtt",
    "owntracks",
    "bridge",
    "set",
    "availability",
    "telemetry",
    "event",
    "+",
    "#",
    "客厅",
    "",
    "a b",
]
topics = st.text(max_size=40) | st.lists(st.sampled_from(levels), max_size=6).map("/".join)


@given(topic=topics)
@settings(max_examples=300, deadline=None)
def test_any_topic_gives_a_device_or_a_reason(topic: str) -> None:
    batch = decoded(topic, b"[]")
    assert (batch.message_device[0] >= 0) or batch.ignored or [r.record for r in batch.rejects] == [None]


records = st.sampled_from(METRICS).flatmap(
    lambda m: st.builds(
        Record,
        metric=st.just(m.name),
        value=st.booleans().map(float)
        if m.kind is Kind.BOOLEAN
        else st.integers(int(np.ceil(m.low)), int(m.high)).map(float),
        offset=st.integers(-600, 0).map(float),
    )
)


@given(rows=st.lists(records, min_size=1, max_size=8), seconds=st.integers(1_000_000_000, int(NOW)), name=st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_the_simulator_sends_is_what_is_read(rows: list[Record], seconds: int, *, name: bool) -> None:
    pack = sim_senml.pack(rows, seconds * 1_000_000, "urn:dev:ops:32473-kanhu-h1.watch:" if name else "")
    in_json, in_cbor = (decoded(TELEMETRY, encode(pack)) for encode in (sim_senml.to_json, sim_senml.to_cbor))
    for batch in (in_json, in_cbor):
        assert not batch.rejects
        assert readings(batch) == [(r.metric, r.value) for r in rows]
        assert batch.readings.time.tolist() == [round((seconds + r.offset) * 1_000_000) for r in rows]
        assert not batch.timeless.any()


times = st.floats() | st.floats(NOW - 1e6, NOW + 1e6) | st.integers(-1000, 1000).map(float)


@given(seconds=st.lists(times, max_size=6), metric=st.sampled_from(["sos", "steps"]))
@settings(max_examples=500, deadline=None)
def test_no_time_loses_an_alarm_and_a_copy_is_judged_alike_or_marked(seconds: list[float], metric: str) -> None:
    payload = cbor2.dumps([{0: metric, 2: 1, 6: t} for t in seconds])
    batch = decoded(TELEMETRY, payload)
    check(batch, 1)
    if metric == "sos":
        assert len(batch.readings) == len(seconds)
    later = decoded(TELEMETRY, payload, arrival=ARRIVAL + 3_600_000_000)
    if not batch.timeless[0]:
        assert np.array_equal(later.readings.time, batch.readings.time)
        assert np.array_equal(later.readings.sent, batch.readings.sent)


def fits(record: dict[str, Any]) -> bool:
    metric = BY_NAME[record["n"]]
    return bool(metric.low <= record["v"] <= metric.high)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"n": st.sampled_from(["spo2", "steps", "power"]), "v": st.floats(-1e5, 3e5, allow_nan=False)}
        ),
        max_size=30,
    )
)
@settings(max_examples=200, deadline=None)
def test_exactly_the_plausible_are_kept(pack: list[dict[str, Any]]) -> None:
    batch = decoded(TELEMETRY, json.dumps(pack).encode())
    assert readings(batch) == [(r["n"], r["v"]) for r in pack if fits(r)]
    assert len(batch.rejects) == min(sum(not fits(r) for r in pack), MAX_REJECTS + 1)
