"""What was closed or cancelled too early comes back into the queue."""

from datetime import datetime, timedelta

from alerts import planning
from alerts.escalation import after_reopening
from alerts.lifecycle import ENDED, Event, State, next_state
from alerts.service import changes
from storage import incidents
from storage.errors import Duplicate
from storage.incidents import Incident
from storage.pool import Connection

REOPEN_WITHIN = timedelta(minutes=120)


def reopen_until(state: str, ended_at: datetime | None, merged: bool, within: timedelta) -> datetime | None:
    """The end of the time in which an incident may be reopened; None where it is not over, or goes on in another."""
    if State(state) not in ENDED or ended_at is None or merged:
        return None
    return ended_at + within


async def reopen(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    note: str = "",
    *,
    within: timedelta = REOPEN_WITHIN,
) -> Incident:
    """It was not over: the incident is open again, held by nobody, and escalates at once in a new round.

    The trail keeps how it had ended; the row says nothing of it any more, so that its code counts nowhere. Raises
    NotFound, IllegalEvent, and NotNow where it is too late, where it goes on in another incident, or where the
    resident has another live one in the queue.
    """
    incident = await changes.locked(connection, incident_id)
    next_state(incident.state, Event.REOPEN)
    target = await incidents.merged_into(connection, incident_id)
    if target is not None:
        raise changes.NotNow("merged", f"It goes on in incident {target}.", merged_into=target)
    until = reopen_until(incident.state, incident.ended_at, False, within)
    if until is not None and now > until:
        said = until.isoformat(timespec="seconds")
        raise changes.NotNow("too-late", f"It could be reopened until {said}.", reopen_until=until.isoformat())
    live = await incidents.live_id(connection, incident.resident_id, incident.queue)
    if live is not None:
        raise _another(live)
    detail = {"note": note, "ended_at": str(incident.ended_at and incident.ended_at.isoformat())}
    if incident.closure_code is not None:
        detail |= {"code": incident.closure_code, "closure_note": incident.closure_note}
    try:
        # A savepoint: another one may be raised at this very moment.
        async with connection.transaction():
            incident = await changes.move(
                connection,
                incident,
                Event.REOPEN,
                f"user:{user_id}",
                now,
                detail,
                opened_at=incident.opened_at or now,
                claimed_by=None,
                claimed_at=None,
                ended_at=None,
                closure_code=None,
                closure_note="",
            )
    except Duplicate as error:
        raise _another(await incidents.live_id(connection, incident.resident_id, incident.queue)) from error
    last = await incidents.last_event(connection, incident_id, Event.ESCALATE.value)
    before = await incidents.rounds_before(connection, incident_id)
    reached = None
    # Of the policy that it has now: it may have taken up another one since.
    if last is not None and last.detail.get("rounds_before", 0) == before:
        reached = int(last.detail["step"]), int(last.detail["round"])
    await changes.opened(connection, incident, now, after_reopening(planning.policy_of(incident), reached, now))
    return incident


def _another(live: int | None) -> changes.NotNow:
    return changes.NotNow(
        "another-is-open", f"Incident {live} of the same resident and queue is open: work on that one.", incident=live
    )
