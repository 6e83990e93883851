"""The look over a whole installation, against each area asked by itself the way an escalation asks."""

import random
from collections.abc import AsyncIterator
from datetime import time, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from alerts import coverage, duty, planning, policies
from alerts.coverage import Code
from alerts.duty import Fallback
from alerts.escalation import Target
from core.findings import Queue, Severity
from storage import deliveries
from storage import policies as stored_policies
from storage.coverage import Gap
from storage.pool import Connection
from tests.support.alarm_world import NOON, connection_to


@pytest.fixture
async def connection(shared_database: str) -> AsyncIterator[Connection]:
    async with connection_to(shared_database) as connection:
        yield connection
        await connection.rollback()


async def values(connection: Connection, query: str, *given: object) -> list[Any]:
    return [row[0] for row in await (await connection.execute(query.encode(), given)).fetchall()]


async def build(connection: Connection, dice: random.Random) -> dict[int, list[int]]:
    """A city of few people in which much is wrong. Returns the residents of each area."""

    async def one(query: str, *given: object) -> int:
        return int((await values(connection, query + " RETURNING id", *given))[0])

    async def area(code: str, level: str, parent: int | None) -> int:
        return await one(
            "INSERT INTO area (code, name, level, parent_id) VALUES (%s, '区', %s, %s)", code, level, parent
        )

    city = await area("city", "city", None)
    counties = [await area(f"c{n}", "county", city) for n in range(3)]
    streets = [await area(f"c{n}s{m}", "street", county) for n, county in enumerate(counties) for m in range(4)]
    everywhere = [city, *counties, *streets]

    async def channel(owner: str, owner_id: int) -> None:
        for _ in range(dice.choice((0, 1, 1, 2))):
            await one(
                f"INSERT INTO channel ({owner}, kind, address, failed_at) VALUES (%s, 'log', 'x', %s)",
                owner_id,
                dice.choice((None, None, NOON)),
            )

    async def user(number: int, role: str, where: int | None) -> int:
        new = await one(
            "INSERT INTO app_user (name, display_name, password_hash, role, area_id, disabled_at)"
            " VALUES (%s, 'U', '', %s, %s, %s)",
            f"u{number}",
            role,
            where,
            dice.choice((None, None, None, NOON)),
        )
        await channel("user_id", new)
        return new

    staff = [
        await user(n, dice.choice(("responder", "supervisor")), dice.choice((*everywhere, *counties, city)))
        for n in range(dice.randint(2, 10))
    ]
    families = [await user(100 + n, "family", None) for n in range(3)]
    hours = (time(8), time(20), time(11, 30), time(0))
    for n in range(dice.randint(0, 6)):
        rotation = await one(
            "INSERT INTO rotation (area_id, name, timezone, starts_on, days_each)"
            " VALUES (%s, %s, 'Asia/Shanghai', %s, 1)",
            dice.choice(everywhere),
            f"r{n}",
            NOON.date() + timedelta(days=dice.choice((-30, -7, 0, 3))),
        )
        for place, member in enumerate(dice.sample(staff, dice.randint(0, min(3, len(staff))))):
            await connection.execute("INSERT INTO rotation_member VALUES (%s, %s, %s)", (rotation, place, member))
        for place in range(dice.randint(0, 2)):
            await connection.execute(
                "INSERT INTO rotation_shift VALUES (%s, %s, '{1,2,3,4,5,6,7}', %s, %s)",
                (rotation, place, *dice.sample(hours, 2)),
            )
    for _ in range(dice.randint(0, 4)):
        stands_in, instead_of = dice.sample(staff, 2)
        await one(
            "INSERT INTO rota_override (area_id, user_id, instead_of_id, starts_at, ends_at, made_by, made_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            dice.choice(everywhere),
            stands_in,
            dice.choice((None, instead_of)),
            NOON - timedelta(hours=dice.randint(0, 5)),
            NOON + timedelta(hours=dice.randint(1, 5)),
            staff[0],
            NOON,
        )
    for _ in range(dice.randint(0, 8)):
        times = dice.choice((("{1,2,3,4,5,6,7}", *dice.sample(hours, 2)), (None, None, None)))
        steps = [{"after_s": 0, "targets": [dice.choice(list(Target)).value]} for _ in range(dice.randint(1, 2))]
        await connection.execute(
            "INSERT INTO escalation_policy (area_id, queue, min_severity, weekdays, starts, ends, policy)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                dice.choice((None, *everywhere)),
                dice.choice(list(Queue)).value,
                dice.randint(1, 5),
                *times,
                Jsonb({"steps": steps}),
            ),
        )
    residents: dict[int, list[int]] = {}
    for n in range(25):
        where = dice.choice(everywhere)
        household = await one("INSERT INTO household (code, area_id) VALUES (%s, %s)", f"h{n}", where)
        resident = await one("INSERT INTO resident (household_id, name) VALUES (%s, '王')", household)
        residents.setdefault(where, []).append(resident)
        for _ in range(dice.randint(0, 2)):
            contact = await one(
                "INSERT INTO contact (resident_id, user_id, name, valid_until) VALUES (%s, %s, '女儿', %s)",
                resident,
                dice.choice((None, *families)),
                dice.choice((None, NOON, NOON + timedelta(days=1))),
            )
            await channel("contact_id", contact)
    return residents


async def by_itself(connection: Connection, area: int, path: str, queue: Queue, residents: list[int]) -> list[Gap]:
    """Whom an incident of each severity would be told to, as the dispatcher plans it."""
    centre = await duty.at(connection, path, NOON)
    rules = planning.readable_rules(await stored_policies.policies(connection, subtree=path, upwards=path))
    codes: set[Code] = set()
    tells_family = False
    for severity in Severity:
        policy = policies.choose(rules, path, queue, severity, NOON).policy
        targets = {target for step in policy.steps for target in step.targets}
        tells_family |= bool(targets & {Target.FAMILY, Target.FAMILY_NEXT})
        told = centre.told("responder" if Target.QUEUE in targets else "supervisor")
        nobody = all(colleague.channel_id is None for colleague in told.people)
        if Target.QUEUE not in targets:
            codes |= {Code.NO_SUPERVISOR} if nobody else set()
        elif not told.people:
            codes.add(Code.NO_STAFF)
        elif told.fallback is Fallback.NOBODY_ON_SHIFT:
            codes.add(Code.NOBODY_ON_SHIFT)
        elif nobody or told.fallback is Fallback.NO_CHANNEL:
            codes.add(Code.NO_CHANNEL)
    gaps = [Gap(area, queue.value, code.value) for code in sorted(codes)]
    untold: dict[Code, list[int]] = {Code.CONTACTS_EXPIRED: [], Code.CONTACTS_NO_CHANNEL: []}
    for resident in residents if tells_family else ():
        if await values(connection, "SELECT id FROM contact WHERE resident_id = %s", resident):
            to_call = await deliveries.call_list(connection, resident, 0, NOON)
            if all(person.channel_id is None for person in to_call):
                untold[Code.CONTACTS_NO_CHANNEL if to_call else Code.CONTACTS_EXPIRED].append(resident)
    return gaps + [Gap(area, queue.value, code.value, some) for code, some in untold.items() if some]


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_found_for_all_at_once_is_what_each_area_finds_by_itself(
    connection: Connection, seed: int
) -> None:
    residents = await build(connection, random.Random(seed))
    found = await coverage.look(connection, NOON)
    assert {area.id for area in found} == set(residents)
    for area, queues in found.items():
        for queue in Queue:
            expected = await by_itself(connection, area.id, area.path, queue, residents[area.id])
            assert queues[queue] == expected, (area.path, queue)
