"""Readings, waveforms and positions over HTTP, on every kind of database that is at hand."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import numpy as np
import pytest
from psycopg.types.json import Jsonb

from core.clock import to_micros
from core.findings import Kind, Queue
from core.metrics import metric_id
from core.readings import Intake, PositionBatch, ReadingBatch, Waveform
from storage import incidents
from storage import readings as store
from tests.support.api_world import NOW, Api, Person, running

PULSE, SPO2, BATTERY = metric_id("heart_rate"), metric_id("spo2"), metric_id("battery")


@pytest.fixture
async def api(database: str) -> AsyncIterator[Api]:
    async with running(database) as running_api:
        yield running_api


async def write(api: Api, person: Person, rows: list[tuple[int, datetime, float]]) -> None:
    times = [to_micros(time) for _, time, _ in rows]
    batch = ReadingBatch.from_columns(
        device=[person.device] * len(rows),
        resident=[person.resident] * len(rows),
        metric=[metric for metric, _, _ in rows],
        time=times,
        value=[value for _, _, value in rows],
        arrival=np.array(times) + 2_000_000,
    )
    async with api.services.transaction() as connection:
        await store.write(connection, Intake.of(readings=batch))


async def locate(api: Api, person: Person, minutes: list[int]) -> None:
    times = [to_micros(NOW - timedelta(minutes=m)) for m in minutes]
    batch = PositionBatch.from_columns(
        device=[person.device] * len(times),
        resident=[person.resident] * len(times),
        time=times,
        latitude=30.0 + np.array(minutes) / 1000,
        longitude=[120.0] * len(times),
        accuracy=[np.nan] + [8.0] * (len(times) - 1),
        source=[0] * len(times),
        arrival=times,
    )
    async with api.services.transaction() as connection:
        await store.write(connection, Intake.of(positions=batch))


async def test_readings_page_by_page_newest_first(api: Api) -> None:
    person = api.world.west
    rows = [(metric, NOW - timedelta(minutes=m), 60.0 + m) for m in range(10) for metric in (PULSE, SPO2)]
    await write(api, person, [*rows, (PULSE, NOW - timedelta(days=2), 99.0)])
    await write(api, api.world.east, [(PULSE, NOW, 1.0 + 60)])
    path = f"/api/v1/residents/{person.resident}/readings"
    seen: list[tuple[str, str, float]] = []
    cursor = ""
    async with api.client("responder") as client:
        while True:
            # Seven cuts between the two metrics of one time.
            page = (await client.get(path, params={"limit": "7"} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [(item["time"], item["metric"], item["value"]) for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = page["next_cursor"]
        expected = sorted(rows, key=lambda row: (row[1], row[0]), reverse=True)
        names = {PULSE: "heart_rate", SPO2: "spo2"}
        assert seen == [(t.isoformat().replace("+00:00", "Z"), names[m], v) for m, t, v in expected]

        span = {"first": (NOW - timedelta(days=3)).isoformat(), "last": (NOW - timedelta(days=1)).isoformat()}
        old = (await client.get(path, params=span)).json()["items"]
        assert [(item["value"], item["unit"]) for item in old] == [(99.0, "/min")]
        assert old[0]["arrival"] == (NOW - timedelta(days=2) + timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
        pulse = (await client.get(path, params={"metric": "heart_rate", "device_id": str(person.device)})).json()
        assert len(pulse["items"]) == 10
        nobody = await client.get(path, params={"device_id": str(api.world.east.device)})
        assert nobody.json()["items"] == []
        latest = (await client.get(f"{path}/latest")).json()["items"]
        assert [(item["metric"], item["value"]) for item in latest] == [("heart_rate", 60.0), ("spo2", 60.0)]


async def test_hourly_figures(api: Api) -> None:
    person = api.world.west
    await write(api, person, [(PULSE, NOW - timedelta(minutes=m), float(v)) for m, v in ((1, 60), (2, 70), (61, 90))])
    async with api.client("family") as client:
        hours = (
            await client.get(f"/api/v1/residents/{person.resident}/readings/hourly", params={"metric": "heart_rate"})
        ).json()["items"]
    assert [(h["readings"], h["low"], h["high"], h["mean"]) for h in hours] == [(1, 90, 90, 90), (2, 60, 70, 65)]
    assert hours[1]["hour"] == "2026-10-01T03:00:00Z"


async def test_last_seen_tells_arrivals_and_no_values_of_the_person(api: Api) -> None:
    person = api.world.west
    await write(api, person, [(PULSE, NOW - timedelta(minutes=5), 61.0), (BATTERY, NOW - timedelta(hours=2), 40.0)])
    path = f"/api/v1/residents/{person.resident}/last-seen"
    async with api.client("operator") as client:
        (seen,) = (await client.get(path)).json()["items"]
        assert seen["last_seen"] == (NOW - timedelta(minutes=5) + timedelta(seconds=2)).isoformat().replace(
            "+00:00", "Z"
        )
        assert (seen["battery"], seen["code"]) == (40.0, "watch")
        assert "61" not in str(seen)
        await locate(api, person, [1])
        (seen,) = (await client.get(path)).json()["items"]
        assert seen["last_seen"] == (NOW - timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
        unheard = (await client.get(f"/api/v1/residents/{api.world.east.resident}/last-seen")).status_code
        assert unheard == 404


async def test_waveforms_come_with_their_samples(api: Api) -> None:
    person = api.world.west
    samples = np.array([[0, -1000, 32767], [1, 2, -32768]], dtype=np.int16)
    clips = tuple(
        Waveform(person.device, person.resident, to_micros(NOW - timedelta(minutes=m)), 50.0, samples, to_micros(NOW))
        for m in range(3)
    )
    async with api.services.transaction() as connection:
        await store.write(connection, Intake.of(waveforms=clips))
    path = f"/api/v1/residents/{person.resident}/waveforms"
    async with api.client("responder") as client:
        page = (await client.get(path, params={"limit": "2"})).json()
        assert page["items"][0]["samples"] == [[0, -1000, 32767], [1, 2, -32768]]
        rest = (await client.get(path, params={"limit": "2", "cursor": page["next_cursor"]})).json()
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


async def test_positions_need_an_open_incident_or_a_reason_that_is_kept(api: Api) -> None:
    person = api.world.west
    await locate(api, person, [1, 2, 3])
    path = f"/api/v1/residents/{person.resident}/positions"

    async def log() -> list[tuple[object, ...]]:
        async with api.services.transaction() as connection:
            return await (
                await connection.execute("SELECT at, user_id, resident_id, reason FROM position_access ORDER BY id")
            ).fetchall()

    async with api.client("responder") as client:
        refused = await client.get(path)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:kanhu:problem:reason-needed")
        assert refused.json()["access"] == f"{path}/access"
        assert await log() == []

        given = await client.post(f"{path}/access", json={"reason": "家属报警走失", "limit": 2})
        assert [item["latitude"] for item in given.json()["items"]] == [30.001, 30.002]
        assert (given.json()["items"][0]["accuracy"], given.json()["items"][0]["source"]) == (None, "gnss")
        kept = (NOW, api.world.users["responder"], person.resident, "家属报警走失")
        assert await log() == [kept]
        # It was for this request only.
        assert (await client.get(path)).status_code == 403

        incident = await api.raise_incident(person)
        page = (await client.get(path, params={"limit": "2"})).json()
        rest = (await client.get(path, params={"limit": "2", "cursor": page["next_cursor"]})).json()
        assert [item["latitude"] for item in page["items"] + rest["items"]] == [30.001, 30.002, 30.003]
        detail = (await client.get(f"/api/v1/incidents/{incident}")).json()
        assert detail["position"]["latitude"] == 30.001

        await client.post(f"/api/v1/incidents/{incident}/claim")
        await client.post(f"/api/v1/incidents/{incident}/close", json={"code": "family_attended"})
        assert (await client.get(path)).status_code == 403
        assert (await client.get(f"/api/v1/incidents/{incident}")).json()["position"] is None
        assert await log() == [kept]


async def test_a_position_in_the_evidence_is_shown_no_longer_than_the_others(api: Api) -> None:
    incident = await api.raise_incident(api.world.west, Kind.WANDERING)
    place = {"zone": "家", "latitude": 30.1, "longitude": 120.1, "last": {"latitude": 30.2, "at": 1}}
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE alert SET evidence = %s", (Jsonb(place),))
        await incidents.insert_event(
            connection,
            incident_id=incident,
            at=NOW,
            event="clear",
            from_state="open",
            to_state="open",
            actor="detector:geofence",
            detail={"evidence": place},
        )
    without = {"zone": "家", "last": {"at": 1}}

    async def shown(name: str) -> tuple[object, object]:
        async with api.client(name) as client:
            detail = (await client.get(f"/api/v1/incidents/{incident}")).json()
        (cleared,) = (event for event in detail["events"] if event["event"] == "clear")
        return detail["alerts"][0]["evidence"], cleared["detail"]["evidence"]

    assert await shown("responder") == (place, place)
    assert await shown("operator") == (without, without)
    assert await shown("integrator") == (without, without)
    async with api.client("responder") as client:
        await client.post(f"/api/v1/incidents/{incident}/claim")
        await client.post(f"/api/v1/incidents/{incident}/close", json={"code": "family_attended"})
    assert await shown("responder") == (without, without)


async def test_an_incident_about_equipment_shows_no_position(api: Api) -> None:
    person = api.world.west
    await locate(api, person, [1])
    incident = await api.raise_incident(person, Kind.BATTERY_LOW, queue=Queue.MAINTENANCE)
    async with api.client("responder") as client:
        assert (await client.get(f"/api/v1/residents/{person.resident}/positions")).status_code == 403
        assert (await client.get(f"/api/v1/incidents/{incident}")).json()["position"] is None
        care = await api.raise_incident(person, Kind.WANDERING, queue=Queue.CARE)
        assert (await client.get(f"/api/v1/residents/{person.resident}/positions")).status_code == 200
    async with api.client("operator") as client:
        assert (await client.get(f"/api/v1/incidents/{care}")).json()["position"] is None


async def test_metrics_count_requests_and_open_incidents(api: Api) -> None:
    await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        await client.get("/api/v1/incidents/999")
        await client.get("/api/v1/nowhere/at/all")
        figures = (await client.get("/metrics")).text
    assert 'kanhu_open_incidents{queue="emergency",state="open"} 1.0' in figures
    assert (
        'kanhu_http_request_seconds_count{method="GET",route="/api/v1/incidents/{incident_id}",status="404"} 1.0'
        in figures
    )
    assert 'kanhu_http_request_seconds_count{method="GET",route="(none)",status="404"} 1.0' in figures
    assert "kanhu_live_listening 1.0" in figures
