"""Each kind of error is a problem detail, names the field, and tells nothing of what is inside."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from structlog.testing import capture_logs

from api.envelope import MAXIMUM_BODY
from api.paging import encode
from core.findings import Queue
from storage import worklist
from storage.worklist import UrgentPlace
from tests.support.api_world import NOW, Api, running


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, object] = answer.json()
    assert found["type"] == f"urn:kanhu:problem:{slug}"
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    assert found["correlation_id"]
    return found


async def test_no_such_path_and_wrong_method(api: Api) -> None:
    async with api.client("responder") as client:
        problem(await client.get("/api/v1/nothing"), 404, "not-found")
        wrong = await client.delete("/api/v1/incidents")
        problem(wrong, 405, "method-not-allowed")
        assert wrong.headers["allow"] == "GET"


WRONG = [
    ("GET", "/incidents?limit=0", None, "query", "limit", None),
    ("GET", "/incidents?queue=other", None, "query", "queue", None),
    ("GET", "/incidents?state=open&state=gone", None, "query", "state.1", None),
    ("GET", "/incidents?cursor=abc", None, "query", "cursor", None),
    ("GET", "/incidents?cursor=%00", None, "query", "cursor", None),
    ("GET", "/incidents?area=nowhere", None, "query", "area", None),
    ("GET", "/incidents/x", None, "path", "incident_id", None),
    ("GET", "/incidents/99999999999999999999", None, "path", "incident_id", None),
    ("GET", "/residents/1/readings?metric=mood", None, "query", "metric", None),
    ("GET", "/residents/1/readings?first=2026-01-01T00:00:00", None, "query", "first", None),
    ("GET", "/residents/1/readings?first=2027-01-01T00:00:00Z", None, "query", "first", None),
    ("POST", "/incidents/1/close", {"code": "gone"}, "body", "code", "/code"),
    ("POST", "/incidents/1/close", {}, "body", "code", "/code"),
    ("POST", "/incidents/1/close", {"code": "test", "nota": "x"}, "body", "nota", "/nota"),
    ("POST", "/incidents/1/notes", {"text": "  "}, "body", "text", "/text"),
    ("POST", "/incidents/1/notes", {"text": "a\0b"}, "body", "text", "/text"),
    ("POST", "/incidents/1/notes", {"text": "x" * 4001}, "body", "text", "/text"),
    ("POST", "/residents/1/positions/access", {"reason": "x"}, "body", "reason", "/reason"),
]


async def test_a_wrong_field_is_named(api: Api) -> None:
    async with api.client("responder") as client:
        for method, path, body, location, field, pointer in WRONG:
            found = problem(await client.request(method, f"/api/v1{path}", json=body), 422, "wrong-fields")
            errors = found["errors"]
            assert isinstance(errors, list)
            assert [(e["location"], e["field"], e.get("pointer")) for e in errors] == [(location, field, pointer)], path
            assert errors[0]["detail"]


@pytest.mark.parametrize("path", ["/incidents/1/notes", "/token"])
async def test_a_body_that_is_no_json(api: Api, path: str) -> None:
    async with api.client("responder") as client:
        answer = await client.post(f"/api/v1{path}", content=b'{"text": ', headers={"Content-Type": "application/json"})
    problem(answer, 400, "invalid-json")


async def test_a_body_that_is_too_large_with_and_without_a_length(api: Api) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * (MAXIMUM_BODY // 4)

    async with api.client("responder") as client:
        for content in (b"x" * (MAXIMUM_BODY + 1), chunks()):
            answer = await client.post(
                "/api/v1/incidents/1/notes", content=content, headers={"Content-Type": "application/json"}
            )
            problem(answer, 413, "request-entity-too-large")


async def test_a_media_type_that_sign_in_does_not_take(api: Api) -> None:
    async with api.client() as client:
        problem(await client.post("/api/v1/token", content=b"<a/>"), 415, "unsupported-media-type")


async def test_sign_in_names_a_missing_field(api: Api) -> None:
    async with api.client() as client:
        for answer in (
            await client.post("/api/v1/token", json={"username": "x"}),
            await client.post("/api/v1/token", data={"username": "x"}),
        ):
            found = problem(answer, 422, "wrong-fields")
            errors = found["errors"]
            assert isinstance(errors, list)
            assert errors[0]["field"] == "password"


async def test_a_fault_of_ours_tells_only_how_to_find_it(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(worklist, "urgent", broken)
    async with api.client("responder", raise_app_exceptions=False) as client:
        with capture_logs() as log:
            answer = await client.get("/api/v1/incidents", headers={"X-Request-ID": "abcdef-123456"})
    found = problem(answer, 500, "internal-error")
    assert found["correlation_id"] == "abcdef-123456"
    (line,) = (line for line in log if line["event"] == "request failed")
    assert line["correlation_id"] == "abcdef-123456"
    assert "42" in str(line["exc_info"])
    assert "42" not in answer.text
    assert "RuntimeError" not in answer.text


async def test_a_value_that_only_the_database_refuses_is_told_without_its_words(api: Api) -> None:
    beyond = encode(UrgentPlace(Queue.CARE, 10**12, NOW, 1))
    async with api.client("responder") as client:
        answer = await client.get("/api/v1/incidents", params={"cursor": beyond})
    problem(answer, 422, "refused")
    assert "integer" not in answer.text


async def test_half_a_character_is_no_fault_of_ours(api: Api) -> None:
    async with api.client("operator") as client:
        for path, body in (
            (f"/residents/{api.world.west.resident}/care-plan", rb'{"\ud800": 1}'),
            (f"/residents/{api.world.west.resident}", rb'{"name": "\ud800"}'),
            (f"/residents/{api.world.west.resident}", rb'{"name": "x", "\ud800": 1}'),
        ):
            answer = await client.put(f"/api/v1{path}", content=body, headers={"Content-Type": "application/json"})
            problem(answer, 422, "wrong-fields")


async def test_a_database_that_is_away_is_told_as_503(api: Api) -> None:
    async with api.client("responder") as client:
        await api.services.pool.close()
        answer = await client.get("/api/v1/incidents")
        problem(answer, 503, "database-unavailable")
        assert answer.headers["retry-after"] == "5"
        not_ready = problem(await client.get("/readyz"), 503, "not-ready")
        assert "does not answer" in str(not_ready["detail"])
        assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_every_answer_has_the_headers_that_keep_browsers_from_harm(api: Api) -> None:
    async with api.client("responder") as client:
        for answer in (await client.get("/api/v1/incidents"), await client.get("/api/v1/nothing")):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert len(answer.headers["x-request-id"]) == 32


async def test_every_answer_tells_the_installations_time(api: Api) -> None:
    async with api.client("responder") as client:
        for answer in (await client.get("/api/v1/incidents"), await client.get("/api/v1/nothing")):
            assert answer.headers["kanhu-time"] == f"{api.clock.micros() // 1000};speed=1.000"


async def test_every_error_is_described_as_a_problem(api: Api) -> None:
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and not (path.startswith("/confirm/") and status in ("404", "410", "422")):
                    assert list(answer["content"]) == ["application/problem+json"], (method, path, status)


@pytest.mark.parametrize("who", ["supervisor", "operator"])
async def test_a_body_that_is_no_json_is_answered_as_described(api: Api, who: str) -> None:
    answered = set()
    async with api.client(who) as client:
        for path, operations in api.app.openapi()["paths"].items():
            for method, operation in operations.items():
                if "application/json" in operation.get("requestBody", {}).get("content", {}):
                    answer = await client.request(
                        method, re.sub(r"{\w+}", "1", path), content=b"\0", headers={"content-type": "application/json"}
                    )
                    assert str(answer.status_code) in operation["responses"], (method, path, answer.text)
                    answered.add(answer.status_code)
    assert 400 in answered
