"""Incidents, their alerts, audit trail and timers. What may happen to them is the business of `alerts.service`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value

QUEUES: tuple[str, ...] = ("emergency", "care", "maintenance")
"""The most urgent first."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What a person works on: one row, see the schema. `state` is one of `alerts.lifecycle.State`."""

    id: int
    resident_id: int
    queue: str
    state: str
    severity: int
    kind: str
    event_time: datetime
    raised_at: datetime
    opened_at: datetime | None
    claimed_by: int | None
    claimed_at: datetime | None
    first_claimed_at: datetime | None
    contacted_at: datetime | None
    dispatched_at: datetime | None
    on_scene_at: datetime | None
    ended_at: datetime | None
    closure_code: str | None
    closure_note: str
    policy: Mapping[str, Any]
    storm_id: int | None


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored finding. reason: name of a message in `core.wording`, with `evidence` as its arguments."""

    id: int
    dedup_key: str
    incident_id: int
    resident_id: int
    device_id: int | None
    kind: str
    queue: str
    severity: int
    event_time: datetime
    raised_at: datetime
    detector: str
    version: int
    reason: str
    evidence: Mapping[str, Any]
    score: float | None
    cleared_at: datetime | None
    clear_reason: str | None


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert that is not stored yet."""

    dedup_key: str
    incident_id: int
    resident_id: int
    device_id: int | None
    kind: str
    queue: str
    severity: int
    event_time: datetime
    raised_at: datetime
    detector: str
    version: int
    reason: str
    evidence: Mapping[str, Any]
    score: float | None


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One line of the audit trail. from_state None: the incident came into being."""

    id: int
    incident_id: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    actor: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """What is due next: countdown, escalation or lease. step, round: of the escalation; a lease remembers them."""

    incident_id: int
    kind: str
    due_at: datetime
    step: int
    round: int


@dataclass(frozen=True, slots=True)
class Wearable:
    """Something a resident wears: codes as in its topics."""

    household: str
    device: str
    kind: str


async def get(connection: Connection, incident_id: int) -> Incident | None:
    """The incident, or None."""
    return await fetch_one(connection, Incident, "incidents.get", {"id": incident_id})


async def lock(connection: Connection, incident_id: int) -> Incident | None:
    """The incident, held against all other changes until the transaction ends; or None."""
    return await fetch_one(connection, Incident, "incidents.lock", {"id": incident_id})


async def lock_live(connection: Connection, resident_id: int, queue: str) -> Incident | None:
    """The resident's live incident in this queue, held until the transaction ends; or None."""
    return await fetch_one(connection, Incident, "incidents.lock_live", {"resident_id": resident_id, "queue": queue})


async def lock_attended(
    connection: Connection, resident_id: int, fall_time: datetime, codes: Sequence[str]
) -> Incident | None:
    """The incident of this fall where it was closed with one of the codes after help had come, held until the
    transaction ends; or None.
    """
    arguments = {"resident_id": resident_id, "fall_time": fall_time, "codes": list(codes)}
    return await fetch_one(connection, Incident, "incidents.lock_attended", arguments)


async def lock_if_free(connection: Connection, incident_id: int) -> Incident | None:
    """The incident, held until the transaction ends; None where somebody else holds it, or it is not there."""
    return await fetch_one(connection, Incident, "incidents.lock_if_free", {"id": incident_id})


async def live_id(connection: Connection, resident_id: int, queue: str) -> int | None:
    """The id of the resident's live incident in this queue, or None."""
    return await fetch_value(connection, int, "incidents.live_id", {"resident_id": resident_id, "queue": queue})


async def insert(
    connection: Connection,
    *,
    resident_id: int,
    queue: str,
    state: str,
    severity: int,
    kind: str,
    event_time: datetime,
    raised_at: datetime,
    opened_at: datetime | None,
    policy: Mapping[str, Any],
) -> Incident | None:
    """A new incident, or None where the resident has a live one in this queue (waits for who is just making it)."""
    return await fetch_one(
        connection,
        Incident,
        "incidents.insert",
        {
            "resident_id": resident_id,
            "queue": queue,
            "state": state,
            "severity": severity,
            "kind": kind,
            "event_time": event_time,
            "raised_at": raised_at,
            "opened_at": opened_at,
            "policy": Jsonb(policy),
        },
    )


async def save(connection: Connection, incident: Incident) -> None:
    """Write what can change of a locked incident. Raises Duplicate where it came alive again and another one lives."""
    await execute(connection, "incidents.save", asdict(incident) | {"policy": Jsonb(dict(incident.policy))})


@dataclass(frozen=True, slots=True)
class _Existing:
    what: str
    id: int


async def existing(
    connection: Connection, residents: Sequence[int], devices: Sequence[int]
) -> tuple[set[int], set[int]]:
    """Which of these residents and which of these devices there are."""
    given = {"residents": list(residents), "devices": list(devices)}
    rows = await fetch_all(connection, _Existing, "incidents.existing", given)
    return {row.id for row in rows if row.what == "resident"}, {row.id for row in rows if row.what == "device"}


async def wearables(connection: Connection, resident_id: int) -> list[Wearable]:
    """What the resident wears."""
    return await fetch_all(connection, Wearable, "incidents.wearables", {"resident_id": resident_id})


async def resident_language(connection: Connection, resident_id: int) -> str:
    """The language in which the resident's wearable speaks. Raises KeyError for an unknown resident."""
    language = await fetch_value(connection, str, "incidents.resident_language", {"resident_id": resident_id})
    if language is None:
        raise KeyError(resident_id)
    return language


