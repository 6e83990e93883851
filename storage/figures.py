"""What figures are made of: the course of each incident by the audit trail; and the trail itself, page by page.

All functions take a connection inside the caller's transaction. path: of the area whose subtree counts, None: nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from storage.errors import wrapped
from storage.pool import Connection
from storage.rows import fetch_all
from storage.sql import sql

Moments = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]

_CHUNK = 2000
_TEXTS = ("timezone", "raised_by", "kind", "end_state", "code")


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A column of texts: rows hold places in `names`."""

    row: Codes
    names: tuple[str, ...]

    def among(self, wanted: Sequence[str] | frozenset[str]) -> npt.NDArray[np.bool_]:
        """Which rows are one of these: bool[incidents]."""
        return np.isin(self.row, [place for place, name in enumerate(self.names) if name in wanted])


@dataclass(frozen=True, slots=True, eq=False)
class Courses:
    """Incidents as columns: [incidents]. Moments are seconds since the epoch, NaN where it did not happen.

    entered: it came into the queue, or was cancelled in its countdown. opened: it came into the queue. answered: the
    first claim. held: the claim that is still held or was at the end. confirmed: a contact's first word. sent, arrived:
    the first help. ended: closed or cancelled, and not opened again; end_state says which, "" while it is live.
    raised_by: actor of the first line. kind: of the first alert. area: id. timezone: "" where the care plan has none.
    """

    area: npt.NDArray[np.int64]
    timezone: Texts
    raised_by: Texts
    kind: Texts
    entered: Moments
    opened: Moments
    answered: Moments
    held: Moments
    confirmed: Moments
    sent: Moments
    arrived: Moments
    ended: Moments
    end_state: Texts
    code: Texts
    lapses: npt.NDArray[np.int64]
    reopenings: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.area)


@dataclass(frozen=True, slots=True)
class GapTotal:
    """Nobody would have answered, for one reason (code) in one area's queue: how often, and how long altogether.

    seconds: as far as they lie in the span that was asked for. open: one of them goes on.
    """

    area: str
    area_name: str
    queue: str
    code: str
    times: int
    seconds: float
    open: bool


@dataclass(frozen=True, slots=True)
class StormTotal:
    """Something that failed for many at once. last_at: its newest incident; ended_at None: it goes on."""

    area: str
    area_name: str
    kind: str
    since: datetime
    last_at: datetime
    ended_at: datetime | None
    incidents: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A line of the audit trail. actor_name: of a user or contact."""

    id: int
    incident_id: int
    at: datetime
    event: str
    from_state: str | None
    to_state: str
    actor: str
    actor_name: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPlace:
    """A line's place in the order of the trail: by time, then by id."""

    at: datetime
    id: int


async def courses(
    connection: Connection, path: str | None, since: datetime, until: datetime, queue: str | None
) -> Courses:
    """The courses of the incidents that came into a queue, or were cancelled in the countdown, in a span.

    queue None: of all. Rows come in chunks, so that a city's month does not hold up whatever else the process does.
    """
    given = {"path": path, "since": since, "until": until, "queue": queue}
    known: dict[str, dict[str, int]] = {name: {} for name in _TEXTS}
    chunks: list[dict[str, npt.NDArray[Any]]] = []
    with wrapped():
        async with connection.cursor("courses", binary=True) as cursor:
            await cursor.execute(sql("figures.courses"), given)
            names = [column.name for column in cursor.description or ()]
            while rows := await cursor.fetchmany(_CHUNK):
                chunks.append(_columns(names, rows, known))
    return of_columns(
        {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]} if chunks else {}, known
    )


def _columns(
    names: Sequence[str], rows: Sequence[tuple[Any, ...]], known: Mapping[str, dict[str, int]]
) -> dict[str, npt.NDArray[Any]]:
    columns: dict[str, npt.NDArray[Any]] = {}
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        if name in known:
            places = known[name]
            columns[name] = np.fromiter((places.setdefault(v, len(places)) for v in values), np.int32, len(values))
        elif name in ("area", "lapses", "reopenings"):
            columns[name] = np.array(values, np.int64)
        else:
            columns[name] = np.array(values, np.float64)
    return columns


def of_columns(columns: Mapping[str, npt.NDArray[Any]], known: Mapping[str, Mapping[str, int]]) -> Courses:
    """Courses from columns by name; what is not given is empty. known: for each column of texts the place of each."""
    fields: dict[str, Any] = {}
    for name in Courses.__dataclass_fields__:
        column = columns.get(name, np.empty(0, np.int32 if name in _TEXTS else np.float64))
        fields[name] = Texts(column, tuple(known.get(name, {}))) if name in _TEXTS else column
    return Courses(**fields)


async def gaps(connection: Connection, path: str | None, since: datetime, until: datetime) -> list[GapTotal]:
    """When nobody would have answered in a span, by queue, area and reason. until: not later than now."""
    return await fetch_all(connection, GapTotal, "figures.gaps", {"path": path, "since": since, "until": until})


async def storms(connection: Connection, path: str | None, since: datetime, until: datetime) -> list[StormTotal]:
    """What began in a span and failed for many at once, oldest first."""
    return await fetch_all(connection, StormTotal, "figures.storms", {"path": path, "since": since, "until": until})


async def audit_page(
    connection: Connection, path: str | None, after: AuditPlace, until: datetime, *, maximum: int
) -> tuple[list[AuditLine], AuditPlace | None]:
    """The lines in scope among the `maximum` lines of the whole trail after a place and before `until`, oldest first.

    Also where the page ends, None where nothing comes after the place. Pages are of the whole trail, so that a page
    costs the same however little of it is in scope and however far the trail has been gone through.
    """
    given = {"after_at": after.at, "after_id": after.id, "until": until, "maximum": maximum}
    page = await fetch_all(connection, AuditPlace, "figures.audit_page", given)
    if not page:
        return [], None
    ids = [place.id for place in page]
    lines = await fetch_all(connection, AuditLine, "figures.audit_lines", {"path": path, "ids": ids}, plan_anew=True)
    return lines, page[-1]
