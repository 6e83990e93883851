"""Asking for a test of the alarm over HTTP, and the person's page."""

from collections.abc import AsyncIterator

import pytest

from core.clock import MINUTE
from tests.support.api_world import Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def rows(api: Api, query: str) -> list[tuple[object, ...]]:
    async with api.services.transaction() as connection:
        return await (await connection.execute(query.encode())).fetchall()


async def test_a_test_is_asked_for_once_for_a_key_and_who_asked_is_kept(api: Api) -> None:
    path = f"/api/v1/residents/{api.world.west.resident}/test"
    async with api.client("operator") as client:
        first = await client.post(path, headers={"Idempotency-Key": "k"})
        again = await client.post(path, headers={"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    assert first.json() | {"asked_at": "2026-10-01T04:00:00Z", "expires_at": "2026-10-01T04:10:00Z"} == first.json()
    assert first.json()["devices"] == 1
    assert await rows(api, "SELECT resident_id, asked_by FROM alarm_test") == [
        (api.world.west.resident, api.world.users["operator"])
    ]
    [(topic, message)] = await rows(api, "SELECT topic, payload->'message' FROM outbox")
    assert (topic, message) == ("command", {"command": "test", "text": "现在进行测试，请按 SOS 键。"})


async def test_from_the_question_to_the_last_test(api: Api) -> None:
    west = api.world.west
    async with api.client("responder") as client:
        await client.post(f"/api/v1/residents/{west.resident}/test")
        api.clock.advance(MINUTE)
        incident = await api.raise_incident(west, at=api.services.now())
        [item] = (await client.get("/api/v1/incidents")).json()["items"]
        assert (item["id"], item["expected_test"], item["state"]) == (incident, True, "open")
        detail = (await client.get(f"/api/v1/incidents/{incident}")).json()
        assert detail["events"][0]["detail"]["asked_by"] == f"user:{api.world.users['responder']}"
        await client.post(f"/api/v1/incidents/{incident}/claim")
        await client.post(f"/api/v1/incidents/{incident}/close", json={"code": "test"})
        found = (await client.get(f"/api/v1/residents/{west.resident}/protection")).json()
    assert found["last_test_at"] == "2026-10-01T04:01:00Z"
    [reason] = [reason for reason in found["reasons"] if reason["code"] == "test"]
    assert (reason["ok"], reason["text"]) == (True, "Tested 0 min ago")


async def test_nobody_is_asked_in_an_emergency(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        refused = await client.post(f"/api/v1/residents/{api.world.west.resident}/test")
        retired = f"/api/v1/residents/{api.world.east.resident}/test"
    assert (refused.status_code, refused.json()["type"], refused.json()["incident"]) == (
        409, "urn:kanhu:problem:has-an-emergency", incident,
    )  # fmt: skip
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE device SET retired_at = now()")
    async with api.client("far") as far:
        nothing = await far.post(retired)
    assert (nothing.status_code, nothing.json()["type"]) == (409, "urn:kanhu:problem:nothing-to-test")
    assert await rows(api, "SELECT 1 FROM alarm_test") == []


@pytest.mark.parametrize(("role", "attends"), [("responder", True), ("operator", True), ("family", False)])
async def test_the_persons_page_says_how_to_get_in_to_who_attends(api: Api, role: str, attends: bool) -> None:
    async with api.client(role) as client:
        found = (await client.get(f"/api/v1/residents/{api.world.west.resident}")).json()
    assert (found["name"], found["address"], found["conditions"], found["medicines"]) == (
        "王秀英", "曙光路12号", "", "",
    )  # fmt: skip
    assert (found["access_notes"], found["latitude"]) == (("钥匙在邻居家", 30.26) if attends else (None, None))
