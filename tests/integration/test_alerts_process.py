"""`kanhu dispatch` and `kanhu audit` as an operator runs them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from alerts import service
from storage import deliveries
from storage.pool import Connection, listen
from tests.support.alarm_world import World, build, connection_to, finding

KANHU = (sys.executable, "-m", "cli.main")


@pytest.fixture
def environment(database: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("KANHU_")} | {
        "KANHU_DATABASE_URL": database,
        "KANHU_TOKEN_SECRET": "0123456789abcdef0123456789abcdef",
        "KANHU_DISPATCH_METRICS_PORT": "0",
        "KANHU_LOG_FORMAT": "json",
    }


async def audit(environment: dict[str, str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *KANHU, "audit", env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@asynccontextmanager
async def dispatching(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *KANHU, "dispatch", env=environment, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def say_that_it_is(process: asyncio.subprocess.Process, what: str) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        if what in line.decode():
            return
    pytest.fail(f"it never said {what!r}")


async def raise_sos(database: str, world: World, episode: str) -> int:
    now = datetime.now(UTC)
    async with connection_to(database) as connection:
        [raised] = await service.raise_findings(connection, [finding(world, at=now, episode=episode)], now)
    return raised.incident_id


async def all_sent(connection: Connection, incident_id: int) -> int:
    """Wait until all that was planned is sent; how many."""
    while True:
        told = await deliveries.of_incident(connection, incident_id)
        if told and all(d.state == "sent" for d in told):
            return len(told)
        async for _ in connection.notifies(timeout=0.2, stop_after=1):
            pass


async def test_a_killed_dispatcher_leaves_nothing_unsent_and_a_stopped_one_ends_in_order(
    database: str, environment: dict[str, str]
) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
    async with asyncio.timeout(90), dispatching(environment) as first:
        await say_that_it_is(first, "dispatcher has started")
        first.kill()
        await first.wait()
        incident = await raise_sos(database, world, "1")
        async with dispatching(environment) as second:
            async with connection_to(database) as looking:
                await looking.set_autocommit(True)
                await listen(looking, "kanhu_outbox")
                assert await all_sent(looking, incident) == 3
            # A command, for which there is no broker here, and the look whether the daughter's message has arrived.
            assert await audit(environment) == (
                0,
                "0 violations, 0 incidents that nobody answers, 2 outbox rows waiting, 0 given up\n",
            )
            second.send_signal(signal.SIGTERM)
            await say_that_it_is(second, "dispatcher has ended in order")
            assert await second.wait() == 0


async def test_the_audit_names_what_is_wrong_and_ends_with_1(database: str, environment: dict[str, str]) -> None:
    async with connection_to(database) as connection:
        world = await build(connection)
    incident = await raise_sos(database, world, "1")
    async with connection_to(database) as connection:
        await connection.execute("DELETE FROM timer")
    code, said = await audit(environment)
    assert code == 1
    assert f"nothing_due: incident {incident}: it is open and nothing is due" in said


async def test_without_the_secret_it_says_so_and_does_not_start(environment: dict[str, str]) -> None:
    del environment["KANHU_TOKEN_SECRET"]
    async with dispatching(environment) as process:
        assert process.stderr is not None
        assert b"KANHU_TOKEN_SECRET" in await process.stderr.read()
        assert await process.wait() == 2
