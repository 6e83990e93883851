"""`kanhu evaluate inactivity`."""

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.start import complain
from detectors.evaluation import inactivity_protocol as protocol
from detectors.evaluation import inactivity_report
from detectors.evaluation.inactivity_homes import load
from detectors.evaluation.recordings import RecordingsError, check_names

_RECORDINGS = Path(__file__).parents[1].parent / "shared" / "data" / "homes"
_WIDTH = 150
_CUTS = 100


def inactivity(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="homes (.csv, .csv.gz); none: ../shared/data/homes/*.csv.gz", show_default=False),
    ] = None,
    cuts: Annotated[int, typer.Option("--cuts", help="random events a home at which its stream is cut", min=1)] = _CUTS,
    seed: Annotated[int, typer.Option("--seed", help="of the cuts and of the bootstrap", min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
) -> None:
    """Measure the inactivity detector on recorded homes: false alerts, and hours until a silence is found."""
    given = files or sorted(_RECORDINGS.glob("*.csv.gz"))
    if not given:
        complain(f"no recordings in {_RECORDINGS}: name the files")
        raise typer.Exit(2)
    try:
        sets = [load(path) for path in given]
        check_names([homes.name for homes in sets])
        for homes in sets:
            protocol.check(homes)
    except (RecordingsError, OSError) as error:
        complain(str(error))
        raise typer.Exit(2) from error
    options = [*(["--cuts", str(cuts)] if cuts != _CUTS else []), *(["--seed", str(seed)] if seed != 1 else [])]
    command = shlex.join(["kanhu", "evaluate", "inactivity", *map(str, files or ()), *options])
    rows = []
    chosen = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for homes in sets:
            task = progress.add_task(homes.name, total=cuts)
            measured, chosen[homes.name] = inactivity_report.measure(homes, cuts, seed, partial(progress.advance, task))
            rows += measured
    show(
        inactivity_report.Report(
            inactivity_report.describe(cuts, seed), inactivity_report.LEGEND, command, rows, chosen
        ),
        as_json,
    )


def show(report: inactivity_report.Report, as_json: bool) -> None:
    """Print the table, or the JSON."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
        return
    table = Table(*inactivity_report.COLUMNS, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in report.rows:
        table.add_row(*inactivity_report.cells(row))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)
    console.print(report.protocol)
    console.print(table)
    console.print(report.limits)
    for name, point in report.chosen.items():
        console.print(f"all homes of {name} together would choose survival {point:.2g}")
    console.print(f"$ {report.command}")
