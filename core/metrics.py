"""The metric registry: every kind of value Kanhu knows, with its unit, LOINC code and plausible range.

A metric's id is what the `reading` table stores: it never changes and is never used again for something else.
Units are UCUM (https://ucum.org); SenML writes some of them differently (RFC 8428 §12.1), which `accepted_units` knows.
The plausible range is what a working sensor on a living person, or in a home, can report. It is no clinical limit:
a value outside it is a fault of the sensor and goes to quarantine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np


class Kind(StrEnum):
    """How a metric's value is to be read."""

    QUANTITY = "quantity"
    BOOLEAN = "boolean"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    `scales` maps further units a device may send to (factor, offset) with value = sent * factor + offset.
    """

    id: int
    name: str
    unit: str
    low: float
    high: float
    kind: Kind = Kind.QUANTITY
    loinc: str | None = None
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def _boolean(metric_id: int, name: str) -> Metric:
    return Metric(metric_id, name, "1", 0.0, 1.0, Kind.BOOLEAN, scales={"": (1.0, 0.0), "/": (1.0, 0.0)})


_SAME = (1.0, 0.0)
_FAHRENHEIT = (5.0 / 9.0, -160.0 / 9.0)
_PERCENT_OF_RATIO = (100.0, 0.0)
_CELSIUS = {"[degF]": _FAHRENHEIT, "degC": _SAME, "K": (1.0, -273.15)}
_PER_MINUTE = {"beat/min": _SAME, "1/min": _SAME, "{beats}/min": _SAME, "{breaths}/min": _SAME, "Hz": (60.0, 0.0)}
_PERCENT = {"/": _PERCENT_OF_RATIO, "1": _PERCENT_OF_RATIO, "%EL": _SAME, "%RH": _SAME}

METRICS: tuple[Metric, ...] = (
    # vital signs: LOINC codes of the FHIR R4 vital-signs profiles
    Metric(1, "heart_rate", "/min", 20, 300, loinc="8867-4", scales=_PER_MINUTE),
    Metric(2, "respiratory_rate", "/min", 2, 80, loinc="9279-1", scales=_PER_MINUTE),
    Metric(3, "spo2", "%", 40, 100, loinc="59408-5", scales=_PERCENT),
    Metric(4, "body_temperature", "Cel", 25, 45, loinc="8310-5", scales=_CELSIUS),
    Metric(5, "systolic_bp", "mm[Hg]", 40, 300, loinc="8480-6", scales={"mmHg": _SAME, "kPa": (7.50061683, 0.0)}),
    Metric(6, "diastolic_bp", "mm[Hg]", 20, 200, loinc="8462-4", scales={"mmHg": _SAME, "kPa": (7.50061683, 0.0)}),
    Metric(7, "blood_glucose", "mmol/L", 0.5, 50, loinc="15074-8", scales={"mg/dL": (1 / 18.0156, 0.0)}),
    Metric(8, "body_weight", "kg", 15, 400, loinc="29463-7", scales={"g": (0.001, 0.0), "[lb_av]": (0.45359237, 0.0)}),
    # ACVPU of NEWS2: 0 alert, 1 new confusion, 2 voice, 3 pain, 4 unresponsive
    Metric(9, "consciousness", "1", 0, 4, Kind.CODE, loinc="67775-7", scales={"": _SAME, "/": _SAME}),
    _boolean(10, "supplemental_oxygen"),
    # the wearer
    _boolean(20, "sos"),
    _boolean(21, "fall_flag"),
    _boolean(22, "cancel"),
    _boolean(23, "worn"),
    Metric(24, "steps", "1", 0, 200_000, loinc="55423-8", scales={"": _SAME, "/": _SAME, "{steps}": _SAME}),
    # the home: names follow Home Assistant's device classes
    _boolean(40, "motion"),
    _boolean(41, "door_open"),
    _boolean(42, "bed_occupied"),
    _boolean(43, "smoke"),
    _boolean(44, "gas"),
    _boolean(45, "carbon_monoxide"),
    _boolean(46, "water_leak"),
    Metric(47, "room_temperature", "Cel", -40, 80, scales=_CELSIUS),
    Metric(48, "humidity", "%", 0, 100, scales=_PERCENT),
    Metric(49, "power", "W", -50_000, 50_000, scales={"kW": (1000.0, 0.0)}),
    Metric(50, "illuminance", "lx", 0, 200_000),
    # the device itself
    Metric(60, "battery", "%", 0, 100, scales=_PERCENT),
    _boolean(61, "online"),
    Metric(62, "link_quality", "1", 0, 255, scales={"": _SAME, "/": _SAME}),
)

BY_NAME: Mapping[str, Metric] = MappingProxyType({m.name: m for m in METRICS})
BY_ID: Mapping[int, Metric] = MappingProxyType({m.id: m for m in METRICS})

_SIZE = max(BY_ID) + 1
# Indexed by metric id; NaN where there is no such metric, so that every comparison with it is false.
LOW = np.full(_SIZE, np.nan)
HIGH = np.full(_SIZE, np.nan)
for _metric in METRICS:
    LOW[_metric.id] = _metric.low
    HIGH[_metric.id] = _metric.high
LOW.setflags(write=False)
HIGH.setflags(write=False)


class UnitError(ValueError):
    """The unit is not one that this metric can be given in."""


def metric_id(name: str) -> int:
    """The id of a metric that the code itself names. Raises KeyError for a name that is not registered."""
    return BY_NAME[name].id


def conversion(metric: Metric, unit: str | None) -> tuple[float, float]:
    """(factor, offset) from `unit` to the metric's own unit; no unit at all means the metric's own.

    Raises UnitError for a unit that does not fit the metric.
    """
    if unit is None or unit == metric.unit:
        return _SAME
    try:
        return metric.scales[unit]
    except KeyError:
        known = ", ".join([metric.unit, *(u for u in metric.scales if u)])
        raise UnitError(f"unit {unit!r} does not fit {metric.name} (it takes {known})") from None


def plausible(metric: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Which of the values lie within their metric's plausible range.

    Args: metric int16[n] of registered ids; value float64[n] in the metrics' own units. Returns bool[n]; NaN is never
    plausible.
    """
    return np.asarray((value >= LOW[metric]) & (value <= HIGH[metric]))
