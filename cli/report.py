"""`kanhu report`: a month's report as a file for spreadsheet programs."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from alerts import report as monthly_report
from alerts.report import Month
from cli.transaction import CommandError, run
from core import spreadsheet
from core.care import CarePlan
from core.zones import time_zone
from storage import people
from storage.pool import Connection

_ZONE = CarePlan().timezone


def report(
    month: Annotated[str, typer.Option(help="YYYY-MM")],
    area: Annotated[str, typer.Option(help="code of the area; all below it is in the report")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the file to write")],
    language: Annotated[Literal["zh-CN", "en"], typer.Option(help="of the headings")] = "zh-CN",
    timezone: Annotated[str, typer.Option(help="in which the month begins and ends")] = _ZONE,
) -> None:
    """Write a month's figures, regular checks, gaps and storms as CSV. The same as GET /api/v1/figures/report.csv."""
    try:
        zone = time_zone(timezone)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--timezone") from error
    try:
        meant = Month.read(month)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from error

    async def work(connection: Connection, now: datetime) -> str:
        found = await people.area(connection, area)
        if found is None:
            raise CommandError(f"there is no area {area}")
        made = await monthly_report.monthly(connection, found, meant, zone, now, language)
        return spreadsheet.MARK + spreadsheet.lines(monthly_report.rows(made, language))

    text = run(work)
    try:
        output.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(f"can't write it: {error.strerror}", param_hint="--output") from error
    typer.echo(f"{output}: {meant}, {area}")
