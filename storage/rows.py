"""Running a named block of SQL and reading its rows as dataclasses."""

from collections.abc import Mapping
from typing import TypeVar

from psycopg.rows import class_row, scalar_row

from storage.errors import wrapped
from storage.pool import Connection
from storage.sql import sql

Row = TypeVar("Row")


async def fetch_all(
    connection: Connection, kind: type[Row], block: str, given: Mapping[str, object], *, plan_anew: bool = False
) -> list[Row]:
    """All rows; the block's columns are the fields of `kind`, else TypeError.

    plan_anew: the block has filters that may be null, so that its best plan depends on what is given. PostgreSQL would
    settle for one plan for all after some calls.
    """
    with wrapped():
        async with connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(sql(block, kind), given, prepare=False if plan_anew else None)
            return await cursor.fetchall()


async def fetch_one(connection: Connection, kind: type[Row], block: str, given: Mapping[str, object]) -> Row | None:
    """The first row, or None."""
    with wrapped():
        async with connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(sql(block, kind), given)
            return await cursor.fetchone()


async def fetch_value(connection: Connection, kind: type[Row], block: str, given: Mapping[str, object]) -> Row | None:
    """The only column of the first row, or None where there is no row or it is null.

    Raises TypeError where the column is of another type: block and caller disagree.
    """
    with wrapped():
        async with connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(sql(block), given)
            value = await cursor.fetchone()
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"{block}: {type(value).__name__} where {kind.__name__} is expected")
    return value


async def execute(connection: Connection, block: str, given: Mapping[str, object]) -> int:
    """Run a block that gives no rows. Returns how many rows it touched."""
    with wrapped():
        cursor = await connection.execute(sql(block), given)
        return cursor.rowcount
