"""The page behind a family contact's link: what happened, and one button that confirms.

Only POST confirms: chats and mail programs open links by themselves for a preview. The link is the right to it, so
there is no sign-in, and the page shows this one incident and nothing more.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http import HTTPStatus
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import structlog
from fastapi import APIRouter, Header
from fastapi.responses import HTMLResponse

from alerts import links, service
from alerts.lifecycle import ENDED, State
from api import language
from api.dependencies import Conn, Now, Shared
from core.care import CarePlan
from core.wording import say
from storage import worklist
from storage.pool import Connection
from storage.worklist import Confirmation

router = APIRouter(prefix="/confirm", tags=["family"], default_response_class=HTMLResponse)

_log = structlog.get_logger(__name__)

# Large and plain: many who read it are old themselves and hold a telephone in the street.
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.5rem/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 32rem; }
h1 { font-size: 2rem; line-height: 1.25; }
button { font: inherit; font-weight: bold; width: 100%; min-height: 4rem; padding: 1rem; border: 0;
  border-radius: .75rem; background: #0b57d0; color: #fff; cursor: pointer; }
button:focus-visible { outline: .25rem solid #f9ab00; outline-offset: .25rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}
_GONE: dict[int | str, dict[str, Any]] = {
    int(HTTPStatus.NOT_FOUND): {"description": "The link is not valid", "content": {"text/html": {}}},
    int(HTTPStatus.GONE): {"description": "The link has expired", "content": {"text/html": {}}},
}

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
    """The page with the button. It changes nothing."""
    try:
        found = await _read(shared, connection, now, token)
    except _Refused as refused:
        return _refusal(refused, accept_language)
    parts = _about(found)
    if State(found.incident_state) in ENDED:
        parts.append(_paragraph(say("confirm-over", found.language)))
    if found.confirmed_at is not None:
        at = _local(found, found.confirmed_at)
        parts.append(_paragraph(say("confirm-already", found.language, time=at), role="status"))
    else:
        button = escape(say("confirm-button", found.language))
        parts.append(_paragraph(say("confirm-question", found.language)))
        parts.append(f'<form method="post"><button type="submit">{button}</button></form>')
    return _page(found.language, _title(found), parts)


@router.post("/{token}", summary="Confirm", responses=_GONE)
async def confirm(
    token: str, shared: Shared, connection: Conn, now: Now, accept_language: AcceptLanguage = None
) -> HTMLResponse:
    """The person has read it and acts on it. A second time changes nothing."""
    try:
        found = await _read(shared, connection, now, token)
    except _Refused as refused:
        return _refusal(refused, accept_language)
    await service.confirm_delivery(connection, found.id, now)
    parts = [*_about(found), _paragraph(say("confirm-thanks", found.language), role="status")]
    return _page(found.language, _title(found), parts)


async def _read(shared: Shared, connection: Connection, now: datetime, token: str) -> Confirmation:
    try:
        delivery_id = links.read(token, now, shared.secret)
    except links.LinkExpired as error:
        raise _Refused(HTTPStatus.GONE, "confirm-expired") from error
    except links.LinkError as error:
        raise _Refused(HTTPStatus.NOT_FOUND, "confirm-invalid") from error
    found = await worklist.confirmation(connection, delivery_id)
    if found is None:
        raise _Refused(HTTPStatus.NOT_FOUND, "confirm-invalid")
    if found.disabled_at is not None or (found.valid_until is not None and found.valid_until <= now):
        raise _Refused(HTTPStatus.GONE, "confirm-expired")
    return found


def _refusal(refused: _Refused, accept_language: str | None) -> HTMLResponse:
    _log.warning("a contact's link was refused", why=refused.message)
    spoken = language.choose(None, accept_language, "zh-CN")
    text = say(refused.message, spoken)
    return _page(spoken, text, [f"<h1>{escape(text)}</h1>"], refused.status)


def _title(found: Confirmation) -> str:
    kind = say(f"kind-{found.kind}", found.language)
    return say("confirm-title", found.language, kind=kind, name=found.resident)


def _about(found: Confirmation) -> list[str]:
    when = say("confirm-when", found.language, place=found.place, time=_local(found, found.event_time))
    return [f"<h1>{escape(_title(found))}</h1>", _paragraph(when)]


def _local(found: Confirmation, moment: datetime) -> str:
    zone = ZoneInfo(msgspec.convert(found.care_plan, CarePlan).timezone)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _paragraph(text: str, role: str | None = None) -> str:
    return f"<p{f' role={role!r}' if role else ''}>{escape(text)}</p>"


def _page(spoken: str, title: str, parts: list[str], status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    body = "\n".join(parts)
    page = (
        f'<!doctype html>\n<html lang="{spoken}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )
    return HTMLResponse(page, status, headers=_HEADERS)
