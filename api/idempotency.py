"""Idempotency keys: a POST that is sent again with the same key does nothing again and gets the same answer.

As in draft-ietf-httpapi-idempotency-key-header. The key, the request's digest and the answer are written in the
request's own transaction, so a request that failed leaves no trace and may be sent again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.requests import Request

from api.dependencies import Conn, CurrentUser, Now
from api.problems import ProblemError
from storage import users
from storage.pool import Connection
from storage.users import User

_KEPT: Final = timedelta(days=1)

_Key = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="any text that names this request, such as a UUID; the answer is kept for a day",
    ),
]


class Once:
    """Does what a request asks once for each of its user's keys; without a key, each time."""

    def __init__(self, request: Request, connection: Connection, user: User, now: datetime, key: str | None) -> None:
        self._request = request
        self._connection = connection
        self._user = user
        self._now = now
        self._key = key

    async def __call__(
        self, do: Callable[[], Awaitable[BaseModel]], status: HTTPStatus = HTTPStatus.OK
    ) -> JSONResponse:
        """The answer of `do`, or the one it gave before. Raises ProblemError for a key used for something else."""
        if self._key is None:
            return JSONResponse((await do()).model_dump(mode="json"), status)
        await users.forget_requests(self._connection, self._user.id, self._now - _KEPT)
        digest = await self._digest()
        known = await users.begin_request(self._connection, self._user.id, self._key, digest, self._now)
        if known is None:
            content: dict[str, Any] = (await do()).model_dump(mode="json")
            await users.answer_request(self._connection, self._user.id, self._key, status, content)
            return JSONResponse(content, status)
        if known.request_digest != digest:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "The idempotency key was used for another request",
                "A new request needs a key of its own.",
            )
        return JSONResponse(known.body, known.status or status, headers={"Idempotent-Replayed": "true"})

    async def _digest(self) -> bytes:
        # The body as sent: it has been read already and is kept.
        url = self._request.url
        path = f"{url.path}?{url.query}" if url.query else url.path
        parts = (self._request.method.encode(), path.encode(), await self._request.body())
        return hashlib.sha256(b"\0".join(parts)).digest()


def _once(request: Request, connection: Conn, user: CurrentUser, now: Now, idempotency_key: _Key = None) -> Once:
    return Once(request, connection, user, now, idempotency_key)


OnceOnly = Annotated[Once, Depends(_once)]
