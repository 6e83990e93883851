"""Homes."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import API, Conn, DirectoryWriter, HouseholdReader, Now
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.problems import not_found, responses
from api.routes.areas import area_in_scope
from api.routes.taken import told_as_conflict
from api.schemas.base import AreaCode
from api.schemas.directory import Household, HouseholdDetails, NewHousehold
from storage import people

router = APIRouter(prefix=f"{API}/households", tags=["households"])

HouseholdId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.get("", summary="Households, page by page", responses=responses(*_REFUSALS))
async def list_households(
    user: HouseholdReader,
    connection: Conn,
    now: Now,
    area: Annotated[AreaCode | None, Query(description="only in this area's subtree")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Household]:
    """The households in the user's area."""
    area_path = (await area_in_scope(connection, user, area, "area", "query")).path if area else None
    after = decode(cursor, int) if cursor else 0
    found = await people.households(connection, user.scope, now, area_path=area_path, after=after, maximum=limit + 1)
    items, last = split(found, limit)
    return Page(items=[Household.model_validate(item) for item in items], next_cursor=encode(last.id) if last else None)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Add a household",
    responses=responses(*_REFUSALS, HTTPStatus.CONFLICT),
)
async def add_household(new: NewHousehold, user: DirectoryWriter, connection: Conn, now: Now) -> Household:
    """Add a household to an area of the user's own."""
    area = await area_in_scope(connection, user, new.area, "area")
    with told_as_conflict():
        household_id = await people.add_household(
            connection, new.code, area.id, new.address, new.access_notes, new.place
        )
    return Household.model_validate(await people.household(connection, user.scope, now, household_id))


@router.get("/{household_id}", summary="One household", responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND))
async def get_household(household_id: HouseholdId, user: HouseholdReader, connection: Conn, now: Now) -> Household:
    """One household in the user's area."""
    found = await people.household(connection, user.scope, now, household_id)
    if found is None:
        raise not_found("household")
    return Household.model_validate(found)


@router.put("/{household_id}", summary="Change a household", responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND))
async def change_household(
    household_id: HouseholdId, given: HouseholdDetails, user: DirectoryWriter, connection: Conn, now: Now
) -> Household:
    """Write everything but the code."""
    if await people.household(connection, user.scope, now, household_id) is None:
        raise not_found("household")
    area = await area_in_scope(connection, user, given.area, "area")
    await people.update_household(connection, household_id, area.id, given.address, given.access_notes, given.place)
    return Household.model_validate(await people.household(connection, user.scope, now, household_id))
