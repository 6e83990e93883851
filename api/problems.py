"""Errors as problem details (RFC 9457): every error answer of the API is one, and none tells of what is inside.

`type` is a URN that a program can compare, `title` its meaning in English, `detail` what is wrong this time, `errors`
the fields that are wrong. `correlation_id` is in the log line of the same request.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request

from storage.errors import Refused, Unavailable

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """One wrong field of a request."""

    location: str = Field(description="body, query, path or header")
    field: str = Field(description="its name; within the body with dots")
    pointer: str | None = Field(None, description="within the body, as a JSON pointer")
    detail: str = Field(description="what is wrong with it")


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "urn:kanhu:problem:incident-held",
                "title": "Somebody else has this incident",
                "status": 409,
                "detail": "李敏 has held it since 2026-03-01T08:15:30+00:00",
                "correlation_id": "0198c0de5b7c4c2f9f0a4f4f5a7c2b11",
            }
        },
    )

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None
    correlation_id: str


class ProblemError(Exception):
    """An error that is told to the client as it is: slug makes the type, members go in beside the standard ones."""

    def __init__(
        self,
        status: HTTPStatus,
        slug: str,
        title: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.errors = errors
        self.members = members or {}
        self.headers = headers or {}


def not_found(what: str) -> ProblemError:
    """404, in the same words whether it does not exist or is not for this user."""
    return ProblemError(HTTPStatus.NOT_FOUND, "not-found", "Not found", f"There is no such {what}.")


def wrong_fields(errors: Iterable[FieldError]) -> ProblemError:
    """422 that names the fields."""
    found = list(errors)
    detail = "; ".join(f"{error.field}: {error.detail}" if error.field else error.detail for error in found)
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "wrong-fields", "The request has wrong fields", detail, errors=found
    )


def wrong_field(field: str, detail: str, location: str = "body") -> ProblemError:
    """422 for one field; within the body a name with dots."""
    pointer = "/" + field.replace(".", "/") if location == "body" and field else None
    return wrong_fields([FieldError(location=location, field=field, pointer=pointer, detail=detail)])


def sign_in_needed(detail: str) -> ProblemError:
    """401."""
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "sign-in-needed",
        "Sign in",
        detail,
        headers={"WWW-Authenticate": 'Bearer realm="kanhu", error="invalid_token"'},
    )


def too_large(maximum: int) -> ProblemError:
    """413; maximum: bytes. The rest of the body is not read, so the connection ends."""
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "request-entity-too-large",
        "Request Entity Too Large",
        f"A request's body may have {maximum} bytes.",
        headers={"Connection": "close"},
    )


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides success, for its description; `api.description` adds the content."""
    return {int(status): {"description": _MEANING.get(status, status.phrase)} for status in statuses}


_MEANING = {
    HTTPStatus.UNAUTHORIZED: "Not signed in, or the token has expired",
    HTTPStatus.FORBIDDEN: "The role does not allow it, or a reason is needed",
    HTTPStatus.NOT_FOUND: "There is no such thing in the user's area",
    HTTPStatus.CONFLICT: "It is not in a state in which this can be done",
    HTTPStatus.PRECONDITION_FAILED: "It was changed meanwhile",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A field is wrong; `errors` names it",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many wrong passwords; `Retry-After` says when to try again",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is away; the same may work later",
}


class ProblemResponse(JSONResponse):
    """A problem on the wire."""

    media_type = MEDIA_TYPE

    def render(self, content: object) -> bytes:
        """As JSON. A lone surrogate that came in as a field's name goes out as the escape that it came as."""
        return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def answer(request: Request, problem: ProblemError) -> ProblemResponse:
    """The problem as an answer."""
    content = body(problem, correlation_id(request))
    return ProblemResponse(content, status_code=problem.status, headers=dict(problem.headers))


def body(problem: ProblemError, correlation: str) -> dict[str, object]:
    """The members of a problem's answer."""
    content: dict[str, object] = {
        "type": f"urn:kanhu:problem:{problem.slug}",
        "title": problem.title,
        "status": int(problem.status),
        "detail": problem.detail,
        **problem.members,
        "correlation_id": correlation,
    }
    if problem.errors:
        content["errors"] = [error.model_dump(exclude_none=True) for error in problem.errors]
    return content


def correlation_id(request: Request) -> str:
    """What this request is called in the log and in its answer."""
    return str(request.scope.get("correlation_id", ""))


async def on_problem(request: Request, error: Exception) -> ProblemResponse:
    """Our own errors."""
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for it
    return answer(request, error)


async def on_http_error(request: Request, error: Exception) -> ProblemResponse:
    """Errors of the framework: no such path, wrong method, body too large."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: "There is nothing at this address.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible here; the Allow header says what is.",
        HTTPStatus.BAD_REQUEST: "The request can't be read.",
    }
    problem = ProblemError(
        status,
        re.sub(r"[^a-z]+", "-", status.phrase.lower()),
        status.phrase,
        details.get(status, str(error.detail)),
        headers=error.headers,
    )
    return answer(request, problem)


async def on_invalid_request(request: Request, error: Exception) -> ProblemResponse:
    """What FastAPI found wrong with a request: 400 for a body that is no JSON, else 422 that names the fields."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    for found in error.errors():
        if found["type"] == "json_invalid":
            at = found["loc"][-1]
            reason = found.get("ctx", {}).get("error", "")
            detail = f"The body is not JSON: {reason} at character {at}."
            return answer(request, ProblemError(HTTPStatus.BAD_REQUEST, "invalid-json", "The body is not JSON", detail))
    return answer(request, wrong_fields(_field_error(found) for found in error.errors()))


def _field_error(found: Mapping[str, Any]) -> FieldError:
    location, *steps = (str(step) for step in found["loc"])
    message = str(found["msg"]).removeprefix("Value error, ")
    pointer = "".join(f"/{step}" for step in steps) if location == "body" else None
    return FieldError(location=location, field=".".join(steps), pointer=pointer, detail=message)


async def on_unavailable(request: Request, error: Exception) -> ProblemResponse:
    """The database is away."""
    assert isinstance(error, Unavailable)  # noqa: S101 - registered for it
    _log.warning("database unavailable", error=str(error), correlation_id=correlation_id(request))
    problem = ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database-unavailable",
        "The database is away",
        "The database does not answer; try again in a few seconds.",
        headers={"Retry-After": "5"},
    )
    return answer(request, problem)


async def on_refused(request: Request, error: Exception) -> ProblemResponse:
    """The database refused a value that the API took: told without the database's words, which name its insides."""
    assert isinstance(error, Refused)  # noqa: S101 - registered for it
    _log.error("the database refused a request's values", error=str(error), correlation_id=correlation_id(request))
    problem = ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "refused",
        "A value can't be stored",
        "A value of the request can't be stored.",
    )
    return answer(request, problem)


async def on_failure(request: Request, error: Exception) -> ProblemResponse:
    """Anything else is ours to mend: the answer says nothing but the id that finds the trace in the log."""
    _log.error("request failed", exc_info=error, correlation_id=correlation_id(request))
    problem = ProblemError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal-error",
        "Something went wrong here",
        "It is written down with the correlation id; nothing was changed.",
        # This answer is made outside our own middleware.
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
    return answer(request, problem)
