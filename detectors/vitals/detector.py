"""The vitals detector.

- NEWS2 over the values that are fresh. A missing value counts as normal: the severity follows the lower bound of the
  aggregate, and the evidence gives both bounds and names what is missing. 7 and more: emergency; 5 and 6, or 3 in one
  parameter: care.
- Critical values, and a level of consciousness below alert: emergency.
- Limits of the care plan, or the default ones, always on top: care, medium; what somebody measured with a cuff or a
  clip and the next reading does not confirm: care, low. Of such measurements each local day has its own finding.
- Trends over local days, of weight and blood pressure (`detectors.vitals.trends`): care, medium.
- Far from the person's own median: care, low. Never more, for the usual may itself be ill.

`detectors.vitals.rules` says where each begins and how long it must last: so many readings on end, or a time in which
no reading says otherwise. Only a level of consciousness, which a person gives, is raised at once. An episode ends with
two readings that are well by a margin; one that goes on is raised again after a time, so that who closed the first
incident hears of it. Without readings nothing ends.

What is not believed, and for how long at most:

- pulse, saturation, respiration and temperature of a device that says it is not worn. What would be abnormal for
  UNWORN_LONGEST (12 h) on end is said, as low, with those words: a wear sensor may be stuck.
- pulse, saturation and respiration while the steps show walking, until five minutes after it; pulse and respiration for
  30 minutes at most, saturation for 10 (WALKING_HIDES).
- for NEWS2 and the personal median a jump that no body makes, until the next reading agrees, or 5 minutes (JUMP_WITHIN)
  after the last one believed.
- in trends the one odd day, until another one agrees.

Of two values of one metric at the same moment the lower counts. A moment is judged when all its rows are in, which is
when the first later row or tick comes. Units: those of `core.metrics`. Warm-up: none; for the personal median a week
and 40 hourly readings, for trends some measured days. What raises the severity: the aggregate and criticality; what
lowers it: nothing. Cost: a few dozen array operations a batch; Python only for people who have something beyond normal.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import msgspec
import numpy as np

from core.care import CareContext, CarePlan, DeviceKind, Resident
from core.clock import SECOND
from core.findings import Finding
from core.readings import NO_TIME, Bool, Float64, Int32, Int64, Intake, ReadingBatch
from detectors.local_time import local
from detectors.state import Column, Table, TableData, pack, unpack
from detectors.vitals import baseline, news2, rules, trends
from detectors.vitals.days import MEASURED_BY_DAY, Days
from detectors.vitals.episodes import NAME, VERSION, Episodes, Outcome, Run, outcome
from detectors.vitals.moments import moments
from detectors.vitals.rules import VITAL_IDS, VITALS, Rule
from detectors.vitals.wear import NEVER, WEAR_IDS, Wear, WearData

_WIDTH = len(VITALS)
_CONSCIOUSNESS = VITALS.index("consciousness")
_COLUMN = np.full(max(*VITAL_IDS, *WEAR_IDS) + 1, -1, np.int64)
_COLUMN[VITAL_IDS] = np.arange(_WIDTH)
_NEWS2_WIDTH = len(news2.PARAMETERS)
_DAILY = np.full(_WIDTH, -1, np.int64)
_DAILY[[VITALS.index(name) for name in MEASURED_BY_DAY]] = np.arange(len(MEASURED_BY_DAY))


@dataclass(frozen=True, slots=True)
class _Cells:
    """Readings to be judged, sorted by person: index into those judged; row and column of the table, and where that is
    in it flat; the reading.
    """

    person: Int64
    row: Int64
    column: Int64
    at: Int64
    value: Float64
    time: Int64
    device: Int64

    def take(self, mask: Bool) -> Self:
        if mask.all():
            return self
        return type(self)(*(getattr(self, f.name)[mask] for f in fields(self)))

    def of(self, person: int) -> range:
        """Which are those of one person."""
        first, last = np.searchsorted(self.person, [person, person + 1]).tolist()
        return range(first, last)

    def evidence(self, cell: int) -> dict[str, Any]:
        """What a finding tells of a reading."""
        return {
            "metric": VITALS[self.column[cell]],
            "value": float(self.value[cell]),
            "reading_time": int(self.time[cell]),
            "device": int(self.device[cell]),
        }


@dataclass(frozen=True, slots=True)
class _Trend:
    """How a rule's measurements changed: of each, index into the cells it was worked out for, and the change."""

    rule: Rule
    cell: Int64
    change: trends.Change


