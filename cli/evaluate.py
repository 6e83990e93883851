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
import numpy as np
import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli import evaluate_cost, evaluate_inactivity, evaluate_vitals
from cli.start import complain
from core.readings import Float64
from detectors import models
from detectors.evaluation import fall_report, fall_trials, fall_windows
from detectors.evaluation.fall_figures import Figures, figures
from detectors.evaluation.fall_variations import VARIATIONS
from detectors.evaluation.recordings import Recordings, RecordingsError, check_names, load
from detectors.fall.model import FallModel, shipped

if TYPE_CHECKING:
    from detectors.evaluation.fall_training import Material

app = typer.Typer(help="Measure detectors on recordings, and train their models.", no_args_is_help=True)

_RECORDINGS = Path(__file__).parents[1].parent / "shared" / "data" / "falls"
_WIDTH = 200
_MODELS = Path(models.__file__).parent

_Step = Callable[[str, int], Callable[[], None]]


app.command()(evaluate_inactivity.inactivity)
app.command()(evaluate_vitals.vitals)
app.command()(evaluate_cost.cost)


@app.command()
def fall(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="recordings (.npz); none: ../shared/data/falls/*.npz", show_default=False),
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="train the model on all files and write it with its card")
    ] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="measure the shipped model through the detector, train nothing")
    ] = False,
    robustness: Annotated[
        bool, typer.Option("--robustness", help="like --frozen, on the same trials at other rates, units, orientations")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
    output: Annotated[
        Path, typer.Option("--output", help="where --train writes fall.onnx and fall.md", show_default=False)
    ] = _MODELS,
) -> None:
    """Measure the fall detector: each subject left out in turn, and each set trained, another tested.

    A file holds the trials one after another in acceleration_mg, _g or _ms2, where each begins and the last ends in
    offsets, sample_rate_hz, and of each trial subject, activity, trial, is_fall and older_adult. It may have time_s of
    each sample, and fall_start_s and fall_end_s of each trial.
    """
    if train + frozen + robustness > 1:
        complain("--train, --frozen and --robustness are different things: choose one")
        raise typer.Exit(2)
    given = files or sorted(_RECORDINGS.glob("*.npz"))
    if not given:
        complain(f"no recordings in {_RECORDINGS}: name the files")
        raise typer.Exit(2)
    chosen = {"--train": train, "--frozen": frozen, "--robustness": robustness}
    command = shlex.join(["kanhu", "evaluate", "fall", *map(str, files or ()), *(o for o, on in chosen.items() if on)])
    try:
        sets = sorted((load(path) for path in given), key=lambda s: s.name)
        check_names([recordings.name for recordings in sets])
        with _progress() as step:
            if frozen:
                rows = _measure_shipped(sets, step)
            elif robustness:
                rows = _measure_varied(sets, step)
            else:
                rows = _measure_and_train(sets, command, output if train else None, step)
    except (RecordingsError, OSError) as error:
        complain(str(error))
        raise typer.Exit(2) from error
    unknown = [recordings.name for recordings in sets if not _trained_on(recordings)]
    show(fall_report.report(rows, command, unknown), as_json)


def _measure_shipped(sets: list[Recordings], step: _Step) -> list[Figures]:
    ways = {"a trial as one clip": fall_trials.clip, "a trial as a stream of 1 s blocks": fall_trials.stream}
    rows = []
    for recordings in sets:
        impact = _impacts(recordings)
        for way, send in ways.items():
            protocol = f"the shipped detector, {way}{_seen(recordings)}"
            advance = step(f"{recordings.name}: {way}", len(recordings))
            rows.append(figures(fall_trials.measure(protocol, recordings, shipped(), send, impact, advance)))
    return rows


def _measure_varied(sets: list[Recordings], step: _Step) -> list[Figures]:
    rows = []
    for recordings in sets:
        impact = _impacts(recordings)
        for what, (vary, send) in VARIATIONS.items():
            protocol = f"the shipped detector, {what}{_seen(recordings)}"
            advance = step(f"{recordings.name}: {what}", len(recordings))
            rows.append(figures(fall_trials.measure(protocol, vary(recordings), shipped(), send, impact, advance)))
    return rows


def _impacts(recordings: Recordings) -> Float64:
    try:
        return fall_windows.impact_s(fall_windows.of(recordings, seed=0), len(recordings))
    except fall_windows.NoImpactError:
        return np.full(len(recordings), np.nan)


def _seen(recordings: Recordings) -> str:
    if _trained_on(recordings):
        return "; IT WAS TRAINED ON THESE: no measure"
    return "; not one of the files that it was trained on"


def _trained_on(recordings: Recordings) -> bool:
    return recordings.digest in json.loads(shipped().metadata["trained_on"]).values()


def _measure_and_train(sets: list[Recordings], command: str, output: Path | None, step: _Step) -> list[Figures]:
    try:
        from detectors.evaluation import fall_protocols, fall_training
    except ModuleNotFoundError as error:
        complain(f"{error.name} is missing: install kanhu[train], or measure the shipped model with --frozen")
        raise typer.Exit(2) from error
    tested = _only_tested(sets, training=output is not None)
    materials: list[Material] = []
    for recordings in sets:
        advance = step(f"{recordings.name}: windows", 1)
        materials.append(fall_training.prepare(recordings))
        advance()
    training = [material for material in materials if material.recordings.name not in tested]
    rows = [] if output is not None else _measure_left_out(materials, training, step)
    advance = step("training, sets together in folds", 1)
    trained = fall_training.train(training)
    advance()
    advance = step("folds through the detector", sum(len(material.recordings) for material in training))
    rows += [figures(o) for o in fall_protocols.shipped_training(trained, training, advance)]
    if output is not None:
        about = [(s.name, len(set(s.subject.tolist())), int(s.is_fall.sum()), int((~s.is_fall).sum())) for s in sets]
        output.mkdir(parents=True, exist_ok=True)
        (output / "fall.onnx").write_bytes(trained.onnx)
        card = fall_report.card(rows, command, FallModel(trained.onnx), about)
        (output / "fall.md").write_text(card, encoding="utf-8")
    return rows


def _only_tested(sets: list[Recordings], training: bool) -> set[str]:
    """Names of the sets that are too small to train on, which is said. Raises RecordingsError where they have to."""
    from detectors.evaluation import fall_protocols

    fall_protocols.check_apart(sets)
    few = {s.name: why for s in sets if (why := fall_protocols.too_few(s)) is not None}
    for why in few.values():
        if training or len(few) == len(sets):
            raise RecordingsError(f"{why}; --frozen measures the shipped model on it")
        complain(f"{why}: it is only tested on")
    return set(few)


def _measure_left_out(materials: list["Material"], training: list["Material"], step: _Step) -> list[Figures]:
    from detectors.evaluation import fall_protocols

    rows = []
    for material in training:
        name = material.recordings.name
        subjects = len(set(material.recordings.subject.tolist()))
        advance = step(f"{name}: subjects left out", subjects)
        rows.append(figures(fall_protocols.leave_one_subject_out(material, advance)))
    for here, there in ((here, there) for here, there in permutations(materials, 2) if here in training):
        advance = step(f"{here.recordings.name} to {there.recordings.name}", len(there.recordings))
        rows.append(figures(fall_protocols.train_here_test_there(here, there, advance)))
    return rows


def show(report: fall_report.Report, as_json: bool) -> None:
    """Print the table, or the JSON."""
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
    console.print("Calibration: probability said → share of falls (trials), for even odds.")
    for line in fall_report.calibration(report.rows, letters):
        console.print(f"  {line}")
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
