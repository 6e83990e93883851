"""Handing over, calling, reopening and merging over HTTP: what each answers, and what who is too late hears."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.clock import MINUTE, SECOND
from core.findings import Kind, Queue, Severity
from tests.support.api_world import NOW, Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, crew=2, token_minutes=1440) as running_api:
        yield running_api


async def test_who_is_late_hears_who_was_faster_and_when(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path = f"/api/v1/incidents/{incident}"
    async with api.client("crew0") as holder, api.client("supervisor") as chief:
        await holder.post(f"{path}/claim")
        api.clock.advance(5 * SECOND)
        answers = await asyncio.gather(
            holder.post(f"{path}/close", json={"code": "reassured"}),
            chief.post(f"{path}/close", json={"code": "reassured"}),
        )
    [problem] = [answer.json() for answer in answers if answer.status_code == 409]
    assert [answer.status_code for answer in answers].count(200) == 1
    name = "Supervisor" if answers[0].status_code == 200 else "Crew0"
    first = "Crew0" if answers[0].status_code == 200 else "Supervisor"
    assert name != first
    assert problem["type"] == "urn:kanhu:problem:wrong-state"
    assert (problem["state"], problem["event"], problem["by"]["name"]) == ("closed", "close", first)
    assert problem["since"] == (NOW + timedelta(seconds=5)).isoformat()
    assert first in problem["detail"]


async def test_handing_over(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path, users = f"/api/v1/incidents/{incident}", api.world.users
    async with api.client("crew0") as holder, api.client("crew1") as other:
        await holder.post(f"{path}/claim")
        api.clock.advance(MINUTE)
        key = {"Idempotency-Key": "k"}
        answer = await holder.post(f"{path}/hand-over", json={"user_id": users["crew1"], "note": "下班"}, headers=key)
        assert answer.json()["claimed_by"] == {
            "id": users["crew1"],
            "name": "Crew1",
            "since": (NOW + timedelta(minutes=1)).isoformat().replace("+00:00", "Z"),
        }
        assert answer.json()["lease_until"] == (NOW + timedelta(minutes=6)).isoformat().replace("+00:00", "Z")
        again = await holder.post(f"{path}/hand-over", json={"user_id": users["crew1"], "note": "下班"}, headers=key)
        assert (again.status_code, again.json()) == (200, answer.json())
        late = await holder.post(f"{path}/hand-over", json={"user_id": users["supervisor"]})
        assert (late.status_code, late.json()["claimed_by"]["name"]) == (409, "Crew1")
        refused = await other.post(f"{path}/hand-over", json={"user_id": users["far"]})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:kanhu:problem:no-such-colleague")
        trail = (await other.get(path)).json()["events"]
    assert [event["event"] for event in trail].count("hand_over") == 1


async def test_a_call_names_whom_it_was_made_to(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path = f"/api/v1/incidents/{incident}/contact"
    async with api.client("crew0") as holder:
        await holder.post(f"/api/v1/incidents/{incident}/claim")
        called = {"outcome": "busy", "contact_id": api.world.west.contact}
        assert (await holder.post(path, json=called)).json()["state"] == "claimed"
        for body, field in (
            ({"outcome": "busy", "contact_id": api.world.east.contact}, "contact_id"),
            ({"outcome": "busy", "contact_id": api.world.west.contact, "who": "resident"}, ""),
            ({"outcome": "no answer"}, "outcome"),
        ):
            answer = await holder.post(path, json=body)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        assert (await holder.post(path, json={"outcome": "answered"})).json()["state"] == "contacted"
        events = (await holder.get(f"/api/v1/incidents/{incident}")).json()["events"]
    assert [(e["event"], e["detail"]["who"]) for e in events[-2:]] == [("call", "contact"), ("contact", "resident")]
    assert events[-2]["detail"]["contact"] == api.world.west.contact


async def test_reopening_in_time_and_too_late(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path = f"/api/v1/incidents/{incident}"
    async with api.client("crew0") as holder, api.client("crew1") as other:
        await holder.post(f"{path}/claim")
        assert (await holder.get(path)).json()["reopen_until"] is None
        await holder.post(f"{path}/close", json={"code": "accidental"})
        until = (NOW + timedelta(minutes=120)).isoformat().replace("+00:00", "Z")
        assert (await holder.get(path)).json()["reopen_until"] == until
        api.clock.advance(120 * MINUTE)
        answer = await other.post(f"{path}/reopen", json={"note": "again on the floor"})
        assert (answer.json()["state"], answer.json()["closure_code"], answer.json()["claimed_by"]) == (
            "open", None, None,
        )  # fmt: skip
        twice = await other.post(f"{path}/reopen")
        assert (twice.status_code, twice.json()["by"]["name"]) == (409, "Crew1")
        await holder.post(f"{path}/claim")
        await holder.post(f"{path}/close", json={"code": "reassured"})
        api.clock.advance(120 * MINUTE + SECOND)
        late = await other.post(f"{path}/reopen")
        assert (late.status_code, late.json()["type"]) == (409, "urn:kanhu:problem:too-late")
        await api.raise_incident(api.world.west, episode="2")
        assert (await other.post(f"{path}/reopen")).status_code == 409


async def test_merging(api: Api) -> None:
    care = await api.raise_incident(api.world.west, Kind.VITALS, queue=Queue.CARE, severity=Severity.MEDIUM)
    emergency = await api.raise_incident(api.world.west)
    theirs = await api.raise_incident(api.world.east)
    path = f"/api/v1/incidents/{care}"
    async with api.client("crew0") as client, api.client("crew1") as other:
        nowhere = await client.post(f"{path}/merge", json={"into": theirs})
        assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "into")
        await other.post(f"/api/v1/incidents/{emergency}/claim")
        held = await client.post(f"{path}/merge", json={"into": emergency})
        assert (held.status_code, held.json()["claimed_by"]["name"], held.json()["incident"]) == (
            409, "Crew1", emergency,
        )  # fmt: skip
        merged = await other.post(f"{path}/merge", json={"into": emergency, "note": "one cause"})
        assert (merged.json()["state"], merged.json()["closure_code"]) == ("closed", "duplicate")
        detail = (await client.get(path)).json()
        assert (detail["merged_into"], detail["reopen_until"], detail["alerts"]) == (emergency, None, [])
        target = (await client.get(f"/api/v1/incidents/{emergency}")).json()
        assert ([a["kind"] for a in target["alerts"]], target["merged_into"]) == (["vitals", "sos"], None)
        again = await client.post(f"{path}/reopen")
        assert (again.status_code, again.json()["merged_into"]) == (409, emergency)


async def test_what_waits_for_the_wearer_says_until_when(api: Api) -> None:
    await api.raise_incident(api.world.west, Kind.FALL, countdown=20)
    async with api.client("crew0") as client:
        [item] = (await client.get("/api/v1/incidents")).json()["items"]
    assert item["countdown_until"] == (NOW + timedelta(seconds=20)).isoformat().replace("+00:00", "Z")
    assert (item["state"], item["lease_until"]) == ("pending", None)
