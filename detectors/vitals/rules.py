"""What in a person's vital signs is worth a look, and how long it must last: tables, no state.

Sources: NEWS2 thresholds are the chart's (see `detectors.vitals.news2`), trends are those of `detectors.vitals.trends`.
Critical values are those at which the MERIT study called the medical emergency team (Lancet 365:2091, 2005: respiration
< 5 or > 36, pulse < 40 or > 140, systolic < 90), moved further out where old people at home pass them in their sleep or
with a bad cuff (pulse 35, systolic 80). For SpO2 it is 85 %, on Scale 2 80 %: well below where the chart gives its 3
points. The default limits for blood pressure and pulse are those that fit a clinical team's alerts in the TIHM study
(Palermo et al., Scientific Data, 2023): given with the recordings but for the low diastolic one, 54, which is what
`kanhu evaluate vitals` chooses for each home from all others. A systolic pressure of 90 has 3 points in NEWS2, so that
limit stays, though there a lower one is chosen. A temperature of 38 is one that NEWS2 makes little of, and fever in an
old person (above 37.8: IDSA, High et al., Clinical Infectious Diseases 48:149, 2009).
"""

from dataclasses import dataclass

import numpy as np

from core.care import CarePlan
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Queue, Severity
from core.metrics import metric_id
from core.readings import Float64
from detectors.vitals import news2

VITALS: tuple[str, ...] = (*news2.PARAMETERS, "diastolic_bp", "blood_glucose", "body_weight")
"""Names in `core.metrics`; their order is that of every array [n, 10] here and in `detectors.vitals.detector`. NEWS2's
come first, in the chart's order.
"""

MEASURED = tuple(name for name in VITALS if name not in {"consciousness", "supplemental_oxygen"})
"""Those that have limits."""

VITAL_IDS = np.array([metric_id(name) for name in VITALS], np.int16)


def _each(other: float, **given: float) -> Float64:
    return np.array([given.get(name, other) for name in VITALS])


FRESH = _each(
    12 * HOUR,
    heart_rate=15 * MINUTE, respiratory_rate=15 * MINUTE, spo2=15 * MINUTE, supplemental_oxygen=24 * HOUR,
).astype(np.int64)  # fmt: skip
"""Micros for which a value counts in NEWS2. Pulse, respiration and saturation change within minutes; the rest counts
for the longest interval that the report allows between two observations, 12 h; oxygen is on until it is said to be off,
within a day, so that a forgotten entry does not add two points for ever."""

BY_WORN = np.array([name in {"heart_rate", "respiratory_rate", "spo2", "body_temperature"} for name in VITALS])
"""Means nothing from a device that says it is not worn."""

UNWORN_LONGEST = 12 * HOUR
"""A night on the charger, and some hours of forgetting it there."""

WALKING_HIDES = _each(-1, heart_rate=30 * MINUTE, respiratory_rate=30 * MINUTE, spo2=10 * MINUTE).astype(np.int64)
"""Micros for which a walk hides it at most, -1 for what it does not hide: the pulse is high by right, and an optical
sensor counts steps. No longer, for a step counter may count what is no walking, and a saturation that stays low for so
long is one that falls with effort."""

JUMP = _each(np.inf, heart_rate=50.0, respiratory_rate=20.0, spo2=12.0, body_temperature=2.0)
JUMP_WITHIN = 5 * MINUTE
"""A body does not change that much in that time: such a reading counts in NEWS2 only when the next one agrees."""

DEVIATION_FLOOR = _each(
    np.nan,
    heart_rate=4.0, respiratory_rate=1.5, spo2=0.7, body_temperature=0.2, systolic_bp=6.0, diastolic_bp=4.0,
)  # fmt: skip
"""Least median absolute deviation of a personal baseline; NaN: no baseline."""

ONLY_LOW = np.array([name == "spo2" for name in VITALS])
"""Unusually high is no worry."""

RECOVERY = _each(
    0.0,
    heart_rate=3.0, respiratory_rate=2.0, spo2=1.0, body_temperature=0.2, systolic_bp=5.0, diastolic_bp=3.0,
    blood_glucose=0.3, body_weight=0.3,
)  # fmt: skip
"""How far within a limit a value must be again before the episode may end."""

_DEFAULT_LOW = {"heart_rate": 50.0, "systolic_bp": 90.0, "diastolic_bp": 54.0}
_DEFAULT_HIGH = {"heart_rate": 100.0, "systolic_bp": 160.0, "diastolic_bp": 100.0, "body_temperature": 38.0}
_CRITICAL_LOW = {"heart_rate": 35.0, "respiratory_rate": 5.0, "systolic_bp": 80.0}
_CRITICAL_HIGH = {"heart_rate": 140.0, "respiratory_rate": 36.0}

