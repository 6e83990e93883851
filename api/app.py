"""The HTTP application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api import description, problems
from api.auth import Tokens
from api.dependencies import API
from api.envelope import Envelope
from api.live import Live
from api.metrics import Measuring, Metrics
from api.routes import (
    areas,
    attachments,
    checks,
    confirm,
    console,
    contacts,
    coverage,
    detectors,
    devices,
    figures,
    health,
    households,
    incident_work,
    incidents,
    live,
    policies,
    protection,
    receipts,
    residents,
    rota,
    series,
    session,
    staff,
    storms,
)
from api.services import Services
from core.clock import Clock, SystemClock, to_datetime
from core.settings import Settings, SettingsError
from storage.errors import Refused, Unavailable
from storage.pool import Pool, open_pool


def create_app(
    settings: Settings, pool: Pool | None = None, clock: Clock | None = None, session_clock: Clock | None = None
) -> FastAPI:
    """The application; its lifespan opens the pool and listens for changes of incidents.

    pool: one that is not open yet; else one is made by the settings. clock: of what happens to residents; else the
    settings' own. session_clock: of sign-ins; else the machine's, because a demonstration's fast clock would sign
    people out within seconds. Raises SettingsError where the token secret is missing.
    """
    if settings.token_secret is None:
        raise SettingsError(
            "KANHU_TOKEN_SECRET is missing: it signs sign-ins and links; `openssl rand -hex 32` makes one"
        )
    secret = settings.token_secret.get_secret_value()
    pool = pool or open_pool(settings)
    clock = clock or settings.clock()
    metrics = Metrics()
    services = Services(
        settings=settings,
        pool=pool,
        clock=clock,
        session_clock=session_clock or SystemClock(),
        secret=secret,
        tokens=Tokens(secret, settings.token_minutes),
        live=Live(settings, pool, lambda: to_datetime(clock.micros()), metrics),
        metrics=metrics,
    )
    app = FastAPI(
        title="Kanhu 看护",
        summary="Residents, devices, incidents and who answers them",
        description=description.TEXT,
        version=version("kanhu"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=description.TAGS,
        openapi_url=f"{API}/openapi.json",
        # Their pages load scripts from elsewhere; any viewer can be pointed at the description.
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        # Ours are in /metrics and the log, without the tokens that paths hold.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.state.kanhu = services
    app.add_middleware(Measuring, metrics=metrics)
    app.add_middleware(
        Envelope,
        https=settings.public_url.startswith("https://"),
        time=lambda: (clock.micros() // 1000, settings.clock_speed),
        larger=attachments.LARGER_BODIES,
    )
    app.add_exception_handler(problems.ProblemError, problems.on_problem)
    app.add_exception_handler(HTTPException, problems.on_http_error)
    app.add_exception_handler(RequestValidationError, problems.on_invalid_request)
    app.add_exception_handler(Unavailable, problems.on_unavailable)
    app.add_exception_handler(Refused, problems.on_refused)
    app.add_exception_handler(Exception, problems.on_failure)
    # `live` before `incidents`: its path would be taken for an incident's id. `console` last: its page is all the rest.
    for module in (
        session,
        live,
        incidents,
        incident_work,
        attachments,
        areas,
        households,
        residents,
        protection,
        series,
        contacts,
        devices,
        detectors,
        staff,
        rota,
        policies,
        coverage,
        receipts,
        checks,
        figures,
        storms,
        confirm,
        health,
        console,
    ):
        app.include_router(module.router)
    # FastAPI documents this as the way to change the description.
    app.openapi = partial(description.of, app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    services: Services = app.state.kanhu
    async with services.pool, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(services.live.run(), name="live queue")
        yield {}
        listening.cancel()


def _operation_id(route: APIRoute) -> str:
    # What a generated client calls it.
    return route.name
