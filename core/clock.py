"""Where the time comes from. Domain code never reads a clock: `now` comes in from the outermost loop.

Times on columns and in detectors are int microseconds since the Unix epoch, UTC ("micros"); everywhere else they are
aware datetimes in UTC.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """An aware datetime as microseconds since the epoch. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    """Microseconds since the epoch as an aware datetime in UTC. Raises OverflowError beyond year 9999."""
    return _EPOCH + timedelta(microseconds=int(micros))


class Clock(Protocol):
    """Something that tells the time, in microseconds since the epoch."""

    def micros(self) -> int:
        """The time now."""
        ...


class SystemClock:
    """The machine's clock."""

    def micros(self) -> int:
        """The time now."""
        return time.time_ns() // 1000


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock that starts at `start` when the machine's clock says `origin` and runs `speed` times as fast.

    All processes of a demonstration share one by the same three numbers, so that a day passes in minutes for all.
    """

    origin: int
    start: int
    speed: float

    def micros(self) -> int:
        """The time now."""
        return self.start + int((time.time_ns() // 1000 - self.origin) * self.speed)


class ManualClock:
    """A clock that stands still until it is moved: for tests."""

    def __init__(self, micros: int) -> None:
        self._micros = micros

    def micros(self) -> int:
        """The time now."""
        return self._micros

    def advance(self, micros: int) -> None:
        """Move on by `micros`. Raises ValueError for a step back."""
        if micros < 0:
            raise ValueError("a clock does not run backwards")
        self._micros += micros
