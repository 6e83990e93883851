"""Each rule: rows that keep it, and rows that break it."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from alerts.auditor import GRACE, Rule, beat, checks_left, coverage_violations, exhausted, violations
from alerts.escalation import DEFAULT_POLICIES, policy_to
from core.findings import Queue
from storage.outbox import Backlog
from storage.oversight import ChecksLeft, Coverage, Trace, Watched
from tests.support.alarm_world import NOON

IDLE = Backlog(waiting=0, oldest_due=None, failed=0)
OPEN = Watched(
    id=1,
    resident_id=7,
    queue="emergency",
    state="open",
    policy=policy_to(DEFAULT_POLICIES[Queue.EMERGENCY]),
    raised_at=NOON,
    timer="escalation",
    due_at=NOON + timedelta(seconds=60),
    round=0,
    has_alert=True,
)
OPENED = Trace(incident_id=1, state="open", event="open", from_state=None, to_state="open")


def rules(*watched: Watched, trail: tuple[Trace, ...] = (), backlog: Backlog = IDLE) -> list[Rule]:
    return [v.rule for v in violations(watched, trail, backlog, NOON, GRACE)]


def test_an_incident_in_order_is_not_mentioned() -> None:
    assert rules(OPEN, trail=(OPENED,)) == []
    held = replace(OPEN, id=2, resident_id=8, state="claimed", timer="lease")
    assert rules(OPEN, held, replace(OPEN, id=3, queue="care")) == []
    assert rules(replace(OPEN, due_at=NOON - GRACE)) == []


def test_an_incident_with_nothing_due() -> None:
    assert rules(replace(OPEN, timer=None, due_at=None, round=None)) == [Rule.NOTHING_DUE]


def test_a_timer_that_nobody_carried_out() -> None:
    assert rules(replace(OPEN, due_at=NOON - GRACE - timedelta(seconds=1))) == [Rule.OVERDUE]


@pytest.mark.parametrize(("state", "timer"), [("open", "lease"), ("pending", "escalation"), ("claimed", "escalation")])
def test_a_timer_of_another_state(state: str, timer: str) -> None:
    assert rules(replace(OPEN, state=state, timer=timer)) == [Rule.WRONG_TIMER]


def test_regular_checks_that_nobody_looked_after() -> None:
    assert checks_left(ChecksLeft(0, None), NOON) == []
    [found] = checks_left(ChecksLeft(3, NOON - timedelta(minutes=10)), NOON)
    assert (found.rule, found.incident_id) == (Rule.CHECK_LEFT, None)
    assert found.text == "checks of 3 plans have been left, one of them for 600 s"


def test_two_live_incidents_of_one_person_in_one_queue() -> None:
    assert rules(OPEN, replace(OPEN, id=2)) == [Rule.TWO_LIVE]
    assert Rule.TWO_LIVE not in rules(OPEN, replace(OPEN, timer="lease")), "two timers are not two incidents"


def test_an_incident_that_no_alert_speaks_for() -> None:
    assert rules(replace(OPEN, has_alert=False)) == [Rule.NO_ALERT]


def test_outbox_work_that_nobody_does() -> None:
    assert rules(backlog=Backlog(3, NOON - GRACE - timedelta(seconds=1), 0)) == [Rule.OUTBOX_STUCK]
    assert rules(backlog=Backlog(3, NOON - GRACE, 5)) == []


CLAIMED = Trace(incident_id=1, state="claimed", event="claim", from_state="open", to_state="claimed")


@pytest.mark.parametrize(
    "trail",
    [
        pytest.param((replace(OPENED, event=None, to_state=None),), id="no line at all"),
        pytest.param((replace(OPENED, state="claimed"),), id="the last step is missing"),
        pytest.param(
            (replace(OPENED, state="claimed"), replace(CLAIMED, from_state="pending")), id="a line is missing"
        ),
        pytest.param((CLAIMED,), id="the first line is missing"),
        pytest.param(
            (replace(OPENED, state="closed"), replace(CLAIMED, state="closed", event="close", to_state="closed")),
            id="an illegal step",
        ),
        pytest.param((replace(OPENED, state="claimed"), replace(CLAIMED, event="wish")), id="no such event"),
        pytest.param((replace(OPENED, event="raise"),), id="leads elsewhere"),
    ],
)
def test_a_trail_that_does_not_lead_to_the_state(trail: tuple[Trace, ...]) -> None:
    assert rules(trail=trail) == [Rule.BROKEN_TRAIL]


def test_a_whole_trail() -> None:
    assert rules(trail=(replace(OPENED, state="claimed"), CLAIMED)) == []


def test_exhausted_incidents_are_counted_and_no_violation() -> None:
    rows = [OPEN, replace(OPEN, id=2, resident_id=8, round=3), replace(OPEN, id=3, resident_id=9, round=2)]
    assert exhausted(rows) == [2]
    assert rules(*rows) == []


@pytest.mark.parametrize(
    ("coverage", "rule"),
    [
        (Coverage(None, None), []),
        (Coverage(NOON - timedelta(minutes=5), None), []),
        (Coverage(NOON - timedelta(minutes=5, seconds=1), None), [Rule.COVERAGE_UNCHECKED]),
        (Coverage(NOON, NOON - timedelta(minutes=2)), []),
        (Coverage(NOON, NOON - timedelta(minutes=2, seconds=1)), [Rule.NOBODY_WOULD_ANSWER]),
    ],
)
def test_the_watch_over_whether_anybody_would_answer_is_watched(coverage: Coverage, rule: list[Rule]) -> None:
    assert [v.rule for v in coverage_violations(coverage, NOON)] == rule


async def test_a_watchdog_that_is_away_is_no_reason_to_stop() -> None:
    calls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(str(request.url))
        if len(calls) == 2:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(200 if len(calls) == 1 else 500)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        for _ in range(3):
            await beat(client, "https://watchdog.example/1")
    assert calls == ["https://watchdog.example/1"] * 3
