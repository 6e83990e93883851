"""Around every request: an id to find it by, a limit on its body, and the headers that keep browsers from harm."""

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems

MAXIMUM_BODY = 262_144
"""Bytes. The largest thing a client sends is a care plan or a note, where a route has no limit of its own."""

_GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

_SECURITY = {
    # An answer is data; the pages that are pages set their own policy.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class BodyTooLarge(HTTPException):
    """A body without a length turned out too long. The framework's kind, so that it passes through its body parsing."""

    def __init__(self, maximum: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A request's body may have {maximum} bytes.")


@dataclass(frozen=True, slots=True)
class Allowance:
    """A route whose body may be larger. path: matches all of the request's path; maximum: bytes."""

    method: str
    path: re.Pattern[str]
    maximum: int


class Envelope:
    """Middleware, the outermost of ours.

    https: whether people reach us by https, so that browsers may be told to stay with it.
    time: of what happens to residents, in milliseconds since the epoch, and how many times as fast as real time it
    goes. Whoever shows how long somebody waits must not count by a clock of their own.
    larger: routes with a limit on the body of their own.
    """

    def __init__(
        self, app: ASGIApp, https: bool, time: Callable[[], tuple[int, float]], larger: Sequence[Allowance] = ()
    ) -> None:
        self._app = app
        self._larger = larger
        self._time = time
        self._headers = {**_SECURITY, **({"strict-transport-security": "max-age=31536000"} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with a limit on its body, and its answer back with our headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope)
        asked_id = given.get("x-request-id", "")
        correlation = asked_id if _GIVEN_ID.fullmatch(asked_id) else uuid.uuid4().hex
        scope["correlation_id"] = correlation
        maximum = self._maximum(scope)
        received = 0

        async def send_sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["x-request-id"] = correlation
                # A structured field (RFC 9651): an integer with a parameter.
                millis, speed = self._time()
                headers["kanhu-time"] = f"{millis};speed={speed:.3f}"
            await send(message)

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > maximum:
                    raise BodyTooLarge(maximum)
            return message

        length = given.get("content-length", "0")
        if not length.isdecimal() or int(length) > maximum:
            refusal = problems.too_large(maximum)
            await problems.answer(Request(scope), refusal)(scope, receive, send_sealed)
            return
        await self._app(scope, receive_limited, send_sealed)

    def _maximum(self, scope: Scope) -> int:
        for allowance in self._larger:
            if scope["method"] == allowance.method and allowance.path.fullmatch(scope["path"]):
                return allowance.maximum
        return MAXIMUM_BODY
