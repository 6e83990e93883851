"""Up and about at night, and out of the door at night: within the plan's quiet hours, local time.

**Night** is from `quiet_start` to `quiet_end` by the resident's local clock, so the night in which summer time begins
or ends is an hour shorter or longer, and nothing else changes. It counts from when the person first rested in it: half
an hour without activity, or into bed. Staying up late is no wandering.

**Up and about**: the slots of ten minutes in which there was motion in a room that is neither bedroom, bathroom nor
passage, or six changes of room without the bathroom (pacing), or a return to bed from a time out of it without the
bathroom. So a trip to the toilet, through whatever passage, counts for nothing. Too much is more than this person's own
usual: mean and four times the mean absolute deviation of the nights so far, each night weighing 1/3 at first and 1/30
later, never less than an hour. A night counts in what is usual up to that limit, so that a bad week does not become
usual at once. Care, medium: one finding a night, over with the first activity after the night.

**Out of the door**: a door to the outside moves, and for five minutes after nothing moves inside (what a passage sees
in the first minute, or another room in the first quarter of one, is the leaving). Who rested before and has been up for
less than half an hour may be outside in nightclothes, and cold or traffic kill within the hour: emergency, high, which
rings at night, as leaving a zone does. It is not critical, because nobody is known to be hurt. In the last two hours of
the night, and for who has been up for longer, people leave on purpose: care, medium, and nothing once they have lately
done so on some mornings. Over when something moves inside, or the door moves again: somebody is coming back. Movement
inside without the door says that nobody had left, and that this home does not see who goes from the door to bed: after
one such mistake, of which half is forgotten in two weeks, it is care, medium; after three nothing is said.

**Who else it may be.** Somebody in bed by the bed's sensor has not gone out. A door that moves when nobody was up in
the three minutes before, and movement after it, is a visitor, whose moving about counts for nothing and whose leaving
is not the resident's, for two hours at most. The danger: a resident whom no sensor saw on the way to the door and who
comes back within five minutes is taken for one, and may then go out again untold; without a visit told apart, each
nightly round of a carer would be an emergency, and nobody would answer the next.

Assumes one person in the home. Nothing is said of an outage: the door's sensor spoke minutes before. Units: micros,
slots. Lateness one minute. Warm-up: none, by a prior (a quarter of an hour a night); about three weeks to know the
person. Cost: array operations in as many steps as one resident has rows in a batch; a tick is one comparison a
resident. Memory: 110 bytes a resident. What raises the score: more sensors inside; what lowers it: two people. The
thresholds are guesses: the literature gives none. What mistakes make it say less was settled with the developers'
recorded homes in sight, so other homes may hear more of it than those.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from core.care import CareContext, DeviceKind
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.readings import Bool, Float64, Int32, Int64, Intake, ReadingBatch
from detectors.home_sensors import (
    BED,
    DOOR,
    MOTION,
    NEVER,
    NOT_DUE,
    HomeTables,
    Zones,
    is_bathroom,
    is_bedroom,
    is_passage,
    lead_outside,
    moved,
)
from detectors.local_time import minute_of_day
from detectors.state import Column, Table, rounds

SLOT = 10 * MINUTE
REST = 30 * MINUTE
"""Without activity for this long at night is rest. As long after rising somebody may be in nightclothes."""

PACING = 6
"""Changes of room within a slot."""

LEAST = 6.0
"""Slots up and about that are never too many."""

RETURN = 5 * MINUTE
"""So long nobody is missed who has opened a door to the outside."""

NOBODY_UP = 3 * MINUTE
VISIT = 2 * HOUR
PASSAGE = 2 * MINUTE
"""Moves of the door within this are one passage."""

MORNING = 2 * HOUR
"""Before the end of the quiet hours."""

_USUAL, _SPREAD = 1.5, 1.5
"""Prior: slots a night, and their mean absolute deviation."""

_FIRST, _STEADY = 3, 30
MISTAKEN, BLIND = 0.5, 3.0
"""So many mistakes make it say less, and nothing."""

_FORGOTTEN = 14 * DAY
_MORNINGS = 0.3
"""Share of the last mornings, the newest weighing 1/8, on which going out makes it usual: three in a row."""

# What a row is.
_NOTHING, _LIVING, _PASSING, _BEDROOM, _BATHROOM, _BED_IN, _BED_OUT, _OUTSIDE = range(8)


class Night:
    """See the module's text."""

    name: ClassVar[str] = "night"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset({MOTION, DOOR, BED})
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 60 * SECOND

    def __init__(self) -> None:
        # night: number of the local night (noon to noon). last: activity. slot: of the newest row; device: it came
        # from; changes: of device in it. counted: the last slot up and about; slots: how many; begun: the first.
        # rose: when the person last got up; toilet: in the bathroom since; up: out of bed. opened: the door, by who
        # may be outside; passage: its last move; arrival: nobody was up before. visit: until when there may be one.
        # out: outside was told. mistaken: how often wrongly. usual, spread, nights: learnt. went, habit: mornings out.
        self._people = Table(
            night=Column("i4", -1),
            last=Column("i8", NEVER),
            slot=Column("i4", 0),
            device=Column("i4", -1),
            changes=Column("u1", 0),
            counted=Column("i4", 0),
            slots=Column("u2", 0),
            begun=Column("i8", NEVER),
            rose=Column("i8", NEVER),
            rested=Column("?", 0),
            toilet=Column("?", 0),
            up=Column("?", 0),
            in_bed=Column("?", 0),
            raised=Column("?", 0),
            opened=Column("i8", NEVER),
            passage=Column("i8", NEVER),
            arrival=Column("?", 0),
            severe=Column("?", 0),
            morning=Column("?", 0),
            due=Column("i8", NOT_DUE),
            out=Column("?", 0),
            visit=Column("i8", NEVER),
            usual=Column("f4", _USUAL),
            spread=Column("f4", _SPREAD),
            nights=Column("u1", 0),
            mistaken=Column("f4", 0),
            mistaken_at=Column("i8", 0),
            went=Column("?", 0),
            habit=Column("f4", 0),
        )
        self._devices = Table(door=Column("f4", np.nan), bed=Column("f4", np.nan))
        self._tables = HomeTables(self._people, self._devices)
        self._arrange(CareContext())

    def configure(self, context: CareContext) -> None:
        """Take plans and devices. Raises ValueError for quiet hours that are no "HH:MM"."""
        self._tables.align(context.columns)
        self._arrange(context)

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the rows say, and what came due between them. Rows of people outside the context are left out."""
        readings, person, device = self._tables.known(intake.readings)
        what = self._what(readings, device)
        matters = np.flatnonzero(what != _NOTHING)
        findings: list[Finding] = []
        for step in rounds(person[matters]):
            at = matters[step]
            people, time = person[at], readings.time[at]
            late = self._people["due"][people] <= time
            findings += self._settle(people[late])
            newer = time >= self._people["last"][people]
            findings += self._act(people[newer], time[newer], what[at][newer], readings.device[at][newer])
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Who has been outside for too long by `now` - lateness."""
        return self._settle(np.flatnonzero(self._people["due"] <= now - self.lateness))

    def snapshot(self) -> bytes:
        """The whole state."""
        return self._tables.snapshot(self.name, self.version)

    def restore(self, snapshot: bytes) -> None:
        """Take over a state. Raises SnapshotError for another version's or a damaged one."""
        self._tables.restore(self.name, self.version, snapshot)

    def _arrange(self, context: CareContext) -> None:
        """Columns that follow from the context."""
        columns = context.columns
        self._zones = Zones(columns)
        self._start = columns.of_plans("quiet_start", np.int64, minute_of_day) * MINUTE
        end = columns.of_plans("quiet_end", np.int64, minute_of_day) * MINUTE
        self._length = (end - self._start) % DAY
        bathroom, bedroom = columns.in_rooms(is_bathroom), columns.in_rooms(is_bedroom)
        door = columns.of_kinds((DeviceKind.DOOR,)) & (bathroom | bedroom)
        # The first that is true of a device.
        self._place = np.select(
            [lead_outside(columns), door, bathroom, bedroom, columns.in_rooms(is_passage)],
            [_OUTSIDE, _PASSING, _BATHROOM, _BEDROOM, _PASSING],
            _LIVING,
        )

    def _what(self, readings: ReadingBatch, device: Int64) -> Int64:
        """What each row is: int64[n]."""
        metric, value = readings.metric, readings.value
        what = np.full(len(readings), _NOTHING)
        motion = (metric == MOTION) & (value == 1.0)
        # A motion sensor at the front door sees who is in the passage there.
        place = self._place[device]
        what[motion] = np.where(place == _OUTSIDE, _PASSING, place)[motion]
        doors, beds = np.flatnonzero(metric == DOOR), np.flatnonzero(metric == BED)
        doors = doors[moved(self._devices["door"], device[doors], value[doors])]
        what[doors] = place[doors]
        beds = beds[moved(self._devices["bed"], device[beds], value[beds])]
        what[beds] = np.where(value[beds] == 1.0, _BED_IN, _BED_OUT)
        return what

    def _act(self, people: Int64, time: Int64, what: Int64, device: Int32) -> list[Finding]:
        """Activity in order of time, one row a person."""
        columns = self._people
        shown = self._zones.local(people, time)
        night = (shown + DAY // 2) // DAY
        into = (shown - self._start[people]) % DAY
        quiet = into < self._length[people]
        # A night whose end nobody was awake for ends with the first that moves.
        over = columns["raised"][people] & (~quiet | (night > columns["night"][people]))
        findings = [self._about_night(int(p), int(t), over=True) for p, t in zip(people[over], time[over], strict=True)]
        columns["raised"][people[over]] = False
        self._begin_night(people, night)
        morning = quiet & (into >= self._length[people] - MORNING)
        last = columns["last"][people]
        still = np.where(last == NEVER, 0, time - np.maximum(last, 0))
        to_bed, out_of_bed = what == _BED_IN, what == _BED_OUT
        rising = (still >= REST) & ~to_bed | out_of_bed
        columns["rose"][people[rising]] = time[rising]
        columns["toilet"][people[rising]] = False
        columns["rested"][people[quiet & ((still >= REST) | to_bed)]] = True
        columns["toilet"][people[what == _BATHROOM]] = True
        columns["in_bed"][people[to_bed]] = True
        columns["in_bed"][people[out_of_bed]] = False
        door = what == _OUTSIDE
        findings += self._inside(people[~door], time[~door], what[~door])
        findings += self._through(people[door], time[door], still[door], quiet[door], morning[door])
        counts = quiet & columns["rested"][people] & (columns["visit"][people] < time) & ~door
        findings += self._count(people[counts], time[counts], what[counts], device[counts])
        columns["up"][people[out_of_bed & quiet]] = True
        columns["up"][people[to_bed]] = False
        columns["last"][people] = time
        return findings

    def _begin_night(self, people: Int64, night: Int64) -> None:
        """Learn from the last night that had any activity, where another begins."""
        columns = self._people
        new = night > columns["night"][people]
        people, night = people[new], night[new]
        known = people[columns["night"][people] >= 0]
        nights = columns["nights"][known].astype(np.float64)
        share = 1 / np.minimum(_STEADY, _FIRST + nights)
        slots = np.minimum(columns["slots"][known], self._limit(known))
        off = slots - columns["usual"][known]
        columns["usual"][known] += share * off
        columns["spread"][known] += share * (np.abs(off) - columns["spread"][known])
        columns["habit"][known] += (columns["went"][known] - columns["habit"][known]) / 8
        columns["nights"][known] = np.minimum(nights + 1, _STEADY).astype(np.uint8)
        columns["night"][people] = night
        columns["slots"][people] = 0
        columns["begun"][people] = NEVER
        for flag in ("rested", "went", "up"):
            columns[flag][people] = False

    def _limit(self, people: Int64) -> Float64:
        """Slots up and about that are this person's most usual ones."""
        columns = self._people
        usual = columns["usual"][people].astype(np.float64)
        return np.asarray(np.maximum(LEAST, usual + 4 * columns["spread"][people]))

    def _count(self, people: Int64, time: Int64, what: Int64, device: Int32) -> list[Finding]:
        """Slots up and about, one row a person."""
        columns = self._people
        slot = time // SLOT
        fresh = slot != columns["slot"][people]
        columns["slot"][people] = slot
        columns["changes"][people[fresh | (what == _BATHROOM)]] = 0
        moved = (device != columns["device"][people]) & (columns["changes"][people] < PACING)
        columns["changes"][people[moved]] += 1
        columns["device"][people] = device
        pacing = columns["changes"][people] >= PACING
        restless = (what == _BED_IN) & columns["up"][people] & ~columns["toilet"][people]
        counts = ((what == _LIVING) | pacing | restless) & (slot != columns["counted"][people])
        people, time, slot = people[counts], time[counts], slot[counts]
        first = columns["slots"][people] == 0
        columns["begun"][people[first]] = time[first]
        columns["counted"][people] = slot
        columns["slots"][people] += 1
        too_many = (columns["slots"][people] > self._limit(people)) & ~columns["raised"][people]
        columns["raised"][people[too_many]] = True
        return [
            self._about_night(int(p), int(t), over=False) for p, t in zip(people[too_many], time[too_many], strict=True)
        ]

    def _inside(self, people: Int64, time: Int64, what: Int64) -> list[Finding]:
        """Somebody moves inside: who was thought to be outside is not, or it is a visitor."""
        columns = self._people
        suspected = columns["opened"][people] != NEVER
        people, time, what = people[suspected], time[suspected], what[suspected]
        settles = np.where(what == _PASSING, MINUTE, np.where(what == _BED_IN, 0, MINUTE // 4))
        back = time - columns["passage"][people] > settles
        people, time = people[back], time[back]
        visited = columns["arrival"][people] & ~columns["out"][people]
        columns["visit"][people[visited]] = time[visited] + VISIT
        mistaken = people[columns["out"][people]]
        columns["mistaken"][mistaken] = self._mistaken(mistaken) + 1
        columns["mistaken_at"][mistaken] = columns["opened"][mistaken]
        return self._come_back(people, time)

    def _through(self, people: Int64, time: Int64, still: Int64, quiet: Bool, morning: Bool) -> list[Finding]:
        """A door to the outside moves, one row a person."""
        columns = self._people
        suspected = columns["opened"][people] != NEVER
        same = time - np.maximum(columns["passage"][people], 0) <= PASSAGE
        columns["passage"][people] = time
        again = suspected & ~same
        findings = self._come_back(people[again], time[again])
        leaving = columns["visit"][people] >= time
        columns["visit"][people[leaving & ~same]] = NEVER
        resident = quiet & columns["rested"][people] & ~columns["in_bed"][people]
        new = ~suspected & ~same & ~leaving & resident
        people, time, still, morning = people[new], time[new], still[new], morning[new]
        columns["opened"][people] = time
        columns["due"][people] = time + RETURN
        columns["out"][people] = False
        columns["arrival"][people] = still >= NOBODY_UP
        columns["morning"][people] = morning
        awake = np.where(columns["rose"][people] == NEVER, 0, time - np.maximum(columns["rose"][people], 0))
        columns["severe"][people] = ~morning & (awake <= REST)
        return findings

    def _come_back(self, people: Int64, time: Int64) -> list[Finding]:
        columns = self._people
        told = columns["out"][people]
        findings = [self._about_door(int(p), int(t), over=True) for p, t in zip(people[told], time[told], strict=True)]
        columns["opened"][people] = NEVER
        columns["due"][people] = NOT_DUE
        columns["out"][people] = False
        return findings

    def _settle(self, people: Int64) -> list[Finding]:
        """Say who has not come back; all of `people` are due."""
        columns = self._people
        columns["went"][people[columns["morning"][people]]] = True
        mistaken = self._mistaken(people)
        columns["severe"][people] &= mistaken < MISTAKEN
        usual = (columns["morning"][people] & (columns["habit"][people] >= _MORNINGS)) | (mistaken >= BLIND)
        told = people[~usual]
        columns["out"][told] = True
        findings = [self._about_door(int(p), int(columns["due"][p]), over=False) for p in told]
        columns["due"][people] = NOT_DUE
        return findings

    def _mistaken(self, people: Int64) -> Float64:
        """How often these people, of whom a door moved, were lately said to be outside and were not."""
        columns = self._people
        age = columns["opened"][people] - columns["mistaken_at"][people]
        return np.asarray(columns["mistaken"][people] * 0.5 ** (age / _FORGOTTEN))

    def _about_night(self, row: int, time: int, *, over: bool) -> Finding:
        columns = self._people
        begun, slots = int(columns["begun"][row]), int(columns["slots"][row])
        return self._finding(
            row,
            time,
            str(begun),
            "night-over" if over else "night-wandering",
            Severity.MEDIUM,
            Queue.CARE,
            {
                "minutes": slots * SLOT / MINUTE,
                "usual_minutes": round(float(columns["usual"][row]) * SLOT / MINUTE, 1),
                "since": begun,
            },
            over=over,
        )

    def _about_door(self, row: int, time: int, *, over: bool) -> Finding:
        columns = self._people
        severe, opened = bool(columns["severe"][row]), int(columns["opened"][row])
        return self._finding(
            row,
            time,
            f"out:{opened}",
            "night-back-inside" if over else "night-outside" if severe else "night-left-home",
            Severity.HIGH if severe else Severity.MEDIUM,
            Queue.EMERGENCY if severe else Queue.CARE,
            {"minutes": (time - opened) / MINUTE, "opened": opened},
            over=over,
        )

    def _finding(
        self,
        row: int,
        time: int,
        episode: str,
        reason: str,
        severity: Severity,
        queue: Queue,
        evidence: dict[str, object],
        *,
        over: bool,
    ) -> Finding:
        return Finding(
            kind=Kind.NIGHT_WANDERING,
            queue=queue,
            severity=severity,
            resident=int(self._people.ids[row]),
            device=0,
            time=time,
            detector=self.name,
            version=self.version,
            episode=episode,
            reason=reason,
            evidence=evidence,
            clears=over,
        )
