"""The demonstration's people, where Kanhu does not answer: they try again like anybody would, and say so."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from standardwebhooks.webhooks import Webhook

from demo.patience import NoAnswer, not_later, patiently
from demo.phones import SECRET, Phones
from demo.responders import Desk, Responder
from demo.town import served
from servers.process import LOOPBACK, free_port

INCIDENT = {"id": 7, "state": "open", "kind": "sos", "queue": "emergency"}
UNTIL = 20.0


@dataclass
class Centre:
    """An API that does not answer each first time, and whose live stream breaks off after its first event."""

    asked: dict[str, int] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def first(self, what: str) -> bool:
        self.asked[what] = self.asked.get(what, 0) + 1
        return self.asked[what] == 1

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/api/v1/token")
        async def token() -> Response:
            if self.first("token"):
                return Response(status_code=503, headers={"Retry-After": "5"})
            return Response(json.dumps({"access_token": "x"}), media_type="application/json")

        @app.get("/api/v1/incidents/live")
        async def live(request: Request) -> Response:
            if self.first("live"):
                return Response(status_code=503)
            again = request.headers.get("Last-Event-ID")

            async def events() -> AsyncIterator[str]:
                if again is None:
                    yield "id: 1\nevent: ready\ndata: {}\n\n"
                    raise ConnectionResetError("broken off")
                yield f"id: 2\nevent: incident\ndata: {json.dumps({'event': 'open', 'incident': INCIDENT})}\n\n"
                await self.closed.wait()

            return StreamingResponse(events(), media_type="text/event-stream")

        @app.get("/api/v1/incidents")
        async def incidents() -> Response:
            return Response('{"items": []}', status_code=503 if self.first("incidents") else 200)

        @app.post("/api/v1/incidents/7/{what}")
        async def step(what: str, request: Request) -> Response:
            self.keys.setdefault(what, set()).add(request.headers["Idempotency-Key"])
            if self.first(what):
                return Response(status_code=503)
            if what == "close":
                self.closed.set()
            return Response("{}")

        @app.get("/link")
        async def page() -> Response:
            return Response(status_code=503) if self.first("page") else Response("<button name=on_my_way>")

        @app.post("/link")
        async def press() -> Response:
            if self.first("press"):
                return Response(status_code=503)
            self.closed.set()
            return Response("thanks")

        return app


async def until_closed(work: Awaitable[None], centre: Centre) -> None:
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(centre.closed.wait())
    done, _ = await asyncio.wait({task, waiting}, timeout=UNTIL, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert waiting in done


async def test_a_responder_whom_nothing_answers_at_first_sees_an_incident_through() -> None:
    centre, port, again = Centre(), free_port(), list[str]()
    async with served(centre.app(), port):
        responder = Responder(f"http://{LOOPBACK}:{port}", Desk("lan", "x", 0.01), 1, again.append)
        await until_closed(responder.run(), centre)
    steps = ("claim", "contact", "dispatch", "arrive", "close")
    assert {what: centre.asked[what] for what in steps} == dict.fromkeys(steps, 2)
    # The same each time: what had been done is not done twice.
    assert all(len(centre.keys[what]) == 1 for what in steps)
    # Of the sign-in, the stream twice, the queue, and each step.
    assert again == ["lan"] * (4 + len(steps))


async def test_a_relative_whose_page_does_not_come_up_tries_again() -> None:
    centre, port, phone_port = Centre(), free_port(), free_port()
    tapped, again = list[str](), list[str]()
    phones = Phones(0.0, lambda received: None, tapped.append, again.append)
    async with served(centre.app(), port), served(phones.app(), phone_port):
        data = {"title": "跌倒", "text": "", "link": f"http://{LOOPBACK}:{port}/link"}
        body = json.dumps({"data": data})
        at = datetime(2026, 11, 27, tzinfo=UTC)
        signed = Webhook(SECRET).sign("m1", at, body)
        headers = {"webhook-id": "m1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}

        async def told() -> None:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(phones.run())
                await asyncio.sleep(0)
                async with httpx.AsyncClient() as client:
                    answer = await client.post(f"http://{LOOPBACK}:{phone_port}/86100", content=body, headers=headers)
                assert answer.status_code == 204

        await until_closed(told(), centre)
    assert again == ["86100"]
    assert (centre.asked["page"], centre.asked["press"]) == (3, 2)


def answering(*codes: int) -> Callable[[], Awaitable[httpx.Response]]:
    left = list(codes)

    async def ask() -> httpx.Response:
        code = left.pop(0) if len(left) > 1 else left[0]
        return not_later(httpx.Response(code, request=httpx.Request("GET", "http://kanhu")))

    return ask


async def test_nobody_tries_for_ever() -> None:
    told = list[int]()
    with pytest.raises(NoAnswer, match="503"):
        await patiently(answering(503), lambda: told.append(1), patience=0.5)
    assert told == [1]


@pytest.mark.parametrize("code", [200, 404, 409, 500])
async def test_any_other_answer_is_one(code: int) -> None:
    told = list[int]()
    answer = await patiently(answering(code), lambda: told.append(1))
    assert (answer.status_code, told) == (code, [])
