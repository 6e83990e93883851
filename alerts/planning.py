"""Who gets a message, over which channel, from when on: turns an escalation step into deliveries and outbox rows.

Runs inside the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

import msgspec
import structlog

from alerts import duty, policies
from alerts.duty import Fallback
from alerts.escalation import (
    DEFAULT_POLICIES,
    Policy,
    Target,
    family_to_tell,
    family_turn,
    is_exhausted,
    policy_from,
    quiet_until,
    targets_of,
)
from alerts.policies import Rule
from alerts.storms import WINDOW
from core.care import CarePlan
from core.findings import Queue
from core.zones import time_zone
from storage import deliveries, incidents, outbox, rota, storms
from storage import policies as stored_policies
from storage.deliveries import Delivery, Person
from storage.incidents import Incident
from storage.policies import StoredPolicy
from storage.pool import Connection

_log = structlog.get_logger(__name__)

RENOTIFY = -1
"""As a delivery's step: an SOS came while the person held the incident."""

ENDED = -2
"""As a delivery's step: the family, who were told, hear how it ended."""

STORM = -3
"""As a delivery's step: a storm has begun or grown."""

HANDED = -4
"""As a delivery's step: a colleague has handed the incident over to the person."""

STORM_OVER = -5
"""As a delivery's step: a storm is over, for those who were told of it."""

_ROLES: Mapping[Target, duty.Role] = {Target.QUEUE: "responder", Target.SUPERVISORS: "supervisor"}


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of a step. unreachable: people without a working channel, as the audit trail names them.

    fallback: of the queue and the supervisors, why everybody was told and not those on shift. rounds_before: rounds of
    deliveries under policies that another one has taken the place of. storm: the people of the centre hear of this
    storm in place of the incident.
    """

    deliveries: tuple[int, ...] = ()
    unreachable: tuple[str, ...] = ()
    targets: tuple[Target, ...] = field(default=())
    fallback: Mapping[Target, Fallback] = field(default_factory=dict)
    rounds_before: int = 0
    storm: int | None = None


def priority(queue: str) -> int:
    """The outbox priority of what belongs to an incident of this queue."""
    return outbox.URGENT if queue == Queue.EMERGENCY else outbox.ORDINARY


async def rule_for(connection: Connection, resident_id: int, queue: str, severity: int, now: datetime) -> Rule:
    """The policy that counts for an incident of that severity at a moment, see `alerts.policies`."""
    path = await rota.home_path(connection, resident_id) or "/"
    stored = await stored_policies.for_resident(connection, resident_id, queue)
    return policies.choose(readable_rules(stored), path, Queue(queue), severity, now)


def readable_rules(stored: Sequence[StoredPolicy]) -> list[Rule]:
    """Stored policies as rules. In place of steps that can't be read stand the default's; that is said loudly."""
    rules = []
    for row in stored:
        try:
            zone = time_zone(row.timezone)
        except ValueError as error:
            _log.error("an escalation policy's hours can't be read, it is not used", policy=row.id, error=str(error))
            continue
        policy = readable_policy(row.policy, row.queue)
        rules.append(Rule(row.id, row.area_path, Queue(row.queue), row.min_severity, row.hours, zone, policy))
    return rules


def policy_of(incident: Incident) -> Policy:
    """The incident's own policy, as it was when it was raised."""
    return readable_policy(incident.policy, incident.queue)


def readable_policy(stored: object, queue: str) -> Policy:
    """A stored policy; where it can't be read that is said loudly, and the default is used."""
    try:
        return policy_from(stored)
    except msgspec.ValidationError as error:
        _log.error("escalation policy can't be read, the default is used", queue=queue, error=str(error))
        return DEFAULT_POLICIES[Queue(queue)]


def care_plan(stored: object) -> CarePlan:
    """A resident's plan. One that can't be read is said loudly and holds nothing up: the default is used."""
    try:
        plan = msgspec.convert(stored, CarePlan)
        for hour in (plan.quiet_start, plan.quiet_end):
            if time.fromisoformat(hour).tzinfo is not None:
                raise ValueError(f"{hour!r} is no local time")  # noqa: TRY301
        time_zone(plan.timezone)
    except ValueError as error:
        _log.error("care plan can't be read, the default is used", error=str(error))
        return CarePlan()
    return plan


async def plan_step(connection: Connection, incident: Incident, step: int, round: int, now: datetime) -> Planned:  # noqa: A002
    """Queue the messages of an escalation step.

    The queue is told at once; the family's and the supervisors' messages about care and maintenance wait for the end of
    the resident's quiet hours.
    """
    policy = policy_of(incident)
    targets = targets_of(policy, step, round)
    storm = await _storm_told_instead(connection, incident, now)
    people, immediate, fallback = await _staff(
        connection, incident, () if storm is not None else targets, is_exhausted(policy, round), now
    )
    if Target.FAMILY in targets or Target.FAMILY_NEXT in targets:
        people += await _family(connection, incident, targets, family_turn(policy, step, round), now)
    later = await _after_quiet_hours(connection, incident, now) if len(people) > immediate else None
    rounds_before = await incidents.rounds_before(connection, incident.id)
    told: list[int] = []
    unreachable: list[str] = []
    for number, person in enumerate(people):
        if person.channel_id is None:
            unreachable.append(person.actor)
            continue
        available_at = now if number < immediate else (later or now)
        delivery = await queue_delivery(connection, incident, person, step, rounds_before + round, now, available_at)
        if delivery is not None:
            told.append(delivery.id)
    return Planned(tuple(told), tuple(unreachable), targets, fallback, rounds_before, storm)


