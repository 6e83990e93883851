"""The tree of areas: city, county, street."""

from http import HTTPStatus

from fastapi import APIRouter

from api.dependencies import API, AreaReader, Conn, DirectoryWriter
from api.problems import responses, wrong_field
from api.routes.taken import told_as_conflict
from api.schemas.directory import Area, Areas, NewArea
from storage import people
from storage.users import User

router = APIRouter(prefix=f"{API}/areas", tags=["areas"])


@router.get(
    "", summary="The areas that the user works in", responses=responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
)
async def list_areas(user: AreaReader, connection: Conn) -> Areas:
    """The user's own area and all below it, parents first."""
    found = await people.areas(connection, user.area_path or "")
    return Areas(items=[Area.model_validate(area) for area in found])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Add an area",
    responses=responses(
        HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
    ),
)
async def add_area(new: NewArea, user: DirectoryWriter, connection: Conn) -> Area:
    """Add an area below one of the user's own. A new city is an import's business (`kanhu device import`)."""
    parent = await area_in_scope(connection, user, new.parent, "parent")
    with told_as_conflict():
        await people.add_area(connection, new.code, new.name, new.level, parent.code)
    return Area.model_validate(await area_in_scope(connection, user, new.code, "code"))


async def area_in_scope(connection: Conn, user: User, code: str, field: str, location: str = "body") -> people.Area:
    """The area of that code in the user's subtree. Raises ProblemError that names the field."""
    found = await people.area(connection, code, user.area_path) if user.area_path else None
    if found is None:
        raise wrong_field(field, f"there is no area {code} in yours", location)
    return found
