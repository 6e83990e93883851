"""`kanhu evaluate export-clips`: falls that people have judged, for retraining."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import start, transaction
from ingest import clips
from ingest.clips import Trial
from storage.pool import Connection

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def export_clips(
    output: Annotated[Path, typer.Option("--output", help="the .npz to write", show_default=False)],
    first: Annotated[
        datetime | None, typer.Option("--from", help="alerts raised from then on, UTC", show_default=False)
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", help="not included, UTC", show_default=False)] = None,
    rate: Annotated[float, typer.Option("--rate", min=15, max=200, help="samples a second")] = 50.0,
) -> None:
    """Write the acceleration around fall alerts that were closed as true or false, for `kanhu evaluate fall FILE`."""

    async def read(connection: Connection, now: datetime) -> list[Trial]:
        await connection.set_read_only(True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("judged falls", total=None)
            return await clips.trials(
                connection,
                first.replace(tzinfo=UTC) if first else _BEGINNING,
                last.replace(tzinfo=UTC) if last else now,
                rate,
                lambda done, total: progress.update(task, completed=done, total=total),
            )

    found = transaction.run(read)
    if not found:
        start.complain("no judged fall has its acceleration stored: nothing is written")
        raise typer.Exit(1)
    try:
        people = clips.write(output, found, rate)
    except OSError as error:
        start.complain(f"{output}: {error.strerror}")
        raise typer.Exit(1) from error
    falls = sum(trial.is_fall for trial in found)
    typer.echo(f"{output}: {falls} falls and {len(found) - falls} others of {people} people. It is health data.")
