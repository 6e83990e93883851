"""Rows for tests, with what does not matter left out."""

from collections.abc import Sequence

import numpy as np

from core.readings import NO_TIME, PositionBatch, ReadingBatch, Waveform

T0 = 1_790_000_000_000_000
"""2026-09-21 14:13:20 UTC, micros."""


def readings(
    rows: Sequence[tuple[int, int, int, float]], *, arrival: int = T0, sent: Sequence[int] | None = None
) -> ReadingBatch:
    """Readings from (device, metric, time, value); arrivals count up from `arrival`."""
    device, metric, time, value = zip(*rows, strict=True) if rows else ((), (), (), ())
    return ReadingBatch.from_columns(
        device=device,
        resident=[1] * len(rows),
        metric=metric,
        time=time,
        value=value,
        arrival=arrival + np.arange(len(rows)),
        sent=[NO_TIME] * len(rows) if sent is None else sent,
    )


def position(device: int, time: int, latitude: float = 30.25, longitude: float = 120.15) -> PositionBatch:
    """One position without an accuracy."""
    return PositionBatch.from_columns(
        device=[device],
        resident=[1],
        time=[time],
        latitude=[latitude],
        longitude=[longitude],
        accuracy=[np.nan],
        source=[0],
        arrival=[time],
    )


def waveform(device: int, time: int) -> Waveform:
    """Ten samples of lying still."""
    return Waveform(device, 1, time, 50.0, np.tile(np.array([0, 0, 1000], dtype=np.int16), (10, 1)), time)
