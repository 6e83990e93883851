"""Which policy counts, and what a policy leaves open."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.escalation import DEFAULT_POLICIES, Policy, Step, Target
from alerts.policies import Code, Rule, built_in, choose, holes
from core import wording
from core.findings import Queue
from core.shifts import Hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Thursday
NIGHT = Hours((1, 2, 3, 4, 5, 6, 7), time(22), time(6))
HOME = "/city/county/street/"


def rule(number: int, area: str | None, severity: int = 1, hours: Hours | None = None) -> Rule:
    policy = Policy(steps=(Step(number, (Target.QUEUE,)),))
    return Rule(number, area, Queue.EMERGENCY, severity, hours, SHANGHAI, policy)


def chosen(rules: list[Rule], severity: int = 3, now: datetime = NOON) -> int | None:
    return choose(rules, HOME, Queue.EMERGENCY, severity, now).id


def test_what_is_built_in_holds_where_nothing_else_does() -> None:
    other_queue = Rule(1, None, Queue.CARE, 1, None, SHANGHAI, Policy(steps=(Step(0, (Target.QUEUE,)),)))
    elsewhere = rule(2, "/city/county/street2/")
    assert choose([other_queue, elsewhere], HOME, Queue.EMERGENCY, 5, NOON) == built_in(Queue.EMERGENCY)
    assert built_in(Queue.CARE).policy == DEFAULT_POLICIES[Queue.CARE]


def test_the_nearest_area_then_the_highest_severity_then_hours() -> None:
    everywhere, city, county = rule(1, None, 5), rule(2, "/city/", 4), rule(3, "/city/county/", 1)
    assert chosen([everywhere], 5) == 1
    assert chosen([everywhere, city], 5) == 2
    assert chosen([everywhere, city, county], 5) == 3
    grave = rule(4, "/city/county/", 4)
    assert chosen([city, county, grave], 5) == 4
    assert chosen([city, county, grave], 4) == 4
    assert chosen([city, county, grave], 3) == 3
    at_night = rule(5, "/city/county/", 1, NIGHT)
    midnight = NOON + timedelta(hours=12)
    assert chosen([county, at_night], now=NOON) == 3
    assert chosen([county, at_night], now=midnight) == 5
    # Severity goes before hours.
    assert chosen([county, grave, at_night], 5, midnight) == 4


def test_a_policy_that_does_not_match_leaves_it_to_the_area_above() -> None:
    street = rule(1, HOME, 4)
    assert chosen([street, rule(2, "/city/")], 3) == 2
    assert chosen([street, rule(2, "/city/")], 4) == 1


def test_of_two_that_match_alike_the_older_counts() -> None:
    assert chosen([rule(7, "/city/"), rule(3, "/city/")]) == 3


@pytest.mark.parametrize(
    ("local", "holds"), [((22, 0), True), ((21, 59), False), ((5, 59), True), ((6, 0), False), ((12, 0), False)]
)
def test_hours_over_midnight_are_those_on_the_wall(local: tuple[int, int], holds: bool) -> None:
    moment = datetime(2026, 10, 1, *local, tzinfo=SHANGHAI)
    assert NIGHT.hold(moment.astimezone(UTC), SHANGHAI) is holds


def test_the_weekday_is_that_of_the_beginning() -> None:
    friday_night = Hours((5,), time(22), time(6))
    assert friday_night.hold(datetime(2026, 10, 3, 5, tzinfo=SHANGHAI), SHANGHAI)
    assert not friday_night.hold(datetime(2026, 10, 2, 5, tzinfo=SHANGHAI), SHANGHAI)
    assert Hours((4,), time(8), time(8)).hold(datetime(2026, 10, 2, 7, tzinfo=SHANGHAI), SHANGHAI), "24 hours"


def test_what_is_built_in_leaves_nothing_open() -> None:
    assert {queue: holes(policy, queue) for queue, policy in DEFAULT_POLICIES.items()} == {q: [] for q in Queue}


Q, S, N, F = Target.QUEUE, Target.SUPERVISORS, Target.FAMILY_NEXT, Target.FAMILY


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (Policy((Step(0, (N,)), Step(60, (F,)))), [(Code.FAMILY_ONLY, True)]),
        (Policy((Step(0, (F,)), Step(181, (Q, S)))), [
            (Code.CENTRE_LATE, True), (Code.QUEUE_LATE, False), (Code.GAP, False),
        ]),
        (Policy((Step(180, (Q, S)),)), [(Code.FIRST_LATE, False)]),
        (Policy((Step(181, (Q, S)),)), [(Code.CENTRE_LATE, True), (Code.FIRST_LATE, False)]),
        (Policy((Step(61, (Q, S)),)), [(Code.FIRST_LATE, False)]),
        (Policy((Step(60, (Q, S)),)), []),
        (Policy((Step(0, (S,)),)), [(Code.NO_QUEUE, False)]),
        (Policy((Step(0, (S,)), Step(61, (Q,)))), [(Code.QUEUE_LATE, False)]),
        (Policy((Step(0, (Q,)),)), [(Code.NO_SUPERVISORS, False)]),
        (Policy((Step(0, (Q,)), Step(181, (S,)))), [(Code.GAP, False)]),
        (Policy((Step(0, (Q, S)),), rounds=2, repeat_after_s=181), [(Code.GAP, False)]),
        (Policy((Step(0, (Q, S)),), repeat_last_s=601), [(Code.RARE_AFTER_THE_END, False)]),
    ],
)  # fmt: skip
def test_holes_of_an_emergency(policy: Policy, found: list[tuple[Code, bool]]) -> None:
    assert [(hole.code, hole.refused) for hole in holes(policy, Queue.EMERGENCY)] == found


def test_other_queues_are_not_refused() -> None:
    family = Policy((Step(0, (F,)),))
    assert [(h.code, h.refused) for h in holes(family, Queue.CARE)] == [(Code.FAMILY_ONLY, False)]
    assert [h.code for h in holes(Policy((Step(0, (S,)),)), Queue.MAINTENANCE)] == []


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_hole_is_said_in_words(language: str) -> None:
    for code in Code:
        assert wording.say(f"hole-{code}", language, seconds=200, limit=180)
