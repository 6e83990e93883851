from pathlib import Path

import pytest

from alerts.lifecycle import (
    ENDED,
    FALSE_CODES,
    HELD,
    LIVE,
    TABLE,
    TIMER_OF,
    TRUE_CODES,
    CallOutcome,
    ClosureCode,
    Event,
    IllegalEvent,
    State,
    diagram,
    next_state,
)
from core import wording

DIAGRAM = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_way_of_an_ordinary_incident() -> None:
    state = next_state(None, Event.RAISE)
    way = [state]
    for event in (Event.OPEN, Event.CLAIM, Event.CONTACT, Event.DISPATCH, Event.ARRIVE, Event.CLOSE):
        state = next_state(state, event)
        way.append(state)
    assert [s.value for s in way] == [
        "pending", "open", "claimed", "contacted", "dispatched", "on_scene", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.PENDING, Event.CLAIM),
        (State.PENDING, Event.ESCALATE),
        (State.OPEN, Event.CLOSE),
        (State.OPEN, Event.CONTACT),
        (State.OPEN, Event.LAPSE),
        (State.CLAIMED, Event.CLAIM),
        (State.CLAIMED, Event.CANCEL),
        (State.CLAIMED, Event.ESCALATE),
        (State.CLAIMED, Event.ARRIVE),
        (State.ON_SCENE, Event.ARRIVE),
        (State.OPEN, Event.HAND_OVER),
        (State.OPEN, Event.CALL),
        (State.OPEN, Event.REOPEN),
        (State.PENDING, Event.MERGE),
        (State.PENDING, Event.ABSORB),
        (State.CLOSED, Event.MERGE),
        (State.CANCELLED, Event.ABSORB),
        (State.CLOSED, Event.CLAIM),
        (State.CANCELLED, Event.ATTACH),
        (State.CANCELLED, Event.OPEN),
        (None, Event.CLAIM),
    ],
)
def test_illegal_events_are_refused(state: State | None, event: Event) -> None:
    with pytest.raises(IllegalEvent) as raised:
        next_state(state, event)
    assert (raised.value.state, raised.value.event) == (state, event)


def test_nothing_but_reopening_leads_out_of_an_ended_incident_and_that_into_the_queue() -> None:
    leads_out = {(event, after) for (before, event), after in TABLE.items() if before in ENDED and after is not before}
    assert leads_out == {(Event.REOPEN, State.OPEN)}
    assert {before for (before, event) in TABLE if event is Event.REOPEN} == ENDED


def test_handing_over_and_calling_in_vain_keep_the_state() -> None:
    for event in (Event.HAND_OVER, Event.CALL):
        assert {before: after for (before, e), after in TABLE.items() if e is event} == {s: s for s in HELD}


def test_only_what_is_in_the_queue_goes_on_in_another_or_takes_one_over() -> None:
    queue = LIVE - {State.PENDING}
    assert {b: a for (b, e), a in TABLE.items() if e is Event.MERGE} == dict.fromkeys(queue, State.CLOSED)
    assert {b: a for (b, e), a in TABLE.items() if e is Event.ABSORB} == {s: s for s in queue}


def test_every_live_state_can_end_and_has_a_timer() -> None:
    for state in LIVE:
        assert state in TIMER_OF
        reached = {state}
        while more := {after for (before, _), after in TABLE.items() if before in reached} - reached:
            reached |= more
        assert reached & ENDED


def test_only_a_held_incident_can_be_closed_and_each_can() -> None:
    assert {before for (before, event) in TABLE if event is Event.CLOSE} == HELD


def test_a_state_that_the_database_does_not_know_is_no_state() -> None:
    with pytest.raises(ValueError, match="asleep"):
        next_state("asleep", Event.CLAIM)


def test_the_diagram_in_the_docs_is_made_from_the_table() -> None:
    assert DIAGRAM.read_text(encoding="utf-8") == diagram(), "run: python -m alerts.lifecycle > docs/lifecycle.md"


def test_a_code_is_not_both_true_and_false() -> None:
    assert not TRUE_CODES & FALSE_CODES
    assert ClosureCode.NO_CONTACT not in TRUE_CODES | FALSE_CODES


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_code_and_every_outcome_of_a_call_is_worded(language: str) -> None:
    for code in ClosureCode:
        assert wording.has(f"closure-{code.value}", language)
    for outcome in CallOutcome:
        assert wording.has(f"call-{outcome.value}", language)
