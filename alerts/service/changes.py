"""One change of an incident: the row, the line of the audit trail, the timer and the outbox rows together.

Each function runs inside the caller's open transaction; nothing is sent from here. An incident is locked before it is
looked at, so that of two people who claim it one wins. Read committed isolation is assumed, PostgreSQL's default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts import planning, storms
from alerts.escalation import LEASES, Due, Exhausted, first_step, policy_to
from alerts.lifecycle import Event, next_state
from core import wording
from core.findings import Queue
from storage import deliveries, incidents, outbox
from storage.incidents import Incident, IncidentEvent, Timer
from storage.pool import Connection

CLAIM_LEASE = timedelta(seconds=300)
COMMAND_LIFE = timedelta(minutes=10)


class AlertError(Exception):
    """What was asked can't be done; nothing was changed."""


class NotFound(AlertError):
    """There is no such incident or delivery."""


class NotNow(AlertError):
    """It is not possible as things stand. code: why, for programs; facts: what they need to go on."""

    def __init__(self, code: str, text: str, **facts: object) -> None:
        super().__init__(text)
        self.code = code
        self.facts = facts


class Conflict(AlertError):
    """Somebody else holds the incident. holder: display name, holder_id: of the user; since: when they claimed it."""

    def __init__(self, incident_id: int, holder: str, holder_id: int, since: datetime) -> None:
        super().__init__(f"{holder} has held incident {incident_id} since {since.isoformat(timespec='seconds')}")
        self.incident_id = incident_id
        self.holder = holder
        self.holder_id = holder_id
        self.since = since


async def locked(connection: Connection, incident_id: int) -> Incident:
    """The incident, locked. Raises NotFound."""
    incident = await incidents.lock(connection, incident_id)
    if incident is None:
        raise NotFound(f"no incident {incident_id}")
    return incident


async def held(connection: Connection, incident_id: int, user_id: int, event: Event, supervisor: bool) -> Incident:
    """The incident, locked, if the event is legal and the user holds it or is a supervisor.

    Raises NotFound, Conflict, IllegalEvent.
    """
    incident = await locked(connection, incident_id)
    next_state(incident.state, event)
    if incident.claimed_by != user_id and not supervisor:
        raise await conflict(connection, incident)
    return incident


async def conflict(connection: Connection, incident: Incident) -> Conflict:
    """The refusal that names who holds the incident."""
    if incident.claimed_by is None or incident.claimed_at is None:
        raise ValueError(f"incident {incident.id} is {incident.state} and nobody holds it")
    name = await incidents.holder(connection, incident.claimed_by)
    name = name or f"user {incident.claimed_by}"
    return Conflict(incident.id, name, incident.claimed_by, incident.claimed_at)


async def move(
    connection: Connection,
    incident: Incident,
    event: Event,
    actor: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    *,
    trail: list[IncidentEvent] | None = None,
    **changes: Any,
) -> Incident:
    """Apply an event: the row, its line in the audit trail, and word to integrators where the state has changed."""
    after = next_state(incident.state, event)
    changed = replace(incident, state=after.value, **changes)
    if changed.storm_id is not None and (
        changed.kind != incident.kind or not storms.can_be_part(changed.queue, changed.kind)
    ):
        # Something else has happened here, and perhaps to the person: no storm speaks for that.
        changed = replace(changed, storm_id=None)
    if changed != incident:
        await incidents.save(connection, changed)
    written = await write_event(connection, changed, event, incident.state, actor, now, detail or {})
    if trail is not None:
        trail.append(written)
    return changed


async def write_event(
    connection: Connection,
    incident: Incident,
    event: Event,
    from_state: str | None,
    actor: str,
    now: datetime,
    detail: Mapping[str, Any],
) -> IncidentEvent:
    """The line of the audit trail, and word to integrators where the state has changed. from_state None: it is new."""
    written = await incidents.insert_event(
        connection,
        incident_id=incident.id,
        at=now,
        event=event.value,
        from_state=from_state,
        to_state=incident.state,
        actor=actor,
        detail=detail,
    )
    if from_state != incident.state:
        body = _integrators_view(incident, written)
        # After the people's own messages, before anything that is not urgent.
        await outbox.add_webhooks(
            connection, incident.resident_id, body, priority=planning.priority(incident.queue) + 1, now=now
        )
    return written


def _integrators_view(incident: Incident, event: IncidentEvent) -> dict[str, Any]:
    """What an integrator is told: no name, no address, no position. The shape is that of Standard Webhooks."""
    return {
        "type": f"incident.{event.to_state}",
        "timestamp": event.at.isoformat(),
        "data": {
            "incident": incident.id,
            "resident": incident.resident_id,
            "queue": incident.queue,
            "state": incident.state,
            "event": event.event,
            "kind": incident.kind,
            "severity": incident.severity,
            "event_time": incident.event_time.isoformat(),
            "raised_at": incident.raised_at.isoformat(),
            "closure_code": incident.closure_code,
        },
    }


async def opened(connection: Connection, incident: Incident, now: datetime, due: Due | Exhausted | None = None) -> None:
    """It is in the queue: nothing but the escalation is due, and the tracker is asked where the wearer is.

    due: where the escalation begins; None: with the policy's first step.
    """
    await set_escalation(connection, incident, due or first_step(planning.policy_of(incident), now))
    if incident.queue == Queue.EMERGENCY:
        await command(connection, incident, "locate-now", now, expires_at=now + COMMAND_LIFE)


