"""Writing what devices sent, and asking what is written already.

Readings go in by binary COPY, packed by NumPy: no object per reading. Where a row is there already, the same rows go
through a temporary table and INSERT … ON CONFLICT DO NOTHING.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import psycopg
from psycopg import sql as psycopg_sql

from core.clock import MINUTE, to_datetime, to_micros
from core.readings import NO_TIME, Bool, Int64, Intake, PositionBatch, ReadingBatch, Waveform
from storage.errors import wrapped
from storage.pool import Connection
from storage.sql import sql

# PostgreSQL counts microseconds from 2000-01-01.
_POSTGRES_EPOCH = 946_684_800_000_000
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"

_SLICE = 10 * MINUTE

# A row of binary COPY: the number of fields, then each field's length and big-endian value; length -1 is NULL.
# https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY-FORMAT
_READING = [
    ("fields", ">i2"), ("n1", ">i4"), ("device", ">i4"), ("n2", ">i4"), ("metric", ">i2"), ("n3", ">i4"),
    ("time", ">i8"), ("n4", ">i4"), ("value", ">f8"), ("n5", ">i4"), ("arrival", ">i8"), ("n6", ">i4"),
]  # fmt: skip
_READING_TIMELY = np.dtype(_READING)
_READING_SENT = np.dtype([*_READING, ("sent", ">i8")])


def pack(batch: ReadingBatch) -> bytes:
    """The rows of a batch in PostgreSQL's binary COPY format, in the column order of `reading`."""
    sent = batch.sent != NO_TIME
    if not sent.any():
        return _HEADER + _records(batch, _READING_TIMELY) + _TRAILER
    return _HEADER + _records(batch.take(~sent), _READING_TIMELY) + _records(batch.take(sent), _READING_SENT) + _TRAILER


def _records(batch: ReadingBatch, kind: np.dtype[np.void]) -> bytes:
    rows = np.empty(len(batch), dtype=kind)
    rows["fields"] = 6
    rows["n1"], rows["n2"], rows["n3"], rows["n4"], rows["n5"] = 4, 2, 8, 8, 8
    rows["device"], rows["metric"], rows["value"] = batch.device, batch.metric, batch.value
    rows["time"] = batch.time - _POSTGRES_EPOCH
    rows["arrival"] = batch.arrival - _POSTGRES_EPOCH
    if kind is _READING_SENT:
        rows["n6"] = 8
        rows["sent"] = batch.sent - _POSTGRES_EPOCH
    else:
        rows["n6"] = -1
    return rows.tobytes()


async def write(connection: Connection, intake: Intake) -> None:
    """Write everything of an intake within the caller's transaction; what is there already stays as it is.

    Raises Unavailable, or Refused for rows that the database will never take; the transaction is then as it was before.
    """
    with wrapped():
        async with connection.transaction():
            if len(intake.readings):
                await _write_readings(connection, intake.readings)
            if len(intake.positions):
                await _write_positions(connection, intake.positions)
            if intake.waveforms:
                await _write_waveforms(connection, intake.waveforms)


async def _write_readings(connection: Connection, batch: ReadingBatch) -> None:
    rows = pack(batch)
    try:
        async with connection.transaction():
            await _copy(connection, "reading", rows)
    except psycopg.errors.UniqueViolation:
        await connection.execute(sql("readings.create_arriving"))
        await _copy(connection, "arriving", rows)
        await connection.execute(sql("readings.merge_arriving"))
        await connection.execute(sql("readings.drop_arriving"))


async def _copy(connection: Connection, table: str, rows: bytes) -> None:
    statement = psycopg_sql.SQL("COPY {} (device, metric, time, value, arrival, sent) FROM STDIN (FORMAT BINARY)")
    async with connection.cursor() as cursor, cursor.copy(statement.format(psycopg_sql.Identifier(table))) as copy:
        await copy.write(rows)


async def _write_positions(connection: Connection, batch: PositionBatch) -> None:
    await connection.execute(
        sql("readings.insert_positions"),
        {
            "device": batch.device.tolist(),
            "time": _moments(batch.time),
            "latitude": batch.latitude.tolist(),
            "longitude": batch.longitude.tolist(),
            "accuracy": [None if np.isnan(a) else float(a) for a in batch.accuracy],
            "source": batch.source.tolist(),
            "arrival": _moments(batch.arrival),
            "sent": _moments(batch.sent),
        },
    )


async def _write_waveforms(connection: Connection, waveforms: tuple[Waveform, ...]) -> None:
    async with connection.cursor() as cursor:
        await cursor.executemany(
            sql("readings.insert_waveform"),
            [
                {
                    "device": w.device,
                    "time": to_datetime(w.time),
                    "rate": w.rate,
                    "samples": w.samples.astype("<i2").tobytes(),
                    "arrival": to_datetime(w.arrival),
                    "sent": None if w.sent == NO_TIME else to_datetime(w.sent),
                }
                for w in waveforms
            ],
        )


