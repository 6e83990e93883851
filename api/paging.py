"""Pages: a list answers some items and an opaque cursor to the next ones, stable while rows come and go."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from fastapi import Query
from pydantic import BaseModel, Field

from api.problems import wrong_field

Item = TypeVar("Item")
Place = TypeVar("Place")
Shown = TypeVar("Shown", bound=BaseModel)

Limit = Annotated[int, Query(ge=1, le=500, description="items on a page")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before")]


class Page(BaseModel, Generic[Shown]):
    """Some items, and where the next ones begin."""

    items: list[Shown]
    next_cursor: str | None = Field(None, description="null on the last page")


def encode(place: object) -> str:
    """A row's place, a dataclass or a number, as a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decode(cursor: str, kind: type[Place]) -> Place:
    """The place in a cursor. Raises ProblemError, naming the parameter, for one that this list did not give."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise wrong_field("cursor", "not a cursor of this list", "query") from None


def split(found: Sequence[Item], limit: int) -> tuple[Sequence[Item], Item | None]:
    """The items of a page from `limit` + 1 asked for, and the last one shown where there are more."""
    if len(found) <= limit:
        return found, None
    return found[:limit], found[limit - 1]
