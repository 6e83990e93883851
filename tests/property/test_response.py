"""Lifecycle × escalation × delivery: no state can be reached in which a live incident has nothing due, or in which
somebody who was to be told was not and nothing says so.

Two ways: every state of a small home is visited, and long walks are taken at random through a larger one, with any
policy. Both go through the dispatcher's and the service's own code, on a real database; what must hold is read from the
rows by `tests.support.walk.nobody_is_left`, which trusts neither.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from alerts.escalation import Policy, Step, Target
from alerts.lifecycle import State
from core.findings import Queue
from storage import deliveries, incidents
from tests.support.alarm_world import connection_to
from tests.support.walk import ACTS, Silent, Walk, attempt, follow, nobody_is_left, walking

A_DAY = timedelta(days=1)
# Thousands of moves, each a transaction: quick, but not on a machine that others use as well.
pytestmark = pytest.mark.timeout(900)

# Every state of a small home ----------------------------------------------------------------------------------------

TWO_STEPS = Policy(
    steps=(Step(0, (Target.QUEUE, Target.FAMILY_NEXT)), Step(60, (Target.FAMILY,))), rounds=1, repeat_after_s=60
)
ONE_STEP = Policy(steps=(Step(0, (Target.FAMILY,)),), rounds=1, repeat_after_s=60)
SOS, FALL, CANCELLED_FALL, DUE = ("raise", 0), ("raise", 1), ("raise", 5), ("due", 0)
WORK = (("claim", 0), ("release", 0), ("contact", 0), ("dispatch", 0), ("arrive", 0), ("close", 0), ("reopen", 0))
LETTERS = (("sent", 0), ("refused", 0), ("gone", 0))
RECEIPTS = (("never arrives", 0), ("fail over", 0))


Where = tuple[
    State, tuple[tuple[str, int, int], ...], frozenset[object], bool, frozenset[object], frozenset[object], bool
]


async def where(walk: Walk, policy: Policy) -> Where | None:
    """The state as far as it matters for what can come: two with the same are taken for one."""
    incident = await walk.incident()
    if incident is None:
        return None
    timers = await incidents.timers_of(walk.connection, incident.id)
    told = await deliveries.of_incident(walk.connection, incident.id)
    last = max(((d.round, d.step) for d in told), default=None)
    # All rounds after the last are alike but the first, in which it is said that they are over.
    due = [(str(t.kind), t.step, min(t.round, policy.rounds + 1)) for t in timers]
    letters = {
        (d.channel_id, (d.round, d.step) == last, d.state)
        for d in told
        if d.state == "queued" or (d.round, d.step) == last
    }
    family = any(d.contact_id is not None and d.sent_at is not None for d in told)
    watched = {d.channel_id for d in told if d.failover_at is not None and d.failover_at > walk.at}
    failed = await (await walk.connection.execute("SELECT id FROM channel WHERE failed_at IS NOT NULL")).fetchall()
    cleared = any(a.cleared_at is not None for a in await incidents.alerts_of(walk.connection, incident.id))
    return State(incident.state), tuple(due), frozenset(letters), family, frozenset(watched), frozenset(failed), cleared


@dataclass
class Visited:
    """The states that were seen, and how many moves were tried for it."""

    states: set[Where] = field(default_factory=set)
    moves: int = 0


async def visit(
    walk: Walk, policy: Policy, moves: Sequence[tuple[str, int]], visited: Visited, way: list[tuple[str, int]]
) -> None:
    """Try every move from here; go on from each state that is new, and come back."""
    at = walk.at
    for move in moves:
        async with walk.connection.transaction(force_rollback=True):
            visited.moves += 1
            state = await where(walk, policy) if await attempt(walk, *move) else None
            if state is not None and state not in visited.states:
                visited.states.add(state)
                try:
                    await nobody_is_left(walk, A_DAY)
                except Silent as error:
                    error.add_note(f"after {[*way, move]}")
                    raise
                await visit(walk, policy, moves, visited, [*way, move])
        walk.at = at


@pytest.mark.parametrize(
    ("channels", "policy", "moves", "reaches"),
    [
        pytest.param((), TWO_STEPS, (SOS, FALL, CANCELLED_FALL, DUE, *WORK), set(State), id="nobody has a channel"),
        pytest.param(
            ("lan",), TWO_STEPS, (SOS, DUE, *LETTERS, *WORK), set(State) - {State.PENDING, State.CANCELLED},
            id="one responder has a channel",
        ),
        pytest.param(
            ("daughter-1", "daughter-2"), ONE_STEP, (SOS, DUE, *LETTERS, *RECEIPTS),
            {State.OPEN}, id="a daughter has two channels",
        ),
    ],
)  # fmt: skip
def test_no_state_of_a_small_home_is_silent(
    shared_database: str,
    channels: tuple[str, ...],
    policy: Policy,
    moves: Sequence[tuple[str, int]],
    reaches: set[State],
) -> None:
    visited = Visited()

    async def walk_it() -> None:
        async with connection_to(shared_database) as connection, walking(connection) as walk:
            await follow(walk, {Queue.EMERGENCY: policy})
            await connection.execute("DELETE FROM channel WHERE address <> ALL(%s)", (list(channels),))
            await visit(walk, policy, moves, visited, [])

    with capture_logs():
        asyncio.run(walk_it())
    # It has been everywhere.
    assert {incident for incident, *_ in visited.states} == reaches
    assert {due for _, timers, *_ in visited.states for due in timers if due[0] == "escalation"} == {
        ("escalation", step, round_) for round_ in range(policy.rounds) for step in range(len(policy.steps))
    } | {("escalation", len(policy.steps) - 1, policy.rounds + late) for late in (0, 1)}


# Long walks through a larger home ------------------------------------------------------------------------------------

STEPS = st.builds(
    Step,
    after_s=st.sampled_from([0, 1, 30, 60, 3600]),
    targets=st.lists(st.sampled_from(list(Target)), min_size=1, max_size=4, unique=True).map(tuple),
)
POLICIES = st.builds(
    Policy,
    steps=st.lists(STEPS, min_size=1, max_size=4).map(tuple),
    rounds=st.integers(1, 3),
    repeat_after_s=st.sampled_from([1, 60, 600]),
    repeat_last_s=st.sampled_from([60, 600]),
)
WALKS = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 31), st.sampled_from([0, 1, 15, 70, 320, 4000])),
    min_size=1,
    max_size=25,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.sampled_from(list(Queue)), POLICIES),
    st.sets(st.integers(1, 20)),
    st.lists(st.integers(0, 3), min_size=1, max_size=2),
    WALKS,
)
def test_whatever_people_providers_and_time_do_nobody_is_left(
    shared_database: str,
    policies: dict[Queue, Policy],
    dumb: set[int],
    first: list[int],
    acts: list[tuple[str, int, int]],
) -> None:
    """dumb: channels that there are not."""

    async def walk_it() -> None:
        async with connection_to(shared_database) as connection, walking(connection) as walk:
            await follow(walk, policies)
            await connection.execute(
                "DELETE FROM channel WHERE id - (SELECT min(id) FROM channel) + 1 = ANY(%s)", (sorted(dumb),)
            )
            for name, number, seconds in [("raise", number, 1) for number in first] + acts:
                await walk.pass_(seconds)
                before = await walk.everything()
                if not await attempt(walk, name, number):
                    assert await walk.everything() == before
                await walk.catch_up()
                await nobody_is_left(walk)

    asyncio.run(walk_it())
