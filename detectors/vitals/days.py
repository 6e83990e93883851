"""What was measured on each of the last days: weight and blood pressure, one value a local day.

The value of a day is the middle one of its last READINGS measurements. State of a person: 282 bytes, whatever comes.
"""

from collections.abc import Iterable

import numpy as np

from core.clock import DAY, MINUTE
from core.readings import Bool, Float64, Int64
from detectors.state import Column, Table, TableData
from detectors.vitals.trends import AGREE, DAYS

MEASURED_BY_DAY: tuple[str, ...] = ("body_weight", "systolic_bp", "diastolic_bp")
"""The metrics whose days are kept; their order is that of `which` here."""

READINGS = 5
APART = 60
"""Minutes between two measurements of a day that are not one visit to the scale."""

_WIDTH = len(MEASURED_BY_DAY)


class Days:
    """The last DAYS days of each person, counted back from the newest one with a measurement."""

    def __init__(self) -> None:
        # Values in tenths; 0 is none.
        self._people = Table(
            day=Column("i4", 0, _WIDTH),
            values=Column("i2", 0, _WIDTH * DAYS),
            today=Column("i2", 0, _WIDTH * READINGS),
            minute=Column("i2", 0, _WIDTH * READINGS),
        )

    def align(self, residents: Iterable[int]) -> None:
        """Have exactly these people."""
        self._people.align(residents)

    def dump(self) -> TableData:
        """All of it."""
        return self._people.dump()

    def load(self, data: TableData) -> None:
        """Take over what `dump` gave. Raises SnapshotError for something else."""
        self._people.load(data)

    def take(self, row: Int64, which: Int64, local: Int64, value: Float64) -> tuple[Float64, Bool]:
        """Take in a measurement of each of n (person, metric), none of them twice.

        Args: all [n]. row: of the person; which: index into MEASURED_BY_DAY; local: micros of local time, not before
        what was taken in already; value: in the metric's unit.
        Returns float64[n, DAYS], the values by age in days, NaN for none; and bool[n], whether the newest measurement
        agrees within AGREE (of its unit) with one of the same day and at least APART minutes before.
        """
        people, at = self._people, (row, which)
        by_metric = {name: people[name].reshape(len(people), _WIDTH, -1) for name in ("values", "today", "minute")}
        day = local // DAY
        # Somebody who moved to another time zone may be in yesterday again: that is the same day.
        passed = np.clip(day - people["day"][at], 0, DAYS)
        people["day"][at] = np.maximum(day, people["day"][at])

        values = _shifted(by_metric["values"][at], passed)
        # The day's own measurements, the newest first.
        new = (passed > 0)[:, None]
        today = _shifted(np.where(new, 0, by_metric["today"][at]), np.ones_like(row))
        minute = _shifted(np.where(new, 0, by_metric["minute"][at]), np.ones_like(row))
        today[:, 0], minute[:, 0] = np.round(value * 10), local % DAY // MINUTE
        count = np.count_nonzero(today, axis=1)
        ordered = np.sort(today, axis=1)
        values[:, 0] = ordered[np.arange(len(row)), READINGS - count + (count - 1) // 2]
        for name, data in (("values", values), ("today", today), ("minute", minute)):
            by_metric[name][at] = data

        alike = (today > 0) & (np.abs(today - today[:, :1]) <= round(AGREE * 10))
        again = np.any(alike & (minute[:, :1] - minute >= APART), axis=1)
        return np.where(values > 0, values / 10, np.nan), np.asarray(again)


def _shifted(data: np.ndarray, by: Int64) -> np.ndarray:
    """Each row moved to the right by so many places, 0 from the left."""
    place = np.arange(data.shape[1]) - by[:, None]
    return np.where(place >= 0, np.take_along_axis(data, np.maximum(place, 0), axis=1), 0)
