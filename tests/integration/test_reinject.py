"""Giving in again what was set aside: once each, only what the broker takes is ticked off."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal

import pytest

from core.clock import to_datetime
from core.settings import Settings
from core.topics import Channel, topic
from ingest import quarantine
from ingest.republish import BrokerError
from servers.broker_access import INGEST
from servers.process import free_port
from servers.real import Mosquitto
from storage import ingest_state
from storage.ingest_state import Quarantined
from storage.pool import Pool, open_pool
from tests.support.mqtt import Client, payloads
from tests.support.rows import T0

pytestmark = pytest.mark.servers

NOW = to_datetime(T0)
GOOD = topic("h-again", "watch", Channel.TELEMETRY)
# Ingest's account may not write this one.
FORBIDDEN = topic("h-again", "watch", Channel.COMMAND)


def row(number: int, name: str, *, part: int = 0, cut: bool = False) -> Quarantined:
    payload = b"%d" % number
    return Quarantined(
        arrival=NOW + timedelta(seconds=number),
        part=part,
        topic=name,
        payload=payload,
        payload_size=len(payload) + cut,
        reason="unknown_device",
        detail="",
        record=None,
    )


def settings(broker: Mosquitto, **more: object) -> Settings:
    login = broker.service(INGEST)
    given = {"mqtt_port": broker.port, "mqtt_username": login.username, "mqtt_password": login.password}
    return Settings.model_validate({**given, **more})


@pytest.fixture
async def pool(embedded_database: str) -> AsyncIterator[Pool]:
    async with open_pool(Settings(database_url=embedded_database)) as opened:
        yield opened


async def reinject(pool: Pool, values: Settings, *rows: Quarantined) -> list[bytes]:
    """Set these aside and give them in again. Returns what still waits afterwards."""
    async with pool.connection() as connection:
        await ingest_state.write_quarantine(connection, "worker", rows)
        waiting = await ingest_state.list_quarantine(connection, reason=None, limit=100)
    try:
        await quarantine.reinject(values, pool, waiting, NOW)
    finally:
        async with pool.connection() as connection:
            left = await ingest_state.list_quarantine(connection, reason=None, limit=100)
    return [one.payload for one in left]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_each_message_goes_in_once_and_what_was_cut_stays(
    pool: Pool, mosquitto: Mosquitto, protocol: Literal["5", "3.1.1"]
) -> None:
    with Client(mosquitto, f"listener-{protocol}", mosquitto.service(INGEST)) as listener:
        listener.subscribe(GOOD)
        # Two records of the second message were refused.
        rows = [row(1, GOOD), row(2, GOOD, part=1), row(2, GOOD, part=2), row(3, GOOD, cut=True), row(4, GOOD)]
        left = await reinject(pool, settings(mosquitto, mqtt_protocol=protocol), *rows)
        assert payloads(listener.receive(3)) == [b"1", b"2", b"4"]
        assert listener.messages.empty()
    assert left == [b"3"]


async def test_what_the_broker_refuses_is_said_and_waits_on(pool: Pool, mosquitto: Mosquitto) -> None:
    rows = [row(1, GOOD), row(2, FORBIDDEN), row(3, GOOD)]
    with pytest.raises(BrokerError, match=f"{FORBIDDEN}: Not authorized"):
        await reinject(pool, settings(mosquitto), *rows)
    async with pool.connection() as connection:
        left = await ingest_state.list_quarantine(connection, reason=None, limit=100)
    assert [one.payload for one in left] == [b"2", b"3"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"mqtt_port": free_port()}, "Connection refused"), ({"mqtt_password": "wrong"}, "Not authorized")],
)
async def test_a_broker_that_lets_nobody_in_is_said(
    pool: Pool, mosquitto: Mosquitto, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(BrokerError, match=f"connection: .*{says}"):
        await reinject(pool, settings(mosquitto, **wrong), row(1, GOOD))
    async with pool.connection() as connection:
        assert len(await ingest_state.list_quarantine(connection, reason=None, limit=100)) == 1
