"""Incidents: the list by urgency, one with everything about it, and what a responder does with it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse

from alerts import service
from alerts.lifecycle import ENDED, IllegalEvent, State
from api.dependencies import API, Conn, IncidentReader, IncidentWorker, Language, Now, Shared
from api.idempotency import Once, OnceOnly
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.permissions import GRANTS, Permission, Role
from api.problems import ProblemError, not_found, responses
from api.routes.areas import area_in_scope
from api.routes.series import position
from api.schemas.base import AreaCode
from api.schemas.incidents import (
    Alert,
    Arrive,
    Close,
    Contact,
    Delivery,
    Dispatch,
    Event,
    Holder,
    Incident,
    IncidentDetail,
    Note,
    Person,
    Release,
)
from api.schemas.series import Position
from core.findings import Queue
from core.wording import WordingError, say
from storage import incidents, people, timeseries, worklist
from storage.pool import Connection
from storage.users import User
from storage.worklist import Entry, Filter

router = APIRouter(prefix=f"{API}/incidents", tags=["incidents"])

_log = structlog.get_logger(__name__)

IncidentId = Annotated[int, Path(ge=1, le=2**63 - 1)]
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_WORK_REFUSALS = (*_REFUSALS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

QueueFilter = Annotated[Queue | None, Query(description="only of this queue")]
StateFilter = Annotated[list[State] | None, Query(description="only in these states")]
AreaFilter = Annotated[AreaCode | None, Query(description="only in this area's subtree")]
ResidentFilter = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class Work:
    """One step of a user's work on one incident, once for an idempotency key."""

    incident_id: int
    user: User
    connection: Connection
    now: datetime
    once: Once

    @property
    def supervises(self) -> bool:
        """Whether the user may do it in the holder's place."""
        return self.user.role == Role.SUPERVISOR

    async def __call__(self, step: Callable[..., Awaitable[object]], *given: object, **named: object) -> JSONResponse:
        """Do `step(connection, incident, user, now, *given, **named)`; the answer is the incident as it is then.

        Raises ProblemError where the incident is out of the user's sight, held by somebody else or in another state.
        """

        async def do() -> Incident:
            await _in_scope(self.connection, self.user, self.now, self.incident_id)
            try:
                await step(self.connection, self.incident_id, self.user.id, self.now, *given, **named)
            except service.NotFound:
                raise not_found("incident") from None
            except service.Conflict as conflict:
                raise await _held(self.connection, self.user, self.now, self.incident_id, conflict) from conflict
            except IllegalEvent as illegal:
                raise ProblemError(
                    HTTPStatus.CONFLICT,
                    "wrong-state",
                    "Not in this state",
                    f"The incident is {illegal.state}: {illegal.event} is not possible now.",
                    members={"state": illegal.state, "event": illegal.event},
                ) from illegal
            return shown(await _in_scope(self.connection, self.user, self.now, self.incident_id))

        return await self.once(do)


def _work(incident_id: IncidentId, user: IncidentWorker, connection: Conn, now: Now, once: OnceOnly) -> Work:
    return Work(incident_id, user, connection, now, once)


Working = Annotated[Work, Depends(_work)]


@router.get("", summary="Incidents that are not over, the most urgent first", responses=responses(*_REFUSALS))
async def list_incidents(
    user: IncidentReader,
    connection: Conn,
    now: Now,
    queue: QueueFilter = None,
    state: StateFilter = None,
    area: AreaFilter = None,
    resident_id: ResidentFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Incident]:
    """By queue (emergency, care, maintenance), then the most severe first, then who waits longest."""
    which = await _filter(connection, user, queue, state, area, resident_id)
    after = decode(cursor, worklist.UrgentPlace) if cursor else None
    found = await worklist.urgent(connection, user.scope, now, which, after=after, maximum=limit + 1)
    items, last = split(found, limit)
    place = worklist.UrgentPlace(Queue(last.queue), last.severity, last.raised_at, last.id) if last else None
    return Page(items=[shown(item) for item in items], next_cursor=encode(place) if place else None)


