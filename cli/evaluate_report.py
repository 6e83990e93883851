"""`kanhu evaluate report`: what the other evaluations measure, as one document."""

import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from cli import evaluate, evaluate_cost, evaluate_inactivity, evaluate_vitals
from cli.start import complain
from detectors.evaluation import cost, fall_report, inactivity_report, targets, vital_report

EVERY = {
    "fall": "Falls: subjects nobody trained on",
    "fall --frozen": "Falls: the shipped detector",
    "fall --robustness": "Falls: other rates, units and orientations",
    "inactivity": "Inactivity",
    "vitals": "Vital signs",
    "cost": "Time and memory",
}
"""What is measured, as it stands after `kanhu evaluate`, and its heading."""

_PRINTED: dict[str, tuple[type, Callable[[Any, bool], None]]] = {
    "fall": (fall_report.Report, evaluate.show),
    "inactivity": (inactivity_report.Report, evaluate_inactivity.show),
    "vitals": (vital_report.Report, evaluate_vitals.show),
    "cost": (cost.Report, evaluate_cost.show),
}
"""What each prints with `--json`, and what shows it as a table."""

_REACHED, _OTHERS = "What is reached", "What others reached"
_HEAD = """# The detectors, measured

Written by `{command}`; no measured figure here is written by hand. In each part stands the command that prints its
table. All falls are acted, nearly all by young people; the older adults among the recordings did daily activities
only. These are the recordings that the developers had: on people whom nobody has seen figures may be worse.
"""

_LITERATURE = f"""## {_OTHERS}

As their authors give it, on other subjects, protocols and partly other recordings: a scale, not a race.

| source | data, protocol | result |
|---|---|---|
| Fula and Moreno, Sensors 24:1679, 2024 | UP-Fall, WEDA and UMAFall, wrist, windows of 2 s | recall 90.57 %, \
specificity 96.91 %, AUC 0.9885 |
| Zurbuchen et al., Sensors 21:938, 2021 | SisFall, gradient boosting and random forest | sensitivity and specificity \
both about 99 % |
| Palmerini et al., Sensors 20:6479, 2020 | 143 real falls, lower back | sensitivity above 80 %, 0.56 false alarms an \
hour |
| Bagalà et al., PLOS ONE, 2012 | 29 real falls, 13 threshold algorithms | sensitivity 57 %, specificity 83 % on \
average |
| Wilhelm and Wahl, Sensors 24:6583, 2024 | inactivity, 7 homes and water meters | found after 5 h 23 min on average \
at 0.09 false alarms a day |
"""


class EvaluationFailedError(Exception):
    """The command ended with an error, which it has printed."""


def report(
    evaluations: Annotated[
        list[str] | None,
        typer.Argument(
            help='each as after `kanhu evaluate`, like "fall my.npz --frozen"; none: all', show_default=False
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="the file to write; none: print it")] = None,
) -> None:
    """Run evaluations, each once, and write their tables and what they reach as Markdown."""
    command = ["kanhu", "evaluate", "report", *(evaluations or ()), *(["--output", str(output)] if output else [])]
    chosen = evaluations or list(EVERY)
    unknown = [each for each in chosen if _name(each) not in _PRINTED]
    if unknown:
        complain(f"no such evaluation: {', '.join(unknown)}; there are {', '.join(_PRINTED)}")
        raise typer.Exit(2)
    try:
        text = document([(each, _measured(each)) for each in chosen], shlex.join(command))
    except EvaluationFailedError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def document(measured: Sequence[tuple[str, targets.Report]], command: str) -> str:
    """The document. measured: each evaluation, as it stands after `kanhu evaluate`, with what it measured."""
    parts = [(_heading(evaluation), _part(evaluation, report)) for evaluation, report in measured]
    contents = [f"- [{heading}](#{_anchor(heading)})" for heading in (_REACHED, *(h for h, _ in parts), _OTHERS)]
    return "\n".join(
        [
            _HEAD.format(command=command),
            *contents,
            "",
            _reached([report for _, report in measured]),
            *(f"## {heading}\n\n{part}" for heading, part in parts),
            _LITERATURE,
        ]
    )


def _reached(reports: Sequence[targets.Report]) -> str:
    lines = [line.cells() for line in targets.summary(reports)]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in (targets.COLUMNS, ["---"] * 6, *lines))
    return f"## {_REACHED}\n\nEach figure is from the tables below, beside what was asked for.\n\n{table}\n"


def _part(evaluation: str, report: targets.Report) -> str:
    _, show = _PRINTED[_name(evaluation)]
    printed = io.StringIO()
    with redirect_stdout(printed):
        show(report, False)
    lines = "\n".join(line.rstrip() for line in printed.getvalue().splitlines())
    return f"```console\n$ {_command(evaluation)}\n```\n\n```text\n{lines}\n```\n"


def _measured(evaluation: str) -> targets.Report:
    """Run it, in a process of its own. Raises EvaluationFailedError."""
    words = ["evaluate", *shlex.split(evaluation), "--json"]
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "cli.main", *words], stdout=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        raise EvaluationFailedError(f"{_command(evaluation)} ended with {done.returncode}")
    kind, _ = _PRINTED[_name(evaluation)]
    measured: targets.Report = msgspec.json.decode(done.stdout, type=kind)
    return measured


def _name(evaluation: str) -> str:
    return shlex.split(evaluation)[0]


def _command(evaluation: str) -> str:
    return shlex.join(["kanhu", "evaluate", *shlex.split(evaluation)])


def _heading(evaluation: str) -> str:
    return EVERY.get(evaluation) or f"{EVERY[_name(evaluation)].partition(':')[0]}: {evaluation}"


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
