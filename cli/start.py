"""What every command of the service does first: read the settings, set up the log; and say errors in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from cli import logs
from core.settings import Settings, SettingsError, read
from storage.errors import StorageError, Unavailable


def settings() -> Settings:
    """The settings of this process, with the log set up by them. Ends the process with a message if one is wrong."""
    try:
        values = read()
    except SettingsError as error:
        complain(str(error))
        raise typer.Exit(2) from error
    logs.configure(values)
    return values


def complain(message: str) -> None:
    """Say on standard error what is wrong."""
    print(f"kanhu: {message}", file=sys.stderr)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say errors that an operator can mend in one line, without a trace, and end with 1."""
    try:
        yield
    except StorageError as error:
        advice = "is KANHU_DATABASE_URL right?" if isinstance(error, Unavailable) else "has `kanhu migrate` been run?"
        # The driver's messages have several lines.
        complain(f"{' '.join(str(error).split())}; {advice}")
        raise typer.Exit(1) from error
