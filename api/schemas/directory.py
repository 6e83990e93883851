"""Areas, households, residents and devices."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from alerts.lifecycle import State
from api.schemas.base import AreaCode, Code, Input, Language, Line, Name, Output, Text
from core.care import DeviceKind

Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Area(Output):
    """A city, county or street."""

    code: str
    name: str
    level: Literal["city", "county", "street"]
    parent: str | None
    path: str = Field(description="the codes from the top down to it: a subtree is what begins with it")


class Areas(Output):
    """The subtree that the user works in, parents first."""

    items: list[Area]


class NewArea(Input):
    """An area below another."""

    code: AreaCode
    name: Name
    level: Literal["county", "street"]
    parent: AreaCode


class HouseholdDetails(Input):
    """What can be changed of a household."""

    area: AreaCode
    address: Line = ""
    access_notes: Text = Field("", description="how a responder gets in")
    latitude: Latitude | None = None
    longitude: Longitude | None = None

    @model_validator(mode="after")
    def _place_is_whole(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        return self

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude, degrees."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


class NewHousehold(HouseholdDetails):
    """A household. Its code is in the topics of its devices and never changes."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "h001", "area": "330106001", "address": "曙光路12号3幢501室"}}
    )

    code: Code


class Household(Output):
    """A home."""

    id: int
    code: str
    area: str
    address: str
    access_notes: str
    latitude: float | None
    longitude: float | None


class ResidentDetails(Input):
    """What can be changed of a resident."""

    name: Name
    birth_year: int | None = Field(None, ge=1880, le=2100)
    sex: Literal["female", "male", "other"] | None = None
    phone: Line = ""
    language: Language = "zh-CN"
    conditions: Text = ""
    medicines: Text = ""


class NewResident(ResidentDetails):
    """A resident of a household."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"household_id": 1, "name": "王秀英", "birth_year": 1941, "sex": "female"}}
    )

    household_id: Id


class Resident(Output):
    """A person who is watched over."""

    id: int
    household_id: int
    household: str
    area: str
    address: str
    name: str
    birth_year: int | None
    sex: str | None
    phone: str
    language: Language
    conditions: str
    medicines: str


class ResidentPage(Resident):
    """One person, with what who attends must know."""

    access_notes: str | None = Field(description="how to get in; null for roles that do not attend")
    latitude: float | None = Field(description="of the home; null for roles that do not attend")
    longitude: float | None


class DeviceDetails(Input):
    """What can be changed of a device."""

    resident_id: Id | None = Field(None, description="whom it watches; null: the household's first resident")
    kind: DeviceKind
    interval_s: int = Field(
        0, ge=0, le=604_800, description="seconds between two messages; 0: speaks only when something happens"
    )
    room: Line = ""
    model: Line = ""
    retired: bool = Field(False, description="out of use: what it sends goes to quarantine")


class NewDevice(Input):
    """A device of a household. Its code is in its topic and never changes."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"household_id": 1, "code": "watch", "kind": "wearable", "interval_s": 60}}
    )

    household_id: Id
    code: Code
    resident_id: Id | None = Field(None, description="whom it watches; null: the household's first resident")
    kind: DeviceKind
    interval_s: int = Field(
        0, ge=0, le=604_800, description="seconds between two messages; 0: speaks only when something happens"
    )
    room: Line = ""
    model: Line = ""


class Device(Output):
    """A device."""

    id: int
    household_id: int
    household: str
    resident_id: int | None
    watches: int | None = Field(description="the resident that it watches in fact")
    code: str
    kind: DeviceKind
    interval_s: int
    room: str
    model: str
    retired_at: datetime | None


class Trouble(Output):
    """Something that is wrong with equipment now."""

    id: int = Field(description="of the alert")
    incident_id: int
    state: State = Field(description="of its incident")
    claimed_by: str | None = Field(description="who has it in hand")
    kind: str = Field(description="device_silent, home_silent, battery_low, not_worn, clock_wrong")
    severity: int = Field(ge=1, le=5, description="5 is the most urgent")
    event_time: datetime = Field(description="since when")
    raised_at: datetime
    reason: str = Field(description="in words, in the language asked for")
    device_id: int | None = Field(description="null: a whole home is silent")
    device: str | None = Field(description="the device's code")
    device_kind: DeviceKind | None
    room: str
    resident_id: int
    resident: str = Field(description="the name of whom the incident is about")
    household: str
    address: str
    area: str
    storm_id: int | None = Field(description="of many with one cause (GET /storms), where it is one of them")
