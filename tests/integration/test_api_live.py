"""The live queue: what happens to incidents reaches the open streams of those who may see it, and only these."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr

from api.live import Live, Reset
from api.serve import LiveQueueDied, serve
from core.clock import MINUTE, SECOND
from core.settings import Settings
from servers.process import free_port
from storage.scope import Scope
from tests.support.api_world import SECRET, Api, listening, running


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: dict[str, object]


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


@pytest.fixture
async def url(api: Api) -> AsyncIterator[str]:
    async with listening(api) as address:
        yield address


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    fields: dict[str, str] = {}
    async for line in lines:
        if line == "" and fields:
            yield Event(fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


class Stream:
    def __init__(self, events: AsyncIterator[Event]) -> None:
        self._events = events

    async def next(self) -> Event:
        async with asyncio.timeout(10):
            return await anext(self._events)

    async def ends(self) -> bool:
        async with asyncio.timeout(10):
            return [event async for event in self._events] == []


@asynccontextmanager
async def stream(
    url: str, token: str | None, last: str | None = None, ticket: str | None = None
) -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Last-Event-ID": last} if last else {}
    params = {"ticket": ticket} if ticket else {}
    async with (
        httpx.AsyncClient(timeout=None) as client,
        client.stream("GET", f"{url}/api/v1/incidents/live", headers=headers, params=params) as answer,
    ):
        assert answer.status_code == 200, (await answer.aread()).decode()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(_events(answer.aiter_lines()))


async def test_a_claim_is_told_to_those_who_may_see_it(api: Api, url: str) -> None:
    mine = await api.raise_incident(api.world.west)
    async with (
        stream(url, api.token("supervisor")) as chief,
        stream(url, api.token("family")) as family,
        stream(url, api.token("far")) as far,
        api.client("responder") as client,
    ):
        for one in (chief, family, far):
            assert (await one.next()).name == "ready"
        assert (await client.post(f"/api/v1/incidents/{mine}/claim")).status_code == 200
        theirs = await api.raise_incident(api.world.east)
        for one in (chief, family):
            event = await one.next()
            assert (event.name, event.data["event"]) == ("incident", "claim")
            shown = event.data["incident"]
            assert isinstance(shown, dict)
            assert (shown["id"], shown["state"], shown["claimed_by"]["name"]) == (mine, "claimed", "Responder")
        # Nothing of the west came to the east before its own.
        event = await far.next()
        shown = event.data["incident"]
        assert isinstance(shown, dict)
        assert shown["id"] == theirs


async def test_what_was_missed_is_sent_again(api: Api, url: str) -> None:
    mine = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        async with stream(url, api.token("supervisor")) as chief:
            await chief.next()
            await client.post(f"/api/v1/incidents/{mine}/claim")
            last = (await chief.next()).id
        await client.post(f"/api/v1/incidents/{mine}/notes", json={"text": "一"})
        await client.post(f"/api/v1/incidents/{mine}/notes", json={"text": "二"})
        async with stream(url, api.token("supervisor"), last) as chief:
            await chief.next()
            again: list[Event] = []
            while len([e for e in again if int(e.id) > int(last)]) < 2:
                again.append(await chief.next())
    assert [e.data["event"] for e in again if int(e.id) > int(last)] == ["note", "note"]
    assert last not in {e.id for e in again}


async def test_a_ticket_opens_the_stream_for_half_a_minute_and_nothing_else(api: Api, url: str) -> None:
    async with api.client("responder") as client:
        ticket = (await client.post("/api/v1/incidents/live/ticket")).json()["ticket"]
    async with stream(url, None, ticket=ticket) as open_stream:
        assert (await open_stream.next()).name == "ready"
    async with api.client() as client:
        me = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {ticket}"})
        assert me.status_code == 401
        api.clock.advance(30 * SECOND)
        late = await client.get("/api/v1/incidents/live", params={"ticket": ticket})
        assert (late.status_code, late.headers["content-type"]) == (401, "application/problem+json")


async def test_a_stream_ends_with_the_sign_in(api: Api, url: str) -> None:
    token = api.token("responder")
    api.clock.advance(15 * MINUTE - SECOND)
    async with stream(url, token) as nearly_over:
        assert (await nearly_over.next()).name == "ready"
        assert await nearly_over.ends()


async def test_wrong_last_event_id_and_no_sign_in(api: Api) -> None:
    async with api.client("responder") as client:
        answer = await client.get("/api/v1/incidents/live", headers={"Last-Event-ID": "x"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "Last-Event-ID")
    async with api.client() as client:
        assert (await client.get("/api/v1/incidents/live")).status_code == 401


async def test_a_lost_connection_is_made_again_and_the_streams_are_told(api: Api) -> None:
    live = api.services.live
    with live.subscribe(Scope.area("/city/west/")) as subscription:
        async with api.services.transaction() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN %' AND datname = current_database()"
            )
        async with asyncio.timeout(20):
            assert isinstance(await subscription.waiting.get(), Reset)
        incident = await api.raise_incident(api.world.west)
        async with asyncio.timeout(10):
            told = await subscription.waiting.get()
    assert not isinstance(told, Reset)
    assert told is not None
    assert told.entry.id == incident


async def test_a_stream_that_can_not_keep_up_is_ended(api: Api) -> None:
    live = api.services.live
    west = Scope.area("/city/west/")
    with live.subscribe(west) as slow, live.subscribe(west) as quick:
        for _ in range(slow.waiting.maxsize + 1):
            live._hand_out(Reset())
            assert isinstance(quick.waiting.get_nowait(), Reset)
        assert slow.waiting.get_nowait() is None
        assert slow.waiting.empty()
        live._hand_out(Reset())
        assert slow.waiting.empty()
        assert quick.waiting.qsize() == 1


async def test_a_fault_of_the_listener_is_not_survived(embedded_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Live) -> None:
        raise ZeroDivisionError

    async with running(embedded_database) as api:
        live = Live(api.services.settings, api.services.pool, api.services.now, api.services.metrics)
        monkeypatch.setattr(Live, "_listen", broken)
        with pytest.raises(ZeroDivisionError):
            await live.run()
        assert live.failed.is_set()


async def test_a_server_whose_listener_died_ends(embedded_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Live) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Live, "_listen", broken)
    values = Settings(database_url=embedded_database, token_secret=SecretStr(SECRET), api_port=free_port())
    async with asyncio.timeout(20):
        with pytest.raises(LiveQueueDied):
            await serve(values)


async def test_open_streams_end_when_the_server_goes_down(api: Api) -> None:
    async with listening(api) as address:
        open_stream = stream(address, api.token("responder"))
        chief = await open_stream.__aenter__()
        assert (await chief.next()).name == "ready"
    assert await chief.ends()
    await open_stream.__aexit__(None, None, None)


async def test_readiness_follows_the_listener(api: Api) -> None:
    async with api.client() as client:
        assert (await client.get("/readyz")).status_code == 200
        api.services.live.listening.clear()
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "the live queue is not listening")
