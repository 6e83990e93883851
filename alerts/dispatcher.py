"""The dispatcher process: timers come due, messages go out, the auditor looks on.

Any number of dispatchers may run. Timers and outbox rows are taken with locks and leases, so each is done by one of
them, and by another when that one dies. Every task lives in one TaskGroup: the end of one is the end of the process.
"""

import asyncio
import secrets
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import httpx
import structlog
from prometheus_client import start_http_server

from alerts import auditor, coverage, links, measures, service
from alerts.commands import CommandPublisher
from alerts.delivering import Desk, Outcome, Publish, Result, transaction
from alerts.lifecycle import Event
from alerts.notify.registry import channels, with_receipts
from alerts.notify.sms import Gateway
from alerts.storms import KINDS as STORM_KINDS
from alerts.storms import Gathered
from core.clock import to_datetime
from core.settings import Settings, SettingsError
from core.tasks import cancelled
from storage import checks, evidence, incidents, outbox, pool, storms
from storage.coverage import OpenGap
from storage.errors import StorageError, Unavailable, wrapped
from storage.outbox import Work
from storage.pool import Connection, Pool

_log = structlog.get_logger(__name__)

T = TypeVar("T")

# Sends at once. What is not an emergency has the first of them only: however many such messages there are, and however
# slow their providers, an emergency's go out at once.
_SLOTS = 256
_ORDINARY_SLOTS = 24
_ANY_PRIORITY = 32_767

# Longer than the slowest channel's timeout, with the writing down of the result.
_LEASE = timedelta(seconds=60)
_SEND_SECONDS = 30.0
_HTTP_SECONDS = 10.0
_CONNECTIONS = httpx.Limits(max_connections=None, max_keepalive_connections=32)
_SHUTDOWN_SECONDS = 20.0
_SHORTEST_WAIT = 0.02
# An incident that the database refuses to have handled is left alone that long, so that it does not hold up the others.
_REFUSED_SECONDS = 60.0
# How long after a fall other sensors are asked about it, and how often.
_JUDGED = timedelta(hours=1)
_EVIDENCE_SECONDS = 15.0
_STORM_SECONDS = 5.0
_GROUPED_AT_ONCE = 200
# How often plans of regular checks are looked at, and how many at most are then worked through.
_CHECK_SECONDS = 30.0
_PLANS = 500
_COVERAGE_SECONDS = 30.0
_KEEP_DONE = timedelta(days=7)
_PURGE_SECONDS = 3600.0


