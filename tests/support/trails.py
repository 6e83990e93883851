"""Audit trails: written as rows, and walked at random along the table of the lifecycle."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from alerts.lifecycle import TABLE, ClosureCode, Event, State
from storage.pool import Connection


@dataclass(frozen=True)
class Line:
    """One event. at: seconds since the beginning of the test."""

    at: float
    event: str
    before: str | None
    after: str
    actor: str = "timer"
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trail:
    """An incident's whole trail. home: which of the test's homes it is in."""

    home: int
    queue: str
    lines: tuple[Line, ...]


# Around every limit, on it and a little beyond.
_PAUSES = st.sampled_from(
    [0.0, 0.5, 1.0, 29.5, 59.0, 60.0, 61.0, 120.0, 179.5, 180.0, 2640.0, 2700.0, 3600.0, 86_400.0]
)

_WAYS: dict[State | None, list[tuple[str, State]]] = {}
for (_before, _event), _after in sorted(TABLE.items(), key=str):
    # What moves an incident is what figures are about.
    _WAYS.setdefault(_before, []).extend([(_event.value, _after)] * (3 if _after is not _before else 1))


@st.composite
def trails(draw: st.DrawFn, homes: int = 4, longest: int = 14) -> Trail:
    """A trail that the lifecycle allows, from its beginning to anywhere."""
    at = draw(st.sampled_from([-1.0, 0.0, 10.0, 3600.0 * 7.5, 3600.0 * 8, 86_400.0 - 1, 86_400.0, 200_000.0]))
    state: State | None = None
    lines: list[Line] = []
    kind = draw(st.sampled_from(["sos", "fall", "smoke"]))
    for _ in range(draw(st.integers(1, longest))):
        event, after = draw(st.sampled_from(_WAYS[state]))
        detail: dict[str, Any] = {"kind": kind} if state is None else {}
        if event == Event.CLOSE:
            detail["code"] = draw(st.sampled_from(list(ClosureCode))).value
        if event == Event.MERGE:
            detail["code"] = ClosureCode.DUPLICATE.value
        actor = f"detector:{kind}" if state is None else "user:1"
        if event == Event.CONFIRM:
            actor = draw(st.sampled_from(["contact:3", "user:1"]))
        lines.append(Line(at, event, None if state is None else state.value, after.value, actor, detail))
        state = after
        at += draw(_PAUSES)
    return Trail(draw(st.integers(0, homes - 1)), draw(st.sampled_from(["emergency", "care"])), tuple(lines))


async def write(connection: Connection, found: Sequence[Trail], residents: Sequence[int], begin: datetime) -> None:
    """Write incidents with their trails. The row's own columns say nothing: figures must not look at them."""
    rows: list[tuple[object, ...]] = []
    for trail in found:
        row = await (
            await connection.execute(
                "INSERT INTO incident (resident_id, queue, state, severity, kind, event_time, raised_at, ended_at,"
                " policy) VALUES (%s, %s, 'cancelled', 5, 'nonsense', %s, %s, %s, '{}') RETURNING id",
                (residents[trail.home], trail.queue, begin, begin, begin),
            )
        ).fetchone()
        assert row is not None
        rows += [
            (row[0], begin + timedelta(seconds=line.at), line.event, line.before, line.after, line.actor,
             Jsonb(line.detail))
            for line in trail.lines
        ]  # fmt: skip
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO incident_event (incident_id, at, event, from_state, to_state, actor, detail)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