@router.get("/history", summary="All incidents, the newest first", responses=responses(*_REFUSALS))
async def list_history(
    user: IncidentReader,
    connection: Conn,
    now: Now,
    queue: QueueFilter = None,
    state: StateFilter = None,
    area: AreaFilter = None,
    resident_id: ResidentFilter = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Incident]:
    """Over or not, by the time they were raised."""
    which = await _filter(connection, user, queue, state, area, resident_id)
    after = decode(cursor, worklist.NewestPlace) if cursor else None
    found = await worklist.newest(connection, user.scope, now, which, after=after, maximum=limit + 1)
    items, last = split(found, limit)
    place = worklist.NewestPlace(last.raised_at, last.id) if last else None
    return Page(items=[shown(item) for item in items], next_cursor=encode(place) if place else None)


@router.get(
    "/{incident_id}",
    summary="One incident with everything about it",
    responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND),
)
async def get_incident(
    incident_id: IncidentId, user: IncidentReader, connection: Conn, now: Now, language: Language
) -> IncidentDetail:
    """Evidence with its reasons in words, the audit trail, who was told, and the resident."""
    entry = await _in_scope(connection, user, now, incident_id)
    resident = await people.resident(connection, user.scope, now, entry.resident_id)
    if resident is None:
        raise not_found("incident")
    actors = await worklist.actors(connection, incident_id)
    placed = _may_see_place(user, entry)
    return IncidentDetail(
        **shown(entry).model_dump(),
        person=await _person(connection, user, now, resident),
        alerts=[_alert(alert, language, placed) for alert in await incidents.alerts_of(connection, incident_id)],
        events=[
            Event(
                id=event.id,
                at=event.at,
                event=event.event,
                from_state=State(event.from_state) if event.from_state else None,
                to_state=State(event.to_state),
                actor=event.actor,
                actor_name=actors.get(event.actor),
                detail=_facts(event.detail, placed),
            )
            for event in await incidents.events_of(connection, incident_id)
        ],
        deliveries=[Delivery.model_validate(told) for told in await worklist.told(connection, incident_id)],
        position=await _position(connection, now, entry) if placed else None,
    )


_answers: dict[str, Any] = {"response_model": Incident, "responses": responses(*_WORK_REFUSALS)}


@router.post("/{incident_id}/claim", summary="Take an incident", **_answers)
async def claim(work: Working, shared: Shared) -> JSONResponse:
    """Take an open incident, alone and for a while: without any further step the claim lapses. Again: keep it.

    409 names who has it and since when.
    """
    return await work(service.claim, lease=timedelta(seconds=shared.settings.claim_lease_seconds))


@router.post("/{incident_id}/release", summary="Give an incident back", **_answers)
async def release(work: Working, given: Release | None = None) -> JSONResponse:
    """It is open again and escalates at once. A supervisor may release somebody else's."""
    return await work(service.release, supervisor=work.supervises)


@router.post("/{incident_id}/contact", summary="Somebody was called", **_answers)
async def contact(work: Working, given: Contact) -> JSONResponse:
    """Write down who was called and what came of it."""
    return await work(service.contact, given.outcome, given.note, supervisor=work.supervises)


@router.post("/{incident_id}/dispatch", summary="Help was sent", **_answers)
async def dispatch(work: Working, given: Dispatch) -> JSONResponse:
    """Write down who or what was sent."""
    return await work(service.dispatch, given.resource, given.note, supervisor=work.supervises)


@router.post("/{incident_id}/arrive", summary="Help is there", **_answers)
async def arrive(work: Working, given: Arrive | None = None) -> JSONResponse:
    """Write down that help is on the scene."""
    return await work(service.arrive, given.note if given else "", supervisor=work.supervises)


@router.post("/{incident_id}/close", summary="Close an incident", **_answers)
async def close(work: Working, given: Close) -> JSONResponse:
    """End an incident that somebody has, with a code for how it turned out."""
    return await work(service.close, given.code, given.note, supervisor=work.supervises)


@router.post("/{incident_id}/notes", summary="Add a note", **_answers)
async def note(work: Working, given: Note) -> JSONResponse:
    """Add a note, in any state."""
    return await work(service.note, given.text)


