"""Contacts of a resident and how they are reached."""

import re
from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from alerts.notify import webhook
from api.schemas.base import Input, Language, Line, Name, Output


class ContactDetails(Input):
    """What can be written of a contact."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "王静", "relation": "女儿", "phone": "+8610000000101", "call_order": 1}}
    )

    name: Name
    relation: Line = ""
    phone: Line = ""
    language: Language = "zh-CN"
    call_order: int = Field(1, ge=1, le=99, description="1 is called first")
    valid_until: AwareDatetime | None = Field(None, description="a contact no longer from then on")
    user: Name | None = Field(None, description="sign-in name of a family user, who then sees this resident")


class ChannelDetails(Input):
    """How a contact is reached."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "apprise", "address": "mailtos://user:secret@example.org", "call_order": 1}
        }
    )

    kind: Literal["apprise", "webhook", "sms", "log"]
    address: str = Field(
        min_length=1,
        max_length=2000,
        description="an Apprise URL, a webhook's URL, a telephone number for SMS, a name for the log",
    )
    secret: str | None = Field(
        None, min_length=24, max_length=200, description="signs a webhook's messages; never shown"
    )
    call_order: int = Field(1, ge=1, le=99, description="1 is tried first")

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if "\0" in self.address + (self.secret or ""):
            raise ValueError("may not contain the NUL character")
        if self.kind == "webhook":
            webhook.url_of(self.address)
            if self.secret is not None:
                webhook.signer(self.secret)
        if self.kind == "apprise" and "://" not in self.address:
            raise ValueError("an Apprise address is a URL such as mailtos://… or wecombot://…")
        if self.kind == "sms":
            self.address = re.sub(r"[ ().-]", "", self.address)
            if not re.fullmatch(r"\+?[0-9]{3,15}", self.address):
                raise ValueError("a telephone number is 3 to 15 digits, with + before a country's code")
        return self


class Channel(Output):
    """How a contact is reached. Who may not change it does not see the address: it holds keys."""

    id: int
    kind: str
    address: str | None
    call_order: int
    failed_at: datetime | None = Field(description="when the provider said that it will never work")
    failure: str | None


class Contact(Output):
    """Somebody who is told."""

    id: int
    resident_id: int
    user_id: int | None
    name: str
    relation: str
    phone: str
    language: Language
    call_order: int
    valid_until: datetime | None
    channels: list[Channel]


class Contacts(Output):
    """A resident's contacts in the order they are called."""

    items: list[Contact]
