"""Is this person protected now?"""

from datetime import datetime

from pydantic import Field

from alerts.protection import Code, Protected, Severity
from api.schemas.base import Output


class Reason(Output):
    """One thing that was looked at."""

    code: Code
    ok: bool
    severity: Severity = Field(
        description="of what is not ok: a danger makes the answer no, a warning partly, information (not known) nothing"
    )
    text: str = Field(description="in the language asked for")


class Protection(Output):
    """One answer with its reasons."""

    resident_id: int
    protected: Protected
    checked_at: datetime
    reasons: list[Reason]
    last_test_at: datetime | None = Field(description="the SOS of the newest incident that was closed as a test")


class AlarmTest(Output):
    """Somebody asked the wearer to press SOS. The next press within the time may be the answer."""

    id: int
    resident_id: int
    asked_at: datetime
    expires_at: datetime
    devices: int = Field(description="how many were told to ask for the press")


class BoardEntry(Output):
    """A resident on the board."""

    resident_id: int
    resident: str = Field(description="the resident's name")
    household: str
    area: str = Field(description="the area's code")
    address: str
    protected: Protected
    reasons: list[Reason] = Field(description="only what makes the answer worse")
    open_incident_id: int | None = Field(description="the most urgent incident that is not over")


class BoardSummary(Output):
    """How many residents are protected."""

    yes: int
    partly: int
    no: int
