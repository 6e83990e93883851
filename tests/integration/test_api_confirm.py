"""The page behind a contact's link: a preview confirms nothing, a press does, and the link leads nowhere else."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx
import pytest

from alerts import links, service
from alerts.lifecycle import CallOutcome, ClosureCode
from core.clock import HOUR, MINUTE
from core.findings import Kind, Queue, Severity
from storage import contacts, deliveries
from storage.scope import Scope
from storage.worklist import Change
from tests.support.api_world import NOW, SECRET, Api, running

DAY = timedelta(hours=24)
BUTTONS = ("on_my_way", "reached", "false_alarm")


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, centre_phone="0571-12345") as running_api:
        yield running_api


async def _deliver(api: Api, kind: Kind = Kind.FALL) -> tuple[int, int]:
    """A message to the contact. Returns the ids of incident and delivery."""
    incident = await api.raise_incident(api.world.west, kind)
    return incident, await _tell(api, incident, api.world.west.contact)


async def _tell(api: Api, incident: int, contact: int) -> int:
    async with api.services.transaction() as connection:
        (channel,) = await contacts.channels(connection, contact_ids=[contact])
        delivery = await deliveries.insert(
            connection,
            incident_id=incident,
            contact_id=contact,
            user_id=None,
            channel_id=channel.id,
            step=99,
            round=0,
            now=NOW,
        )
    assert delivery is not None
    return delivery.id


async def _brother(api: Api) -> int:
    """Another contact of the western person, who reads 中文."""
    async with api.services.transaction() as connection:
        contact = await contacts.add_contact(
            connection, api.world.west.resident, contacts.ContactDetails("王军", "儿子", language="zh-CN", call_order=2)
        )
        await contacts.add_channel(
            connection, contact_id=contact, kind="log", address="sms:wangjun", secret=None, call_order=1
        )
    return contact


def _path(delivery: int) -> str:
    return f"/confirm/{links.sign(delivery, NOW + DAY, SECRET)}"


async def _state(api: Api, delivery: int) -> tuple[str, datetime | None]:
    async with api.services.transaction() as connection:
        found = await deliveries.get(connection, delivery)
    assert found is not None
    return found.state, found.confirmed_at


async def _confirms(api: Api, incident: int) -> list[tuple[str, dict[str, object]]]:
    async with api.client("responder") as client:
        trail = (await client.get(f"/api/v1/incidents/{incident}")).json()["events"]
    return [(event["actor_name"], event["detail"]) for event in trail if event["event"] == "confirm"]


async def _press(client: httpx.AsyncClient, path: str, answer: str) -> str:
    """Press a button, and the page that one is led to."""
    pressed = await client.post(path, data={"answer": answer})
    assert pressed.status_code == 303
    assert f"/confirm/{pressed.headers['location']}" == path
    page = await client.get(path)
    assert page.status_code == 200
    return page.text


def _text(page: str) -> str:
    """What one reads on the page."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


async def test_the_page_says_what_where_since_when_and_who_has_it_in_hand(api: Api) -> None:
    _, delivery = await _deliver(api)
    api.clock.advance(15 * MINUTE)
    async with api.client() as family:
        page = await family.get(_path(delivery))
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in page.text
    text = _text(page.text)
    assert "Fall: 王秀英" in text
    assert "Today 12:00, 15 minutes ago" in text
    assert "曙光路12号" in text
    assert 'href="geo:30.260000,120.138000?q=30.260000,120.138000"' in page.text
    assert "The emergency centre has been told. Nobody has taken it yet" in text
    assert 'href="tel:0571-12345"' in page.text
    assert [f'value="{answer}"' in page.text for answer in BUTTONS] == [True] * 3
    # Nothing beyond it: no number of anybody else, no way into the home, nothing else about the person.
    for other in ("钥匙在邻居家", "+8610000000100", "h-west", "wangjing", "/incidents", "/residents"):
        assert other not in page.text


