"""`kanhu evaluate vitals`: the vitals detector on measurements with a clinical team's labels."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.start import complain
from detectors.evaluation import vital_report
from detectors.evaluation.recordings import RecordingsError
from detectors.evaluation.vital_recordings import load

_RECORDINGS = Path(__file__).parents[1].parent / "shared" / "data" / "vitals"
_MEASUREMENTS, _LABELS = _RECORDINGS / "tihm_physiology_dev.csv.gz", _RECORDINGS / "tihm_labels_dev.csv.gz"
_WIDTH = 140


def vitals(
    measurements: Annotated[
        Path | None,
        typer.Argument(
            help="home, date, device_type, value, unit (.csv, .csv.gz); none: those in ../shared/data/vitals",
            show_default=False,
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Argument(help="home, date, type of the team's alerts about the same homes", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
) -> None:
    """Measure the vitals detector: its findings against a clinical team's labels, patient-day by patient-day."""
    if measurements is not None and labels is None:
        complain(f"name the labels that belong to {measurements} after it")
        raise typer.Exit(2)
    try:
        recordings = load(measurements or _MEASUREMENTS, labels or _LABELS)
    except (RecordingsError, OSError) as error:
        complain(str(error))
        raise typer.Exit(2) from error
    given = [str(path) for path in (measurements, labels) if path is not None]
    command = shlex.join(["kanhu", "evaluate", "vitals", *given])
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def step(what: str, total: int) -> Callable[[], None]:
            task = progress.add_task(what, total=total)
            return lambda: progress.advance(task)

        report = vital_report.measure(recordings, command, step)
    show(report, as_json)


def show(report: vital_report.Report, as_json: bool) -> None:
    """Print the table, or the JSON."""
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
        return
    table = Table(*vital_report.COLUMNS, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in report.rows:
        table.add_row(*vital_report.cells(row))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)
    console.print(report.protocol)
    for dating, words in report.datings.items():
        console.print(f"  by {dating}: {words}.")
    console.print(table)
    console.print(vital_report.LEGEND)
    for line in vital_report.limits_in_words(report.rows):
        console.print(f"  {line}")
    console.print(report.limits)
    if report.left_out:
        console.print(
            "Left out: " + ", ".join(f"{count:,} {what}" for what, count in sorted(report.left_out.items())) + "."
        )
    console.print(f"$ {report.command}")
