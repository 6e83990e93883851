"""Signing in."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from api.permissions import Permission, Role
from api.schemas.base import Input, Language, Output


class SignIn(Input):
    """A name and a password."""

    model_config = ConfigDict(json_schema_extra={"example": {"username": "lina", "password": "correct horse battery"}})

    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class Refresh(Input):
    """A refresh token. It counts once."""

    refresh_token: str = Field(min_length=1, max_length=200)


class Me(Output):
    """The user who is signed in."""

    id: int
    name: str
    display_name: str
    role: Role
    area: str | None = Field(description="code of the area whose subtree the user works in; null for a family member")
    language: Language
    permissions: list[Permission]


class Token(Output):
    """What a sign-in gives. The names are those of OAuth 2.0 (RFC 6749 §5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind, no secret
    expires_in: int = Field(description="seconds that the access token is good for")
    refresh_token: str = Field(description="gives the next access token, once")
    user: Me


class Ticket(Output):
    """Opens the live stream where no header can be sent: `GET /api/v1/incidents/live?ticket=…`."""

    ticket: str
    expires_at: datetime
