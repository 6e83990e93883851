"""`kanhu evaluate cost`: time and memory of the detectors, on made-up readings."""

import sys
from collections.abc import Callable
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from detectors.evaluation import cost as costs

_WIDTH = 170


def cost(as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False) -> None:
    """Measure what the detectors cost: a batch, a tick over a million residents, configuring, memory."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def step(what: str, total: int) -> Callable[[], None]:
            task = progress.add_task(what, total=total)
            return lambda: progress.advance(task)

        report = costs.measure("kanhu evaluate cost", step)
    show(report, as_json)


def show(report: costs.Report, as_json: bool) -> None:
    """Print the table, or the JSON."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
        return
    table = Table(*costs.COLUMNS, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in report.rows:
        table.add_row(*costs.cells(row))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)
    console.print(report.protocol)
    console.print(table)
    console.print(costs.stream_in_words(report))
    console.print(report.legend)
    console.print(f"$ {report.command}")
