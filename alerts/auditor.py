"""Checks from outside that no incident is left: reads rows, trusts nobody's word, and says aloud what it finds.

It is independent of the service and the dispatcher: its own connection, its own reading of the tables. Its heartbeat is
called only after a round that found nothing wrong, so that a watchdog outside of the installation notices when the
auditor, the dispatcher or the machine is gone as well as when an incident is.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

import httpx
import structlog

from alerts import measures
from alerts.coverage import ABOUT_RESIDENTS
from alerts.escalation import is_exhausted
from alerts.lifecycle import TIMER_OF, Event, IllegalEvent, State, next_state
from alerts.planning import readable_policy
from core.settings import Settings
from storage import outbox, oversight, pool
from storage.errors import Unavailable
from storage.outbox import Backlog
from storage.oversight import ChecksLeft, Coverage, Trace, Watched
from storage.pool import Connection

_log = structlog.get_logger(__name__)

GRACE = timedelta(seconds=30)
"""How late a timer or a row of the outbox may be before it counts as left."""

CHECK_GRACE = 10 * GRACE
"""The same for what is to be done about a regular check, which is looked at every half minute."""

# In graces: a look that is missing for five minutes, people who could not be told for two.
_UNCHECKED = 10
_UNTOLD = 4

_LATELY = timedelta(hours=1)
_ROUND_S = 10.0


class Rule(StrEnum):
    """What the auditor holds everybody to."""

    NOTHING_DUE = "nothing_due"
    OVERDUE = "overdue"
    WRONG_TIMER = "wrong_timer"
    TWO_LIVE = "two_live"
    NO_ALERT = "no_alert"
    BROKEN_TRAIL = "broken_trail"
    OUTBOX_STUCK = "outbox_stuck"
    CHECK_LEFT = "check_left"
    COVERAGE_UNCHECKED = "coverage_unchecked"
    NOBODY_WOULD_ANSWER = "nobody_would_answer"


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must not be. incident_id None: it is about no incident in particular."""

    rule: Rule
    incident_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """One round. exhausted: live incidents whose policy was gone through without an answer."""

    violations: tuple[Violation, ...]
    exhausted: tuple[int, ...]
    backlog: Backlog


def violations(
    watched: Sequence[Watched], trail: Sequence[Trace], backlog: Backlog, now: datetime, grace: timedelta = GRACE
) -> list[Violation]:
    """All that is wrong in these rows. Pure.

    watched: by incident id, a row for each timer. trail: by incident id, oldest line first.
    """
    found = [*_dues(watched, now, grace), *_doubles(watched), *_trails(trail)]
    if backlog.oldest_due is not None and now - backlog.oldest_due > grace:
        late = now - backlog.oldest_due
        found.append(Violation(Rule.OUTBOX_STUCK, None, f"outbox work has been due for {late.total_seconds():.0f} s"))
    return found


def checks_left(left: ChecksLeft, now: datetime) -> list[Violation]:
    """What is wrong with regular checks. Pure."""
    if left.oldest is None:
        return []
    late = (now - left.oldest).total_seconds()
    return [
        Violation(Rule.CHECK_LEFT, None, f"checks of {left.plans} plans have been left, one of them for {late:.0f} s")
    ]


def coverage_violations(coverage: Coverage, now: datetime, grace: timedelta = GRACE) -> Iterable[Violation]:
    """What is wrong with the watch over whether anybody would answer (docs/adr/0014). Pure.

    A gap that supervisors were told of is in people's hands: that is none.
    """
    if coverage.checked_at is not None and now - coverage.checked_at > _UNCHECKED * grace:
        late = (now - coverage.checked_at).total_seconds()
        text = f"for {late:.0f} s nobody has looked whether anybody would answer"
        yield Violation(Rule.COVERAGE_UNCHECKED, None, text)
    if coverage.untold_since is not None and now - coverage.untold_since > _UNTOLD * grace:
        late = (now - coverage.untold_since).total_seconds()
        text = f"for {late:.0f} s nobody would answer an emergency somewhere, and nobody could be told so"
        yield Violation(Rule.NOBODY_WOULD_ANSWER, None, text)


def exhausted(watched: Iterable[Watched]) -> list[int]:
    """The open incidents whose policy was gone through without an answer."""
    return [
        w.id
        for w in watched
        if w.timer == "escalation" and w.round is not None and is_exhausted(readable_policy(w.policy, w.queue), w.round)
    ]


