"""Bringing a database to the newest schema: yoyo's migrations, the metric table, then what the edition adds."""

from importlib import resources
from typing import Any

import psycopg
import yoyo

from core.metrics import METRICS
from storage import editions
from storage.errors import wrapped

# Of the advisory lock; any number that nothing else in this database uses ("kanhu" in ASCII).
_LOCK = 0x6B616E6875


def migrate(url: str) -> list[str]:
    """Apply what is missing; safe to run again, from two processes at once, and after one that was killed.

    Args: url of the database, `postgresql://…`. Returns the ids of the migrations applied now.
    Raises StorageError where the server can't be reached or refuses.
    """
    migrations = yoyo.read_migrations(str(resources.files("storage") / "migrations"))
    with wrapped(), yoyo.get_backend(f"postgresql+psycopg://{url.partition('://')[2]}") as backend:
        # On the connection that migrates: the server gives it up when that has ended, however it ends, and not before.
        backend.execute("SELECT pg_advisory_lock(:lock)", {"lock": _LOCK})
        # yoyo's own lock is a row, which a killed process leaves behind. Whoever wrote it does not hold ours any more.
        backend.break_lock()
        missing = backend.to_apply(migrations)
        for migration in missing:
            _apply(backend, migration)
        with psycopg.connect(url) as connection:
            _write_metrics(connection)
        editions.apply(url)
    return [migration.id for migration in missing]


def _apply(backend: Any, migration: Any) -> None:
    # yoyo's own way commits the migration first and notes it as applied in a second transaction: killed between the
    # two, it would be applied again.
    with backend.transaction():
        migration.process_steps(backend, "apply")
        backend.mark_one(migration)


def _write_metrics(connection: psycopg.Connection) -> None:
    # Names and units beside the readings, for whoever reads the database without our code.
    connection.cursor().executemany(
        "INSERT INTO metric (id, name, unit, loinc) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit = excluded.unit, loinc = excluded.loinc",
        [(m.id, m.name, m.unit, m.loinc) for m in METRICS],
    )
