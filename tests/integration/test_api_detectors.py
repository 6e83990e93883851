"""How detectors did, by closure codes and reported misses."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from core.findings import Kind
from tests.support.api_world import NOW, Api, Person, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def judged(api: Api, person: Person, who: str, code: str, *, kind: Kind = Kind.FALL, episode: str) -> None:
    incident = await api.raise_incident(person, kind, episode=episode)
    async with api.client(who) as client:
        assert (await client.post(f"/api/v1/incidents/{incident}/claim")).status_code == 200
        answer = await client.post(f"/api/v1/incidents/{incident}/close", json={"code": code})
        assert answer.status_code == 200, answer.text


async def precision(api: Api, who: str = "supervisor", **query: str) -> Any:
    api.clock.advance(1)
    async with api.client(who) as client:
        answer = await client.get("/api/v1/detectors/precision", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_closure_codes_become_precision_in_the_users_own_area(api: Api) -> None:
    for number, code in enumerate(["ambulance", "reassured", "family_attended", "detector_false", "test"]):
        await judged(api, api.world.west, "responder", code, episode=str(number))
    await judged(api, api.world.east, "far", "detector_false", episode="far")
    await api.raise_incident(api.world.west, Kind.SOS)

    report = await precision(api)
    fall, sos = report["detectors"]
    assert fall | {"low": 0, "high": 0} == {
        "detector": "fall", "version": 1, "true": 3, "false": 1, "neither": 1, "unjudged": 0,
        "precision": 0.75, "low": 0, "high": 0,
    }  # fmt: skip
    assert fall["low"] == pytest.approx(0.3006, abs=1e-4)
    assert fall["high"] == pytest.approx(0.9544, abs=1e-4)
    assert (sos["detector"], sos["unjudged"], sos["precision"]) == ("sos", 1, None)
    assert (await precision(api, "operator", area="west_1"))["detectors"] == report["detectors"]


async def test_only_the_period_counts(api: Api) -> None:
    await judged(api, api.world.west, "responder", "ambulance", episode="1")
    before = await precision(api, last=NOW.isoformat())
    assert before["detectors"] == []
    since = await precision(api, first=NOW.isoformat())
    assert [d["true"] for d in since["detectors"]] == [1]
    async with api.client("supervisor") as client:
        answer = await client.get(
            "/api/v1/detectors/precision", params={"first": NOW.isoformat(), "last": NOW.isoformat()}
        )
        other = await client.get("/api/v1/detectors/precision", params={"area": "east"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "first")
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "area")


async def test_a_miss_is_reported_once_and_counted(api: Api) -> None:
    person = api.world.west.resident
    body = {"kind": "fall", "happened_at": (NOW - timedelta(hours=9)).isoformat(), "note": "夜里在浴室，早上才发现"}
    async with api.client("responder") as client:
        first = await client.post(f"/api/v1/residents/{person}/misses", json=body, headers={"Idempotency-Key": "m1"})
        again = await client.post(f"/api/v1/residents/{person}/misses", json=body, headers={"Idempotency-Key": "m1"})
        assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
        stored = first.json()
        assert (stored["resident_id"], stored["kind"], stored["note"]) == (person, "fall", body["note"])
        assert stored["reported_by"] == api.world.users["responder"]
        for wrong, field in (
            ({**body, "happened_at": (NOW + timedelta(seconds=1)).isoformat()}, "happened_at"),
            ({**body, "happened_at": "2026-09-30T20:00:00"}, "happened_at"),
            ({**body, "kind": "magic"}, "kind"),
            ({**body, "notes": ""}, "notes"),
        ):
            answer = await client.post(f"/api/v1/residents/{person}/misses", json=wrong)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    async with api.client("far") as client:
        east = await client.post(f"/api/v1/residents/{api.world.east.resident}/misses", json=body)
    assert east.status_code == 201
    assert (await precision(api))["misses"] == [{"kind": "fall", "reported": 1}]
    assert (await precision(api, first=(NOW - timedelta(hours=8)).isoformat()))["misses"] == []


async def test_prometheus_gets_the_same_figures_of_everybody(api: Api) -> None:
    await judged(api, api.world.west, "responder", "ambulance", episode="1")
    await judged(api, api.world.east, "far", "accidental", episode="2")
    await api.raise_incident(api.world.west, Kind.SOS)
    api.clock.advance(1)
    async with api.client() as client:
        lines = (await client.get("/metrics")).text.splitlines()
    assert 'kanhu_detector_alerts{detector="fall",outcome="false",version="1"} 1.0' in lines
    assert 'kanhu_detector_precision{bound="estimate",detector="fall",version="1"} 0.5' in lines
    assert 'kanhu_detector_alerts{detector="sos",outcome="unjudged",version="1"} 1.0' in lines
    assert not [line for line in lines if line.startswith('kanhu_detector_precision{bound="estimate",detector="sos"')]
