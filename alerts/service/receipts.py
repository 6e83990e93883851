"""What became of a message: failed on its way, arrived, or confirmed by the person it went to."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from alerts import planning, retry
from alerts.lifecycle import ENDED, HELD, Event, State
from alerts.notify.sms import UNKNOWN_NUMBER
from alerts.service import changes
from core import wording
from storage import deliveries, incidents, outbox
from storage.deliveries import Delivery, Person
from storage.incidents import Incident
from storage.pool import Connection

_MESSAGE_ID = re.compile(r"delivery-([1-9][0-9]{0,17})(?:\.([1-9][0-9]{0,3}))?")

_TO_THE_HOLDER = (planning.RENOTIFY, planning.HANDED)


class Answer(StrEnum):
    """What a person says on the page behind their link."""

    ON_MY_WAY = "on_my_way"
    REACHED = "reached"
    FALSE_ALARM = "false_alarm"


class Heard(StrEnum):
    """What a provider's receipt changed."""

    DELIVERED = "delivered"
    FAILED = "failed"
    AGAIN = "again"
    NOTHING = "nothing"


def message_id(delivery_id: int, copies: int) -> str:
    """What a delivery's message is called: the same for every attempt, another one when it is given out anew."""
    return f"delivery-{delivery_id}" if copies == 1 else f"delivery-{delivery_id}.{copies}"


async def confirm_delivery(
    connection: Connection, delivery_id: int, now: datetime, answer: Answer = Answer.ON_MY_WAY
) -> Delivery:
    """The person a message went to says that they have read it, and what they do about it.

    The same answer a second time changes nothing; another one later is kept too, and the first confirmation's time
    stays. It is not a claim: the queue's escalation goes on (docs/adr/0006). Raises NotFound.
    """
    incident = await _where_it_goes_on(connection, delivery_id)
    delivery = await deliveries.lock(connection, delivery_id)
    if delivery is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    actor = _actor(delivery)
    trail = await incidents.events_of(connection, incident.id)
    reopened = max((e.id for e in trail if e.event == Event.REOPEN), default=0)
    # What was said before it was reopened was about what had happened until then.
    said = [e for e in trail if (e.event, e.actor) == (Event.CONFIRM, actor) and e.id > reopened]
    if not said or said[-1].detail.get("answer") != answer:
        detail = {"delivery": delivery.id, "answer": answer.value}
        await changes.move(connection, incident, Event.CONFIRM, actor, now, detail)
    if delivery.state == "confirmed" and said:
        return delivery
    confirmed = await deliveries.record_confirmed(connection, delivery_id, now)
    if confirmed is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    return confirmed


async def delivery_sent(
    connection: Connection, delivery_id: int, attempts: int, now: datetime, provider_id: str | None, *, copies: int
) -> None:
    """A message was taken by its channel. provider_id, copies: as in `deliveries.record_sent`.

    Somebody of the family who was being told while the incident ended hears of the end too. Raises NotFound.
    """
    delivery = await deliveries.get(connection, delivery_id)
    incident = None
    if delivery is not None and delivery.contact_id is not None and delivery.step != planning.ENDED:
        # Locked before it is written down: whoever ends it just now has seen this message as sent, or is waited for.
        incident = await _where_it_goes_on(connection, delivery_id)
    await deliveries.record_sent(connection, delivery_id, attempts, now, provider_id, copies=copies)
    if incident is not None and State(incident.state) in ENDED:
        await planning.tell_family_the_end(connection, incident, now)


async def delivery_failed(
    connection: Connection, delivery_id: int, attempts: int, error: str, now: datetime, *, gone: bool = False
) -> Delivery | None:
    """A message will not go over its channel: the person's next channel is tried at once.

    gone: the channel's address will never work and is not used again. Returns the new delivery; None where the person
    has no other channel, which the audit trail says, or where nothing is to be told any more.
    """
    failed, incident = await _locked(connection, delivery_id)
    await deliveries.record_failed(connection, delivery_id, attempts, error, now)
    return await _go_on(connection, failed, incident, error, now, gone=gone)


