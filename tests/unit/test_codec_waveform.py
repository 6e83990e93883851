"""Waveforms."""

from typing import Any

import cbor2
import numpy as np
import pytest

from tests.support.decoding import ARRIVAL, NOW, decoded, reasons, whole

TOPIC = "kanhu/v1/h1/watch/waveform"
GOOD = {"t": NOW - 10, "r": 50, "u": "mg", "a": bytes(3000)}


def test_bytes_written_by_hand() -> None:
    # RFC 8949 by hand: a map of 4; t 1760000000 (1a), r 50.0 (f9 5240), u "mg", a: 2 triples, little-endian.
    payload = bytes.fromhex(
        "a4 61 74 1a 68e77800 61 72 f9 5240 61 75 62 6d67 61 61 4c 0100 feff e803 0080 ff7f 0000".replace(" ", "")
    )
    batch = decoded(TOPIC, payload)
    (wave,) = batch.waveforms
    assert wave.samples.tolist() == [[1, -2, 1000], [-32768, 32767, 0]]
    assert wave.samples.dtype == np.int16
    assert wave.rate == 50.0
    assert wave.time == ARRIVAL
    assert batch.devices == (("h1", "watch"),)
    assert batch.waveform_message.tolist() == [0]


def test_a_typed_array_of_rfc_8746() -> None:
    # d8 4d: tag 77, sint16 little endian.
    payload = bytes.fromhex("a2 61 72 18 19 61 61 d84d 46 0100 0200 0300".replace(" ", ""))
    (wave,) = decoded(TOPIC, payload).waveforms
    assert wave.samples.tolist() == [[1, 2, 3]]


def test_without_a_time_the_clip_ends_at_its_arrival() -> None:
    batch = decoded(TOPIC, cbor2.dumps({"r": 50, "a": bytes(3000)}), cbor2.dumps(GOOD | {"t": 0}))
    assert [w.arrival - w.time for w in batch.waveforms] == [10_000_000, 10_000_000]
    assert batch.timeless.tolist() == [True, True]
    (wave,) = decoded(TOPIC, cbor2.dumps(GOOD | {"t": -12})).waveforms
    assert wave.arrival - wave.time == 12_000_000


def test_a_minute_at_the_highest_rate_is_the_most() -> None:
    most = cbor2.CBORTag(77, bytes(6 * 400 * 60))
    (wave,) = decoded(TOPIC, cbor2.dumps(GOOD | {"r": 400, "a": most})).waveforms
    assert wave.samples.shape == (24_000, 3)
    assert reasons(decoded(TOPIC, cbor2.dumps(GOOD | {"r": 400, "a": bytes(6 * 24_001)}))) == ["too_large"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"a": b""}, "bad_structure"),
        ({"a": bytes(5)}, "bad_structure"),
        ({"a": bytes(3001)}, "bad_structure"),
        ({"a": "text"}, "bad_structure"),
        ({"a": None}, "bad_structure"),
        ({"a": [1, 2, 3]}, "bad_structure"),
        ({"a": cbor2.CBORTag(73, bytes(6))}, "unsupported"),  # big endian
        ({"a": cbor2.CBORTag(77, "text")}, "unsupported"),
        ({"r": 0.5}, "implausible"),
        ({"r": 401}, "implausible"),
        ({"r": -50}, "implausible"),
        ({"r": float("nan")}, "implausible"),
        ({"r": float("inf")}, "implausible"),
        ({"r": "50"}, "bad_structure"),
        ({"r": True}, "bad_structure"),
        ({"r": None}, "bad_structure"),
        ({"t": "now"}, "bad_structure"),
        ({"t": None}, "bad_structure"),
        ({"u": "g"}, "wrong_unit"),
        ({"u": 5}, "wrong_unit"),
        ({"r": 1, "a": bytes(6 * 61)}, "too_large"),
    ],
)
def test_what_is_refused(change: dict[str, Any], reason: str) -> None:
    batch = decoded(TOPIC, cbor2.dumps(GOOD), cbor2.dumps(GOOD | change))
    assert reasons(batch) == [reason]
    assert whole(batch) == [True]
    assert batch.waveform_message.tolist() == [0]


@pytest.mark.parametrize("missing", ["r", "a"])
def test_what_is_missing(missing: str) -> None:
    batch = decoded(TOPIC, cbor2.dumps({k: v for k, v in GOOD.items() if k != missing}))
    assert reasons(batch) == ["bad_structure"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\x80", "bad_structure"),
        (b"{}", "truncated"),
        (cbor2.dumps(GOOD)[:-1], "truncated"),
        (b"\x05", "bad_structure"),
    ],
)
def test_what_is_no_map(payload: bytes, reason: str) -> None:
    assert reasons(decoded(TOPIC, payload)) == [reason]
