"""Who is on shift: rotations, overrides, and the shifts that they come to."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from alerts import duty
from alerts.duty import Centre
from alerts.rota import LONGEST_SHIFT, Shift, shifts
from api.dependencies import API, Conn, Language, Now, RotaReader, RotaWriter
from api.idempotency import OnceOnly
from api.problems import not_found, responses, wrong_field
from api.routes.areas import area_in_scope
from api.routes.own_area import CHANGES, REFUSALS, Area, area_path, is_own
from api.routes.taken import told_as_conflict
from api.schemas import rota as schemas
from core import shifts as core_shifts
from core.wording import say
from storage import people, rota
from storage.pool import Connection
from storage.rota import Colleague, Named, RotationDetails

router = APIRouter(prefix=f"{API}/rota", tags=["rota"])

RotationId = Annotated[int, Path(ge=1, le=2**31 - 1)]
OverrideId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_WEEK = timedelta(days=7)
_LONGEST = timedelta(days=92)
_YEAR = timedelta(days=366)


@router.get("/shifts", summary="Who works when", responses=responses(*REFUSALS))
async def list_shifts(
    user: RotaReader,
    connection: Conn,
    now: Now,
    area: Area = None,
    first: Annotated[AwareDatetime | None, Query(description="now if not given")] = None,
    last: Annotated[AwareDatetime | None, Query(description="not included; a week after `first` if not given")] = None,
) -> schemas.Shifts:
    """Rotations with overrides worked out, the earliest first: of the area and all below it, and, where it has no
    rotation itself, of the nearest area above that has one. Shifts that reach into the span come whole."""
    path = await area_path(connection, user, area)
    since, until = _span(first, last, now, _WEEK, _LONGEST)
    rotations = duty.readable(await rota.rotations(connection, subtree=path, upwards=path))
    overrides = await rota.overrides(
        connection, since - LONGEST_SHIFT, until + LONGEST_SHIFT, subtree=path, upwards=path
    )
    counting = _counting({rotation.area_path for rotation in rotations}, path)
    found: list[tuple[str, Shift]] = []
    for own in counting:
        of_area = [rotation for rotation in rotations if rotation.area_path == own]
        changes = [override for override in overrides if override.area_path == own]
        found += [(of_area[0].area, shift) for shift in shifts(of_area, changes, since, until)]
    found.sort(key=lambda pair: (pair[1].starts_at, pair[1].ends_at, pair[0], pair[1].user))
    named = {rotation.id: rotation.name for rotation in rotations}
    known = await _names(connection, [u for _, s in found for u in (s.user, s.instead_of) if u is not None])
    return schemas.Shifts(
        items=[
            schemas.Shift(
                area=code,
                rotation_id=shift.rotation,
                rotation=named.get(shift.rotation or 0),
                override_id=shift.override,
                user=_user(known[shift.user]),
                instead_of=None if shift.instead_of is None else _member(known[shift.instead_of]),
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
            )
            for code, shift in found
        ]
    )


@router.get("/on-shift", summary="Who would be told now", responses=responses(*REFUSALS))
async def on_shift(user: RotaReader, connection: Conn, now: Now, area: Area = None) -> schemas.WouldBeTold:
    """Who of the centre would be told of an emergency in the area now, and the supervisors on shift."""
    path = await area_path(connection, user, area)
    centre = await duty.at(connection, path, now)
    told = centre.told("responder")
    supervisors = centre.on_shift("supervisor") if centre.has_rota("supervisor") else ()
    also = [colleague for colleague in supervisors if colleague not in told.people]
    return schemas.WouldBeTold(
        area=area or user.area or "",
        at=now,
        items=[_shown(colleague, centre, everybody=told.fallback is not None) for colleague in told.people]
        + [_shown(colleague, centre, everybody=False) for colleague in also],
        has_rota=centre.rota is not None,
        fallback=told.fallback is not None,
    )


@router.get("/rotations", summary="Rotations", responses=responses(*REFUSALS))
async def list_rotations(user: RotaReader, connection: Conn, area: Area = None) -> schemas.Rotations:
    """Those of the area and all below it; and those above, which count where an area has none of its own."""
    path = await area_path(connection, user, area)
    found = await rota.rotations(connection, subtree=path, upwards=path)
    return schemas.Rotations(items=await _rotations(connection, found))


@router.post(
    "/rotations",
    status_code=HTTPStatus.CREATED,
    summary="Add a rotation",
    response_model=schemas.Rotation,
    responses=responses(*CHANGES),
)
async def add_rotation(
    new: schemas.RotationDetails, user: RotaWriter, connection: Conn, once: OnceOnly
) -> JSONResponse:
    """Add a rotation to an area of the user's own. From its first day on the area has a rota of its own."""
    area = await area_in_scope(connection, user, new.area, "area")
    await _members_see(connection, new.member_ids, area)

    async def add() -> schemas.Rotation:
        with told_as_conflict():
            rotation_id = await rota.add_rotation(connection, area.id, _details(new))
        return await _one(connection, area, rotation_id)

    return await once(add, HTTPStatus.CREATED)


