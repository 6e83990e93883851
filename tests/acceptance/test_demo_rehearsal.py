"""The demonstration's script, on many days: every event is found in time by the real detectors, and nothing else is.

Who is at home and moves about depends on the day on which the demonstration is watched.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from core.clock import MINUTE
from demo import script
from device_sim.score import Score, score
from device_sim.simulation import Simulation
from device_sim.truth import Truth
from tests.support.rehearsal import Act, rehearse

# Both missed something before the simulated people came home through the door.
FIRST = date(2026, 11, 27)
# From the script's end until the town goes on at real speed.
SETTLES = 9 * MINUTE


def assert_all_is_found(result: Score, truth: Iterable[Truth]) -> None:
    assert result.missed == ()
    assert result.false == ()
    assert sum(kind.found for kind in result.kinds) == len(list(truth))


@pytest.mark.parametrize("number", range(6))
def test_every_event_of_the_script_is_found_in_time(number: int) -> None:
    # Dates a month and a weekday apart; devices speak for a while before, or all begins later, as the machine is fast.
    on, ready, late = FIRST + timedelta(days=29 * number), number % 2 * 20 * MINUTE, number % 3 * 20 * MINUTE
    plan = script.make(25, 1 + number % 2, script.begin_of(on) + late, "http://127.0.0.1:1")
    outcomes = rehearse(Act(plan.simulation, plan.begin - ready, plan.end))
    truth = plan.simulation.truth()
    assert_all_is_found(score(truth, outcomes, until=plan.end, grace=60), truth)


@pytest.mark.parametrize(("number", "households"), [(1, 26)])
def test_what_happens_afterwards_is_found_in_time(number: int, households: int) -> None:
    on = FIRST + timedelta(days=number)
    plan = script.make(households, 1 + number, script.begin_of(on), "http://127.0.0.1:1")
    begin = plan.end + SETTLES
    kept = Simulation(plan.roster, 1 + number, [*plan.simulation.script, *script.afterwards(plan, begin, 1 + number)])
    end = begin + 65 * MINUTE
    outcomes = rehearse(Act(plan.simulation, plan.begin, plan.end), Act(kept, begin, end, late=plan.end))
    truth = [event for event in kept.truth() if event.due < end]
    assert_all_is_found(score(truth, outcomes, until=end, grace=60), truth)
