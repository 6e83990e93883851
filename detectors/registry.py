"""All detectors, the urgent ones first: a new one is its file and a line here."""

from detectors.base import Detector
from detectors.sos import Sos

DETECTORS: tuple[type[Detector], ...] = (Sos,)


def create() -> tuple[Detector, ...]:
    """A new instance of each, in the order in which the runtime asks them."""
    return tuple(detector() for detector in DETECTORS)
