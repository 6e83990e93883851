"""Connections to the database."""

from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

from core.settings import Settings
from storage.errors import wrapped

Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]


def url(settings: Settings) -> str:
    """The database's address, `postgresql://…`, with the password from its own setting put in."""
    if settings.database_password is None:
        return settings.database_url
    parts = urlsplit(settings.database_url)
    user, _, host = parts.netloc.rpartition("@")
    password = quote(settings.database_password.get_secret_value(), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{host}"))


def open_pool(settings: Settings) -> Pool:
    """A pool that is not yet open: use it as `async with`.

    Connections speak UTC and are checked before they are handed out, so that a restarted server costs a reconnect and
    not an error.
    """
    return AsyncConnectionPool(
        _with_utc(url(settings)),
        min_size=1,
        max_size=settings.database_pool_size,
        timeout=10.0,
        check=AsyncConnectionPool.check_connection,
        reset=_reset,
        open=False,
    )


async def _reset(connection: Connection) -> None:
    """Before a connection is given to the next: what is done with it is one transaction again.

    The pool's check looks in autocommit mode, and is stuck in it where whoever asked has gone meanwhile: a browser
    that leaves a page is enough. All that was done with the connection afterwards would be committed piece by piece.
    That there is a `reset` also means that connections come back in a task of the pool, which nobody cancels.
    """
    if connection.autocommit:
        await connection.set_autocommit(False)


async def connect(settings: Settings) -> Connection:
    """One connection outside the pool, in autocommit mode: for LISTEN and for the writer. Raises Unavailable."""
    with wrapped():
        return await psycopg.AsyncConnection.connect(_with_utc(url(settings)), autocommit=True)


async def listen(connection: Connection, channel: str) -> None:
    """Subscribe an autocommit connection to the notifications of a channel."""
    with wrapped():
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))


def _with_utc(conninfo: str) -> str:
    options = conninfo_to_dict(conninfo).get("options") or ""
    return make_conninfo(
        conninfo, options=f"{options} -c timezone=UTC".strip(), application_name="kanhu", connect_timeout=5
    )
