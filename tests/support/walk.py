"""What people, wearables, providers and time can do to a home's incidents, act by act, through the dispatcher's own
code; and what must be true after each act.

Everything runs on one connection, whose transactions are savepoints: an act can be taken back.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast

from prometheus_client import REGISTRY
from psycopg.types.json import Jsonb

from alerts import auditor, service
from alerts.delivering import Desk
from alerts.dispatcher import Dispatcher
from alerts.escalation import LEASES, Policy, Target, policy_from, policy_to
from alerts.lifecycle import ENDED, CallOutcome, ClosureCode, Event, IllegalEvent, State
from alerts.notify.base import Message, NotSent, Permanent, Temporary
from alerts.service import CLAIM_LEASE, Conflict, NotNow
from core.findings import Kind, Queue
from storage import deliveries, incidents
from storage.deliveries import Delivery
from storage.incidents import Incident, IncidentEvent
from storage.pool import Connection, Pool
from tests.support.alarm_world import NOON, World, build, finding

COUNTDOWN = 20
_LONGEST_LEASE = max(CLAIM_LEASE, *LEASES.values())
# A second is more than the dispatcher's own jitter and rounding.
_SLACK = timedelta(seconds=1)


class Silent(AssertionError):
    """A live incident has nothing due, or somebody who was to be told was not, and nothing says so."""


class _OneConnection:
    """A pool of one connection, whose transactions are savepoints."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with self._connection.transaction():
            yield self._connection


@dataclass
class Provider:
    """What takes messages: answers the next one as it is told to."""

    answer: NotSent | None = None

    async def send(self, message: Message) -> None:
        if self.answer is not None:
            raise self.answer


@dataclass
class Walk:
    """A home, whoever is told about it, and the time."""

    connection: Connection
    world: World
    provider: Provider = field(default_factory=Provider)
    at: datetime = NOON

    def __post_init__(self) -> None:
        pool = cast(Pool, _OneConnection(self.connection))

        async def publish(topic: str, payload: bytes) -> None:
            """The broker takes every command."""

        desk = Desk(
            pool=pool,
            channels={"log": self.provider, "sms": self.provider},
            receipts=frozenset({"sms"}),
            publish=publish,
            public_url="https://kanhu.example",
            secret="0" * 32,
            link_life=timedelta(hours=24),
            now=lambda: self.at,
            jitter=lambda: 0.5,
        )
        self._dispatcher = Dispatcher(pool, desk, now=lambda: self.at, speed=1.0, poll_seconds=1.0)

    # What there is

    async def incident(self) -> Incident | None:
        """The one raised last."""
        row = await (await self.connection.execute("SELECT max(id) FROM incident")).fetchone()
        return None if row is None or row[0] is None else await incidents.get(self.connection, row[0])

    async def told(self) -> list[Delivery]:
        """The deliveries of the incident that was raised last, oldest first."""
        incident = await self.incident()
        return [] if incident is None else await deliveries.of_incident(self.connection, incident.id)

    async def everything(self) -> list[object]:
        """Every row that an act may change."""
        found: list[object] = []
        for table in ("incident", "alert", "incident_event", "incident_merge", "timer", "delivery", "outbox"):
            cursor = await self.connection.execute(f"SELECT * FROM {table} ORDER BY 1".encode())
            found.append(await cursor.fetchall())
        return found

    # Time

    async def pass_(self, seconds: float) -> None:
        """So much time goes by, in which the dispatcher does what comes due when it is due."""
        end = self.at + timedelta(seconds=seconds)
        while (at := await self._next_timer()) is not None and at <= end:
            self.at = max(self.at, at)
            await self.catch_up()
        self.at = end

    async def _next_timer(self) -> datetime | None:
        row = await (await self.connection.execute("SELECT min(due_at) FROM timer")).fetchone()
        return None if row is None else row[0]

    async def due(self) -> bool:
        """The next timer comes due and is carried out. False where there is none."""
        at = await self._next_timer()
        if at is None:
            return False
        self.at = max(self.at, at)
        await self.catch_up()
        return True

    async def catch_up(self) -> None:
        """The dispatcher carries out whatever has come due by now."""
        before, steps_before = _nobody_reached(), await self._silent_steps()
        for _ in range(100):
            if not await self._dispatcher.next_timer():
                break
        else:
            raise Silent("the same timer is due again and again")
        said, steps = _nobody_reached() - before, await self._silent_steps() - steps_before
        if said != steps:
            raise Silent(f"{steps} steps reached nobody, {said} were said")

    async def _silent_steps(self) -> int:
        row = await (
            await self.connection.execute(
                "SELECT count(*) FROM incident_event WHERE event = 'escalate' AND detail->'deliveries' = '[]'"
            )
        ).fetchone()
        return 0 if row is None else int(row[0])

    async def letter(self, answer: NotSent | None) -> bool:
        """The next message that waits goes out, and its provider answers so. False where none waits."""
        return await self._dispatch("delivery", answer)

    async def fail_over(self) -> bool:
        """The next message that is watched has had its time. False where none is."""
        return await self._dispatch("failover", None)

    async def _dispatch(self, topic: str, answer: NotSent | None) -> bool:
        row = await (
            await self.connection.execute(
                "SELECT id, available_at FROM outbox WHERE topic = %s AND done_at IS NULL AND failed_at IS NULL"
                " ORDER BY priority, available_at, id LIMIT 1",
                (topic,),
            )
        ).fetchone()
        if row is None:
            return False
        self.at = max(self.at, row[1])
        self.provider.answer = answer
        async with self.connection.transaction():
            for work in await self._dispatcher.work():
                # The others stay as they were: their lease has lapsed when they are asked for again.
                if work.id == row[0]:
                    await self._dispatcher.do(work)
                else:
                    await self.connection.execute(
                        "UPDATE outbox SET leased_until = NULL, attempts = attempts - 1 WHERE id = %s", (work.id,)
                    )
        return True


