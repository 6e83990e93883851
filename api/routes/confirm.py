"""The page behind a family contact's link: what happened, where, who has it in hand, and three buttons.

Only POST confirms: chats and mail programs open links by themselves for a preview. The link is the right to it, so
there is no sign-in, and the page shows this one incident and nothing more.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Form, Header, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from alerts import links, service
from api import family_page, language
from api.dependencies import Conn, Now, Shared
from api.family_page import may_see_positions
from api.services import Services
from core.wording import say
from storage import timeseries, worklist
from storage.pool import Connection
from storage.timeseries import Position
from storage.worklist import Confirmation

router = APIRouter(prefix="/confirm", tags=["family"], default_response_class=HTMLResponse)

_log = structlog.get_logger(__name__)

_templates = Environment(
    loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def _source(name: str) -> str:
    return _templates.loader.get_source(_templates, name)[0] if _templates.loader else ""


_STYLE, _SCRIPT = _source("page.css"), _source("page.js")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_digest(_STYLE)}; script-src {_digest(_SCRIPT)}; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
_GONE: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.NOT_FOUND): {"description": "The link is not valid", "content": {"text/html": {}}},
    int(HTTPStatus.GONE): {"description": "The link has expired", "content": {"text/html": {}}},
}
_WRONG: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.UNPROCESSABLE_ENTITY): {"description": "There is no such answer", "content": {"text/html": {}}}
}
# How long ago a position may be to say where somebody is now.
_SEEN_LATELY = timedelta(hours=1)

AcceptLanguage = Annotated[str | None, Header()]


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    """The link leads nowhere. message: name of the message that says why."""

    status: HTTPStatus
    message: str


@router.get("/{token}", summary="What happened", responses=_GONE)
async def show(
    token: str, shared: Shared, connection: Conn, now: Now, accept_language: AcceptLanguage = None
) -> HTMLResponse:
    """The page with the buttons. It changes nothing."""
    try:
        found = await _read(shared, connection, now, token)
    except _Refused as refused:
        return _refusal(shared, refused, accept_language)
    return await _page(shared, connection, now, found)


@router.post(
    "/{token}",
    summary="Answer",
    response_class=RedirectResponse,
    status_code=HTTPStatus.SEE_OTHER,
    responses={**_GONE, **_WRONG},
)
async def confirm(
    token: str,
    shared: Shared,
    connection: Conn,
    now: Now,
    answer: Annotated[str, Form(description="on_my_way, reached or false_alarm")] = service.Answer.ON_MY_WAY.value,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The person has read it, and says what they do about it. The same a second time changes nothing.

    Leads back to the page. Without an answer it is the one button that the page had in earlier versions.
    """
    try:
        found = await _read(shared, connection, now, token)
    except _Refused as refused:
        return _refusal(shared, refused, accept_language)
    try:
        said = service.Answer(answer)
    except ValueError:
        return await _page(shared, connection, now, found, HTTPStatus.UNPROCESSABLE_ENTITY)
    await service.confirm_delivery(connection, found.id, now, said)
    # To the same address, whatever a proxy before us makes of it.
    return RedirectResponse(token, HTTPStatus.SEE_OTHER, headers=_HEADERS)


async def _read(shared: Services, connection: Connection, now: datetime, token: str) -> Confirmation:
    try:
        delivery_id = links.read(token, now, shared.secret)
    except links.LinkExpired as error:
        raise _Refused(HTTPStatus.GONE, "family-expired") from error
    except links.LinkError as error:
        raise _Refused(HTTPStatus.NOT_FOUND, "family-invalid") from error
    found = await worklist.confirmation(connection, delivery_id)
    if found is None:
        raise _Refused(HTTPStatus.NOT_FOUND, "family-invalid")
    if found.disabled_at is not None or (found.valid_until is not None and found.valid_until <= now):
        raise _Refused(HTTPStatus.GONE, "family-expired")
    return found


def _refusal(shared: Services, refused: _Refused, accept_language: str | None) -> HTMLResponse:
    _log.warning("a contact's link was refused", why=refused.message)
    spoken = language.choose(None, accept_language, "zh-CN")
    return _rendered(shared, "refused.html", spoken, refused.status, reason=say(refused.message, spoken))


async def _page(
    shared: Services, connection: Connection, now: datetime, found: Confirmation, status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    answered = await worklist.answered(connection, found.incident_id)
    last = await _last_position(connection, now, found)
    page = family_page.compose(found, answered, last, now)
    return _rendered(shared, "incident.html", found.language, status, page=page, wrong=status != HTTPStatus.OK)


async def _last_position(connection: Connection, now: datetime, found: Confirmation) -> Position | None:
    if not may_see_positions(found):
        return None
    devices = await timeseries.devices_of(connection, found.resident_id)
    positions = await timeseries.positions(
        connection, devices, now - _SEEN_LATELY, now + timedelta(minutes=10), maximum=1
    )
    return positions[0] if positions else None


def _rendered(shared: Services, template: str, spoken: str, status: HTTPStatus, **given: object) -> HTMLResponse:
    text = _templates.get_template(template).render(
        lang=spoken,
        say=partial(_say, spoken),
        # Our own files, and the policy allows these very bytes and no others.
        style=Markup(_STYLE),  # noqa: S704
        script=Markup(_SCRIPT),  # noqa: S704
        phone=shared.settings.centre_phone,
        **given,
    )
    return HTMLResponse(text, status, headers=_HEADERS)


def _say(spoken: str, message: str, **arguments: object) -> str:
    return say(message, spoken, **arguments)
