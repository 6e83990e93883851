"""Is this person protected now? One answer with its reasons; and the board of everybody, those in danger first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from alerts import service
from alerts.protection import Answer, Answering, Protected, Severity, answering, judge
from api import refusals
from api.dependencies import API, AlarmTester, Conn, Language, Now, ResidentReader, Shared
from api.idempotency import OnceOnly
from api.paging import Cursor, Limit, Page, decode, encode
from api.problems import not_found, responses
from api.routes.areas import area_in_scope
from api.routes.residents import ResidentId, in_scope
from api.schemas.base import AreaCode
from api.schemas.protection import AlarmTest, BoardEntry, BoardSummary, Protection, Reason
from core.wording import say
from storage import coverage, protection
from storage.pool import Connection
from storage.protection import Caller, Resident
from storage.users import User

router = APIRouter(prefix=API, tags=["protection"])

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_RANK = list(Protected)

AreaFilter = Annotated[AreaCode | None, Query(description="only in this area's subtree")]


@dataclass(frozen=True, slots=True)
class BoardPlace:
    """A resident's place on the board: the worst answer first, then by id."""

    rank: int
    resident_id: int


@router.get(
    "/residents/{resident_id}/protection",
    summary="Is this person protected now?",
    responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND),
)
async def get_protection(
    resident_id: ResidentId, user: ResidentReader, connection: Conn, now: Now, language: Language, shared: Shared
) -> Protection:
    """Whether they can call for help at this moment and would be answered, with everything that was looked at."""
    board = await _board(connection, user, now, shared, resident_id=resident_id)
    if not board.residents:
        raise not_found("resident")
    [resident] = board.residents
    answer = board.answer(resident)
    return Protection(
        resident_id=resident_id,
        protected=answer.protected,
        checked_at=now,
        reasons=_reasons(answer, language),
        last_test_at=resident.last_test_at,
    )


@router.post(
    "/residents/{resident_id}/test",
    status_code=HTTPStatus.ACCEPTED,
    summary="Ask the wearer for a test of SOS",
    response_model=AlarmTest,
    responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def ask_for_test(
    resident_id: ResidentId, user: AlarmTester, connection: Conn, now: Now, once: OnceOnly
) -> JSONResponse:
    """What they wear says: press SOS to finish the test. The press opens an incident and escalates as any other.

    Its incident says `expected_test` as long as it is about nothing else, and closing it with the code `test` makes it
    the last end-to-end test. 409 where the resident has an emergency, or nothing that could be told.
    """

    async def do() -> AlarmTest:
        await in_scope(connection, user, now, resident_id)
        async with refusals.told(connection, 0):
            asked = await service.ask_for_test(connection, resident_id, user.id, now)
        return AlarmTest(
            id=asked.test.id,
            resident_id=resident_id,
            asked_at=asked.test.asked_at,
            expires_at=asked.test.expires_at,
            devices=asked.devices,
        )

    return await once(do, HTTPStatus.ACCEPTED)


@router.get("/board", summary="Who is protected now, those who are not first", responses=responses(*_REFUSALS))
async def get_board(
    user: ResidentReader,
    connection: Conn,
    now: Now,
    language: Language,
    shared: Shared,
    area: AreaFilter = None,
    protected: Annotated[Protected | None, Query(description="only with this answer")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[BoardEntry]:
    """Everybody in the user's area with what is wrong; for a family member their own."""
    after = decode(cursor, BoardPlace) if cursor else BoardPlace(-1, 0)
    path = await _path(connection, user, area)
    board = await _board(connection, user, now, shared, area_path=path)
    chosen = sorted(
        (rank, resident.resident_id, resident)
        for rank, resident in await board.ranked()
        if protected in (None, _RANK[rank]) and (rank, resident.resident_id) > (after.rank, after.resident_id)
    )
    page = chosen[:limit]
    return Page(
        items=[_entry(resident, board.answer(resident), language) for _, _, resident in page],
        next_cursor=encode(BoardPlace(*page[-1][:2])) if len(chosen) > limit else None,
    )


@router.get("/board/summary", summary="How many residents are protected now", responses=responses(*_REFUSALS))
async def get_board_summary(
    user: ResidentReader, connection: Conn, now: Now, shared: Shared, area: AreaFilter = None
) -> BoardSummary:
    """Counted over the user's area, or a part of it."""
    path = await _path(connection, user, area)
    board = await _board(connection, user, now, shared, area_path=path)
    counts = Counter(_RANK[rank] for rank, _ in await board.ranked())
    return BoardSummary(yes=counts[Protected.YES], partly=counts[Protected.PARTLY], no=counts[Protected.NO])


async def _path(connection: Connection, user: User, area: str | None) -> str | None:
    return (await area_in_scope(connection, user, area, "area", "query")).path if area else None


@dataclass(frozen=True, slots=True)
class _Board:
    """Residents with what their answers depend on."""

    residents: Sequence[Resident]
    callers: Mapping[int, Sequence[Caller]]
    answering: Answering
    now: datetime

    def answer(self, resident: Resident) -> Answer:
        """The answer for one of them."""
        why_not = self.answering.why_not(resident.area_path)
        return judge(resident, self.callers.get(resident.resident_id, ()), why_not, self.now)

    async def ranked(self) -> list[tuple[int, Resident]]:
        """Everybody with the rank of the answer, the worst is 0. A city takes tenths of a second, on a thread."""
        return await anyio.to_thread.run_sync(self._rank_all)

    def _rank_all(self) -> list[tuple[int, Resident]]:
        return [(_RANK.index(self.answer(resident).protected), resident) for resident in self.residents]


async def _board(
    connection: Connection,
    user: User,
    now: datetime,
    shared: Shared,
    *,
    area_path: str | None = None,
    resident_id: int | None = None,
) -> _Board:
    residents = await protection.residents(connection, user.scope, now, area_path=area_path, resident_id=resident_id)
    callers = await protection.callers(connection, [r.resident_id for r in residents], now)
    gaps = await coverage.open_gaps(connection)
    speed = shared.settings.clock_speed if shared.settings.clock_origin is not None else 1.0
    watch = answering(await coverage.checked_at(connection), gaps, now, speed)
    return _Board(residents, callers, watch, now)


def _entry(resident: Resident, answer: Answer, language: str) -> BoardEntry:
    return BoardEntry(
        resident_id=resident.resident_id,
        resident=resident.resident,
        household=resident.household,
        area=resident.area,
        address=resident.address,
        protected=answer.protected,
        reasons=[reason for reason in _reasons(answer, language) if reason.severity is not Severity.INFO],
        open_incident_id=resident.open_incident_id,
    )


def _reasons(answer: Answer, language: str) -> list[Reason]:
    return [
        Reason(code=r.code, ok=r.ok, severity=r.severity, text=say(r.message, language, **r.arguments))
        for r in answer.reasons
    ]
