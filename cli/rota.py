"""`kanhu rota`: who is on shift, and would anybody answer now?"""

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from alerts import coverage, duty
from alerts.duty import Duty
from cli.transaction import CommandError, run
from core.findings import Queue
from core.wording import say
from storage import people
from storage.coverage import Gap, WatchedArea
from storage.pool import Connection

app = typer.Typer(help="Show who is on shift, and whether anybody would answer.", no_args_is_help=True)


@app.command()
def show(area: Annotated[str, typer.Option(help="code of the area")]) -> None:
    """Show who would be told of an emergency in an area now, and until when they are on shift."""

    async def work(connection: Connection, now: datetime) -> tuple[Duty, dict[int, datetime]]:
        found = await people.area(connection, area)
        if found is None:
            raise CommandError(f"there is no area {area}")
        centre = await duty.at(connection, found.path, now)
        return centre.told("responder"), {shift.user: shift.ends_at for shift in centre.running}

    told, until = run(work)
    table = Table("id", "name", "shown as", "works in", "reachable", "until (UTC)")
    for colleague in told.people:
        ends = until.get(colleague.id) if told.fallback is None else None
        table.add_row(
            str(colleague.id),
            colleague.name,
            colleague.display_name,
            colleague.area,
            "no" if colleague.channel_id is None else "yes",
            f"{ends:%Y-%m-%d %H:%M}" if ends else "",
        )
    Console().print(table)
    if told.fallback is not None:
        typer.echo(f"everybody of the area would be told: {told.fallback.value.replace('_', ' ')}")


@app.command("coverage")
def coverage_command() -> None:
    """Look once whether anybody would answer now. Ends with 1 where the answer is no. Writes and sends nothing."""

    async def work(connection: Connection, now: datetime) -> dict[WatchedArea, dict[Queue, list[Gap]]]:
        return await coverage.look(connection, now)

    found = run(work)
    gaps = [(area, gap) for area, queues in found.items() for some in queues.values() for gap in some]
    for area, gap in gaps:
        reason = say(f"gap-{gap.code}", "en", count=len(gap.residents))
        about = f" Residents: {', '.join(map(str, gap.residents))}." if gap.residents else ""
        typer.echo(f"{area.code} {area.name}, {gap.queue}: {reason}{about}")
    typer.echo(f"{len(found)} areas looked at, {len(gaps)} gaps")
    if gaps:
        raise typer.Exit(1)
