"""A street with one home, its family and the people of the centre, for tests of alerts; and findings about it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg_pool import AsyncConnectionPool

from core.clock import to_micros
from core.findings import Finding, Kind, Queue, Severity
from storage.pool import Connection, Pool

NOON = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
"""Noon in Shanghai: outside of everybody's quiet hours."""

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class World:
    """Ids. Responders and supervisor of the street have a log channel; so have daughter and son, in call order."""

    area: int
    other_area: int
    household: int
    resident: int
    neighbour: int
    wearable: int
    responder: int
    colleague: int
    supervisor: int
    daughter: int
    son: int
    daughters_channels: tuple[int, ...]


async def build(connection: Connection) -> World:
    """Make it. The daughter reads 中文 and has two channels, the son reads English and has one."""

    async def one(query: str, *values: object) -> int:
        row = await (await connection.execute(query.encode() + b" RETURNING id", values)).fetchone()
        assert row is not None
        return int(row[0])

    async def user(name: str, role: str, area: int) -> int:
        user_id = await one(
            "INSERT INTO app_user (name, display_name, password_hash, role, area_id, language)"
            " VALUES (%s, %s, '', %s, %s, 'en')",
            name, name.title(), role, area,
        )  # fmt: skip
        await one("INSERT INTO channel (user_id, kind, address) VALUES (%s, 'log', %s)", user_id, name)
        return user_id

    async def contact(resident: int, name: str, language: str, order: int) -> int:
        return await one(
            "INSERT INTO contact (resident_id, name, language, call_order) VALUES (%s, %s, %s, %s)",
            resident, name, language, order,
        )  # fmt: skip

    area = await one("INSERT INTO area (code, name, level) VALUES ('330106', '西湖街道', 'street')")
    other_area = await one("INSERT INTO area (code, name, level) VALUES ('330107', '别处', 'street')")
    household = await one("INSERT INTO household (code, area_id, address) VALUES ('h1', %s, '武林路 5 号')", area)
    resident = await one("INSERT INTO resident (household_id, name) VALUES (%s, '王秀兰')", household)
    neighbour = await one("INSERT INTO resident (household_id, name) VALUES (%s, '李国强')", household)
    wearable = await one(
        "INSERT INTO device (household_id, resident_id, code, kind) VALUES (%s, %s, 'watch', 'wearable')",
        household, resident,
    )  # fmt: skip
    responder = await user("lan", "responder", area)
    colleague = await user("ming", "responder", area)
    supervisor = await user("chen", "supervisor", area)
    await user("far", "responder", other_area)
    daughter = await contact(resident, "女儿", "zh-CN", 1)
    son = await contact(resident, "Son", "en", 2)
    channels = (
        await one("INSERT INTO channel (contact_id, kind, address) VALUES (%s, 'log', 'daughter-1')", daughter),
        await one(
            "INSERT INTO channel (contact_id, kind, address, call_order) VALUES (%s, 'log', 'daughter-2', 2)", daughter
        ),
    )
    await one("INSERT INTO channel (contact_id, kind, address) VALUES (%s, 'log', 'son-1')", son)
    return World(
        area=area,
        other_area=other_area,
        household=household,
        resident=resident,
        neighbour=neighbour,
        wearable=wearable,
        responder=responder,
        colleague=colleague,
        supervisor=supervisor,
        daughter=daughter,
        son=son,
        daughters_channels=channels,
    )


@asynccontextmanager
async def pool_of(url: str, size: int = 4) -> AsyncIterator[Pool]:
    """A pool on a test's database."""
    pool: Pool = AsyncConnectionPool(url, min_size=1, max_size=size, open=False)
    async with pool:
        yield pool


@asynccontextmanager
async def connection_to(url: str) -> AsyncIterator[Connection]:
    """A connection in a transaction that is committed at the end."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        yield connection


def finding(
    world: World,
    kind: Kind = Kind.SOS,
    *,
    at: datetime = NOON,
    resident: int | None = None,
    queue: Queue = Queue.EMERGENCY,
    severity: Severity = Severity.CRITICAL,
    episode: str = "1",
    countdown: int = 0,
    clears: bool = False,
) -> Finding:
    """A finding by the resident's wearable."""
    return Finding(
        kind=kind,
        queue=queue,
        severity=severity,
        resident=world.resident if resident is None else resident,
        device=world.wearable,
        time=to_micros(at),
        detector=kind.value,
        version=1,
        episode=episode,
        reason=f"{kind.value}-reason",
        evidence={"button": 1},
        score=0.9,
        countdown=countdown,
        clears=clears,
    )
