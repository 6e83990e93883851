"""Any sequence of events: what is illegal changes nothing, and something is due as long as the incident lives.

The service and the dispatcher themselves are held to it in test_response.py.
"""

from hypothesis import given
from hypothesis import strategies as st

from alerts.escalation import (
    DEFAULT_POLICIES,
    Due,
    Exhausted,
    Policy,
    Step,
    Target,
    after_reopening,
    first_step,
    next_step,
)
from alerts.lifecycle import ENDED, HELD, LIVE, TABLE, TIMER_OF, Event, IllegalEvent, next_state
from core.findings import Queue
from tests.support.alarm_world import NOON

EVENTS = st.lists(st.sampled_from(list(Event)), max_size=40)


@given(st.sampled_from([Event.RAISE, Event.OPEN]), EVENTS)
def test_any_walk_stays_on_the_table(birth: Event, events: list[Event]) -> None:
    state = next_state(None, birth)
    for event in events:
        before = state
        try:
            state = next_state(state, event)
        except IllegalEvent:
            assert (before, event) not in TABLE
            assert state is before
        else:
            assert TABLE[before, event] is state
            if before in ENDED and event is not Event.REOPEN:
                assert state is before
            if before in ENDED and event is Event.REOPEN:
                assert TIMER_OF[state] == "escalation"
            if state in HELD and before not in HELD:
                assert event is Event.CLAIM
            if state in LIVE:
                assert TIMER_OF[state]


STEPS = st.builds(
    Step,
    after_s=st.integers(0, 10_000),
    targets=st.lists(st.sampled_from(list(Target)), min_size=1, max_size=4, unique=True).map(tuple),
)
POLICIES = st.builds(
    Policy,
    steps=st.lists(STEPS, min_size=1, max_size=5).map(tuple),
    rounds=st.integers(1, 5),
    repeat_after_s=st.integers(1, 10_000),
    repeat_last_s=st.integers(60, 10_000),
)


@given(
    st.one_of(POLICIES, st.sampled_from([DEFAULT_POLICIES[q] for q in Queue])),
    st.none() | st.tuples(st.integers(0, 4), st.integers(0, 30)),
)
def test_what_is_reopened_goes_on_at_once_with_what_nobody_was_told_of_yet(
    policy: Policy, last: tuple[int, int] | None
) -> None:
    due = after_reopening(policy, last, NOON)
    assert due.at == NOON
    assert last is None or due.round > last[1], "in a round that was there nobody would be told again"
    assert isinstance(due, Exhausted) == (due.round >= policy.rounds)
    if isinstance(due, Exhausted):
        assert due.step == len(policy.steps) - 1
    else:
        assert due.step == 0
    following = next_step(policy, due.step, due.round, due.at)
    assert (following.round, following.step) > (due.round, due.step)


@given(st.one_of(POLICIES, st.sampled_from([DEFAULT_POLICIES[q] for q in Queue])), st.integers(1, 60))
def test_an_unanswered_incident_always_has_a_next_step_and_goes_through_all(policy: Policy, count: int) -> None:
    due: Due | Exhausted = first_step(policy, NOON)
    seen = [(due.step, due.round)]
    for _ in range(count):
        following = next_step(policy, due.step, due.round, due.at)
        assert following.at >= due.at
        assert (following.round, following.step) > (due.round, due.step)
        assert isinstance(following, Exhausted) == (following.round >= policy.rounds)
        due = following
        seen.append((due.step, due.round))
    whole = [(step, round_) for round_ in range(policy.rounds) for step in range(len(policy.steps))]
    assert seen[: len(whole)] == whole[: len(seen)]
