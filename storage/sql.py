"""The named SQL blocks of `queries/*.sql`, read once by aiosql; run by psycopg with rows as frozen dataclasses.

A block starts with `-- name: what_it_does` and a comment line that says what it is for. Parameters are `:name`.
`{columns}`, or `{alias.columns}`, stands for the columns that the fields of its row type name: never `*`, whose meaning
changes under a prepared statement when a migration adds a column, and PostgreSQL refuses to run it any more.
"""

import re
from dataclasses import fields
from functools import cache
from importlib import resources

import aiosql

_COLUMNS = re.compile(r"\{(\w+\.)?columns\}")


def sql(name: str, kind: type | None = None) -> str:
    """The text of block `file.block` with psycopg's `%(name)s` parameters; kind: the dataclass of its rows.

    Raises KeyError for a name that is in no file.
    """
    return _text(name, kind)


@cache
def _text(name: str, kind: type | None) -> str:
    file, _, block = name.partition(".")
    text = blocks(file)[block]
    if kind is None:
        return text
    columns = [field.name for field in fields(kind)]
    return _COLUMNS.sub(lambda found: ", ".join(f"{found[1] or ''}{column}" for column in columns), text)


@cache
def blocks(file: str) -> dict[str, str]:
    """All blocks of a file by name, as they stand there."""
    source = resources.files("storage") / "queries" / f"{file}.sql"
    queries = aiosql.from_str(source.read_text(encoding="utf-8"), "apsycopg", mandatory_parameters=False)
    return {name: getattr(queries, name).sql for name in queries.available_queries if not name.endswith("_cursor")}
