"""Is this person protected now, over HTTP: one answer with its reasons, and the board of everybody."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from alerts import service
from alerts.lifecycle import ClosureCode
from core.clock import MINUTE
from core.metrics import metric_id
from storage import coverage
from storage.coverage import Gap
from tests.support.api_world import NOW, Api, Person, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        async with running_api.services.transaction() as connection:
            await coverage.begin_check(connection, NOW)
        yield running_api


async def said(api: Api, person: Person, at: datetime, *, battery: float = 80, worn: bool = True) -> None:
    """What ingest keeps of the watch."""
    async with api.services.transaction() as connection:
        await connection.execute(
            "INSERT INTO device_state (device, heard_at, battery, battery_at, worn, worn_at, worn_since)"
            " VALUES (%(device)s, %(at)s, %(battery)s, %(at)s, %(worn)s, %(at)s, %(since)s)"
            " ON CONFLICT (device) DO UPDATE SET heard_at = excluded.heard_at, battery = excluded.battery,"
            " worn = excluded.worn, worn_since = excluded.worn_since",
            {"device": person.device, "at": at, "battery": battery, "worn": worn, "since": at - timedelta(hours=2)},
        )


async def pass_a_test(api: Api, person: Person) -> int:
    number = await api.raise_incident(person, episode="t")
    user = api.world.users["responder" if person is api.world.west else "far"]
    async with api.services.transaction() as connection:
        await service.claim(connection, number, user, NOW)
        await service.close(connection, number, user, NOW, ClosureCode.TEST)
    return number


async def answer(api: Api, who: str = "responder", **params: str) -> dict[str, object]:
    async with api.client(who) as client:
        path = f"/api/v1/residents/{api.world.west.resident}/protection"
        found = (await client.get(path, params=params)).json()
    found["not_right"] = {r["code"]: r["severity"] for r in found["reasons"] if not r["ok"]}
    assert isinstance(found, dict)
    return found


async def test_one_answer_with_its_reasons_in_words(api: Api) -> None:
    await said(api, api.world.west, NOW - timedelta(minutes=2))
    await pass_a_test(api, api.world.west)
    found = await answer(api)
    assert (found["protected"], found["not_right"], found["last_test_at"], found["checked_at"]) == (
        "yes", {}, "2026-10-01T04:00:00Z", "2026-10-01T04:00:00Z",
    )  # fmt: skip
    reasons = found["reasons"]
    assert isinstance(reasons, list)
    assert [r["text"] for r in reasons][:4] == [
        "One device to call for help",
        "Heard 2 min ago",
        "Worn",
        "Battery 80 %",
    ]
    chinese = (await answer(api, lang="zh-CN"))["reasons"]
    assert isinstance(chinese, list)
    assert chinese[1]["text"] == "2 分钟前有信号"


async def test_the_watch_is_taken_off_and_the_battery_ends(api: Api) -> None:
    await said(api, api.world.west, NOW, battery=3, worn=False)
    found = await answer(api)
    assert found["protected"] == "no"
    assert found["not_right"] == {"worn": "danger", "battery": "danger", "test": "warning"}


async def test_who_seems_silent_is_looked_for_in_the_readings(api: Api) -> None:
    """As after an upgrade: what ingest keeps is not there yet."""
    not_known = {"worn": "info", "battery": "info"}
    assert (await answer(api))["not_right"] == {"heard": "danger", **not_known, "test": "warning"}
    async with api.services.transaction() as connection:
        await connection.execute(
            "INSERT INTO reading (device, metric, time, value, arrival) VALUES (%s, %s, %s, 70, %s)",
            (api.world.west.device, metric_id("spo2"), NOW - timedelta(minutes=1), NOW - timedelta(minutes=1)),
        )
    assert (await answer(api))["not_right"] == {**not_known, "test": "warning"}


async def test_contacts_count_while_they_are_valid_and_a_channel_works(api: Api) -> None:
    await said(api, api.world.west, NOW)
    await pass_a_test(api, api.world.west)
    assert (await answer(api))["protected"] == "yes"
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE channel SET failed_at = now()")
    assert (await answer(api))["not_right"] == {"contacts": "warning"}
    async with api.services.transaction() as connection:
        # The family user's own channel reaches her too.
        await connection.execute(
            "INSERT INTO channel (user_id, kind, address) VALUES (%s, 'log', 'x')", (api.world.users["family"],)
        )
    assert (await answer(api))["protected"] == "yes"
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE contact SET valid_until = %s", (NOW,))
    reasons = (await answer(api))["reasons"]
    assert isinstance(reasons, list)
    assert "All contacts have expired" in [r["text"] for r in reasons]


async def test_nobody_is_protected_where_nobody_would_answer(api: Api) -> None:
    await said(api, api.world.west, NOW)
    await pass_a_test(api, api.world.west)
    async with api.services.transaction() as connection:
        await coverage.write(connection, [Gap(api.world.areas["west_1"], "emergency", "no_channel")], NOW)
    found = await answer(api)
    assert (found["protected"], found["not_right"]) == ("no", {"answered": "danger"})
    async with api.services.transaction() as connection:
        await coverage.write(connection, [Gap(api.world.areas["west"], "emergency", "no_channel")], NOW)
    assert (await answer(api))["protected"] == "yes", "another area's gap"
    api.clock.advance(6 * MINUTE)
    await said(api, api.world.west, NOW + timedelta(minutes=6))
    found = await answer(api)
    assert found["not_right"] == {"answered": "danger"}, "nobody has looked for six minutes"


async def test_only_a_test_that_was_closed_as_one_counts_and_not_after_it_was_reopened(api: Api) -> None:
    number = await pass_a_test(api, api.world.west)
    assert (await answer(api))["last_test_at"] is not None
    async with api.services.transaction() as connection:
        await service.reopen(connection, number, api.world.users["responder"], NOW)
    assert (await answer(api))["last_test_at"] is None


async def test_the_board_has_those_in_danger_first_and_pages_leave_nothing_out(api: Api) -> None:
    west = api.world.west
    async with api.services.transaction() as connection:
        for n in range(4):
            await connection.execute(
                "INSERT INTO resident (household_id, name) VALUES (%s, %s)", (west.household, f"r{n}")
            )
    await said(api, west, NOW)
    open_incident = await api.raise_incident(west)
    async with api.client("responder") as client, api.client("family") as family, api.client("far") as far:
        seen: list[dict[str, object]] = []
        cursor = None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/api/v1/board", params=params)).json()
            seen += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        summary = (await client.get("/api/v1/board/summary")).json()
        partly = (await client.get("/api/v1/board", params={"protected": "partly"})).json()["items"]
        own = (await family.get("/api/v1/board")).json()["items"]
        nowhere = (await client.get("/api/v1/board/summary", params={"area": "west_1"})).json()
        outside = await client.get("/api/v1/board", params={"area": "east"})
        theirs = (await far.get("/api/v1/board")).json()["items"]
    assert [entry["protected"] for entry in seen] == ["no"] * 4 + ["partly"]
    assert len({entry["resident_id"] for entry in seen}) == 5
    assert summary == nowhere == {"yes": 0, "partly": 1, "no": 4}
    assert seen[-1]["open_incident_id"] == open_incident
    assert [entry["resident_id"] for entry in partly] == [entry["resident_id"] for entry in own] == [west.resident]
    assert [r["code"] for r in own[0]["reasons"]] == ["test"]
    assert outside.status_code == 422
    assert [entry["resident_id"] for entry in theirs] == [api.world.east.resident]


async def test_a_button_that_hangs_in_the_home_is_everybodys_who_lives_there(api: Api) -> None:
    west = api.world.west
    async with api.services.transaction() as connection:
        await connection.execute("INSERT INTO resident (household_id, name) VALUES (%s, 'spouse')", (west.household,))
        await connection.execute(
            "INSERT INTO device (household_id, code, kind) VALUES (%s, 'cord', 'sos_button')", (west.household,)
        )
    async with api.client("responder") as client:
        items = (await client.get("/api/v1/board")).json()["items"]
    # The watch, which is nobody's own, is the first resident's alone.
    assert {entry["resident_id"]: [r["code"] for r in entry["reasons"]] for entry in items} == {
        west.resident: ["heard", "test"],
        next(entry["resident_id"] for entry in items if entry["resident"] == "spouse"): ["contacts", "test"],
    }