def _nobody_reached() -> int:
    """How often the dispatcher has said that a step reached nobody."""
    return int(
        sum(REGISTRY.get_sample_value("kanhu_escalation_nobody_reached_total", {"queue": q.value}) or 0 for q in Queue)
    )


@asynccontextmanager
async def walking(connection: Connection) -> AsyncIterator[Walk]:
    """A walk at noon, of which nothing is left at the end. The daughter's first channel has receipts."""
    async with connection.transaction(force_rollback=True):
        world = await build(connection)
        await connection.execute("UPDATE channel SET kind = 'sms' WHERE id = %s", (world.daughters_channels[0],))
        yield Walk(connection, world)


# Acts ---------------------------------------------------------------------------------------------------------------

Act = Callable[[Walk, int], Awaitable[object]]
"""What somebody does; the number chooses who, or which one. What is refused raises IllegalEvent, Conflict or NotNow."""


def _by(walk: Walk, number: int) -> int:
    return (walk.world.responder, walk.world.colleague, walk.world.supervisor)[number % 3]


async def _raise(walk: Walk, number: int) -> object:
    kind = (Kind.SOS, Kind.FALL, Kind.VITALS, Kind.BATTERY_LOW)[number % 4]
    queue = (Queue.EMERGENCY, Queue.EMERGENCY, Queue.CARE, Queue.MAINTENANCE)[number % 4]
    found = finding(
        walk.world, kind, queue=queue, episode=str(number // 8), countdown=COUNTDOWN if kind is Kind.FALL else 0,
        clears=number % 8 >= 4, at=walk.at,
    )  # fmt: skip
    return await service.raise_findings(walk.connection, [found], walk.at)


async def _receipt(walk: Walk, number: int, status: Literal["delivered", "failed", "expired"] = "delivered") -> object:
    """A provider's receipt for one of the messages that it was given, early or late, the first or one more."""
    given = [d for d in await walk.told() if d.channel_id == walk.world.daughters_channels[0] and d.sent_at is not None]
    if not given:
        return False
    delivery = given[number % len(given)]
    message = service.message_id(delivery.id, delivery.copies)
    return await service.receipt(walk.connection, message, status, walk.at, None, walk.at) is not service.Heard.NOTHING


async def _confirm(walk: Walk, number: int) -> object:
    told = [d for d in await walk.told() if d.contact_id is not None]
    return await service.confirm_delivery(walk.connection, told[number % len(told)].id, walk.at) if told else False


async def _mend(walk: Walk, number: int) -> object:
    return await walk.connection.execute("UPDATE channel SET failed_at = NULL, failure = NULL")


async def _reopen(walk: Walk, number: int) -> object:
    ids = await _any(walk)
    return await service.reopen(walk.connection, ids[number % len(ids)], _by(walk, number), walk.at) if ids else False


async def _merge(walk: Walk, number: int) -> object:
    ids = await _any(walk)
    if not ids:
        return False
    source, into = ids[number % len(ids)], ids[number // len(ids) % len(ids)]
    return await service.merge(walk.connection, source, _by(walk, number), walk.at, into, supervisor=number % 2 == 0)


async def _any(walk: Walk) -> list[int]:
    """The newest incidents, over or not."""
    cursor = await walk.connection.execute("SELECT id FROM incident ORDER BY id DESC LIMIT 4")
    return [int(row[0]) for row in await cursor.fetchall()]


def _work(act: Callable[[Walk, int, int], Awaitable[object]]) -> Act:
    """An act of a responder on the incident that was raised last; none where there is none."""

    async def done(walk: Walk, number: int) -> object:
        incident = await walk.incident()
        return False if incident is None else await act(walk, incident.id, number)

    return done


ACTS: dict[str, Act] = {
    "raise": _raise,
    "due": lambda w, n: w.due(),
    "sent": lambda w, n: w.letter(None),
    "failed for now": lambda w, n: w.letter(Temporary("busy")),
    "refused": lambda w, n: w.letter(Permanent("refused")),
    "gone": lambda w, n: w.letter(Permanent("no such number", gone=True)),
    "delivered": _receipt,
    "never arrives": lambda w, n: _receipt(w, n, "failed"),
    "expired": lambda w, n: _receipt(w, n, "expired"),
    "fail over": lambda w, n: w.fail_over(),
    "confirm": _confirm,
    "mended": _mend,
    "claim": _work(lambda w, i, n: service.claim(w.connection, i, _by(w, n), w.at)),
    "release": _work(lambda w, i, n: service.release(w.connection, i, _by(w, n), w.at)),
    "contact": _work(lambda w, i, n: service.contact(w.connection, i, _by(w, n), w.at, CallOutcome.ANSWERED)),
    "dispatch": _work(
        lambda w, i, n: service.dispatch(w.connection, i, _by(w, n), w.at, "team", supervisor=n % 2 == 0)
    ),
    "arrive": _work(lambda w, i, n: service.arrive(w.connection, i, _by(w, n), w.at)),
    "close": _work(lambda w, i, n: service.close(w.connection, i, _by(w, n), w.at, ClosureCode.TEST)),
    "call": _work(
        lambda w, i, n: service.contact(
            w.connection, i, _by(w, n), w.at, list(CallOutcome)[1 + n % 5], supervisor=n % 2 == 0
        )
    ),
    "hand over": _work(
        lambda w, i, n: service.hand_over(w.connection, i, _by(w, n), w.at, _by(w, n // 3), supervisor=n % 2 == 0)
    ),
    "reopen": _reopen,
    "merge": _merge,
    "note": _work(lambda w, i, n: service.note(w.connection, i, _by(w, n), w.at, "note")),
}


async def attempt(walk: Walk, name: str, number: int) -> bool:
    """Do it. False where there was nothing to do, or it was refused: then it has changed nothing."""
    try:
        async with walk.connection.transaction():
            return await ACTS[name](walk, number) is not False
    except (IllegalEvent, Conflict, NotNow):
        return False


# What must hold -----------------------------------------------------------------------------------------------------


async def nobody_is_left(walk: Walk, grace: timedelta = timedelta(0)) -> None:
    """In every live incident something is due, soon; whoever was to be told was told or that was said.

    grace: how long a timer may be due that nobody has carried out yet. Raises Silent.
    """
    report = await auditor.look(walk.connection, walk.at, grace)
    for violation in report.violations:
        if violation.rule is not auditor.Rule.OUTBOX_STUCK:
            raise Silent(f"{violation.rule}: {violation.text}")
    rows = await (await walk.connection.execute("SELECT id FROM incident ORDER BY id")).fetchall()
    for (incident_id,) in rows:
        incident = await incidents.get(walk.connection, incident_id)
        assert incident is not None
        trail = await incidents.events_of(walk.connection, incident_id)
        told = await deliveries.of_incident(walk.connection, incident_id)
        if State(incident.state) not in ENDED:
            await _something_is_due_soon(walk, incident)
        await _each_step_told_those_it_names(walk, incident, trail, told)
        await _each_message_goes_on(walk, trail, told)


async def _something_is_due_soon(walk: Walk, incident: Incident) -> None:
    policy = policy_from(incident.policy)
    waits = [step.after_s for step in policy.steps] + [policy.repeat_after_s, policy.repeat_last_s]
    longest = {
        "countdown": timedelta(seconds=COUNTDOWN), "escalation": timedelta(seconds=max(waits)), "lease": _LONGEST_LEASE,
    }  # fmt: skip
    for timer in await incidents.timers_of(walk.connection, incident.id):
        if timer.due_at > walk.at + longest[timer.kind] + _SLACK:
            raise Silent(f"its {timer.kind} is due at {timer.due_at}, it is {walk.at}")


async def _each_step_told_those_it_names(
    walk: Walk, incident: Incident, trail: Iterable[IncidentEvent], told: Iterable[Delivery]
) -> None:
    policy, world = policy_from(incident.policy), walk.world
    rounds_before = await incidents.rounds_before(walk.connection, incident.id)
    by_id = {d.id: d for d in told}
    responders, supervisors = {world.responder, world.colleague}, {world.supervisor}
    family = {world.daughter, world.son}
    confirmed: set[int] = set()
    exhausted = False
    for line in trail:
        if line.event == Event.CONFIRM and line.actor.startswith("contact:"):
            confirmed.add(int(line.actor.removeprefix("contact:")))
        exhausted = exhausted or line.event == Event.EXHAUST
        if line.event != Event.ESCALATE:
            continue
        targets = {Target(name) for name in line.detail["targets"]}
        if line.detail.get("rounds_before", 0) != rounds_before:
            # Of a policy that it had before.
            continue
        if line.detail["round"] >= policy.rounds and not (exhausted and Target.SUPERVISORS in targets):
            raise Silent(f"all rounds are over, and nothing says so: {line.detail}")
        messages = [by_id[number] for number in line.detail["deliveries"]]
        reached = {d.user_id for d in messages} | set(_numbers(line.detail["unreachable"], "user:"))
        family_reached = {d.contact_id for d in messages} | set(_numbers(line.detail["unreachable"], "contact:"))
        for target, meant in ((Target.QUEUE, responders), (Target.SUPERVISORS, supervisors)):
            if target in targets and not meant <= reached:
                raise Silent(f"{meant - reached} of {target} were not told: {line.detail}")
        if Target.FAMILY in targets and not family - confirmed <= family_reached:
            raise Silent(f"of the family {family - confirmed - family_reached} were not told: {line.detail}")
        if Target.FAMILY_NEXT in targets and not confirmed and not family & family_reached:
            raise Silent(f"nobody of the family was told: {line.detail}")


def _numbers(actors: Iterable[str], prefix: str) -> list[int]:
    return [int(actor.removeprefix(prefix)) for actor in actors if actor.startswith(prefix)]


async def _each_message_goes_on(walk: Walk, trail: list[IncidentEvent], told: list[Delivery]) -> None:
    rows = await (
        await walk.connection.execute(
            "SELECT (payload->>'delivery')::bigint FROM outbox"
            " WHERE topic = 'delivery' AND done_at IS NULL AND failed_at IS NULL"
        )
    ).fetchall()
    waiting = {number for (number,) in rows}
    said = {e.detail["delivery"] for e in trail if e.event == Event.UNREACHABLE}
    ended_at = max((e.at for e in trail if e.to_state in ENDED), default=None)
    of_a_person: dict[tuple[object, ...], list[Delivery]] = defaultdict(list)
    for delivery in told:
        if delivery.state == "queued" and delivery.id not in waiting:
            raise Silent(f"nobody will send {delivery}")
        if ended_at is None or delivery.created_at > ended_at:
            of_a_person[delivery.contact_id, delivery.user_id, delivery.step, delivery.round].append(delivery)
    for tried in of_a_person.values():
        if all(d.state == "failed" for d in tried) and said.isdisjoint(d.id for d in tried):
            raise Silent(f"all failed, and nothing says so: {tried}")


async def follow(walk: Walk, policies: dict[Queue, Policy]) -> None:
    """These policies hold everywhere."""
    for queue, policy in policies.items():
        await walk.connection.execute(
            "INSERT INTO escalation_policy (queue, policy) VALUES (%s, %s)", (queue.value, Jsonb(policy_to(policy)))
        )
