"""Recordings of falls and daily activities, as files that hold trials one after another.

An `.npz` with acceleration [samples, 3] in an array that names its unit, `acceleration_mg` (int16 in the developers'
sets), `acceleration_g` or `acceleration_ms2`, or in `acceleration`, whose unit is told by the magnitude at rest;
`offsets` int64 [trials + 1]; per trial `subject`, `activity`, `is_fall`, `older_adult`, `trial`; `sample_rate_hz`; and
where the set has them `fall_start_s` and `fall_end_s` (NaN for none), and `time_s` [samples], the seconds of each
sample of a device that does not sample evenly. What else is in the file is not looked at.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.readings import Bool, Float64, Int16, Int64

Text = npt.NDArray[np.str_]


STANDARD_GRAVITY = 9.80665
"""m/s² (CGPM 1901)."""
_UNITS = {"mg": 1000.0, "g": 1.0, "ms2": STANDARD_GRAVITY}
"""What 1 g is in each."""
_PER_TRIAL = ("subject", "activity", "trial", "is_fall", "older_adult", "fall_start_s", "fall_end_s")
_ACCELERATION = {"acceleration": None} | {f"acceleration_{unit}": unit for unit in _UNITS}
_NEEDED = ("offsets", "subject", "activity", "is_fall", "older_adult", "trial", "sample_rate_hz")
_OFF = 2.0
"""A magnitude at rest that is off by more than this factor is not of that unit; the three lie a factor 9.8 apart."""
_TIMES_OFF = 4.0
"""Times that give another rate by more than this factor are not in seconds; a link that loses half is within it."""


class RecordingsError(ValueError):
    """The file is not a set of recordings, or not one for what is asked of it; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Recordings:
    """One file. name: the file's, without its ending. digest: SHA-256 of the file.

    Per trial: subject, activity, trial text[n]; is_fall, older_adult bool[n]; fall_start_s, fall_end_s float64[n], NaN
    where they are not known. samples: int16[samples, 3] milli-g of all trials; offsets int64[n + 1].
    """

    name: str
    digest: str
    rate: float
    samples: Int16
    offsets: Int64
    subject: Text
    activity: Text
    trial: Text
    is_fall: Bool
    older_adult: Bool
    fall_start_s: Float64
    fall_end_s: Float64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def trials(self) -> Iterator[Int16]:
        """The samples of each trial."""
        for start, end in zip(self.offsets, self.offsets[1:], strict=False):
            yield self.samples[start:end]

    @property
    def seconds(self) -> Float64:
        """How long each trial is: float64[n]."""
        return np.diff(self.offsets) / self.rate


def milli_g(acceleration: npt.NDArray[np.generic], offsets: Int64, unit: str | None = None) -> Int16:
    """Acceleration [samples, 3] of trials in `unit` ("mg", "g", "ms2"), or None to tell it, as int16 milli-g.

    At rest, and in the median of daily life, an accelerometer shows 1 g: the median over trials of their median
    magnitude tells the unit, and must fit one that is named. Raises RecordingsError where it fits none.
    """
    values = acceleration.astype(np.float64)
    if not np.isfinite(values).all():
        raise RecordingsError("the acceleration has values that are no numbers")
    magnitude = np.linalg.norm(values, axis=1)
    rest = float(np.median([np.median(magnitude[a:b]) for a, b in pairwise(offsets)]))
    fits = [name for name, one in _UNITS.items() if one / _OFF <= rest <= one * _OFF]
    if not fits or unit not in (None, *fits):
        raise RecordingsError(f"the magnitude at rest is {rest:g}, which is not 1 g in {unit or 'mg, g or m/s²'}")
    return np.clip(np.rint(values * (1000 / _UNITS[fits[0]])), -32768, 32767).astype(np.int16)


def check_names(names: Sequence[str]) -> None:
    """Raise RecordingsError where two recordings have one name, which is all that a table calls them by."""
    for name in names:
        if names.count(name) > 1:
            raise RecordingsError(f"two files are called {name}: rename one")


