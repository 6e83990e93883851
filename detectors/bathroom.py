"""Too long in the bathroom: last seen going in there, and nothing anywhere else in the home since.

**In.** Motion in a room named as a bathroom or toilet begins a stay; more motion in it does not end it, because who
moves on the floor is still in there. Another bathroom is another stay. **Out**: motion in any other room, somebody in
bed, an indoor door, a door to the outside, or the bathroom's own door opening (who opens it is on their feet; that it
closes says nothing, for people close it behind them). What is seen last counts.

**Too long** is the care plan's `bathroom_minutes` after going in, by day and at night. If something moved in there in
the second half of that time, somebody may be having a long bath: care, medium. If nothing did, a person may lie there:
emergency, high, because care does not ring in quiet hours and this is where people fall at night. One stay is one
finding, which is over when the person is seen out of there; it does not get worse when a bath turns silent.

**Leaving unseen** is what makes false ones: in recorded homes, mostly from the bathroom back to bed. So each long stay
that ended by itself counts against the home, half of it for two weeks. After one, silence is care, medium, and says so,
as it is in a home without a sensor at a door to the outside, which would not see the person go. After three the home
can't tell, and silence in its bathroom is left to the inactivity detector; motion in it is still told of.

**Nothing is said** where the home has no motion sensor in another room or no bed sensor (nobody would be seen
leaving), or when the home's sensors are themselves not heard: the stay is then forgotten. If there was none by
themselves, an outage is not told from silence.

Assumes one person in the home: another's moving elsewhere ends the stay, and hides who lies in the bathroom (a miss,
which inactivity shares); who goes out through a room that sees nothing is told of falsely. Units: micros, minutes.
Lateness one minute. Warm-up: none. Cost: array operations on the rows of those who are, or go, in there; a tick is one
comparison a resident. Memory: 57 bytes a resident. No threshold is from the literature, which gives none: an hour is
the plan's default, and the half is a guess. What harmless stays make it say less was settled with the developers'
recorded homes in sight, so other homes may hear more of it than those.
"""

import zlib
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from core.care import CareContext, DeviceKind
from core.clock import DAY, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.readings import Bool, Float64, Int64, Intake, ReadingBatch
from detectors.home_sensors import (
    BED,
    DOOR,
    MOTION,
    NEVER,
    NOT_AT_HOME,
    NOT_DUE,
    ONLINE,
    SIGNS_OF_LIFE,
    HomeTables,
    is_bathroom,
    lead_outside,
    patience,
    values_before,
)
from detectors.state import Column, Table, rounds

HARMLESS = 0.5
"""So much of a stay that turned out harmless makes silence in the bathroom say less."""

UNSEEN = 3.0
"""As many stays that turned out harmless lately make it say nothing."""

_FORGOTTEN = 14 * DAY
"""Half of what is known of harmless stays is forgotten in this time."""

# How far a stay has come: within the limit, told of, or beyond it in a home that can't tell.
_WITHIN, _TOLD, _UNTOLD = range(3)

# What a row is.
_NOTHING, _IN, _OUT = range(3)


