"""What SMS providers say became of messages: signed, and believed only then."""

from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError

from alerts import service
from api import receipts
from api.dependencies import API, Conn, Now, SessionNow, Shared
from api.problems import FieldError, ProblemError, not_found, responses, wrong_fields
from api.schemas.receipts import Receipt

router = APIRouter(prefix=f"{API}/receipts", tags=["receipts"])

_log = structlog.get_logger(__name__)

Provider = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,32}$")]

# The body is read as bytes, since these are what is signed; this is its description.
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": Receipt.model_json_schema()}}},
    "parameters": [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ],
}


async def _receipt(provider: Provider, request: Request, shared: Shared, signed_now: SessionNow) -> Receipt:
    """The receipt, if it is the provider's: looked at before anything is asked of the database."""
    secret = shared.settings.sms_receipt_secret
    if secret is None or provider != shared.settings.sms_provider:
        raise not_found("provider")
    body = await request.body()
    try:
        receipts.verify(secret.get_secret_value(), request.headers, body, signed_now)
    except receipts.Forged as error:
        shared.metrics.receipts.labels("forged").inc()
        _log.warning("a receipt was refused", provider=provider, why=str(error))
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED, "not-signed", "The signature does not fit", "The receipt is not believed."
        ) from error
    return _read(body)


Signed = Annotated[Receipt, Depends(_receipt)]


@router.post(
    "/{provider}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="A receipt for a message",
    openapi_extra=_BODY,
    responses=responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
async def receive(provider: Provider, receipt: Signed, shared: Shared, connection: Conn, now: Now) -> None:
    """Delivered, failed for good, or expired: late, twice and out of order too, and then it changes nothing.

    Signed as Standard Webhooks describes: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, within five
    minutes. What is not signed is 401, a message that this provider never got 404.
    """
    try:
        heard = await service.receipt(connection, receipt.message_id, receipt.status, receipt.at, receipt.error, now)
    except service.NotFound:
        shared.metrics.receipts.labels("unknown").inc()
        _log.warning("a receipt for a message that is not there", provider=provider, status=receipt.status)
        raise not_found("message") from None
    shared.metrics.receipts.labels(heard.value).inc()


def _read(body: bytes) -> Receipt:
    try:
        return Receipt.model_validate_json(body)
    except ValidationError as invalid:
        raise wrong_fields(
            FieldError(
                location="body",
                field=".".join(str(step) for step in error["loc"]),
                pointer="".join(f"/{step}" for step in error["loc"]) or None,
                detail=str(error["msg"]),
            )
            for error in invalid.errors(include_input=False, include_url=False)
        ) from invalid
