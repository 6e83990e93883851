"""What happens around a message while it is on its way, or waits: nobody is told wrongly, left out or left with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from structlog.testing import capture_logs

from alerts import service
from alerts.delivering import Desk
from alerts.dispatcher import Dispatcher
from alerts.lifecycle import ClosureCode
from alerts.notify.base import Message, Permanent, Temporary
from alerts.notify.webhook import WebhookChannel
from alerts.service import Answer, Heard
from core.findings import Kind, Queue, Severity
from storage import contacts, deliveries, incidents
from storage.deliveries import Delivery
from tests.support.alarm_world import NOON, finding
from tests.support.centre import Centre, Recorder, open_centre


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


@dataclass
class Slow:
    """A channel on which things happen while a message to an address is on its way."""

    channel: Recorder
    meanwhile: dict[str, Callable[[], Awaitable[object]]]
    says: str | None = None

    async def send(self, message: Message) -> str | None:
        happens = self.meanwhile.pop(message.address, None)
        if happens is not None:
            await happens()
        await self.channel.send(message)
        return self.says


def with_desk(centre: Centre, **changed: object) -> Desk:
    desk: Desk = replace(centre.dispatcher._desk, **changed)  # type: ignore[arg-type]
    centre.dispatcher = Dispatcher(centre.pool, desk, now=lambda: centre.now, speed=1.0, poll_seconds=1.0)
    return desk


def meanwhile(centre: Centre, address: str, happens: Callable[[], Awaitable[object]]) -> Slow:
    slow = Slow(centre.channel, {address: happens})
    with_desk(centre, channels={"log": slow, "webhook": slow, "apprise": slow})
    return slow


async def work(centre: Centre, incident: int, code: ClosureCode | None = None) -> None:
    """The responder claims it, and closes it if there is a code."""
    async with centre.transaction() as connection:
        await service.claim(connection, incident, centre.world.responder, centre.now)
        if code is not None:
            await service.close(connection, incident, centre.world.responder, centre.now, code)


async def reopened(centre: Centre, incident: int) -> None:
    async with centre.transaction() as connection:
        await service.reopen(connection, incident, centre.world.responder, centre.now)


async def of(centre: Centre, incident: int) -> list[Delivery]:
    async with centre.transaction() as connection:
        return await deliveries.of_incident(connection, incident)


async def confirm(centre: Centre, delivery: int, answer: Answer = Answer.ON_MY_WAY) -> None:
    async with centre.transaction() as connection:
        await service.confirm_delivery(connection, delivery, centre.now, answer)


class Killed(BaseException):
    """`kill -9`: what came of the work is written down by nobody."""


async def killed() -> None:
    raise Killed


async def settle_until_killed(centre: Centre) -> None:
    """Do all that is due now, until the end of the process."""
    with pytest.raises(Killed):
        await centre.settle()
    with_desk(centre, channels={"log": centre.channel, "webhook": centre.channel, "apprise": centre.channel})


def to(centre: Centre, address: str) -> list[str]:
    return [message.text for _, message in centre.channel.sent if message.address == address]


# The end


async def test_the_family_does_not_hear_that_it_is_over_when_it_is_open_again(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    # Her provider is busy at the very moment.
    centre.channel.failures["daughter-1"] = [Temporary("busy")]
    await work(centre, raised.incident_id, ClosureCode.REASSURED)
    await centre.settle()
    await reopened(centre, raised.incident_id)
    await centre.until(120)
    assert not any("已结束" in text for text in to(centre, "daughter-1"))
    assert len(to(centre, "daughter-1")) == 2, "but she hears of it again"


async def test_who_is_being_told_while_it_ends_hears_that_it_is_over(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    meanwhile(centre, "daughter-1", lambda: work(centre, raised.incident_id, ClosureCode.REASSURED))
    await centre.until(3600)
    assert ["已结束" in text for text in to(centre, "daughter-1")] == [False, True]
    assert to(centre, "daughter-1")[1] == "已结束：王秀兰，12:00，跌倒：已联系本人，平安。"
    assert to(centre, "son-1") == [], "who was never told needs no end"


async def test_who_was_told_before_as_well_hears_of_the_end_once(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(179)
    meanwhile(centre, "daughter-1", lambda: work(centre, raised.incident_id, ClosureCode.REASSURED))
    await centre.until(3600)
    assert ["已结束" in text for text in to(centre, "daughter-1")] == [False, False, True]
    assert sum("Over" in text for text in to(centre, "son-1")) == 1


async def test_who_is_being_told_while_it_is_merged_hears_how_the_other_ends(centre: Centre) -> None:
    worry = finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.LOW)
    [care] = await centre.raise_(worry)
    [emergency] = await centre.raise_(finding(centre.world, Kind.FALL, episode="2"))

    async def merge() -> None:
        async with centre.transaction() as connection:
            user = centre.world.responder
            await service.claim(connection, care.incident_id, user, centre.now)
            await service.claim(connection, emergency.incident_id, user, centre.now)
            await service.merge(connection, care.incident_id, user, centre.now, emergency.incident_id)
            await service.close(connection, emergency.incident_id, user, centre.now, ClosureCode.REASSURED)

    # Of the emergency she hears nothing, only of the worry.
    async with centre.transaction() as connection:
        await connection.execute("DELETE FROM timer WHERE incident_id = %s", (emergency.incident_id,))
    meanwhile(centre, "daughter-1", merge)
    await centre.until(3600)
    assert ["已结束" in text for text in to(centre, "daughter-1")] == [False, True]


# Confirmed, and open again


async def test_what_was_confirmed_before_it_was_reopened_does_not_keep_her_other_telephone_quiet(
    centre: Centre,
) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    [first] = [d for d in await of(centre, raised.incident_id) if d.contact_id == centre.world.daughter]
    await confirm(centre, first.id)
    await work(centre, raised.incident_id, ClosureCode.REASSURED)
    await centre.until(100)
    await reopened(centre, raised.incident_id)
    meanwhile(centre, "daughter-1", killed)
    await settle_until_killed(centre)
    await centre.until(121)
    assert len(to(centre, "daughter-2")) == 1


async def test_she_can_confirm_again_what_was_reopened(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    [first] = [d for d in await of(centre, raised.incident_id) if d.contact_id == centre.world.daughter]
    await confirm(centre, first.id)
    await work(centre, raised.incident_id, ClosureCode.REASSURED)
    await centre.until(100)
    await reopened(centre, raised.incident_id)
    await centre.until(101)
    # By the link in the old message.
    await confirm(centre, first.id)
    await confirm(centre, first.id)
    async with centre.transaction() as connection:
        events = [e for e in await incidents.events_of(connection, raised.incident_id) if e.event == "confirm"]
        [daughter, _] = await deliveries.call_list(connection, centre.world.resident, raised.incident_id, centre.now)
    assert [e.at for e in events] == [NOON + timedelta(seconds=1), NOON + timedelta(seconds=101)]
    assert daughter.confirmed, "she is not told of it any more"


async def test_who_confirms_a_worry_that_goes_on_in_an_emergency_has_confirmed_that(centre: Centre) -> None:
    user = centre.world.responder
    [care] = await centre.raise_(finding(centre.world, Kind.VITALS, queue=Queue.CARE, severity=Severity.LOW))
    await centre.until(1)
    [emergency] = await centre.raise_(finding(centre.world, Kind.FALL, at=centre.now, episode="2"))
    async with centre.transaction() as connection:
        await service.claim(connection, care.incident_id, user, centre.now)
        await service.merge(connection, care.incident_id, user, centre.now, emergency.incident_id)
    [worry] = [d for d in await of(centre, care.incident_id) if d.contact_id == centre.world.daughter]
    await confirm(centre, worry.id)
    await centre.until(300)
    assert len(to(centre, "daughter-1")) == 1, "no reminder"
    assert len(to(centre, "son-1")) == 1, "the step for all of the family tells the others"


async def test_a_copy_that_expires_while_the_provider_is_still_answering_is_given_out_anew(centre: Centre) -> None:
    async with centre.transaction() as connection:
        await connection.execute("UPDATE channel SET kind = 'sms' WHERE address = 'son-1'")
        await connection.execute("UPDATE contact SET call_order = 9 WHERE id = %s", (centre.world.daughter,))
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))

    async def expired() -> None:
        [sms] = [d for d in await of(centre, raised.incident_id) if d.contact_id == centre.world.son]
        async with centre.transaction() as connection:
            name = service.message_id(sms.id, 1)
            assert await service.receipt(connection, name, "expired", centre.now, None, centre.now) is Heard.AGAIN

    slow = meanwhile(centre, "son-1", expired)
    with_desk(centre, channels={"log": slow, "sms": slow}, receipts=frozenset({"sms"}))
    await centre.until(59)
    ids = [message.id for _, message in centre.channel.sent if message.address == "son-1"]
    assert len(ids) == 2
    assert ids[1] == f"{ids[0]}.2"


# Hand-over


async def test_whom_it_is_handed_to_is_told_over_the_next_channel_too(centre: Centre) -> None:
    async with centre.transaction() as connection:
        await connection.execute(
            "INSERT INTO channel (user_id, kind, address, call_order) VALUES (%s, 'log', 'ming-2', 2)",
            (centre.world.colleague,),
        )
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    await work(centre, raised.incident_id)
    async with centre.transaction() as connection:
        user, colleague = centre.world.responder, centre.world.colleague
        await service.hand_over(connection, raised.incident_id, user, centre.now, colleague)
    meanwhile(centre, "ming", killed)
    await settle_until_killed(centre)
    await centre.until(25)
    assert len(to(centre, "ming-2")) == 1


async def test_a_call_for_help_that_its_holder_can_not_be_told_of_is_everybodys_within_minutes(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    await work(centre, raised.incident_id)
    async with centre.transaction() as connection:
        # An hour in which nobody asks.
        await service.dispatch(connection, raised.incident_id, centre.world.responder, centre.now, "ambulance")
    centre.channel.failures["lan"] = [Permanent("answered 410", gone=True)]
    await centre.raise_(finding(centre.world, Kind.SOS, at=centre.now, episode="2"))
    await centre.until(300)
    assert centre.timeline() == ["     0 s lan, ming, daughter-1"]
    await centre.until(302)
    assert centre.timeline()[1:] == ["   301 s chen, son-1"]
    async with centre.transaction() as connection:
        events = [e.event for e in await incidents.events_of(connection, raised.incident_id)]
    assert events[-4:] == ["attach", "unreachable", "lapse", "escalate"]


async def test_a_holder_who_is_there_keeps_it_though_they_can_not_be_told(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    await work(centre, raised.incident_id)
    centre.channel.failures["lan"] = [Permanent("answered 410", gone=True)]
    await centre.raise_(finding(centre.world, Kind.SOS, at=centre.now, episode="2"))
    await centre.until(200)
    async with centre.transaction() as connection:
        await service.dispatch(connection, raised.incident_id, centre.world.responder, centre.now, "ambulance")
    await centre.until(3700)
    assert centre.timeline() == ["     0 s lan, ming, daughter-1"]


async def test_a_holder_without_any_channel_has_to_show_soon_that_they_are_there(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.until(1)
    await work(centre, raised.incident_id)
    async with centre.transaction() as connection:
        # An hour in which nobody asks.
        await service.dispatch(connection, raised.incident_id, centre.world.responder, centre.now, "ambulance")
        await connection.execute("UPDATE channel SET failed_at = %s WHERE user_id = %s", (NOON, centre.world.responder))
    await centre.raise_(finding(centre.world, Kind.SOS, at=centre.now, episode="2"))
    async with centre.transaction() as connection:
        last = (await incidents.events_of(connection, raised.incident_id))[-1]
        [lease] = [t for t in await incidents.timers_of(connection, raised.incident_id) if t.kind == "lease"]
    assert (last.event, last.detail["error"]) == ("unreachable", "no working channel")
    assert lease.due_at - centre.now == timedelta(minutes=5)
    await centre.until(400)
    async with centre.transaction() as connection:
        incident = await incidents.get(connection, raised.incident_id)
    assert incident is not None
    assert incident.state == "open", "the next people hear of it"


# What is not to be used any more


async def test_a_contact_that_was_removed_is_not_told(centre: Centre) -> None:
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    centre.channel.failures["daughter-1"] = [Temporary("busy")]
    await centre.settle()
    async with centre.transaction() as connection:
        await contacts.end_contact(connection, centre.world.daughter, centre.now)
    await centre.until(59)
    assert to(centre, "daughter-1") == to(centre, "daughter-2") == []
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, raised.incident_id)
    assert "unreachable" not in [e.event for e in events], "nobody wants to reach her"


async def test_somebody_who_has_left_the_centre_is_not_told(centre: Centre) -> None:
    await centre.raise_(finding(centre.world, Kind.FALL))
    centre.channel.failures["lan"] = [Temporary("busy")]
    await centre.settle()
    async with centre.transaction() as connection:
        await connection.execute(
            "UPDATE app_user SET disabled_at = %s WHERE id = %s", (centre.now, centre.world.responder)
        )
    await centre.until(59)
    assert to(centre, "lan") == []


async def test_a_channel_that_was_removed_gives_way_to_the_next_at_once(centre: Centre) -> None:
    await centre.raise_(finding(centre.world, Kind.FALL))
    centre.channel.failures["daughter-1"] = [Temporary("busy")]
    await centre.settle()
    async with centre.transaction() as connection:
        await contacts.remove_channel(connection, centre.world.daughters_channels[0], centre.now)
    await centre.until(2)
    assert (to(centre, "daughter-1"), len(to(centre, "daughter-2"))) == ([], 1)


# Whatever a channel does


async def test_a_channel_that_does_what_it_may_not_holds_up_nobody(centre: Centre) -> None:
    centre.channel.failures["lan"] = [ValueError("a bug")]  # type: ignore[list-item]
    await centre.raise_(finding(centre.world, Kind.FALL))
    with capture_logs() as logs:
        await centre.until(0)
    assert centre.timeline() == ["     0 s ming, daughter-1"]
    assert [line["log_level"] for line in logs if line["event"] == "a channel broke its contract"] == ["error"]
    await centre.until(30)
    assert centre.timeline()[1:] == ["     1 s lan"]


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("http://127.0.0.1:1/", "whsec_密密密密密密密密密密密密密密密密密密密密密密密密"),
        ("http://127.0.0.1:99999/", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("https://xn--/", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ],
)
async def test_a_webhook_that_can_not_be_called_is_gone(address: str, secret: str) -> None:
    async with httpx.AsyncClient() as client:
        message = Message("delivery-1", address, "", "", True, NOON, secret)
        with pytest.raises(Permanent) as failed:
            await WebhookChannel(client).send(message)
    assert failed.value.gone


async def test_what_can_not_be_written_down_ends_nothing(centre: Centre) -> None:
    slow = meanwhile(centre, "nobody", lambda: asyncio.sleep(0))
    # The database refuses it.
    slow.says = "a\0b"
    [raised] = await centre.raise_(finding(centre.world, Kind.FALL))
    await centre.dispatcher.next_timer()
    taken = await centre.dispatcher.work()
    with capture_logs() as logs:
        for one in taken:
            await centre.dispatcher._send(one)
    assert len([line for line in logs if line["event"] == "what became of it is not known"]) == 3
    slow.says = None
    await centre.until(61)
    assert {d.state for d in await of(centre, raised.incident_id)} == {"sent"}
