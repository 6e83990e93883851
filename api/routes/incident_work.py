"""What responders do with an incident: each a step of the service, once for an idempotency key."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from alerts import service
from api import refusals
from api.dependencies import API, Conn, IncidentWorker, Now, Shared
from api.idempotency import Once, OnceOnly
from api.permissions import Role
from api.problems import responses, wrong_field
from api.routes.incidents import IncidentId, in_scope, shown
from api.schemas.incidents import (
    Arrive,
    Close,
    Contact,
    Dispatch,
    HandOver,
    Incident,
    Merge,
    Note,
    Release,
    Reopen,
)
from storage import contacts, worklist
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=f"{API}/incidents", tags=["incidents"])

WORK_REFUSALS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


@dataclass(frozen=True, slots=True)
class Work:
    """One step of a user's work on one incident, once for an idempotency key."""

    incident_id: int
    user: User
    connection: Connection
    now: datetime
    once: Once
    lease: timedelta

    @property
    def supervises(self) -> bool:
        """Whether the user may do it in the holder's place."""
        return self.user.role == Role.SUPERVISOR

    async def __call__(self, step: Callable[..., Awaitable[object]], *given: object, **named: object) -> JSONResponse:
        """Do `step(connection, incident, user, now, *given, **named)`; the answer is the incident as it is then.

        Raises ProblemError where the incident is out of the user's sight, held by somebody else or in another state.
        """

        async def do() -> Incident:
            await in_scope(self.connection, self.user, self.now, self.incident_id)
            async with refusals.told(self.connection, self.incident_id):
                await step(self.connection, self.incident_id, self.user.id, self.now, *given, **named)
            return shown(await in_scope(self.connection, self.user, self.now, self.incident_id))

        return await self.once(do)


def _work(
    incident_id: IncidentId, user: IncidentWorker, connection: Conn, now: Now, once: OnceOnly, shared: Shared
) -> Work:
    lease = timedelta(seconds=shared.settings.claim_lease_seconds)
    return Work(incident_id, user, connection, now, once, lease)


Working = Annotated[Work, Depends(_work)]
_answers: dict[str, Any] = {"response_model": Incident, "responses": responses(*WORK_REFUSALS)}


@router.post("/{incident_id}/claim", summary="Take an incident", **_answers)
async def claim(work: Working) -> JSONResponse:
    """Take an open incident, alone and for a while: without any further step the claim lapses. Again: keep it.

    409 names who has it and since when.
    """
    return await work(service.claim, lease=work.lease)


@router.post("/{incident_id}/release", summary="Give an incident back", **_answers)
async def release(work: Working, given: Release | None = None) -> JSONResponse:
    """It is open again and escalates at once. A supervisor may release somebody else's."""
    return await work(service.release, supervisor=work.supervises)


@router.post("/{incident_id}/hand-over", summary="Hand an incident over to a colleague", **_answers)
async def hand_over(work: Working, given: HandOver) -> JSONResponse:
    """The colleague holds it from now on and is told; they keep it with any step of their own, else it lapses.

    A supervisor may hand over somebody else's, to themselves too.
    """
    return await work(service.hand_over, given.user_id, given.note, lease=work.lease, supervisor=work.supervises)


@router.post("/{incident_id}/contact", summary="Somebody was called", **_answers)
async def contact(work: Working, given: Contact) -> JSONResponse:
    """Write down who was called and what came of it: an answer is a contact, all else an attempt (event `call`)."""
    if given.contact_id is not None:
        await _of_call_list(work, given.contact_id)
    return await work(
        service.contact,
        given.outcome,
        given.note,
        who=given.called,
        contact_id=given.contact_id,
        lease=work.lease,
        supervisor=work.supervises,
    )


@router.post("/{incident_id}/dispatch", summary="Help was sent", **_answers)
async def dispatch(work: Working, given: Dispatch) -> JSONResponse:
    """Write down who or what was sent; in an emergency the wearer hears that help is on its way."""
    return await work(service.dispatch, given.resource, given.note, supervisor=work.supervises)


@router.post("/{incident_id}/arrive", summary="Help is there", **_answers)
async def arrive(work: Working, given: Arrive | None = None) -> JSONResponse:
    """Write down that help is on the scene."""
    return await work(service.arrive, given.note if given else "", supervisor=work.supervises)


@router.post("/{incident_id}/close", summary="Close an incident", **_answers)
async def close(work: Working, given: Close) -> JSONResponse:
    """End an incident that somebody has, with a code for how it turned out."""
    return await work(service.close, given.code, given.note, supervisor=work.supervises)


@router.post("/{incident_id}/reopen", summary="It was not over", **_answers)
async def reopen(work: Working, shared: Shared, given: Reopen | None = None) -> JSONResponse:
    """Put an incident that was closed or cancelled back into the queue, until its `reopen_until`; it escalates at once.

    409 where it is too late, where it went on in another incident (`merged`), or where the resident has another one
    open in the queue (`another-is-open`, with its id).
    """
    within = timedelta(minutes=shared.settings.reopen_minutes)
    return await work(service.reopen, given.note if given else "", within=within)


@router.post("/{incident_id}/merge", summary="It goes on in another incident", **_answers)
async def merge(work: Working, given: Merge) -> JSONResponse:
    """Close it as a duplicate of a more urgent incident of the same resident, which takes over its alerts.

    Both must be open or the user's own; a supervisor may merge anybody's.
    """
    if await worklist.one(work.connection, work.user.scope, work.now, given.into) is None:
        await in_scope(work.connection, work.user, work.now, work.incident_id)
        raise wrong_field("into", "there is no such incident")
    return await work(service.merge, given.into, given.note, supervisor=work.supervises)


@router.post("/{incident_id}/notes", summary="Add a note", **_answers)
async def note(work: Working, given: Note) -> JSONResponse:
    """Add a note, in any state."""
    return await work(service.note, given.text)


async def _of_call_list(work: Work, contact_id: int) -> None:
    entry = await in_scope(work.connection, work.user, work.now, work.incident_id)
    found = await contacts.contact(work.connection, contact_id)
    if found is None or found.resident_id != entry.resident_id:
        raise wrong_field("contact_id", "the resident has no such contact")
