"""Running the application: uvicorn with uvloop and httptools on the settings' address."""

import asyncio

import uvicorn

from api.app import create_app
from api.services import Services
from core.settings import Settings


class LiveQueueDied(Exception):
    """The live queue stopped listening because of a fault; the log has its trace."""


async def serve(settings: Settings) -> None:
    """Serve until a signal ends it.

    Raises SettingsError for a missing secret, LiveQueueDied where the task that listens for changes died: a console
    that shows an old queue as if it were live would be worse than none.
    """
    app = create_app(settings)
    services: Services = app.state.kanhu
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.api_host,
            port=settings.api_port,
            http="httptools",
            lifespan="on",
            # Paths hold tokens; api.metrics writes a line for each request without them.
            access_log=False,
            log_config=None,
            server_header=False,
            forwarded_allow_ips=settings.api_trusted_proxies,
            # Longer than proxies and clients keep a connection that rests (nginx: 60 s): who closes first must not be
            # the one that a request may be on the way to.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=10,
        )
    )
    watch = asyncio.create_task(_stop_when_failed(services, server), name="watch the live queue")
    try:
        await server.serve()
    finally:
        watch.cancel()
    if services.live.failed.is_set():
        raise LiveQueueDied


async def _stop_when_failed(services: Services, server: uvicorn.Server) -> None:
    await services.live.failed.wait()
    server.should_exit = True