class Dispatcher:
    """Timers and outbox of one database.

    now: the clock of the installation. speed: how fast it runs against real time (demonstrations), which stretches
    whatever is meant in real seconds. storm_update: the least time between two messages about a storm that grows.
    """

    def __init__(
        self,
        connections: Pool,
        desk: Desk,
        *,
        now: Callable[[], datetime],
        speed: float,
        poll_seconds: float,
        storm_update: timedelta = timedelta(minutes=15),
    ) -> None:
        self._pool = connections
        self._desk = desk
        self._now = now
        self._speed = speed
        self._poll = poll_seconds
        self._storm_update = storm_update
        self._timers_wake = asyncio.Event()
        self._outbox_wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._refused: dict[int, float] = {}
        self._gaps: frozenset[int] = frozenset()

    async def run(self, settings: Settings, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then take no more work, let what is being sent come to its end, and return."""
        async with asyncio.TaskGroup() as group:
            loops = [
                group.create_task(self._listen(settings), name="listen"),
                group.create_task(self._forever("timers", self._timers_wake, self._timers), name="timers"),
                group.create_task(
                    self._forever("outbox", self._outbox_wake, lambda: self._take_work(group)), name="outbox"
                ),
                group.create_task(self._forever("evidence", asyncio.Event(), self._evidence), name="evidence"),
                group.create_task(self._forever("checks", asyncio.Event(), self._checks), name="checks"),
                group.create_task(self._forever("coverage", asyncio.Event(), self._coverage), name="coverage"),
                group.create_task(self._forever("storms", asyncio.Event(), self._storms), name="storms"),
                group.create_task(self._forever("purge", asyncio.Event(), self._purge), name="purge"),
            ]
            await stop.wait()
            for task in loops:
                task.cancel()
            if self._sending:
                await asyncio.wait(self._sending, timeout=_SHUTDOWN_SECONDS)
            for task in self._sending:
                task.cancel()

    # Timers

    async def next_timer(self) -> bool:
        """Do what is due for the most urgent incident that has something due. False where there is none."""
        now = self._now()
        moment = asyncio.get_running_loop().time()
        self._refused = {i: until for i, until in self._refused.items() if until > moment}
        incident = None
        try:
            async with transaction(self._pool) as connection:
                incident = await incidents.lock_due(connection, now, except_ids=list(self._refused))
                if incident is None:
                    return False
                happened = await service.carry_out_due(connection, incident, now)
        except Unavailable:
            raise
        except StorageError as error:
            if incident is None:
                raise
            self._refused[incident.id] = moment + _REFUSED_SECONDS
            _log.error("what is due can't be written", incident=incident.id, error=str(error))
            return True
        for event in happened:
            measures.TIMERS.labels(incident.queue, event.event).inc()
            level = _log.error if event.event == Event.EXHAUST else _log.info
            level("incident", incident=incident.id, queue=incident.queue, what=event.event, **event.detail)
            if event.event == Event.ESCALATE and not event.detail["deliveries"] and "storm" not in event.detail:
                measures.NOBODY_REACHED.labels(incident.queue).inc()
                _log.warning("an escalation step reached nobody", incident=incident.id, queue=incident.queue)
        return True

    async def _timers(self) -> float:
        while await self.next_timer():
            self._outbox_wake.set()
        return self._poll if self._refused else await self._until_due()

    # Evidence

    async def weigh_evidence(self) -> int:
        """Let the home of everybody who fell speak, each in a transaction. Returns how many incidents it changed."""
        now, changed = self._now(), 0
        async with transaction(self._pool) as connection:
            falls = await evidence.open_falls(connection, now - _JUDGED)
        for fall in falls:
            weigh = partial(service.weigh_evidence, about=fall, now=now)
            if event := await self._apart(weigh, "evidence can't be weighed", incident=fall.incident_id):
                changed += 1
                _log.info("incident", incident=fall.incident_id, what=event.event, reason=event.detail["reason"])
        return changed

    async def _evidence(self) -> float:
        await self.weigh_evidence()
        return max(self._poll, _EVIDENCE_SECONDS / self._speed)

    # Storms

    async def look_after_storms(self) -> int:
        """Make one storm of many maintenance incidents with one cause, and tell the centre what is new of each.

        A transaction for each. Returns how many are open.
        """
        now = self._now()
        async with transaction(self._pool) as connection:
            gathered = await service.look(connection, now)
        for some in (part for whole in gathered for part in _in_parts(whole)):
            gather = partial(service.gather, gathered=some, now=now)
            if grouped := await self._apart(gather, "a storm can't be made", kind=some.kind, area=some.area_path):
                _log.warning("storm", kind=some.kind, area=some.area_path, joined=len(grouped))
        async with transaction(self._pool) as connection:
            found = await storms.open_storms(connection)
        for storm in found:
            news = partial(service.storm_news, storm_id=storm.id, now=now, every=self._storm_update)
            if told := await self._apart(news, "a storm can't be told of", storm=storm.id):
                self._outbox_wake.set()
                what, messages = told
                _log.warning("storm", storm=storm.id, what=what.value, left=storm.left, messages=len(messages))
        kinds = Counter(storm.kind for storm in found)
        for kind in STORM_KINDS:
            measures.STORMS.labels(kind.value).set(kinds[kind])
        return len(found)

    async def _storms(self) -> float:
        try:
            await self.look_after_storms()
        except Unavailable:
            raise
        except StorageError as error:
            _log.error("storms can't be looked after", error=str(error))
        return max(self._poll, _STORM_SECONDS / self._speed)

    # Regular checks

    async def look_after_checks(self) -> int:
        """Make the tasks of regular checks, and tell the care queue of those that nobody did, a transaction a plan.

        Returns how many plans were worked through; where it is as many as were asked for, there may be more.
        """
        now = self._now()
        async with transaction(self._pool) as connection:
            to_make = await checks.plans_to_make(connection, now, maximum=_PLANS)
        for plan in to_make:
            await self._of_plan(service.make_check_tasks, plan, now)
        async with transaction(self._pool) as connection:
            overdue = await checks.plans_overdue(connection, now, maximum=_PLANS)
        for plan in overdue:
            await self._of_plan(service.raise_overdue_checks, plan, now)
        return max(len(to_make), len(overdue))

    async def _of_plan(
        self, do: Callable[[Connection, int, datetime], Awaitable[object]], plan: int, now: datetime
    ) -> None:
        failed = "a plan of regular checks can't be worked through"
        await self._apart(lambda connection: do(connection, plan, now), failed, plan=plan)

    async def _checks(self) -> float:
        done = await self.look_after_checks()
        return self._poll if done >= _PLANS else max(self._poll, _CHECK_SECONDS / self._speed)

    # Coverage

    async def check_coverage(self) -> list[OpenGap]:
        """Look whether anybody would answer now, and have supervisors told where not. Returns what is open."""
        now = self._now()
        async with transaction(self._pool) as connection:
            gaps = await coverage.check(connection, now)
        self._gaps = coverage.publish(gaps, self._gaps, now)
        return gaps

    async def _coverage(self) -> float:
        try:
            await self.check_coverage()
        except Unavailable:
            raise
        except StorageError as error:
            # The auditor says so when it goes on for minutes.
            _log.error("can't look whether anybody would answer", error=str(error))
        # In real time, however fast a demonstration's clock runs: it is a look at all that there is.
        return _COVERAGE_SECONDS

    async def _apart(self, do: Callable[[Connection], Awaitable[T]], failed: str, **whose: object) -> T | None:
        """Do it in a transaction of its own. What the database refuses must not keep all else from being done."""
        try:
            async with transaction(self._pool) as connection:
                return await do(connection)
        except Unavailable:
            raise
        except StorageError as error:
            _log.error(failed, error=str(error), **whose)
            return None

    # Outbox

    async def work(self, free: int = _SLOTS, *, max_priority: int = _ANY_PRIORITY) -> list[Work]:
        """Take work for a lease, the most urgent first."""
        now = self._now()
        async with transaction(self._pool) as connection:
            return await outbox.lease(
                connection, now, now + _LEASE * self._speed, limit=free, max_priority=max_priority
            )

    async def do(self, work: Work) -> Result:
        """Do one piece of work, and say what became of it."""
        result = await self._desk.do(work)
        measures.WORK.labels(work.topic, result.outcome.value).inc()
        facts = {"topic": work.topic, "outcome": result.outcome.value, "attempts": work.attempts, **_whose(work)}
        if result.outcome is Outcome.DONE:
            measures.WORK_SECONDS.labels(work.topic).observe((self._now() - work.available_at).total_seconds())
            _log.info("sent", **facts)
        elif result.outcome is Outcome.FAILED:
            _log.error("not sent", reason=result.reason, **facts)
        else:
            _log.warning("not sent", reason=result.reason, **facts)
        return result

    async def _take_work(self, group: asyncio.TaskGroup) -> float:
        while (free := _SLOTS - len(self._sending)) > 0:
            ordinary = _ORDINARY_SLOTS - len(self._sending)
            if ordinary > 0:
                taken = await self.work(ordinary)
            else:
                taken = await self.work(free, max_priority=outbox.URGENT)
            for work in taken:
                task = group.create_task(self._send(work), name=f"{work.topic} {work.id}")
                self._sending.add(task)
                task.add_done_callback(self._sent)
            if not taken:
                # Ordinary work may be due that there is no slot for: the next task that ends wakes this.
                return await self._until_due() if ordinary > 0 else self._poll
        return self._poll

    async def _send(self, work: Work) -> None:
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await self.do(work)
        except (StorageError, TimeoutError) as error:
            # Its lease lapses, and it is done again: at least once, never not at all. What the database refuses must
            # not end what is being sent to others.
            measures.WORK.labels(work.topic, "unknown").inc()
            _log.error("what became of it is not known", topic=work.topic, error=repr(error), **_whose(work))

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._outbox_wake.set()

    # Waiting

    async def _until_due(self) -> float:
        async with transaction(self._pool) as connection:
            due = await outbox.next_due(connection)
        if due is None:
            return self._poll
        real_seconds = (due - self._now()).total_seconds() / self._speed
        return min(self._poll, max(_SHORTEST_WAIT, real_seconds))

    async def _forever(self, name: str, wake: asyncio.Event, once: Callable[[], Awaitable[float]]) -> None:
        """Call `once` again and again: when it is woken, or after as many seconds as it says."""
        while not cancelled():
            wake.clear()
            try:
                seconds = await once()
            except Unavailable as error:
                measures.DATABASE_AWAY.labels(name).inc()
                _log.warning("waiting for the database", task=name, error=str(error))
                await asyncio.sleep(self._poll)
                continue
            if cancelled():
                return
            try:
                async with asyncio.timeout(seconds):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _listen(self, settings: Settings) -> None:
        """Wake the others as soon as a commit brought work; they look by themselves should this be away."""
        while True:
            try:
                async with await pool.connect(settings) as connection:
                    await pool.listen(connection, "kanhu_outbox")
                    self._wake()
                    with wrapped():
                        async for _ in connection.notifies():
                            self._wake()
            except Unavailable as error:
                measures.DATABASE_AWAY.labels("listen").inc()
                _log.warning("waiting for the database", task="listen", error=str(error))
                await asyncio.sleep(self._poll)

    def _wake(self) -> None:
        self._timers_wake.set()
        self._outbox_wake.set()

    async def _purge(self) -> float:
        async with transaction(self._pool) as connection:
            await outbox.purge(connection, self._now() - _KEEP_DONE)
        return _PURGE_SECONDS


def _in_parts(whole: Gathered) -> Iterator[Gathered]:
    """The same a few hundred incidents at a time: a long transaction would keep who works on them waiting."""
    for first in range(0, len(whole.incident_ids), _GROUPED_AT_ONCE):
        yield replace(whole, incident_ids=whole.incident_ids[first : first + _GROUPED_AT_ONCE])


def _whose(work: Work) -> dict[str, object]:
    """What a log line may say of a row: ids and codes, no text and no address."""
    return {k: v for k, v in work.payload.items() if k in {"delivery", "notice", "webhook", "household", "device"}}


def _desk(
    settings: Settings, secret: str, connections: Pool, client: httpx.AsyncClient, publish: Publish, speed: float
) -> Desk:
    clock = settings.clock()
    gateway = _gateway(settings)
    return Desk(
        pool=connections,
        channels=channels(client, settings.apprise_config, gateway),
        publish=publish,
        public_url=settings.public_url,
        secret=secret,
        link_life=timedelta(hours=settings.link_hours),
        now=lambda: to_datetime(clock.micros()),
        jitter=lambda: secrets.randbelow(1000) / 1000,
        failover=timedelta(seconds=settings.failover_seconds) * speed,
        receipts=with_receipts(gateway),
    )


def _gateway(settings: Settings) -> Gateway | None:
    if settings.sms_url is None or settings.sms_key is None:
        return None
    callback = links.receipts_url(settings.public_url, settings.sms_provider)
    return Gateway(
        settings.sms_url,
        settings.sms_key.get_secret_value(),
        callback if settings.sms_receipt_secret is not None else None,
    )


async def run(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Run the dispatcher and its auditor until `stop` is set, or SIGTERM or SIGINT where it is not given.

    Raises SettingsError where links can't be signed, and what ended it otherwise.
    """
    if settings.token_secret is None:
        raise SettingsError("KANHU_TOKEN_SECRET: is needed to sign the links in messages, the same as the API has")
    secret = settings.token_secret.get_secret_value()
    if stop is None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    if settings.dispatch_metrics_port:
        start_http_server(settings.dispatch_metrics_port, addr=settings.metrics_host)
    clock = settings.clock()
    speed = settings.speed

    def now() -> datetime:
        return to_datetime(clock.micros())

    async with (
        pool.open_pool(settings) as connections,
        # The slots are the limit: one on connections would let an emergency wait behind slow providers.
        httpx.AsyncClient(timeout=_HTTP_SECONDS, limits=_CONNECTIONS, follow_redirects=False) as client,
        CommandPublisher(settings) as commands,
        asyncio.TaskGroup() as group,
    ):
        dispatcher = Dispatcher(
            connections,
            _desk(settings, secret, connections, client, commands.publish, speed),
            now=now,
            speed=speed,
            poll_seconds=settings.dispatch_poll_seconds,
            storm_update=timedelta(minutes=settings.storm_update_minutes),
        )
        watch = group.create_task(auditor.watch(settings, client, now, auditor.GRACE * speed), name="auditor")
        _log.info("dispatcher has started")
        await group.create_task(dispatcher.run(settings, stop), name="dispatcher")
        watch.cancel()
    _log.info("dispatcher has ended in order")
