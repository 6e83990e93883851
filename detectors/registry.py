"""All detectors, the urgent ones first: a new one is its file and a line here."""

from detectors.base import Detector

DETECTORS: tuple[type[Detector], ...] = ()


def create() -> tuple[Detector, ...]:
    """A new instance of each, in the order in which the runtime asks them."""
    return tuple(detector() for detector in DETECTORS)
