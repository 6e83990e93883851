"""What an SMS provider says became of a message."""

from typing import Literal

from pydantic import AwareDatetime, ConfigDict, Field

from api.schemas.base import Input


class Receipt(Input):
    """A receipt. Fields that a provider adds are left aside: a message that has arrived must not fail on them."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "example": {"message_id": "delivery-7", "status": "delivered", "at": "2026-10-01T04:00:03+00:00"}
        },
    )

    message_id: str = Field(min_length=1, max_length=100, description="as it came with the message")
    status: Literal["delivered", "failed", "expired"] = Field(
        description="arrived; will never arrive; did not arrive in time and may another time"
    )
    at: AwareDatetime = Field(description="when, by the provider's clock")
    error: str | None = Field(
        None, pattern=r"^[a-z0-9_]{1,40}$", description="why not; `unknown_number`: no message will ever arrive there"
    )
