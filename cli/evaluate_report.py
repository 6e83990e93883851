"""`kanhu evaluate report`: what the other evaluations print, as one document."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from cli.start import complain

EVERY = ("fall", "fall --frozen", "fall --robustness", "inactivity", "vitals", "cost")
"""What is measured, as it stands after `kanhu evaluate`; those that there are."""
_HEAD = """# The detectors, measured

Written by `{command}`; no figure here is written by hand. Above each table stands the command that
prints it. All falls are acted, nearly all by young people; the older adults among the recordings did daily activities
only.
"""


class EvaluationFailedError(Exception):
    """The command ended with an error, which it has printed."""


def report(
    context: typer.Context,
    evaluations: Annotated[
        list[str] | None,
        typer.Argument(
            help='each as after `kanhu evaluate`, like "fall my.npz --frozen"; none: all', show_default=False
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="the file to write; none: print it")] = None,
) -> None:
    """Run evaluations one after another and write their tables, each under its command, as Markdown."""
    group = None if context.parent is None else context.parent.command
    there = group.commands if isinstance(group, TyperGroup) else {}
    chosen = evaluations or [each for each in EVERY if shlex.split(each)[0] in there]
    command = ["kanhu", "evaluate", "report", *(evaluations or ()), *(["--output", str(output)] if output else [])]
    try:
        text = document(chosen, shlex.join(command))
    except EvaluationFailedError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def document(evaluations: list[str], command: str) -> str:
    """The document. Each evaluation runs in a process of its own. Raises EvaluationFailedError."""
    parts = [_HEAD.format(command=command)]
    for evaluation in evaluations:
        words = ["evaluate", *shlex.split(evaluation)]
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "cli.main", *words], stdout=subprocess.PIPE, text=True, check=False
        )
        shown = shlex.join(["kanhu", *words])
        if done.returncode != 0:
            raise EvaluationFailedError(f"{shown} ended with {done.returncode}")
        lines = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        parts.append(f"## {evaluation}\n\n```console\n$ {shown}\n```\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)