class _State(msgspec.Struct):
    people: TableData
    days: TableData
    wear: WearData
    runs: dict[int, dict[str, Run]]


class Vitals:
    """See the module's text."""

    name: ClassVar[str] = NAME
    version: ClassVar[int] = VERSION
    metrics: ClassVar[frozenset[int]] = frozenset({*VITAL_IDS.tolist(), *WEAR_IDS})
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
            # has runs; when the first of them is due if nothing refutes it
            open=Column("?", 0),
            due=Column("i8", NEVER),
        )
        self._days = Days()
        self._wear = Wear()
        self._runs: dict[int, dict[str, Run]] = {}
        # the limits in use, the default ones first, and which of them are each resident's
        self._low = self._high = np.empty((0, _WIDTH))
        self._limits_of: Int32 = np.empty(0, np.int32)
        self._scale_2: Bool = np.empty(0, np.bool_)
        self._spot: Bool = np.empty(0, np.bool_)
        self._residents: Mapping[int, Resident] = {}

    def configure(self, context: CareContext) -> None:
        """Take the limits and the saturation scale of each care plan."""
        self._people.align(context.residents)
        self._days.align(context.residents)
        self._wear.align(context)
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
        self._spot[self._wear.find(np.array(taken, np.int64))] = True
        self._keep_known()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the moments before these rows come to."""
        readings = intake.readings
        person = self._people.find(readings.resident)
        known = person >= 0
        if not known.all():
            readings, person = readings.take(known), person[known]
        findings: list[Finding] = []
        for who, step in moments(person, readings):
            first = np.concatenate(([True], who[1:] != who[:-1]))
            findings += self._advance(who[first], step.time[first])
            self._apply_vitals(who, step)
            self._wear.take_worn(step)
            self._people["pending"][self._wear.take_steps(who, step)] = True
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
        state = _State(self._people.dump(), self._days.dump(), self._wear.dump(), self._runs)
        return pack(self.name, self.version, state)

    def restore(self, snapshot: bytes) -> None:
        """Raises SnapshotError for one it can't read."""
        state = unpack(self.name, self.version, snapshot, _State)
        self._people.load(state.people)
        self._days.load(state.days)
        self._wear.load(state.wear)
        self._runs = state.runs
        self._keep_known()

    def _flat(self, name: str) -> Any:
        """A column of [people, 10] as one row: an index into it finds its place in half the time of two."""
        return self._people[name].reshape(-1)

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
        who, cell = who[take], cell[take]
        time, value, device = step.time[take], step.value[take], step.device[take]
        had, had_value, had_device = (self._flat(name)[cell] for name in ("time", "value", "device"))
        newer = time > had
        lower = (time == had) & ((value < had_value) | ((value == had_value) & (device < had_device)))
        self._flat("previous")[cell[newer]] = had_value[newer]
        put = newer | lower
        if not put.all():
            who, cell, time, value, device = who[put], cell[put], time[put], value[put], device[put]
        for name, data in (("value", value), ("time", time), ("device", device), ("new", True)):
            self._flat(name)[cell] = data
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
        self._flat("new")[new.at] = False
        walked = self._wear.walked(who, at)
        not_worn = rules.BY_WORN[column] & self._wear.off(new.device, new.time)
        unworn = new.take(not_worn)
        usable = new.take(~not_worn & (walked[person] > rules.WALKING_HIDES[column]))
        accepted = self._accept(usable)
        unusual = self._unusual(usable, accepted)
        daily = usable.take(_DAILY[usable.column] >= 0)
        changes = self._changes(daily)

        look = people["open"][who]
        look[usable.person[self._noteworthy(usable) | (unusual != 0)]] = True
        abnormal = self._noteworthy(unworn)
        look[unworn.person[abnormal]] = True
        for trend in changes:
            look[daily.person[trend.cell[trend.change.beyond]]] = True
        evaluated = self._to_score(usable.take(accepted & (usable.column < _NEWS2_WIDTH)), look)
        scored = self._score(who[evaluated], at[evaluated])
        place_scored = np.cumsum(evaluated) - 1
        look[evaluated] |= scored.risk > news2.Risk.LOW

        findings: list[Finding] = []
        if look.any():
            trends_of = _by_person(daily, changes, look)
            for i in np.flatnonzero(look).tolist():
                episodes = self._episodes(int(who[i]))
                hidden = walked[i] <= rules.WALKING_HIDES
                if hidden.any():
                    # Steps are often told of minutes after the walk began.
                    _forget_what_walking_explains(episodes, hidden, self._wear.walks_since(int(who[i])))
                for cell in usable.of(i):
                    findings += self._judge_reading(
                        episodes, usable, cell, float(unusual[cell]), accepted=bool(accepted[cell])
                    )
                for cell in unworn.of(i):
                    seen = Outcome.BEYOND if abnormal[cell] else Outcome.WELL
                    name = VITALS[unworn.column[cell]]
                    findings += episodes.follow(
                        rules.UNWORN_RULES[name], int(unworn.time[cell]), seen, unworn.evidence(cell)
                    )
                for trend, place in trends_of.get(i, ()):
                    findings += _judge_trend(episodes, daily, trend, place)
                if evaluated[i]:
                    findings += self._judge_news2(int(who[i]), episodes, int(at[i]), scored, int(place_scored[i]))
                self._settle(int(who[i]), episodes)
        self._learn(usable.take(accepted))
        return findings

    def _cells(self, person: Int64, row: Int64, column: Int64) -> _Cells:
        at = row * _WIDTH + column
        value, time, device = (self._flat(name)[at] for name in ("value", "time", "device"))
        return _Cells(person, row, column, at, value, time, device)

    def _accept(self, usable: _Cells) -> Bool:
        """Which of the values are believed; they are taken over."""
        at = usable.at
        just_before = self._flat("accepted_time")[at] >= usable.time - rules.JUMP_WITHIN
        jump = rules.JUMP[usable.column]
        far = np.abs(usable.value - self._flat("accepted")[at]) > jump
        confirmed = np.abs(usable.value - self._flat("previous")[at]) <= jump
        accepted = ~(just_before & far & ~confirmed)
        taken = usable.take(accepted)
        self._flat("accepted")[taken.at] = taken.value
        self._flat("accepted_time")[taken.at] = taken.time
        return np.asarray(accepted)

    def _noteworthy(self, usable: _Cells) -> Bool:
        """Which of the values break a limit, are critical, or a consciousness below alert."""
        value, column, row = usable.value, usable.column, usable.row
        if not len(row):
            return np.zeros(0, np.bool_)
        limits = self._limits_of[row]
        limit = (value <= self._low[limits, column]) | (value >= self._high[limits, column])
        scale = self._scale_2[row].astype(np.int64)
        critical = (value < rules.CRITICAL_LOW[scale, column]) | (value > rules.CRITICAL_HIGH[column])
        return np.asarray(limit | critical | ((column == _CONSCIOUSNESS) & (value > 0)))

    def _to_score(self, believed: _Cells, look: Bool) -> Bool:
        """Whose NEWS2 may tell something: who is looked at anyway, or has a new value with points. A new value without
        any makes no score worse.
        """
        new, points = np.zeros(len(look), np.bool_), np.zeros(len(look), np.bool_)
        new[believed.person] = True
        telling = (news2.points_of(believed.column, believed.value) > 0) | self._scale_2[believed.row]
        points[believed.person[telling]] = True
        return np.asarray(new & (look | points))

    def _score(self, who: Int64, at: Int64) -> news2.Score:
        people = self._people
        fresh = people["accepted_time"][who, :_NEWS2_WIDTH] >= at[:, None] - rules.FRESH[:_NEWS2_WIDTH]
        values = np.where(fresh, people["accepted"][who, :_NEWS2_WIDTH], np.nan)
        return news2.score(values, self._scale_2[who])

    def _unusual(self, usable: _Cells, accepted: Bool) -> Float64:
        """By how much each value is from the person's usual, 0 where it is not."""
        away = np.zeros(len(usable.row))
        wanted = accepted & ~np.isnan(rules.DEVIATION_FLOOR[usable.column])
        cells = usable.take(wanted)
        median, deviation, learnt, since = (
            self._flat(name)[cells.at] for name in ("median", "deviation", "learnt", "learnt_since")
        )
        floor = rules.DEVIATION_FLOOR[cells.column]
        far = baseline.unusual(cells.value, median, deviation, learnt, since, cells.time, floor)
        away[wanted] = np.where(rules.ONLY_LOW[cells.column], np.minimum(far, 0.0), far)
        return away

    def _changes(self, daily: _Cells) -> list[_Trend]:
        """Take in what is measured by day, and say how it changed."""
        if not len(daily.row):
            return []
        which = _DAILY[daily.column]
        days, again = self._days.take(daily.row, which, self._local(daily), daily.value)
        changes: list[_Trend] = []
        for place, name in enumerate(MEASURED_BY_DAY):
            cell = np.flatnonzero(which == place)
            if not len(cell):
                continue
            if name in rules.DRIFT_RULES:
                changes.append(_Trend(rules.DRIFT_RULES[name], cell, trends.drift(days[cell], trends.DRIFT[name])))
            else:
                changes.append(_Trend(rules.WEIGHT_GAIN, cell, trends.weight_gain(days[cell], again[cell])))
                changes.append(_Trend(rules.WEIGHT_LOSS, cell, trends.weight_loss(days[cell])))
        return changes

    def _local(self, cells: _Cells) -> Int64:
        """The times as micros of each resident's local time."""
        zones = [self._residents[resident].plan.timezone for resident in self._people.ids[cells.row].tolist()]
        distinct = sorted(set(zones))
        if len(distinct) == 1:
            return local(distinct[0], cells.time)
        zone, time = np.array(zones), cells.time.copy()
        for name in distinct:
            time[zone == name] = local(name, cells.time[zone == name])
        return time

    def _learn(self, believed: _Cells) -> None:
        due = baseline.to_learn(self._flat("learnt_at")[believed.at], believed.time)
        cells = believed.take(due & ~np.isnan(rules.DEVIATION_FLOOR[believed.column]))
        median, deviation, learnt = (self._flat(name) for name in ("median", "deviation", "learnt"))
        at = cells.at
        median[at], deviation[at], learnt[at] = baseline.learn(
            median[at], deviation[at], learnt[at], cells.value, rules.DEVIATION_FLOOR[cells.column]
        )
        first = learnt[at] == 1
        self._flat("learnt_since")[at[first]] = cells.time[first]
        self._flat("learnt_at")[at] = cells.time

    # one person who has something beyond normal

    def _judge_reading(
        self, episodes: Episodes, cells: _Cells, cell: int, unusual: float, *, accepted: bool
    ) -> Iterator[Finding]:
        row, column = int(cells.row[cell]), int(cells.column[cell])
        name, value, time = VITALS[column], float(cells.value[cell]), int(cells.time[cell])
        evidence = cells.evidence(cell)
        if column == _CONSCIOUSNESS:
            for rule, holds in ((rules.UNRESPONSIVE, value >= 3), (rules.CONFUSED, 0 < value < 3)):
                seen = Outcome.BEYOND if holds else Outcome.WELL if value == 0 else Outcome.BETWEEN
                yield from episodes.follow(rule, time, seen, evidence | {"level": int(value)})
            return
        if name in rules.UNWORN_RULES:
            yield from episodes.follow(rules.UNWORN_RULES[name], time, Outcome.WELL, evidence)
        margin = float(rules.RECOVERY[column])
        critical = rules.CRITICAL_LOW[int(self._scale_2[row]), column], rules.CRITICAL_HIGH[column]
        which = self._limits_of[row]
        limit = self._low[which, column], self._high[which, column]
        limits = rules.SPOT_RULES if self._taken_on_purpose(name, evidence["device"]) else rules.LIMIT_RULES
        for table, bounds, strict in ((rules.CRITICAL_RULES, critical, True), (limits, limit, False)):
            for side, bound, sign in (("low", float(bounds[0]), 1), ("high", float(bounds[1]), -1)):
                named = table.get((side, name))
                if named is not None and np.isfinite(bound):
                    seen = outcome(sign * (value - bound), margin, strict=strict)
                    yield from episodes.follow(named, time, seen, evidence | {"limit": bound})
        if accepted and name in rules.BASELINE_RULES:
            usual = float(self._people["median"][row, column])
            yield from episodes.follow(
                rules.BASELINE_RULES[name], time, Outcome.BEYOND if unusual else Outcome.WELL,
                evidence | {"usual": round(usual, 1), "deviations": round(unusual, 1)},
            )  # fmt: skip

    def _judge_news2(self, row: int, episodes: Episodes, at: int, scored: news2.Score, index: int) -> Iterator[Finding]:
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
            run = episodes.runs.get(rule.name)
            if worst >= threshold:
                seen = Outcome.BEYOND
            elif run is not None and worst <= threshold - 2 and all(points[p] != news2.UNKNOWN for p in run.parts):
                seen = Outcome.WELL
            else:
                # What made the score may just have grown stale: that is no recovery.
                seen = Outcome.BETWEEN
            yield from episodes.follow(rule, at, seen, evidence)
            run = episodes.runs.get(rule.name)
            if run is not None and seen is Outcome.BEYOND:
                run.parts = [index for index, p in enumerate(points) if p > 0]

    def _taken_on_purpose(self, name: str, device: int) -> bool:
        if ("low", name) not in rules.LIMIT_RULES:
            return True
        row = int(self._wear.find(np.array([device]))[0])
        return row >= 0 and bool(self._spot[row])

    def _episodes(self, row: int) -> Episodes:
        resident = int(self._people.ids[row])
        return Episodes(resident, self._residents[resident].plan.timezone, self._runs.setdefault(resident, {}))

    def _come_due(self, row: int, reached: int) -> list[Finding]:
        episodes = self._episodes(row)
        findings = episodes.come_due(reached)
        self._settle(row, episodes)
        return findings

    def _settle(self, row: int, episodes: Episodes) -> None:
        """Bring the columns that tell whether and when to look at the person in line with the runs."""
        if not episodes.runs:
            del self._runs[episodes.resident]
        self._people["open"][row] = bool(episodes.runs)
        due = episodes.due()
        self._people["due"][row] = NEVER if due is None else due


