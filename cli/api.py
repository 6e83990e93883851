"""`kanhu api`."""

import typer
import uvloop

from cli import start
from core.settings import SettingsError


def api() -> None:
    """Serve the HTTP API until a signal ends it."""
    # Here, for it takes a second that no other command should wait for.
    from api.serve import LiveQueueDied, serve

    values = start.settings()
    try:
        uvloop.run(serve(values))
    except SettingsError as error:
        start.complain(str(error))
        raise typer.Exit(2) from error
    except LiveQueueDied as error:
        start.complain("the live queue stopped listening; the log says why")
        raise typer.Exit(1) from error
