"""Running a named block of SQL and reading its rows as dataclasses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from psycopg import AsyncCursor
from psycopg.rows import AsyncRowFactory, scalar_row

from storage.errors import wrapped
from storage.pool import Connection
from storage.sql import sql

Row = TypeVar("Row")


async def fetch_all(
    connection: Connection, kind: type[Row], block: str, given: Mapping[str, object], *, plan_anew: bool = False
) -> list[Row]:
    """All rows; the block's columns are the fields of `kind` in their order, else TypeError.

    plan_anew: the block has filters that may be null, a scope (see people.sql) or an array that may be long: its best
    plan depends on what is given. PostgreSQL would settle for one plan for all after some calls.
    """
    with wrapped():
        async with connection.cursor(row_factory=_of(kind)) as cursor:
            await cursor.execute(sql(block, kind), given, prepare=False if plan_anew else None)
            return await cursor.fetchall()


async def fetch_one(connection: Connection, kind: type[Row], block: str, given: Mapping[str, object]) -> Row | None:
    """The first row, or None."""
    with wrapped():
        async with connection.cursor(row_factory=_of(kind)) as cursor:
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


def _of(kind: type[Row]) -> AsyncRowFactory[Row]:
    """Rows as dataclasses. By place: psycopg's `class_row` goes by name, in twice the time; a board has 30,000 rows."""
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]

    def factory(cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], Row]:
        names = [column.name for column in cursor.description or ()]
        if names != known:
            raise TypeError(f"columns {names} where {kind.__name__} has {known}")
        return lambda values: kind(*values)

    return factory
