"""What a device noticed, before it is put into bytes, and the message that carries it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Record:
    """One value of one metric of `core.metrics`, in the metric's own unit.

    offset: seconds before (negative) or after the observation's time.
    """

    metric: str
    value: float | bool
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Records:
    """Values that a device sends together. event: they are worth a message of their own at once, not a routine pack."""

    values: tuple[Record, ...]
    event: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A position. latitude, longitude: degrees, WGS 84; accuracy: metres; battery: per cent, None where not told."""

    latitude: float
    longitude: float
    accuracy: float
    battery: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Acceleration around a wearable's own trigger: int16[n, 3] milli-g, `rate` samples a second."""

    samples: Samples
    rate: float


@dataclass(frozen=True, slots=True)
class Observation:
    """What a device has to send.

    at: when it sends, micros of the simulation's clock. time: when it happened, by the device's clock; both are the
    same for most messages and differ where a device waits, sends late or has a wrong clock.
    """

    at: int
    time: int
    household: str
    device: str
    body: Records | Fix | Clip


@dataclass(frozen=True, slots=True)
class Message:
    """An MQTT message that is due at `at` (micros of the simulation's clock), QoS 1.

    urgent: the device keeps it until the broker has acknowledged it, so that no bad line loses it.
    """

    at: int
    household: str
    device: str
    topic: str
    payload: bytes
    retain: bool = False
    urgent: bool = False


def values(
    time: int, household: str, device: str, *records: tuple[str, float | bool], event: bool = False
) -> Observation:
    """An observation of some metrics that is sent when it is made."""
    return Observation(time, time, household, device, Records(tuple(Record(*r) for r in records), event))