def load(path: Path) -> Recordings:
    """Read a file. Raises RecordingsError for one of another format, OSError for one that can't be read."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        return _recordings(path.stem, digest, _columns(path))
    except RecordingsError as error:
        raise RecordingsError(f"{path}: {error}") from error


def _columns(path: Path) -> dict[str, npt.NDArray[Any]]:
    if not zipfile.is_zipfile(path):
        raise RecordingsError("not an .npz archive")
    columns = {}
    name = "it"
    try:
        with np.load(path, allow_pickle=False) as archive:
            for name in {*_ACCELERATION, *_NEEDED, *_PER_TRIAL, "time_s"} & set(archive.files):
                columns[name] = archive[name]
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RecordingsError(f"{name} can't be read as text, numbers or flags: {error}") from error
    return columns


def _recordings(name: str, digest: str, columns: dict[str, npt.NDArray[Any]]) -> Recordings:
    held = [key for key in _ACCELERATION if key in columns]
    if len(held) != 1:
        raise RecordingsError(f"{' and '.join(held) or 'no acceleration'} in it; one of {', '.join(_ACCELERATION)}")
    if missing := set(_NEEDED) - columns.keys():
        raise RecordingsError(f"no {', '.join(sorted(missing))} in it; needed are {', '.join(_NEEDED)}")
    (acceleration,) = held
    raw = columns[acceleration]
    if raw.ndim != 2 or raw.shape[1] != 3 or raw.dtype.kind not in "iuf":
        raise RecordingsError(f"{acceleration} is {raw.dtype}{raw.shape}, not numbers [samples, 3]")
    offsets = columns["offsets"]
    if offsets.ndim != 1 or offsets.dtype.kind not in "iu":
        raise RecordingsError(f"offsets are {offsets.dtype}{offsets.shape}, not whole numbers [trials + 1]")
    offsets = offsets.astype(np.int64)
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != len(raw) or np.any(np.diff(offsets) < 0):
        raise RecordingsError(f"offsets do not cut {acceleration} into trials: they rise from 0 to {len(raw)}")
    if len(empty := np.flatnonzero(np.diff(offsets) == 0)):
        raise RecordingsError(f"trial {empty[0]} has no samples: leave it out")
    rate = columns["sample_rate_hz"]
    if rate.size != 1 or rate.dtype.kind not in "iuf" or not 1 <= rate.item() <= 10_000:
        raise RecordingsError(f"sample_rate_hz is {rate}")
    samples = milli_g(raw, offsets, _ACCELERATION[acceleration])
    if "time_s" in columns:
        samples, offsets = _evenly(samples, offsets, columns["time_s"], float(rate.item()))
    count = len(offsets) - 1
    unknown = np.full(count, np.nan)
    recordings = Recordings(
        name,
        digest,
        float(rate.item()),
        samples,
        offsets,
        subject=_text(columns["subject"], "subject"),
        activity=_text(columns["activity"], "activity"),
        trial=_text(columns["trial"], "trial"),
        is_fall=_flags(columns["is_fall"], "is_fall"),
        older_adult=_flags(columns["older_adult"], "older_adult"),
        fall_start_s=_numbers(columns.get("fall_start_s", unknown), "fall_start_s"),
        fall_end_s=_numbers(columns.get("fall_end_s", unknown), "fall_end_s"),
    )
    if wrong := [key for key in _PER_TRIAL if getattr(recordings, key).shape != (count,)]:
        raise RecordingsError(f"{', '.join(wrong)}: not one for each of the {count} trials")
    return recordings


def _text(column: npt.NDArray[Any], name: str) -> Text:
    if column.dtype.kind != "S":
        return column.astype(np.str_)
    try:
        return np.asarray(np.char.decode(column, "utf-8"))
    except UnicodeDecodeError as error:
        raise RecordingsError(f"{name} is bytes that are no UTF-8 text") from error


def _flags(column: npt.NDArray[Any], name: str) -> Bool:
    # Text would be true whatever it says, "False" as well.
    if column.dtype.kind not in "biuf" or not np.isin(column, [0, 1]).all():
        raise RecordingsError(f"{name} is {column.dtype}, not true and false, or 1 and 0")
    return column.astype(np.bool_)


def _numbers(column: npt.NDArray[Any], name: str) -> Float64:
    if column.dtype.kind not in "iuf":
        raise RecordingsError(f"{name} is {column.dtype}, not numbers")
    return column.astype(np.float64)


def _evenly(samples: Int16, offsets: Int64, time_s: npt.NDArray[Any], rate: float) -> tuple[Int16, Int64]:
    """Samples of a device that does not sample evenly, interpolated to `rate`, and the offsets of the trials then.

    Samples are taken in the order of their times. Those of a burst that have one time among them, that of the message,
    are spread evenly up to the next time.
    """
    if time_s.shape != (len(samples),) or time_s.dtype.kind not in "iuf" or not np.isfinite(time_s).all():
        raise RecordingsError(f"time_s is {time_s.dtype}{time_s.shape}, not one number for each sample")
    seconds = time_s.astype(np.float64)
    whole = sum(float(np.ptp(seconds[begin:end])) for begin, end in pairwise(offsets))
    if not len(samples) / _TIMES_OFF <= whole * rate + len(offsets) - 1 <= len(samples) * _TIMES_OFF:
        raise RecordingsError(
            f"time_s spans {whole:g} s in {len(samples)} samples, far from {rate:g} a second: is it in seconds?"
        )
    parts = []
    for begin, end in pairwise(offsets):
        order = begin + np.argsort(seconds[begin:end], kind="stable")
        times, first = np.unique(seconds[order], return_index=True)
        count = len(order)
        over = times[-1] + (count - first[-1]) / rate
        own = np.interp(np.arange(count), np.append(first, count), np.append(times, over))
        at = own[0] + np.arange(int((own[-1] - own[0]) * rate + 1e-6) + 1) / rate
        axes = [np.interp(at, own, samples[order, axis]) for axis in range(3)]
        parts.append(np.rint(np.stack(axes, axis=1)).astype(np.int16))
    return np.concatenate(parts), np.concatenate(([0], np.cumsum([len(part) for part in parts])))
