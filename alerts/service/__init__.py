"""Everything that happens to incidents, each inside the caller's open transaction: see `changes`."""

from alerts.service.changes import CLAIM_LEASE, AlertError, Conflict, NotFound
from alerts.service.findings import Raised, raise_findings, weigh_evidence
from alerts.service.receipts import confirm_delivery, delivery_failed, record_delivered
from alerts.service.timers import carry_out_due
from alerts.service.work import arrive, claim, close, contact, dispatch, note, release

__all__ = [
    "CLAIM_LEASE",
    "AlertError",
    "Conflict",
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
    "note",
    "raise_findings",
    "record_delivered",
    "release",
    "weigh_evidence",
]