CRITICAL_LOW = np.stack(
    [_each(-np.inf, **_CRITICAL_LOW, spo2=85.0), _each(-np.inf, **_CRITICAL_LOW, spo2=80.0)], axis=0
)
"""[2, 10]: a value below is critical; first row SpO2 Scale 1, second Scale 2, whose target is lower."""

CRITICAL_HIGH = _each(np.inf, **_CRITICAL_HIGH)
"""[10]: a value above is critical."""


def limits(plan: CarePlan) -> tuple[Float64, Float64]:
    """Low and high [10]: a value at or beyond is outside. A side that the plan leaves open keeps the default for
    adults (or none). Limits of metrics that are no vital sign have no effect here.
    """
    low, high = dict(_DEFAULT_LOW), dict(_DEFAULT_HIGH)
    for name, given in plan.limits.items():
        if name not in VITALS:
            continue
        if given.low is not None:
            low[name] = given.low
        if given.high is not None:
            high[name] = given.high
    return _each(-np.inf, **low), _each(np.inf, **high)


@dataclass(frozen=True, slots=True)
class Rule:
    """When something becomes a finding and when it is over. Times in micros.

    count, lasting: so many consecutive readings over so long. gap: readings further apart are not consecutive.
    unrefuted: raised as well when it has lasted this long and no reading said otherwise. by_margin: only a reading that
    is well by the margin says otherwise. recover: two readings over so long that are well again end it. renew: what
    still goes on after this is raised again; None: on the next local day. refuted: the reason given, as low, for what a
    reading refuted; None: none.
    outranked_by: names of rules whose open finding says this already.
    """

    name: str
    queue: Queue
    severity: Severity
    reason: str
    count: int
    lasting: int
    gap: int
    recover: int
    renew: int | None
    unrefuted: int | None = None
    by_margin: bool = False
    refuted: str | None = None
    outranked_by: tuple[str, ...] = ()


def _emergency(
    name: str, severity: Severity, reason: str, count: int, lasting: int, gap: int, unrefuted: int | None = None
) -> Rule:
    return Rule(
        name,
        Queue.EMERGENCY,
        severity,
        reason,
        count,
        lasting,
        gap,
        recover=10 * MINUTE,
        renew=HOUR,
        unrefuted=unrefuted,
    )


_DAILY = 18 * HOUR
"""Raised again the next day: people measure at about the same time, so after less than a day."""

# A person gives the level of consciousness, not a sensor, so it needs no second reading. New confusion may be a stroke.
UNRESPONSIVE = _emergency("unresponsive", Severity.CRITICAL, "vitals-unresponsive", 1, 0, DAY)
CONFUSED = _emergency("confused", Severity.HIGH, "vitals-confused", 1, 0, DAY)

NEWS2_HIGH = _emergency("news2_high", Severity.HIGH, "vitals-news2-high", 2, MINUTE, 30 * MINUTE, 5 * MINUTE)
NEWS2_MEDIUM = Rule(
    "news2_medium", Queue.CARE, Severity.HIGH, "vitals-news2-medium", 2, 5 * MINUTE, 30 * MINUTE,
    recover=30 * MINUTE, renew=_DAILY, unrefuted=10 * MINUTE, outranked_by=("news2_high",),
)  # fmt: skip
NEWS2_SINGLE = Rule(
    "news2_single", Queue.CARE, Severity.MEDIUM, "vitals-news2-single", 2, 5 * MINUTE, 30 * MINUTE,
    recover=30 * MINUTE, renew=_DAILY, outranked_by=("news2_high", "news2_medium"),
)  # fmt: skip
NEWS2_RULES = ((NEWS2_HIGH, 7), (NEWS2_MEDIUM, 5), (NEWS2_SINGLE, 3))
"""With the aggregate, or for NEWS2_SINGLE the points of one parameter, from which each holds."""

