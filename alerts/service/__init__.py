"""Everything that happens to incidents, each inside the caller's open transaction: see `changes`."""

from alerts.service.changes import CLAIM_LEASE, AlertError, Conflict, NotFound, NotNow
from alerts.service.checks import (
    AlreadyDone,
    NotYet,
    add_check_plan,
    change_check_plan,
    end_check_plan,
    make_check_tasks,
    raise_overdue_checks,
    record_check,
)
from alerts.service.files import add_file
from alerts.service.findings import Raised, raise_findings, weigh_evidence
from alerts.service.grouping import gather, look, storm_news
from alerts.service.handing import hand_over
from alerts.service.merging import merge
from alerts.service.receipts import (
    Answer,
    Heard,
    command_failed,
    confirm_delivery,
    delivery_failed,
    delivery_sent,
    fail_over,
    message_id,
    receipt,
    record_delivered,
)
from alerts.service.reopening import REOPEN_WITHIN, reopen, reopen_until
from alerts.service.testing import PRESS_WITHIN, Asked, ask_for_test
from alerts.service.timers import carry_out_due
from alerts.service.work import arrive, claim, close, contact, dispatch, note, release

__all__ = [
    "CLAIM_LEASE",
    "PRESS_WITHIN",
    "REOPEN_WITHIN",
    "AlertError",
    "AlreadyDone",
    "Answer",
    "Asked",
    "Conflict",
    "Heard",
    "NotFound",
    "NotNow",
    "NotYet",
    "Raised",
    "add_check_plan",
    "add_file",
    "arrive",
    "ask_for_test",
    "carry_out_due",
    "change_check_plan",
    "claim",
    "close",
    "command_failed",
    "confirm_delivery",
    "contact",
    "delivery_failed",
    "delivery_sent",
    "dispatch",
    "end_check_plan",
    "fail_over",
    "gather",
    "hand_over",
    "look",
    "make_check_tasks",
    "merge",
    "message_id",
    "note",
    "raise_findings",
    "raise_overdue_checks",
    "receipt",
    "record_check",
    "record_delivered",
    "release",
    "reopen",
    "reopen_until",
    "storm_news",
    "weigh_evidence",
]
