"""What responders do with an incident, from claim to closure."""

from datetime import datetime, timedelta
from typing import Any

from alerts.lifecycle import HELD, Called, CallOutcome, ClosureCode, Event, State
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
        await _tell_wearer(connection, incident, "answered", now)
    return incident


async def _tell_wearer(connection: Connection, incident: Incident, stage: str, now: datetime) -> None:
    """The same command for each stage, so that a device that knows of no stages shows the newest words all the same."""
    await changes.command(
        connection,
        incident,
        "incident-acknowledged",
        now,
        expires_at=now + changes.COMMAND_LIFE,
        words="acknowledged-dispatched" if stage == "dispatched" else None,
        stage=stage,
    )


async def release(
    connection: Connection, incident_id: int, user_id: int, now: datetime, *, supervisor: bool = False
) -> Incident:
    """Give a held incident back: it is open again and escalates at once. Raises NotFound, Conflict, IllegalEvent."""
    incident = await changes.held(connection, incident_id, user_id, Event.RELEASE, supervisor)
    return await changes.back_to_queue(connection, incident, Event.RELEASE, f"user:{user_id}", now)


async def contact(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    outcome: CallOutcome,
    note: str = "",
    *,
    who: Called = Called.RESIDENT,
    contact_id: int | None = None,
    lease: timedelta = changes.CLAIM_LEASE,
    supervisor: bool = False,
) -> Incident:
    """Note that somebody was called, and what came of it: an answer is a contact, all else an attempt.

    contact_id: of the call list, where `who` is a contact. lease: of a claim in which nobody was reached yet.
    Raises NotFound, Conflict, IllegalEvent.
    """
    event = Event.CONTACT if outcome is CallOutcome.ANSWERED else Event.CALL
    detail: dict[str, Any] = {"outcome": outcome.value, "who": who.value, "note": note}
    if contact_id is not None:
        detail["contact"] = contact_id
    return await _progress(connection, incident_id, user_id, now, event, detail, supervisor, lease)


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
    """Note that help was sent, and which; in an emergency the wearer hears of it.

    Raises NotFound, Conflict, IllegalEvent.
    """
    detail = {"resource": resource, "note": note}
    incident = await _progress(connection, incident_id, user_id, now, Event.DISPATCH, detail, supervisor)
    if incident.queue == Queue.EMERGENCY:
        await _tell_wearer(connection, incident, "dispatched", now)
    return incident


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
    lease: timedelta = changes.CLAIM_LEASE,
) -> Incident:
    incident = await changes.held(connection, incident_id, user_id, event, supervisor)
    column = _FIRST.get(event)
    first: dict[str, Any] = {} if column is None else {column: getattr(incident, column) or now}
    incident = await changes.move(connection, incident, event, f"user:{user_id}", now, detail, **first)
    await changes.lease(connection, incident, now, lease)
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