async def test_opening_the_link_shows_and_does_not_confirm_and_pressing_does(api: Api) -> None:
    incident, delivery = await _deliver(api)
    path = _path(delivery)
    async with api.client() as family:
        for _ in range(3):
            assert (await family.get(path)).status_code == 200
        assert (await family.head(path)).status_code == 405
        assert await _state(api, delivery) == ("queued", None)

        api.clock.advance(HOUR)
        text = _text(await _press(family, path, "on_my_way"))
        assert "✓ 13:00: you said “I'm on my way”. The centre sees it." in text.replace("&#39;", "'")
        confirmed = ("confirmed", NOW + timedelta(hours=1))
        assert await _state(api, delivery) == confirmed

        # The same again, by a thumb that was quicker than the network: once.
        await _press(family, path, "on_my_way")
        api.clock.advance(HOUR)
        page = await _press(family, path, "reached")
        assert "14:00" in _text(page)
        assert await _state(api, delivery) == confirmed
        assert [f'value="{answer}"' in page for answer in BUTTONS] == [True] * 3
    # Signed in only now: two hours have passed.
    assert await _confirms(api, incident) == [
        ("王静", {"delivery": delivery, "answer": "on_my_way"}),
        ("王静", {"delivery": delivery, "answer": "reached"}),
    ]


async def test_a_false_alarm_is_said_and_ends_nothing_by_itself(api: Api) -> None:
    incident, delivery = await _deliver(api)
    async with api.client() as family:
        await _press(family, _path(delivery), "false_alarm")
    async with api.client("responder") as client:
        shown = (await client.get(f"/api/v1/incidents/{incident}")).json()
    assert shown["state"] == "open"
    assert shown["events"][-1]["detail"]["answer"] == "false_alarm"
    assert shown["deliveries"][-1]["confirmed_at"] is not None


async def test_responders_see_it_live(api: Api) -> None:
    _, delivery = await _deliver(api)
    async with asyncio.timeout(10), api.client() as family:
        with api.services.live.subscribe(Scope.area("/city/west/")) as stream:
            await family.post(_path(delivery), data={"answer": "reached"})
            change = await stream.waiting.get()
            # What was raised before may still be on its way.
            while not isinstance(change, Change) or change.event != "confirm":
                change = await stream.waiting.get()
    assert change.actor == f"contact:{api.world.west.contact}"


async def test_the_page_of_an_earlier_version_had_one_button_and_it_still_counts(api: Api) -> None:
    incident, delivery = await _deliver(api)
    async with api.client() as family:
        assert (await family.post(_path(delivery))).status_code == 303
    assert await _confirms(api, incident) == [("王静", {"delivery": delivery, "answer": "on_my_way"})]


@pytest.mark.parametrize("answer", ["", "closed", "ON_MY_WAY", "<b>", "reached\0"])
async def test_an_answer_that_there_is_not_changes_nothing_and_shows_the_buttons_again(api: Api, answer: str) -> None:
    incident, delivery = await _deliver(api)
    async with api.client() as family:
        page = await family.post(_path(delivery), data={"answer": answer})
    if answer:
        assert page.status_code == 422
        assert "Please press one of the buttons" in _text(page.text)
        assert 'value="reached"' in page.text
        assert await _confirms(api, incident) == []
        assert await _state(api, delivery) == ("queued", None)
    else:
        # An empty field is as none.
        assert page.status_code == 303


