"""Deliveries: one message to one person over one channel, with its receipts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row, see the schema. Sent is not delivered, delivered is not confirmed.

    Exactly one of incident_id and storm_id says what it is about. step, round: of the escalation; negative steps are of
    `alerts.planning`. provider_id: what the provider calls it. next_attempt_at: when it will be tried (again).
    failover_at: when the person's next channel is tried too. copies: how often the provider was given it anew.
    """

    id: int
    incident_id: int | None
    storm_id: int | None
    contact_id: int | None
    user_id: int | None
    channel_id: int
    step: int
    round: int
    state: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    confirmed_at: datetime | None
    failed_at: datetime | None
    error: str | None
    attempts: int
    provider_id: str | None
    next_attempt_at: datetime | None
    failover_at: datetime | None
    copies: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to tell: a contact or a user, with the first channel that works, if there is one."""

    contact_id: int | None
    user_id: int | None
    channel_id: int | None
    confirmed: bool

    @property
    def actor(self) -> str:
        """As the audit trail names them."""
        return f"contact:{self.contact_id}" if self.contact_id is not None else f"user:{self.user_id}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Everything that is needed to write and send the message of one delivery.

    channel_failed: the channel is not used any more, since just now. person_gone: they are no contact any more, or left
    the centre.
    """

    id: int
    incident_id: int
    contact_id: int | None
    user_id: int | None
    channel_id: int
    step: int
    state: str
    copies: int
    channel_kind: str
    channel_address: str
    channel_secret: str | None
    channel_failed: bool
    person_gone: bool
    language: str
    incident_state: str
    queue: str
    kind: str
    severity: int
    event_time: datetime
    raised_at: datetime
    closure_code: str | None
    resident_name: str
    care_plan: Mapping[str, Any]
    home_address: str
    area_name: str


async def get(connection: Connection, delivery_id: int) -> Delivery | None:
    """The delivery, or None."""
    return await fetch_one(connection, Delivery, "deliveries.get", {"id": delivery_id})


async def lock(connection: Connection, delivery_id: int) -> Delivery | None:
    """The delivery, held against all other changes until the transaction ends; or None."""
    return await fetch_one(connection, Delivery, "deliveries.lock", {"id": delivery_id})


async def of_incident(connection: Connection, incident_id: int) -> list[Delivery]:
    """All deliveries of an incident, oldest first."""
    return await fetch_all(connection, Delivery, "deliveries.of_incident", {"incident_id": incident_id})


async def user(connection: Connection, user_id: int) -> Person | None:
    """One user, or None."""
    return await fetch_one(connection, Person, "deliveries.user", {"user_id": user_id})


async def call_list(connection: Connection, resident_id: int, incident_id: int, now: datetime) -> list[Person]:
    """The resident's contacts who are valid at `now`, in call order."""
    return await fetch_all(
        connection,
        Person,
        "deliveries.call_list",
        {"resident_id": resident_id, "incident_id": incident_id, "now": now},
    )


async def told_family(connection: Connection, incident_id: int, ended_at: datetime) -> list[Person]:
    """The contacts that a message about the incident has gone to, with the channel that it went over.

    Without those who are told already that it has ended, at that moment or later.
    """
    given = {"incident_id": incident_id, "ended_at": ended_at}
    return await fetch_all(connection, Person, "deliveries.told_family", given)


async def insert(
    connection: Connection,
    *,
    incident_id: int,
    contact_id: int | None,
    user_id: int | None,
    channel_id: int,
    step: int,
    round: int,  # noqa: A002
    now: datetime,
    available_at: datetime | None = None,
) -> Delivery | None:
    """A new delivery, queued; None where the same step of the same round has used this channel already.

    available_at: when it is to be sent, at once where it is None.
    """
    return await fetch_one(
        connection,
        Delivery,
        "deliveries.insert",
        {
            "incident_id": incident_id,
            "contact_id": contact_id,
            "user_id": user_id,
            "channel_id": channel_id,
            "step": step,
            "round": round,
            "now": now,
            "available_at": available_at or now,
        },
    )


async def next_round(connection: Connection, incident_id: int, step: int) -> int:
    """The first round in which this step has no deliveries yet."""
    return await fetch_value(connection, int, "deliveries.next_round", {"incident_id": incident_id, "step": step}) or 0


async def rounds_used(connection: Connection, incident_id: int) -> int:
    """The first round in which no step of the incident's escalation has deliveries."""
    return await fetch_value(connection, int, "deliveries.rounds_used", {"incident_id": incident_id}) or 0


