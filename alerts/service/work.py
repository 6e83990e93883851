"""What responders do with an incident."""

from datetime import datetime, timedelta
from typing import Any

from alerts.lifecycle import HELD, ClosureCode, Event, State
from alerts.service import changes
from core.findings import Queue
from storage.incidents import Incident
from storage.pool import Connection


async def claim(
    connection: Connection, incident_id: int, user_id: int, now: datetime, *, lease: timedelta = changes.CLAIM_LEASE
) -> Incident:
    """Take an open incident; who holds it already keeps it for another lease (`settings.claim_lease_seconds`).

    Raises NotFound, Conflict where somebody else holds it, IllegalEvent where it is pending or has ended.
    """
    incident = await changes.locked(connection, incident_id)
    actor = f"user:{user_id}"
    if State(incident.state) in HELD:
        if incident.claimed_by != user_id:
            raise await changes.conflict(connection, incident)
        incident = await changes.move(connection, incident, Event.RENEW, actor, now)
        await changes.lease(connection, incident, now, lease)
        return incident
    incident = await changes.move(
        connection,
        incident,
        Event.CLAIM,
        actor,
        now,
        claimed_by=user_id,
        claimed_at=now,
        first_claimed_at=incident.first_claimed_at or now,
    )
    await changes.lease(connection, incident, now, lease)
    if incident.queue == Queue.EMERGENCY:
        await changes.command(connection, incident, "incident-acknowledged", now, expires_at=now + changes.COMMAND_LIFE)
    return incident


async def release(
    connection: Connection, incident_id: int, user_id: int, now: datetime, *, supervisor: bool = False
) -> Incident:
    """Give a held incident back: it is open again and escalates at once. Raises NotFound, Conflict, IllegalEvent."""
    incident = await changes.held(connection, incident_id, user_id, Event.RELEASE, supervisor)
    return await changes.reopen(connection, incident, Event.RELEASE, f"user:{user_id}", now)


async def contact(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    outcome: str,
    note: str = "",
    *,
    supervisor: bool = False,
) -> Incident:
    """Note that somebody was called, and what came of it. Raises NotFound, Conflict, IllegalEvent."""
    detail = {"outcome": outcome, "note": note}
    return await _progress(connection, incident_id, user_id, now, Event.CONTACT, detail, supervisor)


async def dispatch(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    resource: str,
    note: str = "",
    *,
    supervisor: bool = False,
) -> Incident:
    """Note that help was sent, and which. Raises NotFound, Conflict, IllegalEvent."""
    detail = {"resource": resource, "note": note}
    return await _progress(connection, incident_id, user_id, now, Event.DISPATCH, detail, supervisor)


async def arrive(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    note: str = "",
    *,
    supervisor: bool = False,
) -> Incident:
    """Note that help is on the scene. Raises NotFound, Conflict, IllegalEvent."""
    return await _progress(connection, incident_id, user_id, now, Event.ARRIVE, {"note": note}, supervisor)


# When each was done for the first time; the figures are about that.
_FIRST = {Event.CONTACT: "contacted_at", Event.DISPATCH: "dispatched_at", Event.ARRIVE: "on_scene_at"}


async def _progress(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    event: Event,
    detail: dict[str, Any],
    supervisor: bool,
) -> Incident:
    incident = await changes.held(connection, incident_id, user_id, event, supervisor)
    first: dict[str, Any] = {_FIRST[event]: getattr(incident, _FIRST[event]) or now}
    incident = await changes.move(connection, incident, event, f"user:{user_id}", now, detail, **first)
    await changes.lease(connection, incident, now)
    return incident


async def close(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    code: ClosureCode,
    note: str = "",
    *,
    supervisor: bool = False,
) -> Incident:
    """End a held incident with a code. Raises NotFound, Conflict, IllegalEvent."""
    incident = await changes.held(connection, incident_id, user_id, Event.CLOSE, supervisor)
    incident = await changes.move(
        connection,
        incident,
        Event.CLOSE,
        f"user:{user_id}",
        now,
        {"code": code.value, "note": note},
        ended_at=now,
        closure_code=code.value,
        closure_note=note,
    )
    await changes.ended(connection, incident, now)
    return incident


async def note(connection: Connection, incident_id: int, user_id: int, now: datetime, text: str) -> Incident:
    """Add a note, in any state and by anybody who may see the incident. Raises NotFound."""
    incident = await changes.locked(connection, incident_id)
    return await changes.move(connection, incident, Event.NOTE, f"user:{user_id}", now, {"text": text})
