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
from detectors.evaluation.vital_recordings import VitalRecordingsError, load

_RECORDINGS = Path(__file__).parents[1].parent / "shared" / "data" / "vitals"
_WIDTH = 140


def vitals(
    measurements: Annotated[
        Path, typer.Argument(help="home, date, device_type, value, unit (CSV, also .gz)")
    ] = _RECORDINGS / "tihm_physiology_dev.csv.gz",
    labels: Annotated[Path, typer.Argument(help="home, date, type of the team's alerts (CSV, also .gz)")] = _RECORDINGS
    / "tihm_labels_dev.csv.gz",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
) -> None:
    """Measure the vitals detector: its findings against a clinical team's labels, patient-day by patient-day."""
    try:
        recordings = load(measurements, labels)
    except (VitalRecordingsError, OSError) as error:
        complain(str(error))
        raise typer.Exit(2) from error
    given = [str(path) for path in (measurements, labels) if path.parent != _RECORDINGS]
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
