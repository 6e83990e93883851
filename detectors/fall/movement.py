"""Signs of movement of each resident in the last hour: a bit a minute."""

from collections.abc import Iterable

import numpy as np

from core.clock import MINUTE
from core.readings import Int64, Waveform
from detectors.state import Column, Table, TableData, rounds

_MINUTES = 63
_ALL = np.iinfo(np.int64).max
_BRISK_G = 0.25
"""Standard deviation of the magnitude, g, that walking reaches and the small moves of somebody lying do not."""


class Movement:
    """One bit for each of the last 63 minutes in which somebody moved, counted from the latest such minute."""

    def __init__(self) -> None:
        self._table = Table(latest=Column("i8", -1), minutes=Column("i8", 0))

    def align(self, residents: Iterable[int]) -> None:
        """Have exactly these residents."""
        self._table.align(residents)

    def add(self, resident: Int64, time: Int64) -> None:
        """Movement of residents at times (micros), any order; of an unknown one it is ignored."""
        rows = self._table.find(resident)
        known = rows >= 0
        pairs = np.unique(np.stack([rows[known], time[known] // MINUTE], axis=1), axis=0)
        latest, minutes = self._table["latest"], self._table["minutes"]
        for step in rounds(pairs[:, 0]):
            row, minute = pairs[step].T
            ahead = np.clip(minute - latest[row], 0, _MINUTES)
            shifted = np.where(ahead < _MINUTES, minutes[row] << np.minimum(ahead, _MINUTES - 1), 0)
            latest[row] = np.maximum(latest[row], minute)
            behind = latest[row] - minute
            mark = np.where(behind < _MINUTES, np.int64(1) << np.minimum(behind, _MINUTES - 1), 0)
            minutes[row] = (shifted | mark) & _ALL

    def add_block(self, waveform: Waveform) -> None:
        """A streamed block, which counts as movement where it is brisk."""
        magnitude = np.sqrt((waveform.samples.astype(np.float64) ** 2).sum(axis=1)) / 1000
        if len(magnitude) and magnitude.std() >= _BRISK_G:
            self.add(np.array([waveform.resident]), np.array([waveform.time]))

    def within(self, resident: int, start: int, end: int) -> bool:
        """Whether somebody moved in a whole minute that begins from `start` to before `end` (micros)."""
        row = int(self._table.find(np.array([resident]))[0])
        if row < 0:
            return False
        latest, minutes = int(self._table["latest"][row]), int(self._table["minutes"][row])
        first, last = -(-start // MINUTE), (end - 1) // MINUTE
        first = max(first, latest - _MINUTES + 1)
        return any(minutes >> (latest - minute) & 1 for minute in range(first, min(last, latest) + 1))

    def dump(self) -> TableData:
        """All of it."""
        return self._table.dump()

    def load(self, data: TableData) -> None:
        """Take over what `dump` gave. Raises SnapshotError."""
        self._table.load(data)
