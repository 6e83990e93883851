"""Whether a receipt is the provider's: signed as https://www.standardwebhooks.com describes."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from standardwebhooks.webhooks import Webhook

TOLERANCE = timedelta(minutes=5)
"""How far a receipt's time may be from ours: what was heard on the way can be sent again no longer than that."""


class Forged(Exception):
    """The receipt is not signed, is signed with another secret, was changed, or is not of now."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raise Forged unless the headers sign the body with the secret, at about `now`.

    Not the library's own `verify`, which reads the machine's clock; the signature is the library's.
    """
    message_id, signed = headers.get("webhook-id", ""), headers.get("webhook-signature", "")
    at = _time(headers.get("webhook-timestamp", ""))
    if not message_id or at is None:
        raise Forged("webhook-id or webhook-timestamp is missing or not valid")
    if abs(now - at) > TOLERANCE:
        raise Forged(f"its time is {at.isoformat()}, ours {now.isoformat(timespec='seconds')}")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Forged("the body is not UTF-8") from error
    wanted = _digest(Webhook(secret).sign(message_id, at, text))
    # Several while a provider changes its secret.
    given = [_digest(one) for one in signed.split(" ")[:10]]
    if wanted is None or not any(one is not None and hmac.compare_digest(wanted, one) for one in given):
        raise Forged("no signature fits")


def _time(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _digest(signature: str) -> bytes | None:
    version, _, encoded = signature.partition(",")
    if version != "v1":
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
