"""Observations into MQTT messages, each device in its own dialect."""

from typing import Final

from core.topics import OWNTRACKS_ROOT, ZIGBEE2MQTT_ROOT, Channel, topic
from device_sim.encoders import owntracks, senml, waveform, zigbee2mqtt
from device_sim.homes import Dialect, HomeDevice
from device_sim.observations import Clip, Fix, Message, Observation, Records

_URGENT: Final = frozenset({"sos", "fall_flag", "cancel", "smoke", "gas", "carbon_monoxide", "water_leak"})


class DialectError(ValueError):
    """A device was asked to send what its dialect has no words for."""


def encode(device: HomeDevice, seen: Observation) -> Message:
    """The message that carries an observation. Raises DialectError where the device's dialect has no such message."""
    match seen.body:
        case Records():
            return _records(device, seen, seen.body)
        case Fix():
            return _fix(device, seen, seen.body)
        case Clip():
            if device.dialect not in _SENML:
                raise DialectError(f"{device.dialect} carries no waveforms")
            tagged = device.dialect is Dialect.SENML_CBOR
            payload = waveform.encode(seen.body.samples, seen.body.rate, seen.time, tagged=tagged)
            return _message(seen, topic(seen.household, seen.device, Channel.WAVEFORM), payload, urgent=True)


_SENML: Final = (Dialect.SENML_JSON, Dialect.SENML_CBOR)


def _records(device: HomeDevice, seen: Observation, body: Records) -> Message:
    urgent = any(r.metric in _URGENT and bool(r.value) for r in body.values)
    channel = Channel.EVENT if body.event else Channel.TELEMETRY
    match device.dialect:
        case Dialect.ZIGBEE2MQTT:
            address = f"{ZIGBEE2MQTT_ROOT}/{seen.household}/{seen.device}"
            return _message(seen, address, zigbee2mqtt.state(body.values, seen.time), urgent=urgent)
        case Dialect.SENML_JSON:
            # 32473 is the enterprise number for examples (RFC 5612), `ops` a device by maker and serial (RFC 9039).
            rows = senml.pack(body.values, seen.time, f"urn:dev:ops:32473-kanhu-{seen.household}.{seen.device}:")
            return _message(seen, topic(seen.household, seen.device, channel), senml.to_json(rows), urgent=urgent)
        case Dialect.SENML_CBOR:
            payload = senml.to_cbor(senml.pack(body.values, seen.time))
            return _message(seen, topic(seen.household, seen.device, channel), payload, urgent=urgent)
        case Dialect.OWNTRACKS:
            raise DialectError("OwnTracks sends positions only")


def _fix(device: HomeDevice, seen: Observation, body: Fix) -> Message:
    if device.dialect is Dialect.ZIGBEE2MQTT:
        raise DialectError("Zigbee2MQTT sends no positions")
    address = (
        f"{OWNTRACKS_ROOT}/{seen.household}/{seen.device}"
        if device.dialect is Dialect.OWNTRACKS
        else topic(seen.household, seen.device, Channel.LOCATION)
    )
    return _message(seen, address, owntracks.location(body, seen.time, seen.at, seen.device[:2]))


def _message(seen: Observation, address: str, payload: bytes, *, urgent: bool = False) -> Message:
    return Message(seen.at, seen.household, seen.device, address, payload, urgent=urgent)


def birth(household: str, device: HomeDevice, at: int) -> Message | None:
    """What says that the device is there, retained; None for a phone with OwnTracks, which has no such message."""
    return _presence(household, device, at, online=True)


def last_will(household: str, device: HomeDevice, at: int) -> Message:
    """What the broker is to say when the device is lost."""
    presence = _presence(household, device, at, online=False)
    if presence is None:
        return Message(
            at, household, device.code, f"{OWNTRACKS_ROOT}/{household}/{device.code}", owntracks.last_will(at)
        )
    return presence


def _presence(household: str, device: HomeDevice, at: int, *, online: bool) -> Message | None:
    match device.dialect:
        case Dialect.OWNTRACKS:
            return None
        case Dialect.ZIGBEE2MQTT:
            address = f"{ZIGBEE2MQTT_ROOT}/{household}/{device.code}/availability"
            payload = zigbee2mqtt.availability(online=online)
        case Dialect.SENML_JSON | Dialect.SENML_CBOR:
            address = topic(household, device.code, Channel.STATUS)
            payload = b'{"online":true}' if online else b'{"online":false}'
    return Message(at, household, device.code, address, payload, retain=True)