@router.put("/rotations/{rotation_id}", summary="Change a rotation", responses=responses(*CHANGES))
async def change_rotation(
    rotation_id: RotationId, given: schemas.RotationDetails, user: RotaWriter, connection: Conn
) -> schemas.Rotation:
    """Write all of a rotation. Shifts that are over are worked out anew as well."""
    if not is_own(user, await rota.rotation_path(connection, rotation_id)):
        raise not_found("rotation")
    area = await area_in_scope(connection, user, given.area, "area")
    await _members_see(connection, given.member_ids, area)
    with told_as_conflict():
        await rota.update_rotation(connection, rotation_id, area.id, _details(given))
    return await _one(connection, area, rotation_id)


@router.delete(
    "/rotations/{rotation_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete a rotation",
    responses=responses(*CHANGES),
)
async def delete_rotation(rotation_id: RotationId, user: RotaWriter, connection: Conn) -> None:
    """Without any rotation the rota of the nearest area above counts, and everybody is told where there is none."""
    if not is_own(user, await rota.rotation_path(connection, rotation_id)):
        raise not_found("rotation")
    await rota.delete_rotation(connection, rotation_id)


@router.get("/overrides", summary="Overrides", responses=responses(*REFUSALS))
async def list_overrides(
    user: RotaReader,
    connection: Conn,
    now: Now,
    area: Area = None,
    first: Annotated[AwareDatetime | None, Query(description="now if not given")] = None,
    last: Annotated[AwareDatetime | None, Query(description="not included; a year after `first` if not given")] = None,
) -> schemas.Overrides:
    """Those of the same areas as rotations that touch the span, the earliest first."""
    path = await area_path(connection, user, area)
    since, until = _span(first, last, now, _YEAR, _YEAR)
    found = await rota.overrides(connection, since, until, subtree=path, upwards=path)
    return schemas.Overrides(items=await _overrides(connection, found))


@router.post(
    "/overrides",
    status_code=HTTPStatus.CREATED,
    summary="Add an override",
    response_model=schemas.Override,
    responses=responses(*CHANGES),
)
async def add_override(
    new: schemas.OverrideDetails, user: RotaWriter, connection: Conn, now: Now, language: Language, once: OnceOnly
) -> JSONResponse:
    """Put somebody on shift for another, or besides the others. Of two about the same person the later one counts."""
    area = await area_in_scope(connection, user, new.area, "area")
    if new.ends_at <= now:
        raise wrong_field("ends_at", "that is over")
    if new.ends_at - new.starts_at > _YEAR:
        raise wrong_field("ends_at", "at most 366 days after starts_at")
    of_area = [r for r in await rota.rotations(connection, subtree=area.path) if r.area == area.code]
    if not of_area:
        raise wrong_field("area", say("rota-no_rotation", language))
    await _members_see(connection, [new.user_id], area, "user_id")
    if new.instead_of_id is not None:
        others = await rota.overrides(connection, new.starts_at, new.ends_at, subtree=area.path)
        named = {member for rotation in of_area for member in rotation.members} | {o.user for o in others}
        if new.instead_of_id not in named:
            raise wrong_field("instead_of_id", f"{new.instead_of_id} is not in this area's rota")

    async def add() -> schemas.Override:
        override_id = await rota.add_override(
            connection,
            area.id,
            user_id=new.user_id,
            instead_of_id=new.instead_of_id,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            note=new.note,
            made_by=user.id,
            now=now,
        )
        found = await rota.overrides(connection, new.starts_at, new.ends_at, subtree=area.path)
        return (await _overrides(connection, [o for o in found if o.id == override_id]))[0]

    return await once(add, HTTPStatus.CREATED)


