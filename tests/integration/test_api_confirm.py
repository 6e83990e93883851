"""The page behind a contact's link: a preview confirms nothing, a press does, and the link leads nowhere else."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from alerts import links
from core.clock import HOUR
from core.findings import Kind
from storage import contacts, deliveries
from tests.support.api_world import NOW, SECRET, Api, running

DAY = timedelta(hours=24)


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database) as running_api:
        yield running_api


async def _deliver(api: Api) -> tuple[int, int]:
    """A message to the contact about a fall. Returns the ids of incident and delivery."""
    incident = await api.raise_incident(api.world.west, Kind.FALL)
    async with api.services.transaction() as connection:
        (channel,) = await contacts.channels(connection, contact_ids=[api.world.west.contact])
        delivery = await deliveries.insert(
            connection,
            incident_id=incident,
            contact_id=api.world.west.contact,
            user_id=None,
            channel_id=channel.id,
            step=99,
            round=0,
            now=NOW,
        )
    assert delivery is not None
    return incident, delivery.id


async def _state(api: Api, delivery: int) -> tuple[str, datetime | None]:
    async with api.services.transaction() as connection:
        found = await deliveries.get(connection, delivery)
    assert found is not None
    return found.state, found.confirmed_at


async def test_opening_the_link_shows_and_does_not_confirm_and_pressing_does(api: Api) -> None:
    incident, delivery = await _deliver(api)
    path = f"/confirm/{links.sign(delivery, NOW + DAY, SECRET)}"
    async with api.client() as family:
        for _ in range(3):
            page = await family.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert '<html lang="en">' in page.text
        assert "Fall: 王秀英" in page.text
        assert "2026-10-01 12:00" in page.text
        assert '<form method="post"><button type="submit">I am on it</button></form>' in page.text
        assert await _state(api, delivery) == ("queued", None)
        assert (await family.head(path)).status_code == 405

        api.clock.advance(HOUR)
        thanks = await family.post(path)
        assert (thanks.status_code, "Thank you" in thanks.text) == (200, True)
        confirmed = ("confirmed", NOW + timedelta(hours=1))
        assert await _state(api, delivery) == confirmed

        api.clock.advance(HOUR)
        assert (await family.post(path)).status_code == 200
        assert await _state(api, delivery) == confirmed
        later = await family.get(path)
        assert "You confirmed this at 2026-10-01 13:00." in later.text
        assert "<form" not in later.text

    # Signed in only now: two hours have passed.
    async with api.client("responder") as client:
        trail = (await client.get(f"/api/v1/incidents/{incident}")).json()["events"]
    confirms = [(event["actor_name"], event["detail"]) for event in trail if event["event"] == "confirm"]
    assert confirms == [("王静", {"delivery": delivery})]


async def test_a_link_that_is_no_good_says_so_and_confirms_nothing(api: Api) -> None:
    _, delivery = await _deliver(api)
    good = links.sign(delivery, NOW + DAY, SECRET)
    expired = links.sign(delivery, NOW, SECRET)
    forged = links.sign(delivery, NOW + DAY, SECRET[::-1])
    nowhere = links.sign(delivery + 1000, NOW + DAY, SECRET)
    cases = [
        (expired, 410, "This link has expired"),
        (forged, 404, "This link is not valid"),
        (good[:-2], 404, "This link is not valid"),
        (nowhere, 404, "This link is not valid"),
        ("x", 404, "This link is not valid"),
    ]
    async with api.client() as client:
        for token, status, words in cases:
            for method in ("GET", "POST"):
                answer = await client.request(method, f"/confirm/{token}", headers={"Accept-Language": "en"})
                assert (answer.status_code, words in answer.text) == (status, True), (method, words)
                assert "王秀英" not in answer.text
        chinese = await client.get("/confirm/x")
    assert '<html lang="zh-CN">' in chinese.text
    assert await _state(api, delivery) == ("queued", None)


async def test_a_contact_that_has_ended_sees_nothing_more(api: Api) -> None:
    _, delivery = await _deliver(api)
    path = f"/confirm/{links.sign(delivery, NOW + DAY, SECRET)}"
    async with api.client() as family, api.client("supervisor") as chief:
        assert (await chief.delete(f"/api/v1/contacts/{api.world.west.contact}")).status_code == 204
        for answer in (await family.get(path), await family.post(path)):
            assert (answer.status_code, "王秀英" in answer.text) == (410, False)
    assert await _state(api, delivery) == ("queued", None)


async def test_a_name_can_not_bring_script_into_the_page(api: Api) -> None:
    _, delivery = await _deliver(api)
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE resident SET name = '<script>alert(1)</script>'")
    async with api.client() as family:
        page = await family.get(f"/confirm/{links.sign(delivery, NOW + DAY, SECRET)}")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe-inline" not in policy


async def test_the_link_is_not_in_the_log_nor_in_the_metrics(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    _, delivery = await _deliver(api)
    token = links.sign(delivery, NOW + DAY, SECRET)
    async with api.client() as family:
        await family.get(f"/confirm/{token}")
        figures = (await family.get("/metrics")).text
    written = capsys.readouterr()
    assert token not in written.out + written.err + figures
    assert 'route="/confirm/{token}"' in figures
