"""One row of the outbox: what it asks for is done outside of any transaction, what came of it is written in one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

import msgspec
import stamina
import structlog

from alerts import coverage as alerts_coverage
from alerts import links, messages, retry, service
from alerts.lifecycle import ENDED, State
from alerts.notify.base import Channel, Message, NotSent, Permanent, Temporary
from alerts.planning import ENDED as ENDED_NOTICE
from alerts.planning import STORM_OVER
from core import topics
from storage import coverage, deliveries, outbox, storms
from storage.deliveries import Outgoing
from storage.errors import Unavailable, wrapped
from storage.outbox import Work
from storage.pool import Connection, Pool
from storage.storms import StormOutgoing

_log = structlog.get_logger(__name__)

# More than any schedule of `alerts.retry` has.
_TOO_MANY = 20

Publish = Callable[[str, bytes], Awaitable[None]]


class Outcome(StrEnum):
    """What became of an attempt."""

    DONE = "done"
    AGAIN = "again"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt, and why."""

    outcome: Outcome
    reason: str = ""


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool in a transaction that is committed at the end. Raises StorageError."""
    with wrapped():
        async with pool.connection() as connection:
            yield connection


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to do the work.

    publish: to a topic of the broker. public_url, secret, link_life: for links. now, jitter: the clock and chance, 0 to
    1. failover: an urgent message that was not delivered by then goes over the person's next channel too. receipts: the
    kinds of channel whose provider says when a message has arrived. A message goes out at least once: one whose result
    could not be written goes again, with the same id.
    """

    pool: Pool
    channels: Mapping[str, Channel]
    publish: Publish
    public_url: str
    secret: str
    link_life: timedelta
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    failover: timedelta = timedelta(seconds=20)
    receipts: frozenset[str] = frozenset()

    async def do(self, work: Work) -> Result:
        """Do the work and write down what came of it. Raises StorageError; the lease then lapses and it comes again."""
        match work.topic:
            case "delivery":
                return await self._deliver(work)
            case "failover":
                return await self._fail_over(work)
            case "command":
                return await self._command(work)
            case "webhook":
                return await self._webhook(work)
            case "notice":
                return await self._notice(work)
            case _:
                assert_never(work.topic)

    async def _deliver(self, work: Work) -> Result:
        delivery_id = int(work.payload["delivery"])
        async with transaction(self.pool) as connection:
            outgoing: Outgoing | StormOutgoing | None = await deliveries.outgoing(connection, delivery_id, self.now())
            outgoing = outgoing or await storms.outgoing(connection, delivery_id)
            why_not = _why_not(outgoing)
            if not why_not and work.priority == outbox.URGENT and outgoing and outgoing.step != ENDED_NOTICE:
                # Before it is sent: whatever then becomes of the channel, of the provider or of us.
                await self._watch(connection, delivery_id)
        if outgoing is None or why_not:

            async def not_needed(connection: Connection) -> None:
                await deliveries.record_failed(connection, delivery_id, work.attempts - 1, why_not, self.now())
                await outbox.finish(connection, work, self.now())

            await self._write(not_needed)
            return Result(Outcome.NOT_NEEDED, why_not)
        failure: NotSent | None = Permanent("the channel is not used any more")
        provider_id = None
        if not outgoing.channel_failed:
            channel = self.channels[outgoing.channel_kind]
            failure, provider_id = await self._attempt(work, channel, self._written(outgoing))
        wait = self._wait(work, failure)

        async def record(connection: Connection) -> None:
            if failure is None:
                await service.delivery_sent(
                    connection, delivery_id, work.attempts, self.now(), provider_id, copies=outgoing.copies
                )
            elif wait is not None:
                await deliveries.record_not_sent(
                    connection, delivery_id, work.attempts, failure.reason, self.now() + wait
                )
            else:
                gone = isinstance(failure, Permanent) and failure.gone
                await service.delivery_failed(
                    connection, delivery_id, work.attempts, failure.reason, self.now(), gone=gone
                )
            await self._settle(connection, work, failure, wait)

        await self._write(record)
        return _result(failure, wait)

    async def _watch(self, connection: Connection, delivery_id: int) -> None:
        """Look at an urgent message again when its time is over, where the person has another channel."""
        due = self.now() + self.failover
        if await deliveries.next_channel(connection, delivery_id) is None:
            return
        if await deliveries.set_failover(connection, delivery_id, due):
            await outbox.add(
                connection,
                "failover",
                {"delivery": delivery_id},
                priority=outbox.URGENT,
                now=self.now(),
                available_at=due,
            )

    async def _fail_over(self, work: Work) -> Result:
        delivery_id = int(work.payload["delivery"])
        went_on: list[int] = []

        async def go_on(connection: Connection) -> None:
            delivery = await deliveries.get(connection, delivery_id)
            kind = None if delivery is None else await deliveries.channel_kind(connection, delivery.channel_id)
            instead = await service.fail_over(
                connection, delivery_id, self.failover, self.now(), receipts=kind in self.receipts
            )
            went_on[:] = [] if instead is None else [instead.id]
            await outbox.finish(connection, work, self.now())

        await self._write(go_on)
        return Result(Outcome.DONE) if went_on else Result(Outcome.NOT_NEEDED, "it was delivered, or nobody needs it")

    def _written(self, outgoing: Outgoing | StormOutgoing) -> Message:
        return self._about_storm(outgoing) if isinstance(outgoing, StormOutgoing) else self._message(outgoing)

    def _about_storm(self, outgoing: StormOutgoing) -> Message:
        now = self.now()
        link = links.storm_url(self.public_url, outgoing.storm_id)
        title, text = messages.write_storm(outgoing, link, now)
        data = {
            "delivery": outgoing.id,
            "storm": outgoing.storm_id,
            "kind": outgoing.kind,
            "count": outgoing.left,
            "since": outgoing.since.isoformat(),
            "title": title,
            "text": text,
            "link": link,
        }
        return Message(
            id=service.message_id(outgoing.id, outgoing.copies),
            address=outgoing.channel_address,
            title=title,
            text=text,
            urgent=False,
            at=now,
            secret=outgoing.channel_secret,
            body={"type": "storm", "timestamp": now.isoformat(), "data": data},
        )

    def _message(self, outgoing: Outgoing) -> Message:
        now = self.now()
        if outgoing.contact_id is None:
            link = links.incident_url(self.public_url, outgoing.incident_id)
        else:
            token = links.sign(outgoing.id, now + self.link_life, self.secret)
            link = links.confirm_url(self.public_url, token)
        title, text = messages.write(outgoing, link, now)
        data = {
            "delivery": outgoing.id,
            "incident": outgoing.incident_id,
            "queue": outgoing.queue,
            "kind": outgoing.kind,
            "severity": outgoing.severity,
            "event_time": outgoing.event_time.isoformat(),
            "title": title,
            "text": text,
            "link": link,
        }
        return Message(
            id=service.message_id(outgoing.id, outgoing.copies),
            address=outgoing.channel_address,
            title=title,
            text=text,
            urgent=outgoing.queue == "emergency",
            at=now,
            secret=outgoing.channel_secret,
            body={"type": "message", "timestamp": now.isoformat(), "data": data},
        )

    async def _command(self, work: Work) -> Result:
        payload = work.payload
        failure: NotSent | None = None
        if self.now() >= datetime.fromisoformat(payload["expires_at"]):
            failure = Permanent("too late to be of use")
        else:
            topic = topics.topic(payload["household"], payload["device"], topics.Channel.COMMAND)
            try:
                await self.publish(topic, msgspec.json.encode(payload["message"]))
            except NotSent as error:
                failure = error
        wait = self._wait(work, failure)

        async def record(connection: Connection) -> None:
            await self._settle(connection, work, failure, wait)
            if failure is not None and wait is None:
                await service.command_failed(
                    connection, payload["message"], payload["device"], failure.reason, self.now()
                )

        await self._write(record)
        return _result(failure, wait)

    async def _webhook(self, work: Work) -> Result:
        async with transaction(self.pool) as connection:
            webhook = await outbox.webhook(connection, int(work.payload["webhook"]))
        if webhook is None or webhook.failed_at is not None:
            return await self._record(work, Permanent("the webhook is out of use"))
        body = work.payload["body"]
        message = Message(
            id=f"event-{work.id}",
            address=webhook.url,
            title=body["type"],
            text="",
            urgent=False,
            at=self.now(),
            secret=webhook.secret,
            body=body,
        )
        failure, _ = await self._attempt(work, self.channels["webhook"], message)
        if isinstance(failure, Permanent) and failure.gone:
            reason = failure.reason
            await self._write(lambda connection: outbox.webhook_failed(connection, webhook.id, reason, self.now()))
        return await self._record(work, failure)

    async def _notice(self, work: Work) -> Result:
        """Tell a supervisor that nobody would answer."""
        notice_id = int(work.payload["notice"])
        async with transaction(self.pool) as connection:
            outgoing = await coverage.outgoing(connection, notice_id)
            gaps = await coverage.gaps_of_notice(connection, notice_id)
        if outgoing is None or outgoing.state != "queued" or not gaps:
            why_not = "it is over, or was told already"

            async def not_needed(connection: Connection) -> None:
                await coverage.notice_failed(connection, notice_id, why_not, self.now())
                await outbox.finish(connection, work, self.now())

            await self._write(not_needed)
            return Result(Outcome.NOT_NEEDED, why_not)
        link = links.rota_url(self.public_url)
        title, text = messages.write_notice(gaps, link, outgoing.language)
        now = self.now()
        data = {"notice": notice_id, "gaps": [gap.id for gap in gaps], "title": title, "text": text, "link": link}
        message = Message(
            id=f"notice-{notice_id}",
            address=outgoing.channel_address,
            title=title,
            text=text,
            urgent=True,
            at=now,
            secret=outgoing.channel_secret,
            body={"type": "coverage", "timestamp": now.isoformat(), "data": data},
        )
        failure, _ = await self._attempt(work, self.channels[outgoing.channel_kind], message)
        wait = self._wait(work, failure)

        async def record(connection: Connection) -> None:
            if failure is None:
                await coverage.notice_sent(connection, notice_id, self.now())
            elif wait is None:
                await coverage.notice_failed(connection, notice_id, failure.reason, self.now())
                if isinstance(failure, Permanent) and failure.gone:
                    await deliveries.channel_failed(connection, outgoing.channel_id, failure.reason, self.now())
                # The same person's next channel at once; else the next look finds the next people.
                since = self.now() - alerts_coverage.AGAIN
                if (channel := await coverage.next_channel(connection, notice_id, since)) is not None:
                    again = await coverage.again(connection, notice_id, channel, self.now())
                    await alerts_coverage.queue_notice(connection, again, self.now())
            await self._settle(connection, work, failure, wait)

        await self._write(record)
        return _result(failure, wait)

    async def _attempt(
        self, work: Work, channel: Channel, message: Message
    ) -> tuple[NotSent, None] | tuple[None, str | None]:
        """Send it. Returns why it was not taken, or what the other side calls it."""
        if work.attempts > _TOO_MANY:
            # Its attempts ended without any result: whoever tried died of it.
            return Permanent(f"{work.attempts - 1} attempts came to no end"), None
        try:
            return None, await channel.send(message)
        except NotSent as failure:
            return failure, None
        except Exception as error:  # noqa: BLE001 - the one boundary between a channel and the others' messages
            _log.exception("a channel broke its contract", channel=type(channel).__name__)
            return Temporary(f"the channel failed: {type(error).__name__}"), None

    async def _record(self, work: Work, failure: NotSent | None) -> Result:
        wait = self._wait(work, failure)
        await self._write(lambda connection: self._settle(connection, work, failure, wait))
        return _result(failure, wait)

    async def _settle(
        self, connection: Connection, work: Work, failure: NotSent | None, wait: timedelta | None
    ) -> None:
        if failure is None:
            await outbox.finish(connection, work, self.now())
        elif wait is not None:
            await outbox.postpone(connection, work, self.now() + wait, failure.reason)
        else:
            await outbox.give_up(connection, work, self.now(), failure.reason)

    def _wait(self, work: Work, failure: NotSent | None) -> timedelta | None:
        """How long until it is tried again; None for a success, or when it is not tried again."""
        if not isinstance(failure, Temporary):
            return None
        return retry.delay(
            work.topic,
            urgent=work.priority == outbox.URGENT,
            attempts=work.attempts,
            asked=failure.retry_after,
            jitter=self.jitter(),
        )

    async def _write(self, change: Callable[[Connection], Awaitable[None]]) -> None:
        """Write what came of the work; tried a few times, since not to know means to send again."""
        async for attempt in stamina.retry_context(on=Unavailable, attempts=5, wait_initial=0.1, wait_max=2.0):
            with attempt:
                async with transaction(self.pool) as connection:
                    await change(connection)


def _result(failure: NotSent | None, wait: timedelta | None) -> Result:
    if failure is None:
        return Result(Outcome.DONE)
    return Result(Outcome.FAILED if wait is None else Outcome.AGAIN, failure.reason)


def _why_not(outgoing: Outgoing | StormOutgoing | None) -> str:
    """Why a message is not to be sent any more, or an empty text."""
    if outgoing is None:
        return "there is no such delivery"
    if outgoing.state != "queued":
        return f"it is {outgoing.state} already"
    if outgoing.person_gone and outgoing.step != ENDED_NOTICE:
        return "they are not to be told any more"
    if isinstance(outgoing, StormOutgoing):
        over = outgoing.ended_at is not None and outgoing.step != STORM_OVER
        return "the storm was over before it was sent" if over else ""
    ended, about_the_end = State(outgoing.incident_state) in ENDED, outgoing.step == ENDED_NOTICE
    if ended and not about_the_end:
        return "the incident ended before it was sent"
    if about_the_end and not ended:
        return "the incident was reopened before it was sent"
    return ""
