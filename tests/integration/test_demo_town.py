"""The demonstration's town is one in which somebody would answer, at whatever hour it is watched."""

import dataclasses
from datetime import timedelta

import pytest

from alerts import coverage
from core.clock import HOUR, ScaledClock, to_datetime, to_micros
from core.settings import read
from demo import script
from demo.responders import Desk
from demo.town import settle_in
from tests.support.alarm_world import NOON, connection_to


@pytest.fixture
async def town(embedded_database: str) -> str:
    begin = to_micros(NOON)
    clock = ScaledClock(begin, begin, 1.0)
    settings = read(
        {
            "KANHU_DATABASE_URL": embedded_database,
            **{f"KANHU_CLOCK_{name.upper()}": str(value) for name, value in dataclasses.asdict(clock).items()},
        }
    )
    roster = script.make(30, 1, begin, "http://127.0.0.1:1").roster
    desks = [(Desk(f"responder-{n}", "correct horse battery"), "responder") for n in (1, 2, 3)]
    await settle_in(settings, roster, [*desks, (Desk("demo", "correct horse battery"), "supervisor")])
    return embedded_database


async def test_somebody_would_answer_at_every_hour_of_two_weeks(town: str) -> None:
    async with connection_to(town) as connection:
        for hour in range(0, 14 * 24, 5):
            found = await coverage.look(connection, NOON + timedelta(hours=hour))
            gaps = [gap for queues in found.values() for some in queues.values() for gap in some]
            assert gaps == [], to_datetime(to_micros(NOON) + hour * HOUR)
            assert len(found) > 3
