"""Recordings of falls and daily activities, as files that hold trials one after another.

An `.npz` with acceleration [samples, 3] in an array that names its unit, `acceleration_mg` (int16 in the developers'
sets), `acceleration_g` or `acceleration_ms2`, or in `acceleration`, whose unit is told by the magnitude at rest;
`offsets` int64 [trials + 1]; per trial `subject`, `activity`, `is_fall`, `older_adult`, `trial`; `sample_rate_hz`; and
where the set has them `fall_start_s` and `fall_end_s` (NaN for none).
"""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.readings import Bool, Float64, Int16, Int64

Text = npt.NDArray[np.str_]


STANDARD_GRAVITY = 9.80665
"""m/s² (CGPM 1901)."""
_UNITS = {"mg": 1000.0, "g": 1.0, "ms2": STANDARD_GRAVITY}
"""What 1 g is in each."""
_OFF = 2.0
"""A magnitude at rest that is off by more than this factor is not of that unit; the three lie a factor 9.8 apart."""


class RecordingsError(ValueError):
    """The file is not a set of recordings; the message says why."""


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


def load(path: Path) -> Recordings:
    """Read a file. Raises RecordingsError for one of another format, OSError for one that can't be read."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        with np.load(path, allow_pickle=False) as archive:
            columns = {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile) as error:
        raise RecordingsError(f"{path}: not an .npz of plain columns: {error}") from error
    arrays = {"acceleration": None} | {f"acceleration_{unit}": unit for unit in _UNITS}
    held = [name for name in arrays if name in columns]
    if len(held) != 1:
        raise RecordingsError(f"{path}: {' and '.join(held) or 'no acceleration'} in it; one of {', '.join(arrays)}")
    needed = {"offsets", "subject", "activity", "is_fall", "older_adult", "trial", "sample_rate_hz"}
    if missing := needed - columns.keys():
        raise RecordingsError(f"{path}: no {', '.join(sorted(missing))} in it")
    raw, offsets = columns[held[0]], columns["offsets"].astype(np.int64)
    if raw.ndim != 2 or raw.shape[1] != 3 or raw.dtype.kind not in "iuf":
        raise RecordingsError(f"{path}: {held[0]} is {raw.dtype}{raw.shape}, not numbers [samples, 3]")
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != len(raw) or np.any(np.diff(offsets) <= 0):
        raise RecordingsError(f"{path}: offsets do not cut {held[0]} into trials")
    try:
        samples = milli_g(raw, offsets, arrays[held[0]])
    except RecordingsError as error:
        raise RecordingsError(f"{path}: {error}") from error
    count = len(offsets) - 1
    unknown = np.full(count, np.nan)
    rate = float(columns["sample_rate_hz"])
    if not 1 <= rate <= 10_000:
        raise RecordingsError(f"{path}: sample_rate_hz is {rate}")
    per_trial = {
        "subject": columns["subject"].astype(np.str_),
        "activity": columns["activity"].astype(np.str_),
        "trial": columns["trial"].astype(np.str_),
        "is_fall": columns["is_fall"].astype(np.bool_),
        "older_adult": columns["older_adult"].astype(np.bool_),
        "fall_start_s": columns.get("fall_start_s", unknown).astype(np.float64),
        "fall_end_s": columns.get("fall_end_s", unknown).astype(np.float64),
    }
    if wrong := [name for name, column in per_trial.items() if column.shape != (count,)]:
        raise RecordingsError(f"{path}: {', '.join(wrong)}: not one for each of the {count} trials")
    return Recordings(path.stem, digest, rate, samples, offsets, **per_trial)
