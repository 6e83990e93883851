"""Standing figures and the monthly report."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import Output
from api.schemas.checks import AreaChecks
from core.findings import Queue


class Share(Output):
    """How many met a limit."""

    met: int
    of: int = Field(description="of how many it is decided: those neither over nor younger than the limit are left out")
    share: float = Field(description="met / of")
    low: float = Field(description="of its 95 % interval (Wilson)")
    high: float = Field(description="of its 95 % interval (Wilson)")


class Times(Output):
    """Seconds since the incident came into the queue."""

    of: int = Field(description="in how many incidents it happened at all")
    median: float
    p90: float
    p975: float


class Figures(Output):
    """One group of incidents by the audit trail: docs/adr/0015 says what counts."""

    group: str = Field(description="area code, shift, detector or kind; empty for all")
    label: str = Field(description="the same in words, in the language asked for")
    incidents: int = Field(description="came into the queue and were not closed as test, technical or duplicate")
    answered_60: Share | None = Field(description="claimed by a responder within 60 s; null where nothing is decided")
    answered_180: Share | None
    on_scene_45min: Share | None = Field(description="of those to which help was sent")
    on_scene_60min: Share | None
    answer_s: Times | None = Field(description="until the first claim; null where there was none")
    claim_s: Times | None = Field(description="until the claim that lasted: still held, or held at the end")
    on_scene_s: Times | None
    close_s: Times | None
    true: int = Field(description="closed with a code that says it was right")
    false: int = Field(description="closed as accidental or detector_false")
    undecided: int = Field(description="neither: not over, no contact, cancelled, …")
    unanswered: int = Field(description="nobody of the centre has claimed it")
    family_first: int = Field(description="a contact confirmed before anybody claimed it")
    lapsed: int = Field(description="somebody claimed it and fell silent")
    reopened: int
    sent: int = Field(description="help was sent")
    ended_itself: int = Field(description="over without anybody's closing it")
    cancelled_in_countdown: int = Field(description="by the wearer, before it came into the queue; not in `incidents`")
    excluded: dict[str, int] = Field(description="closed as test, technical or duplicate; not in `incidents`")


class FigureTable(Output):
    """The figures of a period, by groups."""

    first: datetime
    last: datetime
    by: str
    rows: list[Figures]
    targets: dict[str, float] = Field(description="what is aimed at: answer_60, answer_180, on_scene_45min, …")


class Gap(Output):
    """Nobody would have answered, for one reason in one area's queue."""

    area: str
    area_name: str
    queue: Queue
    code: str
    text: str = Field(description="why, in the language asked for")
    times: int
    seconds: float = Field(description="altogether, as far as they lie in the month")
    open: bool = Field(description="one of them goes on")


class Storm(Output):
    """Something that failed for many at once."""

    area: str
    area_name: str
    kind: str
    since: datetime
    last_at: datetime = Field(description="of its newest incident")
    ended_at: datetime | None
    incidents: int


class MonthlyReport(Output):
    """A month of an area and all below it: emergencies in every grouping, the other queues, and regular checks."""

    month: str
    area: str
    area_name: str
    first: datetime
    last: datetime = Field(description="not included")
    made_at: datetime = Field(description="what is not over by then may change the figures later")
    total: Figures
    by_area: list[Figures]
    by_shift: list[Figures] = Field(description="by the resident's local hour: 0, 8 and 16 o'clock begin a shift")
    by_rota: list[Figures] = Field(description="by the shifts of the rota; empty where there is none")
    by_detector: list[Figures]
    by_kind: list[Figures]
    queues: list[Figures] = Field(description="the queues that are no emergencies")
    checks: list[AreaChecks]
    gaps: list[Gap]
    storms: list[Storm]
    targets: dict[str, float]
