"""People in the emergency centre, at work over the public API: they watch the queue, claim, call, send and close."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import httpx
import msgspec

from core.findings import Kind
from demo.patience import not_later, patiently

_CLOSED_AS: Final = {
    Kind.SOS: "responder_attended",
    Kind.FALL: "ambulance",
    Kind.LONG_LIE: "ambulance",
    Kind.SMOKE: "fire",
    Kind.GAS: "fire",
    Kind.CARBON_MONOXIDE: "fire",
    Kind.WANDERING: "family_attended",
    Kind.VITALS: "ambulance",
}
"""How an emergency turns out; all else is settled by a telephone call or by a technician."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One responder's sign-in, and how long they take (real seconds) for a step."""

    name: str
    password: str = field(repr=False)
    pace: float = 0.4


class Responder:
    """One person. on_change is told of each change that the live stream shows; on_again, whenever Kanhu has not
    answered this person, who tries again."""

    def __init__(
        self,
        url: str,
        desk: Desk,
        seed: int,
        on_again: Callable[[str], None],
        on_change: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        self._desk = desk
        self._on_change = on_change
        self._on_again = on_again
        self._chance = random.Random(seed)  # noqa: S311 - how quickly a simulated person works
        self._client = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=30)
        self._busy: set[int] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with self._client, asyncio.TaskGroup() as tasks:
            await self._sign_in()
            last: str | None = None
            while True:
                async for event in self._live(last):
                    last = event.id or last
                    if event.name == "incident":
                        change = msgspec.json.decode(event.data)
                        if self._on_change is not None:
                            self._on_change(change)
                        self._consider(change["incident"], tasks)
                    else:
                        for incident in await self._open():
                            self._consider(incident, tasks)
                # It ended, or broke off: as soon as somebody has noticed, it is opened again.
                await self._pause()

    def _consider(self, incident: dict[str, Any], tasks: asyncio.TaskGroup) -> None:
        number = incident["id"]
        if incident["state"] != "open" or number in self._busy:
            return
        self._busy.add(number)
        tasks.create_task(self._work(incident), name=f"{self._desk.name} on incident {number}")

    async def _work(self, incident: dict[str, Any]) -> None:
        """Claim it, and see it through. Somebody else may be quicker."""
        number, kind = incident["id"], Kind(incident["kind"])
        await self._pause()
        try:
            if not await self._post(number, "claim"):
                return
            await self._pause()
            await self._post(number, "contact", {"outcome": "answered", "note": "已通话"})
            if incident["queue"] == "emergency":
                await self._pause()
                await self._post(number, "dispatch", {"resource": "120" if kind is not Kind.SMOKE else "119"})
                await self._pause()
                await self._post(number, "arrive")
            await self._pause()
            code = _CLOSED_AS.get(kind, "technical" if incident["queue"] == "maintenance" else "reassured")
            await self._post(number, "close", {"code": code})
        finally:
            self._busy.discard(number)

    async def _pause(self) -> None:
        await asyncio.sleep(self._desk.pace * self._chance.uniform(0.6, 1.4))

    async def _post(self, number: int, what: str, body: dict[str, object] | None = None) -> bool:
        """Do a step. False where the incident is no longer ours to work on: claimed by another, or cancelled."""
        answer = await self._send(f"/incidents/{number}/{what}", body, secrets.token_hex(16))
        if answer.status_code == HTTPStatus.CONFLICT:
            return False
        answer.raise_for_status()
        return True

    async def _send(self, path: str, body: dict[str, object] | None, key: str) -> httpx.Response:
        """The same key each time: what had arrived before the connection broke is not done twice."""
        return await self._patiently(lambda: self._client.post(path, json=body, headers={"Idempotency-Key": key}))

    async def _open(self) -> list[dict[str, Any]]:
        answer = await self._patiently(lambda: self._client.get("/incidents", params={"state": "open", "limit": 200}))
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def _sign_in(self) -> None:
        form = {"username": self._desk.name, "password": self._desk.password}
        answer = await self._patiently(lambda: self._client.post("/token", data=form))
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def _live(self, last: str | None) -> AsyncIterator["ServerSent"]:
        """The stream from after that event on, until it ends or breaks off."""
        headers = {"Last-Event-ID": last} if last else {}
        request = self._client.build_request("GET", "/incidents/live", headers=headers, timeout=None)
        stream = await self._patiently(lambda: self._client.send(request, stream=True))
        try:
            if stream.status_code == HTTPStatus.UNAUTHORIZED:
                await self._sign_in()
                return
            stream.raise_for_status()
            async for event in server_sent(stream.aiter_lines()):
                yield event
        except httpx.TransportError:
            self._on_again(self._desk.name)
        finally:
            await stream.aclose()

    async def _patiently(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        async def once() -> httpx.Response:
            return not_later(await ask())

        return await patiently(once, lambda: self._on_again(self._desk.name))


@dataclass(frozen=True, slots=True)
class ServerSent:
    """One server-sent event."""

    name: str
    data: str
    id: str | None


async def server_sent(lines: AsyncIterator[str]) -> AsyncIterator[ServerSent]:
    """The events of a stream of lines (https://html.spec.whatwg.org/multipage/server-sent-events.html §9.2.6)."""
    fields: dict[str, list[str]] = {}
    async for line in lines:
        if not line:
            if "data" in fields or "event" in fields:
                data, ids = "\n".join(fields.get("data", [])), fields.get("id")
                yield ServerSent(fields.get("event", ["message"])[-1], data, ids[-1] if ids else None)
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
