"""Dropping what was stored before, ahead of the detectors.

The newest stored event time of each series (device, metric) is kept in memory. A reading that is newer than it is
certainly new, and nearly all are. Only for the others (late, repeated, of a wrong clock) is the database asked.
Positions and waveforms are few: for them it is asked always.
"""

from dataclasses import dataclass, field

import numpy as np

from core.readings import NO_TIME, Bool, Int64, Intake, ReadingBatch
from storage import readings as store
from storage.pool import Connection


@dataclass
class Seen:
    """The newest event time of every series met: `series` int64[n], sorted, and `newest` int64[n], micros."""

    series: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    newest: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    async def only_new(self, connection: Connection, intake: Intake) -> Intake:
        """The rows that are not stored and, of rows that stand twice in the intake, the first.

        What it returns is not remembered before `remember`. Raises StorageError.
        """
        readings, positions, waveforms = intake.readings, intake.positions, intake.waveforms
        if len(readings):
            readings = await self._new_readings(connection, readings)
        if len(positions):
            kept = _first_of_each(positions.device.astype(np.int64), positions.time, positions.sent)
            kept &= ~await store.stored_positions(connection, positions)
            positions = positions.take(kept)
        if waveforms:
            device = np.array([w.device for w in waveforms], dtype=np.int64)
            time = np.array([w.time for w in waveforms], dtype=np.int64)
            kept = _first_of_each(device, time, np.array([w.sent for w in waveforms], dtype=np.int64))
            kept &= ~await store.stored_waveforms(connection, waveforms)
            waveforms = tuple(waveform for waveform, keep in zip(waveforms, kept, strict=True) if keep)
        return Intake(readings, positions, waveforms)

    async def _new_readings(self, connection: Connection, batch: ReadingBatch) -> ReadingBatch:
        series = _series(batch)
        await self._meet(connection, np.unique(series))
        kept = _first_of_each(series, batch.time, batch.sent)
        certain = batch.time > self.newest[np.searchsorted(self.series, series)]
        doubtful = np.flatnonzero(kept & (~certain | (batch.sent != NO_TIME)))
        if len(doubtful):
            stored = await store.stored_readings(connection, batch.take(doubtful))
            kept[doubtful[stored]] = False
        return batch if kept.all() else batch.take(kept)

    async def _meet(self, connection: Connection, series: Int64) -> None:
        """Look up the series of which nothing is known yet."""
        at = np.searchsorted(self.series, series)
        known = np.zeros(len(series), dtype=bool)
        inside = at < len(self.series)
        known[inside] = self.series[at[inside]] == series[inside]
        if known.all():
            return
        fresh = series[~known]
        newest = await store.newest(connection, fresh >> 16, fresh & 0xFFFF)
        self.series = np.insert(self.series, at[~known], fresh)
        self.newest = np.insert(self.newest, at[~known], newest)

    def remember(self, readings: ReadingBatch) -> None:
        """Note what was committed; its series have been met by `only_new`."""
        np.maximum.at(self.newest, np.searchsorted(self.series, _series(readings)), readings.time)


def _series(batch: ReadingBatch) -> Int64:
    return (batch.device.astype(np.int64) << 16) | batch.metric


def _first_of_each(series: Int64, time: Int64, sent: Int64) -> Bool:
    """bool[n]: which rows are the first of their (series, time as the device gave it)."""
    said = np.where(sent == NO_TIME, time, sent)
    order = np.lexsort((said, series))
    repeated = np.zeros(len(series), dtype=bool)
    repeated[order[1:]] = (series[order][1:] == series[order][:-1]) & (said[order][1:] == said[order][:-1])
    return ~repeated