async def next_channel(connection: Connection, delivery_id: int) -> int | None:
    """The person's next channel that works and that this delivery's step has not used; None where there is none."""
    return await fetch_value(connection, int, "deliveries.next_channel", {"id": delivery_id})


async def outgoing(connection: Connection, delivery_id: int, now: datetime) -> Outgoing | None:
    """What is needed to send the delivery now, or None."""
    return await fetch_one(connection, Outgoing, "deliveries.outgoing", {"id": delivery_id, "now": now})


async def has_other_hope(connection: Connection, delivery_id: int) -> bool:
    """Whether another message of the same step to the same person has not failed (yet)."""
    return bool(await fetch_value(connection, bool, "deliveries.has_other_hope", {"id": delivery_id}))


async def has_confirmed(connection: Connection, delivery_id: int) -> bool:
    """Whether the person has confirmed the incident, since it was last reopened, by this message or another."""
    return bool(await fetch_value(connection, bool, "deliveries.has_confirmed", {"id": delivery_id}))


async def channel_kind(connection: Connection, channel_id: int) -> str | None:
    """The kind of a channel, or None."""
    return await fetch_value(connection, str, "deliveries.channel_kind", {"id": channel_id})


async def set_failover(connection: Connection, delivery_id: int, at: datetime) -> bool:
    """Note when the person's next channel is to be tried too. False where that was noted before."""
    return await execute(connection, "deliveries.set_failover", {"id": delivery_id, "at": at}) == 1


async def record_sent(
    connection: Connection,
    delivery_id: int,
    attempts: int,
    now: datetime,
    provider_id: str | None = None,
    *,
    copies: int = 1,
) -> None:
    """The provider took the message. provider_id: what it calls it. copies: how many it had been given, with this."""
    given = {"id": delivery_id, "attempts": attempts, "now": now, "provider_id": provider_id, "copies": copies}
    await execute(connection, "deliveries.sent", given)


async def record_not_sent(
    connection: Connection, delivery_id: int, attempts: int, error: str, next_attempt_at: datetime
) -> None:
    """The provider did not take the message this time; it is tried again."""
    given = {"id": delivery_id, "attempts": attempts, "error": error, "next_attempt_at": next_attempt_at}
    await execute(connection, "deliveries.not_sent", given)


async def record_again(connection: Connection, delivery_id: int, error: str, next_attempt_at: datetime) -> None:
    """The provider took the message and could not deliver it in time: it will be given it anew."""
    given = {"id": delivery_id, "error": error, "next_attempt_at": next_attempt_at}
    await execute(connection, "deliveries.again", given)


async def record_refused(connection: Connection, delivery_id: int, error: str, now: datetime) -> bool:
    """The provider says that the message will never arrive. False where it has, as far as we know."""
    return await execute(connection, "deliveries.refused", {"id": delivery_id, "error": error, "now": now}) == 1


async def record_unheard(connection: Connection, delivery_id: int, error: str) -> None:
    """Nothing was heard of the message; it may still arrive."""
    await execute(connection, "deliveries.unheard", {"id": delivery_id, "error": error})


async def record_failed(connection: Connection, delivery_id: int, attempts: int, error: str, now: datetime) -> None:
    """The message will not be sent over this channel."""
    await execute(
        connection, "deliveries.failed", {"id": delivery_id, "attempts": attempts, "error": error, "now": now}
    )


async def record_delivered(connection: Connection, delivery_id: int, at: datetime) -> Delivery | None:
    """The message has arrived, says the provider. None where that was known or there is no such delivery."""
    return await fetch_one(connection, Delivery, "deliveries.delivered", {"id": delivery_id, "at": at})


async def record_confirmed(connection: Connection, delivery_id: int, now: datetime) -> Delivery | None:
    """The person confirmed. None where there is no such delivery."""
    return await fetch_one(connection, Delivery, "deliveries.confirmed", {"id": delivery_id, "now": now})


async def channel_failed(connection: Connection, channel_id: int, failure: str, now: datetime) -> None:
    """The channel's address will never work; it is not used again until somebody mends it."""
    await execute(connection, "deliveries.channel_failed", {"id": channel_id, "failure": failure, "now": now})


async def resident_plan(connection: Connection, resident_id: int) -> dict[str, Any] | None:
    """The resident's care plan as JSON, or None where there is no such resident."""
    return await fetch_value(connection, dict, "deliveries.resident_plan", {"resident_id": resident_id})
