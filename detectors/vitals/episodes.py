"""How a finding begins, goes on and ends: for one person, the consecutive readings beyond each rule."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

import msgspec

from core.clock import DAY
from core.findings import Finding, Kind, Severity
from detectors.local_time import offset
from detectors.vitals.rules import RULES, Rule

NAME = "vitals"
VERSION = 3


class Outcome(Enum):
    """How a reading stands to a rule. BETWEEN: not beyond, but not well by the margin either, or nobody can say."""

    BEYOND = auto()
    BETWEEN = auto()
    WELL = auto()


def outcome(within: float, margin: float, *, strict: bool) -> Outcome:
    """How a value stands to a bound. within: how far inside it is; strict: the bound itself is inside."""
    if within < 0 or (within == 0 and not strict):
        return Outcome.BEYOND
    return Outcome.WELL if within >= margin else Outcome.BETWEEN


class Run(msgspec.Struct):
    """Consecutive readings beyond one rule. since, last: of the first and the newest, micros.

    evidence: of the newest. parts: NEWS2 parameters (by the chart's order) that had points in the newest.
    well, well_since: readings on end that were well, and since when.
    renews: what was raised before and this one will take the place of, once it is raised itself.
    """

    since: int
    last: int
    count: int = 0
    raised: bool = False
    well: int = 0
    well_since: int = 0
    evidence: dict[str, Any] = {}
    parts: list[int] = []
    renews: "Run | None" = None


@dataclass(frozen=True, slots=True)
class Episodes:
    """All runs of one resident, by rule name. zone: of the care plan, whose midnight ends a day."""

    resident: int
    zone: str
    runs: dict[str, Run]

    def follow(self, rule: Rule, time: int, seen: Outcome, evidence: dict[str, Any]) -> Iterator[Finding]:
        """One more reading for a rule. time: micros of the reading."""
        runs = self.runs
        run = runs.get(rule.name)
        if seen is Outcome.BEYOND:
            if run is not None and not run.raised and rule.renew is None and self._another_day(run.since, time):
                # A reading from before midnight that this one confirms.
                yield from self._raise(rule)
            if run is None or self._renews(rule, run, time):
                run = runs[rule.name] = Run(since=time, last=time, renews=run if run and run.raised else None)
            run.count, run.last, run.well, run.evidence = run.count + 1, time, 0, evidence
            if run.count >= rule.count and time - run.since >= rule.lasting:
                yield from self._raise(rule)
            return
        if run is not None and not run.raised and (seen is Outcome.WELL or not rule.by_margin):
            if rule.refuted is not None:
                once = self._finding(rule, run.since, run.since, run.evidence, over=False)
                yield replace(once, severity=Severity.LOW, reason=rule.refuted)
            run = self._withdraw(rule.name)
        if run is None or not run.raised:
            return
        if seen is Outcome.BETWEEN:
            run.well = 0
        else:
            run.well, run.well_since = run.well + 1, time if run.well == 0 else run.well_since
            if run.well >= 2 and time - run.well_since >= rule.recover:
                del runs[rule.name]
                yield self._finding(rule, run.since, time, evidence, over=True)

    def come_due(self, reached: int) -> list[Finding]:
        """Raise what has lasted, unrefuted, before `reached` (micros): a row of just then may still refute it."""
        findings: list[Finding] = []
        for rule, due in self._waiting():
            if due < reached:
                findings += self._raise(rule)
        return findings

    def due(self) -> int | None:
        """When the first of what waits is raised if nothing refutes it, micros."""
        return min((due for _, due in self._waiting()), default=None)

    def forget(self, since: int, names: Iterable[str], parts: Iterable[int]) -> None:
        """Take back what was counted since then (micros) of these metrics, or of a NEWS2 score with points for these
        parameters, and is not raised yet: something heard of later explains it.
        """
        metrics, explained_parts = frozenset(names), frozenset(parts)
        for name, run in list(self.runs.items()):
            explained = bool(explained_parts.intersection(run.parts)) or name.partition(":")[2] in metrics
            if explained and not run.raised and run.last >= since:
                self._withdraw(name)

    def _withdraw(self, name: str) -> Run | None:
        """Take back a run that is not raised: what it would have renewed goes on."""
        run = self.runs.pop(name)
        if run.renews is not None:
            self.runs[name] = run.renews
        return run.renews

    def _raise(self, rule: Rule) -> Iterator[Finding]:
        run = self.runs[rule.name]
        if not run.raised and not self._outranked(rule):
            run.raised, run.renews = True, None
            yield self._finding(rule, run.since, run.since, run.evidence, over=False)

    def _renews(self, rule: Rule, run: Run, time: int) -> bool:
        """Whether a reading begins a new run in place of this one."""
        if not run.raised:
            return time - run.last > rule.gap
        return self._another_day(run.since, time) if rule.renew is None else time - run.since >= rule.renew

    def _another_day(self, first: int, second: int) -> bool:
        """Whether two moments (micros) fall on different local days of the resident."""
        return (first + offset(self.zone, first)) // DAY != (second + offset(self.zone, second)) // DAY

    def _outranked(self, rule: Rule) -> bool:
        return any(name in self.runs and self.runs[name].raised for name in rule.outranked_by)

    def _waiting(self) -> list[tuple[Rule, int]]:
        """The rules that will be raised if nothing refutes them, with when, the urgent ones first."""
        return [
            (rule, self.runs[rule.name].since + rule.unrefuted)
            for rule in RULES.values()
            if rule.unrefuted is not None
            and rule.name in self.runs
            and not self.runs[rule.name].raised
            and not self._outranked(rule)
        ]

    def _finding(self, rule: Rule, since: int, time: int, evidence: dict[str, Any], *, over: bool) -> Finding:
        return Finding(
            kind=Kind.VITALS,
            queue=rule.queue,
            severity=rule.severity,
            resident=self.resident,
            device=0,
            time=time,
            detector=NAME,
            version=VERSION,
            episode=f"{rule.name}:{since}",
            reason=rule.reason + "-over" if over else rule.reason,
            evidence=evidence | {"rule": rule.name, "since": since},
            clears=over,
        )
