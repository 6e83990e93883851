"""Trials as the detector gets them: each given to the detector itself, as one clip, a stream, or in bursts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.care import CareContext, Device, DeviceKind, Resident
from core.clock import HOUR, SECOND
from core.findings import Finding, Kind
from core.readings import Float64, Int16, Int64, Intake, Waveform
from detectors.evaluation.fall_figures import Outcome
from detectors.evaluation.recordings import Recordings
from detectors.fall import FallDetector
from detectors.fall.features import Piece
from detectors.fall.impacts import judge
from detectors.fall.model import FallModel

_START = 20_000 * 24 * HOUR
_BLOCK_S = 1.0
_BURST_BLOCKS = 4
_JITTER_S = 0.01
_WAIT_S = 40
"""Seconds of ticks after a stream's end, in which what was cut off is judged."""

Advance = Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A waveform of a trial. time_s: of its first sample, arrival_s: both seconds since the trial's start."""

    time_s: float
    samples: Int16
    arrival_s: float


Send = Callable[[Int16, float, int], list[Message]]
"""(samples, rate, seed) to messages in the order in which they arrive."""


def clip(samples: Int16, rate: float, seed: int) -> list[Message]:
    """The whole trial, when it is over."""
    return [Message(0.0, samples, len(samples) / rate)]


def stream(samples: Int16, rate: float, seed: int) -> list[Message]:
    """Blocks of 1 s, each when it is over."""
    size = max(1, round(_BLOCK_S * rate))
    return [
        Message(start / rate, samples[start : start + size], min(start + size, len(samples)) / rate)
        for start in range(0, len(samples), size)
    ]


def jittered(samples: Int16, rate: float, seed: int) -> list[Message]:
    """Blocks of 1 s whose times are off by a normal deviate of 10 ms."""
    rng = np.random.default_rng(seed)
    return [Message(m.time_s + rng.normal(0, _JITTER_S), m.samples, m.arrival_s) for m in stream(samples, rate, seed)]


def bursts(samples: Int16, rate: float, seed: int) -> list[Message]:
    """Blocks of 0.3 to 2 s, jittered, of which four arrive at once and in any order."""
    rng = np.random.default_rng(seed)
    blocks: list[Message] = []
    start = 0
    while start < len(samples):
        end = min(len(samples), start + max(1, round(rng.uniform(0.3, 2.0) * rate)))
        blocks.append(Message(start / rate + rng.normal(0, _JITTER_S), samples[start:end], end / rate))
        start = end
    sent: list[Message] = []
    for first in range(0, len(blocks), _BURST_BLOCKS):
        burst = blocks[first : first + _BURST_BLOCKS]
        sent += [Message(burst[n].time_s, burst[n].samples, burst[-1].arrival_s) for n in rng.permutation(len(burst))]
    return sent


def detect(
    recordings: Recordings, model: FallModel, send: Send, trials: Int64, advance: Advance
) -> tuple[Int64, Float64]:
    """Give trials (indices) to a detector with this model, each of a person of its own.

    Returns falls raised int64[len(trials)], and seconds from the trial's start to the first of them
    float64[len(trials)], NaN for none. advance: called a trial.
    """
    detector = FallDetector(model)
    people = range(1, len(trials) + 1)
    detector.configure(
        CareContext(
            devices={n: Device(n, f"w{n}", f"h{n}", n, DeviceKind.WEARABLE, 0) for n in people},
            residents={n: Resident(n, f"h{n}") for n in people},
        )
    )
    raised = np.zeros(len(trials), np.int64)
    first = np.full(len(trials), np.nan)
    for row, trial in enumerate(trials.tolist()):
        number, begin = row + 1, _START + row * HOUR
        samples = recordings.samples[recordings.offsets[trial] : recordings.offsets[trial + 1]]
        seen: set[str] = set()
        for now, finding in _findings(detector, number, begin, recordings.rate, send(samples, recordings.rate, trial)):
            if finding.kind is not Kind.FALL or finding.resident != number:
                continue
            if not seen:
                first[row] = (now - begin) / SECOND
            seen.add(finding.dedup_key)
        raised[row] = len(seen)
        advance()
    return raised, first


def measure(
    protocol: str, recordings: Recordings, model: FallModel, send: Send, impact: Float64, advance: Advance
) -> Outcome:
    """All trials of a set through the detector. impact: seconds to each trial's impact, NaN for none."""
    alarms, first = detect(recordings, model, send, np.arange(len(recordings)), advance)
    score = scores(recordings, model)
    return Outcome(protocol, recordings, alarms > 0, alarms, first - impact, score, model.threshold)


def scores(recordings: Recordings, model: FallModel) -> Float64:
    """The greatest probability of each trial's impacts as the detector judges them, 0 without one: float64[trials]."""
    return np.array(
        [
            max((i.probability for i in judge([Piece(_START, recordings.rate, samples)], model)), default=0.0)
            for samples in recordings.trials()
        ]
    )


def _findings(
    detector: FallDetector, number: int, begin: int, rate: float, messages: list[Message]
) -> Iterator[tuple[int, Finding]]:
    now = begin
    for message in messages:
        now = begin + round(message.arrival_s * SECOND)
        time = begin + round(message.time_s * SECOND)
        waveform = Waveform(number, number, time, rate, message.samples, now)
        for finding in detector.observe(Intake.of(waveforms=[waveform]), now):
            yield now, finding
    for second in range(1, _WAIT_S + 1):
        for finding in detector.tick(now + second * SECOND):
            yield now + second * SECOND, finding
