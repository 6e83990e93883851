"""The monthly report: the month's figures in every grouping, and its regular checks; as rows for a spreadsheet too."""

import calendar
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from alerts import figures
from alerts.figures import Figures, Share, Times
from alerts.rota import moment_of
from core import wording
from core.findings import Queue
from storage import checks, people, rota
from storage import figures as store
from storage.checks import AreaFigures
from storage.figures import GapTotal, StormTotal
from storage.people import Area
from storage.pool import Connection

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month. year: 1 to 9998."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From its first moment to that of the next month in a time zone, UTC."""
        following = date(self.year + self.number // 12, self.number % 12 + 1, 1)
        return moment_of(self.first, time(), zone), moment_of(following, time(), zone)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @classmethod
    def read(cls, text: str) -> "Month":
        """From YYYY-MM. Raises ValueError for anything else."""
        year, dash, number = text.partition("-")
        digits = year + number
        if (dash, len(year), len(number)) != ("-", 4, 2) or not (digits.isascii() and digits.isdecimal()):
            raise ValueError("a month is YYYY-MM")
        found = cls(int(year), int(number))
        if not (1 <= found.year <= 9998 and 1 <= found.number <= 12):
            raise ValueError("there is no such month")
        return found


@dataclass(frozen=True, slots=True)
class Report:
    """A month of an area and all below it. The emergency queue is meant; `queues` has one row for each of the others.

    made_at: figures of a month that is not over, or of incidents that are not, change afterwards.
    """

    month: Month
    area: Area
    made_at: datetime
    total: Figures
    by_area: Sequence[Figures]
    by_shift: Sequence[Figures]
    by_rota: Sequence[Figures]
    by_detector: Sequence[Figures]
    by_kind: Sequence[Figures]
    queues: Sequence[Figures]
    checks: Sequence[AreaFigures]
    gaps: Sequence[GapTotal]
    storms: Sequence[StormTotal]


async def monthly(
    connection: Connection, area: Area, month: Month, zone: ZoneInfo, now: datetime, language: str
) -> Report:
    """The report of an area. zone: in which the month begins and ends. language: of the labels."""
    since, until = month.span(zone)
    courses = await store.courses(connection, area.path, since, until, Queue.EMERGENCY.value)
    # After the courses: an area that is added meanwhile is known then.
    areas = await people.areas(connection, area.path)
    rotations = await rota.rotations(connection, subtree=area.path, upwards=area.path)
    no_shift = wording.say("report-no-shift", language)
    shifts = figures.by_rota(courses, areas, rotations, no_shift) if rotations else []
    queues = []
    for queue in (Queue.CARE, Queue.MAINTENANCE):
        others = await store.courses(connection, area.path, since, until, queue.value)
        label = wording.say(f"queue-{queue.value}", language)
        group = figures.Group(queue.value, label, figures.everything(others)[0].members)
        queues += figures.figures(others, [group], now)
    return Report(
        month=month,
        area=area,
        made_at=now,
        total=figures.figures(courses, figures.everything(courses), now)[0],
        by_area=figures.figures(courses, figures.by_area(courses, areas), now),
        by_shift=figures.figures(courses, figures.by_shift(courses), now),
        by_rota=figures.figures(courses, shifts, now),
        by_detector=figures.figures(courses, figures.by_detector(courses), now),
        by_kind=figures.figures(courses, figures.by_kind(courses, kind_in(language)), now),
        queues=queues,
        checks=await checks.figures(connection, area.path, month.first, month.last, now),
        gaps=await store.gaps(connection, area.path, since, min(until, now)) if since < now else [],
        storms=await store.storms(connection, area.path, since, until),
    )


def kind_in(language: str) -> Callable[[str], str]:
    """Says a kind in a language; one that has no wording is shown as it is stored."""
    return partial(_said, "kind", language)


def gap_in(language: str) -> Callable[[str], str]:
    """Says in a language why nobody would answer; what has no wording is shown as it is stored."""
    return partial(_said, "report-gap-code", language)


def _said(subject: str, language: str, name: str) -> str:
    try:
        return wording.say(f"{subject}-{name}", language)
    except wording.WordingError:
        return name


def rows(report: Report, language: str) -> Iterator[Row]:
    """The report as a spreadsheet: what it is, a table of figures with one row a group, a table of checks."""

    def say(name: str) -> str:
        return wording.say(f"report-{name}", language)

    yield say("title"), str(report.month), report.area.name, report.area.code
    yield say("made-at"), report.made_at.isoformat(timespec="seconds")
    yield ()
    yield say("by"), say("group"), *(say(name.replace("_", "-")) for name in _COLUMNS)
    sections = (
        ("all", [report.total]),
        ("area", report.by_area),
        ("shift", report.by_shift),
        ("rota", report.by_rota),
        ("detector", report.by_detector),
        ("kind", report.by_kind),
        ("queue", report.queues),
    )
    for section, found in sections:
        for each in found:
            yield say(f"by-{section}"), each.label, *_cells(each)
    targets = {share: f"{figures.TARGETS[target]:.1%}" for share, target in _SHARES.items()}
    yield say("target"), "", *(targets.get(name) for name in _COLUMNS)
    yield ()
    yield tuple(say(f"check-{name}") for name in ("area", "residents", "due", "done", "overdue", "reached", "share"))
    for area in report.checks:
        reached = _percent(area.reached, area.residents)
        yield area.area_name, area.residents, area.due, area.done, area.overdue, area.reached, reached
    yield ()
    yield tuple(say(f"gap-{name}") for name in ("area", "queue", "reason", "times", "minutes"))
    for gap in report.gaps:
        queue = wording.say(f"queue-{gap.queue}", language)
        yield gap.area_name, queue, gap_in(language)(gap.code), gap.times, round(gap.seconds / figures.MINUTE, 1)
    yield ()
    yield tuple(say(f"storm-{name}") for name in ("area", "kind", "since", "last", "incidents"))
    for storm in report.storms:
        moments = (moment.isoformat(timespec="seconds") for moment in (storm.since, storm.last_at))
        yield storm.area_name, kind_in(language)(storm.kind), *moments, storm.incidents


# Each share and its target.
_SHARES = {
    "answered_60": "answer_60",
    "answered_180": "answer_180",
    "on_scene_45min": "on_scene_45min",
    "on_scene_60min": "on_scene_60min",
}
_TIMES = ("answer_s", "claim_s", "on_scene_s", "close_s")
_COUNTS = (
    "incidents", "true", "false", "undecided", "unanswered", "family_first", "lapsed", "reopened", "sent",
    "ended_itself", "cancelled_in_countdown",
)  # fmt: skip
_COLUMNS = (
    *_COUNTS,
    *(f"excluded_{code.value}" for code in figures.EXCLUDED),
    *_SHARES,
    *(f"{name}_{rank}" for name in _TIMES for rank in ("median", "p90", "p975")),
)


def _cells(each: Figures) -> Iterator[object]:
    for name in _COUNTS:
        yield getattr(each, name)
    for code in figures.EXCLUDED:
        yield each.excluded[code.value]
    for name in _SHARES:
        share: Share | None = getattr(each, name)
        yield None if share is None else _percent(share.met, share.of)
    for name in _TIMES:
        times: Times | None = getattr(each, name)
        for rank in ("median", "p90", "p975"):
            yield None if times is None else round(getattr(times, rank), 1)


def _percent(part: int, whole: int) -> str:
    # Cut, not rounded: 97.49 % must not read as the target's 97.5 %.
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}%"
