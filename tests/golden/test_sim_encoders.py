"""The simulator's encoders against bytes that were written down from the standards, by hand."""

import json
import struct
from datetime import UTC, datetime

import numpy as np

from core.clock import to_micros
from device_sim.encoders import owntracks, senml, waveform, zigbee2mqtt
from device_sim.observations import Fix, Record

# 2010-06-08T18:01:16.001Z, the time of RFC 8428's examples; its double is given in §6: fb 41d303a15b001062.
TIME = 1_276_020_076_001_000
RFC_8428_DOUBLE = bytes.fromhex("fb41d303a15b001062")


def test_senml_json_has_base_name_base_time_and_records() -> None:
    rows = senml.pack(
        [Record("heart_rate", 72), Record("spo2", 97, -30.0), Record("worn", True), Record("steps", 1204)],
        TIME,
        "urn:dev:ops:32473-kanhu-h001.watch:",
    )
    # RFC 8428 §4.1, §4.2: `bn` and `bt` once, `vb` for booleans, `t` relative to `bt`; `u` may be left out.
    assert senml.to_json(rows) == (
        b'[{"bn":"urn:dev:ops:32473-kanhu-h001.watch:","bt":1276020076.001,"n":"heart_rate","u":"beat/min","v":72},'
        b'{"n":"spo2","u":"%","v":97,"t":-30.0},{"n":"worn","vb":true},{"n":"steps","v":1204}]'
    )


def test_senml_cbor_uses_the_integer_labels() -> None:
    rows = senml.pack(
        [Record("body_temperature", 36.5), Record("sos", True, -2.0)], TIME, "urn:dev:ow:10e2073a0108006:"
    )
    expected = b"".join(
        (
            b"\x82",  # array of 2
            b"\xa5",  # map of 5
            b"\x21", b"\x78\x1b", b"urn:dev:ow:10e2073a0108006:",  # -2 (bn), text of 27
            b"\x22", RFC_8428_DOUBLE,  # -3 (bt)
            b"\x00", b"\x70", b"body_temperature",  # 0 (n), text of 16
            b"\x01", b"\x63", b"Cel",  # 1 (u)
            b"\x02", b"\xfb", struct.pack(">d", 36.5),  # 2 (v)
            b"\xa3",  # map of 3
            b"\x00", b"\x63", b"sos",
            b"\x04", b"\xf5",  # 4 (vb), true
            b"\x06", b"\xfb", struct.pack(">d", -2.0),  # 6 (t)
        )
    )  # fmt: skip
    assert senml.to_cbor(rows) == expected


def test_waveform_is_a_cbor_map_with_little_endian_triples() -> None:
    samples = np.array([[-1, 2, 1000], [0, -32768, 32767]], dtype=np.int16)
    triples = bytes.fromhex("ffff 0200 e803 0000 0080 ff7f")
    head = b"\xa4" + b"\x61t" + RFC_8428_DOUBLE + b"\x61r" + b"\xfb" + struct.pack(">d", 50.0) + b"\x61u" + b"\x62mg"
    assert waveform.encode(samples, 50.0, TIME) == head + b"\x61a" + b"\x4c" + triples
    # RFC 8746 §2.1: tag 77 (0xd8 0x4d) is an array of signed 16 bit integers, little endian.
    assert waveform.encode(samples, 50.0, TIME, tagged=True) == head + b"\x61a" + b"\xd8\x4d\x4c" + triples


def test_big_endian_samples_are_turned_round() -> None:
    samples = np.array([[1, 2, 3]], dtype=">i2")
    assert waveform.encode(samples, 50.0, TIME).endswith(bytes.fromhex("0100 0200 0300"))


def test_owntracks_location_has_the_booklets_elements() -> None:
    payload = owntracks.location(Fix(30.26, 120.138, 11.6, 78), TIME, TIME + 90_000_000, "ph")
    assert json.loads(payload) == {
        "_type": "location", "tid": "ph", "tst": 1276020076, "created_at": 1276020166, "lat": 30.26, "lon": 120.138,
        "acc": 12, "conn": "m", "batt": 78,
    }  # fmt: skip


def test_owntracks_last_will_tells_when_it_connected() -> None:
    assert json.loads(owntracks.last_will(TIME)) == {"_type": "lwt", "tst": 1276020076}


def test_zigbee2mqtt_state_uses_its_own_names() -> None:
    records = [
        Record("motion", True), Record("room_temperature", 21.5), Record("battery", 88), Record("link_quality", 120),
        Record("water_leak", False),
    ]  # fmt: skip
    assert zigbee2mqtt.state(records, TIME) == (
        b'{"occupancy":true,"temperature":21.5,"battery":88,"linkquality":120,"water_leak":false,'
        b'"last_seen":"2010-06-08T18:01:16.001Z"}'
    )


def test_zigbee2mqtt_contact_is_true_while_the_door_is_closed() -> None:
    opened = json.loads(zigbee2mqtt.state([Record("door_open", True)], TIME))
    closed = json.loads(zigbee2mqtt.state([Record("door_open", False)], TIME))
    assert (opened["contact"], closed["contact"]) == (False, True)


def test_zigbee2mqtt_sos_is_the_action_emergency() -> None:
    message = json.loads(zigbee2mqtt.state([Record("sos", True)], to_micros(datetime(2026, 3, 1, tzinfo=UTC))))
    assert message == {"action": "emergency", "last_seen": "2026-03-01T00:00:00.000Z"}


def test_zigbee2mqtt_availability() -> None:
    assert zigbee2mqtt.availability(online=True) == b'{"state":"online"}'
    assert zigbee2mqtt.availability(online=False) == b'{"state":"offline"}'
