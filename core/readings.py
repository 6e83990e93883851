"""What devices send, as columns: readings, positions and waveforms of one batch of messages.

A batch holds no object per reading. All columns of a batch have the same length and are never changed in place.
Event time is when it happened, by the device; arrival time is when we got it. They are never mixed: only where a
device's clock is impossibly far ahead, or it gave no time at all, is arrival time taken as event time, and `sent` keeps
what the device said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

NO_TIME = np.iinfo(np.int64).min
"""In `sent`: the event time is the device's own."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Columns of equal length."""

    def __post_init__(self) -> None:
        lengths = {f.name: len(getattr(self, f.name)) for f in fields(self)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns differ in length: {lengths}")

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    @classmethod
    def concatenate(cls, batches: Iterable[Self]) -> Self:
        """All rows of `batches`, in their order; an empty batch where there are none."""
        parts = list(batches)
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    @classmethod
    def empty(cls) -> Self:
        """No rows."""
        return cls.from_columns()

    @classmethod
    def from_columns(cls, **columns: Sequence[Any] | np.ndarray) -> Self:
        """Build from anything array-like, converted to the columns' types; a column left out is empty."""
        raise NotImplementedError

    def take(self, rows: Int64 | Bool) -> Self:
        """The rows at the given indices, or where a mask is true."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows  # the mask is gone through once, not a column
        return type(self)(*(getattr(self, name)[at] for name in map(str, self.__slots__)))


def _as(columns: dict[str, Any], types: Mapping[str, type]) -> list[np.ndarray]:
    unknown = columns.keys() - types.keys()
    if unknown:
        raise TypeError(f"no such column: {', '.join(sorted(unknown))}")
    return [np.asarray(columns.get(name, ()), dtype=kind) for name, kind in types.items()]


@dataclass(frozen=True, slots=True)
class ReadingBatch(_Columns):
    """Readings: one value of one metric by one device at one time, a row each.

    device: the device's id. resident: whom it watches, 0 for nobody. metric: id in `core.metrics`.
    time: event time, micros. value: in the metric's own unit; booleans are 0.0 and 1.0.
    arrival: arrival time, micros, strictly increasing from message to message.
    sent: NO_TIME, or the impossible time the device gave, in which case `time` is the arrival.
    """

    device: Int32
    resident: Int32
    metric: Int16
    time: Int64
    value: Float64
    arrival: Int64
    sent: Int64

    @classmethod
    def from_columns(cls, **columns: Sequence[Any] | np.ndarray) -> Self:
        """Build from anything array-like. `sent` may be left out."""
        if "sent" not in columns:
            columns["sent"] = np.full(len(columns.get("device", ())), NO_TIME)
        kinds = {
            "device": np.int32, "resident": np.int32, "metric": np.int16, "time": np.int64,
            "value": np.float64, "arrival": np.int64, "sent": np.int64,
        }  # fmt: skip
        return cls(*_as(columns, kinds))


POSITION_SOURCES: tuple[str, ...] = ("gnss", "wifi", "cell", "beacon", "manual")


@dataclass(frozen=True, slots=True)
class PositionBatch(_Columns):
    """Positions, a row each.

    device, resident, time, arrival, sent: as in ReadingBatch. latitude, longitude: degrees, WGS 84.
    accuracy: radius of 68 % confidence in metres, NaN where the device gave none. source: index into POSITION_SOURCES.
    """

    device: Int32
    resident: Int32
    time: Int64
    latitude: Float64
    longitude: Float64
    accuracy: Float64
    source: Int16
    arrival: Int64
    sent: Int64

    @classmethod
    def from_columns(cls, **columns: Sequence[Any] | np.ndarray) -> Self:
        """Build from anything array-like. `sent` may be left out."""
        if "sent" not in columns:
            columns["sent"] = np.full(len(columns.get("device", ())), NO_TIME)
        kinds = {
            "device": np.int32, "resident": np.int32, "time": np.int64, "latitude": np.float64,
            "longitude": np.float64, "accuracy": np.float64, "source": np.int16, "arrival": np.int64,
            "sent": np.int64,
        }  # fmt: skip
        return cls(*_as(columns, kinds))


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A run of equally spaced acceleration samples.

    time: event time of the first sample, micros. rate: samples a second. samples: int16[n, 3], milli-g.
    device, resident, arrival, sent: as in ReadingBatch.
    """

    device: int
    resident: int
    time: int
    rate: float
    samples: Int16
    arrival: int
    sent: int = NO_TIME


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything one batch of messages brought."""

    readings: ReadingBatch
    positions: PositionBatch
    waveforms: tuple[Waveform, ...] = ()

    @classmethod
    def of(
        cls,
        readings: ReadingBatch | None = None,
        positions: PositionBatch | None = None,
        waveforms: Iterable[Waveform] = (),
    ) -> Self:
        """An intake of the given parts; a part left out is empty."""
        return cls(
            ReadingBatch.empty() if readings is None else readings,
            PositionBatch.empty() if positions is None else positions,
            tuple(waveforms),
        )

    def __len__(self) -> int:
        return len(self.readings) + len(self.positions) + len(self.waveforms)
