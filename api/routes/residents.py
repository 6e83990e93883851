"""The people who are watched over, and their care plans."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Query, Response

from api.dependencies import API, CarePlanReader, CarePlanWriter, Conn, DirectoryWriter, Now, ResidentReader
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.permissions import GRANTS, Permission, Role
from api.problems import FieldError, ProblemError, not_found, responses, wrong_field, wrong_fields
from api.routes.areas import area_in_scope
from api.schemas.base import AreaCode, Name
from api.schemas.directory import NewResident, Resident, ResidentDetails, ResidentPage
from core.care import CarePlan
from storage import care_plans, people
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=f"{API}/residents", tags=["residents"])

ResidentId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_EXAMPLE_PLAN = {
    "spo2_scale": 2,
    "limits": {"heart_rate": {"low": 45, "high": 120}},
    "zones": [{"name": "家附近", "latitude": 30.26, "longitude": 120.138, "radius": 400}],
    "home_by": "20:00",
}


@router.get("", summary="Residents, page by page", responses=responses(*_REFUSALS))
async def list_residents(
    user: ResidentReader,
    connection: Conn,
    now: Now,
    area: Annotated[AreaCode | None, Query(description="only in this area's subtree")] = None,
    household_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    name: Annotated[Name | None, Query(description="a part of the name")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Resident]:
    """The residents in the user's area; for a family member their own."""
    area_path = (await area_in_scope(connection, user, area, "area", "query")).path if area else None
    found = await people.residents(
        connection,
        user.scope,
        now,
        area_path=area_path,
        household_id=household_id,
        name=name,
        after=decode(cursor, int) if cursor else 0,
        maximum=limit + 1,
    )
    items, last = split(found, limit)
    return Page(items=[Resident.model_validate(item) for item in items], next_cursor=encode(last.id) if last else None)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Add a resident",
    responses=responses(*_REFUSALS),
)
async def add_resident(new: NewResident, user: DirectoryWriter, connection: Conn, now: Now) -> Resident:
    """Add a resident to a household; the care plan starts with its defaults."""
    if await people.household(connection, user.scope, now, new.household_id) is None:
        raise wrong_field("household_id", "there is no such household")
    resident_id = await people.add_resident(connection, new.household_id, _details(new))
    return Resident.model_validate(await in_scope(connection, user, now, resident_id))


@router.get("/{resident_id}", summary="One resident", responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND))
async def get_resident(resident_id: ResidentId, user: ResidentReader, connection: Conn, now: Now) -> ResidentPage:
    """One resident in the user's area, with how to get in; for a family member one of their own, without."""
    found = await in_scope(connection, user, now, resident_id)
    home = None
    if Permission.HOUSEHOLD_READ in GRANTS[Role(user.role)]:
        home = await people.household(connection, user.scope, now, found.household_id)
    return ResidentPage(
        **Resident.model_validate(found).model_dump(),
        access_notes=home.access_notes if home else None,
        latitude=home.latitude if home else None,
        longitude=home.longitude if home else None,
    )


@router.put("/{resident_id}", summary="Change a resident", responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND))
async def change_resident(
    resident_id: ResidentId, given: ResidentDetails, user: DirectoryWriter, connection: Conn, now: Now
) -> Resident:
    """Write everything but the household and the care plan."""
    await in_scope(connection, user, now, resident_id)
    await people.update_resident(connection, resident_id, _details(given))
    return Resident.model_validate(await in_scope(connection, user, now, resident_id))


@router.get(
    "/{resident_id}/care-plan",
    summary="A resident's care plan",
    responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND),
)
async def get_care_plan(
    resident_id: ResidentId, user: CarePlanReader, connection: Conn, now: Now, response: Response
) -> dict[str, Any]:
    """What is agreed for the resident, every default written out. The ETag goes into `If-Match` of a change."""
    await in_scope(connection, user, now, resident_id)
    plan = await _plan(connection, resident_id)
    response.headers["ETag"] = _etag(plan)
    return care_plans.to_json(plan)


@router.put(
    "/{resident_id}/care-plan",
    summary="Change a care plan",
    responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED),
)
async def set_care_plan(
    resident_id: ResidentId,
    given: Annotated[
        dict[str, Any],
        Body(openapi_examples={"limits and a zone": {"value": _EXAMPLE_PLAN}}),
    ],
    user: CarePlanWriter,
    connection: Conn,
    now: Now,
    response: Response,
    if_match: Annotated[
        str | None, Header(description="the ETag that was read: 412 if the plan has changed since")
    ] = None,
) -> dict[str, Any]:
    """Replace the plan; a field left out gets its default. Detectors use it within a second."""
    await in_scope(connection, user, now, resident_id)
    before = await _plan(connection, resident_id)
    if if_match is not None and if_match.strip() not in ("*", _etag(before)):
        raise ProblemError(
            HTTPStatus.PRECONDITION_FAILED,
            "changed-meanwhile",
            "It was changed meanwhile",
            "The care plan is not the one that was read; read it again.",
        )
    try:
        plan = care_plans.check(given)
    except care_plans.CarePlanError as error:
        raise wrong_fields(
            FieldError(location="body", field=pointer.strip("/").replace("/", "."), pointer=pointer, detail=detail)
            for pointer, detail in error.problems
        ) from error
    await care_plans.write(connection, resident_id, plan)
    response.headers["ETag"] = _etag(plan)
    return care_plans.to_json(plan)


async def in_scope(connection: Connection, user: User, now: Now, resident_id: int) -> people.Resident:
    """The resident, if the user may know of them. Raises ProblemError (404)."""
    found = await people.resident(connection, user.scope, now, resident_id)
    if found is None:
        raise not_found("resident")
    return found


async def _plan(connection: Connection, resident_id: int) -> CarePlan:
    plan = await care_plans.read(connection, resident_id)
    if plan is None:
        raise not_found("resident")
    return plan


def _etag(plan: CarePlan) -> str:
    return f'"{care_plans.version(plan)}"'


def _details(given: ResidentDetails) -> people.ResidentDetails:
    return people.ResidentDetails(
        name=given.name,
        birth_year=given.birth_year,
        sex=given.sex,
        phone=given.phone,
        language=given.language,
        conditions=given.conditions,
        medicines=given.medicines,
    )