def _dues(watched: Sequence[Watched], now: datetime, grace: timedelta) -> Iterable[Violation]:
    for row in watched:
        if not row.has_alert:
            yield Violation(Rule.NO_ALERT, row.id, "it has no alert")
        if row.timer is None or row.due_at is None:
            yield Violation(Rule.NOTHING_DUE, row.id, f"it is {row.state} and nothing is due")
        elif row.timer != TIMER_OF[State(row.state)]:
            yield Violation(Rule.WRONG_TIMER, row.id, f"it is {row.state} and its timer is for a {row.timer}")
        elif now - row.due_at > grace:
            late = (now - row.due_at).total_seconds()
            yield Violation(Rule.OVERDUE, row.id, f"its {row.timer} has been due for {late:.0f} s")


def _doubles(watched: Sequence[Watched]) -> Iterable[Violation]:
    live = Counter((row.resident_id, row.queue) for row in {w.id: w for w in watched}.values())
    for (resident, queue), count in live.items():
        if count > 1:
            yield Violation(Rule.TWO_LIVE, None, f"resident {resident} has {count} live incidents in queue {queue}")


def _trails(trail: Sequence[Trace]) -> Iterable[Violation]:
    """Go through each trail from its beginning by the lifecycle's table; it must lead to the state that the row has."""
    for incident_id, lines in groupby(trail, key=lambda line: line.incident_id):
        state: str | None = None
        wrong = ""
        for line in lines:
            if line.event is not None and not wrong:
                wrong = _wrong_line(state, line)
                state = line.to_state
        if not wrong and state != line.state:
            wrong = f"it is {line.state}, its trail says {state or 'nothing'}"
        if wrong:
            yield Violation(Rule.BROKEN_TRAIL, incident_id, wrong)


def _wrong_line(state: str | None, line: Trace) -> str:
    if line.from_state != state:
        return f"{line.event!r} starts from {line.from_state}, the trail is at {state}"
    try:
        leads_to = next_state(state, Event(line.event or ""))
    except (IllegalEvent, ValueError) as error:
        return str(error)
    return "" if leads_to == line.to_state else f"{line.event!r} leads to {leads_to}, the trail says {line.to_state}"


async def audit(connection: Connection, now: datetime, grace: timedelta = GRACE) -> Report:
    """One round over the database, of one moment. The connection must be in no transaction. Raises StorageError."""
    async with oversight.snapshot(connection):
        return await look(connection, now, grace)


async def look(connection: Connection, now: datetime, grace: timedelta = GRACE) -> Report:
    """One round in the caller's transaction. Raises StorageError."""
    watched = await oversight.live(connection)
    trail = await oversight.trail(connection, now - _LATELY)
    backlog = await outbox.backlog(connection, now)
    left = checks_left(await oversight.checks_left(connection, now - grace * (CHECK_GRACE // GRACE)), now)
    coverage = await oversight.coverage(connection, ABOUT_RESIDENTS)
    unanswered = coverage_violations(coverage, now, grace)
    found = (*violations(watched, trail, backlog, now, grace), *left, *unanswered)
    return Report(found, tuple(exhausted(watched)), backlog)


def publish(report: Report, now: datetime) -> None:
    """Show a round's result to Prometheus, and log what is wrong as errors."""
    counts = Counter(v.rule for v in report.violations)
    for rule in Rule:
        measures.VIOLATIONS.labels(rule.value).set(counts[rule])
    measures.EXHAUSTED.set(len(report.exhausted))
    measures.OUTBOX_WAITING.set(report.backlog.waiting)
    measures.OUTBOX_FAILED.set(report.backlog.failed)
    measures.AUDITED_AT.set(now.timestamp())
    for violation in report.violations:
        _log.error("audit", rule=violation.rule.value, incident=violation.incident_id, text=violation.text)
    if report.exhausted:
        _log.error("nobody answers these incidents", incidents=list(report.exhausted))


async def beat(client: httpx.AsyncClient, url: str) -> None:
    """Call the watchdog outside. That it can't be reached is logged: it will complain by itself."""
    try:
        (await client.get(url)).raise_for_status()
    except httpx.HTTPError as error:
        measures.HEARTBEATS.labels("failed").inc()
        _log.warning("the watchdog could not be called", error=type(error).__name__)
    else:
        measures.HEARTBEATS.labels("ok").inc()


async def watch(
    settings: Settings, client: httpx.AsyncClient, now: Callable[[], datetime], grace: timedelta = GRACE
) -> None:
    """Audit every ten seconds until cancelled, on a connection of its own."""
    while True:
        try:
            async with await pool.connect(settings) as connection:
                while True:
                    report = await audit(connection, now(), grace)
                    publish(report, now())
                    if settings.heartbeat_url is not None and not report.violations:
                        await beat(client, settings.heartbeat_url)
                    await asyncio.sleep(_ROUND_S)
        except Unavailable as error:
            measures.DATABASE_AWAY.labels("auditor").inc()
            _log.warning("the auditor waits for the database", error=str(error))
            await asyncio.sleep(_ROUND_S)
