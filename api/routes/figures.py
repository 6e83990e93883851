"""Standing figures from the audit trail, the monthly report, and the trail itself to take away."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime

from alerts import figures, report
from api.dependencies import API, AuditReader, Conn, FigureReader, Language, Now, Shared
from api.problems import responses, wrong_field
from api.routes.areas import area_in_scope
from api.routes.checks import Month, area_checks
from api.schemas.base import AreaCode
from api.schemas.figures import Figures, FigureTable, Gap, MonthlyReport, Storm
from api.services import Services
from core import spreadsheet
from core.care import CarePlan
from core.findings import Queue
from core.wording import say
from core.zones import time_zone
from storage import figures as store
from storage import people, rota
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=API, tags=["figures"])

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_PERIOD = timedelta(days=30)
_ZONE = CarePlan().timezone
_PAGE = 5000
_CSV: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        **responses(*_REFUSALS),
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "UTF-8 with a mark, RFC 4180"},
    },
}

First = Annotated[AwareDatetime | None, Query(description="30 days before `last` if not given")]
Last = Annotated[AwareDatetime | None, Query(description="not included; now if not given")]
AreaFilter = Annotated[AreaCode | None, Query(description="only in this area's subtree")]
TimeZone = Annotated[
    str, Query(max_length=64, description="in which the month begins and ends", examples=["Asia/Shanghai"])
]


class By(StrEnum):
    """What the rows are."""

    NONE = "none"
    AREA = "area"
    SHIFT = "shift"
    DETECTOR = "detector"
    KIND = "kind"
    ROTA = "rota"


@router.get("/figures", summary="Answer, claim, on-scene and close times", responses=responses(*_REFUSALS))
async def get_figures(
    user: FigureReader,
    connection: Conn,
    now: Now,
    language: Language,
    first: First = None,
    last: Last = None,
    area: AreaFilter = None,
    by: Annotated[
        By, Query(description="a row for each; an area's holds all below it; shift: by local hours, rota: by the rota")
    ] = By.NONE,
    queue: Annotated[Queue, Query()] = Queue.EMERGENCY,
) -> FigureTable:
    """By the audit trail, of the incidents that came into the queue in the period, as they are now."""
    since, until = _span(first, last, now)
    home = await _area(connection, user, area)
    courses = await store.courses(connection, home.path, since, until, queue.value)
    found = figures.figures(courses, await _groups(connection, home, courses, by, language), now)
    return FigureTable(
        first=since,
        last=until,
        by=by.value,
        rows=[Figures.model_validate(row) for row in found],
        targets=dict(figures.TARGETS),
    )


@router.get("/figures/report", summary="The monthly report", responses=responses(*_REFUSALS))
async def get_report(
    user: FigureReader,
    connection: Conn,
    now: Now,
    language: Language,
    month: Month,
    area: AreaFilter = None,
    timezone: TimeZone = _ZONE,
) -> MonthlyReport:
    """Everything of a month in one answer."""
    made, (since, until) = await _report(connection, user, now, language, month, area, timezone)

    def shown(rows: Any) -> list[Figures]:
        return [Figures.model_validate(row) for row in rows]

    return MonthlyReport(
        month=str(made.month),
        area=made.area.code,
        area_name=made.area.name,
        first=since,
        last=until,
        made_at=made.made_at,
        total=Figures.model_validate(made.total),
        by_area=shown(made.by_area),
        by_shift=shown(made.by_shift),
        by_rota=shown(made.by_rota),
        by_detector=shown(made.by_detector),
        by_kind=shown(made.by_kind),
        queues=shown(made.queues),
        checks=[area_checks(row) for row in made.checks],
        gaps=[_gap(gap, report.gap_in(language)) for gap in made.gaps],
        storms=[Storm.model_validate(storm) for storm in made.storms],
        targets=dict(figures.TARGETS),
    )


@router.get("/figures/report.csv", summary="The monthly report for a spreadsheet", **_CSV)
async def get_report_csv(
    user: FigureReader,
    connection: Conn,
    now: Now,
    language: Language,
    month: Month,
    area: AreaFilter = None,
    timezone: TimeZone = _ZONE,
) -> Response:
    """The same as CSV, with headings in the language asked for."""
    made, _ = await _report(connection, user, now, language, month, area, timezone)
    text = spreadsheet.MARK + spreadsheet.lines(report.rows(made, language))
    return Response(text, media_type=spreadsheet.MEDIA_TYPE, headers=_named(f"kanhu-{made.month}-{made.area.code}"))


@router.get("/audit.csv", summary="The audit trail for a spreadsheet", **_CSV)
async def get_audit(
    user: AuditReader,
    connection: Conn,
    shared: Shared,
    now: Now,
    first: First = None,
    last: Last = None,
    area: AreaFilter = None,
) -> StreamingResponse:
    """Every line of the period, oldest first. Positions are left out.

    An answer that ends without its last chunk is not whole: ask again.
    """
    since, until = _span(first, last, now)
    home = await _area(connection, user, area)
    name = f"kanhu-audit-{home.code}-{since:%Y%m%d}-{until:%Y%m%d}"
    pages = _audit(shared, home.path, since, until)
    return StreamingResponse(pages, media_type=spreadsheet.MEDIA_TYPE, headers=_named(name))


_COLUMNS = ("incident", "line", "at", "event", "from", "to", "actor", "actor_name", "detail")


async def _audit(shared: Services, path: str, since: datetime, until: datetime) -> AsyncIterator[str]:
    """The trail page by page, each in a transaction of its own.

    The trail is only ever added to, so pages by place are as good as one long snapshot, and a reader who takes an hour
    holds neither a connection nor what vacuum wants to clean.
    """
    yield spreadsheet.MARK + spreadsheet.lines([_COLUMNS])
    place: store.AuditPlace | None = store.AuditPlace(since, 0)
    while place is not None:
        async with shared.transaction() as connection:
            found, place = await store.audit_page(connection, path, place, until, maximum=_PAGE)
        if found:
            yield spreadsheet.lines(_line(line) for line in found)


def _line(line: store.AuditLine) -> tuple[object, ...]:
    detail = json.dumps(without_places(line.detail), ensure_ascii=False, separators=(",", ":"))
    at = line.at.isoformat()
    return (
        line.incident_id,
        line.id,
        at,
        line.event,
        line.from_state,
        line.to_state,
        line.actor,
        line.actor_name,
        detail,
    )


def without_places(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A line's facts without exact positions, which leave only with an open incident or for a reason that is kept."""
    return {
        name: without_places(value) if isinstance(value, Mapping) else value
        for name, value in detail.items()
        if name not in ("latitude", "longitude")
    }


