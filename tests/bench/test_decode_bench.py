"""Microseconds a SenML pack of 8, decoded to judged columns, beside the bare parse of the same bytes, same run."""

import json
import timeit
from collections.abc import Callable

import cbor2
import msgspec
import pytest

from ingest.codecs import decode_batch
from ingest.codecs.senml import LABELS
from ingest.message import Message
from tests.support.decoding import ARRIVAL, MAX_PAYLOAD, NOW, TELEMETRY

pytestmark = pytest.mark.bench

BATCH = 2000
ROUNDS = 7

PACK = [
    {"bn": "urn:dev:ops:32473-kanhu-h1.watch:", "bt": NOW + 0.25, "n": "heart_rate", "u": "beat/min", "v": 71},
    {"n": "spo2", "u": "%", "v": 97},
    {"n": "respiratory_rate", "u": "/min", "v": 16.5},
    {"n": "body_temperature", "u": "Cel", "v": 36.6},
    {"n": "steps", "t": -1, "v": 1200},
    {"n": "battery", "u": "%EL", "t": -1, "v": 80},
    {"n": "worn", "t": -2, "vb": True},
    {"n": "power", "u": "W", "t": -3, "v": 5},
]


class Record(msgspec.Struct, gc=False):
    """What a bare decoder needs at least."""

    bn: str | None = None
    bt: float | None = None
    n: str | None = None
    u: str | None = None
    v: float | None = None
    vb: bool | None = None
    t: float | None = None


def microseconds(work: Callable[[], object]) -> float:
    """The best of some rounds, for one message of a batch."""
    return min(timeit.repeat(work, number=1, repeat=ROUNDS)) / BATCH * 1e6


@pytest.mark.parametrize("format_", ["JSON", "CBOR"])
def test_microseconds_a_pack_of_eight(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = {name: label for label, name in LABELS.items()}
    parse: Callable[[bytes], object]
    if format_ == "JSON":
        payload, reference = json.dumps(PACK, separators=(",", ":")).encode(), "msgspec into typed Structs"
        parse = msgspec.json.Decoder(list[Record]).decode
    else:
        payload = cbor2.dumps([{numbers[k]: v for k, v in record.items()} for record in PACK])
        parse, reference = cbor2.loads, "cbor2.loads"
    messages = [Message(TELEMETRY, payload, ARRIVAL + i) for i in range(BATCH)]
    assert len(decode_batch(messages, MAX_PAYLOAD).readings) == BATCH * len(PACK)

    def bare() -> None:
        for message in messages:
            parse(message.payload)

    bare_us = microseconds(bare)
    whole_us = microseconds(lambda: decode_batch(messages, MAX_PAYLOAD))
    with capsys.disabled():
        print(
            f"\n  SenML {format_}, {len(payload)} bytes: {whole_us:.1f} µs to columns, {bare_us:.1f} µs for "
            f"{reference} ({whole_us / bare_us:.1f} times)"
        )
