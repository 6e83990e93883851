"""What detectors know about people and devices: the care context. Read from the store, handed in, never fetched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec


class DeviceKind(StrEnum):
    """What a device is, which says what its silence means."""

    WEARABLE = "wearable"
    TRACKER = "tracker"
    SOS_BUTTON = "sos_button"
    MOTION = "motion"
    DOOR = "door"
    BED = "bed"
    SMOKE = "smoke"
    GAS = "gas"
    WATER = "water"
    CLIMATE = "climate"
    VITALS = "vitals"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Device:
    """A device as ingest and detectors know it.

    interval: seconds between two messages of a working one; 0 for one that speaks only when something happens.
    room: where it hangs ("kitchen", "bathroom", "front_door", …), "" for a worn one.
    """

    id: int
    code: str
    household: str
    resident: int
    kind: DeviceKind
    interval: int
    room: str = ""


class Zone(msgspec.Struct, frozen=True):
    """A circle on the map. inside: the resident should stay within; else should stay out.

    latitude, longitude: degrees, WGS 84. radius: metres. dwell: seconds outside before it counts.
    """

    name: str
    latitude: float
    longitude: float
    radius: float
    inside: bool = True
    dwell: int = 120


class Limits(msgspec.Struct, frozen=True):
    """Hard limits for one metric, always applied on top of NEWS2; in the metric's own unit."""

    low: float | None = None
    high: float | None = None


class CarePlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is agreed for one resident. Stored as JSON, checked on the way in; every field has a default.

    spo2_scale: NEWS2 Scale 1, or 2 for a prescribed target of 88 to 92 % (hypercapnic respiratory failure).
    inactivity_hours: a fixed limit on silence in the home, None for the learnt profile.
    home_by: local time "HH:MM" by which the resident should be home, None for no such time.
    quiet_start, quiet_end: local hours in which care and maintenance do not ring; emergencies always do.
    room_low, room_high: degrees Celsius.
    """

    timezone: str = "Asia/Shanghai"
    spo2_scale: int = 1
    limits: dict[str, Limits] = {}
    zones: tuple[Zone, ...] = ()
    home_by: str | None = None
    inactivity_hours: float | None = None
    bathroom_minutes: int = 60
    quiet_start: str = "22:00"
    quiet_end: str = "07:00"
    room_low: float = 12.0
    room_high: float = 35.0
    fall_countdown: int = 20


@dataclass(frozen=True, slots=True)
class Resident:
    """A resident as detectors know them: no name, no address. birth_year 0 where unknown."""

    id: int
    household: str
    plan: CarePlan = field(default_factory=CarePlan)
    birth_year: int = 0


@dataclass(frozen=True, slots=True)
class CareContext:
    """All devices and residents of one worker. A new one replaces it when something changed."""

    devices: Mapping[int, Device] = field(default_factory=dict)
    residents: Mapping[int, Resident] = field(default_factory=dict)
