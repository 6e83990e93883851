"""`kanhu evaluate inactivity`: rows measured by one protocol, and the words that go with them."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from detectors.evaluation import inactivity_protocol as protocol
from detectors.evaluation.inactivity_figures import RESAMPLES, Figure, Figures, choose, chosen_on_the_others, figures
from detectors.evaluation.inactivity_homes import Homes
from detectors.inactivity import SURVIVAL

BUDGET = 0.075
"""False alerts a home-day that the operating point may give on the homes that choose it."""

POINTS = (1e-2, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4, 5e-5, 2e-5, 1e-5, 5e-6, 2e-6, 1e-6)
"""Operating points to choose from, as `survival` of the detector."""

COLUMNS = ("recordings", "row", "homes", "days", "false alerts/home-day", "mean h", "median h", "within 12 h")
LEGEND = (
    "false alerts/home-day: on the uncut streams. mean h, median h: hours from the cut to the finding. In brackets: "
    f"95 % intervals by bootstrap over homes ({RESAMPLES} times). Silences are real, what happened in them is not "
    "known: a cut is a silence that begins at an ordinary moment, not a recorded emergency. The detector's weights and "
    "the better of two guessed priors were settled with all homes of tihm_activity_dev in sight; only the operating "
    "point is left to other homes."
)


class Report(msgspec.Struct, frozen=True):
    """What `kanhu evaluate inactivity --json` prints. chosen: the operating point that all homes of a file choose."""

    protocol: str
    limits: str
    command: str
    rows: list[Figures]
    chosen: dict[str, float]


def describe(cuts: int, seed: int) -> str:
    """The protocol in a sentence or two."""
    return (
        "Protocol: every home played from its first event to the detector itself, which learns it online from its own "
        "past alone, beginning with one prior for all; false alerts on the uncut stream, silences over "
        f"{protocol.SET_ASIDE_H:.0f} h set aside; "
        f"delay from {cuts} random events a home (seed {seed}), each the last one before silence. "
        "One resident a home. "
        f"Operating point: of {len(POINTS)} values of `survival`, the one with the shortest mean delay of those with "
        f"at most {BUDGET:g} false alerts a home-day on the homes that choose, the fewest false alerts where none has."
    )


def measure(homes: Homes, cuts: int, seed: int, advance: Callable[[], None]) -> tuple[list[Figures], float]:
    """The rows of one file, and the operating point that all its homes choose. `advance`: after each part of `cuts`.

    Homes of which no time is recorded (one event, or all of them far apart) are left out.
    """
    points = sorted({SURVIVAL, *POINTS}, reverse=True)

    def recorded(of: Sequence[protocol.Silences]) -> list[protocol.Silences]:
        return [silences for silences in of if silences.days > 0]

    silences = recorded(protocol.through_the_detector(homes, points, cuts, seed, advance))
    count = len(silences)

    def row(name: str, of: Sequence[protocol.Silences], chosen: Sequence[int]) -> Figures:
        return figures(homes.name, name, recorded(of), np.asarray(chosen, np.int64), seed)

    rows = [row(f"as shipped, survival {SURVIVAL:.2g}", silences, [points.index(SURVIVAL)] * count)]
    if count > 1:
        others = chosen_on_the_others(silences, BUDGET)
        rows.append(row(f"point chosen on the other homes (at most {BUDGET:g} there)", silences, others.tolist()))
    rows += [row(f"fixed {hours} h", protocol.fixed(homes, hours, cuts, seed), [0] * count) for hours in (8, 12)]
    longest = protocol.own_longest(homes, 1.25, cuts, seed)
    rows.append(row("own longest so far × 1.25", longest, [0] * count))
    return rows, points[choose(silences, BUDGET)]


def cells(row: Figures) -> tuple[str, ...]:
    """One row of the table, in the order of COLUMNS."""
    return (
        row.recordings,
        row.row,
        str(row.homes),
        f"{row.days:.0f}",
        _interval(row.false_alerts, 3),
        _interval(row.delay_mean, 1),
        _interval(row.delay_median, 1),
        _interval(row.in_time, 2),
    )


def _interval(figure: Figure, digits: int) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:.{digits}f}"
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"
