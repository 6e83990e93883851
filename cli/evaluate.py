"""`kanhu evaluate`: measure detectors on recordings."""

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli import evaluate_inactivity, evaluate_vitals
from cli.start import complain
from detectors import models
from detectors.evaluation import fall_report, fall_shipped
from detectors.evaluation.fall_figures import Figures, figures
from detectors.evaluation.recordings import Recordings, RecordingsError, load
from detectors.fall.model import FallModel, shipped

if TYPE_CHECKING:
    from detectors.evaluation.fall_training import Material

app = typer.Typer(help="Measure detectors on recordings, and train their models.", no_args_is_help=True)

_RECORDINGS = Path(__file__).parents[1].parent / "shared" / "data" / "falls"
_WIDTH = 120
_MODELS = Path(models.__file__).parent

_Step = Callable[[str, int], Callable[[], None]]


app.command()(evaluate_inactivity.inactivity)
app.command()(evaluate_vitals.vitals)


@app.command()
def fall(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="recordings (.npz); none: ../shared/data/falls/*.npz", show_default=False),
    ] = None,
    train: Annotated[bool, typer.Option("--train", help="also train the model on the files and write it")] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="measure the shipped model through the detector, train nothing")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
    output: Annotated[
        Path, typer.Option("--output", help="where --train writes fall.onnx and fall.md", show_default=False)
    ] = _MODELS,
) -> None:
    """Measure the fall detector: each subject left out in turn, and each set trained, another tested."""
    if train and frozen:
        complain("--train and --frozen are two different things: choose one")
        raise typer.Exit(2)
    given = files or sorted(_RECORDINGS.glob("*.npz"))
    if not given:
        complain(f"no recordings in {_RECORDINGS}: name the files")
        raise typer.Exit(2)
    try:
        sets = sorted((load(path) for path in given), key=lambda s: s.name)
    except (RecordingsError, OSError) as error:
        complain(str(error))
        raise typer.Exit(2) from error
    command = shlex.join(["kanhu", "evaluate", "fall", *map(str, files or ()), *(["--train"] if train else []),
                          *(["--frozen"] if frozen else [])])  # fmt: skip
    with _progress() as step:
        if frozen:
            rows = _measure_shipped(sets, step)
        else:
            rows = _measure_and_train(sets, command, output if train else None, step)
    _show(fall_report.report(rows, command), as_json)


def _measure_shipped(sets: list[Recordings], step: _Step) -> list[Figures]:
    model = shipped()
    trained_on = set(json.loads(model.metadata["trained_on"]).values())
    rows = []
    for recordings in sets:
        for measure in (fall_shipped.as_clips, fall_shipped.as_streams):
            row = figures(measure(recordings, model, step(f"{recordings.name}: {measure.__name__}", len(recordings))))
            if recordings.digest in trained_on:
                row = msgspec.structs.replace(row, protocol=f"{row.protocol}; IT WAS TRAINED ON THESE: no measure")
            rows.append(row)
    return rows


def _measure_and_train(sets: list[Recordings], command: str, output: Path | None, step: _Step) -> list[Figures]:
    try:
        from detectors.evaluation import fall_protocols, fall_training
    except ModuleNotFoundError as error:
        complain(f"{error.name} is missing: install kanhu[train], or measure the shipped model with --frozen")
        raise typer.Exit(2) from error
    materials: list[Material] = []
    for recordings in sets:
        advance = step(f"{recordings.name}: windows", 1)
        materials.append(fall_training.prepare(recordings))
        advance()
    rows = []
    for material in materials:
        name = material.recordings.name
        subjects = len(set(material.recordings.subject.tolist()))
        advance = step(f"{name}: subjects left out", subjects)
        try:
            rows.append(figures(fall_protocols.leave_one_subject_out(material, advance)))
        except fall_protocols.TooFewSubjectsError as error:
            complain(str(error))
            raise typer.Exit(2) from error
    for here, there in permutations(materials, 2):
        advance = step(f"{here.recordings.name} to {there.recordings.name}", 1)
        rows.append(figures(fall_protocols.train_here_test_there(here, there)))
        advance()
    if output is not None:
        advance = step("training", 1)
        trained = fall_training.train(materials)
        rows += [figures(o) for o in fall_protocols.shipped_training(trained, materials)]
        about = [(s.name, len(set(s.subject.tolist())), int(s.is_fall.sum()), int((~s.is_fall).sum())) for s in sets]
        output.mkdir(parents=True, exist_ok=True)
        (output / "fall.onnx").write_bytes(trained.onnx)
        card = fall_report.card(rows, command, FallModel(trained.onnx), about)
        (output / "fall.md").write_text(card, encoding="utf-8")
        advance()
    return rows


def _show(report: fall_report.Report, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
        return
    letters = fall_report.protocols(report.rows)
    table = Table(*fall_report.COLUMNS, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in report.rows:
        table.add_row(*fall_report.cells(row, letters))
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)
    console.print(report.protocol)
    for protocol, letter in letters.items():
        console.print(f"  {letter}: {protocol}")
    console.print(table)
    console.print(fall_report.LEGEND)
    console.print(report.limits)
    console.print(f"$ {report.command}")


@contextmanager
def _progress() -> Iterator[_Step]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:

        def step(what: str, total: int) -> Callable[[], None]:
            task = progress.add_task(what, total=total)
            return lambda: progress.advance(task)

        yield step
