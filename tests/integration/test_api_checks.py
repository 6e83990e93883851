"""Regular checks over HTTP: plans, tasks, what came of them, and the share reached."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from alerts import service
from alerts.checks import State, state_of
from storage import checks
from tests.support.api_world import NOW, Api, running

# NOW is noon where they live.
CALL: dict[str, Any] = {"kind": "call", "every_days": 1, "due_by": "13:00", "grace_hours": 2, "starts_on": "2026-10-01"}


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, token_minutes=1440) as running_api:
        yield running_api


def wait(api: Api, hours: float) -> None:
    api.clock.advance(round(hours * 3600 * 1_000_000))


async def ask(
    api: Api, method: str, path: str, who: str = "supervisor", body: object = None, **more: Any
) -> httpx.Response:
    async with api.client(who) as client:
        return await client.request(method, f"/api/v1/checks{path}", json=body, **more)


async def plan(api: Api, **changed: Any) -> dict[str, Any]:
    answer = await ask(api, "POST", "/plans", body={"resident_id": api.world.west.resident, **CALL, **changed})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def tasks(api: Api, who: str = "responder", **query: Any) -> list[dict[str, Any]]:
    answer = await ask(api, "GET", "/tasks", who, params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def done(api: Api, task: int, outcome: str = "well", who: str = "responder", **more: Any) -> httpx.Response:
    return await ask(api, "POST", f"/tasks/{task}/done", who, {"outcome": outcome, "note": "精神很好"}, **more)


async def test_a_plan_is_written_changed_and_ended(api: Api) -> None:
    made = await plan(api, assignee_id=api.world.users["responder"], note="耳背")
    assert made == {
        "id": made["id"], "resident_id": api.world.west.resident, "resident": "王秀英", "area": "west_1",
        "kind": "call", "weekdays": None, "every_days": 1, "due_by": "13:00", "grace_hours": 2,
        "assignee_id": api.world.users["responder"], "assignee": "Responder", "starts_on": "2026-10-01",
        "ends_on": None, "note": "耳背",
    }  # fmt: skip
    assert (await ask(api, "GET", "/plans", "responder")).json()["items"] == [made]
    assert [t["day"] for t in await tasks(api)] == ["2026-10-01", "2026-10-02"]
    weekly = {**CALL, "kind": "visit", "every_days": None, "weekdays": [5, 2, 5]}
    changed = await ask(api, "PUT", f"/plans/{made['id']}", body=weekly)
    assert (changed.status_code, changed.json()["weekdays"], changed.json()["assignee"]) == (200, [2, 5], None)
    # Thursday, the 1st, is not asked for any more; Friday is.
    assert [(t["day"], t["kind"]) for t in await tasks(api)] == [("2026-10-02", "visit")]
    assert (await ask(api, "DELETE", f"/plans/{made['id']}")).status_code == 204
    assert (await ask(api, "DELETE", f"/plans/{made['id']}")).status_code == 404
    assert (await ask(api, "GET", "/plans")).json()["items"] == await tasks(api) == []


async def test_a_plan_is_added_once_for_a_key(api: Api) -> None:
    body = {"resident_id": api.world.west.resident, **CALL}
    answers = [await ask(api, "POST", "/plans", body=body, headers={"Idempotency-Key": "p1"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len((await ask(api, "GET", "/plans")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"weekdays": [1]}, ""),
        ({"every_days": None}, ""),
        ({"every_days": None, "weekdays": []}, "weekdays"),
        ({"every_days": None, "weekdays": [0]}, "weekdays.0"),
        ({"every_days": 0}, "every_days"),
        ({"due_by": "24:00"}, "due_by"),
        ({"due_by": "9:00"}, "due_by"),
        ({"grace_hours": 73}, "grace_hours"),
        ({"ends_on": "2026-09-30"}, ""),
        ({"kind": "letter"}, "kind"),
        ({"starts_on": "2026-10-32"}, "starts_on"),
        ({"note": "\u0000"}, "note"),
        ({"dueby": "10:00"}, "dueby"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_plan_is_named(api: Api, changed: dict[str, Any], field: str) -> None:
    answer = await ask(api, "POST", "/plans", body={"resident_id": api.world.west.resident, **CALL, **changed})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_only_who_works_there_does_checks_of_who_lives_there(api: Api) -> None:
    users = api.world.users
    for assignee in (users["far"], users["operator"], users["family"], 2_000_000):
        answer = await ask(
            api, "POST", "/plans", body={"resident_id": api.world.west.resident, **CALL, "assignee_id": assignee}
        )
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "assignee_id"), assignee
    answer = await ask(api, "POST", "/plans", body={"resident_id": api.world.east.resident, **CALL})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "resident_id")
    await plan(api)
    assert await tasks(api, "far") == []
    [task, _] = await tasks(api)
    assert (await done(api, task["id"], who="far")).status_code == 404


async def test_tasks_by_state_day_area_and_person(api: Api) -> None:
    await plan(api)
    await plan(api, kind="visit", due_by="18:00")
    assert [(t["kind"], t["state"]) for t in await tasks(api)] == [
        ("call", "due"), ("visit", "due"), ("call", "upcoming"), ("visit", "upcoming"),
    ]  # fmt: skip
    [first, second] = await tasks(api, state="due")
    await done(api, second["id"])
    wait(api, 3)
    assert [t["id"] for t in await tasks(api, state="overdue")] == [first["id"]]
    assert [t["id"] for t in await tasks(api, state="done")] == [second["id"]]
    waiting = await tasks(api, state=["upcoming", "overdue"])
    assert [(t["state"], t["day"][-2:]) for t in waiting] == [("overdue", "01"), ("upcoming", "02"), ("upcoming", "02")]
    assert [t["day"] for t in await tasks(api, day="2026-10-02")] == ["2026-10-02"] * 2
    assert len(await tasks(api, area="west_1", resident_id=api.world.west.resident)) == 4
    assert await tasks(api, resident_id=api.world.east.resident) == []
    async with api.services.transaction() as connection:
        for task in await checks.tasks(connection, "/", api.services.now(), maximum=9):
            locked = {t.id: t for t in await checks.lock_with_overdue(connection, task.id, api.services.now())}
            assert state_of(locked[task.id], api.services.now()) == State(task.state)


async def test_what_is_late_comes_newest_first_and_what_was_missed_is_asked_of_nobody(api: Api) -> None:
    await plan(api)
    wait(api, 48)
    for _ in range(2):
        await plan(api, kind="visit", due_by="13:00")
    async with api.services.transaction() as connection:
        for number in (p.id for p in await checks.plans(connection, "/", maximum=9)):
            await service.make_check_tasks(connection, number, api.services.now())
    wait(api, 4)
    assert [t["day"][-2:] for t in await tasks(api, state="overdue")] == ["03", "03", "03", "02", "01"]
    first_page = (await ask(api, "GET", "/tasks", "responder", params={"state": "overdue", "limit": 2})).json()
    rest = await tasks(api, state="overdue", cursor=first_page["next_cursor"])
    assert [t["day"][-2:] for t in rest] == ["03", "02", "01"]
    await done(api, rest[0]["id"])
    assert (await tasks(api, state="overdue"), len(await tasks(api, state="missed"))) == ([], 4)
    figures = (await ask(api, "GET", "/figures", params={"month": "2026-10"})).json()["rows"][0]
    assert (figures["due"], figures["done"], figures["overdue"]) == (5, 1, 4), "missed is overdue in the figures"


async def test_pages_hold_each_task_once(api: Api) -> None:
    for _ in range(4):
        await plan(api)
    everything = [t["id"] for t in await tasks(api)]
    assert len(everything) == 8
    seen: list[int] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        answer = (await ask(api, "GET", "/tasks", "responder", params=query)).json()
        seen += [t["id"] for t in answer["items"]]
        if answer["next_cursor"] is None:
            break
        query["cursor"] = answer["next_cursor"]
    assert seen == everything
    first = (await ask(api, "GET", "/plans", params={"limit": 3})).json()
    rest = (await ask(api, "GET", "/plans", params={"cursor": first["next_cursor"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 1, None)


async def test_done_says_by_whom_and_twice_is_refused_with_the_name(api: Api) -> None:
    await plan(api)
    [task, _] = await tasks(api)
    answer = await done(api, task["id"], headers={"Idempotency-Key": "d1"})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["state"], shown["outcome"], shown["note"]) == ("done", "well", "精神很好")
    assert shown["done_by"] == {"id": api.world.users["responder"], "name": "Responder"}
    again = await done(api, task["id"], headers={"Idempotency-Key": "d1"})
    assert (again.status_code, again.json()) == (200, shown), "the same request again is the same answer"
    wait(api, 0.5)
    other = await done(api, task["id"], "not_reached", who="supervisor")
    problem = other.json()
    assert (other.status_code, problem["type"]) == (409, "urn:kanhu:problem:check-done")
    assert (problem["done_by"], problem["done_at"]) == ("Responder", NOW.isoformat())


async def test_two_who_click_together_one_of_them_did_it(api: Api) -> None:
    await plan(api)
    [task, _] = await tasks(api)
    answers = await asyncio.gather(*(done(api, task["id"], who=who) for who in ("responder", "supervisor")))
    assert sorted(a.status_code for a in answers) == [200, 409]


async def test_tomorrows_check_can_not_be_done_today(api: Api) -> None:
    await plan(api)
    [_, tomorrow] = await tasks(api)
    answer = await done(api, tomorrow["id"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:kanhu:problem:check-not-yet")
    assert (await done(api, 2**40)).status_code == 404


async def test_not_reached_is_counted_and_changes_nothing_else(api: Api) -> None:
    await plan(api)
    [task, _] = await tasks(api)
    for _ in range(2):
        answer = await done(api, task["id"], "not_reached")
        assert (answer.status_code, answer.json()["state"]) == (200, "due")
    assert (answer.json()["attempts"], answer.json()["last_attempt_at"]) == (2, NOW.isoformat().replace("+00:00", "Z"))


async def test_needs_help_is_an_incident_of_the_care_queue(api: Api) -> None:
    await plan(api)
    [task, _] = await tasks(api)
    assert (await done(api, task["id"], "needs_help")).status_code == 200
    async with api.client("responder") as client:
        [incident] = (await client.get("/api/v1/incidents")).json()["items"]
        detail = (await client.get(f"/api/v1/incidents/{incident['id']}", params={"lang": "en"})).json()
    assert (incident["queue"], incident["kind"], incident["severity"]) == ("care", "check_needs_help", 4)
    assert detail["alerts"][0]["reason"] == ("Responder was in touch for the regular call: help is needed: 精神很好")


async def test_the_share_reached_counts_each_person_once(api: Api) -> None:
    async with api.services.transaction() as connection:
        # The western resident by three plans, the eastern one by one.
        for person, due_by in ((api.world.west, 13), (api.world.west, 14), (api.world.west, 15), (api.world.east, 13)):
            await service.add_check_plan(
                connection,
                person.resident,
                checks.PlanDetails("call", None, 1, NOW.time().replace(hour=due_by), 1, None, NOW.date(), None, ""),
                NOW,
            )
    for task in (await tasks(api))[:2]:
        await done(api, task["id"])
    wait(api, 5)
    figures = (await ask(api, "GET", "/figures", params={"month": "2026-10"})).json()
    assert figures["rows"] == [
        {"area": code, "area_name": name, "residents": 1, "due": 3, "done": 2, "reached": 1, "overdue": 1,
         "share_reached": 1.0} for code, name in (("west", "西区"), ("west_1", "西街"))
    ]  # fmt: skip
    async with api.services.transaction() as connection:
        everywhere = await checks.figures(connection, "/", NOW.date(), NOW.date(), api.services.now())
    assert [(f.area, f.residents, f.due, f.reached) for f in everywhere] == [
        ("city", 2, 4, 1), ("east", 1, 1, 0), ("west", 1, 3, 1), ("west_1", 1, 3, 1),
    ]  # fmt: skip
    assert (await ask(api, "GET", "/figures", params={"month": "2026-09"})).json()["rows"] == []


async def test_who_takes_care_of_a_resident_sees_what_was_asked_and_tried(api: Api) -> None:
    await plan(api, note="耳背，多响几声")
    [task, _] = await tasks(api)
    assert (task["resident"], task["phone"], task["address"]) == ("王秀英", "+8610000000100", "曙光路12号")
    assert (task["plan_note"], task["made_late"]) == ("耳背，多响几声", False)
    assert task["due_at"] == (NOW + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
