"""One person, two incidents, one cause: the less urgent one goes on in the other."""

from datetime import datetime
from typing import Any

from alerts.lifecycle import ClosureCode, Event, IllegalEvent, State, next_state
from alerts.service import changes
from storage import incidents
from storage.incidents import QUEUES, Incident
from storage.pool import Connection


async def merge(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    into: int,
    note: str = "",
    *,
    supervisor: bool = False,
) -> Incident:
    """End an incident as a duplicate of a more urgent one of the same resident, which takes over its alerts.

    Both must be open or the user's own; a supervisor may do it with anybody's. The target takes the higher severity,
    and where that made it worse and nobody holds it, the next people are told now. Nobody of the family is told that
    it is over: whoever was told of either hears how the target ends. Returns the source. Raises NotFound, Conflict,
    IllegalEvent, and NotNow (docs/adr/0017).
    """
    source = await changes.locked(connection, incident_id)
    next_state(source.state, Event.MERGE)
    target = await _target(connection, source, into)
    for incident in (source, target):
        if incident.claimed_by not in (None, user_id) and not supervisor:
            raise await changes.conflict(connection, incident)
    actor = f"user:{user_id}"
    await incidents.insert_merge(connection, source.id, target.id, user_id, now)
    moved = await incidents.move_alerts(connection, source.id, target.id)
    worse = source.severity > target.severity
    headline: dict[str, Any] = {"severity": source.severity, "kind": source.kind} if worse else {}
    detail = {
        "from": source.id,
        "alerts": [{"alert": a.id, "kind": a.kind, "severity": a.severity} for a in moved],
        "severity": max(source.severity, target.severity),
        "note": note,
    }
    follows = await changes.worse(connection, target, source.severity, now)
    target = await changes.move(
        connection, target, Event.ABSORB, actor, now, detail | follows.detail, **headline, **follows.changes
    )
    await changes.told_anew(connection, target, follows, now)
    source = await changes.move(
        connection,
        source,
        Event.MERGE,
        actor,
        now,
        {"into": target.id, "code": ClosureCode.DUPLICATE.value, "note": note},
        ended_at=now,
        closure_code=ClosureCode.DUPLICATE.value,
        closure_note=note,
    )
    await incidents.delete_timers(connection, source.id)
    if worse and target.state == State.OPEN:
        await changes.escalate_now(connection, target, now)
    return source


async def _target(connection: Connection, source: Incident, into: int) -> Incident:
    """The incident to go on in, locked without waiting: who holds one row and waits for another makes deadlocks."""
    seen = await incidents.get(connection, into)
    if seen is None:
        raise changes.NotFound(f"no incident {into}")
    if seen.id == source.id or seen.resident_id != source.resident_id:
        raise changes.NotNow("not-of-this-resident", "Only incidents of the same resident can be merged.")
    if QUEUES.index(seen.queue) >= QUEUES.index(source.queue):
        raise changes.NotNow(
            "not-more-urgent", f"An incident goes on in a more urgent one: {source.queue} never in {seen.queue}."
        )
    target = await incidents.lock_if_free(connection, into)
    if target is None:
        raise changes.NotNow("changing-now", f"Incident {into} is being changed at this moment; try again.")
    try:
        next_state(target.state, Event.ABSORB)
    except IllegalEvent as illegal:
        raise changes.NotNow(
            "target-not-open", f"Incident {into} is {target.state}.", incident=into, state=target.state
        ) from illegal
    return target
