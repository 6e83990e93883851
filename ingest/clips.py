"""Stored acceleration around falls that people have judged, as labelled trials for retraining.

In the format that `detectors.evaluation.recordings` reads. A trial is an unbroken stretch of acceleration around an
alert; its label is the closure code of the incident, which a person gave for all that happened, so a few labels will be
of something else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from alerts.lifecycle import FALSE_CODES, TRUE_CODES
from core.clock import to_micros
from core.readings import Int16
from storage import history
from storage.history import Acceleration, JudgedFall
from storage.pool import Connection

AROUND = timedelta(seconds=15)
"""Clips and blocks that begin this long before or after the alert's event time belong to it."""

SHORTEST_S = 4.0
"""A shorter stretch shows no fall with what follows."""

OLDER_ADULT = 60
"""Years. Whoever's year of birth is not known is not counted as one."""

_GAP_S = 0.1
"""Blocks of a stream that are this far apart are still one stretch: clocks of wearables jitter."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """samples: int16[n, 3] milli-g at the rate asked for. resident: its id, which never goes into the file."""

    resident: int
    code: str
    is_fall: bool
    older_adult: bool
    samples: Int16


async def trials(
    connection: Connection, since: datetime, until: datetime, rate: float, progress: Callable[[int, int], None]
) -> list[Trial]:
    """Trials of fall alerts raised in a span whose incident was closed as true or false, by event time.

    rate: samples a second. progress: is told how many alerts of how many are done. No two trials share samples: an
    alert within the stretch of the one before it adds nothing. Raises StorageError.
    """
    codes = sorted(code.value for code in TRUE_CODES | FALSE_CODES)
    judged = await history.judged_falls(connection, codes, since, until)
    found: list[Trial] = []
    reached: dict[int, datetime] = {}
    for done, fall in enumerate(judged, 1):
        before = reached.get(fall.device_id)
        if before is None or fall.event_time > before:
            first, last = fall.event_time - AROUND, fall.event_time + AROUND
            if before is not None:
                first = max(first, before + timedelta(microseconds=1))
            reached[fall.device_id] = last
            pieces = await history.acceleration(connection, fall.device_id, first, last)
            found += [_trial(fall, samples) for samples in stretches(pieces, rate)]
        progress(done, len(judged))
    return found


def stretches(pieces: Sequence[Acceleration], rate: float) -> Iterator[Int16]:
    """Unbroken stretches of at least SHORTEST_S, resampled to `rate` by linear interpolation."""
    for run in _runs(pieces):
        if not any(len(samples) for _, samples in run):
            continue
        start = run[0][0][0]
        times = np.concatenate([piece_times for piece_times, _ in run]) - start
        values = np.concatenate([samples for _, samples in run])
        wanted = np.arange(int(times[-1] * rate + 1e-6) + 1) / rate
        if len(wanted) < SHORTEST_S * rate:
            continue
        columns = [np.interp(wanted, times, values[:, axis]) for axis in range(3)]
        yield np.rint(np.stack(columns, axis=1)).astype(np.int16)


_Piece = tuple[np.ndarray, Int16]


def _runs(pieces: Sequence[Acceleration]) -> Iterator[list[_Piece]]:
    """Pieces that follow one another, each as (seconds float64[n], samples int16[n, 3]); what overlaps is cut off."""
    run: list[_Piece] = []
    for piece in pieces:
        samples = np.frombuffer(piece.samples, dtype="<i2").reshape(-1, 3).astype(np.int16)
        times = to_micros(piece.time) / 1e6 + np.arange(len(samples)) / piece.rate
        if run:
            end = float(run[-1][0][-1])
            fresh = times > end
            times, samples = times[fresh], samples[fresh]
            if len(times) and times[0] - end > _GAP_S + 1 / piece.rate:
                yield run
                run = []
        if len(times):
            run.append((times, samples))
    if run:
        yield run


def _trial(fall: JudgedFall, samples: Int16) -> Trial:
    age = None if fall.birth_year is None else fall.event_time.year - fall.birth_year
    return Trial(
        resident=fall.resident_id,
        code=fall.closure_code,
        is_fall=fall.closure_code in TRUE_CODES,
        older_adult=age is not None and age >= OLDER_ADULT,
        samples=samples,
    )


def write(path: Path, found: Sequence[Trial], rate: float) -> int:
    """Write the trials, of which there must be one, as `.npz`. Returns how many people they are of.

    Residents become s001, s002, … in the order of their first trial: nothing in the file leads back to them but the
    movements themselves, which are health data all the same. Raises OSError.
    """
    names: dict[int, str] = {}
    for trial in found:
        names.setdefault(trial.resident, f"s{len(names) + 1:03d}")
    lengths = [len(trial.samples) for trial in found]
    columns = {
        "acceleration_mg": np.concatenate([trial.samples for trial in found]),
        "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        "subject": np.array([names[trial.resident] for trial in found]),
        "activity": np.array([trial.code for trial in found]),
        "is_fall": np.array([trial.is_fall for trial in found]),
        "older_adult": np.array([trial.older_adult for trial in found]),
        "trial": np.array([f"t{number:05d}" for number in range(1, len(found) + 1)]),
        "sample_rate_hz": np.array(rate),
    }
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **columns)
    return len(names)
