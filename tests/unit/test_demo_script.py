from datetime import date
from itertools import pairwise

import pytest

from core.clock import SECOND
from demo import script


def test_what_happens_afterwards_comes_soon_and_each_time_somewhere_else() -> None:
    for households in (25, 50):
        plan = script.make(households, 1, script.begin_of(date(2026, 11, 26)), "http://127.0.0.1:1")
        happening = script.afterwards(plan, plan.end, 1)
        after = [(event.start - plan.end) / SECOND for event in happening]
        assert after[:4] == [15, 30, 50, 140]
        assert {later - sooner for sooner, later in pairwise(after[3:])} == {90}
        first_round = [event.household for event in happening[:8]]
        assert len(set(first_round)) == 8
    # With the usual fifty, where nothing had happened before.
    assert not {event.household for event in plan.simulation.script} & set(first_round[:5])


@pytest.mark.parametrize("households", range(25, 61))
def test_nothing_happens_afterwards_where_something_still_goes_on(households: int) -> None:
    plan = script.make(households, 1, script.begin_of(date(2026, 11, 26)), "http://127.0.0.1:1")
    over: dict[str, int] = {}
    for event in [*plan.simulation.script, *script.afterwards(plan, plan.end, 1)]:
        assert over.get(event.household, 0) < event.start
        over[event.household] = event.until(plan.roster.household(event.household))
