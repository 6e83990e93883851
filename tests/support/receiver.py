"""A family's own system: takes signed webhooks over HTTP, and believes only those whose signature is right."""

import queue
import threading
from collections import defaultdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from servers.process import LOOPBACK

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


class Receiver:
    """Listens while its `with` block lasts. Each person has a path, and finds the messages in order in `inbox`."""

    def __init__(self) -> None:
        self._inboxes: dict[str, queue.Queue[dict[str, Any]]] = defaultdict(queue.Queue)
        self.forged: list[str] = []
        self._refusing: set[str] = set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    message = Webhook(SECRET).verify(body, dict(self.headers.items()))
                except WebhookVerificationError as error:
                    receiver.forged.append(f"{self.path}: {error}")
                    self.send_response(HTTPStatus.UNAUTHORIZED)
                    self.end_headers()
                    return
                if self.path in receiver._refusing:
                    self.send_response(HTTPStatus.GONE)
                else:
                    receiver._inboxes[self.path].put(message)
                    self.send_response(HTTPStatus.NO_CONTENT)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def url(self, person: str) -> str:
        """Where a person's messages are to be posted."""
        return f"http://{LOOPBACK}:{self._server.server_port}/{person}"

    def refuse(self, person: str) -> None:
        """From now on that person has no system that takes messages: 410 Gone."""
        self._refusing.add(f"/{person}")

    def next(self, person: str, seconds: float = 30.0) -> dict[str, Any]:
        """The next message to a person: its `data`. Raises queue.Empty where none comes."""
        data: dict[str, Any] = self._inboxes[f"/{person}"].get(timeout=seconds)["data"]
        return data

    def is_empty(self, person: str) -> bool:
        """Whether nothing waits for a person."""
        return self._inboxes[f"/{person}"].empty()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
