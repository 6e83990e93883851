"""Bringing a database to the newest schema: yoyo's migrations, the metric table, then what the edition adds."""

from importlib import resources

import psycopg
import yoyo

from core.metrics import METRICS
from storage import editions


def migrate(url: str) -> list[str]:
    """Apply what is missing; safe to run again and from two processes at once.

    Args: url of the database as libpq takes it (`postgresql://…`). Returns the ids of the migrations applied now.
    Raises StorageError where the server can't be reached or refuses.
    """
    migrations = yoyo.read_migrations(str(resources.files("storage") / "migrations"))
    with yoyo.get_backend(url.replace("postgresql://", "postgresql+psycopg://", 1)) as backend, backend.lock():
        missing = backend.to_apply(migrations)
        backend.apply_migrations(missing)
    with psycopg.connect(url) as connection:
        _write_metrics(connection)
    editions.apply(url)
    return [migration.id for migration in missing]


def _write_metrics(connection: psycopg.Connection) -> None:
    # Names and units beside the readings, for whoever reads the database without our code.
    connection.cursor().executemany(
        "INSERT INTO metric (id, name, unit, loinc) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit = excluded.unit, loinc = excluded.loinc",
        [(m.id, m.name, m.unit, m.loinc) for m in METRICS],
    )
