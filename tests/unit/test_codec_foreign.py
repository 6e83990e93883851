"""OwnTracks, Zigbee2MQTT and status messages."""

import json
from typing import Any

import pytest

from ingest.codecs.zigbee2mqtt import PRESSES, QUIET_ACTIONS
from tests.support.decoding import ARRIVAL, NOW, decoded, positions, readings, reasons, whole

LOCATION: dict[str, Any] = {"_type": "location", "lat": 31.2, "lon": 121.4, "tst": int(NOW) - 5, "batt": 80}


def owntracks(**change: Any) -> bytes:
    return json.dumps({k: v for k, v in (LOCATION | change).items() if v is not ...}).encode()


def z2m(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def test_accuracy_may_be_missing() -> None:
    batch = decoded("owntracks/h1/phone", owntracks())
    assert positions(batch)[0][2] != positions(batch)[0][2]
    assert batch.readings.time.tolist() == batch.positions.time.tolist() == [ARRIVAL - 5_000_000]


@pytest.mark.parametrize(
    ("change", "reason", "kept"),
    [
        ({"lat": ...}, "bad_structure", ["battery"]),
        ({"lon": "121"}, "bad_structure", ["battery"]),
        ({"acc": "good"}, "bad_structure", ["battery"]),
        ({"lat": 100}, "implausible", ["battery"]),
        ({"acc": -1}, "implausible", ["battery"]),
        ({"lat": True}, "bad_structure", ["battery"]),
        ({"batt": "full"}, "bad_structure", ["position"]),
        ({"batt": 120}, "implausible", ["position"]),
        ({"created_at": None}, "bad_structure", ["position"]),
        ({"created_at": 5}, "time_absurd", ["position"]),
    ],
)
def test_position_and_battery_do_not_hurt_each_other(change: dict[str, Any], reason: str, kept: list[str]) -> None:
    batch = decoded("owntracks/h1/phone", owntracks(**change))
    assert reasons(batch) == [reason]
    assert whole(batch) == [False]
    assert [name for name, _ in readings(batch)] + ["position"] * len(batch.positions) == kept


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (owntracks(_type="unheard"), "bad_structure"),
        (owntracks(_type=...), "bad_structure"),
        (owntracks(_type=["location"]), "bad_structure"),
        (b"[]", "bad_structure"),
        (b"{", "truncated"),
        (b'{"_type":"location",}', "bad_json"),
        (b'{"_type":"loc\xff"}', "bad_structure"),
        (b'\xff{"_type":"lwt"}', "not_utf8"),
        (b'{"_type":' + b"[" * 100_000, "bad_structure"),
        (b"", "empty_payload"),
    ],
)
def test_owntracks_that_cannot_be_read(payload: bytes, reason: str) -> None:
    batch = decoded("owntracks/h1/phone", payload)
    assert reasons(batch) == [reason]
    assert whole(batch) == [True]


def test_a_phone_whose_clock_was_never_set() -> None:
    assert reasons(decoded("owntracks/h1/phone", owntracks(tst=300))) == ["time_absurd"] * 2


def test_a_transition_at_a_beacon_says_no_place() -> None:
    batch = decoded("owntracks/h1/phone/event", owntracks(_type="transition", lat=..., lon=..., event="enter"))
    assert (len(batch.positions), batch.ignored, len(batch.rejects)) == (0, 1, 0)


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({"contact": True}, ("door_open", 0.0)),
        ({"contact": False}, ("door_open", 1.0)),
        ({"occupancy": False}, ("motion", 0.0)),
        ({"water_leak": True}, ("water_leak", 1.0)),
        ({"smoke": True}, ("smoke", 1.0)),
        ({"gas": True}, ("gas", 1.0)),
        ({"carbon_monoxide": True}, ("carbon_monoxide", 1.0)),
        ({"sos": True}, ("sos", 1.0)),
        ({"sos": False}, ("sos", 0.0)),
        ({"power": 12.5}, ("power", 12.5)),
        ({"illuminance": 300}, ("illuminance", 300.0)),
        ({"illuminance": 20000, "illuminance_lux": 99}, ("illuminance", 99.0)),
    ],
)
def test_zigbee_states(fields: dict[str, Any], row: tuple[str, float]) -> None:
    assert readings(decoded("zigbee2mqtt/h1/sensor", z2m(**fields))) == [row]


