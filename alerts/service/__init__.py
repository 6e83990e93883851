"""Everything that happens to incidents, each inside the caller's open transaction: see `changes`."""

from alerts.service.changes import CLAIM_LEASE, AlertError, Conflict, NotFound
from alerts.service.findings import Raised, raise_findings, weigh_evidence
from alerts.service.receipts import (
    Answer,
    Heard,
    confirm_delivery,
    delivery_failed,
    fail_over,
    message_id,
    receipt,
    record_delivered,
)
from alerts.service.timers import carry_out_due
from alerts.service.work import arrive, claim, close, contact, dispatch, note, release

__all__ = [
    "CLAIM_LEASE",
    "AlertError",
    "Answer",
    "Conflict",
    "Heard",
    "NotFound",
    "Raised",
    "arrive",
    "carry_out_due",
    "claim",
    "close",
    "confirm_delivery",
    "contact",
    "delivery_failed",
    "dispatch",
    "fail_over",
    "message_id",
    "note",
    "raise_findings",
    "receipt",
    "record_delivered",
    "release",
    "weigh_evidence",
]
