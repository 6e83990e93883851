"""Would anybody answer now?"""

from datetime import datetime

from pydantic import Field

from api.schemas.base import Output
from core.findings import Queue


class ResidentNamed(Output):
    """A resident."""

    id: int
    name: str


class Reason(Output):
    """Why nobody would answer, or not for all."""

    code: str
    text: str
    since: datetime
    told_at: datetime | None = Field(description="when supervisors were told; null: nobody could be told so far")
    count: int | None = Field(description="how many residents it is about; null: everybody of the area")
    residents: list[ResidentNamed] = Field(description="the first of them")


class Covered(Output):
    """One queue of one area."""

    area: str
    area_name: str
    queue: Queue
    answered: bool = Field(
        description="somebody of the centre would be told. Reasons about single residents' contacts leave it true."
    )
    reasons: list[Reason]
    since: datetime | None = Field(description="of the oldest reason")


class Coverage(Output):
    """Each area in which residents live, with each queue."""

    checked_at: datetime | None = Field(description="when the dispatcher last looked; null: never")
    items: list[Covered]
