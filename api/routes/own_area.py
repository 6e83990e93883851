"""What is kept for an area (rotas, policies): asked about by area, changed only by those whose own it lies in."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from api.schemas.base import AreaCode
from storage.users import User

Area = Annotated[AreaCode | None, Query(description="the user's own if not given")]
REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
CHANGES = (*REFUSALS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


def is_own(user: User, path: str | None) -> bool:
    """Whether what is kept for the area at a path is the user's to change; None: nothing is, or it holds everywhere."""
    return path is not None and user.area_path is not None and path.startswith(user.area_path)
