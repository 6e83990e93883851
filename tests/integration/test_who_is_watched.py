"""Whose device it is: one rule, which several queries each find by an index of their own."""

import random
from collections.abc import AsyncIterator

import pytest

from storage import directory, incidents, people, timeseries
from storage.pool import Connection
from storage.scope import Scope
from tests.support.alarm_world import NOON, connection_to


@pytest.fixture
async def connection(shared_database: str) -> AsyncIterator[Connection]:
    async with connection_to(shared_database) as connection:
        yield connection
        await connection.rollback()


async def build(connection: Connection, dice: random.Random) -> dict[int, int]:
    """Homes of one to three people, with devices of somebody and of nobody in particular. Returns whom each watches."""

    async def one(query: str, *given: object) -> int:
        row = await (await connection.execute(f"{query} RETURNING id".encode(), given)).fetchone()
        assert row is not None
        return int(row[0])

    area = await one("INSERT INTO area (code, name, level) VALUES ('city', '市', 'city')")
    watches: dict[int, int] = {}
    homes: list[tuple[int, list[int]]] = []
    for n in range(12):
        household = await one("INSERT INTO household (code, area_id) VALUES (%s, %s)", f"h{n}", area)
        homes.append((household, []))
    # Not home by home: the first of a home is the one with the lowest id.
    for household, residents in [*homes, *dice.sample(homes, 8), *dice.sample(homes, 5)]:
        residents.append(await one("INSERT INTO resident (household_id, name) VALUES (%s, '王')", household))
    for household, residents in homes:
        for n in range(dice.randint(0, 4)):
            owner = dice.choice((None, *residents))
            device = await one(
                "INSERT INTO device (household_id, resident_id, code, kind) VALUES (%s, %s, %s, 'wearable')",
                household,
                owner,
                f"d{n}",
            )
            watches[device] = owner or min(residents)
    return watches


@pytest.mark.parametrize("seed", range(4))
async def test_all_ways_to_ask_give_the_same_devices(connection: Connection, seed: int) -> None:
    watches = await build(connection, random.Random(seed))
    known = await directory.load(connection)
    assert {device: int(known.resident_of[device]) for device in watches} == watches
    codes = {device: code for code, device in known.ids.items()}
    everywhere = Scope.area("/city/")
    for resident in known.context.residents:
        theirs = sorted(device for device, whom in watches.items() if whom == resident)
        assert sorted(await timeseries.devices_of(connection, resident)) == theirs
        worn = await incidents.wearables(connection, resident)
        assert [(one.household, one.device) for one in worn] == [codes[device] for device in theirs]
        listed = await people.devices(connection, everywhere, NOON, resident_id=resident, maximum=100)
        assert [(one.id, one.watches) for one in listed] == [(device, resident) for device in theirs]


async def test_a_family_sees_the_devices_that_watch_its_own(connection: Connection) -> None:
    watches = await build(connection, random.Random(7))
    cursor = await connection.execute(
        "INSERT INTO app_user (name, display_name, password_hash, role)"
        " VALUES ('jing', '静', '', 'family') RETURNING id"
    )
    row = await cursor.fetchone()
    assert row is not None
    own = random.Random(8).sample(sorted(set(watches.values())), 3)
    for resident in own:
        await connection.execute(
            "INSERT INTO contact (resident_id, user_id, name) VALUES (%s, %s, '静')", (resident, row[0])
        )
    listed = await people.devices(connection, Scope.family(row[0]), NOON, maximum=100)
    assert [one.id for one in listed] == sorted(device for device, whom in watches.items() if whom in own)
    households = await people.households(connection, Scope.family(row[0]), NOON, maximum=100)
    residents = await people.residents(connection, Scope.family(row[0]), NOON, maximum=100)
    assert [one.id for one in residents] == sorted(own)
    assert {one.id for one in households} == {one.household_id for one in residents}
