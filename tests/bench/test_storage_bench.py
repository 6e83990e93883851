"""Rows a second into `reading`: our binary COPY and its upsert path, beside plain executemany in the same run."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest

from core.clock import SECOND, to_datetime
from core.readings import Intake, ReadingBatch
from core.settings import Settings
from storage import readings as store
from storage.pool import Connection, open_pool
from tests.support.rows import T0

pytestmark = [pytest.mark.servers, pytest.mark.bench, pytest.mark.timeout(300)]

ROWS = 16_000
ROUNDS = 12


def batch(number: int) -> ReadingBatch:
    """2,000 devices with eight metrics each, as one batch of messages brings them."""
    rows = np.arange(ROWS)
    return ReadingBatch.from_columns(
        device=rows % 2000 + 1,
        resident=np.ones(ROWS),
        metric=rows // 2000 + 1,
        time=T0 + number * SECOND + rows,
        value=np.random.default_rng(number).random(ROWS),
        arrival=T0 + number * SECOND + rows,
    )


async def by_copy(connection: Connection, readings: ReadingBatch) -> None:
    await store.write(connection, Intake.of(readings))


async def by_executemany(connection: Connection, readings: ReadingBatch) -> None:
    columns = (readings.device, readings.metric, readings.time, readings.value, readings.arrival)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO reading (device, metric, time, value, arrival) VALUES (%s, %s, %s, %s, %s)",
            [(d, m, to_datetime(t), v, to_datetime(a)) for d, m, t, v, a in rows],
        )


async def seconds(
    connection: Connection, write: Callable[[Connection, ReadingBatch], Awaitable[None]], batches: list[ReadingBatch]
) -> list[float]:
    took = []
    for readings in batches:
        start = time.perf_counter()
        async with connection.transaction():
            await write(connection, readings)
        took.append(time.perf_counter() - start)
    return took


async def test_rows_a_second(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_pool(Settings(database_url=database)) as pool, pool.connection() as connection:
        copied = await seconds(connection, by_copy, [batch(n) for n in range(ROUNDS)])
        # Half of the rows are there already.
        clashing = [replace(batch(n), device=batch(n).device + 1000) for n in range(ROUNDS)]
        merged = await seconds(connection, by_copy, clashing)
        plain = await seconds(connection, by_executemany, [batch(ROUNDS + n) for n in range(ROUNDS // 3)])
    with capsys.disabled():
        print()
        for what, took in (("binary COPY", copied), ("the same, half stored already", merged), ("executemany", plain)):
            middle = float(np.median(took))
            ratio = float(np.median(plain)) / middle
            print(
                f"{what:30} {ROWS / middle:9,.0f} rows/s, {middle * 1000:6.1f} ms a batch of {ROWS}, ratio {ratio:.1f}"
            )
