"""Receipts of the SMS provider: what each changes, and what one that is late, repeated, forged or unknown does."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from alerts import service
from alerts.lifecycle import ClosureCode
from core.clock import MINUTE, SECOND
from storage import contacts, deliveries, incidents, outbox
from storage.deliveries import Delivery
from tests.support.api_world import NOW, Api, running
from tests.support.sms_provider import OTHER_SECRET, SECRET, signed

PATH = "/api/v1/receipts/yunpian"


@pytest.fixture
async def api(embedded_database: str) -> AsyncIterator[Api]:
    async with running(embedded_database, sms_provider="yunpian", sms_receipt_secret=SECRET) as running_api:
        yield running_api


async def sms(api: Api, *, next_kind: str | None = "log") -> Delivery:
    """An SMS about an SOS that the provider has taken; the contact may have another channel after it."""
    incident = await api.raise_incident(api.world.west)
    contact = api.world.west.contact
    async with api.services.transaction() as connection:
        await connection.execute("DELETE FROM channel WHERE contact_id = %s", (contact,))
        channel = await contacts.add_channel(
            connection, contact_id=contact, kind="sms", address="+8613800138000", secret=None, call_order=1
        )
        if next_kind:
            await contacts.add_channel(
                connection, contact_id=contact, kind=next_kind, address="next", secret=None, call_order=2
            )
        delivery = await deliveries.insert(
            connection,
            incident_id=incident,
            contact_id=contact,
            user_id=None,
            channel_id=channel,
            step=0,
            round=0,
            now=NOW,
        )
        assert delivery is not None
        await deliveries.record_sent(connection, delivery.id, 1, NOW, "sms-1")
    return delivery


async def now_is(api: Api, delivery: Delivery) -> Delivery:
    async with api.services.transaction() as connection:
        found = await deliveries.get(connection, delivery.id)
    assert found is not None
    return found


async def all_of(api: Api, delivery: Delivery) -> list[tuple[str, str]]:
    """The kinds of channel and states of all messages about the incident."""
    assert delivery.incident_id is not None
    async with api.client("responder") as client:
        shown = (await client.get(f"/api/v1/incidents/{delivery.incident_id}")).json()["deliveries"]
    return [(one["channel"], one["state"]) for one in shown]


def receipt(delivery: Delivery, status: str = "delivered", copy: int = 1, **more: object) -> dict[str, object]:
    message = f"delivery-{delivery.id}" + (f".{copy}" if copy > 1 else "")
    return {"message_id": message, "status": status, "at": NOW.isoformat(), **more}


async def post(api: Api, body: object, at: datetime | None = None, secret: str = SECRET, path: str = PATH) -> int:
    headers, content = signed(body, at or api.services.now(), secret)
    async with api.client() as provider:
        answer = await provider.post(path, content=content, headers=headers)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code


async def test_delivered_is_kept_and_is_not_a_confirmation(api: Api) -> None:
    delivery = await sms(api)
    api.clock.advance(3 * SECOND)
    at = NOW + timedelta(seconds=2)
    assert await post(api, receipt(delivery, at=at.isoformat())) == 204
    found = await now_is(api, delivery)
    assert (found.state, found.delivered_at, found.confirmed_at, found.provider_id) == ("delivered", at, None, "sms-1")


@pytest.mark.parametrize("minutes", [-60, 60])
async def test_a_time_that_cannot_be_is_not_believed_and_ours_is_taken(api: Api, minutes: int) -> None:
    delivery = await sms(api)
    api.clock.advance(3 * SECOND)
    assert await post(api, receipt(delivery, at=(NOW + timedelta(minutes=minutes)).isoformat())) == 204
    assert (await now_is(api, delivery)).delivered_at == NOW + timedelta(seconds=3)


async def test_twice_is_once(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery)) == 204
    once = await now_is(api, delivery)
    api.clock.advance(MINUTE)
    assert await post(api, receipt(delivery)) == 204
    assert await now_is(api, delivery) == once
    assert await all_of(api, delivery) == [("sms", "delivered")]


async def test_failed_for_good_goes_to_the_next_channel_at_once(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery, "failed", error="phone_off_for_days")) == 204
    found = await now_is(api, delivery)
    assert (found.state, found.failed_at, found.error) == ("failed", NOW, "failed: phone_off_for_days")
    assert await all_of(api, delivery) == [("sms", "failed"), ("log", "queued")]
    async with api.services.transaction() as connection:
        assert [w.priority for w in await outbox.lease(connection, NOW, NOW, limit=9, max_priority=0)] != []
        assert [c.failed_at for c in await contacts.channels(connection, contact_ids=[api.world.west.contact])] == [
            None,
            None,
        ]
    # And once only.
    assert await post(api, receipt(delivery, "failed", error="phone_off_for_days")) == 204
    assert await all_of(api, delivery) == [("sms", "failed"), ("log", "queued")]


async def test_an_unknown_number_is_not_used_again(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery, "failed", error="unknown_number")) == 204
    async with api.services.transaction() as connection:
        first, _ = await contacts.channels(connection, contact_ids=[api.world.west.contact])
    assert (first.failed_at, first.failure) == (NOW, "failed: unknown_number")


async def test_failed_without_another_channel_is_said_in_the_trail(api: Api) -> None:
    delivery = await sms(api, next_kind=None)
    assert await post(api, receipt(delivery, "failed")) == 204
    assert delivery.incident_id is not None
    async with api.services.transaction() as connection:
        events = await incidents.events_of(connection, delivery.incident_id)
    [event] = [e for e in events if e.event == "unreachable"]
    assert event.detail == {"delivery": delivery.id, "who": f"contact:{api.world.west.contact}", "error": "failed"}


async def test_expired_is_failed_for_now_and_given_out_anew_under_another_name(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery, "expired", error="phone_off")) == 204
    found = await now_is(api, delivery)
    again = NOW + timedelta(seconds=1)
    assert (found.state, found.error, found.copies) == ("queued", "expired: phone_off", 2)
    assert found.next_attempt_at == again
    async with api.client("responder") as client:
        shown = (await client.get(f"/api/v1/incidents/{delivery.incident_id}")).json()["deliveries"][0]
    assert (shown["state"], shown["error"]) == ("queued", "expired: phone_off")
    assert datetime.fromisoformat(shown["next_attempt_at"]) == again
    # What is said of the first copy no longer counts against the second, but that it arrived after all does.
    assert await post(api, receipt(delivery, "failed")) == 204
    assert await post(api, receipt(delivery, "expired")) == 204
    assert (await now_is(api, delivery)).copies == 2
    assert await post(api, receipt(delivery)) == 204
    assert (await now_is(api, delivery)).state == "delivered"


async def test_what_expires_again_and_again_has_failed_in_the_end(api: Api) -> None:
    delivery = await sms(api)
    for copy in (1, 2, 3, 4):
        assert await post(api, receipt(delivery, "expired", copy)) == 204
    found = await now_is(api, delivery)
    assert (found.state, found.copies, found.next_attempt_at) == ("failed", 4, None)
    assert await all_of(api, delivery) == [("sms", "failed"), ("log", "queued")]


async def test_failed_after_delivered_changes_nothing_and_delivered_after_failed_counts(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery)) == 204
    before = await now_is(api, delivery)
    for status in ("failed", "expired"):
        assert await post(api, receipt(delivery, status, error="unknown_number")) == 204
    assert await now_is(api, delivery) == before
    assert await all_of(api, delivery) == [("sms", "delivered")]


async def test_delivered_after_failed_counts_it_has_arrived_after_all(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery, "failed")) == 204
    assert await post(api, receipt(delivery)) == 204
    found = await now_is(api, delivery)
    assert (found.state, found.failed_at) == ("delivered", None)


async def test_after_a_confirmation_it_stays_confirmed(api: Api) -> None:
    delivery = await sms(api)
    async with api.services.transaction() as connection:
        await service.confirm_delivery(connection, delivery.id, NOW)
    for status in ("failed", "expired", "delivered", "failed"):
        assert await post(api, receipt(delivery, status)) == 204
    found = await now_is(api, delivery)
    assert (found.state, found.confirmed_at) == ("confirmed", NOW)
    assert await all_of(api, delivery) == [("sms", "confirmed")]


async def test_after_the_incident_has_ended_no_message_follows(api: Api) -> None:
    delivery = await sms(api)
    assert delivery.incident_id is not None
    async with api.services.transaction() as connection:
        user = api.world.users["responder"]
        await service.claim(connection, delivery.incident_id, user, NOW)
        await service.close(connection, delivery.incident_id, user, NOW, ClosureCode.REASSURED)
        before = len(await incidents.events_of(connection, delivery.incident_id))
    told = await all_of(api, delivery)
    for status in ("expired", "failed", "delivered"):
        assert await post(api, receipt(delivery, status)) == 204
    assert len(await all_of(api, delivery)) == len(told)
    async with api.services.transaction() as connection:
        incident = await incidents.get(connection, delivery.incident_id)
        assert len(await incidents.events_of(connection, delivery.incident_id)) == before
    assert incident is not None
    assert incident.state == "closed"


async def test_a_forged_receipt_changes_nothing(api: Api) -> None:
    delivery = await sms(api)
    before = await now_is(api, delivery)
    body = receipt(delivery, "failed", error="unknown_number")
    assert await post(api, body, secret=OTHER_SECRET) == 401
    assert await post(api, body, at=NOW - timedelta(minutes=5, seconds=1)) == 401
    assert await post(api, body, at=NOW + timedelta(minutes=5, seconds=1)) == 401
    headers, content = signed(body, NOW)
    changed = content.replace(b"failed", b"FAILED")
    tampered: list[tuple[dict[str, str], bytes]] = [
        (headers, changed),
        (headers | {"webhook-id": "msg_2"}, content),
        (headers | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, content),
        (headers | {"webhook-timestamp": "1e9"}, content),
        (headers | {"webhook-timestamp": "9" * 40}, content),
        (headers | {"webhook-signature": ""}, content),
        (headers | {"webhook-signature": "v1,"}, content),
        (headers | {"webhook-signature": "v1,%%%"}, content),
        (headers | {"webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")}, content),
        (headers, b"\xff\xfe"),
        ({}, content),
    ]
    async with api.client() as forger:
        for given, sent in tampered:
            answer = await forger.post(PATH, content=sent, headers=given)
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:kanhu:problem:not-signed"), given
        figures = (await forger.get("/metrics")).text
    assert await now_is(api, delivery) == before
    assert 'kanhu_receipts_total{outcome="forged"} 14.0' in figures


async def test_one_good_signature_of_several_is_enough(api: Api) -> None:
    delivery = await sms(api)
    headers, content = signed(receipt(delivery), NOW)
    other, _ = signed(receipt(delivery), NOW, OTHER_SECRET)
    both = {"webhook-signature": f"{other['webhook-signature']} {headers['webhook-signature']}"}
    async with api.client() as provider:
        answer = await provider.post(PATH, content=content, headers=headers | both)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_an_unknown_message_is_not_found(api: Api) -> None:
    delivery = await sms(api)
    for name in (f"delivery-{delivery.id + 1000}", "delivery-0", "delivery-7.0", "delivery-x", "event-1", "x" * 100):
        assert await post(api, {**receipt(delivery), "message_id": name}) == 404, name
    # A copy that never went out.
    assert await post(api, receipt(delivery, copy=2)) == 404
    # Another channel's message is not the provider's to speak of.
    async with api.services.transaction() as connection:
        await connection.execute("UPDATE channel SET kind = 'log' WHERE address = '+8613800138000'")
    assert await post(api, receipt(delivery)) == 404
    assert (await now_is(api, delivery)).state == "sent"


async def test_another_provider_is_not_found(api: Api) -> None:
    delivery = await sms(api)
    assert await post(api, receipt(delivery), path="/api/v1/receipts/other") == 404
    assert (await now_is(api, delivery)).state == "sent"


async def test_without_a_secret_nobody_is_believed(embedded_database: str) -> None:
    async with running(embedded_database) as api:
        assert await post(api, {"message_id": "delivery-1"}, path="/api/v1/receipts/sms") == 404


async def test_a_receipt_that_is_signed_and_wrong_names_the_field(api: Api) -> None:
    delivery = await sms(api)
    wrong: list[tuple[object, str]] = [
        ({**receipt(delivery), "status": "read"}, "status"),
        ({**receipt(delivery), "at": "2026-10-01T04:00:00"}, "at"),
        ({**receipt(delivery), "error": "x" * 41}, "error"),
        ({"status": "delivered", "at": NOW.isoformat()}, "message_id"),
        ([1], ""),
    ]
    async with api.client() as provider:
        for body, name in wrong:
            headers, content = signed(body, NOW)
            answer = await provider.post(PATH, content=content, headers=headers)
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, name)
        headers, _ = signed("x", NOW)
        answer = await provider.post(PATH, **_raw(b"not JSON"))
        assert answer.status_code == 422
    # What a provider adds does not hurt.
    assert await post(api, receipt(delivery, operator="cmcc", parts=2)) == 204


def _raw(content: bytes) -> dict[str, Any]:
    headers, _ = signed(json.loads('"x"'), NOW)
    from standardwebhooks.webhooks import Webhook

    headers["webhook-signature"] = Webhook(SECRET).sign(headers["webhook-id"], NOW, content.decode())
    return {"content": content, "headers": headers}


async def test_the_receipt_of_a_provider_can_be_sent_over_a_network_too(api: Api) -> None:
    from tests.support.api_world import listening

    delivery = await sms(api)
    headers, content = signed(receipt(delivery), NOW)
    async with listening(api) as url, httpx.AsyncClient() as client:
        assert (await client.post(f"{url}{PATH}", content=content, headers=headers)).status_code == 204
    assert (await now_is(api, delivery)).state == "delivered"


async def test_a_number_is_written_in_one_way_and_anything_else_is_named(api: Api) -> None:
    async with api.client("supervisor") as client:
        path = f"/api/v1/contacts/{api.world.west.contact}/channels"
        added = await client.post(path, json={"kind": "sms", "address": "+86 138-0013 8000"})
        assert (added.status_code, added.json()["address"]) == (201, "+8613800138000")
        for wrong in ("12", "+", "13800138000x", "１３８００１３８０００", "+" + "1" * 16, "tel:138"):
            answer = await client.post(path, json={"kind": "sms", "address": wrong})
            assert (answer.status_code, "telephone number" in answer.text) == (422, True), wrong
