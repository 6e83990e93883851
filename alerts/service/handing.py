"""Handing an incident over to a colleague."""

from datetime import datetime, timedelta

from alerts import planning
from alerts.lifecycle import Event
from alerts.service import changes
from storage import incidents
from storage.incidents import Incident
from storage.pool import Connection


async def hand_over(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    receiver_id: int,
    note: str = "",
    *,
    lease: timedelta = changes.CLAIM_LEASE,
    supervisor: bool = False,
) -> Incident:
    """Give a held incident to a colleague, who is told and has a claim's lease to show that they have it in hand.

    The state stays. A receiver who does nothing lets the lease lapse, and it escalates as after any other lapse; one
    without a working channel is named in the trail. Raises NotFound, Conflict, IllegalEvent, and NotNow where the
    receiver does not work there or holds it already.
    """
    incident = await changes.held(connection, incident_id, user_id, Event.HAND_OVER, supervisor)
    if receiver_id == incident.claimed_by:
        raise changes.NotNow("holds-it-already", "They hold the incident already.")
    if not await incidents.attends(connection, receiver_id, incident.resident_id):
        raise changes.NotNow("no-such-colleague", "There is no such colleague who works in the resident's area.")
    detail = {"from": incident.claimed_by, "to": receiver_id, "note": note}
    incident = await changes.move(
        connection,
        incident,
        Event.HAND_OVER,
        f"user:{user_id}",
        now,
        detail,
        claimed_by=receiver_id,
        claimed_at=now,
    )
    await changes.lease(connection, incident, now, lease, fresh=True)
    if await planning.tell_receiver(connection, incident, now) is None:
        incident = await changes.holder_unreachable(connection, incident, f"user:{user_id}", now)
    return incident
