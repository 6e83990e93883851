"""What is wrong with devices now: one line a device, the most severe first, within the user's area."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from alerts import service
from core.clock import to_micros
from core.findings import Finding, Kind, Queue, Severity
from storage import people
from tests.support.api_world import NOW, Api, Person, running

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def add_device(api: Api, person: Person, code: str, kind: str, room: str) -> int:
    async with api.services.transaction() as connection:
        return await people.add_device(
            connection, person.household, code, resident_id=None, kind=kind, interval_s=60, room=room, model=""
        )


async def go_wrong(
    api: Api, person: Person, kind: Kind, reason: str, *, device: int, severity: Severity, minutes: int
) -> None:
    """A maintenance finding that began some minutes ago."""
    at = NOW - minutes * MINUTE
    finding = Finding(
        kind=kind,
        queue=Queue.MAINTENANCE,
        severity=severity,
        resident=person.resident,
        device=device,
        time=to_micros(at),
        detector="device_health",
        version=1,
        episode=f"{kind}-{device}-{minutes}",
        reason=reason,
        evidence={"minutes": minutes, "percent": 12.0},
    )
    async with api.services.transaction() as connection:
        await service.raise_findings(connection, [finding], NOW)


async def three_troubles(api: Api) -> tuple[int, int]:
    """Of two devices in the west; and one in the east. Returns the western home's door and motion sensor."""
    west, east = api.world.west, api.world.east
    door = await add_device(api, west, "door", "door", "front_door")
    motion = await add_device(api, west, "motion", "motion", "kitchen")
    low, high = Severity.LOW, Severity.MEDIUM
    await go_wrong(api, west, Kind.BATTERY_LOW, "battery-low", device=door, severity=low, minutes=90)
    await go_wrong(api, west, Kind.NOT_WORN, "not-worn", device=west.device, severity=high, minutes=30)
    await go_wrong(api, west, Kind.BATTERY_LOW, "battery-low", device=motion, severity=low, minutes=240)
    await go_wrong(api, east, Kind.BATTERY_LOW, "battery-low", device=east.device, severity=low, minutes=5)
    return door, motion


async def asked(api: Api, role: str, query: str = "") -> list[dict[str, Any]]:
    async with api.client(role) as client:
        answer = await client.get(f"/api/v1/devices/troubles{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_each_device_has_its_own_line_the_most_severe_first_then_the_oldest(api: Api) -> None:
    await three_troubles(api)
    items = await asked(api, "responder")
    assert [(item["kind"], item["device"]) for item in items] == [
        ("not_worn", "watch"),
        ("battery_low", "motion"),
        ("battery_low", "door"),
    ]
    assert len({item["incident_id"] for item in items}) == 1, "one incident of one resident"
    motion = items[1]
    assert motion["reason"] == "Battery at 12 %"
    assert (motion["device_kind"], motion["room"], motion["area"]) == ("motion", "kitchen", "west_1")
    assert (motion["resident"], motion["address"]) == ("王秀英", "曙光路12号")
    assert motion["event_time"] == (NOW - 240 * MINUTE).isoformat().replace("+00:00", "Z")
    assert motion["claimed_by"] is None
    assert motion["storm_id"] is None
    [chinese] = [item["reason"] for item in await asked(api, "responder", "?lang=zh-CN") if item["device"] == "motion"]
    assert "12" in chinese
    assert chinese != motion["reason"]


async def test_filters_and_pages(api: Api) -> None:
    await three_troubles(api)
    assert [item["device"] for item in await asked(api, "responder", "?kind=battery_low")] == ["motion", "door"]
    assert len(await asked(api, "responder", "?area=west_1")) == 3
    assert await asked(api, "far", "?kind=not_worn") == []
    seen: list[str] = []
    cursor = ""
    async with api.client("responder") as client:
        for _ in range(3):
            page = (await client.get(f"/api/v1/devices/troubles?limit=1{cursor}")).json()
            seen += [item["device"] for item in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
        assert page["next_cursor"] is None
        assert (await client.get("/api/v1/devices/troubles?area=east")).status_code == 422
    assert seen == ["watch", "motion", "door"]


async def test_nobody_sees_beyond_their_area_or_their_own(api: Api) -> None:
    await three_troubles(api)
    assert {item["household"] for item in await asked(api, "far")} == {"h-east"}
    assert {item["household"] for item in await asked(api, "family")} == {"h-west"}


async def test_what_is_mended_retired_or_over_is_gone(api: Api) -> None:
    door, motion = await three_troubles(api)
    async with api.services.transaction() as connection:
        await connection.execute(
            "UPDATE alert SET cleared_at = raised_at, clear_reason = 'worn-again' WHERE kind = 'not_worn'"
        )
    assert [item["device"] for item in await asked(api, "responder")] == ["motion", "door"]
    async with api.client("operator") as client:
        retired = await client.put(f"/api/v1/devices/{motion}", json={"kind": "motion", "retired": True})
        assert retired.status_code == 200
    assert [item["device_id"] for item in await asked(api, "responder")] == [door]
    [left] = await asked(api, "responder")
    async with api.client("responder") as client:
        await client.post(f"/api/v1/incidents/{left['incident_id']}/claim")
        assert [item["claimed_by"] for item in await asked(api, "responder")] == ["Responder"]
        closed = await client.post(f"/api/v1/incidents/{left['incident_id']}/close", json={"code": "technical"})
        assert closed.status_code == 200, closed.text
    assert await asked(api, "responder") == []


async def test_what_has_one_cause_says_which_until_that_is_over(api: Api) -> None:
    await three_troubles(api)
    async with api.services.transaction() as connection:
        cursor = await connection.execute(
            "INSERT INTO storm (kind, area_id, since, last_at) VALUES ('device_silent', %s, %s, %s) RETURNING id",
            (api.world.areas["west"], NOW, NOW),
        )
        [storm] = await cursor.fetchone() or [0]
        await connection.execute(
            "UPDATE incident SET kind = 'device_silent', storm_id = %s WHERE resident_id = %s",
            (storm, api.world.west.resident),
        )
    assert {item["storm_id"] for item in await asked(api, "responder")} == {storm}
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE storm SET ended_at = %s", (NOW,))
    assert {item["storm_id"] for item in await asked(api, "responder")} == {None}
