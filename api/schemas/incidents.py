"""Incidents: the list, one of them, and what a responder says about it."""

from datetime import datetime
from typing import Any, Self

from pydantic import ConfigDict, Field, model_validator

from alerts.lifecycle import Called, CallOutcome, ClosureCode, State
from api.schemas.base import Input, Name, Output, Text
from api.schemas.series import Position
from core.findings import Queue


class Holder(Output):
    """Who has an incident."""

    id: int
    name: str | None
    since: datetime | None


class StormOfIncident(Output):
    """That an incident is one of many with one cause."""

    id: int
    kind: str
    area: str = Field(description="the code of the lowest area that holds them")
    count: int = Field(description="how many incidents of it are not over")
    since: datetime


class Incident(Output):
    """An incident with whom it is about and where they live."""

    id: int
    resident_id: int
    resident: str = Field(description="the resident's name")
    household: str = Field(description="the household's code")
    address: str
    area: str = Field(description="the area's code")
    queue: Queue
    state: State
    severity: int = Field(ge=1, le=5, description="5 is the most urgent")
    kind: str = Field(description="of the most severe alert: sos, fall, smoke, …")
    event_time: datetime = Field(description="when it happened, by the device")
    raised_at: datetime = Field(description="when Kanhu raised it")
    opened_at: datetime | None = Field(description="when it came into the queue, after a countdown")
    claimed_by: Holder | None
    first_claimed_at: datetime | None
    contacted_at: datetime | None
    dispatched_at: datetime | None
    on_scene_at: datetime | None
    ended_at: datetime | None
    closure_code: ClosureCode | None
    closure_note: str
    lease_until: datetime | None = Field(description="when the claim lapses without a further step")
    countdown_until: datetime | None = Field(description="until then the wearer may cancel, and nobody is told yet")
    expected_test: bool = Field(
        description="about nothing but a press of SOS that somebody asked for as a test; it may be a call all the same"
    )
    storm: StormOfIncident | None = Field(description="what it is part of, while that lasts: only ever of maintenance")


class Alert(Output):
    """A piece of evidence."""

    id: int
    kind: str
    severity: int
    event_time: datetime
    raised_at: datetime
    device_id: int | None
    detector: str
    version: int
    reason: str = Field(description="why, in words, in the language asked for")
    reason_code: str
    evidence: dict[str, Any]
    score: float | None = Field(description="probability that it is true, where the detector gives one")
    cleared_at: datetime | None
    clear_reason: str | None


class Event(Output):
    """A line of the audit trail."""

    id: int
    at: datetime
    event: str
    from_state: State | None
    to_state: State
    actor: str = Field(description="`user:7`, `contact:12`, `detector:fall`, `wearer`, `timer`, …")
    actor_name: str | None
    detail: dict[str, Any]


class Delivery(Output):
    """A message to one person over one channel, with its receipts. Only `confirmed_at` is the person's own act.

    Failed for now is `queued` with an `error`: it is tried again at `next_attempt_at`.
    """

    id: int
    contact_id: int | None
    user_id: int | None
    recipient: str
    relation: str
    channel: str
    step: int
    round: int
    state: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    confirmed_at: datetime | None
    failed_at: datetime | None = Field(description="failed for good on this channel")
    error: str | None
    attempts: int
    next_attempt_at: datetime | None = Field(description="when it will be tried, again or for the first time")
    failover_at: datetime | None = Field(
        description="when the person's next channel is tried too, should this one not have delivered"
    )


class Attachment(Output):
    """A file that somebody added as evidence."""

    id: int
    incident_id: int = Field(description="that it was added to; it may have gone on in this one")
    name: str
    content_type: str
    size: int = Field(description="bytes")
    sha256: str
    added_by: int
    added_at: datetime


class Person(Output):
    """What a responder must know about the resident at once."""

    id: int
    name: str
    birth_year: int | None
    sex: str | None
    phone: str
    language: str
    conditions: str
    medicines: str
    access_notes: str | None = Field(description="how to get in; null for roles that do not attend")
    latitude: float | None = Field(description="of the home")
    longitude: float | None


class IncidentDetail(Incident):
    """One incident with everything about it."""

    person: Person
    alerts: list[Alert]
    events: list[Event]
    deliveries: list[Delivery]
    position: Position | None = Field(
        description="where the resident is: only while the incident is open, and not for equipment"
    )
    attachments: list[Attachment] = Field(description="its files and those of what went on in it; for who attends")
    merged_into: int | None = Field(description="the incident in which it goes on")
    reopen_until: datetime | None = Field(description="until then it may be reopened, where it has ended")


class Change(Output):
    """An event of the live stream: what happened, and the incident as it is now."""

    id: int
    at: datetime
    event: str
    actor: str
    incident: Incident


class _Noted(Input):
    note: Text = ""


class Release(Input):
    """Nothing needs to be said."""


class HandOver(_Noted):
    """A colleague takes it over."""

    model_config = ConfigDict(json_schema_extra={"example": {"user_id": 7, "note": "下班，家属已在路上"}})

    user_id: int = Field(ge=1, le=2**31 - 1, description="a responder or supervisor who works in the resident's area")


class Contact(_Noted):
    """Somebody was called."""

    model_config = ConfigDict(json_schema_extra={"example": {"outcome": "answered", "note": "疼，起不来"}})

    outcome: CallOutcome = Field(description="only `answered` is a contact; all else is an attempt")
    who: Called | None = Field(
        None, description="who was called; left out: the contact of `contact_id`, or the resident"
    )
    contact_id: int | None = Field(None, ge=1, le=2**31 - 1, description="the one of the call list who was called")

    @model_validator(mode="after")
    def _who_fits(self) -> Self:
        if self.contact_id is not None and self.who not in (None, Called.CONTACT):
            raise ValueError("contact_id goes with who = contact")
        return self

    @property
    def called(self) -> Called:
        """Who was called."""
        return self.who or (Called.RESIDENT if self.contact_id is None else Called.CONTACT)


class Dispatch(_Noted):
    """Help was sent."""

    model_config = ConfigDict(json_schema_extra={"example": {"resource": "120", "note": ""}})

    resource: Name = Field(description="who or what: 120, the community's night duty, …")


class Arrive(_Noted):
    """Help is there."""


class Close(_Noted):
    """It is over."""

    model_config = ConfigDict(json_schema_extra={"example": {"code": "family_attended", "note": "女儿已到家"}})

    code: ClosureCode = Field(description="how it turned out; figures of each detector come from it")


class Reopen(_Noted):
    """It was not over."""


class Merge(_Noted):
    """It goes on in another incident."""

    into: int = Field(ge=1, le=2**63 - 1, description="a more urgent incident of the same resident")


class Note(Input):
    """Something to remember about the incident."""

    text: Text = Field(min_length=1)
