"""Households, residents, care plans, contacts and devices, written and read back over HTTP."""

from collections.abc import AsyncIterator

import pytest

from storage import care_plans
from storage.people import ResidentDetails, add_resident
from tests.support.api_world import Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def test_from_a_street_to_a_device(api: Api) -> None:
    async with api.client("operator") as client:

        async def post(path: str, body: object) -> dict[str, object]:
            answer = await client.post(f"/api/v1{path}", json=body)
            assert answer.status_code == 201, answer.text
            made: dict[str, object] = answer.json()
            return made

        street = await post("/areas", {"code": "west_2", "name": "东街", "level": "street", "parent": "west"})
        assert street["path"] == "/city/west/west_2/"
        home = await post("/households", {"code": "h7", "area": "west_2", "latitude": 30.1, "longitude": 120.1})
        him = await post(
            "/residents", {"household_id": home["id"], "name": " 赵德明 ", "birth_year": 1939, "sex": "male"}
        )
        assert him["name"] == "赵德明"
        her = await post("/residents", {"household_id": home["id"], "name": "孙桂兰"})
        watch = await post(
            "/devices", {"household_id": home["id"], "code": "watch", "kind": "wearable", "resident_id": her["id"]}
        )
        door = await post(
            "/devices", {"household_id": home["id"], "code": "door", "kind": "door", "room": "front_door"}
        )
        assert (watch["watches"], door["resident_id"], door["watches"]) == (her["id"], None, him["id"])

        async def taken(path: str, body: object) -> None:
            answer = await client.post(f"/api/v1{path}", json=body)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (409, "code")

        await taken("/areas", {"code": "west_2", "name": "x", "level": "street", "parent": "west"})
        await taken("/households", {"code": "h7", "area": "west"})
        await taken("/devices", {"household_id": home["id"], "code": "door", "kind": "door"})

        path = f"/api/v1/devices/{door['id']}"
        retired = await client.put(path, json={"kind": "door", "room": "hall", "retired": True})
        assert (retired.status_code, retired.json()["room"]) == (200, "hall")
        assert retired.json()["retired_at"] is not None
        shown = (await client.get("/api/v1/devices", params={"household_id": str(home["id"])})).json()["items"]
        assert [device["code"] for device in shown] == ["watch"]
        with_retired = {"household_id": str(home["id"]), "retired": "true"}
        assert len((await client.get("/api/v1/devices", params=with_retired)).json()["items"]) == 2
        elsewhere = {"kind": "door", "resident_id": api.world.west.resident}
        assert (await client.put(path, json=elsewhere)).json()["errors"][0]["field"] == "resident_id"

        moved = await client.put(f"/api/v1/households/{home['id']}", json={"area": "west_1", "address": "新居"})
        assert (moved.json()["area"], moved.json()["address"], moved.json()["latitude"]) == ("west_1", "新居", None)
        half = await client.put(f"/api/v1/households/{home['id']}", json={"area": "west_1", "latitude": 1})
        assert half.status_code == 422


async def test_pages_of_residents(api: Api) -> None:
    async with api.services.transaction() as connection:
        home = api.world.west.household
        added = [await add_resident(connection, home, ResidentDetails(f"住户{n}")) for n in range(6)]
    ids = [api.world.west.resident, *added]
    seen, cursor = [], ""
    async with api.client("supervisor") as client:
        while True:
            asked = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/residents", params=asked)).json()
            seen.append([resident["id"] for resident in page["items"]])
            if page["next_cursor"] is None:
                break
            cursor = page["next_cursor"]
        named = (await client.get("/api/v1/residents", params={"name": "户3"})).json()["items"]
    assert seen == [ids[:3], ids[3:6], ids[6:]]
    assert [resident["name"] for resident in named] == ["住户3"]