def _rarely(interval: int) -> bool:
    """Whether a device with this interval (seconds) is one that somebody takes up to measure."""
    return not 0 < interval * SECOND < rules.SPOT_INTERVAL


def _by_person(daily: _Cells, changes: Sequence[_Trend], look: Bool) -> dict[int, list[tuple[_Trend, int]]]:
    """Of each person that is looked at: the trends, with the place of theirs in `cell` and `change`."""
    found: dict[int, list[tuple[_Trend, int]]] = {}
    for trend in changes:
        person = daily.person[trend.cell]
        for place in np.flatnonzero(look[person]).tolist():
            found.setdefault(int(person[place]), []).append((trend, place))
    return found


def _judge_trend(episodes: Episodes, daily: _Cells, trend: _Trend, place: int) -> Iterator[Finding]:
    """Well is who has come back by half of what was raised; what is the usual moves, so only that is a way back."""
    cell, change, rule = int(trend.cell[place]), trend.change, trend.rule
    level, before = float(change.level[place]), float(change.before[place])
    run = episodes.runs.get(rule.name)
    seen = Outcome.BETWEEN
    if change.beyond[place]:
        seen = Outcome.BEYOND
    elif run is not None and not np.isnan(level):
        back_to, rise = run.evidence["before"], run.evidence["value"] - run.evidence["before"]
        seen = Outcome.WELL if (level - back_to) / rise <= 0.5 else Outcome.BETWEEN
    if seen is Outcome.BEYOND:
        evidence = daily.evidence(cell) | {
            "value": round(level, 1),
            "before": round(before, 1),
            "change": round(abs(level - before), 1),
            "percent": round(100 * abs(level - before) / before, 1),
            "direction": "up" if level > before else "down",
            "days": int(change.since[place]),
            "implausible": trends.implausible(level, before, int(change.since[place])),
        }
    else:
        evidence = daily.evidence(cell) | {"value": round(level, 1)}
    yield from episodes.follow(rule, int(daily.time[cell]), seen, evidence)


def _forget_what_walking_explains(episodes: Episodes, hidden: Bool, since: int) -> None:
    names = {VITALS[column] for column in np.flatnonzero(hidden)}
    episodes.forget(since, names, [index for index, name in enumerate(news2.PARAMETERS) if name in names])
