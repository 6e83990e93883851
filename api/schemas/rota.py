"""The rota: rotations, overrides, who is on shift; and the people of the centre."""

from datetime import date, datetime, time
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints, model_validator

from api.permissions import Role
from api.schemas.base import AreaCode, Input, Language, Line, Name, Output
from api.schemas.directory import Id
from core import shifts
from core.zones import time_zone


def _known(name: str) -> str:
    try:
        time_zone(name)
    except ValueError as error:
        raise ValueError("not a time zone such as Asia/Shanghai") from error
    return name


TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, Field(ge=1, le=7)]


def _once_each(days: list[int]) -> list[int]:
    if len(set(days)) < len(days):
        raise ValueError("a weekday is there twice")
    return sorted(days)


Weekdays = Annotated[
    list[Weekday],
    Field(min_length=1, max_length=7, description="1 is Monday; of the day on which the hours begin"),
    AfterValidator(_once_each),
]


class WorkingHours(Input):
    """Local hours on some weekdays; where `to` is not later than `from`, until then on the next day."""

    model_config = ConfigDict(
        serialize_by_alias=True,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_extra={"example": {"weekdays": [1, 2, 3, 4, 5], "from": "20:00", "to": "08:00"}},
    )

    weekdays: Weekdays
    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")

    @classmethod
    def of(cls, hours: shifts.Hours) -> Self:
        """As they are shown."""
        return cls(weekdays=list(hours.weekdays), start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}")

    @property
    def value(self) -> shifts.Hours:
        """As they are reckoned with."""
        return shifts.Hours(tuple(self.weekdays), time.fromisoformat(self.start), time.fromisoformat(self.end))


class Member(Output):
    """Somebody who takes turns."""

    id: int
    display_name: str


class UserShown(Output):
    """Somebody who works in the centre."""

    id: int
    display_name: str
    role: Role


class RotationDetails(Input):
    """Members who take turns of `days_each` days, and the hours that each works on the days of a turn."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "area": "330106",
                "name": "夜班",
                "timezone": "Asia/Shanghai",
                "starts_on": "2026-10-05",
                "days_each": 7,
                "member_ids": [3, 5],
                "shifts": [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "to": "08:00"}],
            }
        }
    )

    area: AreaCode
    name: Name
    timezone: TimeZone = "Asia/Shanghai"
    starts_on: date = Field(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="the first day of the first turn")
    days_each: int = Field(ge=1, le=366, description="how many days a member's turn lasts")
    member_ids: list[Id] = Field(min_length=1, max_length=100, description="in the order of turns")
    shifts: list[WorkingHours] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _members_are_different(self) -> Self:
        if len(set(self.member_ids)) < len(self.member_ids):
            raise ValueError("member_ids: somebody is there twice")
        return self


class Rotation(Output):
    """A rotation."""

    id: int
    area: str
    name: str
    timezone: str
    starts_on: date
    days_each: int
    members: list[Member]
    shifts: list[WorkingHours]


class Rotations(Output):
    """Rotations by area."""

    items: list[Rotation]


class OverrideDetails(Input):
    """Somebody on shift for another (`instead_of_id`), or besides the others."""

    area: AreaCode
    user_id: Id
    instead_of_id: Id | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    note: Line = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at: it ends before it begins")
        if self.instead_of_id == self.user_id:
            raise ValueError("instead_of_id: nobody stands in for themselves")
        return self


class Override(Output):
    """An override of the rota."""

    id: int
    area: str
    user: Member
    instead_of: Member | None
    starts_at: datetime
    ends_at: datetime
    note: str


class Overrides(Output):
    """Overrides, the earliest first."""

    items: list[Override]


class Shift(Output):
    """One person at work for a while, rotations and overrides worked out."""

    area: str
    rotation_id: int | None
    rotation: str | None = Field(description="the rotation's name")
    override_id: int | None
    user: UserShown
    instead_of: Member | None = Field(description="who would be at work by the rotation")
    starts_at: datetime
    ends_at: datetime


class Shifts(Output):
    """Shifts, the earliest first."""

    items: list[Shift]


class OnShift(Output):
    """Somebody who would be told now."""

    user: UserShown
    reachable: bool = Field(description="has a channel that works")
    until: datetime | None = Field(description="the end of the shift; null where everybody is told")


class WouldBeTold(Output):
    """Who would be told of an emergency now."""

    area: str
    at: datetime
    items: list[OnShift]
    has_rota: bool = Field(description="the area, or one above it, has a rota")
    fallback: bool = Field(description="nobody who can be reached is on shift, so everybody of the area is told")


class StaffChannel(Output):
    """How somebody is reached. Addresses hold keys and are not shown."""

    id: int
    kind: str
    call_order: int
    failed_at: datetime | None = Field(description="when the provider said that it will never work")
    failure: str | None


class StaffMember(Output):
    """Somebody who answers."""

    id: int
    name: str
    display_name: str
    role: Role
    area: str
    language: Language
    sees_all: bool = Field(description="works in the whole area asked about, so may be in its rota")
    reachable: bool = Field(description="has a channel that works")
    channels: list[StaffChannel]


class Staff(Output):
    """The people of the centre."""

    items: list[StaffMember]
