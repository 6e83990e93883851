"""`kanhu migrate`."""

import typer

from cli import start
from storage import migrate as migrations
from storage.pool import url


def migrate() -> None:
    """Bring the database to the newest schema. Safe to run again."""
    values = start.settings()
    with start.plain_errors():
        applied = migrations.migrate(url(values))
    typer.echo(f"applied {', '.join(applied)}" if applied else "the schema is current")
