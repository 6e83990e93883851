"""What the service refuses, as problems: who holds the incident, in which state it is and who brought it there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from alerts import service
from alerts.lifecycle import IllegalEvent
from api.problems import ProblemError, not_found
from storage import incidents, worklist
from storage.pool import Connection

_TITLES = {
    "holds-it-already": "They hold it already",
    "no-such-colleague": "There is no such colleague",
    "merged": "It goes on in another incident",
    "too-late": "It is too late for that",
    "another-is-open": "Another one is open",
    "not-of-this-resident": "Not of the same resident",
    "not-more-urgent": "Not more urgent",
    "target-not-open": "The other incident is not in the queue",
    "too-many-files": "Too many files",
    "has-an-emergency": "The resident has an emergency",
    "nothing-to-test": "There is nothing to test",
    "changing-now": "It is being changed",
}


@asynccontextmanager
async def told(connection: Connection, incident_id: int) -> AsyncIterator[None]:
    """Raise what the service refuses about an incident as ProblemError: 404 and 409."""
    try:
        yield
    except service.NotFound:
        raise not_found("incident") from None
    except service.Conflict as conflict:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            "incident-held",
            "Somebody else has this incident",
            f"{conflict.holder} has held it since {conflict.since.isoformat(timespec='seconds')}.",
            members={
                "incident": conflict.incident_id,
                "claimed_by": {"id": conflict.holder_id, "name": conflict.holder},
                "claimed_at": conflict.since.isoformat(),
            },
        ) from conflict
    except service.NotNow as refusal:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            refusal.code,
            _TITLES[refusal.code],
            str(refusal),
            members=refusal.facts,
        ) from refusal
    except IllegalEvent as illegal:
        raise await _wrong_state(connection, incident_id, illegal) from illegal


async def _wrong_state(connection: Connection, incident_id: int, illegal: IllegalEvent) -> ProblemError:
    """Who is late hears who was faster, and when."""
    brought = await incidents.last_move(connection, incident_id)
    members: dict[str, object] = {"state": illegal.state, "event": illegal.event}
    since = ""
    if brought is not None:
        actors = await worklist.actors(connection, incident_id)
        members |= {"since": brought.at.isoformat(), "by": {"actor": brought.actor, "name": actors.get(brought.actor)}}
        since = f" since {brought.at.isoformat(timespec='seconds')}, by {actors.get(brought.actor, brought.actor)}"
    return ProblemError(
        HTTPStatus.CONFLICT,
        "wrong-state",
        "Not in this state",
        f"The incident is {illegal.state}{since}: {illegal.event} is not possible now.",
        members=members,
    )
