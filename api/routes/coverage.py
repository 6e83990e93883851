"""Would anybody answer now?"""

from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter

from alerts.coverage import ABOUT_RESIDENTS
from api.dependencies import API, Conn, CoverageReader, Language, Now, Shared
from api.problems import responses
from api.routes.own_area import Area, area_path
from api.schemas.coverage import Coverage, Covered, Reason, ResidentNamed
from core.findings import Queue
from core.wording import say
from storage import coverage
from storage.coverage import OpenGap

router = APIRouter(prefix=f"{API}/coverage", tags=["coverage"])

_STALE = timedelta(minutes=5)
"""The dispatcher looks every 30 s: where it has not for so long, it sends nothing either. Of real time."""

_SHOWN = 20
"""Residents that are named; the count says how many there are."""


@router.get(
    "",
    summary="Would anybody answer now?",
    responses=responses(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY),
)
async def get_coverage(
    user: CoverageReader,
    connection: Conn,
    shared: Shared,
    now: Now,
    language: Language,
    area: Area = None,
) -> Coverage:
    """Each area of the subtree in which residents live, with each queue, as the dispatcher found it half a minute ago
    at most. Where the answer is no, supervisors have been told, or `told_at` is null. Where the dispatcher has not
    looked for five minutes, nobody is told of anything: the answer is no everywhere (`unchecked`)."""
    path = await area_path(connection, user, area)
    checked_at = await coverage.checked_at(connection)
    unchecked = _unchecked(checked_at, now, shared.settings.speed, language)
    gaps: dict[tuple[str, str], list[OpenGap]] = {}
    for gap in await coverage.open_gaps(connection, path):
        gaps.setdefault((gap.area_path, gap.queue), []).append(gap)
    mentioned = {resident for some in gaps.values() for gap in some for resident in gap.residents[:_SHOWN]}
    named = {one.id: one.name for one in await coverage.names(connection, sorted(mentioned))}
    return Coverage(
        checked_at=checked_at,
        items=[
            _covered(watched, queue, gaps.get((watched.path, queue.value), []), unchecked, named, language)
            for watched in await coverage.areas(connection, path)
            for queue in Queue
        ],
    )


def _unchecked(checked_at: datetime | None, now: datetime, speed: float, language: str) -> list[Reason]:
    if checked_at is not None and now - checked_at <= _STALE * speed:
        return []
    since = checked_at or now
    minutes = round((now - since).total_seconds() / 60)
    text = say("gap-unchecked", language, minutes=minutes)
    return [Reason(code="unchecked", text=text, since=since, told_at=None, count=None, residents=[])]


def _covered(
    area: coverage.WatchedArea,
    queue: Queue,
    gaps: list[OpenGap],
    unchecked: list[Reason],
    named: dict[int, str],
    language: str,
) -> Covered:
    reasons = [
        *unchecked,
        *(
            Reason(
                code=gap.code,
                text=say(f"gap-{gap.code}", language, count=len(gap.residents)),
                since=gap.since,
                told_at=gap.told_at,
                count=len(gap.residents) or None,
                residents=[ResidentNamed(id=i, name=named[i]) for i in gap.residents[:_SHOWN] if i in named],
            )
            for gap in gaps
        ),
    ]
    return Covered(
        area=area.code,
        area_name=area.name,
        queue=queue,
        answered=all(reason.code in ABOUT_RESIDENTS for reason in reasons),
        reasons=reasons,
        since=min((reason.since for reason in reasons), default=None),
    )
