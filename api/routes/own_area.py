"""What is kept for an area (rotas, staff): asked about by area, changed only by those whose own it lies in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from api.routes.areas import area_in_scope
from api.schemas.base import AreaCode
from storage.pool import Connection
from storage.users import User

Area = Annotated[AreaCode | None, Query(description="the user's own if not given")]
REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
CHANGES = (*REFUSALS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


async def area_path(connection: Connection, user: User, code: str | None) -> str:
    """The path of the area asked about, the user's own where none was. Raises ProblemError that names the parameter."""
    if code is not None:
        return (await area_in_scope(connection, user, code, "area", "query")).path
    # Whoever has the permissions of these routes works in an area.
    return user.area_path or "/"


def is_own(user: User, path: str | None) -> bool:
    """Whether what is kept for the area at a path is the user's to change; None: nothing is, or it holds everywhere."""
    return path is not None and user.area_path is not None and path.startswith(user.area_path)