async def test_it_says_who_has_it_in_hand_at_each_step_and_how_it_ended(api: Api) -> None:
    incident, delivery = await _deliver(api)
    path = _path(delivery)
    user = api.world.users["responder"]
    said = []
    async with api.client() as family:

        async def look() -> str:
            page = await family.get(path)
            return page.text

        async with api.services.transaction() as connection:
            await service.claim(connection, incident, user, api.services.now())
        said.append(_text(await look()))
        api.clock.advance(MINUTE)
        async with api.services.transaction() as connection:
            await service.contact(connection, incident, user, api.services.now(), CallOutcome.ANSWERED)
        said.append(_text(await look()))
        api.clock.advance(MINUTE)
        async with api.services.transaction() as connection:
            await service.dispatch(connection, incident, user, api.services.now(), "120")
        said.append(_text(await look()))
        api.clock.advance(MINUTE)
        async with api.services.transaction() as connection:
            await service.arrive(connection, incident, user, api.services.now())
        said.append(_text(await look()))
        await _press(family, path, "on_my_way")
        async with api.services.transaction() as connection:
            await service.close(connection, incident, user, api.services.now(), ClosureCode.AMBULANCE)
        over = await look()
        # A press on a page that was still open is kept, and is told that it is over.
        late = _text(await _press(family, path, "reached"))
    assert "Responder at the centre has it in hand, since 12:00." in said[0]
    assert "Responder at the centre has it in hand and has made calls, 12:01." in said[1]
    assert "Help has been sent, 12:02. Responder at the centre has it in hand." in said[2]
    assert "Help is there, since 12:03." in said[3]
    assert "It is over, 12:03: an ambulance came." in _text(over)
    assert "<form" not in over
    assert 'class="head over"' in over
    assert "you said “I&#39;ve reached them”" in late
    assert [detail["answer"] for _, detail in await _confirms(api, incident)] == ["on_my_way", "reached"]


async def test_each_sees_what_the_others_of_the_family_said(api: Api) -> None:
    incident, delivery = await _deliver(api)
    brothers = await _tell(api, incident, await _brother(api))
    async with api.client() as family:
        await _press(family, _path(delivery), "on_my_way")
        api.clock.advance(MINUTE)
        page = await _press(family, _path(brothers), "reached")
        sisters = _text((await family.get(_path(delivery))).text)
    assert '<html lang="zh-CN">' in page
    text = _text(page)
    assert "跌倒：王秀英" in text
    assert "王静（女儿）正赶过去（12:00）" in text
    assert "✓ 您已于 12:01 确认：我已见到老人。中心已看到。" in text
    assert "王军 (儿子) has reached them, 12:01" in sisters
    assert "王静" not in sisters


async def test_more_than_one_thing_that_happened_is_said(api: Api) -> None:
    _, delivery = await _deliver(api)
    await api.raise_incident(api.world.west, Kind.SOS, severity=Severity.MEDIUM)
    async with api.client() as family:
        assert "Also: Call for help (SOS)" in _text((await family.get(_path(delivery))).text)


async def test_where_somebody_is_who_is_not_at_home(api: Api) -> None:
    _, delivery = await _deliver(api, Kind.WANDERING)

    async def seen_at(latitude: float, accuracy: float) -> None:
        async with api.services.transaction() as connection:
            await connection.execute("DELETE FROM position")
            await connection.execute(
                "INSERT INTO position (device, time, latitude, longitude, accuracy, source, arrival)"
                " VALUES (%s, %s, %s, 120.138, %s, 0, %s)",
                (api.world.west.device, NOW, latitude, accuracy, NOW),
            )

    async with api.client() as family:

        async def look() -> str:
            return (await family.get(_path(delivery))).text

        await seen_at(30.28, 30)
        away = await look()
        assert "Last seen at 12:00, about 2.2 km from home (within 30 m)." in _text(away)
        assert "geo:30.280000,120.138000" in away
        # At home, as far as the accuracy tells: the address says it.
        await seen_at(30.263, 200)
        home = await look()
        assert "Last seen" not in home
        assert "geo:30.260000,120.138000" in home
        # Two hours later it says nothing of where they are now.
        await seen_at(30.28, 30)
        api.clock.advance(2 * HOUR)
        assert "Last seen" not in await look()


