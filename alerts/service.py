"""Everything that happens to incidents.

Each function runs inside the caller's open transaction and writes the state row, the line of the audit trail, the timer
and the outbox rows together; nothing is sent from here.

An incident is locked before it is looked at, so that of two people who claim it one wins. Read committed isolation is
assumed, PostgreSQL's default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from alerts import fusion, planning
from alerts.escalation import LEASES, Due, Exhausted, first_step, is_exhausted, next_step, policy_to
from alerts.lifecycle import ENDED, HELD, TIMER_OF, ClosureCode, Event, State, next_state
from alerts.measures import FINDINGS_REFUSED
from core import wording
from core.clock import to_datetime
from core.findings import Finding, Kind, Queue
from storage import deliveries, evidence, incidents, outbox
from storage.deliveries import Delivery, Person
from storage.incidents import Alert, Incident, IncidentEvent, NewAlert, Timer
from storage.pool import Connection

_log = structlog.get_logger(__name__)

CLAIM_LEASE = timedelta(seconds=300)
_COMMAND_LIFE = timedelta(minutes=10)


class AlertError(Exception):
    """What was asked can't be done; nothing was changed."""


class NotFound(AlertError):
    """There is no such incident or delivery."""


class Conflict(AlertError):
    """Somebody else holds the incident. holder: display name; since: when they claimed it."""

    def __init__(self, holder: str, since: datetime) -> None:
        super().__init__(f"{holder} has held the incident since {since.isoformat(timespec='seconds')}")
        self.holder = holder
        self.since = since


@dataclass(frozen=True, slots=True)
class Raised:
    """A finding that became an alert. new_incident: it is the first of its incident."""

    alert_id: int
    incident_id: int
    new_incident: bool
    finding: Finding


# Findings ----------------------------------------------------------------------------------------------------------


async def raise_findings(connection: Connection, findings: Sequence[Finding], now: datetime) -> list[Raised]:
    """Store findings as alerts, attach them to incidents and open or clear these. What is stored already has no effect.

    An SOS comes first, then the most severe. A finding about nobody (resident 0, or one that is not there) can make no
    incident: it is logged as an error and counted, and does not hold up its neighbours.
    Returns the alerts that are new. Raises StorageError.
    """
    if not findings:
        return []
    residents, devices = await incidents.existing(
        connection, list({f.resident for f in findings}), list({f.device for f in findings})
    )
    usable = []
    for finding in findings:
        if finding.resident in residents:
            usable.append(finding)
        else:
            FINDINGS_REFUSED.labels(finding.kind).inc()
            _log.error("a finding about nobody we know", resident=finding.resident, key=finding.dedup_key)
    known = await incidents.alerts_known(connection, [f.dedup_key for f in usable])
    raised: list[Raised] = []
    for finding in sorted((f for f in usable if not f.clears), key=_urgency):
        if finding.dedup_key in known:
            continue
        new = await _raise(connection, finding, devices, now)
        if new is not None:
            alert, incident_id, new_incident = new
            known[finding.dedup_key] = alert
            raised.append(Raised(alert.id, incident_id, new_incident, finding))
    for finding in usable:
        if finding.clears and finding.dedup_key in known:
            await _clear(connection, known[finding.dedup_key], finding, now)
    return raised


def _urgency(finding: Finding) -> tuple[bool, int, int, str]:
    # The key makes the order of locks the same for the same findings.
    return (finding.kind is not Kind.SOS, -finding.severity, finding.time, finding.dedup_key)


class _StoredMeanwhile(Exception):
    """Another transaction stored the same finding first."""


async def _raise(
    connection: Connection, finding: Finding, devices: set[int], now: datetime
) -> tuple[Alert, int, bool] | None:
    """Store one finding with its incident. None where another transaction stored it meanwhile."""
    try:
        # A savepoint: an incident that was made for an alert that another transaction had stored is taken back.
        async with connection.transaction():
            incident, is_new = await _incident_for(connection, finding, now)
            alert = await _store(connection, finding, incident, devices, now)
            if is_new:
                await _begin(connection, incident, alert, finding, now)
            else:
                await _attach(connection, incident, alert, finding, now)
    except _StoredMeanwhile:
        return None
    return alert, incident.id, is_new


async def _store(
    connection: Connection, finding: Finding, incident: Incident, devices: set[int], now: datetime
) -> Alert:
    alert = await incidents.insert_alert(
        connection,
        NewAlert(
            dedup_key=finding.dedup_key,
            incident_id=incident.id,
            resident_id=finding.resident,
            device_id=finding.device if finding.device in devices else None,
            kind=finding.kind.value,
            queue=finding.queue.value,
            severity=int(finding.severity),
            event_time=to_datetime(finding.time),
            raised_at=now,
            detector=finding.detector,
            version=finding.version,
            reason=finding.reason,
            evidence=finding.evidence,
            score=finding.score,
        ),
    )
    if alert is None:
        raise _StoredMeanwhile
    return alert