@router.delete(
    "/overrides/{override_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Delete an override",
    responses=responses(*CHANGES),
)
async def delete_override(override_id: OverrideId, user: RotaWriter, connection: Conn) -> None:
    """The rotation counts again."""
    if not is_own(user, await rota.override_path(connection, override_id)):
        raise not_found("override")
    await rota.delete_override(connection, override_id)


def _span(
    first: datetime | None, last: datetime | None, now: datetime, usual: timedelta, longest: timedelta
) -> tuple[datetime, datetime]:
    since = first or now
    until = last or since + usual
    if not since < until <= since + longest:
        raise wrong_field("last", f"lies after first, by {longest.days} days at most", "query")
    return since, until


def _counting(with_rotations: set[str], path: str) -> list[str]:
    """Which areas' rotas are shown: below the path, and its own or, where it has none, the nearest above."""
    below = {one for one in with_rotations if one.startswith(path)}
    if path in below:
        return sorted(below)
    above = max((one for one in with_rotations if path.startswith(one)), key=len, default=None)
    return sorted(below | ({above} if above is not None else set()))


async def _members_see(
    connection: Connection, ids: Sequence[int], area: people.Area, field: str = "member_ids"
) -> None:
    """Raise ProblemError where somebody could not answer for all of the area."""
    able = {colleague.id for colleague in await rota.colleagues(connection, area.path)}
    for place, user_id in enumerate(ids):
        if user_id not in able:
            name = f"{field}.{place}" if field == "member_ids" else field
            raise wrong_field(name, f"{user_id} is no responder or supervisor of {area.code} or of an area above it")


def _details(given: schemas.RotationDetails) -> RotationDetails:
    return RotationDetails(
        name=given.name,
        timezone=given.timezone,
        starts_on=given.starts_on,
        days_each=given.days_each,
        members=tuple(given.member_ids),
        shifts=tuple(hours.value for hours in given.shifts),
    )


async def _one(connection: Connection, area: people.Area, rotation_id: int) -> schemas.Rotation:
    found = await rota.rotations(connection, subtree=area.path)
    return (await _rotations(connection, [r for r in found if r.id == rotation_id]))[0]


async def _rotations(connection: Connection, found: Sequence[core_shifts.Rotation]) -> list[schemas.Rotation]:
    known = await _names(connection, [member for rotation in found for member in rotation.members])
    return [
        schemas.Rotation(
            id=rotation.id,
            area=rotation.area,
            name=rotation.name,
            timezone=rotation.timezone,
            starts_on=rotation.starts_on,
            days_each=rotation.days_each,
            members=[_member(known[member]) for member in rotation.members],
            shifts=[schemas.WorkingHours.of(hours) for hours in rotation.shifts],
        )
        for rotation in found
    ]


async def _overrides(connection: Connection, found: Sequence[core_shifts.Override]) -> list[schemas.Override]:
    known = await _names(connection, [u for o in found for u in (o.user, o.instead_of) if u is not None])
    return [
        schemas.Override(
            id=override.id,
            area=override.area,
            user=_member(known[override.user]),
            instead_of=None if override.instead_of is None else _member(known[override.instead_of]),
            starts_at=override.starts_at,
            ends_at=override.ends_at,
            note=override.note,
        )
        for override in found
    ]


async def _names(connection: Connection, ids: Iterable[int]) -> dict[int, Named]:
    return {one.id: one for one in await rota.named(connection, sorted(set(ids)))}


def _member(named: Named) -> schemas.Member:
    return schemas.Member(id=named.id, display_name=named.display_name)


def _user(named: Named | Colleague) -> schemas.UserShown:
    return schemas.UserShown.model_validate(named)


def _shown(colleague: Colleague, centre: Centre, *, everybody: bool) -> schemas.OnShift:
    until = next((shift.ends_at for shift in centre.running if shift.user == colleague.id), None)
    return schemas.OnShift(
        user=_user(colleague), reachable=colleague.channel_id is not None, until=None if everybody else until
    )
