"""What the API shows of storms, and to whom."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from alerts import service
from core.clock import to_micros
from core.findings import Finding, Kind, Queue, Severity
from storage import people
from storage.people import ResidentDetails
from tests.support.api_world import NOW, Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def storm(api: Api) -> None:
    """Eight silent homes in the west and four in the east: a storm of the city."""
    async with api.services.transaction() as connection:
        findings = []
        for number in range(12):
            area = api.world.areas["west_1" if number < 8 else "east"]
            household = await people.add_household(connection, f"s{number}", area, "", "", None)
            resident = await people.add_resident(connection, household, ResidentDetails(f"赵{number}"))
            findings.append(
                Finding(
                    kind=Kind.DEVICE_SILENT,
                    queue=Queue.MAINTENANCE,
                    severity=Severity.LOW,
                    resident=resident,
                    device=0,
                    time=to_micros(NOW),
                    detector="device_health",
                    version=1,
                    episode="1",
                    reason="device-silent",
                    evidence={"minutes": 30, "interval_minutes": 5},
                )
            )
        await service.raise_findings(connection, findings, NOW)
        [gathered] = await service.look(connection, NOW)
        assert gathered.area_path == "/city/"
        await service.gather(connection, gathered, NOW)


async def test_an_incident_says_which_storm_it_belongs_to(api: Api) -> None:
    await storm(api)
    alone = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        items = (await client.get("/api/v1/incidents?queue=maintenance")).json()["items"]
        one = (await client.get(f"/api/v1/incidents/{items[0]['id']}")).json()
        other = (await client.get(f"/api/v1/incidents/{alone}")).json()
    assert len(items) == 8
    expected = {"id": 1, "kind": "device_silent", "area": "city", "count": 12}
    for shown in (one, *items):
        assert {k: shown["storm"][k] for k in expected} == expected
        assert datetime.fromisoformat(shown["storm"]["since"]) == NOW
    assert [e["detail"] for e in one["events"] if e["event"] == "group"] == [{"storm": 1}]
    assert other["storm"] is None


async def test_each_sees_the_part_that_is_theirs(api: Api) -> None:
    await storm(api)
    counts = {}
    for name in ("responder", "far", "operator", "family"):
        async with api.client(name) as client:
            items = (await client.get("/api/v1/storms")).json()["items"]
        counts[name] = [(s["id"], s["kind"], s["area"], s["area_name"], s["count"]) for s in items]
    assert counts["responder"] == counts["operator"] == [(1, "device_silent", "city", "市", 8)]
    assert counts["far"] == [(1, "device_silent", "city", "市", 4)]
    assert counts["family"] == []


async def test_one_that_is_over_is_shown_no_more(api: Api) -> None:
    await storm(api)
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE storm SET ended_at = %s", (NOW,))
    async with api.client("responder") as client:
        assert (await client.get("/api/v1/storms")).json() == {"items": []}
        items = (await client.get("/api/v1/incidents?queue=maintenance")).json()["items"]
    assert {item["storm"] for item in items} == {None}
