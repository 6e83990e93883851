"""Regular checks (探访关爱)."""

from datetime import date, datetime, time
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, StringConstraints, model_validator

from alerts.checks import Outcome, State
from api.schemas.base import Input, Output, Text
from api.schemas.directory import Id

CheckKind = Literal["visit", "call"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Weekday = Annotated[int, Field(ge=1, le=7)]

_EXAMPLE: dict[str, JsonValue] = {
    "kind": "call",
    "weekdays": [1, 3, 5],
    "due_by": "10:00",
    "grace_hours": 4,
    "starts_on": "2026-10-01",
    "note": "耳背，多响几声",
}


class PlanDetails(Input):
    """What can be changed of a plan. Tasks that are not yet due follow it at once."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    kind: CheckKind
    weekdays: list[Weekday] | None = Field(None, min_length=1, max_length=7, description="1 Monday to 7 Sunday")
    every_days: int | None = Field(None, ge=1, le=366, description="in place of weekdays, counted from `starts_on`")
    due_by: Clock = Field(description="the resident's local time by which it is to be done")
    grace_hours: int = Field(4, ge=0, le=72, description="how much later it is overdue, and the care queue is told")
    assignee_id: Id | None = Field(None, description="the responder or supervisor who is to do it")
    starts_on: date
    ends_on: date | None = Field(None, description="the last day")
    note: Text = ""

    @model_validator(mode="after")
    def _days_are_said_once(self) -> Self:
        if (self.weekdays is None) == (self.every_days is None):
            raise ValueError("give either weekdays or every_days")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("ends_on lies before starts_on")
        return self


class NewPlan(PlanDetails):
    """A plan for a resident."""

    model_config = ConfigDict(json_schema_extra={"example": {"resident_id": 1, **_EXAMPLE}})

    resident_id: Id


class Plan(Output):
    """A visit or call that a resident is to have regularly."""

    id: int
    resident_id: int
    resident: str = Field(description="the resident's name")
    area: str = Field(description="the area's code")
    kind: CheckKind
    weekdays: list[int] | None
    every_days: int | None
    due_by: str = Field(description="HH:MM in the resident's time zone")
    grace_hours: int
    assignee_id: int | None
    assignee: str | None
    starts_on: date
    ends_on: date | None
    note: str


class Doer(Output):
    """Who did a check."""

    id: int
    name: str | None


class Task(Output):
    """One check of one day."""

    id: int
    plan_id: int
    resident_id: int
    resident: str = Field(description="the resident's name")
    area: str = Field(description="the area's code")
    address: str
    phone: str = Field(description="the resident's")
    kind: CheckKind
    day: date = Field(description="in the resident's time zone")
    opens_at: datetime = Field(description="when the day begins: it can be done from then on")
    due_at: datetime
    overdue_at: datetime
    made_late: bool = Field(description="it was made when it was overdue already: nobody could have known of it")
    state: State
    assignee_id: int | None
    assignee: str | None
    plan_note: str
    done_at: datetime | None
    done_by: Doer | None
    outcome: Literal["well", "needs_help"] | None
    note: str
    attempts: int = Field(description="how often somebody tried and did not reach the resident")
    last_attempt_at: datetime | None


class Done(Input):
    """What came of a check."""

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "well", "note": "精神很好"}})

    outcome: Outcome = Field(description="not_reached is an attempt: the check stays to be done")
    note: Text = ""


class AreaChecks(Output):
    """The checks of an area and all below it. A resident counts once."""

    area: str
    area_name: str
    residents: int = Field(description="had a check come up in the month")
    due: int = Field(description="checks that came up")
    done: int
    reached: int = Field(description="residents who were reached at least once in the month")
    overdue: int = Field(description="checks that nobody did in time, nor since")
    share_reached: float | None = Field(description="reached / residents")


class CheckFigures(Output):
    """A month's checks, parents before what lies below them."""

    month: str
    rows: list[AreaChecks]


def clock(value: time) -> str:
    """A local time as it is shown."""
    return f"{value:%H:%M}"
