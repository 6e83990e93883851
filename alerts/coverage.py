"""Would anybody answer now? Looked at all the time; where the answer is no, supervisors are told, once.

The judgement is pure (`judge`); `look` reads what it needs, `check` writes the gaps and queues the messages about them.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from alerts import duty, measures, planning, policies, rota
from alerts.duty import Centre, Fallback
from alerts.escalation import Policy, Target
from alerts.policies import Rule
from core.findings import Queue, Severity
from storage import coverage, outbox
from storage import policies as stored_policies
from storage.coverage import Gap, OpenGap, Supervisor, Tried, Unreachable, WatchedArea
from storage.pool import Connection

_log = structlog.get_logger(__name__)

PRIORITY = outbox.URGENT + 1
"""Of the messages: after those of emergencies, before all else."""

AGAIN = timedelta(minutes=10)
"""A channel over which a message failed is tried again after this."""


class Code(StrEnum):
    """Why nobody would answer; `gap-…` in the wording."""

    NO_STAFF = "no_staff"
    NOBODY_ON_SHIFT = "nobody_on_shift"
    NO_CHANNEL = "no_channel"
    NO_SUPERVISOR = "no_supervisor"
    CONTACTS_EXPIRED = "contacts_expired"
    CONTACTS_NO_CHANNEL = "contacts_no_channel"


ABOUT_RESIDENTS = frozenset({Code.CONTACTS_EXPIRED, Code.CONTACTS_NO_CHANNEL})
"""These are about some residents only; with all others nobody of the centre would answer."""

_OF_FALLBACK: Mapping[Fallback | None, Code] = {
    Fallback.NOBODY_ON_SHIFT: Code.NOBODY_ON_SHIFT,
    Fallback.NO_CHANNEL: Code.NO_CHANNEL,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the policies of a queue tell, of all that could apply at this hour, whatever the severity.

    responders: one of them tells some. supervisors: one of them tells no responders, but supervisors when it is
    exhausted, as all do. family: one of them tells contacts.
    """

    responders: bool
    supervisors: bool
    family: bool


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why none of the responders and none of the supervisors of an area would hear of it; None where one would."""

    responders: Code | None
    supervisors: Code | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to send: to a supervisor over a channel, about gaps."""

    user_id: int
    channel_id: int
    gap_ids: tuple[int, ...]


def asked(rules: Sequence[Rule], path: str, queue: Queue, now: datetime) -> Asked:
    """Whom the policies tell of an incident in the area at a path. Pure. rules: of all areas upwards, at least."""
    chosen = [policies.choose(rules, path, queue, severity, now).policy for severity in Severity]
    responders = [_tells(policy, Target.QUEUE) for policy in chosen]
    family = any(_tells(policy, Target.FAMILY_NEXT, Target.FAMILY) for policy in chosen)
    return Asked(any(responders), not all(responders), family)


def lacking(centre: Centre) -> Lacking:
    """Why nobody of the centre would hear of an incident, by role. Pure."""
    responders, supervisors = centre.told("responder"), centre.told("supervisor")
    if not responders.people:
        code: Code | None = Code.NO_STAFF
    elif responders.fallback in _OF_FALLBACK:
        code = _OF_FALLBACK[responders.fallback]
    else:
        code = Code.NO_CHANNEL if all(c.channel_id is None for c in responders.people) else None
    untold = all(c.channel_id is None for c in supervisors.people)
    return Lacking(code, Code.NO_SUPERVISOR if untold else None)


def judge(
    area: WatchedArea, queue: Queue, who: Asked, why_not: Lacking, unreachable: Sequence[Unreachable]
) -> list[Gap]:
    """Why nobody would answer for an incident that came into an area's queue now; nothing where somebody would. Pure.

    unreachable: its residents none of whose contacts can be told.
    """
    told = ((who.responders, why_not.responders), (who.supervisors, why_not.supervisors))
    codes = {code for are_told, code in told if are_told and code is not None}
    gaps = [Gap(area.id, queue.value, code.value) for code in sorted(codes)]
    if who.family and unreachable:
        for code, expired in ((Code.CONTACTS_EXPIRED, True), (Code.CONTACTS_NO_CHANNEL, False)):
            of_them = [r.resident_id for r in unreachable if r.expired is expired]
            if of_them:
                gaps.append(Gap(area.id, queue.value, code.value, of_them))
    return gaps


def _tells(policy: Policy, *targets: Target) -> bool:
    return any(target in step.targets for step in policy.steps for target in targets)


