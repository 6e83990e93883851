"""How detectors did: misses that people report, and precision by closure codes."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from api.schemas.base import Input, Output, Text
from core.findings import Kind


class NewMiss(Input):
    """Something that happened to a resident and that no detector noticed."""

    kind: Kind = Field(description="what should have been raised: fall, inactivity, vitals, …")
    happened_at: AwareDatetime = Field(description="when it happened, as well as it is known")
    note: Text = ""


class Miss(Output):
    """A reported miss."""

    id: int
    resident_id: int
    kind: Kind
    happened_at: datetime
    note: str
    reported_by: int = Field(description="the user")
    reported_at: datetime


class DetectorPrecision(Output):
    """One version of a detector, by how people closed the incidents of its alerts."""

    detector: str
    version: int
    true: int = Field(description="alerts of incidents with a code that says it was right")
    false: int = Field(description="alerts closed as accidental or detector_false")
    neither: int = Field(description="ended, but that says nothing about the detector: test, no contact, cancelled, …")
    unjudged: int = Field(description="alerts of incidents that are not over")
    precision: float | None = Field(description="true / (true + false); null where none was judged")
    low: float | None = Field(description="of its 95 % interval (Wilson)")
    high: float | None = Field(description="of its 95 % interval (Wilson)")


class Misses(Output):
    """How many misses of a kind were reported."""

    kind: str
    reported: int


class PrecisionReport(Output):
    """Detectors in a period."""

    first: datetime
    last: datetime
    detectors: list[DetectorPrecision] = Field(description="by alerts raised in the period")
    misses: list[Misses] = Field(description="by when it happened")