def _span(first: datetime | None, last: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    until = last or now
    since = first or until - _PERIOD
    if since >= until:
        raise wrong_field("first", "first lies before last", "query")
    return since, until


async def _area(connection: Connection, user: User, code: str | None) -> people.Area:
    return await area_in_scope(connection, user, code or user.area or "", "area", "query")


async def _groups(
    connection: Connection, home: people.Area, courses: store.Courses, by: By, language: str
) -> list[figures.Group]:
    if by is By.AREA:
        # After the courses: an area that is added meanwhile is known then.
        return figures.by_area(courses, await people.areas(connection, home.path))
    if by is By.SHIFT:
        return figures.by_shift(courses)
    if by is By.ROTA:
        rotations = await rota.rotations(connection, subtree=home.path, upwards=home.path)
        areas = await people.areas(connection, home.path)
        return figures.by_rota(courses, areas, rotations, say("report-no-shift", language))
    if by is By.DETECTOR:
        return figures.by_detector(courses)
    if by is By.KIND:
        return figures.by_kind(courses, report.kind_in(language))
    return figures.everything(courses)


async def _report(
    connection: Connection, user: User, now: datetime, language: str, month: str, area: str | None, timezone: str
) -> tuple[report.Report, tuple[datetime, datetime]]:
    home = await _area(connection, user, area)
    try:
        zone = time_zone(timezone)
    except ValueError:
        raise wrong_field("timezone", "there is no such time zone", "query") from None
    try:
        meant = report.Month.read(month)
    except ValueError as error:
        raise wrong_field("month", str(error), "query") from error
    return await report.monthly(connection, home, meant, zone, now, language), meant.span(zone)


def _gap(gap: store.GapTotal, said: Callable[[str], str]) -> Gap:
    return Gap(
        area=gap.area,
        area_name=gap.area_name,
        queue=Queue(gap.queue),
        code=gap.code,
        text=said(gap.code),
        times=gap.times,
        seconds=gap.seconds,
        open=gap.open,
    )


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.csv"'}
