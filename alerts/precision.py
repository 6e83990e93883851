"""How often each detector was right, by how people closed the incidents of its alerts. Pure.

An incident's code counts for each of its alerts: a person judges what happened, not each piece of evidence.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from alerts.lifecycle import FALSE_CODES, TRUE_CODES
from storage.history import Outcomes

_Z = 1.959963984540054
"""The standard normal distribution's 97.5 % point: a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Precision:
    """One version of a detector. neither: ended, but it says nothing about the detector. unjudged: not ended yet.

    precision: true alerts of those judged true or false, with its 95 % interval; None where none was judged.
    """

    detector: str
    version: int
    true: int
    false: int
    neither: int
    unjudged: int
    precision: float | None
    low: float | None
    high: float | None


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion: Wilson, J. Am. Stat. Assoc. 22:209 (1927). `trials` is not 0."""
    share = successes / trials
    scale = 1 + _Z**2 / trials
    middle = (share + _Z**2 / (2 * trials)) / scale
    half = _Z / scale * sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def precisions(outcomes: Iterable[Outcomes]) -> list[Precision]:
    """Of each detector and version that raised anything, by name and version."""
    counts: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(_OUTCOMES, 0))
    for outcome in outcomes:
        counts[outcome.detector, outcome.version][_judgement(outcome)] += outcome.alerts
    return [_precision(detector, version, count) for (detector, version), count in sorted(counts.items())]


_OUTCOMES = ("true", "false", "neither", "unjudged")


def _judgement(outcome: Outcomes) -> str:
    if not outcome.ended:
        return "unjudged"
    if outcome.closure_code in TRUE_CODES:
        return "true"
    return "false" if outcome.closure_code in FALSE_CODES else "neither"


def _precision(detector: str, version: int, count: dict[str, int]) -> Precision:
    judged = count["true"] + count["false"]
    low, high = wilson(count["true"], judged) if judged else (None, None)
    return Precision(
        detector=detector,
        version=version,
        true=count["true"],
        false=count["false"],
        neither=count["neither"],
        unjudged=count["unjudged"],
        precision=count["true"] / judged if judged else None,
        low=low,
        high=high,
    )
