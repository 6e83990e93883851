"""The live queue by server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Final

import anyio
from fastapi import APIRouter, Depends, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.auth import Session, TokenError
from api.dependencies import API, Conn, CurrentUser, SessionNow, Shared, SignedIn, active_user, bearer_token, check
from api.live import Reset, Subscription
from api.permissions import Permission
from api.problems import responses, sign_in_needed, wrong_field
from api.routes.incidents import shown
from api.schemas.incidents import Change
from api.schemas.session import Ticket
from storage import worklist

router = APIRouter(prefix=f"{API}/incidents/live", tags=["incidents"])

_HEARTBEAT: Final = 15.0
# The newest missed events that are sent again; after more the client had better load the list.
_REPLAY: Final = 500
# Ids are given before the commit, so that one a little lower may have come after the last that a client has.
_OVERLAP: Final = 32

# Seconds in which open streams end by themselves when the server goes down.
_GRACE: Final = 2.0

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_STREAM: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.OK): {
        "description": (
            "Events `ready` (the stream has begun), `incident` (data: a Change) and `reset` (load the list again). "
            "The id of an event is that of the audit trail; an event may come twice."
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


async def _session(
    shared: Shared,
    now: SessionNow,
    token: Annotated[str | None, Depends(bearer_token)],
    ticket: Annotated[str | None, Query(max_length=1000, description="where no header can be sent")] = None,
) -> Session:
    if token is None and ticket is None:
        raise sign_in_needed("Send an access token, or a ticket from POST /api/v1/incidents/live/ticket.")
    try:
        return shared.tokens.read(token, now) if token is not None else shared.tokens.read_ticket(ticket or "", now)
    except TokenError as error:
        raise sign_in_needed(f"{error}.".capitalize()) from error


@router.post("/ticket", summary="A ticket for the live stream", responses=responses(*_REFUSALS))
async def issue_ticket(session: SignedIn, user: CurrentUser, shared: Shared, now: SessionNow) -> Ticket:
    """For a browser's EventSource, which sends no header: the ticket opens the stream within 30 s."""
    check(user, Permission.INCIDENT_READ)
    ticket, expires_at = shared.tokens.issue_ticket(session, now)
    return Ticket(ticket=ticket, expires_at=expires_at)


@router.get(
    "",
    summary="What happens to incidents, as it happens",
    response_class=EventSourceResponse,
    responses={**responses(*_REFUSALS), **_STREAM},
)
async def stream(
    session: Annotated[Session, Depends(_session)],
    shared: Shared,
    connection: Conn,
    now: SessionNow,
    last_event_id: Annotated[str | None, Header(description="replays what was missed since")] = None,
) -> EventSourceResponse:
    """Open it first and load the list then: nothing is missed in between.

    The stream ends when the sign-in does; open it again with a new token and the last event's id.
    """
    user = await active_user(connection, session)
    check(user, Permission.INCIDENT_READ)
    if last_event_id and not (last_event_id.isdecimal() and int(last_event_id) < 2**63):
        raise wrong_field("Last-Event-ID", "not an id of this stream", "header")
    after = int(last_event_id) if last_event_id else None
    seconds = (session.expires_at - now).total_seconds()
    shutdown = anyio.Event()

    async def events() -> AsyncIterator[ServerSentEvent]:
        with shared.live.subscribe(user.scope) as subscription:
            async for event in _replay(shared, subscription, after):
                yield event
            async for item in _until(subscription, shutdown, seconds):
                yield _event(item)

    return EventSourceResponse(events(), ping=_HEARTBEAT, shutdown_event=shutdown, shutdown_grace_period=_GRACE)


async def _until(
    subscription: Subscription, shutdown: anyio.Event, seconds: float
) -> AsyncIterator[worklist.Change | Reset]:
    """What comes in, until the sign-in ends, the server goes down, or the client could not keep up."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    closing = asyncio.create_task(shutdown.wait(), name="server goes down")
    try:
        while True:
            getting = asyncio.create_task(subscription.waiting.get(), name="next change")
            try:
                await asyncio.wait({getting, closing}, timeout=ends - loop.time(), return_when=asyncio.FIRST_COMPLETED)
                item = getting.result() if getting.done() else None
            finally:
                getting.cancel()
            if item is None:
                return
            yield item
    finally:
        closing.cancel()


async def _replay(shared: Shared, subscription: Subscription, after: int | None) -> AsyncIterator[ServerSentEvent]:
    async with shared.transaction() as connection:
        newest = await worklist.last_event_id(connection)
        missed: list[worklist.Change] = []
        too_many = False
        if after is not None:
            ids = await worklist.event_ids_after(connection, max(0, after - _OVERLAP), maximum=_REPLAY + 1)
            too_many = len(ids) > _REPLAY
            missed = (
                [] if too_many else await worklist.changes(connection, [i for i in ids if i != after], shared.now())
            )
    yield ServerSentEvent(event="ready", data="{}", id=None if missed else str(newest))
    if too_many:
        yield _event(Reset())
    for change in missed:
        if change.visible(subscription.scope):
            yield _event(change)


def _event(item: worklist.Change | Reset) -> ServerSentEvent:
    if isinstance(item, Reset):
        return ServerSentEvent(event="reset", data="{}")
    data = Change(id=item.id, at=item.at, event=item.event, actor=item.actor, incident=shown(item.entry))
    return ServerSentEvent(event="incident", id=str(item.id), data=data.model_dump_json())
