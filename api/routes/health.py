"""For those who run it: does the process live, can it work, and its figures."""

from datetime import timedelta
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from alerts.precision import precisions
from api.dependencies import Now, Shared
from api.problems import ProblemError, responses
from storage import history, schema_version, worklist
from storage.errors import StorageError

router = APIRouter(tags=["operation"])

_PERIOD = timedelta(days=30)
"""Of detectors' figures."""


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="The process lives")
async def healthz() -> Health:
    """Says nothing of the database: restarting this process would not bring that back."""
    return Health()


@router.get("/readyz", summary="The process can work", responses=responses(HTTPStatus.SERVICE_UNAVAILABLE))
async def readyz(shared: Shared) -> Health:
    """The database answers, its schema is current, and it tells us of changes. 503 says what is wrong."""
    wrong = []
    try:
        async with shared.transaction() as connection:
            missing = await schema_version.missing(connection)
        if missing:
            wrong.append(f"the database lacks {', '.join(missing)}: run `kanhu migrate`")
    except StorageError:
        wrong.append("the database does not answer or is not migrated")
    if not shared.live.listening.is_set():
        wrong.append("the live queue is not listening")
    if wrong:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not ready", "; ".join(wrong))
    return Health()


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
async def metrics(shared: Shared, now: Now) -> Response:
    """In Prometheus' text format. No names, no ids."""
    async with shared.transaction() as connection:
        counts = await worklist.counts(connection)
        # Everywhere: the root of the tree of areas.
        outcomes = await history.alert_outcomes(connection, "/", now - _PERIOD, now)
        misses = await history.miss_counts(connection, "/", now - _PERIOD, now)
    return Response(
        shared.metrics.exposition(counts, precisions(outcomes), misses),
        media_type="text/plain; version=1.0.0; charset=utf-8",
    )
