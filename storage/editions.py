"""The three editions of the store, and the one place that knows the difference.

- Community (TimescaleDB with its own licence): hypertables, compression, retention; the roll-up is a continuous
  aggregate.
- Apache (what Debian packages): hypertables; the roll-up is a plain view.
- Plain PostgreSQL: ordinary tables; the roll-up is a plain view.

Names and columns are the same in all three, so the API's SQL is too.
"""

from enum import StrEnum

import psycopg
from psycopg import sql

# Chunks that fit in memory with their index: TimescaleDB's advice is about a quarter of it for all active ones.
_CHUNK = {"reading": "1 day", "position": "7 days", "waveform": "7 days"}
_SEGMENT = {"reading": "device, metric", "position": "device", "waveform": "device"}
_COMPRESS_AFTER = "7 days"
_KEEP = {"reading": "1095 days", "position": "90 days", "waveform": "365 days"}

_HOURLY = """
    SELECT device, metric, {bucket} AS hour,
           count(*) AS readings, min(value) AS low, max(value) AS high, avg(value) AS mean
    FROM reading GROUP BY 1, 2, 3
"""


class Edition(StrEnum):
    """What the server can do."""

    COMMUNITY = "community"
    APACHE = "apache"
    PLAIN = "plain"


def detect(connection: psycopg.Connection) -> Edition:
    """The edition that this server is."""
    available = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'").fetchone()
    if available is None:
        return Edition.PLAIN
    connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb")
    licence = connection.execute("SELECT current_setting('timescaledb.license')").fetchone()
    return Edition.COMMUNITY if licence == ("timescale",) else Edition.APACHE


def apply(conninfo: str) -> Edition:
    """Add to a migrated database what its edition has. Safe to run again."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        edition = detect(connection)
        for statement in statements(edition):
            connection.execute(statement)
        return edition


def statements(edition: Edition) -> list[sql.Composed]:
    """The statements of an edition, in order, each safe to run again."""
    result: list[sql.Composed] = []
    if edition is not Edition.PLAIN:
        for table, chunk in _CHUNK.items():
            result.append(
                sql.SQL(
                    "SELECT create_hypertable({}, by_range('time', {}::interval), create_default_indexes => false,"
                    " if_not_exists => true, migrate_data => true)"
                ).format(table, chunk)
            )
    if edition is Edition.COMMUNITY:
        for table in _CHUNK:
            result += [
                sql.SQL(
                    "ALTER TABLE {} SET (timescaledb.compress, timescaledb.compress_segmentby = {},"
                    " timescaledb.compress_orderby = 'time')"
                ).format(sql.Identifier(table), _SEGMENT[table]),
                sql.SQL("SELECT add_compression_policy({}, {}::interval, if_not_exists => true)").format(
                    table, _COMPRESS_AFTER
                ),
                sql.SQL("SELECT add_retention_policy({}, {}::interval, if_not_exists => true)").format(
                    table, _KEEP[table]
                ),
            ]
        result += [
            sql.SQL(
                "CREATE MATERIALIZED VIEW IF NOT EXISTS reading_hour WITH (timescaledb.continuous,"
                " timescaledb.materialized_only = false) AS {} WITH NO DATA"
            ).format(sql.SQL(_HOURLY).format(bucket=sql.SQL("time_bucket('1 hour', time)"))),
            # Wide enough for what arrives days late; an hour is left out because it is still being written.
            sql.SQL(
                "SELECT add_continuous_aggregate_policy('reading_hour', start_offset => {}::interval,"
                " end_offset => {}::interval, schedule_interval => {}::interval, if_not_exists => true)"
            ).format("3 days", "1 hour", "30 minutes"),
        ]
    else:
        result.append(
            sql.SQL("CREATE OR REPLACE VIEW reading_hour AS {}").format(
                sql.SQL(_HOURLY).format(bucket=sql.SQL("date_trunc('hour', time, 'UTC')"))
            )
        )
    return result
