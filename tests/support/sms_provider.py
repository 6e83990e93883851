"""An SMS provider: an HTTP server that takes, refuses and delays messages as providers do, and calls back.

It speaks docs/sms-gateway.md. What it does with a number is set beforehand; receipts are sent when the test says so, as
often and as late as it says, or forged.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx
from standardwebhooks.webhooks import Webhook

from servers.process import LOOPBACK

KEY = "the provider's bearer token"
SECRET = "whsec_cHJvdmlkZXIncyBzZWNyZXQgb2YgMzIgYnl0ZXMhIQ=="
OTHER_SECRET = "whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldCBvZiAzMiBi"


@dataclass(frozen=True)
class Answer:
    """What the provider answers to a message. delay: real seconds before it does."""

    status: int = 202
    error: str | None = None
    delay: float = 0.0
    retry_after: int | None = None


@dataclass(frozen=True)
class Got:
    """A message that came in, at the provider's time."""

    at: datetime
    body: Mapping[str, Any]

    @property
    def to(self) -> str:
        return str(self.body["to"])


@dataclass
class SmsProvider:
    """Listens while its `with` block lasts. now: its clock.

    answers: by number, for the next messages; when they are used up, and for others, messages are taken.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    got: list[Got] = field(default_factory=list)
    refused_keys: list[str] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.headers["authorization"] != f"Bearer {KEY}":
                    provider.refused_keys.append(self.headers["authorization"])
                    self._answer(Answer(401, "bad_key"), None)
                    return
                waiting = provider.answers.get(body["to"], [])
                answer = waiting.pop(0) if waiting else Answer()
                time.sleep(answer.delay)
                provider.got.append(Got(provider.now(), body))
                self._answer(answer, f"sms-{len(provider.got)}")

            def _answer(self, answer: Answer, message: str | None) -> None:
                said = {"error": answer.error} if answer.error else {"id": message}
                content = json.dumps(said).encode()
                try:
                    self.send_response(answer.status)
                    if answer.retry_after is not None:
                        self.send_header("Retry-After", str(answer.retry_after))
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    """Who asked has given up waiting."""

            def log_message(self, *arguments: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where messages are to be posted."""
        return f"http://{LOOPBACK}:{self._server.server_port}/messages"

    def messages(self, number: str) -> list[Got]:
        """What came in for a number."""
        return [one for one in self.got if one.to == number]

    async def report(
        self,
        client: httpx.AsyncClient,
        message: Mapping[str, Any],
        status: str,
        *,
        error: str | None = None,
        at: datetime | None = None,
        signed_at: datetime | None = None,
        secret: str = SECRET,
        to: str | None = None,
    ) -> int:
        """Call back about a message. Returns the status of the answer. to: another address than the message's own."""
        receipt = {"message_id": message["message_id"], "status": status, "at": (at or self.now()).isoformat()}
        if error is not None:
            receipt["error"] = error
        headers, content = signed(receipt, signed_at or self.now(), secret)
        answer = await client.post(to or message["callback_url"], content=content, headers=headers)
        return answer.status_code


def signed(receipt: object, at: datetime, secret: str = SECRET, name: str = "msg_1") -> tuple[dict[str, str], bytes]:
    """Headers and body of a receipt."""
    content = json.dumps(receipt).encode()
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, content.decode()),
    }
    return headers, content
