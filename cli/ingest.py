"""`kanhu ingest`."""

import uvloop

from cli import start
from ingest import worker


def ingest() -> None:
    """Take messages from the broker into the database, recognise what has happened, raise alerts."""
    values = start.settings()
    with start.plain_errors():
        uvloop.run(worker.run(values))
