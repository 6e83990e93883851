"""The families' telephones: an HTTP server that takes signed webhooks, and people who read and tap the link.

It is what a family's own app would be: it checks the signature, opens the page behind the link and presses the button
"I'm on my way" on it.
"""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import httpx
import msgspec
from fastapi import FastAPI, Request, Response
from standardwebhooks.webhooks import Webhook

from demo.patience import patiently

SECRET: Final = "whsec_" + base64.b64encode(hashlib.sha256(b"the demonstration's telephones").digest()).decode()
"""Signs what the telephones get. The demonstration's alone: it ends with it."""


_TIMEOUT_S: Final = 30.0
# Each client would make one of its own, which takes longer than all else that it does.
_TLS: Final = ssl.create_default_context()
_ON_MY_WAY: Final = "on_my_way"


@dataclass(frozen=True, slots=True)
class Received:
    """A message on somebody's telephone."""

    phone: str
    title: str
    text: str


class Phones:
    """All telephones. read_after: real seconds that a person takes before they tap the link.

    on_message, on_tap: a message came, a button was pressed. on_again: whose page did not come up and who tries again.
    """

    def __init__(
        self,
        read_after: float,
        on_message: Callable[[Received], None],
        on_tap: Callable[[str], None],
        on_again: Callable[[str], None],
    ) -> None:
        self._read_after = read_after
        self._on_message = on_message
        self._on_tap = on_tap
        self._on_again = on_again
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Let people read and tap until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                await asyncio.Event().wait()
            finally:
                self._tasks = None

    def app(self) -> FastAPI:
        """The server that the webhooks go to: POST /{phone}."""
        app = FastAPI(openapi_url=None)
        verifier = Webhook(SECRET)

        @app.post("/{phone}")
        async def receive(phone: str, request: Request) -> Response:
            body = await request.body()
            if not _signed(verifier, request.headers, body):
                return Response(status_code=HTTPStatus.UNAUTHORIZED)
            data = msgspec.json.decode(body)["data"]
            self._on_message(Received(phone, data["title"], data["text"]))
            if self._tasks is not None:
                self._tasks.create_task(self._tap(phone, data["link"]), name=f"phone {phone}")
            return Response(status_code=HTTPStatus.NO_CONTENT)

        return app

    async def _tap(self, phone: str, link: str) -> None:
        await asyncio.sleep(self._read_after)
        if await patiently(lambda: self._answers(link), lambda: self._on_again(phone)):
            self._on_tap(phone)

    async def _answers(self, link: str) -> bool:
        """Press the button. False where there is none any more."""
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, verify=_TLS) as client:
            page = await client.get(link)
            page.raise_for_status()
            if _ON_MY_WAY not in page.text:
                # It was over before they looked, and the page says so.
                return False
            answer = await client.post(link, data={"answer": _ON_MY_WAY}, follow_redirects=True)
        answer.raise_for_status()
        return True


def _signed(webhook: Webhook, headers: Mapping[str, str], body: bytes) -> bool:
    # Not the library's `verify`: that compares with the machine's clock, and the town lives by another.
    at = datetime.fromtimestamp(int(headers.get("webhook-timestamp", "0")), UTC)
    wanted = webhook.sign(headers.get("webhook-id", ""), at, body.decode())
    return hmac.compare_digest(wanted.encode(), headers.get("webhook-signature", "").encode())