async def _incident_for(connection: Connection, finding: Finding, now: datetime) -> tuple[Incident, bool]:
    """The resident's live incident of the queue, locked, and whether it was made just now."""
    policy = None
    while True:
        incident = await incidents.lock_live(connection, finding.resident, finding.queue.value)
        if incident is not None:
            return incident, False
        policy = policy or await planning.policy_for(connection, finding.resident, finding.queue.value)
        waits = finding.countdown > 0 and finding.queue is Queue.EMERGENCY
        incident = await incidents.insert(
            connection,
            resident_id=finding.resident,
            queue=finding.queue.value,
            state=next_state(None, Event.RAISE if waits else Event.OPEN).value,
            severity=int(finding.severity),
            kind=finding.kind.value,
            event_time=to_datetime(finding.time),
            raised_at=now,
            opened_at=None if waits else now,
            policy=policy_to(policy),
        )
        if incident is not None:
            return incident, True
        # Another transaction made one; it may even have ended since. Look again.


def _about(alert: Alert, now: datetime) -> dict[str, Any]:
    # How late it came is said: an SOS is raised whatever its age.
    late = max(0, round((now - alert.event_time).total_seconds()))
    return {"alert": alert.id, "kind": alert.kind, "severity": alert.severity, "score": alert.score, "late_s": late}


async def _begin(connection: Connection, incident: Incident, alert: Alert, finding: Finding, now: datetime) -> None:
    pending = incident.state == State.PENDING
    await _write_event(
        connection,
        incident,
        Event.RAISE if pending else Event.OPEN,
        None,
        f"detector:{finding.detector}",
        now,
        _about(alert, now),
    )
    if not pending:
        await _opened(connection, incident, now)
        return
    ends = now + timedelta(seconds=finding.countdown)
    await incidents.set_timer(connection, Timer(incident.id, "countdown", ends, 0, 0))
    await _command(connection, incident, "countdown", now, expires_at=ends, seconds=finding.countdown)


async def _attach(connection: Connection, incident: Incident, alert: Alert, finding: Finding, now: datetime) -> None:
    actor = f"detector:{finding.detector}"
    worse = alert.severity > incident.severity
    changes: dict[str, Any] = {"severity": alert.severity, "kind": alert.kind} if worse else {}
    incident = await _move(connection, incident, Event.ATTACH, actor, now, _about(alert, now), **changes)
    if incident.state == State.PENDING and finding.countdown == 0:
        incident = await _move(connection, incident, Event.OPEN, actor, now, {"alert": alert.id}, opened_at=now)
        await _opened(connection, incident, now)
    elif incident.state == State.OPEN and (worse or finding.kind is Kind.SOS):
        # It got worse, or somebody calls for help again: the next people are told now.
        await _escalate_now(connection, incident, now)
    elif State(incident.state) in HELD and finding.kind is Kind.SOS:
        await planning.renotify_holder(connection, incident, now)


async def _clear(connection: Connection, alert: Alert, finding: Finding, now: datetime) -> None:
    if alert.cleared_at is not None:
        return
    incident = await incidents.lock(connection, alert.incident_id)
    if incident is None:
        raise NotFound(f"no incident {alert.incident_id}")
    alerts = await incidents.alerts_of(connection, incident.id)
    if any(a.id == alert.id and a.cleared_at is not None for a in alerts):
        return
    await incidents.clear_alert(connection, alert.id, finding.reason, now)
    if State(incident.state) in ENDED:
        return
    by_wearer = finding.kind is Kind.FALL
    actor = "wearer" if by_wearer else f"detector:{finding.detector}"
    detail = {"alert": alert.id, "reason": finding.reason, "evidence": dict(finding.evidence)}
    incident = await _move(connection, incident, Event.CLEAR, actor, now, detail)
    if any(a.id != alert.id and a.cleared_at is None for a in alerts):
        return
    # An emergency that somebody may have been told of is ended by a person only.
    in_time = incident.state == State.PENDING and by_wearer
    settled = incident.state == State.OPEN and incident.queue != Queue.EMERGENCY
    if in_time or settled:
        incident = await _move(connection, incident, Event.CANCEL, actor, now, {"alert": alert.id}, ended_at=now)
        await _ended(connection, incident, now)


