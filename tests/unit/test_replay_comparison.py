"""Matching what a replay raises with what was raised then."""

import random

import pytest

from core.clock import DAY, MINUTE, SECOND
from ingest.replay_comparison import Change, Raised, compare, figures


def alert(
    episode: str = "e", *, at: int = 0, after: int = 0, kind: str = "fall", version: int = 1, who: int = 7,
    code: str | None = None,
) -> Raised:  # fmt: skip
    return Raised(f"{kind}:{version}:5:{episode}", kind, who, at, at + after, code)


def said(changes: list[Change]) -> list[str]:
    return [c.what for c in changes]


@pytest.mark.parametrize(
    ("seconds", "what"), [(-121, "earlier"), (-120, "same"), (0, "same"), (120, "same"), (121, "later")]
)
def test_one_key_in_two_versions_is_one_alert_that_came_sooner_or_later(seconds: int, what: str) -> None:
    then, now = alert(at=DAY, after=600 * SECOND), alert(at=DAY, after=(600 + seconds) * SECOND, version=2)
    [change] = compare([then], [now], 0, 2 * DAY)
    assert (change.what, change.seconds, change.then, change.now) == (what, seconds, then, now)


def test_another_key_is_the_same_event_within_half_an_hour_only() -> None:
    then = alert("a", at=DAY)
    assert said(compare([then], [alert("b", at=DAY + 30 * MINUTE)], 0, 2 * DAY)) == ["later"]
    assert said(compare([then], [alert("b", at=DAY + 30 * MINUTE + 1)], 0, 2 * DAY)) == ["removed", "added"]
    assert said(compare([then], [alert("b", at=DAY, who=8)], 0, 2 * DAY)) == ["removed", "added"]
    assert said(compare([then], [alert("b", at=DAY, kind="sos")], 0, 2 * DAY)) == ["removed", "added"]


def test_the_key_counts_before_the_time_and_each_alert_once() -> None:
    then = [alert("a", at=DAY), alert("b", at=DAY + 10 * MINUTE)]
    now = [alert("b", at=DAY, version=2), alert("c", at=DAY + 11 * MINUTE, version=2)]
    assert [(c.then, c.now) for c in compare(then, now, 0, 2 * DAY)] == [(then[0], now[1]), (then[1], now[0])]


def test_one_episode_of_two_residents_is_two_alerts() -> None:
    then, now = alert("a", at=DAY, who=1), alert("a", at=DAY, who=2)
    assert said(compare([then], [now], 0, 2 * DAY)) == ["removed", "added"]


def test_only_the_span_counts_but_what_came_before_it_is_no_addition() -> None:
    early, late = alert("a", at=DAY - MINUTE), alert("b", at=3 * DAY)
    inside = alert("a", at=DAY - MINUTE, after=2 * MINUTE)
    assert compare([early, late], [inside], DAY, 2 * DAY) == []
    assert said(compare([inside], [early], DAY, 2 * DAY)) == ["same"]
    assert said(compare([], [early, inside, late], DAY, 4 * DAY)) == ["added"]


def test_the_order_of_the_alerts_changes_nothing() -> None:
    then = [alert(f"a{i}", at=DAY + i * 7 * MINUTE) for i in range(12)]
    now = [alert(f"b{i}", at=DAY + i * 11 * MINUTE) for i in range(9)]
    wanted = compare(then, now, 0, 2 * DAY)
    for seed in range(5):
        shuffle = random.Random(seed)
        mixed = compare(shuffle.sample(then, len(then)), shuffle.sample(now, len(now)), 0, 2 * DAY)
        assert mixed == wanted


def test_figures_a_person_week_by_closure_code() -> None:
    then = [
        alert("kept", at=1 * DAY, code="detector_false"),
        alert("gone", at=2 * DAY, code="accidental"),
        alert("true", at=3 * DAY, code="ambulance"),
        alert("open", at=4 * DAY),
    ]
    now = [alert("kept", at=1 * DAY), alert("new", at=5 * DAY, kind="sos")]
    everything, fall, sos = figures(compare(then, now, 0, 14 * DAY), people=3, span=14 * DAY)
    assert (everything.kind, everything.then, everything.now, everything.same) == ("", 4, 2, 1)
    assert (everything.added, everything.removed, everything.true_lost) == (1, 3, 1)
    assert (everything.false_then, everything.false_now) == (2, 1)
    assert everything.false_a_person_week_then == pytest.approx(2 / 6)
    assert everything.false_a_person_week_now == pytest.approx(1 / 6)
    assert everything.false_a_person_week_at_most == pytest.approx(2 / 6)
    assert fall.kind == "fall"
    assert fall.false_a_person_week_at_most == pytest.approx(1 / 6)
    assert (sos.kind, sos.then, sos.now) == ("sos", 0, 1)
