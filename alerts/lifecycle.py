"""The life of an incident: one table says which event may happen in which state, and where it leads.

Pure. `docs/lifecycle.md` is made from the table: `python -m alerts.lifecycle > docs/lifecycle.md`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where an incident is."""

    PENDING = "pending"
    OPEN = "open"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to an incident; the names stand in the audit trail."""

    RAISE = "raise"
    OPEN = "open"
    ATTACH = "attach"
    CLEAR = "clear"
    ADJUST = "adjust"
    GROUP = "group"
    CANCEL = "cancel"
    CLAIM = "claim"
    RENEW = "renew"
    RELEASE = "release"
    LAPSE = "lapse"
    HAND_OVER = "hand_over"
    CALL = "call"
    CONTACT = "contact"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    ABSORB = "absorb"
    NOTE = "note"
    FILE = "file"
    ESCALATE = "escalate"
    EXHAUST = "exhaust"
    CONFIRM = "confirm"
    UNREACHABLE = "unreachable"


MEANING: Mapping[Event, str] = MappingProxyType(
    {
        Event.RAISE: "raised, the wearer may cancel",
        Event.OPEN: "comes into the queue",
        Event.ATTACH: "one more alert",
        Event.CLEAR: "an alert's cause is over",
        Event.ADJUST: "other sensors make it more or less urgent",
        Event.GROUP: "one of many with one cause: the people of the centre hear of all at once",
        Event.CANCEL: "cancelled by the wearer, or nothing is left of it",
        Event.CLAIM: "a responder takes it",
        Event.RENEW: "the holder keeps it",
        Event.RELEASE: "the holder gives it back",
        Event.LAPSE: "the holder was silent too long",
        Event.HAND_OVER: "the holder gives it to a colleague",
        Event.CALL: "somebody was called and did not answer",
        Event.CONTACT: "somebody was spoken to",
        Event.DISPATCH: "help was sent",
        Event.ARRIVE: "help is there",
        Event.CLOSE: "closed with a code",
        Event.REOPEN: "it was not over: back into the queue",
        Event.MERGE: "goes on in a more urgent incident of the same person",
        Event.ABSORB: "takes over the alerts of another incident of the same person",
        Event.NOTE: "a note",
        Event.FILE: "a picture, document or recording as evidence",
        Event.ESCALATE: "an escalation step",
        Event.EXHAUST: "nobody answered in all rounds",
        Event.CONFIRM: "a contact confirmed",
        Event.UNREACHABLE: "a person can't be reached on any channel",
    }
)


class ClosureCode(StrEnum):
    """How a closed incident turned out."""

    AMBULANCE = "ambulance"
    FIRE = "fire"
    POLICE = "police"
    RESPONDER_ATTENDED = "responder_attended"
    FAMILY_ATTENDED = "family_attended"
    REASSURED = "reassured"
    ACCIDENTAL = "accidental"
    DETECTOR_FALSE = "detector_false"
    USER_CANCELLED = "user_cancelled"
    TEST = "test"
    TECHNICAL = "technical"
    DUPLICATE = "duplicate"
    NO_CONTACT = "no_contact"


class CallOutcome(StrEnum):
    """What came of a call that a responder made. Only an answer is a contact."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    REFUSED = "refused"


class Called(StrEnum):
    """Who was called."""

    RESIDENT = "resident"
    CONTACT = "contact"
    OTHER = "other"


TRUE_CODES = frozenset(
    {
        ClosureCode.AMBULANCE,
        ClosureCode.FIRE,
        ClosureCode.POLICE,
        ClosureCode.RESPONDER_ATTENDED,
        ClosureCode.FAMILY_ATTENDED,
        ClosureCode.REASSURED,
    }
)
"""The detector was right. Codes in neither set say nothing about it."""

ATTENDED_CODES = TRUE_CODES - {ClosureCode.REASSURED}
"""Somebody was there."""

FALSE_CODES = frozenset({ClosureCode.ACCIDENTAL, ClosureCode.DETECTOR_FALSE})
"""Nothing had happened."""

HELD = frozenset({State.CLAIMED, State.CONTACTED, State.DISPATCHED, State.ON_SCENE})
"""A person has it: `claimed_by` is set and a lease runs."""

ENDED = frozenset({State.CLOSED, State.CANCELLED})

LIVE = frozenset(State) - ENDED

TIMER_OF: Mapping[State, str] = MappingProxyType(
    {State.PENDING: "countdown", State.OPEN: "escalation"} | dict.fromkeys(sorted(HELD), "lease")
)
"""The one kind of timer that runs in each live state: something is always due."""


