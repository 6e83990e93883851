"""Recorded trials worn by simulated residents: each trial in a home of its own, and what came out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.care import DeviceKind
from core.clock import SECOND
from core.findings import Kind
from device_sim import recordings, wire
from device_sim.homes import HomeDevice, Household, Roster, RosterError
from device_sim.observations import Message, Observation, values
from device_sim.recordings import Trial
from device_sim.score import Outcome


@dataclass(frozen=True, slots=True, eq=False)
class Worn:
    """A trial and who plays it, from `start` (micros) on."""

    trial: Trial
    home: Household
    watch: HomeDevice
    start: int


@dataclass(frozen=True, slots=True, eq=False)
class TrialResult:
    """What came out of a trial. clips: how many were sent. to_alert, to_queue: seconds from handing the clip to the
    broker until the alert was raised, and until its incident was in the queue; None where it was not.
    """

    worn: Worn
    clips: int
    incident: int | None
    to_alert: float | None
    to_queue: float | None


def dress(trials: Sequence[Trial], roster: Roster, start: int, spacing: float) -> list[Worn]:
    """Give each trial to the watch of a household of its own; they begin `spacing` seconds apart.

    Raises RosterError for a roster with fewer households that have a watch.
    """
    watches = [(home, watch) for home in roster.households for watch in home.of_kind(DeviceKind.WEARABLE, 0)]
    if len(watches) < len(trials):
        raise RosterError(f"{len(trials)} trials need as many households with a watch; there are {len(watches)}")
    return [
        Worn(trial, home, watch, start + round(number * spacing * 1000) * 1000)
        for number, (trial, (home, watch)) in enumerate(zip(trials, watches, strict=False))
    ]


def messages(worn: Sequence[Worn], *, all_clips: bool) -> list[Message]:
    """What the watches send, in order of time: one routine pack at the start of each trial, then its clips."""
    sent = []
    for play in worn:
        sent.append(
            values(play.start, play.home.code, play.watch.code, ("heart_rate", 72), ("worn", True), ("battery", 80))
        )
        for cut in recordings.cut(play.trial, all_clips=all_clips):
            first = play.start + round(cut.start_s * SECOND)
            whole = play.start + round(cut.sent_s * SECOND)
            sent.append(Observation(whole, first, play.home.code, play.watch.code, cut.clip))
    watches = {play.home.code: play.watch for play in worn}
    return sorted((wire.encode(watches[s.household], s) for s in sent), key=lambda m: m.at)


def results(
    worn: Sequence[Worn], clips_sent: Mapping[str, Sequence[int]], outcomes: Sequence[Outcome], speed: float
) -> list[TrialResult]:
    """Falls that were raised beside the trials.

    Args: clips_sent: by household, when its clips were handed to the broker, in order (micros of the clock that also
    gives the outcomes' times, which runs `speed` times as fast as real time).
    """
    found = {o.household: o for o in sorted(outcomes, key=lambda o: -o.raised) if o.kind in (Kind.FALL, Kind.LONG_LIE)}
    listed = []
    for play in worn:
        clips = clips_sent.get(play.home.code, ())
        outcome = found.get(play.home.code)
        # The clip that brought it is the last one before it.
        before = [] if outcome is None else [sent for sent in clips if sent <= outcome.raised]
        if outcome is None or not before:
            listed.append(TrialResult(play, len(clips), outcome.incident if outcome else None, None, None))
            continue
        queued = None if outcome.queued is None else (max(outcome.queued, outcome.raised) - before[-1]) / SECOND / speed
        listed.append(
            TrialResult(play, len(clips), outcome.incident, (outcome.raised - before[-1]) / SECOND / speed, queued)
        )
    return listed
