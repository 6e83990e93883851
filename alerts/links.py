"""The signed link by which a family contact sees an incident: a token over a delivery's id and the time it expires.

A token is one number in letters and digits, so that it is short and no telephone cuts it where it makes a link of it:
the id, the second of expiry in 4 bytes, and the first 12 bytes of an HMAC-SHA256 over both. A longer form, of
itsdangerous, was given out by earlier versions and is still read.
"""

import hashlib
import hmac
import string
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

_SALT = "kanhu.confirm.1"
_PURPOSE = b"kanhu.confirm.2"
_DIGITS = string.digits + string.ascii_letters
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}
_EXPIRY_BYTES = 4
# 96 bits, which nobody guesses by asking us; RFC 2104 §5 wants 80 or more.
_MAC_BYTES = 12
_LONGEST = 40


class LinkError(ValueError):
    """The link is damaged, forged, or signed with another secret."""


class LinkExpired(LinkError):
    """The link was good until its time had passed."""


def sign(delivery_id: int, expires_at: datetime, secret: str) -> str:
    """A token for a URL. secret: `settings.token_secret`; the key is derived from it and differs from all others."""
    content = _id_bytes(delivery_id) + int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES, "big")
    return _written(content + _mac(content, secret))


def read(token: str, now: datetime, secret: str) -> int:
    """The id of the delivery that a token was signed for. Raises LinkExpired, LinkError."""
    delivery_id, expires_at = _long(token, secret) if "." in token else _short(token, secret)
    if now.timestamp() >= expires_at:
        raise LinkExpired(f"the link expired at {datetime.fromtimestamp(expires_at, UTC).isoformat()}")
    return delivery_id


def _short(token: str, secret: str) -> tuple[int, int]:
    if not token or len(token) > _LONGEST or not _VALUE.keys() >= set(token):
        raise LinkError("the link is not valid")
    number = 0
    for digit in token:
        number = number * len(_DIGITS) + _VALUE[digit]
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    content, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
    # Written again: a token with zeros before it is another text for the same number, and only one is ours.
    if len(content) <= _EXPIRY_BYTES or not hmac.compare_digest(mac, _mac(content, secret)) or _written(data) != token:
        raise LinkError("the link is not valid")
    return int.from_bytes(content[:-_EXPIRY_BYTES], "big"), int.from_bytes(content[-_EXPIRY_BYTES:], "big")


def _long(token: str, secret: str) -> tuple[int, int]:
    try:
        value = URLSafeSerializer(secret, salt=_SALT).loads(token)
    except BadData as error:
        raise LinkError("the link is not valid") from error
    match value:
        case [int(delivery_id), int(expires_at)]:
            return delivery_id, expires_at
    raise LinkError("the link is not valid")


def _id_bytes(delivery_id: int) -> bytes:
    if delivery_id < 1:
        raise ValueError(f"no delivery has the id {delivery_id}")
    return delivery_id.to_bytes((delivery_id.bit_length() + 7) // 8, "big")


def _mac(content: bytes, secret: str) -> bytes:
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, content, hashlib.sha256)[:_MAC_BYTES]


def _written(data: bytes) -> str:
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def confirm_url(public_url: str, token: str) -> str:
    """Where the link leads: GET shows what it is about, only POST confirms, since chats open links for a preview."""
    return f"{public_url.rstrip('/')}/confirm/{token}"


def rota_url(public_url: str) -> str:
    """The rota's page in the console."""
    return f"{public_url.rstrip('/')}/rota"


def incident_url(public_url: str, incident_id: int) -> str:
    """The incident's page in the console, for people who sign in."""
    return f"{public_url.rstrip('/')}/incidents/{incident_id}"


def storm_url(public_url: str, storm_id: int) -> str:
    """The maintenance queue in the console, open at what a storm is about."""
    return f"{public_url.rstrip('/')}/devices?storm={storm_id}"


def receipts_url(public_url: str, provider: str) -> str:
    """Where an SMS provider posts its receipts."""
    return f"{public_url.rstrip('/')}/api/v1/receipts/{provider}"
