"""Files as evidence of an incident: pictures, documents, recordings; for those who attend."""

import asyncio
import re
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from starlette.requests import Request

from alerts import evidence_files, service
from api import refusals
from api.dependencies import API, Conn, IncidentWorker, Now, SignedIn
from api.envelope import Allowance
from api.idempotency import OnceOnly
from api.problems import ProblemError, not_found, responses, too_large, wrong_field
from api.routes.incident_work import WORK_REFUSALS
from api.routes.incidents import IncidentId, attachment, in_scope
from api.schemas.base import Name
from api.schemas.incidents import Attachment
from storage import attachments

router = APIRouter(prefix=f"{API}/incidents", tags=["incidents"])

LARGER_BODIES = (
    Allowance("POST", re.compile(rf"{re.escape(API)}/incidents/[0-9]+/attachments"), evidence_files.MAXIMUM_SIZE),
)
"""What the envelope lets through to here."""

# A telephone on a bad line takes its time, but not for ever.
_UPLOAD_SECONDS = 120.0

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_SENT: dict[str, Any] = {"requestBody": {"required": True, "content": dict.fromkeys(evidence_files.TYPES, _BINARY)}}


async def _body(request: Request, session: SignedIn) -> bytes:
    """The file, read before a connection of the pool is taken: a slow upload keeps nobody else from working.

    Only of somebody with a valid token: `session` is asked first. Raises ProblemError (408).
    """
    try:
        async with asyncio.timeout(_UPLOAD_SECONDS):
            return await request.body()
    except TimeoutError:
        raise ProblemError(
            HTTPStatus.REQUEST_TIMEOUT,
            "request-timeout",
            "Too slow",
            f"The file did not come within {_UPLOAD_SECONDS:.0f} seconds.",
            headers={"Connection": "close"},
        ) from None


# Before everything else of the route: dependencies are solved in their order.
Uploaded = Annotated[bytes, Depends(_body)]


@router.post(
    "/{incident_id}/attachments",
    status_code=HTTPStatus.CREATED,
    summary="Add a file as evidence",
    response_model=Attachment,
    responses=responses(
        *WORK_REFUSALS,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    ),
    openapi_extra=_SENT,
)
async def add_attachment(
    content: Uploaded,
    incident_id: IncidentId,
    request: Request,
    user: IncidentWorker,
    connection: Conn,
    now: Now,
    once: OnceOnly,
    name: Annotated[Name | None, Query(description="the file's name")] = None,
) -> JSONResponse:
    """The body is the file, at most 4 MiB, with its media type; at most 20 an incident, in any state.

    What does not begin as its type says is refused.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in evidence_files.TYPES:
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Not a kind of file that is kept",
            f"Kept are {', '.join(evidence_files.TYPES)}.",
        )
    if len(content) > evidence_files.MAXIMUM_SIZE:
        raise too_large(evidence_files.MAXIMUM_SIZE)
    if not content or not evidence_files.is_what_it_says(content_type, content):
        raise wrong_field("", f"it does not begin as {content_type} does")

    async def do() -> Attachment:
        await in_scope(connection, user, now, incident_id)
        async with refusals.told(connection, incident_id):
            kept = await service.add_file(
                connection,
                incident_id,
                user.id,
                now,
                name=evidence_files.safe_name(name or "", content_type),
                content_type=content_type,
                content=content,
            )
        return attachment(kept)

    return await once(do, HTTPStatus.CREATED)


@router.get(
    "/{incident_id}/attachments/{attachment_id}",
    summary="A file of an incident",
    response_class=Response,
    responses={
        int(HTTPStatus.OK): {"content": dict.fromkeys(evidence_files.TYPES, _BINARY)},
        **responses(*(s for s in WORK_REFUSALS if s is not HTTPStatus.CONFLICT)),
    },
)
async def get_attachment(
    incident_id: IncidentId,
    attachment_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    user: IncidentWorker,
    connection: Conn,
    now: Now,
) -> Response:
    """As it was added. Pictures may be shown in place, all else is to be saved."""
    await in_scope(connection, user, now, incident_id)
    found = await attachments.content(connection, incident_id, attachment_id)
    if found is None:
        raise not_found("attachment")
    place = "inline" if evidence_files.shown_inline(found.content_type) else "attachment"
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return Response(
        found.content,
        media_type=found.content_type,
        headers={
            # RFC 6266: the plain name for who does not know the other.
            "Content-Disposition": f"{place}; filename=\"{plain}\"; filename*=UTF-8''{quote(found.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        },
    )
