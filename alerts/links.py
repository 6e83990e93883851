"""The signed link by which a family contact confirms a delivery: a token over its id and the time it expires."""

from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

_SALT = "kanhu.confirm.1"


class LinkError(ValueError):
    """The link is damaged, forged, or signed with another secret."""


class LinkExpired(LinkError):
    """The link was good until its time had passed."""


def sign(delivery_id: int, expires_at: datetime, secret: str) -> str:
    """A token for a URL. secret: `settings.token_secret`; the key is derived from it and differs from all others."""
    return str(URLSafeSerializer(secret, salt=_SALT).dumps([delivery_id, int(expires_at.timestamp())]))


def read(token: str, now: datetime, secret: str) -> int:
    """The id of the delivery that a token was signed for. Raises LinkExpired, LinkError."""
    try:
        value = URLSafeSerializer(secret, salt=_SALT).loads(token)
    except BadData as error:
        raise LinkError("the link is not valid") from error
    match value:
        case [int(delivery_id), int(expires_at)]:
            if now.timestamp() >= expires_at:
                raise LinkExpired(f"the link expired at {datetime.fromtimestamp(expires_at, UTC).isoformat()}")
            return delivery_id
    raise LinkError("the link is not valid")


def confirm_url(public_url: str, token: str) -> str:
    """Where the link leads: GET shows what it is about, only POST confirms, since chats open links for a preview."""
    return f"{public_url.rstrip('/')}/confirm/{token}"


def rota_url(public_url: str) -> str:
    """The rota's page in the console."""
    return f"{public_url.rstrip('/')}/rota"


def incident_url(public_url: str, incident_id: int) -> str:
    """The incident's page in the console, for people who sign in."""
    return f"{public_url.rstrip('/')}/incidents/{incident_id}"


def receipts_url(public_url: str, provider: str) -> str:
    """Where an SMS provider posts its receipts."""
    return f"{public_url.rstrip('/')}/api/v1/receipts/{provider}"