async def _storm_told_instead(connection: Connection, incident: Incident, now: datetime) -> int | None:
    """The storm that the people of the centre are told of in place of this incident, or None.

    They have been told of it or will be within seconds. One that nobody was told of for that long hides nothing.
    """
    storm = None if incident.storm_id is None else await storms.get(connection, incident.storm_id)
    if storm is None or storm.ended_at is not None:
        return None
    return storm.id if storm.told_at is not None or now - storm.last_at <= WINDOW else None


async def _staff(
    connection: Connection, incident: Incident, targets: Sequence[Target], exhausted: bool, now: datetime
) -> tuple[list[Person], int, dict[Target, Fallback]]:
    """The people of the centre whom a step tells, how many of them at once, and where it is everybody, why."""
    people: list[Person] = []
    fallback: dict[Target, Fallback] = {}
    immediate = 0
    if Target.QUEUE not in targets and Target.SUPERVISORS not in targets:
        return people, immediate, fallback
    centre = await duty.of_resident(connection, incident.resident_id, now)
    # Nobody is got out of bed for what can wait until the morning.
    exhausted = exhausted and incident.queue == Queue.EMERGENCY
    for target, role in _ROLES.items():
        if target not in targets:
            continue
        told = centre.told(role, exhausted=exhausted)
        people += [duty.person(colleague) for colleague in told.people]
        if target is Target.QUEUE:
            immediate = len(people)
        if told.fallback is not None:
            fallback[target] = told.fallback
    return people, immediate, fallback


async def _family(
    connection: Connection, incident: Incident, targets: Sequence[Target], turn: int, now: datetime
) -> list[Person]:
    call_list = await deliveries.call_list(connection, incident.resident_id, incident.id, now)
    by_id = {p.contact_id: p for p in call_list if p.contact_id is not None}
    # Somebody without a working channel must not use up a turn of `family_next`.
    reachable = [i for i, p in by_id.items() if p.channel_id is not None] or list(by_id)
    confirmed = frozenset(i for i, p in by_id.items() if p.confirmed)
    if Target.FAMILY in targets:
        reachable = list(by_id)
    return [by_id[i] for i in family_to_tell(targets, turn, reachable, confirmed)]


async def _after_quiet_hours(connection: Connection, incident: Incident, now: datetime) -> datetime | None:
    plan = care_plan(await deliveries.resident_plan(connection, incident.resident_id))
    return quiet_until(Queue(incident.queue), plan, now)


async def queue_delivery(
    connection: Connection,
    incident: Incident,
    person: Person,
    step: int,
    round: int,  # noqa: A002
    now: datetime,
    available_at: datetime,
) -> Delivery | None:
    """Queue one message to a person with a channel; None where this step has used the channel already."""
    if person.channel_id is None:
        return None
    delivery = await deliveries.insert(
        connection,
        incident_id=incident.id,
        contact_id=person.contact_id,
        user_id=person.user_id,
        channel_id=person.channel_id,
        step=step,
        round=round,
        now=now,
        available_at=available_at,
    )
    if delivery is not None:
        await outbox.add(
            connection,
            "delivery",
            {"delivery": delivery.id},
            priority=priority(incident.queue),
            now=now,
            available_at=available_at,
        )
    return delivery


async def queue_storm_delivery(
    connection: Connection,
    storm_id: int,
    person: Person,
    step: int,
    round: int,  # noqa: A002
    now: datetime,
) -> Delivery | None:
    """Queue one message about a storm; None for a person without a working channel, or told in this round already."""
    if person.channel_id is None or person.user_id is None:
        return None
    delivery = await storms.insert_delivery(connection, storm_id, person.user_id, person.channel_id, step, round, now)
    if delivery is not None:
        await outbox.add(connection, "delivery", {"delivery": delivery.id}, priority=outbox.ORDINARY, now=now)
    return delivery


async def renotify_holder(connection: Connection, incident: Incident, now: datetime) -> Delivery | None:
    """Tell who holds the incident that the wearer called for help again; None where they have no working channel."""
    return await _tell_holder(connection, incident, RENOTIFY, now)


async def tell_receiver(connection: Connection, incident: Incident, now: datetime) -> Delivery | None:
    """Tell who holds the incident since just now that it was handed to them; None without a working channel."""
    return await _tell_holder(connection, incident, HANDED, now)


async def _tell_holder(connection: Connection, incident: Incident, step: int, now: datetime) -> Delivery | None:
    holder = None if incident.claimed_by is None else await deliveries.user(connection, incident.claimed_by)
    if holder is None:
        return None
    again = await deliveries.next_round(connection, incident.id, step)
    return await queue_delivery(connection, incident, holder, step, again, now, now)


async def tell_family_the_end(connection: Connection, incident: Incident, now: datetime) -> None:
    """Whoever of the family was told that something is wrong is told how it ended, once; again, if it was reopened."""
    told = await deliveries.told_family(connection, incident.id, incident.ended_at or now)
    later = await _after_quiet_hours(connection, incident, now) if told else None
    ending = await deliveries.next_round(connection, incident.id, ENDED) if told else 0
    for person in told:
        await queue_delivery(connection, incident, person, ENDED, ending, now, later or now)