@pytest.mark.parametrize("action", sorted(PRESSES))
def test_a_press_calls_for_help(action: str) -> None:
    assert readings(decoded("zigbee2mqtt/h1/button", z2m(action=action))) == [("sos", 1.0)]


@pytest.mark.parametrize("action", [None, *sorted(QUIET_ACTIONS)])
def test_what_is_no_press_is_passed_over(action: str | None) -> None:
    batch = decoded("zigbee2mqtt/h1/button", z2m(action=action, battery=50))
    assert readings(batch) == [("battery", 50.0)]
    assert not batch.rejects


@pytest.mark.parametrize("action", ["shake", "brightness_move_up", 1, ["single"], {"a": 1}, True])
def test_an_unknown_action_is_shown_to_somebody(action: Any) -> None:
    batch = decoded("zigbee2mqtt/h1/button", z2m(action=action, battery=50))
    assert readings(batch) == [("battery", 50.0)]
    assert reasons(batch) == ["unsupported"]
    assert batch.ignored == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"occupancy": 1}, "wrong_type"),
        ({"smoke": "true"}, "wrong_type"),
        ({"temperature": True}, "wrong_type"),
        ({"temperature": "21"}, "wrong_type"),
        ({"temperature": [21]}, "wrong_type"),
        ({"temperature": 200}, "implausible"),
        ({"humidity": 10**400}, "wrong_type"),
    ],
)
def test_a_bad_property_is_refused_alone(fields: dict[str, Any], reason: str) -> None:
    batch = decoded("zigbee2mqtt/h1/sensor", z2m(battery=50, **fields, linkquality=9))
    assert readings(batch) == [("battery", 50.0), ("link_quality", 9.0)]
    assert reasons(batch) == [reason]
    assert whole(batch) == [False]


def test_null_is_what_zigbee2mqtt_does_not_know() -> None:
    batch = decoded("zigbee2mqtt/h1/sensor", z2m(occupancy=None, battery=None, action=None, illuminance_lux=None))
    assert (len(batch.readings), len(batch.rejects), batch.ignored) == (0, 0, 1)


@pytest.mark.parametrize("last_seen", ["yesterday", "2025-10-09T08:00:00", 12, True, None, [], "2025-13-01T00:00:00Z"])
def test_a_last_seen_that_is_no_time_is_now(last_seen: Any) -> None:
    batch = decoded("zigbee2mqtt/h1/sensor", z2m(smoke=True, last_seen=last_seen))
    assert batch.readings.time.tolist() == [ARRIVAL]
    assert batch.timeless.tolist() == [True]


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"online", 1.0),
        (b"offline", 0.0),
        (b" offline\n", 0.0),
        (b'{"online":true}', 1.0),
        (b'{"online": false, "battery": 3}', 0.0),
        (b'{"state":"offline"}', 0.0),
    ],
)
@pytest.mark.parametrize("topic", ["kanhu/v1/h1/watch/status", "zigbee2mqtt/h1/watch/availability"])
@pytest.mark.parametrize("retained", [False, True])
def test_status(topic: str, payload: bytes, value: float, *, retained: bool) -> None:
    batch = decoded(topic, payload, retained=retained)
    assert readings(batch) == [("online", value)]
    assert batch.readings.time.tolist() == [ARRIVAL]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"maybe", "bad_json"),
        (b"{}", "bad_structure"),
        (b'{"online":1}', "bad_structure"),
        (b'{"state":"ON"}', "bad_structure"),
        (b"[]", "bad_structure"),
        (b"", "empty_payload"),
        (b"\xff\xfe", "not_utf8"),
    ],
)
def test_status_that_cannot_be_read(payload: bytes, reason: str) -> None:
    assert reasons(decoded("kanhu/v1/h1/watch/status", payload)) == [reason]