class IllegalEvent(Exception):
    """The event can't happen in this state; nothing was changed."""

    def __init__(self, state: State | None, event: Event) -> None:
        super().__init__(f"{event.value!r} can't happen to an incident that is {state.value if state else 'not there'}")
        self.state = state
        self.event = event


def _table() -> dict[tuple[State | None, Event], State]:
    table: dict[tuple[State | None, Event], State] = {
        (None, Event.RAISE): State.PENDING,
        (None, Event.OPEN): State.OPEN,
        (State.PENDING, Event.OPEN): State.OPEN,
        (State.PENDING, Event.CANCEL): State.CANCELLED,
        (State.OPEN, Event.CANCEL): State.CANCELLED,
        (State.OPEN, Event.CLAIM): State.CLAIMED,
        (State.OPEN, Event.ESCALATE): State.OPEN,
        (State.OPEN, Event.EXHAUST): State.OPEN,
        (State.CLAIMED, Event.CONTACT): State.CONTACTED,
        (State.CONTACTED, Event.CONTACT): State.CONTACTED,
        (State.DISPATCHED, Event.CONTACT): State.DISPATCHED,
        (State.ON_SCENE, Event.CONTACT): State.ON_SCENE,
        # Nobody answers the call: help goes at once.
        (State.CLAIMED, Event.DISPATCH): State.DISPATCHED,
        (State.CONTACTED, Event.DISPATCH): State.DISPATCHED,
        (State.DISPATCHED, Event.DISPATCH): State.DISPATCHED,
        (State.ON_SCENE, Event.DISPATCH): State.ON_SCENE,
        (State.DISPATCHED, Event.ARRIVE): State.ON_SCENE,
    }
    for state in LIVE - {State.PENDING}:
        table[state, Event.ADJUST] = state
        # Not in the countdown: what is in the queue must not go back to where nobody is told yet.
        table[state, Event.ABSORB] = state
        table[state, Event.MERGE] = State.CLOSED
    for state in ENDED:
        table[state, Event.REOPEN] = State.OPEN
    # What follows from a fall that help has come to.
    table[State.CLOSED, Event.ATTACH] = State.CLOSED
    for state in HELD:
        table[state, Event.HAND_OVER] = state
        table[state, Event.CALL] = state
        table[state, Event.RENEW] = state
        table[state, Event.RELEASE] = State.OPEN
        table[state, Event.LAPSE] = State.OPEN
        table[state, Event.CLOSE] = State.CLOSED
    for state in LIVE:
        table[state, Event.ATTACH] = state
        table[state, Event.CLEAR] = state
        table[state, Event.UNREACHABLE] = state
        table[state, Event.GROUP] = state
    for state in State:
        # What people say, show and confirm is kept even when it comes late.
        table[state, Event.NOTE] = state
        table[state, Event.FILE] = state
        table[state, Event.CONFIRM] = state
    return table


TABLE: Mapping[tuple[State | None, Event], State] = MappingProxyType(_table())
"""(state, event) → the state after it. None: the incident does not exist yet. What is not here is illegal."""


def next_state(state: State | str | None, event: Event) -> State:
    """The state after `event`. Raises IllegalEvent where the table has no such row, and changes nothing."""
    before = None if state is None else State(state)
    try:
        return TABLE[before, event]
    except KeyError:
        raise IllegalEvent(before, event) from None


def diagram() -> str:
    """The table as the text of `docs/lifecycle.md`: a Mermaid state diagram and a list of what stays in its state."""
    order = list(State)
    lines = [
        "# The life of an incident",
        "",
        "Made from the table in `alerts/lifecycle.py` by `python -m alerts.lifecycle`; a test checks that it is.",
        "",
        "```mermaid",
        "stateDiagram-v2",
    ]
    moves = sorted(
        ((b, e, a) for (b, e), a in TABLE.items() if b is not a),
        key=lambda m: (-1 if m[0] is None else order.index(m[0]), order.index(m[2]), list(Event).index(m[1])),
    )
    lines += [f"    {b.value if b else '[*]'} --> {a.value}: {e.value}" for b, e, a in moves]
    lines += [f"    {state.value} --> [*]" for state in order if state in ENDED]
    lines += ["```", "", "| event | what it means | stays in its state when |", "|---|---|---|"]
    for event in Event:
        stays = [state.value for state in order if TABLE.get((state, event)) is state]
        lines.append(f"| `{event.value}` | {MEANING[event]} | {', '.join(stays) or '–'} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(diagram(), end="")
