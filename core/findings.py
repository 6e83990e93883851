"""What a detector says: findings, with their kind, severity and queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a finding is about. The name is part of the alert's dedup key: it never changes its meaning."""

    SOS = "sos"
    FALL = "fall"
    LONG_LIE = "long_lie"
    INACTIVITY = "inactivity"
    NIGHT_WANDERING = "night_wandering"
    LONG_IN_BATHROOM = "long_in_bathroom"
    VITALS = "vitals"
    WANDERING = "wandering"
    NOT_HOME = "not_home"
    SMOKE = "smoke"
    GAS = "gas"
    CARBON_MONOXIDE = "carbon_monoxide"
    WATER_LEAK = "water_leak"
    HOME_TEMPERATURE = "home_temperature"
    DEVICE_SILENT = "device_silent"
    HOME_SILENT = "home_silent"
    BATTERY_LOW = "battery_low"
    NOT_WORN = "not_worn"
    CLOCK_WRONG = "clock_wrong"
    CHECK_OVERDUE = "check_overdue"
    CHECK_NEEDS_HELP = "check_needs_help"


class Queue(StrEnum):
    """Who looks at it: at once, today, or when there is time for the equipment."""

    EMERGENCY = "emergency"
    CARE = "care"
    MAINTENANCE = "maintenance"


class Severity(IntEnum):
    """How urgent. Within a queue the highest comes first."""

    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What a detector says about one resident.

    detector, version: who says it; with `device` and `episode` they make the dedup key, so the same evidence gives the
        same key however often and in whatever order it is seen.
    time: event time, micros: when it happened, not when it was noticed.
    episode: what tells this occurrence from the next of the same kind and device, derived from event times only.
    reason: name of a message in `core/wording/`; `evidence` holds its arguments and whatever else a person or a later
        measurement needs: JSON values only.
    score: probability that it is true, where the detector gives one.
    countdown: seconds in which the wearer may cancel before the incident opens; 0 opens it at once.
    clears: the episode is over (the silent device speaks again): attaches to the alert, raises nothing.
    eases: the episode goes better than it looked (somebody who fell walks again): makes the incident less urgent,
        raises nothing. Has the key of what it eases.
    """

    kind: Kind
    queue: Queue
    severity: Severity
    resident: int
    device: int
    time: int
    detector: str
    version: int
    episode: str
    reason: str
    evidence: Mapping[str, object] = field(default_factory=dict)
    score: float | None = None
    countdown: int = 0
    clears: bool = False
    eases: bool = False

    @property
    def dedup_key(self) -> str:
        """`kind:version:device:episode`; of the same key only the first becomes an alert."""
        return f"{self.kind}:{self.version}:{self.device or f'r{self.resident}'}:{self.episode}"
