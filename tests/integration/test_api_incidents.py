"""Incidents over HTTP: who sees them, who gets them, what is written down."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from core.clock import MINUTE, SECOND
from core.findings import Kind, Queue, Severity
from tests.support.api_world import NOW, Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, crew=20) as running_api:
        yield running_api


async def test_of_twenty_who_claim_at_once_one_gets_it(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    clients = [api.client(f"crew{n}") for n in range(20)]
    answers = await asyncio.gather(*(client.post(f"/api/v1/incidents/{incident}/claim") for client in clients))
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 19)
    holder = won[0].json()["claimed_by"]
    for answer in lost:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["type"] == "urn:kanhu:problem:incident-held"
        assert problem["claimed_by"] == {"id": holder["id"], "name": holder["name"]}
        assert problem["claimed_at"] == NOW.isoformat()
        assert holder["name"] in problem["detail"]
    async with api.client("responder") as client:
        trail = (await client.get(f"/api/v1/incidents/{incident}")).json()["events"]
    assert [event["event"] for event in trail].count("claim") == 1


async def test_from_claim_to_closure(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    steps = [
        ("claim", None, "claimed"),
        ("contact", {"outcome": "no_answer", "note": "rang twice"}, "claimed"),
        ("contact", {"outcome": "answered", "note": "in pain"}, "contacted"),
        ("dispatch", {"resource": "120"}, "dispatched"),
        ("arrive", None, "on_scene"),
        ("notes", {"text": "她在浴室"}, "on_scene"),
        ("close", {"code": "ambulance", "note": "taken to hospital"}, "closed"),
    ]
    async with api.client("responder") as client:
        for step, body, state in steps:
            api.clock.advance(SECOND)
            answer = await client.post(f"/api/v1/incidents/{incident}/{step}", json=body)
            assert (answer.status_code, answer.json()["state"]) == (200, state), step
        detail = (await client.get(f"/api/v1/incidents/{incident}")).json()
        assert (await client.get("/api/v1/incidents")).json()["items"] == []
        history = (await client.get("/api/v1/incidents/history")).json()["items"]
    assert [item["id"] for item in history] == [incident]
    assert detail["closure_code"] == "ambulance"
    assert detail["ended_at"] == (NOW + timedelta(seconds=7)).isoformat().replace("+00:00", "Z")
    by_hand = [event for event in detail["events"] if event["actor_name"] == "Responder"]
    assert [event["event"] for event in by_hand] == [
        "claim", "call", "contact", "dispatch", "arrive", "note", "close"
    ]  # fmt: skip
    assert by_hand[1]["detail"] == {"outcome": "no_answer", "who": "resident", "note": "rang twice"}


async def test_what_is_not_possible_now_says_in_which_state_it_is(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        answer = await client.post(f"/api/v1/incidents/{incident}/close", json={"code": "test"})
    assert answer.status_code == 409
    assert answer.json() | {"type": "urn:kanhu:problem:wrong-state", "state": "open", "event": "close"} == answer.json()


async def test_a_supervisor_can_release_what_another_holds_and_a_colleague_can_not(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path = f"/api/v1/incidents/{incident}"
    async with api.client("crew0") as holder, api.client("crew1") as other, api.client("supervisor") as chief:
        await holder.post(f"{path}/claim")
        assert (await other.post(f"{path}/release")).status_code == 409
        assert (await chief.post(f"{path}/release")).json()["state"] == "open"


async def test_the_most_urgent_comes_first_and_pages_leave_nothing_out(api: Api) -> None:
    async with api.services.transaction() as connection:
        for n in range(5):
            await connection.execute(
                "INSERT INTO resident (household_id, name) VALUES (%s, %s)", (api.world.west.household, f"r{n}")
            )
        found = await (await connection.execute("SELECT id FROM resident WHERE name LIKE 'r_' ORDER BY id")).fetchall()
    raised = [
        (Queue.CARE, Severity.CRITICAL, 0),
        (Queue.EMERGENCY, Severity.MEDIUM, 1),
        (Queue.EMERGENCY, Severity.CRITICAL, 3),
        (Queue.EMERGENCY, Severity.CRITICAL, 2),
        (Queue.MAINTENANCE, Severity.CRITICAL, 0),
    ]
    ids = []
    for (queue, severity, minutes), (resident,) in zip(raised, found, strict=True):
        person = type(api.world.west)(api.world.west.household, int(str(resident)), api.world.west.device, 0)
        at = NOW + timedelta(minutes=minutes)
        ids.append(await api.raise_incident(person, queue=queue, severity=severity, episode=str(resident), at=at))
    expected = [ids[3], ids[2], ids[1], ids[0], ids[4]]
    seen, cursor = [], None
    async with api.client("responder") as client:
        while True:
            page = (
                await client.get("/api/v1/incidents", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
            ).json()
            assert len(page["items"]) <= 2
            seen += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        care = (await client.get("/api/v1/incidents", params={"queue": "care"})).json()["items"]
        newest = (await client.get("/api/v1/incidents/history", params={"limit": 1})).json()["items"]
    assert seen == expected
    assert [item["id"] for item in care] == [ids[0]]
    assert [item["id"] for item in newest] == [ids[2]]


async def test_another_countys_incident_is_not_there(api: Api) -> None:
    mine = await api.raise_incident(api.world.west)
    theirs = await api.raise_incident(api.world.east)
    async with api.client("responder") as client, api.client("far") as far:
        assert [i["id"] for i in (await client.get("/api/v1/incidents")).json()["items"]] == [mine]
        assert [i["id"] for i in (await far.get("/api/v1/incidents")).json()["items"]] == [theirs]
        nowhere = await client.get("/api/v1/incidents/999999")
        for answer in (
            await client.get(f"/api/v1/incidents/{theirs}"),
            await client.post(f"/api/v1/incidents/{theirs}/claim"),
            await client.post(f"/api/v1/incidents/{theirs}/notes", json={"text": "x"}),
        ):
            assert answer.status_code == 404
            told, of_nothing = answer.json(), nowhere.json()
            assert {**told, "correlation_id": ""} == {**of_nothing, "correlation_id": ""}
        assert (await client.get("/api/v1/incidents", params={"area": "east"})).status_code == 422
    async with api.services.transaction() as connection:
        row = await (await connection.execute("SELECT state::text FROM incident WHERE id = %s", (theirs,))).fetchone()
    assert row == ("open",)


async def test_family_sees_their_own_and_only_while_they_are_a_contact(api: Api) -> None:
    mine = await api.raise_incident(api.world.west)
    await api.raise_incident(api.world.east)
    async with api.client("family") as family, api.client("supervisor") as chief:
        assert [i["id"] for i in (await family.get("/api/v1/incidents")).json()["items"]] == [mine]
        detail = (await family.get(f"/api/v1/incidents/{mine}")).json()
        assert detail["person"]["access_notes"] is None
        assert (await chief.delete(f"/api/v1/contacts/{api.world.west.contact}")).status_code == 204
        assert (await family.get("/api/v1/incidents")).json()["items"] == []
        assert (await family.get(f"/api/v1/incidents/{mine}")).status_code == 404


async def test_reasons_are_in_the_language_asked_for(api: Api) -> None:
    incident = await api.raise_incident(api.world.west, Kind.BATTERY_LOW, queue=Queue.MAINTENANCE)
    async with api.client("responder") as client:
        path = f"/api/v1/incidents/{incident}"
        own = (await client.get(path)).json()["alerts"][0]
        by_header = (await client.get(path, headers={"Accept-Language": "zh-TW, en;q=0.5"})).json()["alerts"][0]
        asked = (await client.get(path, params={"lang": "en"}, headers={"Accept-Language": "zh"})).json()["alerts"][0]
    assert own["reason"] == asked["reason"] == "Battery at 12 %"
    assert "12" in by_header["reason"]
    assert "电" in by_header["reason"]
    assert own["reason_code"] == "battery-low"


async def test_a_post_that_is_sent_again_does_nothing_again(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path, key = f"/api/v1/incidents/{incident}/notes", {"Idempotency-Key": "5e1f"}
    async with api.client("responder") as client, api.client("supervisor") as other:
        first = await client.post(path, json={"text": "一"}, headers=key)
        api.clock.advance(MINUTE)
        again = await client.post(path, json={"text": "一"}, headers=key)
        assert (again.status_code, again.json()) == (200, first.json())
        assert again.headers["idempotent-replayed"] == "true"
        reused = await client.post(path, json={"text": "二"}, headers=key)
        assert (reused.status_code, reused.json()["type"]) == (422, "urn:kanhu:problem:idempotency-key-reused")
        assert (await other.post(path, json={"text": "一"}, headers=key)).status_code == 200
        trail = (await client.get(f"/api/v1/incidents/{incident}")).json()["events"]
    assert [e["detail"]["text"] for e in trail if e["event"] == "note"] == ["一", "一"]
    assert len({e["actor"] for e in trail if e["event"] == "note"}) == 2


async def test_the_same_key_at_once_acts_once(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        answers = await asyncio.gather(
            *(
                client.post(
                    f"/api/v1/incidents/{incident}/notes", json={"text": "一"}, headers={"Idempotency-Key": "k"}
                )
                for _ in range(6)
            )
        )
        trail = (await client.get(f"/api/v1/incidents/{incident}")).json()["events"]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert [event["event"] for event in trail].count("note") == 1


async def test_a_key_whose_request_failed_can_be_used_again(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    path, key = f"/api/v1/incidents/{incident}/claim", {"Idempotency-Key": "k"}
    async with api.client("crew0") as holder, api.client("crew1") as other:
        await holder.post(path)
        assert (await other.post(path, headers=key)).status_code == 409
        await holder.post(f"/api/v1/incidents/{incident}/release")
        assert (await other.post(path, headers=key)).status_code == 200


async def test_what_was_not_committed_is_not_told_as_done(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.services.transaction() as connection:
        await connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON incident_event DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    async with api.client("responder", raise_app_exceptions=False) as client:
        with capture_logs():
            answer = await client.post(f"/api/v1/incidents/{incident}/claim")
        assert answer.status_code == 500
        assert (await client.get(f"/api/v1/incidents/{incident}")).json()["state"] == "open"
