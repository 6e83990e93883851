"""`kanhu quarantine`: what could not be taken, and giving it in again."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli import start
from core.clock import to_datetime
from core.wording import say
from ingest import quarantine
from ingest.reasons import Reason
from ingest.republish import BrokerError
from storage import ingest_state, pool
from storage.errors import wrapped
from storage.ingest_state import QuarantineRow

app = typer.Typer(help="List what could not be taken, with the reason, and give it in again.", no_args_is_help=True)

ReasonOption = Annotated[Reason | None, typer.Option("--reason", help="only this reason")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="at most so many")]


@app.command("list")
def list_(reason: ReasonOption = None, limit: LimitOption = 50) -> None:
    """Show what waits in quarantine, oldest first."""
    values = start.settings()

    async def read() -> list[QuarantineRow]:
        with wrapped():
            async with pool.open_pool(values) as connections, connections.connection() as connection:
                return await ingest_state.list_quarantine(connection, reason=reason, limit=limit)

    with start.plain_errors():
        rows = asyncio.run(read())
    table = Table("id", "arrived", "topic", "reason", "detail", "payload", title=f"{len(rows)} in quarantine")
    for row in rows:
        shown = row.record or row.payload[:80].decode("utf-8", "backslashreplace")
        why = say(Reason(row.reason).message, "en")
        table.add_row(
            str(row.id), f"{row.arrival:%Y-%m-%d %H:%M:%S}", row.topic, f"{row.reason}\n{why}", row.detail, shown
        )
    Console().print(table)


@app.command()
def reinject(
    ids: Annotated[list[int] | None, typer.Argument(help="ids from `list`; none: all with --reason")] = None,
    reason: ReasonOption = None,
    limit: LimitOption = 1000,
) -> None:
    """Publish messages again to their own topics, after the cause was mended."""
    if not ids and reason is None:
        start.complain("name ids, or a --reason")
        raise typer.Exit(2)
    values = start.settings()

    async def publish() -> tuple[int, int]:
        with wrapped():
            async with pool.open_pool(values) as connections:
                async with connections.connection() as connection:
                    waiting = await ingest_state.list_quarantine(connection, reason=reason, limit=limit)
                chosen = [row for row in waiting if not ids or row.id in ids]
                now = to_datetime(values.clock().micros())
                return len(chosen), len(await quarantine.reinject(values, connections, chosen, now))

    with start.plain_errors():
        try:
            chosen, published = asyncio.run(publish())
        except BrokerError as error:
            start.complain(f"the broker at {values.mqtt_host}:{values.mqtt_port} does not take them: {error}")
            raise typer.Exit(1) from error
    typer.echo(
        f"published {published} of {chosen}" + (" (the others were cut when kept)" if published < chosen else "")
    )