class Bathroom:
    """See the module's text."""

    name: ClassVar[str] = "bathroom"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset({MOTION, DOOR, BED}) | SIGNS_OF_LIFE
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 60 * SECOND

    def __init__(self) -> None:
        # entered: when the stay began; room: in which bathroom; moved: last motion in it; stage: how far it has come.
        # heard: the sensors of the home. left: when last seen elsewhere. harmless: long stays that ended by themselves,
        # as of `counted`.
        self._people = Table(
            entered=Column("i8", NEVER),
            room=Column("u4", 0),
            moved=Column("i8", NEVER),
            heard=Column("i8", NEVER),
            left=Column("i8", NEVER),
            due=Column("i8", NOT_DUE),
            stage=Column("u1", _WITHIN),
            harmless=Column("f4", 0),
            counted=Column("i8", 0),
        )
        self._devices = Table(door=Column("f4", np.nan))
        self._tables = HomeTables(self._people, self._devices)
        self._arrange(CareContext())

    def configure(self, context: CareContext) -> None:
        """Take plans and devices. A stay that is going on is judged by its new limit."""
        self._tables.align(context.columns)
        self._arrange(context)
        self._judge_anew()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the rows end, and what came due between them. Rows of people outside the context are left out."""
        readings, person, device = self._tables.known(intake.readings)
        what = self._what(readings, device)
        heard = self._beats[device] & ~((readings.metric == ONLINE) & (readings.value == 0.0))
        # Who is not in there and does not go in either is of no concern.
        concerned = self._people["entered"] != NEVER
        concerned[person[what == _IN]] = True
        matters = np.flatnonzero((heard | (what != _NOTHING)) & concerned[person])
        findings: list[Finding] = []
        for step in rounds(person[matters]):
            at = matters[step]
            people, time = person[at], readings.time[at]
            late = self._people["due"][people] <= time
            findings += self._settle(people[late], time[late])
            self._people["heard"][people] = np.maximum(self._people["heard"][people], time)
            going_out, going_in = what[at] == _OUT, what[at] == _IN
            findings += self._leave(people[going_out], time[going_out])
            self._enter(people[going_in], time[going_in], self._room[device[at][going_in]])
        # For what comes late: it does not bring back somebody who has been seen elsewhere since.
        out = what == _OUT
        np.maximum.at(self._people["left"], person[out], readings.time[out])
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Whose stay is too long by `now` - lateness."""
        until = now - self.lateness
        people = np.flatnonzero(self._people["due"] <= until)
        return self._settle(people, np.full(len(people), until))

    def snapshot(self) -> bytes:
        """The whole state."""
        return self._tables.snapshot(self.name, self.version)

    def restore(self, snapshot: bytes) -> None:
        """Take over a state. Raises SnapshotError for another version's or a damaged one."""
        self._tables.restore(self.name, self.version, snapshot)
        self._judge_anew()

    def _arrange(self, context: CareContext) -> None:
        """Columns that follow from the context."""
        columns = context.columns
        self._limit = columns.of_plans("bathroom_minutes", np.int64) * MINUTE
        self._bathroom = columns.in_rooms(is_bathroom)
        self._room = np.array([zlib.crc32(name.encode()) for name in columns.rooms], np.uint32)[columns.room]
        owner, owned = columns.owner_row, columns.owner_row >= 0
        self._beats = (columns.interval > 0) & owned & ~columns.of_kinds(NOT_AT_HOME)
        self._patience = patience(owner, self._beats, columns.interval, len(self._people))

        def have(these: Bool) -> Bool:
            having = np.zeros(len(self._people), np.bool_)
            having[owner[these]] = True
            return having

        motion, bed = columns.of_kinds((DeviceKind.MOTION,)), columns.of_kinds((DeviceKind.BED,))
        self._seen_leaving = have(owned & ((motion & ~self._bathroom) | bed))
        self._has_front_door = have(owned & lead_outside(columns))

    def _judge_anew(self) -> None:
        people = self._people
        going = (people["entered"] != NEVER) & (people["stage"] == _WITHIN)
        people["due"][going] = (people["entered"] + self._limit)[going]

    def _what(self, readings: ReadingBatch, device: Int64) -> Int64:
        """What each row is: int64[n] of _NOTHING, _IN, _OUT."""
        metric, value = readings.metric, readings.value
        bathroom = self._bathroom[device]
        what = np.full(len(readings), _NOTHING)
        motion = (metric == MOTION) & (value == 1.0)
        what[motion] = np.where(bathroom[motion], _IN, _OUT)
        what[(metric == BED) & (value == 1.0)] = _OUT
        doors = np.flatnonzero(metric == DOOR)
        before = values_before(self._devices["door"], device[doors], value[doors])
        opened = (value[doors] == 1.0) & (before != 1.0)
        closed = (value[doors] == 0.0) & (before == 1.0) & ~bathroom[doors]
        what[doors[opened | closed]] = _OUT
        return what

    def _enter(self, people: Int64, time: Int64, room: Int64) -> None:
        """Motion in a bathroom, one row a person."""
        columns = self._people
        watched = self._seen_leaving[people] & (time >= columns["left"][people])
        people, time, room = people[watched], time[watched], room[watched]
        another = (columns["room"][people] != room) & (columns["stage"][people] == _WITHIN)
        new = (columns["entered"][people] == NEVER) | (another & (time >= columns["moved"][people]))
        entering = people[new]
        columns["entered"][entering] = time[new]
        columns["room"][entering] = room[new]
        columns["moved"][entering] = time[new]
        columns["heard"][entering] = time[new]
        columns["stage"][entering] = _WITHIN
        columns["due"][entering] = time[new] + self._limit[entering]
        columns["moved"][people] = np.maximum(columns["moved"][people], time)

    def _leave(self, people: Int64, time: Int64) -> list[Finding]:
        """Seen elsewhere, one row a person."""
        columns = self._people
        # What happened before the stay and came late does not end it.
        ending = (columns["entered"][people] != NEVER) & (time >= columns["moved"][people])
        people, time = people[ending], time[ending]
        stage = columns["stage"][people]
        told, long = stage == _TOLD, stage != _WITHIN
        findings = [self._finding(int(p), int(t), over=True) for p, t in zip(people[told], time[told], strict=True)]
        columns["harmless"][people[long]] = self._harmless(people[long], time[long]) + 1
        columns["counted"][people[long]] = time[long]
        self._forget(people)
        return findings

    def _forget(self, people: Int64) -> None:
        columns = self._people
        columns["entered"][people] = NEVER
        columns["due"][people] = NOT_DUE
        columns["stage"][people] = _WITHIN

    def _harmless(self, people: Int64, time: Int64) -> Float64:
        """How many stays were raised lately and ended by themselves."""
        age = time - self._people["counted"][people]
        return np.asarray(self._people["harmless"][people] * 0.5 ** (age / _FORGOTTEN))

    def _settle(self, people: Int64, until: Int64) -> list[Finding]:
        """Raise whose stay was too long by `until`; all of `people` are due."""
        columns = self._people
        due, heard, wait = columns["due"][people], columns["heard"][people], self._patience[people]
        blind = (wait > 0) & (heard < due - wait)
        self._forget(people[blind])
        people, due = people[~blind], due[~blind]
        columns["due"][people] = NOT_DUE
        untold = ~self._moving(people) & (self._harmless(people, due) >= UNSEEN)
        columns["stage"][people] = np.where(untold, _UNTOLD, _TOLD)
        people, due = people[~untold], due[~untold]
        return [self._finding(int(p), int(t), over=False) for p, t in zip(people, due, strict=True)]

    def _moving(self, people: Int64) -> Bool:
        """Whether something moved in there in the second half of the time."""
        columns = self._people
        return np.asarray(columns["moved"][people] - columns["entered"][people] > self._limit[people] / 2)

    def _finding(self, row: int, time: int, *, over: bool) -> Finding:
        columns = self._people
        entered, moved, limit = int(columns["entered"][row]), int(columns["moved"][row]), int(self._limit[row])
        whom = np.array([row])
        harmless = float(self._harmless(whom, np.array([time]))[0])
        severity, queue = Severity.MEDIUM, Queue.CARE
        if over:
            reason = "bathroom-left"
        elif self._moving(whom)[0]:
            reason = "bathroom-long-moving"
        elif not self._has_front_door[row]:
            reason = "bathroom-long-or-out"
        elif harmless >= HARMLESS:
            reason = "bathroom-long-often"
        else:
            reason, severity, queue = "bathroom-long-silent", Severity.HIGH, Queue.EMERGENCY
        return Finding(
            kind=Kind.LONG_IN_BATHROOM,
            queue=queue,
            severity=severity,
            resident=int(columns.ids[row]),
            device=0,
            time=time,
            detector=self.name,
            version=self.version,
            episode=str(entered),
            reason=reason,
            evidence={
                "minutes": (time - entered) / MINUTE,
                "limit_minutes": limit / MINUTE,
                "still_minutes": max(0.0, (time - moved) / MINUTE),
                "entered": entered,
                "last_motion": moved,
                "harmless_lately": round(harmless, 2),
            },
            clears=over,
        )
