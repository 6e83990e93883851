"""All detectors, the urgent ones first: a new one is its file and a line here."""

from detectors.base import Detector
from detectors.bathroom import Bathroom
from detectors.device_health import DeviceHealth
from detectors.fall import FallDetector
from detectors.geofence import Geofence
from detectors.home_safety import HomeAlarms, HomeConditions
from detectors.inactivity import Inactivity
from detectors.night import Night
from detectors.sos import Sos
from detectors.vitals import Vitals

DETECTORS: tuple[type[Detector], ...] = (
    Sos,
    HomeAlarms,
    FallDetector,
    Vitals,
    HomeConditions,
    Geofence,
    Night,
    Bathroom,
    Inactivity,
    DeviceHealth,
)


def create() -> tuple[Detector, ...]:
    """A new instance of each, in the order in which the runtime asks them."""
    return tuple(detector() for detector in DETECTORS)
