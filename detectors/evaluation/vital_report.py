"""What `kanhu evaluate vitals` measures, and its figures as words."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from core.care import Limits
from core.findings import Queue
from detectors.evaluation.vital_figures import (
    CANDIDATES,
    REFERENCE,
    Dating,
    Figures,
    chosen_without,
    figures,
    found_by,
    others_to_choose_on,
    outside,
    patient_days,
)
from detectors.evaluation.vital_recordings import LABELLED_AS, VitalRecordings, days, run

PROTOCOL = (
    "Protocol: patient-days (home and local calendar day with at least one measurement of the vital sign) against a "
    "clinical team's labels; found where the detector, fed with all measurements in the order of their times, raises a "
    "finding of that day that names the vital sign, whatever the rule or queue; 95 % intervals: bootstrap over homes, "
    "exact binomial over homes where each home has all or none."
)
DATINGS: Mapping[Dating, str] = {
    Dating.CALENDAR: "a label belongs to the day of its own date",
    Dating.MEASUREMENT: (
        "a label belongs to the day of the last measurement before it, with the labels' clock put forward by an hour "
        "(that of TIHM is so far behind), for measurements of an evening are often labelled the next morning"
    ),
}
LIMITS = (
    "The labels are what a team that saw the same measurements chose to act on, so they reward its own limits. Which "
    "limits a row has: 'detector', the defaults: those of blood pressure and heart rate were chosen with all homes of "
    "the TIHM recordings in sight and are optimistic there; those of temperature and weight are published ones; those "
    "of drifts rest on published variation, and how often they speak was seen on these recordings, which have no label "
    "for it. 'detector, limits of other homes': each home is tested with limits chosen on all others. 'plain "
    "thresholds': as given with the recordings, whose authors had all homes. The team's weight labels mostly follow a "
    "jump of one day, which the detector sets aside until it comes again: another person may have been on the scale."
)
COLUMNS = ("vital sign", "row", "by", "days", "labelled", "sens.", "95 %", "spec.", "95 %", "emergency")
LEGEND = (
    "labelled: patient-days with a label (+ labelled days without a measurement, which count nowhere). emergency: "
    "share of patient-days on which the vital sign is an emergency finding."
)

Step = Callable[[str, int], Callable[[], None]]


class Report(msgspec.Struct, frozen=True):
    """What `kanhu evaluate vitals --json` prints. command: that made it. left_out: measurements by device type."""

    protocol: str
    datings: dict[str, str]
    limits: str
    command: str
    recordings: str
    left_out: dict[str, int]
    rows: list[Figures]


def measure(recordings: VitalRecordings, command: str, step: Step) -> Report:
    """All rows: the detector as shipped, with limits of other homes, and the plain thresholds."""
    labels = [label for label in LABELLED_AS if (recordings.label_type == label).any()]
    labels = [label for label in labels if len(patient_days(recordings, label, Dating.CALENDAR).day)]
    shipped = run(recordings, None, step("detector as shipped", days(recordings)))
    rows: list[Figures] = []
    for dating in Dating:
        chosen = {
            label: chosen_without(recordings, label, dating)
            for label in labels
            if all(name in CANDIDATES for name in LABELLED_AS[label][1])
            and others_to_choose_on(patient_days(recordings, label, dating))
        }
        merged: list[dict[str, Limits]] = [{} for _ in recordings.homes]
        for of_homes in chosen.values():
            for home, given in zip(merged, of_homes, strict=True):
                home.update(given)
        fitted = run(recordings, merged, step(f"limits of other homes, by {dating}", days(recordings)))
        for label in labels:
            of = patient_days(recordings, label, dating)
            for what, findings in (("detector", shipped), ("detector, limits of other homes", fitted)):
                if findings is fitted and label not in chosen:
                    continue
                said = of.marked(*found_by(findings, label))
                emergencies = of.marked(*found_by(findings, label, Queue.EMERGENCY))
                in_force = chosen[label] if findings is fitted else None
                rows.append(figures(of, said, what, dating, emergencies, in_force))
            if of.vital in REFERENCE:
                plain = REFERENCE[of.vital]
                said = of.marked(*outside(recordings, plain))
                rows.append(figures(of, said, "plain thresholds", dating, limits=[plain]))
    return Report(
        PROTOCOL, {str(dating): words for dating, words in DATINGS.items()}, LIMITS, command, recordings.name,
        dict(recordings.left_out), rows,
    )  # fmt: skip


def cells(row: Figures) -> tuple[str, ...]:
    """One row of the table, in the order of COLUMNS."""
    apart = f" (+ {row.labelled_without_measurement})" if row.labelled_without_measurement else ""
    return (
        row.vital, row.what, str(row.dating), f"{row.days:,}", f"{row.labelled}{apart}", _share(row.sensitivity),
        _interval(row.sensitivity_interval), _share(row.specificity), _interval(row.specificity_interval),
        _share(row.emergency_days),
    )  # fmt: skip


def limits_in_words(rows: Sequence[Figures]) -> list[str]:
    """Which limits the rows rest on, one a line; where homes have several, all of them."""
    return [f"{row.vital}, {row.what}, by {row.dating}: {row.limits}" for row in rows if row.limits is not None]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(value: tuple[float, float] | None) -> str:
    return "–" if value is None else f"{value[0]:.3f}–{value[1]:.3f}"
