"""Signed webhooks as https://www.standardwebhooks.com describes them: for integrators, and for people's own systems.

The URL is somebody's input and is called from inside our network. Redirects are not followed and nothing of the answer
is shown but its status, so that a URL can't be used to read what it points to; what the dispatcher may reach at all is
for the network's egress rules to say (docs/adr/0007).
"""

import httpx
import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from alerts.notify.base import Message, Permanent, Temporary, retry_after

# "Too soon", "too many": the same request can work later.
_RETRY = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS})


class WebhookChannel:
    """`alerts.notify.base.Channel`; the address is a URL, the secret `whsec_` and base64."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, message: Message) -> None:
        """POST `message.body` as JSON. 2xx: taken. 410: the address is gone. Raises Temporary, Permanent."""
        content = msgspec.json.encode(message.body)
        try:
            url, signs = url_of(message.address), signer(message.secret or "")
        except ValueError as error:
            raise Permanent(str(error), gone=True) from error
        headers = {
            "content-type": "application/json",
            "user-agent": "kanhu",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(message.at.timestamp())),
            "webhook-signature": signs.sign(message.id, message.at, content.decode()),
        }
        try:
            answer = await self._client.post(url, content=content, headers=headers)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise Permanent("the URL is not valid", gone=True) from error
        except httpx.HTTPError as error:
            raise Temporary(f"no answer: {type(error).__name__}") from error
        if answer.is_success:
            return
        reason = f"answered {answer.status_code}"
        if answer.status_code == httpx.codes.GONE:
            raise Permanent(reason, gone=True)
        if answer.is_server_error or answer.status_code in _RETRY:
            raise Temporary(reason, retry_after(answer.headers.get("retry-after", "")))
        raise Permanent(reason)


def url_of(address: str) -> httpx.URL:
    """The address as a URL. Raises ValueError, also for a port that there is not, which httpx finds out too late."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ValueError("the URL is not valid") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the URL is not valid: it begins with https:// or http:// and a host")
    if url.port is not None and not 0 < url.port < 65_536:
        raise ValueError("the URL is not valid: there is no such port")
    return url


def signer(secret: str) -> Webhook:
    """What signs with this secret. Raises ValueError."""
    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError) as error:
        raise ValueError("the signing secret is empty or not base64") from error