async def alerts_known(connection: Connection, dedup_keys: Sequence[str]) -> dict[str, Alert]:
    """Those of the dedup keys that are alerts already."""
    rows = await fetch_all(connection, Alert, "incidents.alerts_known", {"keys": list(dedup_keys)})
    return {row.dedup_key: row for row in rows}


async def insert_alert(connection: Connection, alert: NewAlert) -> Alert | None:
    """Store an alert; None where its dedup key is stored already."""
    values = asdict(alert) | {"evidence": Jsonb(dict(alert.evidence))}
    return await fetch_one(connection, Alert, "incidents.insert_alert", values)


async def clear_alert(connection: Connection, alert_id: int, reason: str, now: datetime) -> None:
    """Note that the alert's cause is over."""
    await execute(connection, "incidents.clear_alert", {"id": alert_id, "reason": reason, "now": now})


async def alerts_of(connection: Connection, incident_id: int) -> list[Alert]:
    """The incident's alerts in the order in which they came."""
    return await fetch_all(connection, Alert, "incidents.alerts_of", {"incident_id": incident_id})


async def alert(connection: Connection, alert_id: int) -> Alert | None:
    """One alert, or None."""
    return await fetch_one(connection, Alert, "incidents.alert", {"id": alert_id})


async def move_alerts(connection: Connection, source_id: int, target_id: int) -> list[Alert]:
    """Give all alerts of one incident to another. Returns them."""
    given = {"source_id": source_id, "target_id": target_id}
    moved = await fetch_all(connection, Alert, "incidents.move_alerts", given)
    return sorted(moved, key=lambda a: a.id)


async def insert_merge(connection: Connection, source_id: int, target_id: int, user_id: int, now: datetime) -> None:
    """Note that one incident goes on in another. Raises Duplicate where it did already."""
    given = {"source_id": source_id, "target_id": target_id, "user_id": user_id, "now": now}
    await execute(connection, "incidents.insert_merge", given)


async def merged_into(connection: Connection, incident_id: int) -> int | None:
    """The incident in which this one goes on, or None."""
    return await fetch_value(connection, int, "incidents.merged_into", {"id": incident_id})


async def insert_event(
    connection: Connection,
    *,
    incident_id: int,
    at: datetime,
    event: str,
    from_state: str | None,
    to_state: str,
    actor: str,
    detail: Mapping[str, Any],
) -> IncidentEvent:
    """Add a line to the audit trail. Its id is told on channel `kanhu_incident` at the commit."""
    rows = await fetch_all(
        connection,
        IncidentEvent,
        "incidents.insert_event",
        {
            "incident_id": incident_id,
            "at": at,
            "event": event,
            "from_state": from_state,
            "to_state": to_state,
            "actor": actor,
            "detail": Jsonb(dict(detail)),
        },
    )
    return rows[0]


async def events_of(connection: Connection, incident_id: int) -> list[IncidentEvent]:
    """The incident's audit trail, oldest first."""
    return await fetch_all(connection, IncidentEvent, "incidents.events_of", {"incident_id": incident_id})


async def last_event(connection: Connection, incident_id: int, event: str) -> IncidentEvent | None:
    """The newest line of a kind in the incident's audit trail, or None."""
    given = {"incident_id": incident_id, "event": event}
    return await fetch_one(connection, IncidentEvent, "incidents.last_event", given)


async def last_move(connection: Connection, incident_id: int) -> IncidentEvent | None:
    """The line of the audit trail that led to the state the incident is in; None where there is no such incident."""
    return await fetch_one(connection, IncidentEvent, "incidents.last_move", {"incident_id": incident_id})


async def set_timer(connection: Connection, timer: Timer) -> None:
    """Set the incident's timer of this kind, in place of the one there was."""
    await execute(connection, "incidents.set_timer", asdict(timer))


async def rounds_before(connection: Connection, incident_id: int) -> int:
    """How many rounds of deliveries it had under policies that another one has taken the place of."""
    return await fetch_value(connection, int, "incidents.rounds_before", {"incident_id": incident_id}) or 0


async def set_rounds_before(connection: Connection, incident_id: int, rounds: int) -> None:
    """Note that another policy has taken the place of the one before, and how many rounds there were until then."""
    await execute(connection, "incidents.set_rounds_before", {"incident_id": incident_id, "rounds_before": rounds})


async def timers_of(connection: Connection, incident_id: int) -> list[Timer]:
    """The incident's timers."""
    return await fetch_all(connection, Timer, "incidents.timers_of", {"incident_id": incident_id})


async def delete_timers(connection: Connection, incident_id: int) -> None:
    """Remove all timers of the incident."""
    await execute(connection, "incidents.delete_timers", {"incident_id": incident_id})


async def lock_due(connection: Connection, now: datetime, *, except_ids: Sequence[int] = ()) -> Incident | None:
    """The most urgent incident with a timer due, held until the transaction ends; or None.

    One that another transaction holds is left out. Its timers have to be read again: they may have changed meanwhile.
    """
    return await fetch_one(connection, Incident, "incidents.lock_due", {"now": now, "except_ids": list(except_ids)})


async def holder(connection: Connection, user_id: int) -> str | None:
    """The display name of a user, or None."""
    return await fetch_value(connection, str, "incidents.holder", {"user_id": user_id})


async def attends(connection: Connection, user_id: int, resident_id: int) -> bool:
    """Whether the user may take incidents of the resident."""
    given = {"user_id": user_id, "resident_id": resident_id}
    return await fetch_value(connection, int, "incidents.attends", given) is not None
