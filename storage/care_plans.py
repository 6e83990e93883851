"""Care plans: checked field by field on the way in, stored as JSON, never half-read.

`core.care.CarePlan` says what a plan is; here is what its values may be, so that whoever writes one (the API, a roster)
is told which field is wrong and why.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from core.care import CarePlan, Limits, Zone
from core.metrics import BY_NAME
from core.zones import time_zone
from storage.pool import Connection
from storage.rows import execute, fetch_value

_LOCAL_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
# "… - at `$.zones[0].radius`" in a message of msgspec
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>[^\]]*)\]")


class CarePlanError(ValueError):
    """The plan is wrong. problems: (JSON pointer of the field, what is wrong with it), one or more."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{pointer or 'the plan'}: {detail}" for pointer, detail in problems))
        self.problems = problems


def check(data: object) -> CarePlan:
    """A plan from JSON values. Raises CarePlanError that names every wrong field."""
    strange = list(_strange_or_wrong(data))
    if strange:
        raise CarePlanError(strange)
    try:
        plan = msgspec.convert(data, CarePlan)
    except msgspec.ValidationError as error:
        raise CarePlanError([_located(str(error))]) from error
    problems = list(_problems(plan))
    if problems:
        raise CarePlanError(problems)
    return plan


def to_json(plan: CarePlan) -> dict[str, Any]:
    """The plan as JSON values with every default written out: what a person reads."""
    return {name: msgspec.to_builtins(getattr(plan, name)) for name in CarePlan.__struct_fields__}


def version(plan: CarePlan) -> str:
    """Changes whenever the plan does: for a reader who writes it back."""
    text = json.dumps(to_json(plan), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


async def read(connection: Connection, resident_id: int) -> CarePlan | None:
    """The plan of a resident, locked until the transaction ends; None where there is no such resident."""
    stored = await fetch_value(connection, dict, "people.care_plan", {"id": resident_id})
    return None if stored is None else msgspec.convert(stored, CarePlan)


async def write(connection: Connection, resident_id: int, plan: CarePlan) -> None:
    """Replace the plan of a resident."""
    given = {"id": resident_id, "care_plan": Jsonb(msgspec.to_builtins(plan))}
    await execute(connection, "people.set_care_plan", given)


def _strange_or_wrong(data: object) -> Iterator[tuple[str, str]]:
    # A misspelt field would be a threshold that silently isn't there.
    yield from _strange("", data, CarePlan)
    if not isinstance(data, Mapping):
        return
    zones = data.get("zones")
    for index, zone in enumerate(zones if isinstance(zones, list | tuple) else ()):
        yield from _strange(f"/zones/{index}", zone, Zone)
    limits = data.get("limits")
    for metric, pair in limits.items() if isinstance(limits, Mapping) else ():
        yield from _strange(f"/limits/{metric}", pair, Limits)
        try:
            msgspec.convert(pair, Limits)
        except msgspec.ValidationError as error:
            # On its own, because msgspec does not name the key of a mapping.
            pointer, detail = _located(str(error))
            yield f"/limits/{metric}{pointer}", detail


def _strange(pointer: str, data: object, kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    known = kind.__struct_fields__
    for name in data if isinstance(data, Mapping) else ():
        if name not in known:
            yield f"{pointer}/{name}", f"there is no such field; there are {', '.join(known)}"


def _located(message: str) -> tuple[str, str]:
    found = _AT.search(message)
    if found is None:
        return "", message
    steps = (step["name"] or step["index"] for step in _STEP.finditer(found["path"]))
    return "".join(f"/{step}" for step in steps), message[: found.start()]


def _problems(plan: CarePlan) -> Iterator[tuple[str, str]]:
    try:
        time_zone(plan.timezone)
    except ValueError:
        yield "/timezone", f"{plan.timezone!r} is no IANA time zone such as Asia/Shanghai"
    if plan.spo2_scale not in (1, 2):
        yield "/spo2_scale", "NEWS2 has Scale 1 and Scale 2"
    for field in ("home_by", "quiet_start", "quiet_end"):
        value = getattr(plan, field)
        if value is not None and not _LOCAL_TIME.fullmatch(value):
            yield f"/{field}", f"{value!r} is no local time HH:MM"
    if plan.inactivity_hours is not None and not 0 < plan.inactivity_hours <= 168:
        yield "/inactivity_hours", "more than 0 and at most 168 (a week)"
    if not 1 <= plan.bathroom_minutes <= 1440:
        yield "/bathroom_minutes", "1 to 1440 (a day)"
    if not 0 <= plan.fall_countdown <= 120:
        yield "/fall_countdown", "0 to 120 seconds"
    if not -40 <= plan.room_low < plan.room_high <= 80:
        yield "/room_low", "room_low lies below room_high, both within -40 to 80 degrees Celsius"
    for name, limits in plan.limits.items():
        yield from _limit_problems(name, limits)
    for index, zone in enumerate(plan.zones):
        yield from _zone_problems(f"/zones/{index}", zone)


def _limit_problems(name: str, limits: Limits) -> Iterator[tuple[str, str]]:
    metric = BY_NAME.get(name)
    if metric is None:
        yield f"/limits/{name}", f"{name!r} is no metric"
        return
    for side in ("low", "high"):
        value = getattr(limits, side)
        if value is not None and not metric.low <= value <= metric.high:
            yield f"/limits/{name}/{side}", f"{metric.low:g} to {metric.high:g} {metric.unit}"
    if limits.low is not None and limits.high is not None and limits.low >= limits.high:
        yield f"/limits/{name}/low", "low lies below high"


def _zone_problems(pointer: str, zone: Zone) -> Iterator[tuple[str, str]]:
    if not zone.name:
        yield f"{pointer}/name", "a zone has a name"
    if not -90 <= zone.latitude <= 90:
        yield f"{pointer}/latitude", "-90 to 90 degrees"
    if not -180 <= zone.longitude <= 180:
        yield f"{pointer}/longitude", "-180 to 180 degrees"
    if not 10 <= zone.radius <= 100_000:
        yield f"{pointer}/radius", "10 to 100000 metres"
    if not 0 <= zone.dwell <= 86_400:
        yield f"{pointer}/dwell", "0 to 86400 seconds (a day)"