async def test_where_somebody_is_is_not_shown_when_it_is_over_nor_for_equipment(api: Api) -> None:
    incident, delivery = await _deliver(api, Kind.WANDERING)
    battery = await api.raise_incident(api.world.west, Kind.BATTERY_LOW, queue=Queue.MAINTENANCE, severity=Severity.LOW)
    about_battery = await _tell(api, battery, api.world.west.contact)
    user = api.world.users["responder"]
    async with api.services.transaction() as connection:
        await connection.execute(
            "INSERT INTO position (device, time, latitude, longitude, accuracy, source, arrival)"
            " VALUES (%s, %s, 30.28, 120.138, 30, 0, %s)",
            (api.world.west.device, NOW, NOW),
        )
        await service.claim(connection, incident, user, NOW)
        await service.close(connection, incident, user, NOW, ClosureCode.REASSURED)
    async with api.client() as family:
        for one in (delivery, about_battery):
            page = await family.get(_path(one))
            assert page.status_code == 200
            assert "30.28" not in page.text
        assert "The centre has been told and will look into it." in page.text


async def test_another_day_and_a_late_call_are_said(api: Api) -> None:
    incident = await api.raise_incident(api.world.west, Kind.SOS, at=NOW)
    async with api.services.transaction() as connection:
        await connection.execute(
            "UPDATE incident SET event_time = %s, raised_at = %s WHERE id = %s",
            (NOW - timedelta(hours=3), NOW, incident),
        )
    delivery = await _tell(api, incident, api.world.west.contact)
    async with api.client() as family:
        text = _text((await family.get(_path(delivery))).text)
        assert "Today 09:00, 3 hours ago" in text
        assert "We heard of it at 12:00." in text
        api.clock.advance(20 * HOUR)
        assert "2026-10-01 09:00" in _text((await family.get(_path(delivery))).text)


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
                assert 'href="tel:0571-12345"' in answer.text
        chinese = await client.get("/confirm/x")
    assert '<html lang="zh-CN">' in chinese.text
    assert await _state(api, delivery) == ("queued", None)


async def test_a_contact_that_has_ended_sees_nothing_more(api: Api) -> None:
    _, delivery = await _deliver(api)
    path = _path(delivery)
    async with api.client() as family, api.client("supervisor") as chief:
        assert (await chief.delete(f"/api/v1/contacts/{api.world.west.contact}")).status_code == 204
        for answer in (await family.get(path), await family.post(path)):
            assert (answer.status_code, "王秀英" in answer.text) == (410, False)
    assert await _state(api, delivery) == ("queued", None)


async def test_a_name_can_not_bring_script_into_the_page(api: Api) -> None:
    _, delivery = await _deliver(api)
    async with api.services.transaction() as connection:
        for table in ("resident SET name", "household SET address", "contact SET name", "app_user SET display_name"):
            await connection.execute(f"UPDATE {table} = '<script>alert(1)</script>\"'".encode())
        await service.claim(connection, 1, api.world.users["responder"], NOW)
        await service.confirm_delivery(connection, delivery, NOW)
    other = await _tell(api, 1, await _brother(api))
    async with api.client() as family:
        page = await family.get(_path(other))
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;alert(1)&lt;/script&gt;&#34;") >= 4
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    # What is in the page is what the policy allows, byte for byte; a browser's test is tests/browser's.
    assert page.text.count("<script>") == page.text.count("<style>") == 1


async def test_a_care_plan_that_cannot_be_read_does_not_close_the_page(api: Api) -> None:
    _, delivery = await _deliver(api)
    async with api.services.transaction() as connection:
        await connection.execute('UPDATE resident SET care_plan = \'{"timezone": "Mars/Olympus"}\'')
    async with api.client() as family:
        assert (await family.get(_path(delivery))).status_code == 200


async def test_the_link_is_not_in_the_log_nor_in_the_metrics(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    _, delivery = await _deliver(api)
    token = links.sign(delivery, NOW + DAY, SECRET)
    async with api.client() as family:
        await family.get(f"/confirm/{token}")
        figures = (await family.get("/metrics")).text
    written = capsys.readouterr()
    assert token not in written.out + written.err + figures
    assert 'route="/confirm/{token}"' in figures
