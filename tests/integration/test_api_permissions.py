"""Every role on every route: who is let in, and that no route is forgotten."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, time, timedelta

import httpx
import pytest

from alerts import service
from core.shifts import Hours
from storage import attachments, checks, contacts, policies, rota
from tests.support.api_world import NOW, ROLES, Api, Person, running

R, S, F, O, I = "responder", "supervisor", "family", "operator", "integrator"  # noqa: E741
READERS = {R, S, F, O, I}
CARE_PLAN_WRITERS = CONTACT_WRITERS = {S, O}
CHECK_PLAN = {"kind": "call", "every_days": 1, "due_by": "13:00", "grace_hours": 1, "starts_on": "2026-09-01"}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    allowed: frozenset[str]
    body: object = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PICTURE = b"\x89PNG\r\n\x1a\n"


async def asked(client: httpx.AsyncClient, entry: Route, path: str) -> httpx.Response:
    if isinstance(entry.body, bytes):
        headers = {"Content-Type": "image/png"}
        return await client.request(entry.method, path, content=entry.body, headers=headers)
    return await client.request(entry.method, path, json=entry.body)


async def evidence(api: Api, incident: int, user: str) -> dict[str, int]:
    """A file of an incident."""
    async with api.services.transaction() as connection:
        kept = await attachments.insert(
            connection,
            incident,
            name="door.png",
            content_type="image/png",
            content=PICTURE,
            user_id=api.world.users[user],
            now=NOW,
        )
    return {"attachment_id": kept.id}


def route(method: str, path: str, allowed: set[str], body: object = None) -> Route:
    return Route(method, f"/api/v1{path}", frozenset(allowed), body)


# `west` has the users: the first is the responder (see `api_world.build`).
ROTATION = {
    "area": "west",
    "name": "夜班",
    "starts_on": "2026-10-01",
    "days_each": 7,
    "member_ids": [1],
    "shifts": [{"weekdays": [1], "from": "20:00", "to": "08:00"}],
}
OVERRIDE = {
    "area": "west",
    "user_id": 2,
    "starts_at": "2026-10-01T12:00:00+08:00",
    "ends_at": "2026-10-01T18:00:00+08:00",
}
POLICY = {"area": "west", "queue": "emergency", "policy": {"steps": [{"after_s": 0, "targets": ["queue"]}]}}

TABLE = [
    route("GET", "/me", READERS),
    route("GET", "/incidents", READERS),
    route("GET", "/storms", READERS),
    route("GET", "/incidents/history", READERS),
    route("GET", "/incidents/{incident_id}", READERS),
    route("POST", "/incidents/live/ticket", READERS),
    route("POST", "/incidents/{incident_id}/claim", {R, S}),
    route("POST", "/incidents/{incident_id}/release", {R, S}),
    route("POST", "/incidents/{incident_id}/contact", {R, S}, {"outcome": "answered"}),
    route("POST", "/incidents/{incident_id}/hand-over", {R, S}, {"user_id": 1}),
    route("POST", "/incidents/{incident_id}/merge", {R, S}, {"into": 1}),
    route("POST", "/incidents/{incident_id}/reopen", {R, S}),
    route("POST", "/incidents/{incident_id}/attachments", {R, S}, PICTURE),
    route("GET", "/incidents/{incident_id}/attachments/{attachment_id}", {R, S}),
    route("POST", "/incidents/{incident_id}/dispatch", {R, S}, {"resource": "120"}),
    route("POST", "/incidents/{incident_id}/arrive", {R, S}),
    route("POST", "/incidents/{incident_id}/close", {R, S}, {"code": "test"}),
    route("POST", "/incidents/{incident_id}/notes", {R, S}, {"text": "x"}),
    route("GET", "/areas", {R, S, O, I}),
    route("POST", "/areas", {O}, {"code": "west_9", "name": "新街", "level": "street", "parent": "west"}),
    route("GET", "/households", {R, S, O}),
    route("POST", "/households", {O}, {"code": "h-new", "area": "west_1"}),
    route("GET", "/households/{household_id}", {R, S, O}),
    route("PUT", "/households/{household_id}", {O}, {"area": "west_1"}),
    route("GET", "/residents", READERS),
    route("POST", "/residents", {O}, {"household_id": 1, "name": "赵"}),
    route("GET", "/residents/{resident_id}", READERS),
    route("GET", "/residents/{resident_id}/protection", READERS),
    route("POST", "/residents/{resident_id}/test", {R, S, O}),
    route("GET", "/board", READERS),
    route("GET", "/board/summary", READERS),
    route("PUT", "/residents/{resident_id}", {O}, {"name": "王秀英"}),
    route("GET", "/residents/{resident_id}/care-plan", READERS),
    route("PUT", "/residents/{resident_id}/care-plan", CARE_PLAN_WRITERS, {}),
    route(
        "POST", "/residents/{resident_id}/misses", {R, S}, {"kind": "fall", "happened_at": "2026-09-30T20:00:00+08:00"}
    ),
    route("GET", "/detectors/precision", {S, O}),
    route("GET", "/figures", {S, O}),
    route("GET", "/figures/report?month=2026-09", {S, O}),
    route("GET", "/figures/report.csv?month=2026-09", {S, O}),
    route("GET", "/audit.csv", {S}),
    route("GET", "/checks/plans", {R, S}),
    route("POST", "/checks/plans", {S}, {"resident_id": 1, **CHECK_PLAN}),
    route("PUT", "/checks/plans/{plan_id}", {S}, CHECK_PLAN),
    route("GET", "/checks/tasks", {R, S}),
    route("POST", "/checks/tasks/{task_id}/done", {R, S}, {"outcome": "not_reached"}),
    route("GET", "/checks/figures?month=2026-09", {S, O}),
    route("DELETE", "/checks/plans/{plan_id}", {S}),
    route("GET", "/residents/{resident_id}/readings", {R, S, F, I}),
    route("GET", "/residents/{resident_id}/readings/hourly?metric=spo2", {R, S, F, I}),
    route("GET", "/residents/{resident_id}/readings/latest", {R, S, F, I}),
    route("GET", "/residents/{resident_id}/waveforms", {R, S, F, I}),
    route("GET", "/residents/{resident_id}/last-seen", READERS),
    route("GET", "/residents/{resident_id}/positions", {R, S, F}),
    route("POST", "/residents/{resident_id}/positions/access", {R, S, F}, {"reason": "asked by the police"}),
    route("GET", "/residents/{resident_id}/contacts", {R, S, O}),
    route("POST", "/residents/{resident_id}/contacts", CONTACT_WRITERS, {"name": "邻居"}),
    route("PUT", "/contacts/{contact_id}", CONTACT_WRITERS, {"name": "王静", "user": "family"}),
    route("POST", "/contacts/{contact_id}/channels", CONTACT_WRITERS, {"kind": "log", "address": "x"}),
    route("PUT", "/channels/{channel_id}", CONTACT_WRITERS, {"kind": "log", "address": "y"}),
    route("GET", "/devices", READERS),
    route("POST", "/devices", {O}, {"household_id": 1, "code": "door", "kind": "door"}),
    route("GET", "/devices/troubles", READERS),
    route("GET", "/devices/{device_id}", READERS),
    route("PUT", "/devices/{device_id}", {O}, {"kind": "wearable"}),
    route("GET", "/staff", {R, S}),
    route("POST", "/staff/{user_id}/channels", {R, S}, {"kind": "log", "address": "x"}),
    route("DELETE", "/staff/{user_id}/channels/{staff_channel_id}", {R, S}),
    route("GET", "/rota/shifts", {R, S}),
    route("GET", "/rota/on-shift", {R, S}),
    route("GET", "/rota/rotations", {R, S}),
    route("POST", "/rota/rotations", {S}, ROTATION),
    route("PUT", "/rota/rotations/{rotation_id}", {S}, ROTATION | {"name": "白班"}),
    route("GET", "/rota/overrides", {R, S}),
    route("POST", "/rota/overrides", {S}, OVERRIDE),
    route("DELETE", "/rota/overrides/{override_id}", {S}),
    route("DELETE", "/rota/rotations/{rotation_id}", {S}),
    route("GET", "/policies", {R, S}),
    route("POST", "/policies", {S}, POLICY),
    route("PUT", "/policies/{policy_id}", {S}, POLICY | {"min_severity": 3}),
    route("DELETE", "/policies/{policy_id}", {S}),
    route("GET", "/coverage", {R, S, O}),
    route("DELETE", "/channels/{channel_id}", CONTACT_WRITERS),
    route("DELETE", "/contacts/{contact_id}", CONTACT_WRITERS),
]

# No sign-in, or one of another kind (see test_api_live.py).
OPEN = {
    "POST /api/v1/token",
    "POST /api/v1/token/refresh",
    "POST /api/v1/logout",
    "GET /api/v1/console",
    "GET /api/v1/incidents/live",
    "POST /api/v1/receipts/{provider}",
    "GET /confirm/{token}",
    "POST /confirm/{token}",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
}


async def check(api: Api, person: Person) -> dict[str, int]:
    """A plan of a daily call, and the task that it gives today."""
    details = checks.PlanDetails("call", None, 1, time(13), 1, None, NOW.date(), None, "")
    async with api.services.transaction() as connection:
        plan = await service.add_check_plan(connection, person.resident, details, NOW)
        first, _ = await checks.tasks(connection, "/", NOW, resident_id=person.resident, maximum=10)
    return {"plan_id": plan, "task_id": first.id}


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def centre(api: Api, area: str, user: str) -> dict[str, int]:
    """What a county's centre has: a rotation, an override, a policy, and somebody's channel."""
    area_id, user_id = api.world.areas[area], api.world.users[user]
    hours = Hours((1, 2, 3), time(8), time(20))
    policy = {"steps": [{"after_s": 0, "targets": ["queue"]}]}
    async with api.services.transaction() as connection:
        return {
            "user_id": user_id,
            "staff_channel_id": await contacts.add_channel(
                connection, user_id=user_id, kind="log", address=user, secret=None, call_order=1
            ),
            "rotation_id": await rota.add_rotation(
                connection,
                area_id,
                rota.RotationDetails("早班", "Asia/Shanghai", date(2026, 1, 1), 7, (user_id,), (hours,)),
            ),
            "override_id": await rota.add_override(
                connection,
                area_id,
                user_id=user_id,
                instead_of_id=None,
                starts_at=NOW,
                ends_at=NOW + timedelta(hours=1),
                note="",
                made_by=user_id,
                now=NOW,
            ),
            "policy_id": await policies.add_policy(
                connection, area_id, policies.PolicyDetails("care", 1, None, "Asia/Shanghai", policy)
            ),
        }


async def test_the_table_has_every_route(api: Api) -> None:
    described = {
        f"{method.upper()} {path}" for path, operations in api.app.openapi()["paths"].items() for method in operations
    }
    assert described == {str(r).partition("?")[0] for r in TABLE} | OPEN


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_let_in_where_the_table_says_and_nowhere_else(api: Api, role: str) -> None:
    let_in = set()
    incident = await api.raise_incident(api.world.west)
    ids = {
        "incident_id": incident,
        "household_id": api.world.west.household,
        "resident_id": api.world.west.resident,
        "device_id": api.world.west.device,
        "contact_id": api.world.west.contact,
        "channel_id": 1,
        **await evidence(api, incident, "responder"),
        **await check(api, api.world.west),
        **await centre(api, "west", "responder"),
    }
    async with api.client(role) as client:
        for entry in TABLE:
            if entry.method == "DELETE" and role == F:
                continue
            answer = await asked(client, entry, entry.path.format(**ids))
            if answer.status_code == 403 and answer.json()["type"] == "urn:kanhu:problem:not-allowed":
                continue
            # Let in: it may still be the wrong moment (409), but never a failure.
            assert answer.status_code in (200, 201, 204, 409), (str(entry), answer.status_code, answer.text)
            let_in.add(str(entry))
    assert let_in == {str(entry) for entry in TABLE if role in entry.allowed}


async def test_without_a_sign_in_nothing_is_let_in(api: Api) -> None:
    async with api.client() as client:
        for entry in TABLE:
            path = entry.path
            for name in re.findall("{([a-z_]+)}", path):
                path = path.replace(f"{{{name}}}", "1")
            answer = await asked(client, entry, path)
            assert answer.status_code == 401, str(entry)
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "urn:kanhu:problem:sign-in-needed"


async def test_nothing_of_another_county_is_there(api: Api) -> None:
    """Every route with an id of the eastern county, for those of the west whose role would let them in."""
    incident = await api.raise_incident(api.world.east)
    async with api.services.transaction() as connection:
        row = await (
            await connection.execute("SELECT id FROM channel WHERE contact_id = %s", (api.world.east.contact,))
        ).fetchone()
    assert row is not None
    ids = {
        "incident_id": incident,
        "household_id": api.world.east.household,
        "resident_id": api.world.east.resident,
        "device_id": api.world.east.device,
        "contact_id": api.world.east.contact,
        "channel_id": row[0],
        **await evidence(api, incident, "far"),
        **await check(api, api.world.east),
        **await centre(api, "east", "far"),
    }
    tried = 0
    for role in ROLES:
        async with api.client(role) as client:
            for entry in TABLE:
                if role not in entry.allowed or "_id}" not in entry.path:
                    continue
                answer = await asked(client, entry, entry.path.format(**ids))
                assert (answer.status_code, answer.json()["type"]) == (404, "urn:kanhu:problem:not-found"), (
                    role,
                    entry,
                )
                tried += 1
    assert tried > 70


async def test_lists_hold_nothing_of_another_county(api: Api) -> None:
    async with api.client("supervisor") as client:
        for path, own in (
            ("/households", api.world.west.household),
            ("/residents", api.world.west.resident),
            ("/devices", api.world.west.device),
        ):
            assert [i["id"] for i in (await client.get(f"/api/v1{path}")).json()["items"]] == [own]
        areas = [area["code"] for area in (await client.get("/api/v1/areas")).json()["items"]]
    assert areas == ["west", "west_1"]


async def test_an_operator_writes_only_in_their_own_county(api: Api) -> None:
    async with api.client("operator") as client:
        for path, body, field in (
            ("/areas", {"code": "x", "name": "x", "level": "street", "parent": "east"}, "parent"),
            ("/households", {"code": "h-x", "area": "east"}, "area"),
            ("/residents", {"household_id": api.world.east.household, "name": "x"}, "household_id"),
            ("/devices", {"household_id": api.world.east.household, "code": "x", "kind": "door"}, "household_id"),
        ):
            answer = await client.post(f"/api/v1{path}", json=body)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), path
