"""What became of a message: failed on its channel, arrived, or confirmed by the person it went to."""

from datetime import datetime

from alerts import planning
from alerts.lifecycle import ENDED, Event, State
from alerts.service import changes
from storage import deliveries, incidents
from storage.deliveries import Delivery, Person
from storage.pool import Connection


async def confirm_delivery(connection: Connection, delivery_id: int, now: datetime) -> Delivery:
    """The person a message went to says that they have read it and act on it; a second time changes nothing.

    It is not a claim: the queue's escalation goes on (docs/adr/0006). Raises NotFound.
    """
    delivery = await deliveries.get(connection, delivery_id)
    # The incident first, as everywhere: two locks in two orders would be a deadlock.
    incident = None if delivery is None else await incidents.lock(connection, delivery.incident_id)
    delivery = await deliveries.lock(connection, delivery_id)
    if delivery is None or incident is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    if delivery.state == "confirmed":
        return delivery
    actor = f"contact:{delivery.contact_id}" if delivery.contact_id is not None else f"user:{delivery.user_id}"
    await changes.move(connection, incident, Event.CONFIRM, actor, now, {"delivery": delivery.id})
    confirmed = await deliveries.record_confirmed(connection, delivery_id, now)
    if confirmed is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    return confirmed


async def delivery_failed(
    connection: Connection, delivery_id: int, attempts: int, error: str, now: datetime, *, gone: bool = False
) -> Delivery | None:
    """A message will not go over its channel: the person's next channel is tried at once.

    gone: the channel's address will never work and is not used again. Returns the new delivery; None where the person
    has no other channel, which the audit trail says, or where nothing is to be told any more.
    """
    failed = await deliveries.get(connection, delivery_id)
    incident = None if failed is None else await incidents.lock(connection, failed.incident_id)
    if failed is None or incident is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    await deliveries.record_failed(connection, delivery_id, attempts, error, now)
    if gone:
        await deliveries.channel_failed(connection, failed.channel_id, error, now)
    if State(incident.state) in ENDED and failed.step != planning.ENDED:
        return None
    person = Person(
        failed.contact_id, failed.user_id, await deliveries.next_channel(connection, delivery_id), confirmed=False
    )
    if person.channel_id is not None:
        return await planning.queue_delivery(connection, incident, person, failed.step, failed.round, now, now)
    if State(incident.state) not in ENDED:
        detail = {"delivery": delivery_id, "who": person.actor, "error": error}
        await changes.move(connection, incident, Event.UNREACHABLE, "dispatcher", now, detail)
    return None


async def record_delivered(connection: Connection, delivery_id: int, now: datetime) -> Delivery:
    """A provider's receipt: the message has arrived at the person's device. Raises NotFound."""
    delivery = await deliveries.record_delivered(connection, delivery_id, now)
    delivery = delivery or await deliveries.get(connection, delivery_id)
    if delivery is None:
        raise changes.NotFound(f"no delivery {delivery_id}")
    return delivery
