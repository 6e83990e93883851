"""Event time and arrival time, whatever the format: docs/adr/0005."""

import json
from typing import Any

import cbor2
import numpy as np
import pytest

from core.clock import DAY, HOUR, MINUTE, SECOND
from core.readings import NO_TIME
from tests.support.decoding import ARRIVAL, NOW, TELEMETRY, decoded, readings, reasons

YEAR_1980 = 315_964_800.0
"""Where a satellite receiver's clock begins."""


def pack(*records: dict[str, Any]) -> bytes:
    return json.dumps(list(records)).encode()


def one(seconds: float, metric: str = "steps") -> bytes:
    return pack({"n": metric, "v": 1, "t": seconds})


def test_a_time_of_day_is_taken_to_the_microsecond() -> None:
    batch = decoded(TELEMETRY, one(NOW - 3600.123456))
    assert batch.readings.time.tolist() == [ARRIVAL - 3_600_123_456]
    assert batch.readings.sent.tolist() == [NO_TIME]
    assert batch.timeless.tolist() == [False]


@pytest.mark.parametrize("seconds", [0, -5, -2.5, 30])
def test_a_relative_time_is_counted_from_the_arrival(seconds: float) -> None:
    batch = decoded(TELEMETRY, one(seconds))
    assert batch.readings.time.tolist() == [ARRIVAL + int(seconds * SECOND)]
    assert batch.readings.sent.tolist() == [NO_TIME]
    assert batch.timeless.tolist() == [True]


def test_the_least_time_of_day_is_two_to_the_28() -> None:
    relative = decoded(TELEMETRY, one(2**28 - 1, "sos")).readings
    assert relative.sent.tolist() == [ARRIVAL + (2**28 - 1) * SECOND]
    absolute = decoded(TELEMETRY, one(2**28, "sos")).readings
    assert absolute.sent.tolist() == [2**28 * SECOND]
    assert absolute.time.tolist() == relative.time.tolist() == [ARRIVAL]


def test_one_record_without_a_time_makes_the_message_timeless() -> None:
    batch = decoded(TELEMETRY, pack({"n": "steps", "v": 1, "t": NOW}, {"n": "battery", "v": 50}), one(NOW))
    assert batch.timeless.tolist() == [True, False]


def test_five_minutes_ahead_is_believed_and_more_is_kept_as_sent() -> None:
    believed = decoded(TELEMETRY, one(NOW + 300))
    assert believed.readings.time.tolist() == [ARRIVAL + 5 * MINUTE]
    assert believed.readings.sent.tolist() == [NO_TIME]
    ahead = decoded(TELEMETRY, one(NOW + 300.000002))
    assert ahead.readings.time.tolist() == [ARRIVAL]
    assert ahead.readings.sent.tolist() == [ARRIVAL + 5 * MINUTE + 2]
    # A copy that comes a minute later would be believed: no time tells it from a new one.
    assert ahead.timeless.tolist() == [True]


def test_a_clock_ahead_keeps_the_spacing_of_its_pack() -> None:
    year = 365 * DAY
    records = [{"n": "heart_rate", "v": 70 + i, "t": NOW + year / SECOND - 7 + i} for i in range(8)]
    batch = decoded(TELEMETRY, pack(*records))
    assert (batch.readings.time - ARRIVAL).tolist() == [(i - 7) * SECOND for i in range(8)]
    assert (batch.readings.sent - ARRIVAL).tolist() == [year + (i - 7) * SECOND for i in range(8)]


def test_spacing_of_more_than_a_day_is_not_believed() -> None:
    batch = decoded(TELEMETRY, pack({"n": "steps", "v": 1, "t": NOW + 1e8}, {"n": "battery", "v": 1, "t": NOW + 2e8}))
    assert batch.readings.time.tolist() == [ARRIVAL, ARRIVAL]


def test_messages_of_a_batch_do_not_touch_each_other() -> None:
    batch = decoded(TELEMETRY, one(NOW + 1000), one(NOW), one(NOW + 1060))
    assert (batch.readings.time - batch.readings.arrival).tolist() == [0, -1, 0]


@pytest.mark.parametrize("seconds", [YEAR_1980, 946_684_799.9, -1e9, -1e300, float("nan"), -float("inf")])
def test_before_the_year_2000_is_no_time(seconds: float) -> None:
    payload = cbor2.dumps([{0: "steps", 2: 1, 6: seconds}, {0: "battery", 2: 50, 6: NOW}])
    batch = decoded(TELEMETRY, payload)
    assert reasons(batch) == ["time_absurd"]
    assert readings(batch) == [("battery", 50.0)]


