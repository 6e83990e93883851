"""How late a row is: what came long after it happened is raised all the same, and says so."""

from core.clock import SECOND

LATE_AFTER = 60
"""Seconds between event time and arrival from which a finding is labelled as late."""


def late_seconds(time: int, arrival: int) -> int:
    """Whole seconds from event time to arrival (micros), or 0 where that is no more than LATE_AFTER.

    A function of the row alone, so that a replay labels it the same.
    """
    seconds = (arrival - time) // SECOND
    return seconds if seconds > LATE_AFTER else 0