async def stored_readings(connection: Connection, batch: ReadingBatch) -> Bool:
    """bool[n]: which readings of the batch the database has, by (device, metric, time as the device gave it)."""
    if not len(batch):
        return np.zeros(0, dtype=bool)
    sent = batch.sent != NO_TIME
    known = np.zeros(len(batch), dtype=bool)
    for rows, times, query in (
        (np.flatnonzero(~sent), batch.time, "readings.known_by_time"),
        (np.flatnonzero(sent), batch.sent, "readings.known_by_sent"),
    ):
        if not len(rows):
            continue
        found = await _ordinals(
            connection,
            query,
            device=batch.device[rows].tolist(),
            metric=batch.metric[rows].tolist(),
            time=_moments(times[rows]),
            first=to_datetime(int(times[rows].min())),
            last=to_datetime(int(times[rows].max())),
        )
        known[rows[found]] = True
    return known


async def stored_positions(connection: Connection, batch: PositionBatch) -> Bool:
    """bool[n]: which positions of the batch the database has."""
    return await _stored_at(connection, "position", batch.device, batch.time, batch.sent)


async def stored_waveforms(connection: Connection, waveforms: tuple[Waveform, ...]) -> Bool:
    """bool[n]: which waveforms the database has."""
    device = np.array([w.device for w in waveforms], dtype=np.int32)
    time = np.array([w.time for w in waveforms], dtype=np.int64)
    sent = np.array([w.sent for w in waveforms], dtype=np.int64)
    return await _stored_at(connection, "waveform", device, time, sent)


async def _stored_at(connection: Connection, table: str, device: np.ndarray, time: Int64, sent: Int64) -> Bool:
    known = np.zeros(len(device), dtype=bool)
    ahead = sent != NO_TIME
    for rows, times, column in ((np.flatnonzero(~ahead), time, "time"), (np.flatnonzero(ahead), sent, "sent")):
        if len(rows):
            found = await _ordinals(
                connection,
                f"readings.known_{table}_by_{column}",
                device=device[rows].tolist(),
                time=_moments(times[rows]),
            )
            known[rows[found]] = True
    return known


async def _ordinals(connection: Connection, query: str, **parameters: object) -> Int64:
    with wrapped():
        cursor = await connection.execute(sql(query), parameters)
        return np.array([row[0] for row in await cursor.fetchall()], dtype=np.int64) - 1


async def newest(connection: Connection, device: np.ndarray, metric: np.ndarray) -> Int64:
    """int64[n]: the newest event time stored of each (device, metric), NO_TIME where there is none."""
    with wrapped():
        cursor = await connection.execute(
            sql("readings.newest"), {"device": device.tolist(), "metric": metric.tolist()}
        )
        rows = await cursor.fetchall()
    result = np.full(len(device), NO_TIME, dtype=np.int64)
    for ordinal, moment in rows:
        result[ordinal - 1] = to_micros(moment)
    return result


async def arrived(
    connection: Connection, after: int, until: int, devices: Sequence[int] | None = None
) -> AsyncIterator[Intake]:
    """What arrived after `after` and up to `until` (micros), oldest first; residents are left at 0.

    devices: only of these. Comes in slices of arrival time, so that memory is bounded by what arrives in ten minutes.
    Raises StorageError.
    """
    chosen = None if devices is None else list(devices)
    while True:
        with wrapped():
            cursor = await connection.execute(
                sql("readings.first_arrival"),
                {"after": to_datetime(after), "until": to_datetime(until), "devices": chosen},
            )
            row = await cursor.fetchone()
        if row is None or row[0] is None:
            return
        start = to_micros(row[0])
        after = min(start + _SLICE, until)
        yield await _arrived_between(connection, start, after, chosen)


async def _arrived_between(connection: Connection, first: int, last: int, devices: list[int] | None) -> Intake:
    window = {"first": to_datetime(first), "last": to_datetime(last), "devices": devices}
    with wrapped():
        readings = await (await connection.execute(sql("readings.arrived_readings"), window)).fetchall()
        positions = await (await connection.execute(sql("readings.arrived_positions"), window)).fetchall()
        waveforms = await (await connection.execute(sql("readings.arrived_waveforms"), window)).fetchall()
    return Intake.of(
        ReadingBatch.from_columns(**_columns(readings, "device", "metric", "time", "value", "arrival", "sent")),
        PositionBatch.from_columns(
            **_columns(positions, "device", "time", "latitude", "longitude", "accuracy", "source", "arrival", "sent")
        ),
        [
            Waveform(
                device=int(device),
                resident=0,
                time=int(time),
                rate=float(rate),
                samples=np.frombuffer(samples, dtype="<i2").reshape(-1, 3).astype(np.int16),
                arrival=int(arrival),
                sent=NO_TIME if sent is None else int(sent),
            )
            for device, time, rate, samples, arrival, sent in waveforms
        ],
    )


def _columns(rows: list[tuple[Any, ...]], *names: str) -> dict[str, list[object]]:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    result = dict(zip(names, columns, strict=True))
    result["sent"] = [NO_TIME if sent is None else sent for sent in result["sent"]]
    result["resident"] = [0] * len(rows)
    if "accuracy" in result:
        result["accuracy"] = [np.nan if accuracy is None else accuracy for accuracy in result["accuracy"]]
    return result


def _moments(micros: Int64) -> list[object]:
    return [None if m == NO_TIME else to_datetime(m) for m in micros.tolist()]
