"""Against an HTTP server in memory; the signature against the example of the Standard Webhooks specification."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from alerts.notify.base import Message, Permanent, Temporary
from alerts.notify.webhook import WebhookChannel

# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md and its libraries' tests
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = Message(
    id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    address="https://integrator.example/hook",
    title="",
    text="",
    urgent=False,
    at=datetime.fromtimestamp(1614265330, UTC),
    secret=SECRET,
    body={"test": 2432232314},
)
# `printf '%s' "{id}.{timestamp}.{body}" | openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64`; for the
# body of the specification's example (a space after the colon) that gives the signature printed there.
SIGNATURE = "v1,Vif40peJBP7Iyl0XGmu61n4MwdrcHov5CFREBpE0svs="


async def send(answer: Callable[[httpx.Request], httpx.Response], message: Message = MESSAGE) -> httpx.Request:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle), follow_redirects=False) as client:
        await WebhookChannel(client).send(message)
    return seen[0]


def status(code: int, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(code, headers=headers, request=request)


async def test_what_is_posted_is_signed() -> None:
    request = await send(status(204))
    assert request.method == "POST"
    assert request.content == b'{"test":2432232314}'
    assert request.headers["webhook-id"] == MESSAGE.id
    assert request.headers["webhook-timestamp"] == "1614265330"
    assert request.headers["webhook-signature"] == SIGNATURE


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_work_later_is_temporary(code: int) -> None:
    with pytest.raises(Temporary, match=str(code)):
        await send(status(code))


@pytest.mark.parametrize(("code", "gone"), [(301, False), (400, False), (401, False), (404, False), (410, True)])
async def test_what_will_never_work_is_permanent(code: int, gone: bool) -> None:
    with pytest.raises(Permanent, match=str(code)) as raised:
        await send(status(code, location="https://elsewhere.example/"))
    assert raised.value.gone is gone


async def test_a_wish_to_be_left_alone_is_passed_on() -> None:
    with pytest.raises(Temporary) as raised:
        await send(status(429, **{"retry-after": "17"}))
    assert raised.value.retry_after == timedelta(seconds=17)
    with pytest.raises(Temporary) as raised:
        await send(status(503, **{"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}))
    assert raised.value.retry_after is None


async def test_no_answer_is_temporary() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silent", request=request)

    with pytest.raises(Temporary, match="ReadTimeout"):
        await send(silent)


@pytest.mark.parametrize("changed", [{"secret": "whsec_%%%"}, {"secret": ""}, {"secret": None}])
async def test_a_secret_that_is_none_is_permanent(changed: dict[str, str | None]) -> None:
    with pytest.raises(Permanent) as raised:
        await send(status(200), replace(MESSAGE, secret=changed["secret"]))
    assert raised.value.gone


@pytest.mark.parametrize("address", ["ftp://integrator.example/", "http://[::1", "integrator.example"])
async def test_an_address_that_is_no_url_is_permanent(address: str) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(Permanent) as raised:
            await WebhookChannel(client).send(replace(MESSAGE, address=address))
    assert raised.value.gone
