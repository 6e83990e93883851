"""How detectors did: what people report as missed, and precision by how incidents were closed."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from alerts.precision import precisions
from api.dependencies import API, Conn, DetectorReader, IncidentWorker, Now
from api.idempotency import OnceOnly
from api.problems import responses, wrong_field
from api.routes.areas import area_in_scope
from api.routes.residents import ResidentId, in_scope
from api.schemas.base import AreaCode
from api.schemas.detectors import DetectorPrecision, Miss, Misses, NewMiss, PrecisionReport
from storage import history

router = APIRouter(prefix=API, tags=["detectors"])

_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)
_PERIOD = timedelta(days=30)


@router.post(
    "/residents/{resident_id}/misses",
    status_code=HTTPStatus.CREATED,
    summary="Report what no detector noticed",
    response_model=Miss,
    responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
async def report_miss(
    resident_id: ResidentId, given: NewMiss, user: IncidentWorker, connection: Conn, now: Now, once: OnceOnly
) -> JSONResponse:
    """Write down that something happened which should have been raised and was not."""
    await in_scope(connection, user, now, resident_id)
    if given.happened_at > now:
        raise wrong_field("happened_at", "that is still to come")

    async def add() -> Miss:
        added = await history.add_miss(
            connection,
            resident_id=resident_id,
            kind=given.kind.value,
            happened_at=given.happened_at,
            note=given.note,
            reported_by=user.id,
            reported_at=now,
        )
        return Miss.model_validate(added)

    return await once(add, HTTPStatus.CREATED)


@router.get(
    "/detectors/precision",
    summary="How often detectors were right",
    responses=responses(*_REFUSALS),
)
async def detector_precision(
    user: DetectorReader,
    connection: Conn,
    now: Now,
    first: Annotated[AwareDatetime | None, Query(description="30 days before `last` if not given")] = None,
    last: Annotated[AwareDatetime | None, Query(description="not included; now if not given")] = None,
    area: Annotated[AreaCode | None, Query(description="only in this area's subtree")] = None,
) -> PrecisionReport:
    """By detector and version: alerts judged true and false, and precision with its 95 % interval; reported misses."""
    until = last or now
    since = first or until - _PERIOD
    if since >= until:
        raise wrong_field("first", "first lies before last", "query")
    path = (await area_in_scope(connection, user, area, "area", "query")).path if area else user.scope.path
    outcomes = await history.alert_outcomes(connection, path, since, until)
    misses = await history.miss_counts(connection, path, since, until)
    return PrecisionReport(
        first=since,
        last=until,
        detectors=[DetectorPrecision.model_validate(p) for p in precisions(outcomes)],
        misses=[Misses.model_validate(m) for m in misses],
    )
