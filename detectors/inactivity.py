"""Silence in the home for longer than this person is ever silent at this time of the week.

**Model.** For each resident and hour the probability that the hour holds any activity, learnt online: three quarters
from this hour of all days, a quarter from this hour of the week. The hours of a silence count as independent, so the
hazard at an hour is -ln(1 - p), and the probability of a silence of this length, S, is the exponential of minus its
integral since the last activity: the survival function of a Poisson process with an hourly rate. A finding is due at
the moment at which S falls below SURVIVAL, never before two hours. Counting active hours, not events, keeps one minute
before a motion sensor from weighing as much as a day.

**Learning.** The first activity in an hour moves that hour's probability up by a share of what is missing, the empty
hours before it move down. The share is 1/3 at first, gets smaller with each day (week), and stays at 1/30 (1/8): half
of what was learnt is forgotten in three to five weeks. Before that a prior counts (PRIOR: up from seven to ten in the
evening, now and then at night). Hours in a sensors' outage or in a silence of more than a day teach nothing.

**What is activity**: motion, a door that moves, getting into or out of bed, steps. Not power: water heaters and
refrigerators switch themselves, and would hide a person who lies on the floor.

**Asleep**: the night is in the profile; in bed the hazard is a quarter, and what is then too long says so. **Away**:
after a door to the outside, until there is activity inside (what a sensor in the hall sees within two minutes is the
person leaving); a second time through the door is coming home. Away is a guess, for who falls in the hall has passed
the door too: the hazard is a half, and what is then too long is a finding of its own, less severe. **Sensors' outage**:
where home sensors report by themselves and none of them was heard around the due moment, nothing is said (device health
says it); when they are back the silence counts for two hours more at least. Who has no sensors at home but a wearable
is watched by its steps, and its silence is the outage.

**The plan's `inactivity_hours`** takes the place of the learnt profile.

**A visitor** (carer, neighbour) is told apart where the bed says that the resident was in it all the time (and nothing
since moved in another room): from one passage of a door to the outside to the next, within VISIT, what moves is the
visitor's. It stands in for the resident's while it lasts, for somebody is there to look; when it is over, the silence
goes on from where it was, without the visit, for two hours more at least, and what is then too long says that the last
activity was a visitor's. The dangers: a visitor's activity that counts as the resident's hides, for hours, a person who
can't get up; one that never counts raises an alarm after each visit, and the next is not believed. So the clock stands
still; it does not start again. Who was found silent too long before starts again with the visit. Without a bed's sensor
a visit is not told from the resident's own activity: motion in two rooms within seconds is also one quick walk past two
sensors.

Assumes one person in the home but for such visits: others' activity counts as theirs. Units: micros, hours. Lateness
one minute. Warm-up: none, by the prior; about three weeks to know the person. Cost: array operations in as many steps
as one resident has rows in a batch; a tick is one comparison a resident. Memory: about 490 bytes a resident, 384 of
them the profiles. Severity: high; medium when away. Reference for the idea: Moshtaghi, Zukerman and Russell,
"Statistical models for unobtrusively detecting abnormal periods of inactivity in older adults", User Model. User-Adapt.
Interact. 25:231, 2015. Figures: `kanhu evaluate inactivity`, which also chooses SURVIVAL, each home's on the other
homes."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from core.care import CareContext, DeviceKind
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
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
    Zones,
    is_bedroom,
    lead_outside,
    moved,
    patience,
    values_before,
)
from detectors.local_time import HOURS_OF_WEEK
from detectors.state import Column, Table, rounds

SURVIVAL = 1e-4
"""Least probability of a silence that still counts as usual, chosen by `kanhu evaluate inactivity` (its BUDGET)."""

SHORTEST = 2 * HOUR
LONGEST = 96 * HOUR
VISIT = 4 * HOUR
"""A longer one is taken for somebody who lives there."""

PASSAGE = 2 * MINUTE
"""Events of a door to the outside within this are one passage."""

OUT = 0.5
"""How much of the hazard is left after a door to the outside."""

IN_BED = 0.25
"""How much of the hazard is left in bed."""

_FULL = 65_535
"""The profiles hold probabilities in steps of 1/65,535."""

_WEEKLY = 0.25
"""Weight of what is known of this hour of the week; the rest is of this hour of all days."""

_STEADY_WEEKS, _STEADY_DAYS = 8.0, 30.0
_FIRST = 3.0
"""Days, and weeks, that the prior weighs."""

_TEACHES = 24
"""Most empty hours that are learnt from."""

PRIOR: Float64 = np.tile(np.array([0.3] * 6 + [0.7] + [0.9] * 15 + [0.8, 0.5]), 7)
"""Probability of activity in an hour of the week before anything is learnt: a guess, of two that were tried. One that
takes nights for silent and days for calm takes long silences for usual, and costs hours in the first weeks."""

# A probability of 0 or 1 would mean that one hour decides everything.
_LEAST, _MOST = 0.03, 0.97

_STEPS = metric_id("steps")

_SEES_ACTIVITY = frozenset({DeviceKind.MOTION, DeviceKind.DOOR, DeviceKind.BED})

# What a row is.
_NOTHING, _INSIDE, _BEDROOM, _FRONT_DOOR, _ANYWHERE = range(5)


class Inactivity:
    """See the module's text."""

    name: ClassVar[str] = "inactivity"
    version: ClassVar[int] = 3
    metrics: ClassVar[frozenset[int]] = frozenset({MOTION, DOOR, BED, _STEPS}) | SIGNS_OF_LIFE
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 60 * SECOND

    def __init__(self, survival: float = SURVIVAL) -> None:
        """survival: least probability of a silence that still counts as usual, below 1: the operating point."""
        self._survival = survival
        # since: the last activity; before any, when the home was first heard. begun: the first activity. hour: the
        # local hour (since the epoch) learnt up to. heard: the home's sensors, last; back: when they came back from an
        # outage within this silence. passage: the front door, last. due: when the silence is too long if `exact`, else
        # no later than that. resting: in bed, and nothing of the resident elsewhere since. visit: when a visitor came;
        # own: the last activity before; visited: nothing of the resident since the visitor went.
        self._people = Table(
            since=Column("i8", NEVER),
            begun=Column("i8", NEVER),
            hour=Column("i4", 0),
            heard=Column("i8", NEVER),
            back=Column("i8", NEVER),
            passage=Column("i8", NEVER),
            due=Column("i8", NOT_DUE),
            exact=Column("?", 0),
            raised=Column("?", 0),
            away=Column("?", 0),
            in_bed=Column("?", 0),
            resting=Column("?", 0),
            visit=Column("i8", NEVER),
            own=Column("i8", NEVER),
            visited=Column("?", 0),
            week=Column("u2", 0, width=HOURS_OF_WEEK),
            day=Column("u2", 0, width=24),
        )
        # The newest value of each, since sensors repeat themselves.
        self._devices = Table(door=Column("f4", np.nan), bed=Column("f4", np.nan), steps=Column("f4", np.nan))
        self._tables = HomeTables(self._people, self._devices)
        self._arrange(CareContext())

    def configure(self, context: CareContext) -> None:
        """Take plans and devices. A silence that is going on is judged anew by its new limit."""
        self._tables.align(context.columns)
        self._arrange(context)
        self._judge_anew()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the rows end, and what came due between them. Rows of people outside the context are left out."""
        readings, person, device = self._tables.known(intake.readings)
        what = self._what(readings, device)
        heard = self._beats[device] & ~((readings.metric == ONLINE) & (readings.value == 0.0))
        in_bed = np.where(readings.metric == BED, readings.value, np.nan)
        matters = np.flatnonzero(heard | (what != _NOTHING))
        findings: list[Finding] = []
        for step in rounds(person[matters]):
            at = matters[step]
            people, time = person[at], readings.time[at]
            late = self._people["due"][people] <= time
            findings += self._settle(people[late], time[late])
            self._hear(people[heard[at]], time[heard[at]])
            active = what[at] != _NOTHING
            findings += self._act(people[active], time[active], what[at][active], in_bed[at][active])
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Whose silence is too long by `now` - lateness."""
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
        self._zones = Zones(columns)
        self._fixed = columns.of_plans(
            "inactivity_hours", np.int64, lambda hours: 0 if hours is None else round(hours * HOUR)
        )
        self._bedroom, self._front = columns.in_rooms(is_bedroom), lead_outside(columns)
        owner = columns.owner_row
        beating = (columns.interval > 0) & (owner >= 0)
        at_home = beating & ~columns.of_kinds(NOT_AT_HOME)
        seen_at_home = np.zeros(len(self._people) + 1, np.bool_)
        seen_at_home[owner[(owner >= 0) & columns.of_kinds(_SEES_ACTIVITY)]] = True
        # Whom nothing at home sees is watched by a wearable's steps alone.
        worn = beating & columns.of_kinds((DeviceKind.WEARABLE,))
        self._beats = at_home | (worn & ~seen_at_home[owner])
        self._seen_at_home = seen_at_home[:-1]
        self._patience = patience(owner, self._beats, columns.interval, len(self._people))

    def _judge_anew(self) -> None:
        people = self._people
        pending = (people["since"] != NEVER) & ~people["raised"]
        people["due"][pending] = self._earliest(np.flatnonzero(pending))
        people["exact"][pending] = False

    def _earliest(self, people: Int64) -> Int64:
        """A moment before which nothing is due, cheap to know."""
        fixed = self._fixed[people]
        return np.asarray(self._people["since"][people] + np.where(fixed > 0, np.minimum(fixed, SHORTEST), SHORTEST))

    def _what(self, readings: ReadingBatch, device: Int64) -> Int64:
        """What each row is: int64[n] of _NOTHING to _ANYWHERE."""
        metric, value = readings.metric, readings.value
        what = np.full(len(readings), _NOTHING)
        moving = (metric == MOTION) & (value == 1.0)
        what[moving] = np.where(self._bedroom[device[moving]], _BEDROOM, _INSIDE)
        doors, beds, steps = (np.flatnonzero(metric == of) for of in (DOOR, BED, _STEPS))
        doors = doors[moved(self._devices["door"], device[doors], value[doors])]
        what[doors] = np.where(self._front[device[doors]], _FRONT_DOOR, _INSIDE)
        what[beds[moved(self._devices["bed"], device[beds], value[beds])]] = _BEDROOM
        before = values_before(self._devices["steps"], device[steps], value[steps])
        # The count starts again from nothing at midnight.
        what[steps[(value[steps] > before) | ((value[steps] < before) & (value[steps] > 0.0))]] = _ANYWHERE
        return what

    def _hear(self, people: Int64, time: Int64) -> None:
        """Sensors of the home report, one row a person."""
        columns = self._people
        heard, patience, due = columns["heard"][people], self._patience[people], columns["due"][people]
        # NEVER is not a time to subtract from.
        gap = (patience > 0) & (heard != NEVER) & (time - np.maximum(heard, 0) > patience)
        silent = (columns["since"][people] != NEVER) & ~columns["raised"][people]
        blind = due == NOT_DUE
        back = silent & (gap | blind)
        columns["back"][people[back]] = time[back]
        columns["due"][people[back]] = np.maximum(np.where(blind, NEVER, due), time + SHORTEST)[back]
        columns["heard"][people] = np.maximum(heard, time)
        unseen = (columns["since"][people] == NEVER) & self._seen_at_home[people]
        people, time = people[unseen], time[unseen]
        self._expect(people)
        columns["since"][people] = time
        columns["due"][people] = self._earliest(people)

    def _expect(self, people: Int64) -> None:
        """What is expected of people of whom nothing is known."""
        self._people["week"][people] = np.round(PRIOR * _FULL)
        self._people["day"][people] = np.round(PRIOR[:24] * _FULL)

    def _act(self, people: Int64, time: Int64, what: Int64, in_bed: Float64) -> list[Finding]:
        """Activity, one row a person."""
        columns = self._people
        raised = columns["raised"][people]
        # Of two things at the same moment both count; what happened before the silence and came late does not end it.
        newer = (time > columns["since"][people]) | ((time == columns["since"][people]) & ~raised)
        findings = [self._finding(int(people[at]), int(time[at]), over=True) for at in np.flatnonzero(raised & newer)]
        people, time, what, in_bed = people[newer], time[newer], what[newer], in_bed[newer]
        raised = raised[newer]
        self._learn(people, time)
        passing = time - np.maximum(columns["passage"][people], 0) <= PASSAGE
        through = what == _FRONT_DOOR
        paused = self._visit(people, time, through & ~passing, (what == _ANYWHERE) | ~np.isnan(in_bed), raised)
        trailing = columns["visited"][people] & passing & ~paused
        counts = people[~paused & ~trailing]
        columns["since"][counts] = time[~paused & ~trailing]
        columns["back"][counts] = NEVER
        columns["visited"][counts] = False
        columns["raised"][people] = False
        known = ~np.isnan(in_bed)
        columns["in_bed"][people[known]] = in_bed[known] != 0.0
        columns["resting"][people[known]] = in_bed[known] != 0.0
        guest = (columns["visit"][people] != NEVER) | columns["visited"][people]
        toggled = people[through & ~passing & ~guest]
        columns["away"][toggled] = ~columns["away"][toggled]
        columns["passage"][people[through]] = time[through]
        columns["away"][people[(((what == _INSIDE) | (what == _BEDROOM)) & ~passing) | guest]] = False
        columns["resting"][people[(what == _INSIDE) & ~guest]] = False
        columns["due"][people] = self._earliest(people)
        columns["exact"][people] = False
        return findings

    def _visit(self, people: Int64, time: Int64, passage: Bool, own: Bool, raised: Bool) -> Bool:
        """Tell a visitor's passages of the door from the resident's; whether a visit ends with the row: bool[n].

        passage: a new one; own: what only the resident does; raised: silent for too long until now.
        """
        columns = self._people
        in_bed, came = columns["resting"][people], columns["visit"][people]
        visiting = (came != NEVER) & (time - np.maximum(came, 0) <= VISIT)
        columns["visit"][people[own | ~visiting]] = NEVER
        columns["visited"][people[own]] = False
        comes, goes = passage & in_bed & ~visiting, passage & in_bed & visiting
        columns["own"][people[comes]] = np.where(raised, time, columns["since"][people])[comes]
        columns["visit"][people[comes]] = time[comes]
        columns["since"][people[goes]] = (columns["own"][people] + time - came)[goes]
        columns["back"][people[goes]] = time[goes]
        columns["visit"][people[goes]] = NEVER
        columns["visited"][people[goes]] = True
        return np.asarray(goes)

    def _learn(self, people: Int64, time: Int64) -> None:
        columns = self._people
        hour = self._zones.local(people, time) // HOUR
        first = columns["begun"][people] == NEVER
        self._expect(people[first])
        columns["begun"][people[first]] = time[first]
        columns["hour"][people[first]] = hour[first] - 1
        entered = hour > columns["hour"][people]
        people, time, hour = people[entered], time[entered], hour[entered]
        days = (time - columns["begun"][people]) / DAY
        empty = hour - columns["hour"][people] - 1
        empty[(empty > _TEACHES) | (columns["back"][people] != NEVER)] = 0
        for name, span, share in (
            ("week", HOURS_OF_WEEK, 1 / np.minimum(_STEADY_WEEKS, _FIRST + days / 7)),
            ("day", 24, 1 / np.minimum(_STEADY_DAYS, _FIRST + days)),
        ):
            profile = columns[name]
            for step in range(1, int(empty.max(initial=0)) + 1):
                some = empty >= step
                slot = people[some], (hour[some] - step + 72) % span
                profile[slot] -= np.round(share[some] * profile[slot]).astype(np.uint16)
            slot = people, (hour + 72) % span
            profile[slot] += np.round(share * (_FULL - profile[slot])).astype(np.uint16)
        columns["hour"][people] = hour

    def _settle(self, people: Int64, until: Int64) -> list[Finding]:
        """Raise whose silence was too long by `until`."""
        columns = self._people
        rough = people[~columns["exact"][people]]
        if len(rough):
            columns["due"][rough] = self._exact_due(rough)
            columns["exact"][rough] = True
        due = columns["due"][people]
        ripe = due <= until
        people, due = people[ripe], due[ripe]
        heard, patience = columns["heard"][people], self._patience[people]
        blind = (patience > 0) & (heard != NEVER) & (heard < due - patience)
        findings = [self._finding(int(p), int(t), over=False) for p, t in zip(people[~blind], due[~blind], strict=True)]
        columns["raised"][people[~blind]] = True
        # In an outage nothing is due until the sensors are back.
        columns["due"][people] = NOT_DUE
        return findings

    def _exact_due(self, people: Int64) -> Int64:
        """When the silence of these people becomes too long: micros, int64[n]."""
        columns = self._people
        since, fixed = columns["since"][people], self._fixed[people]
        due = since + fixed
        by_profile = np.flatnonzero(fixed == 0)
        due[by_profile] = self._survives_until(people[by_profile])
        back = columns["back"][people]
        return np.asarray(np.where(back == NEVER, due, np.maximum(due, np.maximum(back, 0) + SHORTEST)))

    def _survives_until(self, people: Int64) -> Int64:
        """When the survival of the silence falls below SURVIVAL, at SHORTEST to LONGEST after the last activity."""
        columns = self._people
        since = columns["since"][people]
        shown = self._zones.local(people, since)
        due = since + LONGEST
        left = np.full(len(people), -np.log(self._survival))
        spent = np.zeros(len(people), np.int64)  # micros since the last activity
        weight = np.where(columns["away"][people], OUT, np.where(columns["in_bed"][people], IN_BED, 1.0))
        going = np.arange(len(people))
        while len(going):
            at = shown[going] + spent[going]
            hour = (at // HOUR + 72) % HOURS_OF_WEEK
            weekly, daily = columns["week"][people[going], hour], columns["day"][people[going], hour % 24]
            active = (_WEEKLY * weekly + (1 - _WEEKLY) * daily) / _FULL
            hazard = -np.log1p(-np.clip(active, _LEAST, _MOST)) * weight[going]
            rest = HOUR - at % HOUR
            needed = np.ceil(left[going] / hazard * HOUR).astype(np.int64)
            ends = needed <= rest
            due[going[ends]] = since[going[ends]] + spent[going[ends]] + needed[ends]
            left[going] -= hazard * (rest / HOUR)
            spent[going] += rest
            going = going[~ends & (spent[going] < LONGEST)]
        return np.asarray(np.clip(due, since + SHORTEST, since + LONGEST))

    def _finding(self, row: int, time: int, *, over: bool) -> Finding:
        columns = self._people
        since, away, fixed = int(columns["since"][row]), bool(columns["away"][row]), int(self._fixed[row])
        seen = columns["begun"][row] != NEVER
        evidence: dict[str, object] = {
            "hours": (time - since) / HOUR,
            "last_activity" if seen else "first_heard": since,
        }
        if over:
            reason = "inactivity-active-again"
        elif not seen:
            reason = "inactivity-never-seen"
        elif away:
            reason = "inactivity-away-long"
        elif columns["visited"][row]:
            reason = "inactivity-silence-visitor"
        elif fixed:
            reason = "inactivity-silence-limit"
            evidence["limit_hours"] = fixed / HOUR
        else:
            reason = "inactivity-in-bed-long" if columns["in_bed"][row] else "inactivity-silence-unusual"
            evidence |= {"survival": self._survival, "in_bed": bool(columns["in_bed"][row])}
        if columns["back"][row] != NEVER:
            evidence["visitor_left" if columns["visited"][row] else "sensors_back"] = int(columns["back"][row])
        return Finding(
            kind=Kind.INACTIVITY,
            queue=Queue.CARE,
            severity=Severity.HIGH if seen and not away else Severity.MEDIUM,
            resident=int(columns.ids[row]),
            device=0,
            time=time,
            detector=self.name,
            version=self.version,
            episode=str(since),
            reason=reason,
            evidence=evidence,
            clears=over,
        )
