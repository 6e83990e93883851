"""Local time of day and of the week for columns of event times."""

from datetime import time
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from core.clock import HOUR, MINUTE, to_datetime
from core.readings import Int64

_STEP = 15 * MINUTE
"""Time zones change their offset at quarters of an hour UTC."""

HOURS_OF_WEEK = 168


@lru_cache(maxsize=65_536)
def offset(zone: str, micros: int) -> int:
    """Local time minus UTC in micros at this moment. Raises ZoneInfoNotFoundError for an unknown zone."""
    away = to_datetime(micros // _STEP * _STEP).astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if away is None else int(away.total_seconds()) * 1_000_000


def local(zone: str, times: Int64) -> Int64:
    """Event times (micros UTC) as micros of the zone's local time: int64[n]."""
    quarters, which = np.unique(times // _STEP, return_inverse=True)
    offsets = np.array([offset(zone, int(q) * _STEP) for q in quarters], dtype=np.int64)
    return np.asarray(times + offsets[which])


def hour_of_week(local_times: Int64) -> Int64:
    """0 for Monday from midnight to one o'clock, up to 167: int64[n]. Day 0 of the epoch was a Thursday."""
    return np.asarray((local_times // HOUR + 3 * 24) % HOURS_OF_WEEK)


def minute_of_day(clock: str) -> int:
    """Minutes since midnight of "HH:MM". Raises ValueError for anything else."""
    of_day = time.fromisoformat(clock)
    return of_day.hour * 60 + of_day.minute


def after_waking_minutes(since: int, minutes: int, wakes: int, sleeps: int, zone: str) -> int:
    """When `minutes` on end of one waking day have passed since `since` (micros).

    wakes, sleeps: local minutes of the day between which the person is up; equal: always up. What does not fit into the
    rest of a day starts again with the next. The offset at `since` counts, also where summer time begins in between.
    """
    up = (sleeps - wakes) % 1440 * MINUTE or 1440 * MINUTE
    since_waking = (since + offset(zone, since) - wakes * MINUTE) % (1440 * MINUTE)
    if since_waking + minutes * MINUTE <= up or up == 1440 * MINUTE:
        return since + minutes * MINUTE
    return since - since_waking + (1440 + minutes) * MINUTE
