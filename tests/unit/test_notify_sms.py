"""The SMS channel against a provider on loopback: what is taken, what may work later, what never will."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from alerts.notify.base import Message, Permanent, Temporary
from alerts.notify.registry import channels, with_receipts
from alerts.notify.sms import Gateway, SmsChannel
from servers.process import LOOPBACK, free_port
from tests.support.alarm_world import NOON
from tests.support.sms_provider import KEY, Answer, SmsProvider

NUMBER = "+8613800138000"
CALLBACK = "https://kanhu.example/api/v1/receipts/sms"
MESSAGE = Message(
    id="delivery-7", address=NUMBER, title="not sent", text="跌倒：王秀兰，12:00。", urgent=True, at=NOON, body={"x": 1}
)


@pytest.fixture
def provider() -> Iterator[SmsProvider]:
    with SmsProvider() as provider:
        yield provider


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def channel(client: httpx.AsyncClient, provider: SmsProvider, key: str = KEY) -> SmsChannel:
    return SmsChannel(client, Gateway(provider.url, key, CALLBACK))


async def test_a_message_goes_out_as_it_is_documented_and_the_providers_id_is_kept(
    provider: SmsProvider, client: httpx.AsyncClient
) -> None:
    assert await channel(client, provider).send(MESSAGE) == "sms-1"
    [got] = provider.got
    assert got.body == {
        "message_id": "delivery-7",
        "to": NUMBER,
        "text": "跌倒：王秀兰，12:00。",
        "urgent": True,
        "callback_url": CALLBACK,
    }


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_what_may_work_later_is_temporary(provider: SmsProvider, client: httpx.AsyncClient, status: int) -> None:
    provider.answers[NUMBER] = [Answer(status, retry_after=7)]
    with pytest.raises(Temporary, match=str(status)) as raised:
        await channel(client, provider).send(MESSAGE)
    assert raised.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "error", "gone"),
    [
        (404, "unknown_number", True),
        (400, "unknown_number", True),
        (400, "too_long", False),
        (403, None, False),
        (302, "unknown_number", False),
    ],
)
async def test_what_will_never_work_is_permanent_and_only_an_unknown_number_is_gone(
    provider: SmsProvider, client: httpx.AsyncClient, status: int, error: str | None, gone: bool
) -> None:
    provider.answers[NUMBER] = [Answer(status, error)]
    with pytest.raises(Permanent) as raised:
        await channel(client, provider).send(MESSAGE)
    assert raised.value.gone is gone
    assert raised.value.reason == f"answered {status}" + (f": {error}" if error else "")


async def test_a_wrong_key_is_our_fault_and_not_the_numbers(provider: SmsProvider, client: httpx.AsyncClient) -> None:
    with pytest.raises(Permanent, match="401: bad_key") as raised:
        await channel(client, provider, "another").send(MESSAGE)
    assert not raised.value.gone
    assert provider.got == []


async def test_a_provider_that_is_away_or_too_slow_is_temporary(
    provider: SmsProvider, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = SmsChannel(client, Gateway(f"http://{LOOPBACK}:{free_port()}/", KEY, None))
    with pytest.raises(Temporary, match="ConnectError"):
        await away.send(MESSAGE)
    monkeypatch.setattr("alerts.notify.sms._URGENT_TIMEOUT_S", 0.2)
    provider.answers[NUMBER] = [Answer(delay=0.6), Answer(delay=0.6)]
    with pytest.raises(Temporary, match="ReadTimeout"):
        await channel(client, provider).send(MESSAGE)
    # What is not urgent has more time.
    assert await channel(client, provider).send(replace(MESSAGE, urgent=False)) is not None


@pytest.mark.parametrize("body", [b"", b"OK", b"[]", b'{"id": 7}', b'{"id": ""}', b'{"id": "a\\u0000b"}', b"\xff"])
async def test_a_message_that_was_taken_is_taken_whatever_the_answer_says(body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    async with httpx.AsyncClient(transport=transport) as client:
        assert await SmsChannel(client, Gateway("http://sms.example/", KEY, None)).send(MESSAGE) is None


async def test_without_a_gateway_the_next_channel_is_tried_and_the_number_stays(client: httpx.AsyncClient) -> None:
    with pytest.raises(Permanent, match="KANHU_SMS_URL") as raised:
        await channels(client, None, None)["sms"].send(MESSAGE)
    assert not raised.value.gone


def test_receipts_are_waited_for_only_where_they_were_asked_for() -> None:
    assert with_receipts(None) == frozenset()
    assert with_receipts(Gateway("http://x/", KEY, None)) == frozenset()
    assert with_receipts(Gateway("http://x/", KEY, CALLBACK)) == {"sms"}


def test_the_key_is_not_in_what_a_gateway_prints() -> None:
    assert KEY not in repr(Gateway("http://x/", KEY, None))
