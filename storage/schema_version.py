"""Whether the database's schema is the one that this code was written for."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

from storage.pool import Connection
from storage.rows import fetch_all


async def missing(connection: Connection) -> list[str]:
    """The ids of the migrations that the database has not had; empty: it is current. Raises StorageError."""
    wanted = _wanted()
    applied = await fetch_all(connection, _Applied, "schema_version.applied", {"ids": list(wanted)})
    return sorted(set(wanted) - {row.id for row in applied})


@cache
def _wanted() -> tuple[str, ...]:
    folder = resources.files("storage") / "migrations"
    names = (file.name for file in folder.iterdir())
    return tuple(sorted(name.removesuffix(".sql") for name in names if name.endswith(".sql")))


@dataclass(frozen=True, slots=True)
class _Applied:
    id: str
