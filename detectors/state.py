"""Detectors' state as columns: a row a resident (or device), NumPy columns, snapshots that can't execute code.

A detector aligns its tables with the care context in `configure`, finds the rows of a batch with `find`, and works on
the columns in place. What is not a column (the few open episodes) goes beside them into the same msgspec Struct::

    class _State(msgspec.Struct):
        people: TableData
        episodes: dict[int, Episode]

    snapshot = pack(self.name, self.version, _State(self._people.dump(), self._episodes))
    state = unpack(self.name, self.version, snapshot, _State)
    self._people.load(state.people)
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from core.readings import Int64
from detectors.base import SnapshotError

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: NumPy type, the value of a new row, and how many values a row has (0: a plain column)."""

    kind: str
    default: float
    width: int = 0

    def rows(self, count: int) -> npt.NDArray[Any]:
        """`count` new rows: [count], or [count, width]."""
        rows = self.unwritten(count)
        if self.default != 0:
            rows[:] = self.default
        return rows

    def unwritten(self, count: int) -> npt.NDArray[Any]:
        """As many zeros: until somebody writes into them they take neither time nor memory."""
        return np.zeros((count, self.width) if self.width else (count,), self.kind)


class TableData(msgspec.Struct, frozen=True):
    """A table as bytes: its ids and each column, little-endian, row by row.

    Of a table's own `dump` they are views of its columns, for a snapshot of a city is large: to be packed before the
    table changes.
    """

    ids: memoryview
    columns: dict[str, memoryview]


class Table:
    """Columns keyed by id. Rows are in ascending order of their ids, so the same state always has the same bytes."""

    def __init__(self, **columns: Column) -> None:
        self._columns = columns
        self._ids: Int64 = np.empty(0, np.int64)
        self._data = {name: column.rows(0) for name, column in columns.items()}
        # each column with spare rows behind those in use, which nobody has written into
        self._room = dict(self._data)
        self._aligned: Int64 | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """The column itself: what is written into it stays. Valid until the next `align` or `load`."""
        return self._data[name]

    @property
    def ids(self) -> Int64:
        """The ids, ascending: int64[rows]."""
        return self._ids

    def align(self, ids: Iterable[int]) -> None:
        """Have exactly these ids: state of others is dropped, new ones start with the defaults."""
        wanted = distinct(ids if isinstance(ids, np.ndarray) else np.fromiter(ids, np.int64))
        self._aligned = wanted
        before = len(self._ids)
        if len(wanted) < before or not np.array_equal(wanted[:before], self._ids):
            self._sort_in(wanted)
        elif len(wanted) > before:
            self._append(before, len(wanted))
        self._ids = wanted

    def _sort_in(self, wanted: Int64) -> None:
        old = self.find(wanted)
        kept = old >= 0
        for name, column in self._columns.items():
            rows = column.rows(len(wanted))
            rows[kept] = self._data[name][old[kept]]
            self._data[name] = rows
        self._room = dict(self._data)

    def _append(self, before: int, count: int) -> None:
        """Rows at the end: who comes new mostly has the greatest id. One in eight is spare, so that one newcomer does
        not copy everybody.
        """
        for name, column in self._columns.items():
            if len(self._room[name]) < count:
                self._room[name] = column.unwritten(count + count // 8)
                self._room[name][:before] = self._data[name]
            self._data[name] = self._room[name][:count]
            if column.default != 0:
                self._data[name][before:] = column.default

    def find(self, ids: npt.NDArray[np.integer[Any]]) -> Int64:
        """The rows of these ids, -1 where there is none: int64[len(ids)]."""
        if not len(self._ids):
            return np.full(len(ids), -1, np.int64)
        if self._ids[-1] - self._ids[0] == len(self._ids) - 1:
            # Without a gap, as serial numbers mostly are, there is nothing to search.
            rows = ids - self._ids[0]
            return np.where((rows >= 0) & (rows < len(self._ids)), rows, -1)
        rows = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        return np.where(self._ids[rows] == ids, rows, -1)

    def dump(self) -> TableData:
        """All of it, as it is until the next change."""
        return TableData(
            _bytes_of(self._ids),
            {name: _bytes_of(data) for name, data in self._data.items()},
        )

    def load(self, data: TableData) -> None:
        """Take over what `dump` gave, for the ids it was last aligned with, or all of it before the first `align`.

        Raises SnapshotError where the columns are not this table's.
        """
        if data.columns.keys() != self._columns.keys():
            raise SnapshotError(f"columns {sorted(data.columns)} are not {sorted(self._columns)}")
        try:
            ids = np.frombuffer(data.ids, "<i8").astype(np.int64)
            loaded = {}
            for name, column in self._columns.items():
                kind = np.dtype(column.kind)
                flat = np.frombuffer(data.columns[name], kind.newbyteorder("<")).astype(kind)
                loaded[name] = flat.reshape(column.rows(len(ids)).shape)
        except ValueError as error:
            raise SnapshotError(f"damaged table: {error}") from error
        if np.any(np.diff(ids) <= 0):
            raise SnapshotError("damaged table: ids are not in order")
        self._ids, self._data, self._room = ids, loaded, dict(loaded)
        if self._aligned is not None:
            self.align(self._aligned)


def _bytes_of(column: npt.NDArray[Any]) -> memoryview:
    little_endian = column.astype(column.dtype.newbyteorder("<"), copy=False)
    return little_endian.reshape(-1).view(np.uint8).data


def distinct(ids: Int64) -> Int64:
    """The ids, ascending, each once. As np.unique, whose hashing takes ten times as long for ids nearly in order."""
    ordered = np.sort(ids, kind="stable")
    return np.asarray(ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]])


def rounds(rows: npt.NDArray[np.integer[Any]]) -> Iterator[Int64]:
    """Cut a batch so that no row of a table comes twice in one step, and each one's order stays.

    Args: rows, the table row of each reading, in event-time order. Yields indices into `rows`, ascending: first each
    table row's first reading, then each one's second, and so on. As many steps as the busiest one has readings.
    """
    if not len(rows):
        return
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(rows)))
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows)) - np.repeat(starts, lengths)
    if rank.max() == 0:
        yield np.arange(len(rows))
        return
    by_rank = np.argsort(rank, kind="stable")
    yield from np.split(by_rank, np.cumsum(np.bincount(rank))[:-1])


class _Envelope(msgspec.Struct, array_like=True, frozen=True):
    detector: str
    version: int
    checksum: int
    state: bytes


def pack(detector: str, version: int, state: object) -> bytes:
    """A snapshot: the state (anything msgspec encodes) with whose it is, which version wrote it, and a checksum."""
    body = msgspec.msgpack.encode(state)
    return msgspec.msgpack.encode(_Envelope(detector, version, zlib.crc32(body), body))


def unpack(detector: str, version: int, snapshot: bytes, kind: type[State]) -> State:
    """The state in a snapshot of `pack`. Raises SnapshotError for another detector's, another version's or damage."""
    try:
        envelope = msgspec.msgpack.decode(snapshot, type=_Envelope)
    except msgspec.DecodeError as error:
        raise SnapshotError(f"not a snapshot: {error}") from error
    if (envelope.detector, envelope.version) != (detector, version):
        raise SnapshotError(
            f"snapshot of {envelope.detector} version {envelope.version}, not of {detector} version {version}"
        )
    if zlib.crc32(envelope.state) != envelope.checksum:
        raise SnapshotError("damaged snapshot: the checksum does not fit")
    try:
        return msgspec.msgpack.decode(envelope.state, type=kind)
    except msgspec.DecodeError as error:
        raise SnapshotError(f"snapshot of another layout: {error}") from error