async def weigh_evidence(connection: Connection, about: Alert, now: datetime) -> IncidentEvent | None:
    """Let the home's other sensors raise or lower the severity of the incident of a fall, once each way for an alert.

    Returns the line of the audit trail, None where nothing changed. The reason is in it in both languages. Raises
    NotFound, StorageError.
    """
    incident = await _locked(connection, about.incident_id)
    if State(incident.state) in ENDED or incident.state == State.PENDING:
        return None
    signs = await evidence.signs(connection, about.resident_id, about.event_time, now)
    adjustment = fusion.judge(about, signs, now)
    if adjustment is None:
        return None
    done = [e.detail for e in await incidents.events_of(connection, incident.id) if e.event == Event.ADJUST]
    if any((d["alert"], d["raises"]) == (about.id, adjustment.raises) for d in done):
        return None
    alerts = await incidents.alerts_of(connection, incident.id)
    severity = fusion.severity_after(adjustment, incident.severity, alerts)
    if severity == incident.severity or any(a.id == about.id and a.cleared_at is not None for a in alerts):
        return None
    detail = {
        "alert": about.id,
        "raises": adjustment.raises,
        "from": incident.severity,
        "to": severity,
        "reason": adjustment.reason,
        "text": {name: wording.say(adjustment.reason, name, **adjustment.evidence) for name in wording.LANGUAGES},
        "evidence": adjustment.evidence,
    }
    trail: list[IncidentEvent] = []
    incident = await _move(connection, incident, Event.ADJUST, "fusion", now, detail, trail=trail, severity=severity)
    if adjustment.raises and incident.state == State.OPEN:
        await _escalate_now(connection, incident, now)
    return trail[0]


# What people do ----------------------------------------------------------------------------------------------------


async def claim(
    connection: Connection, incident_id: int, user_id: int, now: datetime, *, lease: timedelta = CLAIM_LEASE
) -> Incident:
    """Take an open incident; who holds it already keeps it for another lease (`settings.claim_lease_seconds`).

    Raises NotFound, Conflict where somebody else holds it, IllegalEvent where it is pending or has ended.
    """
    incident = await _locked(connection, incident_id)
    actor = f"user:{user_id}"
    if State(incident.state) in HELD:
        if incident.claimed_by != user_id:
            raise await _conflict(connection, incident)
        incident = await _move(connection, incident, Event.RENEW, actor, now)
        await _lease(connection, incident, now, lease)
        return incident
    incident = await _move(
        connection,
        incident,
        Event.CLAIM,
        actor,
        now,
        claimed_by=user_id,
        claimed_at=now,
        first_claimed_at=incident.first_claimed_at or now,
    )
    await _lease(connection, incident, now, lease)
    if incident.queue == Queue.EMERGENCY:
        await _command(connection, incident, "incident-acknowledged", now, expires_at=now + _COMMAND_LIFE)
    return incident


