"""Detectors' findings become alerts, alerts gather in incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from alerts import fusion, planning
from alerts.escalation import policy_to
from alerts.lifecycle import ATTENDED_CODES, ENDED, HELD, Event, State, next_state
from alerts.measures import FINDINGS_REFUSED
from alerts.service import changes
from core import wording
from core.clock import to_datetime
from core.findings import Finding, Kind, Queue
from storage import alarm_tests, evidence, incidents
from storage.incidents import Alert, Incident, IncidentEvent, NewAlert, Timer
from storage.pool import Connection

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Raised:
    """A finding that became an alert. new_incident: it is the first of its incident."""

    alert_id: int
    incident_id: int
    new_incident: bool
    finding: Finding


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
    for finding in sorted((f for f in usable if not (f.clears or f.eases)), key=_urgency):
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
        elif finding.eases and finding.dedup_key in known:
            await _ease(connection, known[finding.dedup_key], finding, now)
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
            about = await _about(connection, alert, now)
            if is_new:
                await _begin(connection, incident, about, finding, now)
            elif incident.state == State.CLOSED:
                await _append(connection, incident, about, finding, now)
            else:
                await _attach(connection, incident, alert, about, finding, now)
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
    """The resident's live incident of the queue, locked, and whether it was made just now.

    Where none is live, that of a fall which help has come to takes what follows from the fall.
    """
    policy = None
    while True:
        incident = await incidents.lock_live(connection, finding.resident, finding.queue.value)
        if incident is None and finding.kind is Kind.LONG_LIE and "fall_time" in finding.evidence:
            fell = datetime.fromisoformat(str(finding.evidence["fall_time"]))
            incident = await incidents.lock_attended(connection, finding.resident, fell, sorted(ATTENDED_CODES))
        if incident is not None:
            return incident, False
        if policy is None:
            severity = int(finding.severity)
            rule = await planning.rule_for(connection, finding.resident, finding.queue.value, severity, now)
            policy = rule.policy
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


async def _about(connection: Connection, alert: Alert, now: datetime) -> dict[str, Any]:
    """What the audit trail says of an alert.

    A press that somebody asked for says that it may be the test; nothing else that follows from it depends on that.
    """
    # How late it came is said: an SOS is raised whatever its age.
    late = max(0, round((now - alert.event_time).total_seconds()))
    about = {"alert": alert.id, "kind": alert.kind, "severity": alert.severity, "score": alert.score, "late_s": late}
    if alert.kind == Kind.SOS:
        test = await alarm_tests.answered(connection, alert.resident_id, alert.id, alert.event_time, now)
        if test is not None:
            about |= {"expected_test": True, "asked_by": f"user:{test.asked_by}", "asked_at": test.asked_at.isoformat()}
    return about


async def _begin(
    connection: Connection, incident: Incident, about: dict[str, Any], finding: Finding, now: datetime
) -> None:
    pending = incident.state == State.PENDING
    await changes.write_event(
        connection,
        incident,
        Event.RAISE if pending else Event.OPEN,
        None,
        f"detector:{finding.detector}",
        now,
        about,
    )
    if not pending:
        await changes.opened(connection, incident, now)
        return
    ends = now + timedelta(seconds=finding.countdown)
    await incidents.set_timer(connection, Timer(incident.id, "countdown", ends, 0, 0))
    await changes.command(connection, incident, "countdown", now, expires_at=ends, seconds=finding.countdown)


async def _attach(
    connection: Connection, incident: Incident, alert: Alert, about: dict[str, Any], finding: Finding, now: datetime
) -> None:
    actor = f"detector:{finding.detector}"
    worse = alert.severity > incident.severity
    headline: dict[str, Any] = {"severity": alert.severity, "kind": alert.kind} if worse else {}
    follows = await changes.worse(connection, incident, alert.severity, now)
    detail = about | follows.detail
    incident = await changes.move(connection, incident, Event.ATTACH, actor, now, detail, **headline, **follows.changes)
    await changes.told_anew(connection, incident, follows, now)
    if incident.state == State.PENDING and finding.countdown == 0:
        incident = await changes.move(connection, incident, Event.OPEN, actor, now, {"alert": alert.id}, opened_at=now)
        await changes.opened(connection, incident, now)
    elif incident.state == State.OPEN and (worse or finding.kind is Kind.SOS):
        # It got worse, or somebody calls for help again: the next people are told now.
        await changes.escalate_now(connection, incident, now)
    elif State(incident.state) in HELD and finding.kind is Kind.SOS:
        await _tell_holder_again(connection, incident, actor, now)


async def _tell_holder_again(connection: Connection, incident: Incident, actor: str, now: datetime) -> None:
    """The wearer calls for help again. A holder whom no message reaches has to show soon that they are there."""
    if await planning.renotify_holder(connection, incident, now) is None:
        incident = await changes.holder_unreachable(connection, incident, actor, now)
        await changes.hurry_holder(connection, incident, now)


async def _append(
    connection: Connection, incident: Incident, about: dict[str, Any], finding: Finding, now: datetime
) -> None:
    """One more alert of what is over: for the record, and for who reopens it. Nobody is told."""
    await changes.move(connection, incident, Event.ATTACH, f"detector:{finding.detector}", now, about)


async def _clear(connection: Connection, alert: Alert, finding: Finding, now: datetime) -> None:
    if alert.cleared_at is not None:
        return
    incident, alerts = await _with_alert(connection, alert)
    if any(a.id == alert.id and a.cleared_at is not None for a in alerts):
        return
    await incidents.clear_alert(connection, alert.id, finding.reason, now)
    if State(incident.state) in ENDED:
        return
    by_wearer = finding.kind is Kind.FALL
    actor = "wearer" if by_wearer else f"detector:{finding.detector}"
    detail = {"alert": alert.id, "reason": finding.reason, "evidence": dict(finding.evidence)}
    incident = await changes.move(connection, incident, Event.CLEAR, actor, now, detail)
    if any(a.id != alert.id and a.cleared_at is None for a in alerts):
        return
    # An emergency that somebody may have been told of is ended by a person only.
    in_time = incident.state == State.PENDING and by_wearer
    settled = incident.state == State.OPEN and incident.queue != Queue.EMERGENCY
    if in_time or settled:
        incident = await changes.move(connection, incident, Event.CANCEL, actor, now, {"alert": alert.id}, ended_at=now)
        await changes.ended(connection, incident, now)


async def _with_alert(connection: Connection, alert: Alert) -> tuple[Incident, list[Alert]]:
    """The incident that the alert belongs to, locked, with all of its alerts: a merge may have moved it just now."""
    incident_id = alert.incident_id
    while True:
        incident = await changes.locked(connection, incident_id)
        alerts = await incidents.alerts_of(connection, incident.id)
        if any(a.id == alert.id for a in alerts):
            return incident, alerts
        moved = await incidents.alert(connection, alert.id)
        if moved is None:
            raise changes.NotFound(f"no alert {alert.id}")
        incident_id = moved.incident_id


async def _ease(connection: Connection, alert: Alert, finding: Finding, now: datetime) -> None:
    """Lower the severity of the incident as home sensors would: for its newest fall, once."""
    incident = await changes.locked(connection, alert.incident_id)
    alerts = await incidents.alerts_of(connection, incident.id)
    falls = [a for a in alerts if a.kind in fusion.FALLS and a.cleared_at is None]
    if not falls:
        return
    # Of the one that home sensors are asked about (evidence.open_falls), so that both together lower it once.
    newest = max(falls, key=lambda a: (a.event_time, a.id))
    adjustment = fusion.Adjustment(False, newest.id, finding.reason, dict(finding.evidence))
    await _adjust(connection, incident, adjustment, f"detector:{finding.detector}", now)


async def weigh_evidence(connection: Connection, about: Alert, now: datetime) -> IncidentEvent | None:
    """Let the home's other sensors raise or lower the severity of the incident of a fall, once each way for an alert.

    Returns the line of the audit trail, None where nothing changed. The reason is in it in both languages. Raises
    NotFound, StorageError.
    """
    incident = await changes.locked(connection, about.incident_id)
    signs = await evidence.signs(connection, about.resident_id, about.event_time, now)
    adjustment = fusion.judge(about, signs, now)
    return None if adjustment is None else await _adjust(connection, incident, adjustment, "fusion", now)


async def _adjust(
    connection: Connection, incident: Incident, adjustment: fusion.Adjustment, actor: str, now: datetime
) -> IncidentEvent | None:
    """Adjust a locked incident, unless it is over, its countdown runs, or that was done for the same alert."""
    if State(incident.state) in ENDED or incident.state == State.PENDING:
        return None
    done = [e.detail for e in await incidents.events_of(connection, incident.id) if e.event == Event.ADJUST]
    if any((d["alert"], d["raises"]) == (adjustment.about, adjustment.raises) for d in done):
        return None
    alerts = await incidents.alerts_of(connection, incident.id)
    severity = fusion.severity_after(adjustment, incident.severity, alerts)
    if severity == incident.severity or any(a.id == adjustment.about and a.cleared_at is not None for a in alerts):
        return None
    detail = {
        "alert": adjustment.about,
        "raises": adjustment.raises,
        "from": incident.severity,
        "to": severity,
        "reason": adjustment.reason,
        "text": {name: wording.say(adjustment.reason, name, **adjustment.evidence) for name in wording.LANGUAGES},
        "evidence": adjustment.evidence,
    }
    trail: list[IncidentEvent] = []
    follows = await changes.worse(connection, incident, severity, now)
    incident = await changes.move(
        connection,
        incident,
        Event.ADJUST,
        actor,
        now,
        detail | follows.detail,
        trail=trail,
        severity=severity,
        **follows.changes,
    )
    await changes.told_anew(connection, incident, follows, now)
    if adjustment.raises and incident.state == State.OPEN:
        await changes.escalate_now(connection, incident, now)
    return trail[0]
