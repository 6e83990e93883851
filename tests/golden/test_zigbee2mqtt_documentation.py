"""Zigbee2MQTT messages as its documentation prints them (https://www.zigbee2mqtt.io/guide/usage/)."""

from tests.support.decoding import ages, decoded, readings


def test_temperature_and_humidity_sensor() -> None:
    batch = decoded("zigbee2mqtt/h1/bedroom-climate", b'{\n  "temperature": 27.34,\n  "humidity": 44.72\n}\n')
    assert batch.devices == (("h1", "bedroom-climate"),)
    assert readings(batch) == [("room_temperature", 27.34), ("humidity", 44.72)]


def test_wireless_switch() -> None:
    assert readings(decoded("zigbee2mqtt/h1/button", b'{\n  "action": "single"\n}\n')) == [("sos", 1.0)]


def test_human_body_movement_sensor() -> None:
    assert readings(decoded("zigbee2mqtt/h1/hall", b'{\n  "occupancy": true\n}\n')) == [("motion", 1.0)]


def test_a_lamp_says_nothing_of_concern() -> None:
    batch = decoded("zigbee2mqtt/h1/lamp", b'{\n  "state": "ON",\n  "brightness": 215,\n  "color_temp": 325\n}\n')
    assert len(batch.readings) == 0
    assert not batch.rejects
    assert batch.ignored == 1


def test_availability_of_version_1_and_2() -> None:
    batch = decoded(
        "zigbee2mqtt/h1/lamp/availability", b"online", b"offline", b'{"state":"online"}', b'{"state": "offline"}',
        retained=True,
    )  # fmt: skip
    assert readings(batch) == [("online", 1.0), ("online", 0.0), ("online", 1.0), ("online", 0.0)]


def test_last_seen_is_the_event_time() -> None:
    batch = decoded(
        "zigbee2mqtt/h1/plug",
        b'{"state":"ON","linkquality":102,"last_seen":"2019-12-14T15:38:56.796Z"}',
        b'{"state":"ON","linkquality":102,"last_seen":"2019-12-14T16:38:56+01:00"}',
        b'{"state":"ON","linkquality":102,"last_seen":1576337936796}',
    )
    assert batch.readings.time.tolist() == [1_576_337_936_796_000, 1_576_337_936_000_000, 1_576_337_936_796_000]
    assert not batch.timeless.any()


def test_the_bridges_own_messages_are_ignored() -> None:
    assert decoded("zigbee2mqtt/bridge/state", b"online").ignored == 1
    logging = b'{"level": "info", "message": "Zigbee: allowing new devices to join."}'
    assert decoded("zigbee2mqtt/bridge/logging", logging).ignored == 1
    assert decoded("zigbee2mqtt/h1/lamp/set", b'{"state":"ON"}').ignored == 1


def test_an_emergency_button_without_last_seen_is_of_now() -> None:
    batch = decoded("zigbee2mqtt/h1/cord", b'{"action":"emergency","battery":100,"linkquality":70}')
    assert readings(batch) == [("sos", 1.0), ("battery", 100.0), ("link_quality", 70.0)]
    assert ages(batch) == [0.0, 0.0, 0.0]
    assert batch.timeless.tolist() == [True]
