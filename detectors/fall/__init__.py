"""Falls: clip or stream to features, features to a probability, and what follows the impact."""

from detectors.fall.detector import FallDetector

__all__ = ["FallDetector"]
