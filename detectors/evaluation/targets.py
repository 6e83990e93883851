"""The figures that the detectors should reach on the developers' recordings, and what evaluations measured of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detectors.evaluation import cost, fall_report, inactivity_report, vital_report

Report = fall_report.Report | inactivity_report.Report | vital_report.Report | cost.Report

ONE_LEFT_OUT = "one subject left out at a time"
"""How the protocol of rows begins in which no subject is tested by a model that has seen him."""
TRAINED_ELSEWHERE = "trained on "
"""How the protocol of rows begins in which a model of one set is tested on another."""
WRIST, WAIST = "weda", "sisfall"
"""How the names of the recordings begin."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What one figure should reach. least None: it is only to be shown. at_most: less is better."""

    name: str
    least: float | None = None
    aim: float | None = None
    at_most: bool = False
    digits: int = 3

    def reaches(self, value: float, bound: float | None) -> bool:
        """Whether the value is as good as the bound; always where there is none."""
        return bound is None or (value <= bound if self.at_most else value >= bound)

    def words(self, bound: float | None) -> str:
        """The bound as it stands in the table."""
        return "–" if bound is None else f"{self.name} {'≤' if self.at_most else '≥'} {bound:g}"


SENSITIVITY, SPECIFICITY = "sensitivity", "specificity"
WRIST_TRIALS = (Bound(SENSITIVITY, 0.95, 0.97), Bound(SPECIFICITY, 0.95, 0.98))
WRIST_OLDER = (Bound(SPECIFICITY, 0.98, 1.0),)
WRIST_WORST = (Bound(SENSITIVITY, 0.75, 0.90),)
WRIST_OLDER_ALARMS = (Bound("alarms/h", 4, 1, at_most=True, digits=1),)
WAIST_TRIALS = (Bound(SENSITIVITY, 0.99, 0.998), Bound(SPECIFICITY, 0.99, 0.998))
OTHER_POSITION = (Bound(SENSITIVITY), Bound(SPECIFICITY))
INACTIVITY = (
    Bound("false alerts/home-day", 0.09, 0.05, at_most=True),
    Bound("mean h", 6, 5, at_most=True, digits=1),
)
VITALS = {
    "blood pressure": (Bound(SENSITIVITY, 0.92, 0.92), Bound(SPECIFICITY, 0.97, 0.97)),
    "heart rate": (Bound(SENSITIVITY, 0.95, 0.95), Bound(SPECIFICITY, 0.98, 0.98)),
}
OBSERVE = (Bound("ms", 20, 5, at_most=True, digits=1),)
TICK = (Bound("ms", 200, 50, at_most=True, digits=1),)
MEMORY = (Bound("B a resident", None, 4096, at_most=True, digits=0),)

COLUMNS = ("what", "row", "at least", "aim", "measured", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary. row: which row of the evaluation's table it is. values: one for each bound."""

    what: str
    row: str
    bounds: tuple[Bound, ...]
    values: tuple[float | None, ...]

    def cells(self) -> tuple[str, ...]:
        """In the order of COLUMNS."""
        measured = (
            f"{bound.name} –" if value is None else f"{bound.name} {value:,.{bound.digits}f}"
            for bound, value in zip(self.bounds, self.values, strict=True)
        )
        return (
            self.what,
            self.row,
            ", ".join(bound.words(bound.least) for bound in self.bounds),
            ", ".join(bound.words(bound.aim) for bound in self.bounds),
            ", ".join(measured),
            self.verdict,
        )

    @property
    def verdict(self) -> str:
        """Whether the figures reach what they should."""
        if any(value is None for value in self.values):
            return "not measured"
        pairs = [(b, v) for b, v in zip(self.bounds, self.values, strict=True) if v is not None]
        if all(bound.aim is None for bound in self.bounds):
            return "shown"
        if all(bound.reaches(value, bound.aim) for bound, value in pairs):
            return "**aim**"
        if all(bound.reaches(value, bound.least) for bound, value in pairs):
            return "at least"
        return "**below**"


def summary(reports: Iterable[Report]) -> list[Line]:
    """A line for each figure that there is a target for and that the reports hold, in their order."""
    lines: list[Line] = []
    for report in reports:
        match report:
            case fall_report.Report():
                lines += _falls(report)
            case inactivity_report.Report():
                lines += _inactivity(report)
            case vital_report.Report():
                lines += _vitals(report)
            case cost.Report():
                lines += _costs(report)
    return lines


def _falls(report: fall_report.Report) -> list[Line]:
    lines = []
    for row in report.rows:
        trial = (row.sensitivity, row.specificity)
        if row.protocol.startswith(ONE_LEFT_OUT) and row.recordings.startswith(WRIST):
            lines += [
                Line("falls, wrist, per trial", ONE_LEFT_OUT, WRIST_TRIALS, trial),
                Line("… older adults' daily activities", ONE_LEFT_OUT, WRIST_OLDER, (row.older_specificity,)),
                Line("… the subject found least", ONE_LEFT_OUT, WRIST_WORST, (row.worst_sensitivity,)),
                Line("… older adults' alarms", ONE_LEFT_OUT, WRIST_OLDER_ALARMS, (row.older_alarms_per_hour,)),
            ]
        elif row.protocol.startswith(ONE_LEFT_OUT) and row.recordings.startswith(WAIST):
            lines.append(Line("falls, waist, per trial", ONE_LEFT_OUT, WAIST_TRIALS, trial))
        elif row.protocol.startswith(TRAINED_ELSEWHERE):
            lines.append(Line(f"falls, tested on {row.recordings}", row.protocol, OTHER_POSITION, trial))
    return lines


def _inactivity(report: inactivity_report.Report) -> list[Line]:
    return [
        Line("inactivity", f"{row.recordings}: {row.row}", INACTIVITY, (row.false_alerts.value, row.delay_mean.value))
        for row in report.rows
        if row.row.startswith(("as shipped", "point chosen"))
    ]


def _vitals(report: vital_report.Report) -> list[Line]:
    return [
        Line(row.vital, f"{row.what}, by {row.dating}", VITALS[row.vital], (row.sensitivity, row.specificity))
        for row in report.rows
        if row.vital in VITALS and row.what.startswith("detector")
    ]


def _costs(report: cost.Report) -> list[Line]:
    every: Sequence[cost.Cost] = [row for row in report.rows if row.detector == cost.ALL]
    return [
        line
        for row in every
        for line in (
            Line(f"observe a mixed batch of {report.readings:,}", row.detector, OBSERVE, (row.observe.ms,)),
            Line(
                f"tick over {report.residents:,} residents",
                row.detector,
                TICK,
                (None if row.tick is None else row.tick.ms,),
            ),
            Line("memory", row.detector, MEMORY, (row.memory_bytes,)),
        )
    ]
