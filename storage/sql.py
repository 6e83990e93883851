"""The named SQL blocks of `queries/*.sql`, read once by aiosql; run by psycopg with rows as frozen dataclasses.

A block starts with `-- name: what_it_does` and a comment line that says what it is for. Parameters are `:name`.
"""

from functools import cache
from importlib import resources

import aiosql


@cache
def sql(name: str) -> str:
    """The text of block `file.block` with psycopg's `%(name)s` parameters.

    Raises KeyError for a name that is in no file.
    """
    file, _, block = name.partition(".")
    return _blocks(file)[block]


@cache
def _blocks(file: str) -> dict[str, str]:
    source = resources.files("storage") / "queries" / f"{file}.sql"
    queries = aiosql.from_str(source.read_text(encoding="utf-8"), "apsycopg", mandatory_parameters=False)
    return {name: getattr(queries, name).sql for name in queries.available_queries if not name.endswith("_cursor")}