async def back_to_queue(
    connection: Connection,
    incident: Incident,
    event: Event,
    actor: str,
    now: datetime,
    trail: list[IncidentEvent] | None = None,
) -> Incident:
    """Nobody holds it any more: the next step, the one after those done before the claim, is due at once."""
    reached = await incidents.timers_of(connection, incident.id)
    held_by = {"held_by": f"user:{incident.claimed_by}"}
    incident = await move(
        connection, incident, event, actor, now, held_by, trail=trail, claimed_by=None, claimed_at=None
    )
    step, round_ = (reached[0].step, reached[0].round) if reached else (0, 0)
    await set_escalation(connection, incident, Due(step, round_, now))
    return incident


async def escalate_now(connection: Connection, incident: Incident, now: datetime) -> None:
    """The next step does not wait for its time."""
    for timer in await incidents.timers_of(connection, incident.id):
        if timer.due_at > now:
            await incidents.set_timer(connection, replace(timer, due_at=now))


@dataclass(frozen=True, slots=True)
class Worse:
    """What follows when an incident becomes more severe: changes of its row, and what the audit trail says of them.

    Both are empty where it keeps its policy. rounds: of deliveries that it has had.
    """

    changes: Mapping[str, Any]
    detail: dict[str, Any]
    rounds: int = 0


async def worse(connection: Connection, incident: Incident, severity: int, now: datetime) -> Worse:
    """Which policy counts for an incident at a severity higher than it has: see docs/adr/0013."""
    if severity <= incident.severity:
        return Worse({}, {})
    rule = await planning.rule_for(connection, incident.resident_id, incident.queue, severity, now)
    if rule.policy == planning.policy_of(incident):
        return Worse({}, {})
    used = await deliveries.rounds_used(connection, incident.id)
    return Worse({"policy": policy_to(rule.policy)}, {"policy": rule.id}, used)


async def told_anew(connection: Connection, incident: Incident, follows: Worse, now: datetime) -> None:
    """Where it has taken up another policy, that begins with its first step, at once if it is in the queue."""
    if not follows.changes:
        return
    await incidents.set_rounds_before(connection, incident.id, follows.rounds)
    for timer in await incidents.timers_of(connection, incident.id):
        due_at = min(timer.due_at, now) if timer.kind == "escalation" else timer.due_at
        await incidents.set_timer(connection, replace(timer, due_at=due_at, step=0, round=0))


async def set_escalation(connection: Connection, incident: Incident, due: Due | Exhausted) -> None:
    """This step is due, and nothing else."""
    await incidents.delete_timers(connection, incident.id)
    await incidents.set_timer(connection, Timer(incident.id, "escalation", due.at, due.step, due.round))


async def lease(
    connection: Connection,
    incident: Incident,
    now: datetime,
    claim_lease: timedelta = CLAIM_LEASE,
    *,
    fresh: bool = False,
) -> None:
    """The holder has until then; the escalation stands still and the lease remembers where.

    fresh: the holder has to show first that they are there, whatever was done before: a claim's lease in any state.
    """
    reached = await incidents.timers_of(connection, incident.id)
    step, round_ = (reached[0].step, reached[0].round) if reached else (0, 0)
    due_at = now + (claim_lease if fresh else LEASES.get(incident.state, claim_lease))
    await incidents.delete_timers(connection, incident.id)
    await incidents.set_timer(connection, Timer(incident.id, "lease", due_at, step, round_))


async def holder_unreachable(connection: Connection, incident: Incident, actor: str, now: datetime) -> Incident:
    """Who holds it has no channel that works: the trail says so, for those who look at it."""
    detail = {"who": f"user:{incident.claimed_by}", "error": "no working channel"}
    return await move(connection, incident, Event.UNREACHABLE, actor, now, detail)


async def hurry_holder(connection: Connection, incident: Incident, now: datetime) -> None:
    """The holder has to show within a claim's lease that they are there, however long they had."""
    for timer in await incidents.timers_of(connection, incident.id):
        if timer.kind == "lease" and timer.due_at > now + CLAIM_LEASE:
            await incidents.set_timer(connection, replace(timer, due_at=now + CLAIM_LEASE))


async def ended(connection: Connection, incident: Incident, now: datetime) -> None:
    """Nothing is due any more, and the family hears how it ended."""
    await incidents.delete_timers(connection, incident.id)
    await planning.tell_family_the_end(connection, incident, now)


async def command(
    connection: Connection,
    incident: Incident,
    command: str,
    now: datetime,
    *,
    expires_at: datetime,
    words: str | None = None,
    **values: int | str,
) -> None:
    """A command to everything that the resident wears, in their language. It is of no use after `expires_at`.

    words: the message it speaks, where that is not the command's own. values: go along, and into the words.
    """
    language = await incidents.resident_language(connection, incident.resident_id)
    message = {
        "command": command,
        "incident": incident.id,
        "text": wording.say(words or f"command-{command}", language, **values),
        **values,
    }
    await send_command(
        connection, incident.resident_id, message, now, expires_at, priority=planning.priority(incident.queue)
    )


async def send_command(
    connection: Connection,
    resident_id: int,
    message: Mapping[str, object],
    now: datetime,
    expires_at: datetime,
    *,
    priority: int,
) -> int:
    """Put a command into the outbox for everything that the resident wears. Returns for how many devices."""
    worn = await incidents.wearables(connection, resident_id)
    for wearable in worn:
        await outbox.add(
            connection,
            "command",
            {
                "household": wearable.household,
                "device": wearable.device,
                "message": message,
                "expires_at": expires_at.isoformat(),
            },
            priority=priority,
            now=now,
        )
    return len(worn)
