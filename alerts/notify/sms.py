"""SMS and voice through a gateway of the kind that providers offer: one JSON POST a message, receipts by callback.

The wire format is docs/sms-gateway.md; a bridge from it to any provider is a page of code. All other services are
`alerts.notify.apprise`'s: this channel is for the provider whose receipts say whether a message has arrived.
"""

import re
from dataclasses import dataclass, field

import httpx
import msgspec

from alerts.notify.base import Message, Permanent, Temporary, retry_after

UNKNOWN_NUMBER = "unknown_number"
"""The error code, of answers and of receipts, that says: no message to this number will ever arrive."""

# An emergency has another channel to go to; a family's reminder has not.
_URGENT_TIMEOUT_S = 5.0
_TIMEOUT_S = 10.0

_RETRY = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS})
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_MAX_ID = 200


@dataclass(frozen=True, slots=True)
class Gateway:
    """A provider's gateway. url: messages are posted there. key: bearer token. callback_url: None for no receipts."""

    url: str
    key: str = field(repr=False)
    callback_url: str | None


class SmsChannel:
    """`alerts.notify.base.Channel`; the address is a telephone number. gateway None: none is set up."""

    def __init__(self, client: httpx.AsyncClient, gateway: Gateway | None) -> None:
        self._client = client
        self._gateway = gateway

    async def send(self, message: Message) -> str | None:
        """POST the text. 2xx: taken; returns the provider's id. Raises Temporary, Permanent."""
        if self._gateway is None:
            # Not the number's fault: a gateway may be set up.
            raise Permanent("no SMS gateway is set up (KANHU_SMS_URL)")
        try:
            answer = await self._client.post(
                self._gateway.url,
                json={
                    "message_id": message.id,
                    "to": message.address,
                    "text": message.text,
                    "urgent": message.urgent,
                    "callback_url": self._gateway.callback_url,
                },
                headers={"authorization": f"Bearer {self._gateway.key}", "user-agent": "kanhu"},
                timeout=_URGENT_TIMEOUT_S if message.urgent else _TIMEOUT_S,
            )
        except httpx.HTTPError as error:
            raise Temporary(f"no answer: {type(error).__name__}") from error
        if answer.is_success:
            return _text(answer, "id")
        code = _text(answer, "error")
        known = code if code is not None and _CODE.fullmatch(code) else None
        reason = f"answered {answer.status_code}" + (f": {known}" if known else "")
        if answer.is_server_error or answer.status_code in _RETRY:
            raise Temporary(reason, retry_after(answer.headers.get("retry-after", "")))
        raise Permanent(reason, gone=answer.is_client_error and known == UNKNOWN_NUMBER)


def _text(answer: httpx.Response, name: str) -> str | None:
    """A text of the answer's JSON object, or None: what a gateway says besides its status is not relied on."""
    try:
        said = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        return None
    value = said.get(name) if isinstance(said, dict) else None
    return value[:_MAX_ID] if isinstance(value, str) and value and "\0" not in value else None