# (count, lasting, gap): how long a critical value must last.
_CRITICAL_FOR = {
    "spo2": (2, 30 * SECOND, 15 * MINUTE),
    "heart_rate": (3, 3 * MINUTE, 15 * MINUTE),
    "respiratory_rate": (3, 2 * MINUTE, 15 * MINUTE),
    "systolic_bp": (2, 30 * SECOND, HOUR),
}
# How long readings of a sensor that measures all the time must be beyond a limit; others: two readings.
_LIMIT_FOR = {"heart_rate": 10 * MINUTE, "respiratory_rate": 10 * MINUTE, "spo2": 5 * MINUTE}
_LIMIT_UNREFUTED = 30 * MINUTE
"""Blood pressure and weight are mostly taken once a day: a reading that is not taken again soon has to do. In the TIHM
homes three of four days with blood pressure had one reading; two on end would have missed three of four alerts."""
_SAID_ONCE = frozenset({"systolic_bp", "diastolic_bp", *_LIMIT_FOR})
"""What somebody measures on purpose, sitting still: the clinical team acted on such a value beyond the limits also
where the next was well, so that is said, as low."""
SPOT_INTERVAL = HOUR
"""A device for vital signs that promises a message no more often than this, or none, is one that somebody takes up to
measure (a cuff, a clip): its pulse needs no ten minutes."""
_LIMIT_GAP = 36 * HOUR


def _critical(side: str, name: str) -> Rule:
    count, lasting, gap = _CRITICAL_FOR[name]
    return _emergency(f"critical_{side}:{name}", Severity.CRITICAL, f"vitals-critical-{side}", count, lasting, gap)


def _limit(side: str, name: str) -> Rule:
    return Rule(
        f"limit_{side}:{name}", Queue.CARE, Severity.MEDIUM, f"vitals-limit-{side}", 2, _LIMIT_FOR[name], _LIMIT_GAP,
        recover=_LIMIT_FOR[name], renew=_DAILY, unrefuted=_LIMIT_UNREFUTED,
    )  # fmt: skip


def _spot_limit(side: str, name: str) -> Rule:
    return Rule(
        f"spot_{side}:{name}", Queue.CARE, Severity.MEDIUM, f"vitals-limit-{side}", 2, 0, _LIMIT_GAP,
        recover=0, renew=None, unrefuted=_LIMIT_UNREFUTED, by_margin=True,
        refuted=f"vitals-limit-{side}-once" if name in _SAID_ONCE else None,
    )  # fmt: skip


CRITICAL_RULES = {
    (side, name): _critical(side, name)
    for side, names in (("low", [*_CRITICAL_LOW, "spo2"]), ("high", [*_CRITICAL_HIGH]))
    for name in names
}
LIMIT_RULES = {(side, name): _limit(side, name) for side in ("low", "high") for name in _LIMIT_FOR}
"""For what a sensor measures all the time."""
SPOT_RULES = {(side, name): _spot_limit(side, name) for side in ("low", "high") for name in MEASURED}
"""For what is measured now and then: everything that LIMIT_RULES has not, and that too from a device for it. Found
again each local day."""
BASELINE_RULES = {
    name: Rule(
        f"baseline:{name}", Queue.CARE, Severity.LOW, "vitals-unusual", 3, HOUR, _LIMIT_GAP, recover=HOUR, renew=7 * DAY
    )
    for name, floor in zip(VITALS, DEVIATION_FLOOR, strict=True)
    if not np.isnan(floor)
}

WEIGHT_GAIN = Rule(
    "weight_gain", Queue.CARE, Severity.MEDIUM, "vitals-weight-gain", 1, 0, DAY, recover=12 * HOUR, renew=3 * DAY
)
"""By `trends.weight_gain`; after three days it is another gain."""
WEIGHT_LOSS = Rule(
    "weight_loss", Queue.CARE, Severity.MEDIUM, "vitals-weight-loss", 1, 0, DAY, recover=12 * HOUR, renew=7 * DAY
)
DRIFT_RULES = {
    name: Rule(
        f"drift:{name}", Queue.CARE, Severity.MEDIUM, "vitals-drift", 2, 36 * HOUR, 4 * DAY,
        recover=12 * HOUR, renew=7 * DAY,
    )
    for name in ("systolic_bp", "diastolic_bp")
}  # fmt: skip
"""By `trends.drift`, on three days at least, for one more measurement moves the middle of a week."""
UNWORN_RULES = {
    name: Rule(
        f"unworn:{name}", Queue.CARE, Severity.LOW, "vitals-unworn", 2, UNWORN_LONGEST, 2 * HOUR,
        recover=0, renew=7 * DAY,
    )
    for name, by_worn in zip(VITALS, BY_WORN, strict=True)
    if by_worn
}  # fmt: skip
"""Beyond a limit, or critical, from a device that says it is not worn."""

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        UNRESPONSIVE, CONFUSED, NEWS2_HIGH, NEWS2_MEDIUM, NEWS2_SINGLE,
        *CRITICAL_RULES.values(), *LIMIT_RULES.values(), *SPOT_RULES.values(), WEIGHT_GAIN, WEIGHT_LOSS,
        *DRIFT_RULES.values(), *BASELINE_RULES.values(), *UNWORN_RULES.values(),
    )
}  # fmt: skip
