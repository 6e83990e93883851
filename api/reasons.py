"""Why an alert was raised, in words."""

from collections.abc import Mapping
from typing import Any

import structlog

from core.wording import WordingError, say

_log = structlog.get_logger(__name__)


def said(reason: str, language: str, evidence: Mapping[str, Any]) -> str:
    """The message of that name with the evidence's figures; its bare name where there is none.

    A page opens whatever an older detector wrote.
    """
    try:
        return say(reason, language, **evidence)
    except WordingError as error:
        _log.error("a reason has no wording", reason=reason, error=str(error))
        return reason
