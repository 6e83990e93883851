"""Evidence in files over HTTP: what is kept, what is refused, who gets it back and how."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from alerts.evidence_files import MAXIMUM_COUNT, MAXIMUM_SIZE
from api.envelope import MAXIMUM_BODY
from core.findings import Kind, Queue, Severity
from tests.support.api_world import Api, listening, running

PICTURE = b"\xff\xd8\xff\xe0" + bytes(300)
RECORDING = b"OggS\x00\x02" + bytes(50)
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, crew=1, database_pool_size=2) as running_api:
        yield running_api


def path(incident: int) -> str:
    return f"/api/v1/incidents/{incident}/attachments"


async def test_a_picture_is_kept_as_it_is_and_the_trail_says_who_added_it(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client, api.client("family") as family:
        answer = await client.post(path(incident), params={"name": "门厅.jpg"}, content=PICTURE, headers=JPEG)
        kept = answer.json()
        digest = hashlib.sha256(PICTURE).hexdigest()
        assert (answer.status_code, kept["name"], kept["size"], kept["sha256"]) == (201, "门厅.jpg", 304, digest)
        found = await client.get(f"{path(incident)}/{kept['id']}")
        assert found.content == PICTURE
        headers = found.headers
        assert headers["content-type"] == "image/jpeg"
        assert headers["content-disposition"] == (
            "inline; filename=\"__.jpg\"; filename*=UTF-8''%E9%97%A8%E5%8E%85.jpg"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        detail = (await client.get(f"/api/v1/incidents/{incident}")).json()
        seen_by_family = (await family.get(f"/api/v1/incidents/{incident}")).json()
    assert [file["id"] for file in detail["attachments"]] == [kept["id"]]
    assert seen_by_family["attachments"] == []
    event = detail["events"][-1]
    assert (event["event"], event["actor_name"], event["detail"]["sha256"]) == ("file", "Responder", digest)


async def test_what_is_no_picture_is_to_be_saved(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        kept = (await client.post(path(incident), content=RECORDING, headers={"Content-Type": "audio/ogg"})).json()
        found = await client.get(f"{path(incident)}/{kept['id']}")
    assert found.headers["content-disposition"].startswith('attachment; filename="file.ogg"')


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"<html>", "text/html", 415),
        (b"<svg/>", "image/svg+xml", 415),
        (PICTURE, "", 415),
        (b"<html>", "image/jpeg", 422),
        (PICTURE, "image/png", 422),
        (b"", "image/jpeg", 422),
        (b"\xff\xd8\xff" + bytes(MAXIMUM_SIZE - 2), "image/jpeg", 413),
    ],
)
async def test_what_is_refused(api: Api, content: bytes, kind: str, status: int) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        answer = await client.post(path(incident), content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert (await client.get(f"/api/v1/incidents/{incident}")).json()["attachments"] == []


async def test_only_a_file_may_be_as_large_as_a_file(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    large = b"\xff\xd8\xff" + bytes(MAXIMUM_SIZE - 3)
    assert len(large) > MAXIMUM_BODY

    async def chunks() -> AsyncIterator[bytes]:
        for first in range(0, len(large) + 1, 65_536):
            yield large[first : first + 65_536]
        yield b"x"

    async with api.client("responder") as client:
        assert (await client.post(path(incident), content=large, headers=JPEG)).status_code == 201
        assert (await client.post(path(incident), content=chunks(), headers=JPEG)).status_code == 413
        notes = f"/api/v1/incidents/{incident}/notes"
        assert (await client.post(notes, content=large, headers=JPEG)).status_code == 413


async def test_there_is_an_end_to_how_many_and_two_at_once_do_not_get_past_it(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        for _ in range(MAXIMUM_COUNT - 1):
            assert (await client.post(path(incident), content=PICTURE, headers=JPEG)).status_code == 201
        last = await asyncio.gather(*(client.post(path(incident), content=PICTURE, headers=JPEG) for _ in range(3)))
    assert sorted(answer.status_code for answer in last) == [201, 409, 409]
    refused = next(answer.json() for answer in last if answer.status_code == 409)
    assert (refused["type"], refused["maximum"]) == ("urn:kanhu:problem:too-many-files", MAXIMUM_COUNT)


async def test_sent_again_with_its_key_it_is_kept_once_and_another_file_is_another_request(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    headers = {**JPEG, "Idempotency-Key": "k"}
    async with api.client("responder") as client:
        first = await client.post(path(incident), params={"name": "a.jpg"}, content=PICTURE, headers=headers)
        again = await client.post(path(incident), params={"name": "a.jpg"}, content=PICTURE, headers=headers)
        other = await client.post(path(incident), params={"name": "b.jpg"}, content=PICTURE, headers=headers)
        files = (await client.get(f"/api/v1/incidents/{incident}")).json()["attachments"]
    assert (again.status_code, again.json()) == (201, first.json())
    assert other.status_code == 422
    assert len(files) == 1


async def test_a_file_is_had_by_its_own_incident_only_and_by_what_that_goes_on_in(api: Api) -> None:
    care = await api.raise_incident(api.world.west, Kind.VITALS, queue=Queue.CARE, severity=Severity.MEDIUM)
    emergency = await api.raise_incident(api.world.west)
    theirs = await api.raise_incident(api.world.east)
    async with api.client("responder") as client, api.client("far") as far:
        kept = (await client.post(path(care), content=PICTURE, headers=JPEG)).json()["id"]
        for incident in (emergency, theirs):
            assert (await client.get(f"{path(incident)}/{kept}")).status_code == 404
        assert (await far.get(f"{path(theirs)}/{kept}")).status_code == 404
        await client.post(f"/api/v1/incidents/{care}/merge", json={"into": emergency})
        assert (await client.get(f"{path(emergency)}/{kept}")).content == PICTURE
        [shown] = (await client.get(f"/api/v1/incidents/{emergency}")).json()["attachments"]
    assert (shown["id"], shown["incident_id"]) == (kept, care)


async def test_evidence_is_never_changed(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client("responder") as client:
        await client.post(path(incident), content=PICTURE, headers=JPEG)
    with pytest.raises(Exception, match="never changed"):
        async with api.services.transaction() as connection:
            await connection.execute("UPDATE attachment SET name = 'x.jpg'")


async def test_slow_uploads_keep_nobody_from_claiming(api: Api) -> None:
    """The pool has two connections; six telephones on a bad line send their pictures."""
    incident = await api.raise_incident(api.world.west)
    async with listening(api) as url, AsyncExitStack() as stack:
        parts = urlsplit(url)
        for _ in range(6):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            stack.callback(writer.close)
            writer.write(
                f"POST {path(incident)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token('responder')}\r\n"
                f"Content-Type: image/jpeg\r\nContent-Length: {len(PICTURE)}\r\n\r\n".encode()
                + PICTURE[:100]
            )
            await writer.drain()
        await asyncio.sleep(0.3)
        headers = {"Authorization": f"Bearer {api.token('crew0')}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=8) as client:
            assert (await client.post(f"/api/v1/incidents/{incident}/claim")).status_code == 200
            # The last of them comes to its end after all.
            writer.write(PICTURE[100:])
            await writer.drain()
            assert (await asyncio.wait_for(reader.readline(), 8)).startswith(b"HTTP/1.1 201")


async def test_who_is_not_signed_in_has_nothing_read(api: Api) -> None:
    incident = await api.raise_incident(api.world.west)
    async with api.client() as client:
        answer = await client.post(path(incident), content=PICTURE, headers=JPEG)
    assert answer.status_code == 401