def notices(gaps: Iterable[OpenGap], supervisors: Sequence[Supervisor], tried: Iterable[Tried]) -> list[Notice]:
    """Whom to tell of gaps that nobody was told of yet, each person once. Pure.

    Of a gap hear the supervisors of the nearest area upwards in which somebody has a channel that was not tried for it
    just now. tried: of the last ten minutes, or waiting to be sent; a gap with a message that waits is left alone.
    """
    used: dict[int, set[int]] = {}
    waiting: set[int] = set()
    for one in tried:
        used.setdefault(one.gap_id, set()).add(one.channel_id)
        if one.state == "queued":
            waiting.add(one.gap_id)
    about: dict[tuple[int, int], list[int]] = {}
    for gap in gaps:
        if gap.told_at is not None or gap.id in waiting:
            continue
        free = [
            (supervisor, [c for c in supervisor.channels if c not in used.get(gap.id, ())])
            for supervisor in supervisors
            if gap.area_path.startswith(supervisor.area_path)
        ]
        nearest = max((len(s.area_path) for s, channels in free if channels), default=0)
        for supervisor, channels in free:
            if channels and len(supervisor.area_path) == nearest:
                about.setdefault((supervisor.user_id, channels[0]), []).append(gap.id)
    return [Notice(user, channel, tuple(ids)) for (user, channel), ids in sorted(about.items())]


async def look(connection: Connection, now: datetime) -> dict[WatchedArea, dict[Queue, list[Gap]]]:
    """The judgement of each queue of each area in which residents live. Writes nothing."""
    areas = await coverage.areas(connection)
    rotas, everybody = await duty.everywhere(connection, now)
    staff = {colleague.id: colleague for colleague in everybody}
    rules = planning.readable_rules(await stored_policies.policies(connection, subtree="/"))
    unreachable: dict[int, list[Unreachable]] = {}
    for one in await coverage.unreachable(connection, now):
        unreachable.setdefault(one.area_id, []).append(one)
    works_in: dict[str, list[int]] = {}
    for colleague in staff.values():
        works_in.setdefault(colleague.area_path, []).append(colleague.id)
    holds_in: dict[str | None, list[Rule]] = {}
    for rule in rules:
        holds_in.setdefault(rule.area_path, []).append(rule)
    # Most streets of a city have the people, the rota and the policies of the same areas above them: the answer is
    # theirs too, and is worked out once.
    who: dict[tuple[str, ...], dict[Queue, Asked]] = {}
    why_not: dict[tuple[str | None, ...], Lacking] = {}
    found: dict[WatchedArea, dict[Queue, list[Gap]]] = {}
    for area in areas:
        chain = list(rota.upwards(area.path))
        ruled = tuple(path for path in chain if path in holds_in)
        if ruled not in who:
            of_area = [rule for path in (None, *ruled) for rule in holds_in.get(path, ())]
            who[ruled] = {queue: asked(of_area, area.path, queue, now) for queue in Queue}
        own = rota.nearest(area.path, rotas)
        staffed = tuple(path for path in chain if path in works_in)
        peopled = (None if own is None else own.area_path, *staffed)
        if peopled not in why_not:
            named = own.people if own is not None else frozenset()
            ids = sorted({user for path in staffed for user in works_in[path]} | (named & staff.keys()))
            why_not[peopled] = lacking(duty.centre(area.path, own, [staff[user] for user in ids], now))
            # A city takes tenths of a second of the one thread; what is to be sent does not wait for it.
            await asyncio.sleep(0)
        of_them = unreachable.get(area.id, ())
        found[area] = {queue: judge(area, queue, asks, why_not[peopled], of_them) for queue, asks in who[ruled].items()}
    return found


async def check(connection: Connection, now: datetime) -> list[OpenGap]:
    """Look, write down what has opened and ended, and queue messages about what nobody was told of.

    Returns what is open. Runs inside the caller's transaction; several at once wait for each other.
    """
    await coverage.begin_check(connection, now)
    found = await look(connection, now)
    gaps = [gap for queues in found.values() for some in queues.values() for gap in some]
    await coverage.write(connection, gaps, now)
    open_gaps = await coverage.open_gaps(connection)
    tried = await coverage.tried(connection, now - AGAIN)
    for notice in notices(open_gaps, await coverage.supervisors(connection), tried):
        notice_id = await coverage.add_notice(connection, notice.user_id, notice.channel_id, notice.gap_ids, now)
        await queue_notice(connection, notice_id, now)
    return open_gaps


async def queue_notice(connection: Connection, notice_id: int, now: datetime) -> None:
    """Let a message about gaps go out."""
    await outbox.add(connection, "notice", {"notice": notice_id}, priority=PRIORITY, now=now)


def publish(gaps: Sequence[OpenGap], known: frozenset[int], now: datetime) -> frozenset[int]:
    """Show what is open to Prometheus, and log it where it is new or nobody could be told. Returns what is known now.

    known: ids of gaps that were logged before.
    """
    measures.COVERAGE_CHECKED_AT.set(now.timestamp())
    for queue in Queue:
        for code in Code:
            measures.COVERAGE_GAPS.labels(queue.value, code.value).set(
                sum(gap.queue == queue and gap.code == code for gap in gaps)
            )
    new = [gap for gap in gaps if gap.id not in known]
    for gap in new:
        _log.error("nobody would answer", gap=gap.id, area=gap.area, queue=gap.queue, code=gap.code)
    untold = [gap.id for gap in gaps if gap.told_at is None and gap.id in known]
    if untold:
        _log.error("nobody could be told that nobody would answer", gaps=untold)
    ended = known - {gap.id for gap in gaps}
    if ended:
        _log.info("somebody would answer again", gaps=sorted(ended))
    return frozenset(gap.id for gap in gaps)
