"""The shipped model as it works: each trial given to the detector itself, as one clip or as a stream."""

from collections.abc import Callable, Iterator

import numpy as np

from core.care import CareContext, Device, DeviceKind, Resident
from core.clock import HOUR, SECOND
from core.findings import Finding, Kind
from core.readings import Int16, Intake, Waveform
from detectors.evaluation import fall_windows
from detectors.evaluation.fall_figures import Outcome
from detectors.evaluation.fall_windows import impact_s
from detectors.evaluation.recordings import Recordings
from detectors.fall import FallDetector
from detectors.fall.model import FallModel

_START = 20_000 * 24 * HOUR
_BLOCK_S = 1.0
_WAIT_S = 40
"""Seconds of ticks after a stream's end, in which what was cut off is judged."""


def as_clips(recordings: Recordings, model: FallModel, advance: Callable[[], None]) -> Outcome:
    """Each trial as one clip, which arrives when it is whole."""
    return _outcome("the shipped detector, a trial as one clip", recordings, model, _clip, advance)


def as_streams(recordings: Recordings, model: FallModel, advance: Callable[[], None]) -> Outcome:
    """Each trial as blocks of 1 s, which arrive one after another."""
    return _outcome("the shipped detector, a trial as a stream of 1 s blocks", recordings, model, _blocks, advance)


Messages = Iterator[tuple[int, Int16]]


def _clip(samples: Int16, rate: float) -> Messages:
    yield 0, samples


def _blocks(samples: Int16, rate: float) -> Messages:
    size = max(1, round(_BLOCK_S * rate))
    for start in range(0, len(samples), size):
        yield start, samples[start : start + size]


def _outcome(
    protocol: str,
    recordings: Recordings,
    model: FallModel,
    messages: Callable[[Int16, float], Messages],
    advance: Callable[[], None],
) -> Outcome:
    count = len(recordings)
    detector = FallDetector(model)
    people = range(1, count + 1)
    detector.configure(
        CareContext(
            devices={n: Device(n, f"w{n}", f"h{n}", n, DeviceKind.WEARABLE, 0) for n in people},
            residents={n: Resident(n, f"h{n}") for n in people},
        )
    )
    alarms = np.zeros(count, np.int64)
    delay = np.full(count, np.nan)
    impact = impact_s(fall_windows.of(recordings, seed=0), count)
    for index, samples in enumerate(recordings.trials()):
        begin = _START + index * HOUR
        seen: set[str] = set()
        for now, finding in _findings(detector, index + 1, begin, recordings.rate, messages(samples, recordings.rate)):
            if finding.kind is not Kind.FALL or finding.resident != index + 1:
                continue
            if not seen:
                delay[index] = (now - begin) / SECOND - impact[index]
            seen.add(finding.dedup_key)
        alarms[index] = len(seen)
        advance()
    return Outcome(protocol, recordings, alarms > 0, alarms, delay, None, model.threshold)


def _findings(
    detector: FallDetector, number: int, begin: int, rate: float, messages: Messages
) -> Iterator[tuple[int, Finding]]:
    now = begin
    for start, samples in messages:
        time = begin + round(start / rate * SECOND)
        now = time + round(len(samples) / rate * SECOND)
        waveform = Waveform(number, number, time, rate, samples, now)
        for finding in detector.observe(Intake.of(waveforms=[waveform]), now):
            yield now, finding
    for second in range(1, _WAIT_S + 1):
        for finding in detector.tick(now + second * SECOND):
            yield now + second * SECOND, finding
