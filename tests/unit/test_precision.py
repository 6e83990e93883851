"""Precision of detectors by closure codes."""

import pytest

from alerts.lifecycle import FALSE_CODES, TRUE_CODES, ClosureCode
from alerts.precision import precisions, wilson
from storage.history import Outcomes


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Statistics in Medicine 17:857 (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_the_literature(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_each_code_counts_once_and_versions_are_apart() -> None:
    outcomes = [Outcomes("fall", 1, code.value, True, 1) for code in ClosureCode]
    outcomes += [
        Outcomes("fall", 1, None, True, 2),
        Outcomes("fall", 1, None, False, 4),
        Outcomes("sos", 2, None, False, 1),
    ]
    fall, sos = precisions(outcomes)
    assert (fall.true, fall.false) == (len(TRUE_CODES), len(FALSE_CODES))
    assert fall.neither == len(ClosureCode) - len(TRUE_CODES) - len(FALSE_CODES) + 2
    assert fall.unjudged == 4
    assert fall.precision == pytest.approx(len(TRUE_CODES) / (len(TRUE_CODES) + len(FALSE_CODES)))
    assert (fall.low, fall.high) == wilson(fall.true, fall.true + fall.false)
    assert (sos.detector, sos.version, sos.precision, sos.low, sos.high) == ("sos", 2, None, None, None)
