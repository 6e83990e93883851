"""Figures as words: rows of a table, JSON, and the model card."""

from collections.abc import Mapping, Sequence

import msgspec

from detectors.evaluation.fall_figures import Figures, Interval
from detectors.fall.features import CANDIDATE_G
from detectors.fall.model import FallModel

PROTOCOL = (
    "Protocol: per trial, found where any impact of it reaches the threshold; model and threshold are frozen on "
    "subjects that the test does not have, unless a row says otherwise."
)
LIMITS = (
    "All falls here are acted, nearly all by young people; the older adults did daily activities only. Real falls of "
    "old people differ, and fewer of them will be found."
)
UNKNOWN = (
    "The falls that the shipped detector was trained on are acted, nearly all by young people; the older adults there "
    "did daily activities only. Whether those of {names} are, no file says. Real falls of old people differ, and fewer "
    "of them will be found."
)
COLUMNS = (
    "recordings",
    "row",
    "falls",
    "other",
    "sens.",
    "spec.",
    "worst sens.",
    "older spec.",
    "AUC",
    "Brier",
    "ECE",
    "alarms/h",
    "older/h",
    "s, p90",
    "at p",
)
LEGEND = (
    "other: daily activities. In brackets: 95 % intervals by bootstrap over subjects (2,000 draws, seeded), which say "
    "nothing where all are right. worst sens.: the subject whose falls are found least. older: older adults' daily "
    "activities. Brier, ECE: of the greatest probability of a trial, for even odds of a fall and a daily activity. "
    "alarms/h: false ones an hour. s, p90: seconds from the impact to the detector's finding, median and 90th "
    "percentile; a stream that ends sooner than 5 s after the impact is judged 20 s after that. at p: the threshold "
    "(the median where each subject left out has its own)."
)


class Report(msgspec.Struct, frozen=True):
    """What `kanhu evaluate fall --json` prints. command: that made it."""

    protocol: str
    limits: str
    command: str
    rows: list[Figures]


def report(rows: Sequence[Figures], command: str, unknown: Sequence[str] = ()) -> Report:
    """The figures with what they rest on. unknown: names of recordings that the shipped detector never saw."""
    limits = UNKNOWN.format(names=", ".join(unknown)) if unknown else LIMITS
    return Report(PROTOCOL, limits, command, list(rows))


def protocols(rows: Sequence[Figures]) -> dict[str, str]:
    """A letter for each protocol, in the order of the rows."""
    return {protocol: chr(ord("A") + n) for n, protocol in enumerate(dict.fromkeys(row.protocol for row in rows))}


def cells(row: Figures, letters: Mapping[str, str]) -> tuple[str, ...]:
    """One row of the table, in the order of COLUMNS. letters: from `protocols`."""
    worst = "–" if row.worst_sensitivity is None else f"{row.worst_sensitivity:.2f} ({row.worst_subject})"
    seconds = "–" if row.seconds_median is None else f"{row.seconds_median:.1f}, {row.seconds_p90:.1f}"
    return (
        row.recordings,
        letters[row.protocol],
        str(row.falls),
        str(row.activities),
        _within(row.sensitivity, row.sensitivity_interval),
        _within(row.specificity, row.specificity_interval),
        worst,
        _within(row.older_specificity, row.older_specificity_interval),
        _share(row.auc),
        _share(row.brier),
        _share(row.ece),
        _within(row.alarms_per_hour, row.alarms_interval, 1),
        _within(row.older_alarms_per_hour, row.older_alarms_interval, 1),
        seconds,
        _share(row.threshold, 2),
    )


def calibration(rows: Sequence[Figures], letters: Mapping[str, str]) -> list[str]:
    """One line for each row: of trials in each tenth of the probability, what was said and how many were falls."""
    lines = []
    for row in rows:
        bins = ", ".join(f"{b.said:.2f} → {b.falls:.2f} ({b.trials})" for b in row.bins)
        lines.append(f"{row.recordings} {letters[row.protocol]}: {bins}")
    return lines


def card(rows: Sequence[Figures], command: str, model: FallModel, sets: Sequence[tuple[str, int, int, int]]) -> str:
    """The model card. sets: of each training set its name, subjects, falls and daily activities."""
    letters = protocols(rows)
    table = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    table += ["| " + " | ".join(cells(row, letters)) + " |" for row in rows]
    rows_mean = [f"- {letter}: {protocol}" for protocol, letter in letters.items()]
    data = [
        f"- `{name}`: {subjects} subjects, {falls} falls, {others} daily activities"
        for name, subjects, falls, others in sets
    ]
    newline = "\n"
    return f"""# Model card: fall

Tells from the acceleration around an impact whether it was a fall. Version `{model.version}`, operating point
{model.threshold:.2f}. Written by `{command}`, which makes the same model from the same recordings and libraries, bit
for bit; no figure here is written by hand.

## What it is

Gradient-boosted trees (scikit-learn) over {len(model.names)} features of a window of 3 s before and 5 s after an impact
of {CANDIDATE_G} g or more, stored as ONNX. The features depend on neither the orientation nor the rate of the device.
Its probability is one for even odds of a fall and a daily activity: it ranks, it is not the chance in a real home.

## Data

{newline.join(data)}

WEDA-FALL: wrist; Marques and Moreno, Sensors 23:1146, 2023. SisFall: waist; Sucerquia et al., Sensors 17:198, 2017.
Trained on the trials as recorded, twice more as devices of 15 to 50 Hz would have sampled them, scaled by up to 10 %,
in windows cut short at random, and twice more as crude devices would have: that clip at 2 to 16 g, round to up to
32 mg, are off by some 25 mg an axis, are noisy, and sample moments in place of means. At most four impacts of a daily
activity are trained on. The wrist set weighs three times as much as the waist set.

## Figures

{PROTOCOL}

{newline.join(table)}

Rows (`kanhu evaluate fall` adds one subject left out at a time, and each set trained, another tested):

{newline.join(rows_mean)}

{LEGEND}

## Limits

{LIMITS}

The kind of trees, their settings, the weight of the wrist set, the crude devices and the cap of four impacts were
chosen among about forty tried, with cross-validated figures of these same subjects in sight: thresholds are frozen
before each test, but the rows are optimistic by what that choice gives. So was the rule for the threshold: the highest
within 0.001 of the best, for the sake of older adults' daily activities. Only people whom nobody has trained or chosen
on can tell.

Measured on laboratory activities, so false alarms an hour say little about a day at home.
Positions other than wrist and waist were not tried; a model trained on one position alone does worse on the other, as
`kanhu evaluate fall` shows. Falls whose impact stays below {CANDIDATE_G} g are not looked at. A device's own fall flag
is always raised beside it.
"""


def _share(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _within(value: float | None, interval: Interval | None, digits: int = 3) -> str:
    if interval is None:
        return _share(value, digits)
    low, high = interval
    return f"{_share(value, digits)} ({low:.{min(digits, 2)}f}–{high:.{min(digits, 2)}f})"