async def release(
    connection: Connection, incident_id: int, user_id: int, now: datetime, *, supervisor: bool = False
) -> Incident:
    """Give a held incident back: it is open again and escalates at once. Raises NotFound, Conflict, IllegalEvent."""
    incident = await _held(connection, incident_id, user_id, Event.RELEASE, supervisor)
    return await _reopen(connection, incident, Event.RELEASE, f"user:{user_id}", now)


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
    incident = await _held(connection, incident_id, user_id, Event.CONTACT, supervisor)
    incident = await _move(
        connection,
        incident,
        Event.CONTACT,
        f"user:{user_id}",
        now,
        {"outcome": outcome, "note": note},
        contacted_at=incident.contacted_at or now,
    )
    await _lease(connection, incident, now)
    return incident


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
    incident = await _held(connection, incident_id, user_id, Event.DISPATCH, supervisor)
    incident = await _move(
        connection,
        incident,
        Event.DISPATCH,
        f"user:{user_id}",
        now,
        {"resource": resource, "note": note},
        dispatched_at=incident.dispatched_at or now,
    )
    await _lease(connection, incident, now)
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
    incident = await _held(connection, incident_id, user_id, Event.ARRIVE, supervisor)
    incident = await _move(
        connection,
        incident,
        Event.ARRIVE,
        f"user:{user_id}",
        now,
        {"note": note},
        on_scene_at=incident.on_scene_at or now,
    )
    await _lease(connection, incident, now)
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
    incident = await _held(connection, incident_id, user_id, Event.CLOSE, supervisor)
    incident = await _move(
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
    await _ended(connection, incident, now)
    return incident


async def note(connection: Connection, incident_id: int, user_id: int, now: datetime, text: str) -> Incident:
    """Add a note, in any state and by anybody who may see the incident. Raises NotFound."""
    incident = await _locked(connection, incident_id)
    return await _move(connection, incident, Event.NOTE, f"user:{user_id}", now, {"text": text})


async def confirm_delivery(connection: Connection, delivery_id: int, now: datetime) -> Delivery:
    """The person a message went to says that they have read it and act on it; a second time changes nothing.

    It is not a claim: the queue's escalation goes on (docs/adr/0006). Raises NotFound.
    """
    delivery = await deliveries.get(connection, delivery_id)
    # The incident first, as everywhere: two locks in two orders would be a deadlock.
    incident = None if delivery is None else await incidents.lock(connection, delivery.incident_id)
    delivery = await deliveries.lock(connection, delivery_id)
    if delivery is None or incident is None:
        raise NotFound(f"no delivery {delivery_id}")
    if delivery.state == "confirmed":
        return delivery
    actor = f"contact:{delivery.contact_id}" if delivery.contact_id is not None else f"user:{delivery.user_id}"
    await _move(connection, incident, Event.CONFIRM, actor, now, {"delivery": delivery.id})
    confirmed = await deliveries.record_confirmed(connection, delivery_id, now)
    if confirmed is None:
        raise NotFound(f"no delivery {delivery_id}")
    return confirmed


async def delivery_failed(
    connection: Connection, delivery_id: int, attempts: int, error: str, now: datetime, *, gone: bool = False
) -> Delivery | None:
    """A message will not go over its channel: the person's next channel is tried at once.

    gone: the channel's address will never work and is not used again. Returns the new delivery; None where the person
    has no other channel, which the audit trail says, or where nothing is to be told any more.
    """
    failed = await deliveries.get(connection, delivery_id)
    incident = None if failed is None else await incidents.lock(connection, failed.incident_id)
    if failed is None or incident is None:
        raise NotFound(f"no delivery {delivery_id}")
    await deliveries.record_failed(connection, delivery_id, attempts, error, now)
    if gone:
        await deliveries.channel_failed(connection, failed.channel_id, error, now)
    if State(incident.state) in ENDED and failed.step != planning.ENDED:
        return None
    person = Person(
        failed.contact_id, failed.user_id, await deliveries.next_channel(connection, delivery_id), confirmed=False
    )
    if person.channel_id is not None:
        return await planning.queue_delivery(connection, incident, person, failed.step, failed.round, now, now)
    if State(incident.state) not in ENDED:
        detail = {"delivery": delivery_id, "who": person.actor, "error": error}
        await _move(connection, incident, Event.UNREACHABLE, "dispatcher", now, detail)
    return None


async def record_delivered(connection: Connection, delivery_id: int, now: datetime) -> Delivery:
    """A provider's receipt: the message has arrived at the person's device. Raises NotFound."""
    delivery = await deliveries.record_delivered(connection, delivery_id, now)
    delivery = delivery or await deliveries.get(connection, delivery_id)
    if delivery is None:
        raise NotFound(f"no delivery {delivery_id}")
    return delivery


# What comes due ----------------------------------------------------------------------------------------------------


async def carry_out_due(connection: Connection, incident: Incident, now: datetime) -> list[IncidentEvent]:
    """Do what the timers of a locked incident say is due, and set the next one. Returns what was written to the trail.

    A timer that does not fit the state is not obeyed but put right, loudly: each state has one kind of its own.
    """
    done: list[IncidentEvent] = []
    for timer in await incidents.timers_of(connection, incident.id):
        if timer.due_at > now:
            continue
        state = State(incident.state)
        if timer.kind != TIMER_OF.get(state):
            await _put_right(connection, incident, timer, now)
        elif state is State.PENDING:
            incident = await _move(connection, incident, Event.OPEN, "timer", now, trail=done, opened_at=now)
            await _opened(connection, incident, now)
        elif state is State.OPEN:
            await _escalate(connection, incident, timer, now, done)
        else:
            incident = await _reopen(connection, incident, Event.LAPSE, "timer", now, trail=done)
    return done


async def _put_right(connection: Connection, incident: Incident, timer: Timer, now: datetime) -> None:
    kind = TIMER_OF.get(State(incident.state))
    _log.error("a timer that does not fit its incident", incident=incident.id, state=incident.state, timer=timer.kind)
    await incidents.delete_timers(connection, incident.id)
    if kind is not None:
        await incidents.set_timer(connection, replace(timer, kind=kind, due_at=now))


async def _escalate(
    connection: Connection, incident: Incident, timer: Timer, now: datetime, trail: list[IncidentEvent]
) -> None:
    policy = planning.policy_of(incident)
    place = {"step": timer.step, "round": timer.round}
    if is_exhausted(policy, timer.round) and timer.round == policy.rounds:
        await _move(connection, incident, Event.EXHAUST, "timer", now, {"rounds": policy.rounds}, trail=trail)
    planned = await planning.plan_step(connection, incident, timer.step, timer.round, now)
    detail = place | {
        "targets": [t.value for t in planned.targets],
        "deliveries": list(planned.deliveries),
        "unreachable": list(planned.unreachable),
    }
    await _move(connection, incident, Event.ESCALATE, "timer", now, detail, trail=trail)
    await _set_escalation(connection, incident, next_step(policy, timer.step, timer.round, now))


# One change of state ------------------------------------------------------------------------------------------------


async def _locked(connection: Connection, incident_id: int) -> Incident:
    incident = await incidents.lock(connection, incident_id)
    if incident is None:
        raise NotFound(f"no incident {incident_id}")
    return incident


async def _held(connection: Connection, incident_id: int, user_id: int, event: Event, supervisor: bool) -> Incident:
    """The incident, locked, if the event is legal and the user holds it or is a supervisor."""
    incident = await _locked(connection, incident_id)
    next_state(incident.state, event)
    if incident.claimed_by != user_id and not supervisor:
        raise await _conflict(connection, incident)
    return incident


async def _conflict(connection: Connection, incident: Incident) -> Conflict:
    if incident.claimed_by is None or incident.claimed_at is None:
        raise ValueError(f"incident {incident.id} is {incident.state} and nobody holds it")
    name = await incidents.holder(connection, incident.claimed_by)
    return Conflict(name or f"user {incident.claimed_by}", incident.claimed_at)


async def _move(
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
    if changed != incident:
        await incidents.save(connection, changed)
    written = await _write_event(connection, changed, event, incident.state, actor, now, detail or {})
    if trail is not None:
        trail.append(written)
    return changed


async def _write_event(
    connection: Connection,
    incident: Incident,
    event: Event,
    from_state: str | None,
    actor: str,
    now: datetime,
    detail: Mapping[str, Any],
) -> IncidentEvent:
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


async def _opened(connection: Connection, incident: Incident, now: datetime) -> None:
    """It is in the queue: nothing but the escalation is due, and the tracker is asked where the wearer is."""
    await _set_escalation(connection, incident, first_step(planning.policy_of(incident), now))
    if incident.queue == Queue.EMERGENCY:
        await _command(connection, incident, "locate-now", now, expires_at=now + _COMMAND_LIFE)


async def _reopen(
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
    incident = await _move(
        connection, incident, event, actor, now, held_by, trail=trail, claimed_by=None, claimed_at=None
    )
    step, round_ = (reached[0].step, reached[0].round) if reached else (0, 0)
    await _set_escalation(connection, incident, Due(step, round_, now))
    return incident


async def _escalate_now(connection: Connection, incident: Incident, now: datetime) -> None:
    for timer in await incidents.timers_of(connection, incident.id):
        if timer.due_at > now:
            await incidents.set_timer(connection, replace(timer, due_at=now))


async def _set_escalation(connection: Connection, incident: Incident, due: Due | Exhausted) -> None:
    await incidents.delete_timers(connection, incident.id)
    await incidents.set_timer(connection, Timer(incident.id, "escalation", due.at, due.step, due.round))


async def _lease(
    connection: Connection, incident: Incident, now: datetime, claim_lease: timedelta = CLAIM_LEASE
) -> None:
    """The holder has until then; the escalation stands still and the lease remembers where."""
    reached = await incidents.timers_of(connection, incident.id)
    step, round_ = (reached[0].step, reached[0].round) if reached else (0, 0)
    due_at = now + LEASES.get(incident.state, claim_lease)
    await incidents.delete_timers(connection, incident.id)
    await incidents.set_timer(connection, Timer(incident.id, "lease", due_at, step, round_))


async def _ended(connection: Connection, incident: Incident, now: datetime) -> None:
    await incidents.delete_timers(connection, incident.id)
    await planning.tell_family_the_end(connection, incident, now)


async def _command(
    connection: Connection,
    incident: Incident,
    command: str,
    now: datetime,
    *,
    expires_at: datetime,
    **values: int,
) -> None:
    """A command to everything that the resident wears, in their language. It is of no use after `expires_at`."""
    worn = await incidents.wearables(connection, incident.resident_id)
    if not worn:
        return
    language = await incidents.resident_language(connection, incident.resident_id)
    message = {
        "command": command,
        "incident": incident.id,
        "text": wording.say(f"command-{command}", language, **values),
        **values,
    }
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
            priority=planning.priority(incident.queue),
            now=now,
        )