def test_the_first_second_of_2000_is_one() -> None:
    assert decoded(TELEMETRY, one(946_684_800)).readings.time.tolist() == [946_684_800 * SECOND]


@pytest.mark.parametrize("metric", ["sos", "fall_flag", "cancel", "smoke", "gas", "carbon_monoxide", "water_leak"])
@pytest.mark.parametrize(
    "seconds", [YEAR_1980, -1e9, -1e300, 1e300, 1.76e12, float("nan"), float("inf"), -float("inf")]
)
def test_no_clock_keeps_an_alarm_from_being_one(metric: str, seconds: float) -> None:
    batch = decoded(TELEMETRY, cbor2.dumps([{0: metric, 4: True, 6: seconds}]))
    assert readings(batch) == [(metric, 1.0)]
    assert batch.readings.time.tolist() == [ARRIVAL]
    assert batch.timeless.tolist() == [True]
    assert not batch.rejects


def test_what_the_clock_said_is_kept_within_the_calendar() -> None:
    first, last = -62_135_596_800 * SECOND, 253_402_300_799_999_999
    for seconds in (YEAR_1980, -1e300, 1e300, 1.76e12, 1e18):
        sent = decoded(TELEMETRY, one(seconds, "sos")).readings.sent
        assert sent[0] != NO_TIME
        assert first <= sent[0] <= last
    assert decoded(TELEMETRY, one(YEAR_1980, "sos")).readings.sent.tolist() == [int(YEAR_1980) * SECOND]


@pytest.mark.parametrize("seconds", [1.76e12, 1e300])
def test_two_presses_beyond_the_calendar_are_two(seconds: float) -> None:
    batch = decoded(TELEMETRY, one(seconds, "sos"), one(seconds, "sos"))
    assert len(set(batch.readings.sent.tolist())) == 2
    # Milliseconds taken for seconds, by a device that sends several readings at once.
    same = decoded(TELEMETRY, pack(*({"n": "spo2", "v": 97, "t": 1.76e12 + i} for i in range(3))))
    assert len(set(same.readings.sent.tolist())) == 3


def test_a_retained_reading_without_a_time_may_be_of_any_day() -> None:
    batch = decoded(
        "zigbee2mqtt/h1/hall",
        b'{"occupancy":true,"smoke":true,"battery":50}',
        b'{"occupancy":true,"last_seen":"2025-10-09T08:00:00Z"}',
        retained=True,
    )
    assert readings(batch) == [("smoke", 1.0), ("motion", 1.0)]
    assert reasons(batch) == ["retained_without_time"] * 2
    position = pack({"n": "lat", "v": 31.2}, {"n": "lon", "v": 121.4})
    assert reasons(decoded("kanhu/v1/h1/watch/location", position, retained=True)) == ["retained_without_time"]
    wave = cbor2.dumps({"r": 50, "a": bytes(600)})
    assert reasons(decoded("kanhu/v1/h1/watch/waveform", wave, retained=True)) == ["retained_without_time"]


def test_positions_and_waveforms_follow_the_same_rules() -> None:
    ahead = pack({"bt": NOW + HOUR / SECOND, "n": "lat", "v": 31.2}, {"n": "lon", "v": 121.4})
    batch = decoded("kanhu/v1/h1/watch/location", ahead)
    assert batch.positions.time.tolist() == [ARRIVAL]
    assert batch.positions.sent.tolist() == [ARRIVAL + HOUR]
    old = pack({"bt": YEAR_1980, "n": "lat", "v": 31.2}, {"n": "lon", "v": 121.4})
    assert reasons(decoded("kanhu/v1/h1/watch/location", old)) == ["time_absurd"]

    (wave,) = decoded("kanhu/v1/h1/watch/waveform", cbor2.dumps({"t": NOW + 3600, "r": 50, "a": bytes(600)})).waveforms
    assert (wave.time, wave.sent) == (ARRIVAL, ARRIVAL + HOUR)
    # A clip may be all that tells of a fall.
    (wave,) = decoded("kanhu/v1/h1/watch/waveform", cbor2.dumps({"t": YEAR_1980, "r": 50, "a": bytes(600)})).waveforms
    assert (wave.time, wave.sent) == (ARRIVAL, int(YEAR_1980) * SECOND)


def test_columns_fit_each_other() -> None:
    batch = decoded(TELEMETRY, one(NOW), b"", one(NOW + 1), one(0))
    assert batch.readings.metric.dtype == np.int16
    assert batch.reading_message.tolist() == [0, 2, 3]
    assert batch.message_device.tolist() == [0, 0, 0, 0]
    assert batch.timeless.tolist() == [False, False, False, True]
