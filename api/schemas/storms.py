"""Storms: many maintenance incidents with one cause."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import Output


class Storm(Output):
    """Many findings of one kind in one area within minutes."""

    id: int
    kind: str
    area: str = Field(description="the code of the lowest area that holds them")
    area_name: str
    count: int = Field(description="how many of its incidents in the user's subtree are not over")
    since: datetime = Field(description="when its first incident was raised")
    last_at: datetime = Field(description="when its newest was")
    told_at: datetime | None = Field(description="when responders and supervisors were last told of it")


class Storms(Output):
    """Those that are not over, the oldest first."""

    items: list[Storm]
