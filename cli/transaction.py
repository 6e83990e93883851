"""One transaction on the database for a command."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import typer

from cli import start
from core.clock import to_datetime
from storage.errors import wrapped
from storage.pool import Connection, open_pool

Result = TypeVar("Result")


class CommandError(Exception):
    """What was asked can't be done; the message is for the operator."""


def run(work: Callable[[Connection, datetime], Awaitable[Result]]) -> Result:
    """Do the work with a connection and the time now; all of it is committed, or nothing.

    Ends the process with 1 and one line on standard error for a CommandError or an error of the database.
    """
    settings = start.settings()
    now = to_datetime(settings.clock().micros())

    async def main() -> Result:
        with wrapped():
            async with open_pool(settings) as pool, pool.connection() as connection:
                return await work(connection, now)

    with start.plain_errors():
        try:
            return asyncio.run(main())
        except CommandError as error:
            start.complain(str(error))
            raise typer.Exit(1) from error
