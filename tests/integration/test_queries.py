"""Every query against the schema: it gives the fields of its row type, and outlives a migration that adds columns."""

import ast
import inspect
import pkgutil
import re
from dataclasses import fields
from importlib import import_module, resources

import psycopg
from psycopg import Connection, sql
from psycopg.pq import DiagnosticField, ExecStatus

import storage
from alerts import service
from alerts.lifecycle import ClosureCode
from core.readings import Intake
from core.settings import Settings
from storage import deliveries, incidents, readings
from storage.pool import Pool, open_pool
from storage.sql import blocks
from storage.sql import sql as text_of
from tests.support import alarm_world
from tests.support.alarm_world import NOON, World, finding
from tests.support.rows import T0, position, waveform
from tests.support.rows import readings as readings_of

FILES = sorted(path.name.removesuffix(".sql") for path in (resources.files("storage") / "queries").iterdir())
# Those that PostgreSQL plans; the others make and drop a temporary table, or set the transaction's mode.
PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_PARAMETER = re.compile(r"%\((\w+)\)s")


def row_types() -> dict[str, type]:
    """What the rows of queries become, from the source of the functions that ask for them."""
    found: dict[str, type] = {}
    for module in (import_module(f"storage.{each.name}") for each in pkgutil.iter_modules(storage.__path__)):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            match node:
                case ast.Call(
                    func=ast.Name(id="fetch_all" | "fetch_one"), args=[_, row, ast.Constant(value=str(block)), *_]
                ):
                    found[block] = eval(ast.unparse(row), vars(module))
    return found


def prepared(connection: Connection, name: str, text: str) -> tuple[list[str], int]:
    """Prepare a query as the driver does. Returns the names of its columns, and how many parameters it has."""
    given: dict[str, int] = {}
    numbered = _PARAMETER.sub(lambda found: f"${given.setdefault(found[1], len(given) + 1)}", text).replace("%%", "%")
    for result in (
        connection.pgconn.prepare(name.encode(), numbered.encode()),
        described := connection.pgconn.describe_prepared(name.encode()),
    ):
        assert result.status == ExecStatus.COMMAND_OK, (name, result.error_field(DiagnosticField.MESSAGE_PRIMARY))
    return [(described.fname(n) or b"").decode() for n in range(described.nfields)], described.nparams


def widen(connection: Connection) -> None:
    """What a migration of the next version may do to every table."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ 'yoyo' ORDER BY 1"
    ).fetchall()
    assert {"incident", "delivery", "alert", "reading"} <= {table for (table,) in tables}
    for (table,) in tables:
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD COLUMN new_word text, ADD COLUMN new_number int NOT NULL DEFAULT 7").format(
                sql.Identifier(table)
            )
        )


def test_every_query_gives_the_fields_of_its_rows_and_is_planned_again_when_all_tables_have_more_columns(
    database: str,
) -> None:
    kinds = row_types()
    assert len(kinds) > 100
    parameters: dict[str, int] = {}
    with psycopg.connect(database, autocommit=True) as connection:
        # Filled and emptied within a transaction of its own.
        connection.execute("CREATE TEMPORARY TABLE arriving (LIKE reading)")
        for file in FILES:
            for block in blocks(file):
                name = f"{file}.{block}"
                text = text_of(name, kinds.get(name))
                if text.lstrip().upper().startswith(PLANNED):
                    columns, parameters[name] = prepared(connection, name, text)
                    if name in kinds:
                        assert columns == [field.name for field in fields(kinds[name])], name
        assert len(parameters) > 200
        widen(connection)
        for name, count in parameters.items():
            nothing = sql.SQL(", ").join([sql.NULL] * count)
            again = sql.SQL("EXPLAIN EXECUTE {}").format(sql.Identifier(name))
            # Raises what a process would end with.
            connection.execute(again + sql.SQL("({})").format(nothing) if count else again)


async def work(pool: Pool, world: World, number: int) -> None:
    """What processes do with an incident, from the finding to its end."""
    async with pool.connection() as connection:
        [raised] = await service.raise_findings(connection, [finding(world, episode=str(number))], NOON)
    async with pool.connection() as connection:
        incident = await incidents.lock_due(connection, NOON)
        assert incident is not None
        assert incident.id == raised.incident_id
        await service.carry_out_due(connection, incident, NOON)
    async with pool.connection() as connection:
        told = await deliveries.of_incident(connection, raised.incident_id)
        assert told
        for delivery in told:
            assert await deliveries.get(connection, delivery.id) == await deliveries.lock(connection, delivery.id)
            await service.record_delivered(connection, delivery.id, NOON)
    async with pool.connection() as connection:
        await service.claim(connection, raised.incident_id, world.responder, NOON)
        await service.close(connection, raised.incident_id, world.responder, NOON, ClosureCode.ACCIDENTAL)
        assert [e.event for e in await incidents.events_of(connection, raised.incident_id)][-1] == "close"
        [alert] = await incidents.alerts_of(connection, raised.incident_id)
        assert alert == await incidents.alert(connection, raised.alert_id)


async def test_a_process_works_on_when_a_migration_has_added_columns(database: str) -> None:
    async with alarm_world.connection_to(database) as connection:
        world = await alarm_world.build(connection)
    # One after another takes the same connection, which has prepared what it ran five times.
    async with open_pool(Settings(database_url=database)) as pool:
        for number in range(1, 8):
            await work(pool, world, number)
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT statement FROM pg_prepared_statements")
            known = [statement for (statement,) in await cursor.fetchall()]
        for table in ("incident", "delivery", "alert", "incident_event"):
            assert any(f" {table} " in statement for statement in known), table
        with psycopg.connect(database, autocommit=True) as migration:
            widen(migration)
        for number in range(8, 15):
            await work(pool, world, number)


async def test_readings_are_written_when_a_migration_has_added_columns(database: str) -> None:
    async with open_pool(Settings(database_url=database)) as pool:
        for number in range(1, 15):
            async with pool.connection() as connection:
                # One of the two is stored already, but for the first time.
                rows = readings_of([(1, 1, T0, 60.0), (1, 1, T0 + number, 60.0)])
                await readings.write(connection, Intake.of(rows, position(1, T0 + number), [waveform(1, T0 + number)]))
            if number == 7:
                with psycopg.connect(database, autocommit=True) as migration:
                    widen(migration)
        async with pool.connection() as connection:
            for table, count in (("reading", 15), ("position", 14), ("waveform", 14)):
                cursor = await connection.execute(
                    sql.SQL("SELECT count(*), sum(new_number) FROM {}").format(sql.Identifier(table))
                )
                assert await cursor.fetchone() == (count, 7 * count)
