"""The rota, policies, coverage and the people of the centre over HTTP."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from alerts import coverage
from core.clock import HOUR, MINUTE
from storage import contacts
from tests.support.api_world import NOW, Api, running

EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, crew=2, token_minutes=1440) as running_api:
        yield running_api


def rotation(api: Api, *names: str, **changes: Any) -> dict[str, Any]:
    return {
        "area": "west",
        "name": "夜班",
        "timezone": "Asia/Shanghai",
        "starts_on": "2026-09-28",
        "days_each": 7,
        "member_ids": [api.world.users[name] for name in names],
        "shifts": [{"weekdays": EVERY_DAY, "from": "20:00", "to": "08:00"}],
    } | changes


async def made(client: httpx.AsyncClient, path: str, body: object) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == 201, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def got(client: httpx.AsyncClient, path: str, **query: str) -> Any:
    answer = await client.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def channel(api: Api, *names: str) -> None:
    async with api.services.transaction() as connection:
        for name in names:
            await contacts.add_channel(
                connection, user_id=api.world.users[name], kind="log", address=name, secret=None, call_order=1
            )


async def check(api: Api) -> None:
    async with api.services.transaction() as connection:
        await coverage.check(connection, api.services.now())


async def test_a_rotation_is_written_read_changed_and_deleted(api: Api) -> None:
    async with api.client("supervisor") as chief, api.client("responder") as client:
        body = rotation(api, "responder", "crew0")
        new = await made(chief, "/rota/rotations", body)
        assert new["members"] == [
            {"id": api.world.users["responder"], "display_name": "Responder"},
            {"id": api.world.users["crew0"], "display_name": "Crew0"},
        ]
        assert new["shifts"] == body["shifts"]
        assert (await got(client, "/rota/rotations", area="west_1"))["items"] == [new]
        again = await chief.post("/api/v1/rota/rotations", json=body)
        assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "name")
        path = f"/api/v1/rota/rotations/{new['id']}"
        assert (await client.put(path, json=body)).status_code == 403
        hours = [
            {"weekdays": [6, 7], "from": "08:00", "to": "08:00"},
            {"weekdays": [3, 1], "from": "00:00", "to": "06:30"},
        ]
        changed = await chief.put(path, json=rotation(api, "crew1", name="周末", shifts=hours))
        assert changed.status_code == 200, changed.text
        assert changed.json()["shifts"][1] == {"weekdays": [1, 3], "from": "00:00", "to": "06:30"}
        assert (await got(client, "/rota/rotations"))["items"] == [changed.json()]
        assert (await chief.delete(path)).status_code == 204
        assert (await got(client, "/rota/rotations"))["items"] == []
        assert (await chief.delete(path)).status_code == 404


async def test_a_rotation_that_makes_no_sense_is_refused_by_its_field(api: Api) -> None:
    far = api.world.users["far"]
    async with api.client("supervisor") as chief:
        for change, field in (
            ({"member_ids": []}, "member_ids"),
            ({"member_ids": [far]}, "member_ids.0"),
            ({"member_ids": [api.world.users["operator"]]}, "member_ids.0"),
            ({"member_ids": [api.world.users["crew0"]] * 2}, ""),
            ({"timezone": "Asia/Hangzhou"}, "timezone"),
            ({"timezone": "../../etc/passwd"}, "timezone"),
            ({"days_each": 0}, "days_each"),
            ({"area": "east"}, "area"),
            ({"shifts": []}, "shifts"),
            ({"shifts": [{"weekdays": [8], "from": "08:00", "to": "20:00"}]}, "shifts.0.weekdays.0"),
            ({"shifts": [{"weekdays": [1, 1], "from": "08:00", "to": "20:00"}]}, "shifts.0.weekdays"),
            ({"shifts": [{"weekdays": [1], "from": "24:00", "to": "20:00"}]}, "shifts.0.from"),
        ):
            answer = await chief.post("/api/v1/rota/rotations", json=rotation(api, "crew0") | change)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), change
        assert (await got(chief, "/rota/rotations"))["items"] == []


async def test_shifts_are_worked_out_with_their_overrides(api: Api) -> None:
    async with api.client("supervisor") as chief, api.client("responder") as client:
        nights = await made(chief, "/rota/rotations", rotation(api, "responder", "crew0"))
        override = await made(
            chief,
            "/rota/overrides",
            {
                "area": "west",
                "user_id": api.world.users["supervisor"],
                "instead_of_id": api.world.users["responder"],
                "starts_at": "2026-10-01T22:00:00+08:00",
                "ends_at": "2026-10-02T01:00:00+08:00",
                "note": "病假",
            },
        )
        assert (override["user"]["display_name"], override["note"]) == ("Supervisor", "病假")
        assert (await got(client, "/rota/overrides", area="west_1"))["items"] == [override]
        span = {"first": "2026-10-01T12:00:00+08:00", "last": "2026-10-02T12:00:00+08:00"}
        found = (await got(client, "/rota/shifts", area="west_1", **span))["items"]
        who = api.world.users
        assert [
            (s["user"]["id"], s["instead_of"] and s["instead_of"]["id"], s["starts_at"], s["ends_at"]) for s in found
        ] == [
            (who["responder"], None, "2026-10-01T12:00:00Z", "2026-10-01T14:00:00Z"),
            (who["supervisor"], who["responder"], "2026-10-01T14:00:00Z", "2026-10-01T17:00:00Z"),
            (who["responder"], None, "2026-10-01T17:00:00Z", "2026-10-02T00:00:00Z"),
        ]
        assert {(s["area"], s["rotation_id"], s["rotation"]) for s in found} == {("west", nights["id"], "夜班")}
        assert [s["override_id"] for s in found] == [None, override["id"], None]
        assert (await chief.delete(f"/api/v1/rota/overrides/{override['id']}")).status_code == 204
        assert len((await got(client, "/rota/shifts", **span))["items"]) == 1
        long = await client.get("/api/v1/rota/shifts", params={"first": span["first"], "last": "2027-10-02T00:00:00Z"})
        assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "last")


async def test_an_override_that_makes_no_sense_is_refused(api: Api) -> None:
    users = api.world.users
    body = {
        "area": "west",
        "user_id": users["crew0"],
        "starts_at": "2026-10-01T22:00:00+08:00",
        "ends_at": "2026-10-02T01:00:00+08:00",
    }
    async with api.client("supervisor") as chief:
        without = await chief.post("/api/v1/rota/overrides", json=body, params={"lang": "zh-CN"})
        assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "area")
        assert "没有轮班" in without.json()["detail"]
        await made(chief, "/rota/rotations", rotation(api, "responder"))
        for change, field in (
            ({"ends_at": "2026-10-01T22:00:00+08:00"}, ""),
            ({"starts_at": "2026-09-01T22:00:00+08:00", "ends_at": "2026-09-01T23:00:00+08:00"}, "ends_at"),
            ({"ends_at": "2028-10-01T22:00:00+08:00"}, "ends_at"),
            ({"user_id": users["far"]}, "user_id"),
            ({"instead_of_id": users["crew0"]}, ""),
            ({"instead_of_id": users["crew1"]}, "instead_of_id"),
        ):
            answer = await chief.post("/api/v1/rota/overrides", json=body | change)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), change
        sent = [
            await chief.post("/api/v1/rota/overrides", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)
        ]
        assert sent[0].json() == sent[1].json()
        assert len((await got(chief, "/rota/overrides"))["items"]) == 1


async def test_who_would_be_told_now(api: Api) -> None:
    await channel(api, "responder")
    async with api.client("supervisor") as chief:
        everybody = await got(chief, "/rota/on-shift", area="west_1")
        assert (everybody["has_rota"], everybody["fallback"]) == (False, True)
        assert [(i["user"]["display_name"], i["reachable"], i["until"]) for i in everybody["items"]] == [
            ("Responder", True, None), ("Crew0", False, None), ("Crew1", False, None),
        ]  # fmt: skip
        await made(chief, "/rota/rotations", rotation(api, "responder"))
        # Noon: nobody is on the night shift.
        now = await got(chief, "/rota/on-shift", area="west_1")
        assert (now["has_rota"], now["fallback"], len(now["items"])) == (True, True, 3)
        api.clock.advance(9 * HOUR)
        now = await got(chief, "/rota/on-shift", area="west_1")
        assert (now["area"], now["fallback"]) == ("west_1", False)
        [item] = now["items"]
        assert item == {
            "user": {"id": api.world.users["responder"], "display_name": "Responder", "role": "responder"},
            "reachable": True,
            "until": "2026-10-02T00:00:00Z",
        }


async def test_the_people_of_the_centre_and_how_they_are_reached(api: Api) -> None:
    crew = api.world.users["crew0"]
    address = {"kind": "log", "address": "secret-key-in-here"}
    async with api.client("supervisor") as chief, api.client("crew0") as own, api.client("crew1") as other:
        staff = (await got(own, "/staff", area="west_1"))["items"]
        assert [(s["name"], s["reachable"], s["sees_all"]) for s in staff] == [
            ("responder", False, True), ("supervisor", False, True), ("crew0", False, True), ("crew1", False, True),
        ]  # fmt: skip
        assert (await other.post(f"/api/v1/staff/{crew}/channels", json=address)).status_code == 403
        first = await made(own, f"/staff/{crew}/channels", address)
        second = await made(chief, f"/staff/{crew}/channels", address | {"call_order": 2})
        webhook = await chief.post(
            f"/api/v1/staff/{crew}/channels", json={"kind": "webhook", "address": "https://x.example"}
        )
        assert webhook.json()["errors"][0]["field"] == "secret"
        shown = await other.get("/api/v1/staff")
        assert "secret-key" not in shown.text
        [member] = [s for s in shown.json()["items"] if s["id"] == crew]
        assert (member["reachable"], [c["id"] for c in member["channels"]]) == (True, [first["id"], second["id"]])
        assert (await chief.delete(f"/api/v1/staff/{crew}/channels/{first['id']}")).status_code == 204
        assert (await own.delete(f"/api/v1/staff/{crew}/channels/{second['id']}")).status_code == 204
        assert (await own.delete(f"/api/v1/staff/{crew}/channels/{second['id']}")).status_code == 404
        assert (await chief.post(f"/api/v1/staff/{api.world.users['far']}/channels", json=address)).status_code == 404


def policy(*steps: tuple[int, list[str]], **changes: Any) -> dict[str, Any]:
    return {
        "area": "west",
        "queue": "emergency",
        "policy": {"steps": [{"after_s": after, "targets": targets} for after, targets in steps]},
    } | changes


async def test_a_policy_that_tells_nobody_is_refused_in_words_and_lesser_holes_are_warnings(api: Api) -> None:
    async with api.client("supervisor") as chief:
        for steps, words in (
            ([(0, ["family"])], "没有任何一步通知中心"),
            ([(0, ["family"]), (181, ["queue"])], "最迟 180 秒"),
        ):
            answer = await chief.post("/api/v1/policies", json=policy(*steps), params={"lang": "zh-CN"})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/policy/steps")
            assert words in answer.json()["detail"]
        for field, wrong in (
            ("policy.steps", policy()),
            ("policy.steps.0.targets.0", policy((0, ["neighbours"]))),
            ("min_severity", policy((0, ["queue"]), min_severity=6)),
            ("hours.from", policy((0, ["queue"]), hours={"weekdays": [1], "from": "8", "to": "20:00"})),
        ):
            answer = await chief.post("/api/v1/policies", json=wrong)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        made_ = await made(chief, "/policies", policy((90, ["queue"])))
        assert made_["holes"] == [
            "Nobody is told for the first 90 s; it should be 60 s at most.",
            "No step tells the supervisors, who step in when nobody answers.",
        ]
        hours = {"weekdays": EVERY_DAY, "from": "22:00", "to": "06:00"}
        night = await made(chief, "/policies", policy((0, ["queue", "supervisors"]), min_severity=4, hours=hours))
        assert (night["hours"], night["holes"], night["policy"]["rounds"]) == (hours, [], 1)
        again = await chief.post("/api/v1/policies", json=policy((0, ["queue"])))
        assert again.status_code == 409
        clash = await chief.put(f"/api/v1/policies/{night['id']}", json=policy((0, ["queue"])))
        assert clash.status_code == 409
        worse = await chief.put(f"/api/v1/policies/{night['id']}", json=policy((0, ["family"]), min_severity=4))
        assert worse.status_code == 422
    async with api.client("responder") as client:
        listed = (await got(client, "/policies", area="west_1"))["items"]
        assert [(p["id"], p["area"], p["queue"]) for p in listed] == [
            (None, None, "emergency"),
            (None, None, "care"),
            (None, None, "maintenance"),
            (made_["id"], "west", "emergency"),
            (night["id"], "west", "emergency"),
        ]
        assert [p["holes"] for p in listed[:3]] == [[], [], []]
    async with api.client("far") as client:
        assert len((await got(client, "/policies"))["items"]) == 3
    async with api.client("supervisor") as chief:
        assert (await chief.delete(f"/api/v1/policies/{night['id']}")).status_code == 204
        assert (await chief.delete(f"/api/v1/policies/{night['id']}")).status_code == 404


async def test_would_anybody_answer(api: Api) -> None:
    async with api.client("supervisor") as chief, api.client("operator") as operator:
        before = await got(chief, "/coverage")
        assert before["checked_at"] is None
        # Nobody has looked, so there is no dispatcher that would tell anybody.
        assert {(i["answered"], i["reasons"][0]["code"]) for i in before["items"]} == {(False, "unchecked")}
        await check(api)
        found = await got(operator, "/coverage", lang="zh-CN")
        assert found["checked_at"] == "2026-10-01T04:00:00Z"
        assert [(i["area"], i["queue"], i["answered"]) for i in found["items"]] == [
            ("west_1", "emergency", False), ("west_1", "care", False), ("west_1", "maintenance", False),
        ]  # fmt: skip
        assert found["items"][0]["reasons"] == [
            {
                "code": "no_channel",
                "text": "值班人员均无可用的通知渠道。",
                "since": "2026-10-01T04:00:00Z",
                "told_at": None,
                "count": None,
                "residents": [],
            }
        ]
        await channel(api, "crew0", "supervisor")
        async with api.services.transaction() as connection:
            await connection.execute(
                b"UPDATE contact SET valid_until = %s WHERE id = %s",
                (NOW + timedelta(hours=1), api.world.west.contact),
            )
        await check(api)
        assert all(i["answered"] and i["since"] is None for i in (await got(chief, "/coverage"))["items"])
        api.clock.advance(HOUR)
        await check(api)
        emergency = (await got(chief, "/coverage", area="west_1"))["items"][0]
        assert (emergency["answered"], emergency["since"]) == (True, "2026-10-01T05:00:00Z")
        assert [(r["code"], r["count"], r["residents"]) for r in emergency["reasons"]] == [
            ("contacts_expired", 1, [{"id": api.world.west.resident, "name": "王秀英"}])
        ]
        api.clock.advance(5 * MINUTE)
        assert (await got(chief, "/coverage"))["items"][0]["answered"] is True
        api.clock.advance(1)
        stale = (await got(chief, "/coverage"))["items"][0]
        assert (stale["answered"], stale["reasons"][0]["code"]) == (False, "unchecked")
        assert "dispatcher has not been at work for 5 min" in stale["reasons"][0]["text"]
    async with api.client("far") as client:
        assert {i["area"] for i in (await got(client, "/coverage"))["items"]} == {"east"}
        assert (await client.get("/api/v1/coverage", params={"area": "west"})).status_code == 422
