"""Signs of movement of each resident lately: a bit for each span of time."""

from collections.abc import Iterable

import numpy as np

from core.readings import Int64, Waveform
from detectors.state import Column, Table, TableData, rounds

_SPANS = 63
_ALL = np.iinfo(np.int64).max
_BRISK_G = 0.25
"""Standard deviation of the magnitude, g, that walking reaches and the small moves of somebody lying do not."""


def is_brisk(waveform: Waveform) -> bool:
    """Whether a streamed block shows movement as of somebody who is up."""
    magnitude = np.sqrt((waveform.samples.astype(np.float64) ** 2).sum(axis=1)) / 1000
    return len(magnitude) > 0 and float(magnitude.std()) >= _BRISK_G


class Movement:
    """One bit for each of the last 63 spans with movement, counted from the latest such span. span: micros."""

    def __init__(self, span: int) -> None:
        self._span = span
        self._table = Table(latest=Column("i8", -1), spans=Column("i8", 0))

    def align(self, residents: Iterable[int]) -> None:
        """Have exactly these residents."""
        self._table.align(residents)

    def add(self, resident: Int64, time: Int64) -> None:
        """Movement of residents at times (micros), any order; of an unknown one it is ignored."""
        rows = self._table.find(resident)
        known = rows >= 0
        pairs = np.unique(np.stack([rows[known], time[known] // self._span], axis=1), axis=0)
        latest, spans = self._table["latest"], self._table["spans"]
        for step in rounds(pairs[:, 0]):
            row, span = pairs[step].T
            ahead = np.clip(span - latest[row], 0, _SPANS)
            shifted = np.where(ahead < _SPANS, spans[row] << np.minimum(ahead, _SPANS - 1), 0)
            latest[row] = np.maximum(latest[row], span)
            behind = latest[row] - span
            mark = np.where(behind < _SPANS, np.int64(1) << np.minimum(behind, _SPANS - 1), 0)
            spans[row] = (shifted | mark) & _ALL

    def within(self, resident: int, start: int, end: int) -> bool:
        """Whether somebody moved in a whole span that begins from `start` to before `end` (micros)."""
        return self.in_a_row(resident, start, end) > 0

    def in_a_row(self, resident: int, start: int, end: int) -> int:
        """In how many whole spans on end, of those that begin from `start` to before `end` (micros), somebody moved."""
        row = int(self._table.find(np.array([resident]))[0])
        if row < 0:
            return 0
        latest, spans = int(self._table["latest"][row]), int(self._table["spans"][row])
        first, last = -(-start // self._span), (end - 1) // self._span
        most = count = 0
        for span in range(max(first, latest - _SPANS + 1), min(last, latest) + 1):
            count = count + 1 if spans >> (latest - span) & 1 else 0
            most = max(most, count)
        return most

    def dump(self) -> TableData:
        """All of it."""
        return self._table.dump()

    def load(self, data: TableData) -> None:
        """Take over what `dump` gave. Raises SnapshotError."""
        self._table.load(data)