async def test_a_care_plan_is_written_whole_or_not_at_all(api: Api) -> None:
    path = f"/api/v1/residents/{api.world.west.resident}/care-plan"
    zone = {"name": "家", "latitude": 30.26, "longitude": 120.138, "radius": 400}
    async with api.client("supervisor") as client:
        first = await client.get(path)
        assert first.json()["quiet_start"] == "22:00"
        plan = {"spo2_scale": 2, "limits": {"heart_rate": {"low": 45}}, "zones": [zone], "home_by": "20:00"}
        written = await client.put(path, json=plan, headers={"If-Match": first.headers["etag"]})
        assert written.status_code == 200
        assert written.json()["limits"] == {"heart_rate": {"low": 45.0, "high": None}}
        assert written.json()["zones"] == [zone | {"inside": True, "dwell": 120}]
        again = await client.get(path)
        assert (again.json(), again.headers["etag"]) == (written.json(), written.headers["etag"])

        stale = await client.put(path, json={}, headers={"If-Match": first.headers["etag"]})
        assert (stale.status_code, stale.json()["type"]) == (412, "urn:kanhu:problem:changed-meanwhile")
        for wrong, pointer in (
            ({"spo2_scale": 3}, "/spo2_scale"),
            ({"zones": [zone | {"radius": "far"}]}, "/zones/0/radius"),
            ({"zones": [zone, zone | {"latitude": 91}]}, "/zones/1/latitude"),
            ({"zones": [{"name": "x"}]}, "/zones/0"),
            ({"limits": {"mood": {"low": 1}}}, "/limits/mood"),
            ({"limits": {"heart_rate": {"low": "x"}}}, "/limits/heart_rate/low"),
            ({"limits": {"spo2": {"low": 96, "high": 90}}}, "/limits/spo2/low"),
            ({"home_by": "25:00"}, "/home_by"),
            ({"timezone": "Asia/Hangzhou"}, "/timezone"),
            ({"quiet_begin": "22:00"}, "/quiet_begin"),
            ({"room_low": 20, "room_high": 10}, "/room_low"),
            ({"inactivity_hours": 0}, "/inactivity_hours"),
            ({"fall_countdown": 600}, "/fall_countdown"),
        ):
            answer = await client.put(path, json=wrong)
            assert answer.status_code == 422, wrong
            errors = answer.json()["errors"]
            assert [error["pointer"] for error in errors] == [pointer], (wrong, errors)
        assert (await client.get(path)).json() == written.json()
    async with api.services.transaction() as connection:
        stored = await care_plans.read(connection, api.world.west.resident)
    assert stored is not None
    assert (stored.spo2_scale, stored.zones[0].radius, stored.fall_countdown) == (2, 400, 20)


async def test_contacts_and_their_channels(api: Api) -> None:
    path = f"/api/v1/residents/{api.world.west.resident}/contacts"
    async with api.client("supervisor") as chief, api.client("responder") as client:
        son = {"name": "王伟", "relation": "儿子", "phone": "+8610000000102", "call_order": 1, "language": "zh-CN"}
        made = await chief.post(path, json=son)
        assert (made.status_code, made.json()["channels"]) == (201, [])
        contact = made.json()["id"]
        without = await chief.post(
            f"/api/v1/contacts/{contact}/channels", json={"kind": "webhook", "address": "https://x.example"}
        )
        assert without.json()["errors"][0]["field"] == "secret"
        webhook = {"kind": "webhook", "address": "https://x.example", "secret": "s" * 32, "call_order": 2}
        channel = await chief.post(f"/api/v1/contacts/{contact}/channels", json=webhook)
        assert channel.status_code == 201
        assert "s" * 32 not in channel.text
        nowhere = {"kind": "apprise", "address": "nowhere"}
        assert (await chief.post(f"/api/v1/contacts/{contact}/channels", json=nowhere)).status_code == 422
        for wrong in ({"address": "https://x.example:99999"}, {"address": "https://"}, {"secret": "é" * 24}):
            answer = await chief.post(f"/api/v1/contacts/{contact}/channels", json=webhook | wrong)
            assert answer.status_code == 422, answer.text

        seen_by_chief = (await chief.get(path)).json()["items"]
        seen_by_responder = (await client.get(path)).json()["items"]
        assert [c["name"] for c in seen_by_chief] == ["王静", "王伟"]
        assert seen_by_chief[1]["channels"][0]["address"] == "https://x.example"
        assert [c["address"] for p in seen_by_responder for c in p["channels"]] == [None, None]
        assert seen_by_responder[1]["phone"] == son["phone"]

        one = f"/api/v1/channels/{channel.json()['id']}"
        changed = await chief.put(one, json={"kind": "webhook", "address": "https://y.example", "call_order": 1})
        assert changed.json()["address"] == "https://y.example"
        assert (await chief.delete(one)).status_code == 204
        assert (await chief.put(one, json=webhook)).status_code == 404
        nobody = await chief.put(f"/api/v1/contacts/{contact}", json=son | {"user": "responder"})
        assert nobody.json()["errors"][0]["field"] == "user"
        assert (await chief.put(f"/api/v1/contacts/{contact}", json=son | {"user": "family"})).status_code == 200
        assert (await chief.delete(f"/api/v1/contacts/{contact}")).status_code == 204
        assert [c["name"] for c in (await chief.get(path)).json()["items"]] == ["王静"]
    async with api.services.transaction() as connection:
        row = await (
            await connection.execute(
                "SELECT secret, failed_at IS NOT NULL FROM channel WHERE contact_id = %s", (contact,)
            )
        ).fetchone()
    # A secret that is not given again stays; a removed channel is one that nothing is sent over.
    assert row == ("s" * 32, True)
