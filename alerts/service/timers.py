"""What comes due: the end of a countdown, an escalation step, the lapse of a claim."""

from dataclasses import replace
from datetime import datetime

import structlog

from alerts import planning
from alerts.escalation import is_exhausted, next_step
from alerts.lifecycle import TIMER_OF, Event, State
from alerts.service import changes
from alerts.service.grouping import with_its_storm
from storage import incidents
from storage.incidents import Incident, IncidentEvent, Timer
from storage.pool import Connection

_log = structlog.get_logger(__name__)


async def carry_out_due(connection: Connection, incident: Incident, now: datetime) -> list[IncidentEvent]:
    """Do what the timers of a locked incident say is due, and set the next one. Returns what was written to the trail.

    A timer that does not fit the state is not obeyed but put right, loudly: each state has one kind of its own.
    """
    done: list[IncidentEvent] = []
    for timer in await incidents.timers_of(connection, incident.id):
        if timer.due_at > now:
            continue
        state = State(incident.state)
        if timer.kind != TIMER_OF.get(state):
            await _put_right(connection, incident, timer, now)
        elif state is State.PENDING:
            incident = await changes.move(connection, incident, Event.OPEN, "timer", now, trail=done, opened_at=now)
            await changes.opened(connection, incident, now)
        elif state is State.OPEN:
            await _escalate(connection, incident, timer, now, done)
        else:
            incident = await changes.back_to_queue(connection, incident, Event.LAPSE, "timer", now, trail=done)
    return done


async def _put_right(connection: Connection, incident: Incident, timer: Timer, now: datetime) -> None:
    kind = TIMER_OF.get(State(incident.state))
    _log.error("a timer that does not fit its incident", incident=incident.id, state=incident.state, timer=timer.kind)
    await incidents.delete_timers(connection, incident.id)
    if kind is not None:
        await incidents.set_timer(connection, replace(timer, kind=kind, due_at=now))


async def _escalate(
    connection: Connection, incident: Incident, timer: Timer, now: datetime, trail: list[IncidentEvent]
) -> None:
    policy = planning.policy_of(incident)
    place = {"step": timer.step, "round": timer.round}
    if is_exhausted(policy, timer.round) and timer.round == policy.rounds:
        await changes.move(connection, incident, Event.EXHAUST, "timer", now, {"rounds": policy.rounds}, trail=trail)
    incident = await with_its_storm(connection, incident, now)
    planned = await planning.plan_step(connection, incident, timer.step, timer.round, now)
    detail = place | {
        "targets": [t.value for t in planned.targets],
        "deliveries": list(planned.deliveries),
        "unreachable": list(planned.unreachable),
        "rounds_before": planned.rounds_before,
        "fallback": {target.value: why.value for target, why in planned.fallback.items()},
    }
    if planned.storm is not None:
        detail["storm"] = planned.storm
    await changes.move(connection, incident, Event.ESCALATE, "timer", now, detail, trail=trail)
    await changes.set_escalation(connection, incident, next_step(policy, timer.step, timer.round, now))
