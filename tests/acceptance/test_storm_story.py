"""A storm of silent devices that goes on over changes of shift: read the timelines as the story they tell.

It begins at noon in Shanghai. lan and ming are responders, chen is their supervisor, who has no shifts. The dispatcher
looks after storms as often as the story goes on.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta

import pytest

from alerts import service
from alerts.notify.base import Permanent
from core.findings import Kind
from core.shifts import Hours
from storage import rota, storms
from storage.errors import Refused
from storage.pool import Connection
from tests.support.alarm_world import NOON
from tests.support.centre import Centre, open_centre
from tests.support.storms import homes, silent

HOUR = 3600
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        async with centre.transaction() as connection:
            await connection.execute("UPDATE app_user SET language = 'zh-CN' WHERE name = 'ming'")
        yield centre


async def shift(centre: Centre, name: str, first: time, last: time, *members: int) -> None:
    details = rota.RotationDetails(
        name, "Asia/Shanghai", date(2026, 9, 1), 1, members, (Hours(EVERY_DAY, first, last),)
    )
    async with centre.transaction() as connection:
        await rota.add_rotation(connection, centre.world.area, details)


async def day_and_evening(centre: Centre) -> None:
    """lan from 8 to 16, ming from 16 to 24, and nobody at night."""
    await shift(centre, "白班", time(8), time(16), centre.world.responder)
    await shift(centre, "晚班", time(16), time(0), centre.world.colleague)


async def fall_silent(centre: Centre, many: int) -> list[int]:
    residents = await homes(centre, many)
    await centre.raise_(*(silent(centre, resident) for resident in residents))
    return residents


async def go_on(centre: Centre, seconds: int, *, every: int = 300) -> None:
    """Go on until so many seconds after noon, with a look now, one every so many seconds, and one at the end."""
    begun = round((centre.now - NOON).total_seconds())
    for moment in [*range(begun, seconds, every), seconds]:
        await centre.until(moment)
        await centre.dispatcher.look_after_storms()
        await centre.settle()


def said(centre: Centre, address: str) -> list[str]:
    return [message.text for _, message in centre.channel.sent if message.address == address]


async def test_who_comes_on_shift_hears_of_it_once_and_in_their_language(centre: Centre) -> None:
    await day_and_evening(centre)
    residents = await fall_silent(centre, 30)
    await go_on(centre, 4 * HOUR - 300)
    assert centre.timeline() == ["     0 s lan, chen"]
    await go_on(centre, 12 * HOUR)
    assert centre.timeline()[1:] == [" 14400 s ming"]
    assert said(centre, "ming") == [
        "设备失联：西湖街道共30户，12:00起，可能为同一原因。https://kanhu.example/devices?storm=1"
    ]
    # The night without a shift, and the same people on their next shifts.
    await go_on(centre, 30 * HOUR, every=HOUR)
    assert centre.timeline()[2:] == []
    await centre.raise_(*(silent(centre, resident, clears=True) for resident in residents))
    await go_on(centre, 31 * HOUR)
    assert centre.timeline()[2:] == ["108000 s lan, ming, chen"]
    assert said(centre, "ming")[1].startswith("已结束：西湖街道设备失联（10-01 12:00起），已全部恢复。")


async def test_who_has_just_come_is_not_told_twice_when_it_grows(centre: Centre) -> None:
    await day_and_evening(centre)
    await go_on(centre, 4 * HOUR - 300)
    await fall_silent(centre, 20)
    await go_on(centre, 4 * HOUR)
    await fall_silent(centre, 7)
    # Chen was told a quarter of an hour before, ming ten minutes: of 27 and more homes hears chen alone.
    await go_on(centre, 4 * HOUR + 600, every=60)
    assert centre.timeline() == [" 14100 s lan, chen", " 14400 s ming", " 15000 s chen"]
    assert "共20户" in said(centre, "ming")[0]
    await fall_silent(centre, 5)
    await go_on(centre, 5 * HOUR, every=60)
    assert centre.timeline()[3:] == [" 15900 s ming, chen"]
    assert "共32户" in said(centre, "ming")[1]


async def test_two_who_look_at_once_at_the_change_of_shift_tell_once(centre: Centre) -> None:
    await day_and_evening(centre)
    await fall_silent(centre, 11)
    await go_on(centre, 4 * HOUR - 1)
    centre.clock.advance(1_000_000)
    await asyncio.gather(*(centre.dispatcher.look_after_storms() for _ in range(3)))
    await centre.settle()
    assert centre.timeline() == ["     0 s lan, chen", " 14400 s ming"]


async def test_nobody_is_got_out_of_bed_for_what_a_colleague_knows_of(centre: Centre) -> None:
    await shift(centre, "白班", time(8), time(16), centre.world.responder)
    await fall_silent(centre, 11)
    # From 16:00 on nobody is on shift, so that of an emergency everybody would be told.
    await go_on(centre, 20 * HOUR - 1, every=1800)
    assert centre.timeline() == ["     0 s lan, chen"]


async def test_what_begins_while_nobody_is_on_shift_is_not_told_again_when_somebody_is(centre: Centre) -> None:
    await shift(centre, "晚班", time(16), time(0), centre.world.colleague)
    await fall_silent(centre, 11)
    await go_on(centre, 5 * HOUR)
    assert centre.timeline() == ["     0 s lan, ming, chen"]


async def test_whom_no_message_reached_is_tried_again_and_who_gets_a_channel_hears_of_it(centre: Centre) -> None:
    await day_and_evening(centre)
    centre.channel.failures["ming"] = [Permanent("answered 500"), Permanent("answered 500")]
    async with centre.transaction() as connection:
        await connection.execute("UPDATE channel SET failed_at = now(), failure = 'x' WHERE address = 'chen'")
    await fall_silent(centre, 11)
    await go_on(centre, 5 * HOUR, every=60)
    assert centre.timeline() == ["     0 s lan", " 16200 s ming"]
    assert centre.channel.tried.count("ming") == 3
    async with centre.transaction() as connection:
        await connection.execute("UPDATE channel SET failed_at = NULL, failure = NULL WHERE address = 'chen'")
    await go_on(centre, 5 * HOUR + 60)
    assert centre.timeline()[2:] == [" 18000 s chen"]


async def test_the_people_of_a_street_that_it_reaches_later_hear_of_it_then(centre: Centre) -> None:
    await day_and_evening(centre)
    async with centre.transaction() as connection:
        await connection.execute(
            "INSERT INTO area (code, name, level, parent_id) VALUES ('330106001', '武林路', 'street', %s)",
            (centre.world.area,),
        )
        await connection.execute(
            "INSERT INTO app_user (name, display_name, password_hash, role, area_id, language)"
            " SELECT 'wu', 'Wu', '', 'supervisor', id, 'en' FROM area WHERE code = '330106001'"
        )
        await connection.execute(
            "INSERT INTO channel (user_id, kind, address) SELECT id, 'log', 'wu' FROM app_user WHERE name = 'wu'"
        )
        row = await (await connection.execute("SELECT id FROM area WHERE code = '330106001'")).fetchone()
    assert row is not None
    await fall_silent(centre, 12)
    await go_on(centre, 60)
    assert centre.timeline() == ["     0 s lan, chen"]
    [new] = await homes(centre, 1, row[0])
    await centre.raise_(silent(centre, new))
    await go_on(centre, 120)
    assert centre.timeline()[1:] == ["    60 s wu"]
    async with centre.transaction() as connection:
        [heard] = [one for one in await storms.heard(connection, 1) if one.at > NOON]
    assert (heard.at, heard.knows) == (NOON + timedelta(seconds=60), True)


async def test_a_storm_that_the_database_refuses_does_not_silence_the_others(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = service.storm_news

    async def refusing(connection: Connection, storm_id: int, now: datetime, every: timedelta) -> object:
        if storm_id == 1:
            raise Refused("smallint out of range")
        return await tell(connection, storm_id, now, every)

    monkeypatch.setattr(service, "storm_news", refusing)
    await fall_silent(centre, 11)
    await centre.dispatcher.look_after_storms()
    await centre.raise_(*(silent(centre, resident, kind=Kind.CLOCK_WRONG) for resident in await homes(centre, 11)))
    await go_on(centre, 60)
    assert centre.timeline() == ["     0 s lan, ming, chen"]
    assert said(centre, "lan")[0].startswith("Device clock")
