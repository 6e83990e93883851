"""Incidents: the list by urgency, the newest, and one with everything about it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query

from alerts import service
from alerts.lifecycle import ENDED, State
from api.dependencies import API, Conn, IncidentReader, Language, Now, Shared
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.permissions import GRANTS, Permission, Role
from api.problems import not_found, responses
from api.reasons import said
from api.routes.areas import area_in_scope
from api.routes.series import position
from api.schemas.base import AreaCode
from api.schemas.incidents import (
    Alert,
    Attachment,
    Delivery,
    Event,
    Holder,
    Incident,
    IncidentDetail,
    Person,
    StormOfIncident,
)
from api.schemas.series import Position
from core.findings import Queue
from storage import attachments, incidents, people, timeseries, worklist
from storage.pool import Connection
from storage.users import User
from storage.worklist import Entry, Filter

router = APIRouter(prefix=f"{API}/incidents", tags=["incidents"])

_log = structlog.get_logger(__name__)

IncidentId = Annotated[int, Path(ge=1, le=2**63 - 1)]
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)

QueueFilter = Annotated[Queue | None, Query(description="only of this queue")]
StateFilter = Annotated[list[State] | None, Query(description="only in these states")]
AreaFilter = Annotated[AreaCode | None, Query(description="only in this area's subtree")]
ResidentFilter = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


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
    incident_id: IncidentId, user: IncidentReader, connection: Conn, now: Now, language: Language, shared: Shared
) -> IncidentDetail:
    """Evidence with its reasons in words, the audit trail, who was told, and the resident."""
    entry = await in_scope(connection, user, now, incident_id)
    resident = await people.resident(connection, user.scope, now, entry.resident_id)
    if resident is None:
        raise not_found("incident")
    actors = await worklist.actors(connection, incident_id)
    merged_into = await incidents.merged_into(connection, incident_id)
    within = timedelta(minutes=shared.settings.reopen_minutes)
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
        attachments=await _files(connection, user, incident_id),
        merged_into=merged_into,
        reopen_until=service.reopen_until(entry.state, entry.ended_at, merged_into is not None, within),
    )


def shown(entry: Entry) -> Incident:
    """An incident as it is shown."""
    holder = None
    if entry.claimed_by is not None:
        holder = Holder(id=entry.claimed_by, name=entry.claimed_by_name, since=entry.claimed_at)
    storm = None
    if entry.storm_id is not None:
        storm = StormOfIncident(
            id=entry.storm_id,
            kind=entry.storm_kind or entry.kind,
            area=entry.storm_area or entry.area,
            count=entry.storm_count or 0,
            since=entry.storm_since or entry.raised_at,
        )
    made = {"claimed_by": holder, "storm": storm}
    fields = {name: getattr(entry, name) for name in Incident.model_fields if name not in made}
    return Incident.model_validate(fields | made)


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


async def in_scope(connection: Connection, user: User, now: datetime, incident_id: int) -> Entry:
    """The incident, if the user may know of it. Raises ProblemError (404)."""
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


async def _files(connection: Connection, user: User, incident_id: int) -> list[Attachment]:
    if Permission.INCIDENT_WORK not in GRANTS[Role(user.role)]:
        return []
    return [attachment(file) for file in await attachments.of_incident(connection, incident_id)]


def attachment(file: attachments.Attachment) -> Attachment:
    """A file as it is shown."""
    fields = {name: getattr(file, name) for name in Attachment.model_fields if name != "sha256"}
    return Attachment.model_validate({**fields, "sha256": file.sha256.hex()})


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
        reason=said(alert.reason, language, alert.evidence),
        reason_code=alert.reason,
        evidence=_facts(alert.evidence, placed),
        score=alert.score,
        cleared_at=alert.cleared_at,
        clear_reason=said(alert.clear_reason, language, alert.evidence) if alert.clear_reason else None,
    )


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
