"""What other sensors of the home say about somebody who fell: it raises or lowers the severity, with a reason. Pure.

Nothing here closes an incident, and an SOS is never lowered: a person asked for help. See docs/adr/0009-fusion.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.findings import Kind, Severity
from storage.evidence import Sign
from storage.incidents import Alert

SETTLES = timedelta(minutes=1)
"""Movement before this belongs to the fall itself, as for the long lie (detectors.fall)."""

STILL = timedelta(minutes=5)
"""So long nothing moved before stillness counts against somebody."""

HEART_LOW, HEART_HIGH = 40, 131
"""/min: three points of NEWS2 on their own (Royal College of Physicians, 2017)."""

HEART_READINGS = 2
"""One value may be an artefact."""

STEPS = 20
"""Turning over counts as a few steps on some wrists."""

FALLS = frozenset({Kind.FALL.value, Kind.LONG_LIE.value})


@dataclass(frozen=True, slots=True)
class Adjustment:
    """raises: else it lowers. about: the alert that it judges. reason: a message, with `evidence` as its arguments."""

    raises: bool
    about: int
    reason: str
    evidence: dict[str, object] = field(default_factory=dict)


def judge(alert: Alert, signs: Sequence[Sign], now: datetime) -> Adjustment | None:
    """What the home says since a fall or long lie; None where it says nothing.

    signs: readings of the resident's devices after the alert's event time, by time. The same ones in any number of
    looks give the same reason, because the first sign counts.
    """
    since = alert.event_time + SETTLES
    later = [sign for sign in signs if since <= sign.time <= now]
    sign = _first_sign(later)
    if sign is not None:
        reason, when = sign
        minutes = (when - alert.event_time).total_seconds() / 60
        return Adjustment(False, alert.id, reason, {"minutes": minutes})
    hearts = [s.value for s in later if s.metric == "heart_rate" and not HEART_LOW < s.value < HEART_HIGH]
    moved = any(s.metric in ("motion", "bed_occupied") and s.value == 1.0 for s in later)
    if now - alert.event_time >= STILL and not moved and len(hearts) >= HEART_READINGS:
        return Adjustment(True, alert.id, "fusion-still-abnormal-heart", {"heart_rate": hearts[HEART_READINGS - 1]})
    return None


def severity_after(adjustment: Adjustment, current: int, alerts: Sequence[Alert]) -> int:
    """The incident's severity after it; `alerts`: all of the incident.

    Lowered by one, never below MEDIUM, and only where nothing but falls is uncleared.
    """
    if adjustment.raises:
        return int(Severity.CRITICAL)
    if any(a.kind == Kind.SOS or (a.cleared_at is None and a.kind not in FALLS) for a in alerts):
        return current
    return min(current, max(current - 1, int(Severity.MEDIUM)))


def _first_sign(signs: Sequence[Sign]) -> tuple[str, datetime] | None:
    """The first that somebody who lies on the floor does not give: reason and time."""
    rooms: set[int] = set()
    steps: dict[int, float] = {}
    for sign in signs:
        if sign.metric == "motion" and sign.value == 1.0:
            rooms.add(sign.device_id)
            if len(rooms) > 1:
                return "fusion-other-room", sign.time
        elif sign.metric == "door_open" and sign.value == 1.0:
            return "fusion-door-opened", sign.time
        elif sign.metric == "bed_occupied" and sign.value == 1.0:
            return "fusion-in-bed", sign.time
        elif sign.metric == "steps" and sign.value - steps.setdefault(sign.device_id, sign.value) >= STEPS:
            return "fusion-steps", sign.time
    return None
