"""Vital signs: NEWS2 with honest bounds, critical values, the care plan's limits, what is unusual for the person.

- NEWS2 over the values that are fresh. A missing value counts as normal: the severity follows the lower bound of the
  aggregate, and the evidence gives both bounds and names what is missing. 7 and more: emergency; 5 and 6, or 3 in one
  parameter: care.
- Critical values, and a level of consciousness below alert: emergency.
- Limits of the care plan, or the default ones, always on top: care, medium; what somebody measured with a cuff or a
  clip and the next reading does not confirm: care, low. Of such measurements each local day has its own finding.
- Far from the person's own median: care, low. Never more, for the usual may itself be ill.

`detectors.vital_rules` says where each begins and how long it must last: so many readings on end, or a time in which
no reading says otherwise. Only a level of consciousness, which a person gives, is raised at once. An episode ends with
two readings that are well by a margin; one that goes on is raised again after a time, so that who closed the first
incident hears of it. Without readings nothing ends.

What is not believed: pulse, saturation, respiration and temperature of a device that says it is not worn; pulse,
saturation and respiration while the steps show walking, until five minutes after it, half an hour at most; for NEWS2
and the personal median a jump that no body makes, until the next reading agrees. Of two values of one metric at the
same moment the lower counts.

A moment is judged when all its rows are in, which is when the first later row or tick comes. Units: those of
`core.metrics`. Warm-up: none, for the personal median a week and 40 hourly readings. What raises the severity: the
aggregate and criticality; what lowers it: nothing. Cost: a few dozen array operations a batch; Python only for people
who have something beyond normal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum, auto
from typing import Any, ClassVar, Self

import msgspec
import numpy as np

from core.care import CareContext, CarePlan, DeviceKind, Resident
from core.clock import DAY, MINUTE, SECOND
from core.findings import Finding, Kind, Severity
from core.metrics import metric_id
from core.readings import NO_TIME, Bool, Float64, Int32, Int64, Intake, ReadingBatch
from detectors import baseline, news2
from detectors import vital_rules as rules
from detectors.local_time import offset
from detectors.state import Column, Table, TableData, pack, unpack
from detectors.vital_rules import VITAL_IDS, VITALS, Rule

MOTION_SETTLES = 5 * MINUTE
MOTION_LONGEST = 30 * MINUTE
"""Walking for longer hides nothing any more: a step counter may count what is no walking."""

_CADENCE = 20
"""Steps a minute that are walking."""

_STEPS_WITHIN = 15 * MINUTE
_NEVER = np.iinfo(np.int64).max
_WORN, _STEPS = metric_id("worn"), metric_id("steps")
_WIDTH = len(VITALS)
_CONSCIOUSNESS = VITALS.index("consciousness")
_COLUMN = np.full(max(*VITAL_IDS, _WORN, _STEPS) + 1, -1, np.int64)
_COLUMN[VITAL_IDS] = np.arange(_WIDTH)
_NEWS2_WIDTH = len(news2.PARAMETERS)


class _Outcome(Enum):
    BEYOND = auto()
    BETWEEN = auto()
    WELL = auto()


class _Run(msgspec.Struct):
    """Consecutive readings beyond one rule. since, last: of the first and the newest.

    evidence: of the newest. parts: NEWS2 parameters (by the chart's order) that had points in the newest.
    well, well_since: readings on end that were well, and since when.
    """

    since: int
    last: int
    count: int = 0
    raised: bool = False
    well: int = 0
    well_since: int = 0
    evidence: dict[str, Any] = {}
    parts: list[int] = []


@dataclass(frozen=True, slots=True)
class _Cells:
    """Readings to be judged, sorted by person: index into those judged; row and column of the table; the reading."""

    person: Int64
    row: Int64
    column: Int64
    value: Float64
    time: Int64
    device: Int64

    def take(self, mask: Bool) -> Self:
        return type(self)(*(getattr(self, f.name)[mask] for f in fields(self)))


class _State(msgspec.Struct):
    people: TableData
    devices: TableData
    runs: dict[int, dict[str, _Run]]


class Vitals:
    """See the module's text."""

    name: ClassVar[str] = "vitals"
    version: ClassVar[int] = 2
    metrics: ClassVar[frozenset[int]] = frozenset({*VITAL_IDS.tolist(), _WORN, _STEPS})
    positions: ClassVar[bool] = False
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 30 * SECOND

    def __init__(self) -> None:
        self._people = Table(
            # the moment that the newest rows belong to, and whether it is still to be judged
            at=Column("i8", NO_TIME),
            pending=Column("?", 0),
            # the newest reading of each metric, the one before, and whether it is still to be judged
            value=Column("f8", np.nan, _WIDTH),
            time=Column("i8", NO_TIME, _WIDTH),
            device=Column("i4", 0, _WIDTH),
            previous=Column("f8", np.nan, _WIDTH),
            new=Column("?", 0, _WIDTH),
            # the newest that was believed
            accepted=Column("f8", np.nan, _WIDTH),
            accepted_time=Column("i8", NO_TIME, _WIDTH),
            # the personal baseline
            median=Column("f8", np.nan, _WIDTH),
            deviation=Column("f8", np.nan, _WIDTH),
            learnt=Column("i4", 0, _WIDTH),
            learnt_at=Column("i8", NO_TIME, _WIDTH),
            learnt_since=Column("i8", NO_TIME, _WIDTH),
            moving_since=Column("i8", NO_TIME),
            moving_until=Column("i8", NO_TIME),
            # has runs; when the first of them is due if nothing refutes it
            open=Column("?", 0),
            due=Column("i8", _NEVER),
        )
        self._devices = Table(
            off=Column("i8", NO_TIME),
            on=Column("i8", NO_TIME),
            steps=Column("f8", np.nan),
            steps_time=Column("i8", NO_TIME),
        )
        self._runs: dict[int, dict[str, _Run]] = {}
        # the limits in use, the default ones first, and which of them are each resident's
        self._low = self._high = np.empty((0, _WIDTH))
        self._limits_of: Int32 = np.empty(0, np.int32)
        self._scale_2: Bool = np.empty(0, np.bool_)
        self._spot: Bool = np.empty(0, np.bool_)
        self._residents: Mapping[int, Resident] = {}

    def configure(self, context: CareContext) -> None:
        """Take the limits and the saturation scale of each care plan."""
        self._people.align(context.residents)
        self._devices.align(context.devices)
        self._residents = context.residents
        residents = context.residents.values()
        own = [resident for resident in residents if resident.plan.limits]
        self._limits_of = np.zeros(len(residents), np.int32)
        self._limits_of[self._rows(own)] = np.arange(1, len(own) + 1)
        self._low, self._high = np.array(
            [rules.limits(plan) for plan in (CarePlan(), *(r.plan for r in own))]
        ).swapaxes(0, 1)
        self._scale_2 = np.zeros(len(residents), np.bool_)
        self._scale_2[self._rows([r for r in residents if r.plan.spo2_scale == 2])] = True
        self._spot = np.zeros(len(context.devices), np.bool_)
        taken = [d.id for d in context.devices.values() if d.kind is DeviceKind.VITALS and _rarely(d.interval)]
        self._spot[self._devices.find(np.array(taken, np.int64))] = True
        self._keep_known()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the moments before these rows come to."""
        readings = intake.readings
        person = self._people.find(readings.resident)
        known = person >= 0
        if not known.all():
            readings, person = readings.take(known), person[known]
        findings: list[Finding] = []
        for rows in _moments(person, readings):
            step, who = readings.take(rows), person[rows]
            first = np.concatenate(([True], who[1:] != who[:-1]))
            findings += self._advance(who[first], step.time[first])
            self._apply_vitals(who, step)
            self._apply_worn(step)
            self._apply_steps(who, step)
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Moments that are complete, and what nothing has refuted, by what was observed until `now` - lateness."""
        reached = now - self.lateness
        people = self._people
        findings = self._judge(np.flatnonzero(people["pending"] & (people["at"] < reached)))
        for row in np.flatnonzero(people["due"] < reached):
            findings += self._come_due(int(row), reached)
        return findings

    def snapshot(self) -> bytes:
        """The whole state."""
        return pack(self.name, self.version, _State(self._people.dump(), self._devices.dump(), self._runs))

    def restore(self, snapshot: bytes) -> None:
        """Raises SnapshotError for one it can't read."""
        state = unpack(self.name, self.version, snapshot, _State)
        self._people.load(state.people)
        self._devices.load(state.devices)
        self._runs = state.runs
        self._keep_known()

    def _rows(self, residents: Sequence[Resident]) -> Int64:
        return self._people.find(np.array([resident.id for resident in residents], np.int64))

    def _keep_known(self) -> None:
        known = self._people.find(np.fromiter(self._runs, np.int64)) >= 0
        self._runs = {resident: runs for (resident, runs), k in zip(self._runs.items(), known, strict=True) if k}

    # rows → columns

    def _advance(self, who: Int64, time: Int64) -> list[Finding]:
        """Judge the moments that end with these, one a person, and raise what came due before them."""
        people = self._people
        ahead = time > people["at"][who]
        who, time = who[ahead], time[ahead]
        findings = self._judge(who[people["pending"][who]])
        overdue = people["due"][who] < time
        for row, until in zip(who[overdue].tolist(), time[overdue].tolist(), strict=True):
            findings += self._come_due(row, until)
        people["at"][who] = time
        return findings

    def _apply_vitals(self, who: Int64, step: ReadingBatch) -> None:
        people = self._people
        column = _COLUMN[step.metric]
        cell = who * _WIDTH + column
        take = column >= 0
        # Rows of one person, moment and metric stand side by side, the lowest value first.
        take[1:] &= cell[1:] != cell[:-1]
        who, column = who[take], column[take]
        time, value, device = step.time[take], step.value[take], step.device[take]
        had, had_value, had_device = (people[name][who, column] for name in ("time", "value", "device"))
        newer = time > had
        lower = (time == had) & ((value < had_value) | ((value == had_value) & (device < had_device)))
        people["previous"][who[newer], column[newer]] = had_value[newer]
        put = newer | lower
        for name, data in (("value", value), ("time", time), ("device", device)):
            people[name][who[put], column[put]] = data[put]
        people["new"][who[put], column[put]] = True
        people["pending"][who[put]] = True

    def _apply_worn(self, step: ReadingBatch) -> None:
        devices = self._devices
        row = np.where(step.metric == _WORN, devices.find(step.device), -1)
        for value, name, other in ((0.0, "off", "on"), (1.0, "on", "off")):
            at = np.flatnonzero((row >= 0) & (step.value == value))
            slot, time = row[at], step.time[at]
            # Only a change counts: repeats of the same do not move its time. At first a device is taken as worn.
            was_off = devices["off"][slot] > devices["on"][slot]
            change = (time > devices[other][slot]) & (was_off if name == "on" else ~was_off)
            devices[name][slot[change]] = time[change]

    def _apply_steps(self, who: Int64, step: ReadingBatch) -> None:
        at = np.flatnonzero(step.metric == _STEPS)
        if not len(at):
            return
        people, devices = self._people, self._devices
        row = devices.find(step.device[at])
        at, row = at[row >= 0], row[row >= 0]
        who, time, value = who[at], step.time[at], step.value[at]
        before, steps = devices["steps_time"][row], devices["steps"][row]
        later = time > before
        devices["steps_time"][row[later]] = time[later]
        devices["steps"][row[later]] = value[later]
        lately = later & (before >= time - _STEPS_WITHIN)
        walked = np.zeros(len(at), np.bool_)
        walked[lately] = (value[lately] - steps[lately]) * MINUTE >= _CADENCE * (time[lately] - before[lately])
        who, time, start = who[walked], time[walked], before[walked]
        # Several step counters of one person: the earliest start is written last.
        order = np.argsort(-start, kind="stable")
        who, time, start = who[order], time[order], start[order]
        on_end = people["moving_until"][who] + MOTION_SETTLES >= start
        people["moving_since"][who] = np.where(on_end, np.minimum(people["moving_since"][who], start), start)
        people["moving_until"][who] = np.maximum(people["moving_until"][who], time)
        people["pending"][who] = True

    # columns → what is of note

    def _judge(self, who: Int64) -> list[Finding]:
        """Judge the pending moment of each of these people."""
        if not len(who):
            return []
        people = self._people
        at = people["at"][who]
        people["pending"][who] = False
        person, column = np.nonzero(people["new"][who])
        new = self._cells(person, who[person], column)
        people["new"][new.row, column] = False
        walking = self._walking(who, at)
        usable = new.take(~self._not_worn(new) & ~(walking[person] & rules.BY_MOTION[column]))
        accepted = self._accept(usable)
        unusual = self._unusual(usable, accepted)

        look = people["open"][who]
        look[usable.person[self._noteworthy(usable) | (unusual != 0)]] = True
        evaluated = np.zeros(len(who), np.bool_)
        evaluated[usable.person[accepted & (usable.column < _NEWS2_WIDTH)]] = True
        scored = self._score(who, at)
        look |= evaluated & (scored.risk > news2.Risk.LOW)

        findings: list[Finding] = []
        begin, end = (np.searchsorted(usable.person, np.arange(len(who)), side) for side in ("left", "right"))
        for i in np.flatnonzero(look):
            row = int(who[i])
            runs = self._runs.setdefault(int(people.ids[row]), {})
            if walking[i]:
                _forget_what_walking_explains(runs, int(people["moving_since"][row]))
            for cell in range(begin[i], end[i]):
                findings += self._judge_reading(
                    row, runs, int(usable.column[cell]), float(unusual[cell]), accepted=bool(accepted[cell])
                )
            if evaluated[i]:
                findings += self._judge_news2(row, runs, int(at[i]), scored, int(i))
            self._settle(row, runs)
        self._learn(usable.take(accepted))
        return findings

    def _cells(self, person: Int64, row: Int64, column: Int64) -> _Cells:
        people = self._people
        value, time, device = (people[name][row, column] for name in ("value", "time", "device"))
        return _Cells(person, row, column, value, time, device)

    def _walking(self, who: Int64, at: Int64) -> Bool:
        since, until = self._people["moving_since"][who], self._people["moving_until"][who]
        return np.asarray((since <= at) & (since >= at - MOTION_LONGEST) & (until + MOTION_SETTLES >= at))

    def _not_worn(self, new: _Cells) -> Bool:
        """Which of the values come from a device that was not worn then."""
        not_worn = np.zeros(len(new.row), np.bool_)
        if len(self._devices):
            at = np.flatnonzero(rules.BY_WORN[new.column])
            device, then = self._devices.find(new.device[at]), new.time[at]
            off, on = self._devices["off"][device], self._devices["on"][device]
            not_worn[at] = (device >= 0) & (off <= then) & ((on < off) | (then < on))
        return not_worn

    def _accept(self, usable: _Cells) -> Bool:
        """Which of the values are believed; they are taken over."""
        people, at = self._people, (usable.row, usable.column)
        just_before = people["accepted_time"][at] >= usable.time - rules.JUMP_WITHIN
        jump = rules.JUMP[usable.column]
        far = np.abs(usable.value - people["accepted"][at]) > jump
        confirmed = np.abs(usable.value - people["previous"][at]) <= jump
        accepted = ~(just_before & far & ~confirmed)
        taken = usable.take(accepted)
        people["accepted"][taken.row, taken.column] = taken.value
        people["accepted_time"][taken.row, taken.column] = taken.time
        return np.asarray(accepted)

    def _noteworthy(self, usable: _Cells) -> Bool:
        """Which of the values break a limit, are critical, or a consciousness below alert."""
        value, column, row = usable.value, usable.column, usable.row
        limits = self._limits_of[row]
        limit = (value <= self._low[limits, column]) | (value >= self._high[limits, column])
        scale = self._scale_2[row].astype(np.int64)
        critical = (value < rules.CRITICAL_LOW[scale, column]) | (value > rules.CRITICAL_HIGH[column])
        return np.asarray(limit | critical | ((column == _CONSCIOUSNESS) & (value > 0)))

    def _score(self, who: Int64, at: Int64) -> news2.Score:
        people = self._people
        fresh = people["accepted_time"][who, :_NEWS2_WIDTH] >= at[:, None] - rules.FRESH[:_NEWS2_WIDTH]
        values = np.where(fresh, people["accepted"][who, :_NEWS2_WIDTH], np.nan)
        return news2.score(values, self._scale_2[who])

    def _unusual(self, usable: _Cells, accepted: Bool) -> Float64:
        """By how much each value is from the person's usual, 0 where it is not."""
        people, away = self._people, np.zeros(len(usable.row))
        wanted = accepted & ~np.isnan(rules.DEVIATION_FLOOR[usable.column])
        cells = usable.take(wanted)
        median, deviation, learnt, since = (
            people[name][cells.row, cells.column] for name in ("median", "deviation", "learnt", "learnt_since")
        )
        floor = rules.DEVIATION_FLOOR[cells.column]
        far = baseline.unusual(cells.value, median, deviation, learnt, since, cells.time, floor)
        away[wanted] = np.where(rules.ONLY_LOW[cells.column], np.minimum(far, 0.0), far)
        return away

    def _learn(self, believed: _Cells) -> None:
        people = self._people
        due = baseline.to_learn(people["learnt_at"][believed.row, believed.column], believed.time)
        cells = believed.take(due & ~np.isnan(rules.DEVIATION_FLOOR[believed.column]))
        at = cells.row, cells.column
        median, deviation, learnt = baseline.learn(
            people["median"][at],
            people["deviation"][at],
            people["learnt"][at],
            cells.value,
            rules.DEVIATION_FLOOR[cells.column],
        )
        people["learnt_since"][at] = np.where(learnt == 1, cells.time, people["learnt_since"][at])
        people["median"][at], people["deviation"][at], people["learnt"][at] = median, deviation, learnt
        people["learnt_at"][at] = cells.time

    # one person who has something beyond normal

    def _judge_reading(
        self, row: int, runs: dict[str, _Run], column: int, unusual: float, *, accepted: bool
    ) -> Iterator[Finding]:
        people, name = self._people, VITALS[column]
        value, time = float(people["value"][row, column]), int(people["time"][row, column])
        evidence: dict[str, Any] = {
            "metric": name,
            "value": value,
            "reading_time": time,
            "device": int(people["device"][row, column]),
        }
        if column == _CONSCIOUSNESS:
            for rule, holds in ((rules.UNRESPONSIVE, value >= 3), (rules.CONFUSED, 0 < value < 3)):
                outcome = _Outcome.BEYOND if holds else _Outcome.WELL if value == 0 else _Outcome.BETWEEN
                yield from self._follow(row, runs, rule, time, outcome, evidence | {"level": int(value)})
            return
        margin = float(rules.RECOVERY[column])
        critical = rules.CRITICAL_LOW[int(self._scale_2[row]), column], rules.CRITICAL_HIGH[column]
        which = self._limits_of[row]
        limit = self._low[which, column], self._high[which, column]
        limits = rules.SPOT_RULES if self._taken_on_purpose(name, evidence["device"]) else rules.LIMIT_RULES
        for table, bounds, strict in ((rules.CRITICAL_RULES, critical, True), (limits, limit, False)):
            for side, bound, sign in (("low", float(bounds[0]), 1), ("high", float(bounds[1]), -1)):
                named = table.get((side, name))
                if named is not None and np.isfinite(bound):
                    outcome = _outcome(sign * (value - bound), margin, strict=strict)
                    yield from self._follow(row, runs, named, time, outcome, evidence | {"limit": bound})
        if accepted and name in rules.BASELINE_RULES:
            usual = float(people["median"][row, column])
            yield from self._follow(
                row, runs, rules.BASELINE_RULES[name], time,
                _Outcome.BEYOND if unusual else _Outcome.WELL,
                evidence | {"usual": round(usual, 1), "deviations": round(unusual, 1)},
            )  # fmt: skip

    def _judge_news2(
        self, row: int, runs: dict[str, _Run], at: int, scored: news2.Score, index: int
    ) -> Iterator[Finding]:
        points: list[int] = scored.points[index].tolist()
        low, high = int(scored.low[index]), int(scored.high[index])
        people = self._people
        missing = [n for n, p in zip(news2.PARAMETERS, points, strict=True) if p == news2.UNKNOWN]
        evidence: dict[str, Any] = {
            "score_low": low,
            "score_high": high,
            "risk": news2.Risk(int(scored.risk[index])).name.lower(),
            "missing": missing,
            "missing_count": len(missing),
            "parameters": {
                name: {
                    "points": p,
                    "value": float(people["accepted"][row, column]),
                    "time": int(people["accepted_time"][row, column]),
                }
                for column, (name, p) in enumerate(zip(news2.PARAMETERS, points, strict=True))
                if p != news2.UNKNOWN
            },
        }
        if 3 in points:
            evidence["metric"] = news2.PARAMETERS[points.index(3)]
        for rule, threshold in rules.NEWS2_RULES:
            worst = max(points) if rule is rules.NEWS2_SINGLE else low
            run = runs.get(rule.name)
            if worst >= threshold:
                outcome = _Outcome.BEYOND
            elif run is not None and worst <= threshold - 2 and all(points[p] != news2.UNKNOWN for p in run.parts):
                outcome = _Outcome.WELL
            else:
                # What made the score may just have grown stale: that is no recovery.
                outcome = _Outcome.BETWEEN
            yield from self._follow(row, runs, rule, at, outcome, evidence)
            run = runs.get(rule.name)
            if run is not None and outcome is _Outcome.BEYOND:
                run.parts = [index for index, p in enumerate(points) if p > 0]

    def _follow(
        self, row: int, runs: dict[str, _Run], rule: Rule, time: int, outcome: _Outcome, evidence: dict[str, Any]
    ) -> Iterator[Finding]:
        """One more reading for a rule."""
        run = runs.get(rule.name)
        if outcome is _Outcome.BEYOND:
            if run is not None and not run.raised and rule.renew is None and self._another_day(row, run.since, time):
                # A reading from before midnight that this one confirms.
                yield from self._raise(row, runs, rule)
            if run is None or self._renews(row, rule, run, time):
                run = runs[rule.name] = _Run(since=time, last=time)
            run.count, run.last, run.well, run.evidence = run.count + 1, time, 0, evidence
            if run.count >= rule.count and time - run.since >= rule.lasting:
                yield from self._raise(row, runs, rule)
        elif run is not None and not run.raised:
            if outcome is _Outcome.WELL or not rule.by_margin:
                del runs[rule.name]
                if rule.refuted is not None:
                    once = self._finding(row, rule, run.since, run.since, run.evidence, over=False)
                    yield replace(once, severity=Severity.LOW, reason=rule.refuted)
        elif run is not None and outcome is _Outcome.BETWEEN:
            run.well = 0
        elif run is not None:
            run.well, run.well_since = run.well + 1, time if run.well == 0 else run.well_since
            if run.well >= 2 and time - run.well_since >= rule.recover:
                del runs[rule.name]
                yield self._finding(row, rule, run.since, time, evidence, over=True)

    def _renews(self, row: int, rule: Rule, run: _Run, time: int) -> bool:
        """Whether a reading begins a new run in place of this one."""
        if not run.raised:
            return time - run.last > rule.gap
        return self._another_day(row, run.since, time) if rule.renew is None else time - run.since >= rule.renew

    def _another_day(self, row: int, first: int, second: int) -> bool:
        """Whether two moments (micros) fall on different local days of the resident."""
        zone = self._residents[int(self._people.ids[row])].plan.timezone
        return (first + offset(zone, first)) // DAY != (second + offset(zone, second)) // DAY

    def _taken_on_purpose(self, name: str, device: int) -> bool:
        if ("low", name) not in rules.LIMIT_RULES:
            return True
        row = int(self._devices.find(np.array([device]))[0])
        return row >= 0 and bool(self._spot[row])

    def _raise(self, row: int, runs: dict[str, _Run], rule: Rule) -> Iterator[Finding]:
        run = runs[rule.name]
        if not run.raised and not _outranked(runs, rule):
            run.raised = True
            yield self._finding(row, rule, run.since, run.since, run.evidence, over=False)

    def _come_due(self, row: int, reached: int) -> list[Finding]:
        """Raise what has lasted, unrefuted, before `reached` (micros): a row of just then may still refute it."""
        runs = self._runs.get(int(self._people.ids[row]), {})
        findings: list[Finding] = []
        for rule, due in _waiting(runs):
            if due < reached:
                findings += self._raise(row, runs, rule)
        self._settle(row, runs)
        return findings

    def _settle(self, row: int, runs: dict[str, _Run]) -> None:
        """Bring the columns that tell whether and when to look at the person in line with the runs."""
        if not runs:
            self._runs.pop(int(self._people.ids[row]), None)
        self._people["open"][row] = bool(runs)
        self._people["due"][row] = min((due for _, due in _waiting(runs)), default=_NEVER)

    def _finding(self, row: int, rule: Rule, since: int, time: int, evidence: dict[str, Any], *, over: bool) -> Finding:
        return Finding(
            kind=Kind.VITALS,
            queue=rule.queue,
            severity=rule.severity,
            resident=int(self._people.ids[row]),
            device=0,
            time=time,
            detector=self.name,
            version=self.version,
            episode=f"{rule.name}:{since}",
            reason=rule.reason + "-over" if over else rule.reason,
            evidence=evidence | {"rule": rule.name, "since": since},
            clears=over,
        )


def _moments(person: Int64, readings: ReadingBatch) -> Iterator[Int64]:
    """Cut a batch so that each step has at most one moment of a person, in order. Yields rows, person by person, within
    one by metric, value and device.
    """
    if not len(person):
        return
    order = np.argsort(person, kind="stable")
    if np.all(person[order[1:]] != person[order[:-1]]):
        yield order
        return
    order = np.lexsort((readings.device, readings.value, readings.metric, readings.time, person))
    who, time = person[order], readings.time[order]
    next_person = np.concatenate(([True], who[1:] != who[:-1]))
    moment = np.cumsum(next_person | np.concatenate(([True], time[1:] != time[:-1])))
    rank: Int64 = moment - np.repeat(moment[next_person], np.diff(np.append(np.flatnonzero(next_person), len(who))))
    if not rank.any():
        yield order
        return
    by_rank = np.argsort(rank, kind="stable")
    for rows in np.split(by_rank, np.cumsum(np.bincount(rank))[:-1]):
        yield order[rows]


def _rarely(interval: int) -> bool:
    """Whether a device with this interval (seconds) is one that somebody takes up to measure."""
    return not 0 < interval * SECOND < rules.SPOT_INTERVAL


def _outcome(within: float, margin: float, *, strict: bool) -> _Outcome:
    """How a value stands to a bound. within: how far inside it is; strict: the bound itself is inside."""
    if within < 0 or (within == 0 and not strict):
        return _Outcome.BEYOND
    return _Outcome.WELL if within >= margin else _Outcome.BETWEEN


def _outranked(runs: dict[str, _Run], rule: Rule) -> bool:
    return any(name in runs and runs[name].raised for name in rule.outranked_by)


def _waiting(runs: dict[str, _Run]) -> list[tuple[Rule, int]]:
    """The rules that will be raised if nothing refutes them, with when, the urgent ones first."""
    return [
        (rule, runs[rule.name].since + rule.unrefuted)
        for rule in rules.RULES.values()
        if rule.unrefuted is not None
        and rule.name in runs
        and not runs[rule.name].raised
        and not _outranked(runs, rule)
    ]


def _forget_what_walking_explains(runs: dict[str, _Run], since: int) -> None:
    """Steps are often told of minutes after the walk began: take back what was counted meanwhile."""
    names = {VITALS[column] for column in np.flatnonzero(rules.BY_MOTION)}
    parts = {index for index, name in enumerate(news2.PARAMETERS) if name in names}
    for name, run in list(runs.items()):
        explained = bool(parts.intersection(run.parts)) or name.partition(":")[2] in names
        if explained and not run.raised and run.last >= since:
            del runs[name]