def shown(entry: Entry) -> Incident:
    """An incident as it is shown."""
    holder = None
    if entry.claimed_by is not None:
        holder = Holder(id=entry.claimed_by, name=entry.claimed_by_name, since=entry.claimed_at)
    fields = {name: getattr(entry, name) for name in Incident.model_fields if name != "claimed_by"}
    return Incident.model_validate({**fields, "claimed_by": holder})


async def _held(
    connection: Connection, user: User, now: datetime, incident_id: int, conflict: service.Conflict
) -> ProblemError:
    entry = await _in_scope(connection, user, now, incident_id)
    return ProblemError(
        HTTPStatus.CONFLICT,
        "incident-held",
        "Somebody else has this incident",
        f"{conflict.holder} has held it since {conflict.since.isoformat(timespec='seconds')}.",
        members={
            "claimed_by": {"id": entry.claimed_by, "name": conflict.holder},
            "claimed_at": conflict.since.isoformat(),
        },
    )


async def _filter(
    connection: Connection,
    user: User,
    queue: Queue | None,
    states: list[State] | None,
    area: str | None,
    resident_id: int | None,
) -> Filter:
    path = (await area_in_scope(connection, user, area, "area", "query")).path if area else None
    return Filter(
        queue=queue.value if queue else None,
        states=tuple(state.value for state in states) if states else None,
        area_path=path,
        resident_id=resident_id,
    )


async def _in_scope(connection: Connection, user: User, now: datetime, incident_id: int) -> Entry:
    found = await worklist.one(connection, user.scope, now, incident_id)
    if found is None:
        raise not_found("incident")
    return found


async def _person(connection: Connection, user: User, now: datetime, resident: people.Resident) -> Person:
    home = await people.household(connection, user.scope, now, resident.household_id)
    attends = Permission.HOUSEHOLD_READ in GRANTS[Role(user.role)]
    return Person(
        id=resident.id,
        name=resident.name,
        birth_year=resident.birth_year,
        sex=resident.sex,
        phone=resident.phone,
        language=resident.language,
        conditions=resident.conditions,
        medicines=resident.medicines,
        access_notes=home.access_notes if home and attends else None,
        latitude=home.latitude if home else None,
        longitude=home.longitude if home else None,
    )


def _alert(alert: incidents.Alert, language: str, placed: bool) -> Alert:
    return Alert(
        id=alert.id,
        kind=alert.kind,
        severity=alert.severity,
        event_time=alert.event_time,
        raised_at=alert.raised_at,
        device_id=alert.device_id,
        detector=alert.detector,
        version=alert.version,
        reason=_said(alert.reason, language, alert.evidence),
        reason_code=alert.reason,
        evidence=_facts(alert.evidence, placed),
        score=alert.score,
        cleared_at=alert.cleared_at,
        clear_reason=_said(alert.clear_reason, language, alert.evidence) if alert.clear_reason else None,
    )


def _said(reason: str, language: str, evidence: Mapping[str, Any]) -> str:
    try:
        return say(reason, language, **evidence)
    except WordingError as error:
        # The page of an incident opens whatever an older detector wrote.
        _log.error("a reason has no wording", reason=reason, error=str(error))
        return reason


def _may_see_place(user: User, entry: Entry) -> bool:
    """Whether exact positions are shown with this incident: while it is open, and not for equipment."""
    over = State(entry.state) in ENDED
    return not over and entry.queue != Queue.MAINTENANCE and Permission.POSITION_READ in GRANTS[Role(user.role)]


def _facts(facts: Mapping[str, Any], placed: bool) -> dict[str, Any]:
    """Evidence as it is shown: detectors of places put exact positions in, which are not for everybody nor for good."""
    return {
        name: _facts(value, placed) if isinstance(value, Mapping) else value
        for name, value in facts.items()
        if placed or name not in ("latitude", "longitude")
    }


async def _position(connection: Connection, now: datetime, entry: Entry) -> Position | None:
    devices = await timeseries.devices_of(connection, entry.resident_id)
    found = await timeseries.positions(
        connection, devices, now - timedelta(days=1), now + timedelta(minutes=10), maximum=1
    )
    return position(found[0]) if found else None
