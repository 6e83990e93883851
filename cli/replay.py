"""`kanhu replay`: detectors over stored days, beside what was raised then."""

import asyncio
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from cli import start
from core.clock import DAY, to_datetime, to_micros
from core.settings import Settings
from detectors import registry
from detectors.base import Detector
from detectors.fall import FallDetector
from detectors.fall.model import FallModel, ModelError
from ingest.replay import NobodyChosen, Replay, replay
from ingest.replay_comparison import Change, KindFigures, Raised, figures
from storage.care_plans import CarePlanError
from storage.errors import wrapped
from storage.pool import open_pool

_WIDTH = 140
_SHOWN = 50
_PROTOCOL = (
    "Protocol: the stored rows in the order of their arrival, minute by minute, a tick each minute; {detectors}; "
    "{people} residents, {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC after {warm_up} days of learning; "
    "devices and care plans as they are today; beside the alerts raised in that time. Nothing is written."
)
_LEGEND = (
    "same: raised within two minutes of then. true lost: closed as true, and no longer raised. false: closed as "
    "accidental or detector_false. fa/pw: false alarms a person-week, then, now, and at most (if all added are false)."
)


class Report(msgspec.Struct, frozen=True):
    """What `--json` prints: figures of all kinds together ("") and of each, and each change."""

    protocol: str
    command: str
    figures: list[KindFigures]
    changes: list[Change]


def replay_command(
    first: Annotated[datetime, typer.Option("--from", help="first moment of arrival, UTC", show_default=False)],
    last: Annotated[
        datetime | None, typer.Option("--to", help="up to here, not included; none: now", show_default=False)
    ] = None,
    resident: Annotated[list[int] | None, typer.Option("--resident", help="only these, by id")] = None,
    household: Annotated[list[str] | None, typer.Option("--household", help="only these, by code")] = None,
    detector: Annotated[list[str] | None, typer.Option("--detector", help="only these; none: all")] = None,
    plan: Annotated[
        list[str] | None,
        typer.Option(
            "--plan", metavar="KEY=VALUE", help="a care plan's field for everybody, the value as JSON or text"
        ),
    ] = None,
    model: Annotated[Path | None, typer.Option("--model", help="another fall model (.onnx)", exists=True)] = None,
    warm_up: Annotated[int, typer.Option("--warm-up", min=0, max=366, help="days before --from to learn from")] = 14,
    as_json: Annotated[bool, typer.Option("--json", help="JSON with every change instead of tables")] = False,
) -> None:
    """Run detectors over stored days and show what they would have raised beside what was raised then."""
    settings = start.settings()
    now = settings.clock().micros()
    begins = to_micros(first.replace(tzinfo=UTC))
    ends = now if last is None else min(to_micros(last.replace(tzinfo=UTC)), now)
    if ends <= begins:
        start.complain("--from lies before --to and before now")
        raise typer.Exit(2)
    detectors = _detectors(detector or [], model)
    changed = _plan(plan or [])

    with start.plain_errors(), _progress(begins - warm_up * DAY, ends) as progress:
        try:
            result = asyncio.run(
                _read_only(
                    settings,
                    detectors,
                    residents=resident or [],
                    households=household or [],
                    plan=changed,
                    warm_up=warm_up * DAY,
                    first=begins,
                    last=ends,
                    progress=progress,
                )
            )
        except NobodyChosen:
            start.complain("there is no such resident")
            raise typer.Exit(2) from None
        except CarePlanError as error:
            start.complain(str(error))
            raise typer.Exit(2) from error
    protocol = _PROTOCOL.format(
        detectors=", ".join(f"{d.name} {d.version}" for d in detectors),
        people=result.people,
        first=to_datetime(begins),
        last=to_datetime(ends),
        warm_up=warm_up,
    )
    command = shlex.join(["kanhu", *sys.argv[1:]])
    _show(Report(protocol, command, figures(result.changes, result.people, ends - begins), result.changes), as_json)


async def _read_only(settings: Settings, detectors: Sequence[Detector], **given: Any) -> Replay:
    with wrapped():
        async with open_pool(settings) as pool, pool.connection() as connection:
            await connection.set_read_only(True)
            return await replay(connection, detectors, **given)


def _detectors(names: Sequence[str], model: Path | None) -> list[Detector]:
    """The named detectors, or all, in the registry's order; the fall detector with the given model."""
    known = {kind.name: kind for kind in registry.DETECTORS}
    strange = sorted(set(names) - known.keys())
    if strange:
        start.complain(f"there is no detector {', '.join(strange)}; there are {', '.join(known)}")
        raise typer.Exit(2)
    chosen = [kind for name, kind in known.items() if not names or name in names]
    if model is None:
        return [kind() for kind in chosen]
    if FallDetector not in chosen:
        start.complain("--model is for the detector fall, which is not chosen")
        raise typer.Exit(2)
    try:
        other = FallModel(model.read_bytes())
    except (ModelError, OSError, Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
        start.complain(f"{model}: {error}")
        raise typer.Exit(2) from error
    return [FallDetector(other) if kind is FallDetector else kind() for kind in chosen]


def _plan(given: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE as fields of a care plan; which there are, and what they may be, is checked with the plan."""
    fields = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            start.complain(f"--plan {text}: write KEY=VALUE")
            raise typer.Exit(2)
        try:
            fields[key] = json.loads(value)
        except json.JSONDecodeError:
            fields[key] = value
    return fields


def _show(report: Report, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(report)).decode() + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False, markup=False)
    console.print(report.protocol)
    console.print(_table_of_figures(report.figures))
    console.print(_LEGEND)
    changed = [c for c in report.changes if c.what != "same"]
    if changed:
        console.print(_table_of_changes(changed[:_SHOWN]))
    if len(changed) > _SHOWN:
        console.print(f"… and {len(changed) - _SHOWN} more: see --json")
    console.print(f"$ {report.command}")


def _table_of_figures(rows: Sequence[KindFigures]) -> Table:
    names = ("kind", "then", "now", "same", "earlier", "later", "added", "removed", "true lost", "false then",
             "false now", "fa/pw then", "now", "at most")  # fmt: skip
    table = Table(*names, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for row in rows:
        counts = (row.then, row.now, row.same, row.earlier, row.later, row.added, row.removed, row.true_lost,
                  row.false_then, row.false_now)  # fmt: skip
        rates = (row.false_a_person_week_then, row.false_a_person_week_now, row.false_a_person_week_at_most)
        table.add_row(row.kind or "all", *map(str, counts), *(f"{rate:.3f}" for rate in rates))
    return table


def _table_of_changes(changes: Sequence[Change]) -> Table:
    table = Table(
        "what", "kind", "resident", "raised then", "raised now", "seconds", "code", box=box.SIMPLE, padding=(0, 1, 0, 0)
    )
    for change in changes:
        code = change.then.code if change.then is not None else None
        seconds = "" if change.seconds is None else f"{change.seconds:+.0f}"
        table.add_row(
            change.what, change.kind, str(change.resident), _when(change.then), _when(change.now), seconds, code or ""
        )
    return table


def _when(alert: Raised | None) -> str:
    return "" if alert is None else f"{to_datetime(alert.raised):%Y-%m-%d %H:%M:%S}"


@contextmanager
def _progress(begins: int, ends: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("replay", total=ends - begins)
        yield lambda at: progress.update(
            task, completed=at - begins, description=f"replay {to_datetime(at):%Y-%m-%d %H:%M}"
        )
