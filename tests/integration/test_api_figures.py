"""Figures, the monthly report and the audit trail over HTTP."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from alerts.report import Month
from api.routes import figures
from core import spreadsheet
from core.findings import Kind
from storage import figures as store
from storage.errors import Unavailable
from tests.support.api_world import NOW, Api, Person, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, token_minutes=1440) as running_api:
        yield running_api


def wait(api: Api, seconds: float) -> None:
    api.clock.advance(round(seconds * 1_000_000))


async def answered(
    api: Api,
    person: Person,
    who: str,
    after: float,
    code: str = "ambulance",
    *,
    kind: Kind = Kind.SOS,
    episode: str,
    arrives: float | None = None,
) -> int:
    """An emergency that is claimed after some seconds and closed; help comes after `arrives` seconds more."""
    incident = await api.raise_incident(person, kind, episode=episode, at=api.services.now())
    wait(api, after)
    async with api.client(who) as client:
        steps: list[tuple[str, dict[str, str] | None]] = [("claim", None)]
        if arrives is not None:
            steps.append(("dispatch", {"resource": "120"}))
        for step, body in steps:
            answer = await client.post(f"/api/v1/incidents/{incident}/{step}", json=body)
            assert answer.status_code == 200, answer.text
        if arrives is not None:
            wait(api, arrives)
            assert (await client.post(f"/api/v1/incidents/{incident}/arrive")).status_code == 200
        answer = await client.post(f"/api/v1/incidents/{incident}/close", json={"code": code})
        assert answer.status_code == 200, answer.text
    return incident


async def get(api: Api, path: str, who: str = "supervisor", **query: str) -> Any:
    async with api.client(who) as client:
        answer = await client.get(f"/api/v1{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_period_in_figures(api: Api) -> None:
    west, east = api.world.west, api.world.east
    await answered(api, west, "responder", 30, episode="1", arrives=1800)
    await answered(api, west, "responder", 100, "accidental", kind=Kind.FALL, episode="2")
    await answered(api, west, "responder", 1000, "test", episode="3")
    await answered(api, east, "far", 500, episode="4")
    await api.raise_incident(west, Kind.SMOKE, episode="5", at=api.services.now())
    wait(api, 200)
    table = await get(api, "/figures")
    [row] = table["rows"]
    assert table["targets"] == {"answer_60": 0.975, "answer_180": 0.99, "on_scene_45min": 0.9, "on_scene_60min": 1.0}
    assert (row["incidents"], row["true"], row["false"], row["undecided"], row["unanswered"]) == (3, 1, 1, 1, 1)
    assert (row["answered_60"]["met"], row["answered_60"]["of"]) == (1, 3)
    assert (row["answered_180"]["met"], row["answered_180"]["of"]) == (2, 3)
    assert row["answered_60"]["low"] < 1 / 3 < row["answered_60"]["high"]
    assert (row["on_scene_45min"]["met"], row["on_scene_45min"]["of"], row["sent"]) == (1, 1, 1)
    assert row["answer_s"] == {"of": 2, "median": 30.0, "p90": 100.0, "p975": 100.0}
    assert row["on_scene_s"] == {"of": 1, "median": 1830.0, "p90": 1830.0, "p975": 1830.0}
    assert row["excluded"] == {"test": 1, "technical": 0, "duplicate": 0}

    by = {name: (await get(api, "/figures", by=name))["rows"] for name in ("area", "kind", "detector", "shift", "rota")}
    assert [(r["group"], r["label"], r["incidents"]) for r in by["area"]] == [
        ("west", "西区", 3),
        ("west_1", "西街", 3),
    ]
    assert [(r["group"], r["label"]) for r in by["kind"]] == [
        ("fall", "Fall"), ("smoke", "Smoke"), ("sos", "Call for help (SOS)"),
    ]  # fmt: skip
    assert [r["group"] for r in by["detector"]] == ["fall", "smoke", "sos"]
    # 04:00 in UTC is noon where they live.
    assert [(r["group"], r["incidents"]) for r in by["shift"]] == [("08:00–16:00", 3)]
    assert [(r["group"], r["label"]) for r in by["rota"]] == [("none", "no shift")]
    assert (await get(api, "/figures", by="kind", lang="zh-CN"))["rows"][0]["label"] == "跌倒"
    far = await get(api, "/figures", who="operator", area="west_1")
    assert far["rows"][0]["incidents"] == 3
    assert (await get(api, "/figures", queue="care"))["rows"][0]["incidents"] == 0


async def test_only_what_came_into_the_queue_in_the_period_counts(api: Api) -> None:
    await answered(api, api.world.west, "responder", 30, episode="1")
    later = NOW + timedelta(seconds=1)
    assert (await get(api, "/figures", first=later.isoformat(), last="2026-11-01T00:00:00Z"))["rows"][0][
        "incidents"
    ] == 0
    assert (await get(api, "/figures", first=NOW.isoformat(), last=later.isoformat()))["rows"][0]["incidents"] == 1
    async with api.client("supervisor") as client:
        for path, query, field in (
            ("/figures", {"first": NOW.isoformat(), "last": NOW.isoformat()}, "first"),
            ("/figures", {"area": "east"}, "area"),
            ("/figures", {"by": "moon"}, "by"),
            ("/figures/report", {"month": "2026-13"}, "month"),
            ("/figures/report", {"month": "0000-01"}, "month"),
            ("/figures/report", {"month": "2026-10", "timezone": "Mars/Olympus"}, "timezone"),
            ("/figures/report", {"month": "2026-10", "timezone": "../../etc/passwd"}, "timezone"),
            ("/figures/report.csv", {"month": "2026-10", "area": "city"}, "area"),
            ("/audit.csv", {"area": "east"}, "area"),
            ("/checks/figures", {"month": "2026-10", "area": "east"}, "area"),
        ):
            answer = await client.get(f"/api/v1{path}", params=query)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), (path, query)


async def test_by_the_shifts_of_the_rota(api: Api) -> None:
    body = {
        "area": "west", "name": "夜班", "timezone": "Asia/Shanghai", "starts_on": "2026-09-01", "days_each": 7,
        "member_ids": [api.world.users["responder"]],
        "shifts": [
            {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "to": "08:00"},
            {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "08:00", "to": "12:30"},
        ],
    }  # fmt: skip
    async with api.client("supervisor") as client:
        assert (await client.post("/api/v1/rota/rotations", json=body)).status_code == 201
    await answered(api, api.world.west, "responder", 10, episode="1")
    wait(api, 3600)
    await answered(api, api.world.west, "responder", 10, episode="2")
    wait(api, 3600 * 14)
    await answered(api, api.world.west, "responder", 100, episode="3")
    rows = (await get(api, "/figures", by="rota"))["rows"]
    assert [(r["label"], r["incidents"], r["answered_60"]["share"]) for r in rows] == [
        ("夜班 20:00–08:00", 1, 0.0), ("夜班 08:00–12:30", 1, 1.0), ("no shift", 1, 1.0),
    ]  # fmt: skip


async def test_the_month_in_one_report(api: Api) -> None:
    await answered(api, api.world.west, "responder", 30, episode="1")
    plan = {"resident_id": api.world.west.resident, "kind": "call", "every_days": 1, "due_by": "13:00",
            "starts_on": "2026-10-01"}  # fmt: skip
    async with api.client("supervisor") as client:
        assert (await client.post("/api/v1/checks/plans", json=plan)).status_code == 201
    async with api.services.transaction() as connection:
        await connection.execute(
            "INSERT INTO coverage_gap (area_id, queue, code, since, ended) VALUES (%s, 'emergency', 'nobody_on_shift',"
            " %s, %s)",
            (api.world.areas["west_1"], NOW - timedelta(days=40), NOW),
        )
        await connection.execute(
            "INSERT INTO storm (kind, area_id, since, last_at) VALUES ('device_silent', %s, %s, %s)",
            (api.world.areas["west"], NOW, NOW),
        )
    wait(api, 3600)
    made = await get(api, "/figures/report", month="2026-10")
    assert (made["first"], made["last"]) == ("2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z")
    assert (made["area"], made["total"]["incidents"], len(made["by_area"])) == ("west", 1, 2)
    assert [row["group"] for row in made["queues"]] == ["care", "maintenance"]
    assert made["checks"] == [
        {"area": code, "area_name": name, "residents": 1, "due": 1, "done": 0, "reached": 0, "overdue": 0,
         "share_reached": 0.0} for code, name in (("west", "西区"), ("west_1", "西街"))
    ]  # fmt: skip
    [gap], [storm] = made["gaps"], made["storms"]
    assert (gap["times"], gap["seconds"], gap["text"], gap["open"]) == (1, 12 * 3600.0, "nobody on shift", False)
    assert (storm["kind"], storm["incidents"], storm["ended_at"]) == ("device_silent", 0, None)
    assert (await get(api, "/figures/report", month="2026-10", timezone="UTC"))["first"] == "2026-10-01T00:00:00Z"
    assert (await get(api, "/figures/report", month="2026-11"))["total"]["incidents"] == 0


def table(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_the_report_opens_in_a_spreadsheet(api: Api) -> None:
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE area SET name = '=HYPERLINK(1)' WHERE code = 'west_1'")
    await answered(api, api.world.west, "responder", 30, episode="1")
    await answered(api, api.world.west, "responder", 70, episode="2")
    async with api.client("supervisor") as client:
        query = {"month": "2026-10", "lang": "zh-CN"}
        answer = await client.get("/api/v1/figures/report.csv", params=query)
        english = await client.get("/api/v1/figures/report.csv", params={"month": "2026-10", "lang": "en"})
    assert answer.headers["content-disposition"] == 'attachment; filename="kanhu-2026-10-west.csv"'
    rows = table(answer)
    assert rows[0] == ["月度报告", "2026-10", "西区", "west"]
    heading = rows.index(next(row for row in rows if row[:1] == ["统计维度"]))
    body = rows[heading + 1 : rows.index([], heading)]
    assert {len(row) for row in body} == {len(rows[heading])}
    cells = [dict(zip(rows[heading], row, strict=True)) for row in body]
    assert (cells[0]["60 秒内应答"], cells[0]["180 秒内应答"], cells[0]["应答（秒）：中位数"]) == (
        "50.0%",
        "100.0%",
        "30.0",
    )
    assert [row[1] for row in body if row[0] == "区域"] == ["西区", "'=HYPERLINK(1)"]
    assert (cells[-1]["统计维度"], cells[-1]["60 秒内应答"], cells[-1]["60 分钟内到场"]) == ("目标", "97.5%", "100.0%")
    assert [len(row) for row in table(english)] == [len(row) for row in rows]
    assert table(english)[0][0] == "Report of the month"


def test_a_share_just_below_the_target_does_not_read_as_the_target() -> None:
    from alerts.report import _percent

    assert [_percent(9749, 10_000), _percent(39, 40), _percent(1, 1), _percent(0, 3)] == [
        "97.4%",
        "97.5%",
        "100.0%",
        "0.0%",
    ]


async def test_the_trail_goes_out_whole_and_in_order(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_PAGE", 3)
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE app_user SET display_name = '@SUM(1)' WHERE name = 'responder'")
    first = await answered(api, api.world.west, "responder", 30, episode="1", arrives=60)
    await answered(api, api.world.east, "far", 30, episode="2")
    async with api.client("responder") as client:
        note = {"text": '=1+1,"quoted"\nsecond line'}
        assert (await client.post(f"/api/v1/incidents/{first}/notes", json=note)).status_code == 200
    wait(api, 1)
    async with api.client("supervisor") as client:
        rows = table(await client.get("/api/v1/audit.csv"))
        none = table(await client.get("/api/v1/audit.csv", params={"last": NOW.isoformat()}))
    assert rows[0] == ["incident", "line", "at", "event", "from", "to", "actor", "actor_name", "detail"]
    assert none == rows[:1]
    assert [row[3] for row in rows[1:]] == ["open", "claim", "dispatch", "arrive", "close", "note"]
    assert {row[0] for row in rows[1:]} == {str(first)}
    assert (rows[2][4], rows[2][5], rows[2][7]) == ("open", "claimed", "'@SUM(1)")
    async with api.services.transaction() as connection:
        stored = await (
            await connection.execute(
                "SELECT id, at, detail FROM incident_event WHERE incident_id = %s ORDER BY id", (first,)
            )
        ).fetchall()
    assert [(int(row[1]), datetime.fromisoformat(row[2]), json.loads(row[8])) for row in rows[1:]] == stored


async def test_a_trail_that_breaks_off_is_not_taken_for_a_whole_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "_PAGE", 3)
    await answered(api, api.world.west, "responder", 30, episode="1", arrives=60)
    wait(api, 1)
    read = store.audit_page

    async def once(connection: Any, path: str, after: store.AuditPlace, *given: Any, **named: Any) -> Any:
        if after.id:
            raise Unavailable("the database is not answering")
        return await read(connection, path, after, *given, **named)

    monkeypatch.setattr(store, "audit_page", once)
    async with api.client("supervisor") as client:
        # The server ends the connection without the last chunk.
        with pytest.raises(RuntimeError, match="response already started"):
            await client.get("/api/v1/audit.csv")


async def test_positions_do_not_leave_with_the_trail(api: Api) -> None:
    place = {"latitude": 30.26, "longitude": 120.13, "zone": "家", "nested": {"latitude": 1.0, "metres": 5}}
    assert figures.without_places(place) == {"zone": "家", "nested": {"metres": 5}}
    incident = await api.raise_incident(api.world.west)
    async with api.services.transaction() as connection:
        await connection.execute(
            "INSERT INTO incident_event (incident_id, at, event, from_state, to_state, actor, detail)"
            " VALUES (%s, %s, 'clear', 'open', 'open', 'detector:geofence', '{\"evidence\": {\"latitude\": 30.261}}')",
            (incident, NOW),
        )
    wait(api, 1)
    async with api.client("supervisor") as client:
        answer = await client.get("/api/v1/audit.csv")
    assert "30.261" not in answer.text
    assert '"{""evidence"":{}}"' in answer.text


def test_a_month_begins_and_ends_where_its_people_live() -> None:
    since, until = Month(2026, 12).span(ZoneInfo("Asia/Shanghai"))
    assert (since.astimezone(UTC).isoformat(), until.astimezone(UTC).isoformat()) == (
        "2026-11-30T16:00:00+00:00", "2026-12-31T16:00:00+00:00",
    )  # fmt: skip
    since, until = Month(2026, 3).span(ZoneInfo("Europe/Berlin"))
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(days=31, hours=-1)
    assert spreadsheet.MARK.encode() == b"\xef\xbb\xbf"