async def fail_over(
    connection: Connection, delivery_id: int, waited: timedelta, now: datetime, *, receipts: bool
) -> Delivery | None:
    """An urgent message's time is over: the person's next channel is tried too, unless it has been delivered.

    receipts: whether the channel's provider says when a message has arrived; where it does not, to be taken is all that
    will be known. Returns the new delivery, None where there is none. Raises NotFound.
    """
    late, incident = await _locked(connection, delivery_id)
    if late.state != "queued" and not (late.state == "sent" and receipts):
        return None
    if incident is None or await _needs_nobody(connection, late, incident):
        return None
    if late.state == "sent":
        said = f"no receipt within {waited.total_seconds():.0f} s"
        await deliveries.record_unheard(connection, delivery_id, said)
    person = _person(late, await deliveries.next_channel(connection, delivery_id))
    return await planning.queue_delivery(connection, incident, person, late.step, late.round, now, now)


async def receipt(
    connection: Connection,
    message: str,
    status: Literal["delivered", "failed", "expired"],
    at: datetime,
    error: str | None,
    now: datetime,
) -> Heard:
    """What an SMS provider says became of a message, whenever and however often it says it.

    delivered: it has arrived, whatever was said before. failed: it never will, so the person's next channel is tried at
    once. expired: it did not in time; it is given out anew by the schedule of `alerts.retry`, and has failed when that
    is over. at: when by the provider, believed if it can be. Raises NotFound for a message this provider never got.
    """
    found = _MESSAGE_ID.fullmatch(message)
    if found is None:
        raise changes.NotFound(f"no message {message!r}")
    delivery, incident = await _locked(connection, int(found[1]))
    copy = int(found[2] or 1)
    if await deliveries.channel_kind(connection, delivery.channel_id) != "sms" or copy > delivery.copies:
        raise changes.NotFound(f"no message {message!r}")
    if status == "delivered":
        if delivery.delivered_at is not None:
            return Heard.NOTHING
        await deliveries.record_delivered(connection, delivery.id, at if delivery.created_at <= at <= now else now)
        return Heard.DELIVERED
    if copy != delivery.copies or delivery.state not in ("queued", "sent"):
        return Heard.NOTHING
    said = f"{status}: {error}" if error else status
    if status == "expired" and await _try_anew(connection, delivery, incident, said, now):
        return Heard.AGAIN
    await deliveries.record_refused(connection, delivery.id, said, now)
    await _go_on(connection, delivery, incident, said, now, gone=error == UNKNOWN_NUMBER)
    return Heard.FAILED


async def command_failed(
    connection: Connection, command: Mapping[str, Any], device: str, error: str, now: datetime
) -> None:
    """A wearable was not given a command, for good: the trail says so, that whoever has the incident can call.

    command: the message, as `changes.command` makes it; one that is about no incident leaves no trail. Nothing is said
    of an incident that is over. Raises NotFound.
    """
    if "incident" not in command:
        return
    incident = await changes.locked(connection, int(command["incident"]))
    if State(incident.state) in ENDED:
        return
    text = {name: wording.say(f"lost-{command['command']}", name, device=device) for name in wording.LANGUAGES}
    detail = {"who": "wearer", "device": device, "command": command["command"], "error": error, "text": text}
    await changes.move(connection, incident, Event.UNREACHABLE, "dispatcher", now, detail)


async def record_delivered(connection: Connection, delivery_id: int, now: datetime) -> Delivery:
    """The message has arrived at the person's device. Raises NotFound."""
    delivery = await deliveries.record_delivered(connection, delivery_id, now)
    delivery = delivery or await deliveries.get(connection, delivery_id)
    if delivery is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    return delivery


async def _where_it_goes_on(connection: Connection, delivery_id: int) -> Incident:
    """The incident that a delivery is about, or that it was merged into, locked. Raises NotFound."""
    delivery = await deliveries.get(connection, delivery_id)
    if delivery is None or delivery.incident_id is None:
        raise changes.NotFound(f"no delivery {delivery_id} about an incident")
    at = delivery.incident_id
    while True:
        # One at a time: who holds one row and waits for another makes deadlocks. A merge is for good.
        while (further := await incidents.merged_into(connection, at)) is not None:
            at = further
        incident = await changes.locked(connection, at)
        if await incidents.merged_into(connection, at) is None:
            return incident


async def _locked(connection: Connection, delivery_id: int) -> tuple[Delivery, Incident | None]:
    """A delivery and the incident that it is about (None for a storm), both locked. Raises NotFound."""
    delivery = await deliveries.get(connection, delivery_id)
    incident = None
    if delivery is not None and delivery.incident_id is not None:
        # The incident first, as everywhere: two locks in two orders would be a deadlock.
        incident = await changes.locked(connection, delivery.incident_id)
    delivery = await deliveries.lock(connection, delivery_id)
    if delivery is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    return delivery, incident


def _person(delivery: Delivery, channel_id: int | None) -> Person:
    return Person(delivery.contact_id, delivery.user_id, channel_id, confirmed=False)


def _actor(delivery: Delivery) -> str:
    return _person(delivery, None).actor


async def _go_on(
    connection: Connection, failed: Delivery, incident: Incident | None, error: str, now: datetime, *, gone: bool
) -> Delivery | None:
    """The person's next channel, after this one has failed for good."""
    if gone:
        await deliveries.channel_failed(connection, failed.channel_id, error, now)
    person = _person(failed, await deliveries.next_channel(connection, failed.id))
    if failed.storm_id is not None:
        return await planning.queue_storm_delivery(connection, failed.storm_id, person, failed.step, failed.round, now)
    if incident is None or (State(incident.state) in ENDED and failed.step != planning.ENDED):
        return None
    if person.channel_id is not None:
        return await planning.queue_delivery(connection, incident, person, failed.step, failed.round, now, now)
    if State(incident.state) not in ENDED and not await deliveries.has_other_hope(connection, failed.id):
        detail = {"delivery": failed.id, "who": person.actor, "error": error}
        incident = await changes.move(connection, incident, Event.UNREACHABLE, "dispatcher", now, detail)
        if failed.step in _TO_THE_HOLDER and failed.user_id == incident.claimed_by:
            # Nobody else hears of a call for help while somebody holds the incident.
            await changes.hurry_holder(connection, incident, now)
    return None


async def _needs_nobody(connection: Connection, late: Delivery, incident: Incident) -> bool:
    """Whether the person of a late message need not be told any more."""
    state = State(incident.state)
    if state in ENDED:
        return late.step != planning.ENDED
    if late.user_id is not None and state in HELD:
        # It is in hand, but who holds it may have to hear of it.
        return late.step not in _TO_THE_HOLDER or late.user_id != incident.claimed_by
    return await deliveries.has_confirmed(connection, late.id)


async def _try_anew(
    connection: Connection, delivery: Delivery, incident: Incident | None, error: str, now: datetime
) -> bool:
    """Give a message that expired to the provider as a new one, after a while. False where it is over."""
    if incident is None or await _needs_nobody(connection, delivery, incident):
        return False
    priority = planning.priority(incident.queue)
    wait = retry.delay("delivery", urgent=priority == outbox.URGENT, attempts=delivery.copies, asked=None, jitter=0.5)
    if wait is None:
        return False
    await deliveries.record_again(connection, delivery.id, error, now + wait)
    await outbox.add(
        connection, "delivery", {"delivery": delivery.id}, priority=priority, now=now, available_at=now + wait
    )
    return True
