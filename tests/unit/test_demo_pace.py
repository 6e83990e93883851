"""How fast the demonstration's time passes, and how it is known that it passed too fast."""

import pytest

from core.clock import HOUR, MINUTE, SECOND, ManualClock
from core.findings import Kind
from demo import pace
from demo.verdict import verdict
from device_sim.observations import Message
from device_sim.score import Score
from device_sim.truth import Truth


@pytest.mark.parametrize(
    ("simulated_in", "seconds"), [(0.5, 100), (4.0, 100), (4.1, 110), (8.0, 200), (20.0, 500), (500.0, 1800)]
)
def test_a_slower_machine_takes_longer(simulated_in: float, seconds: float) -> None:
    assert pace.seconds_for(simulated_in) == seconds


@pytest.mark.parametrize(("simulated_in", "seconds"), [(0.5, 8), (2.0, 8), (5.0, 20)])
def test_a_slower_machine_gets_more_time_to_start(simulated_in: float, seconds: float) -> None:
    assert pace.boot_for(simulated_in) == seconds


def acknowledged(lag: pace.Lag, clock: ManualClock, late: int) -> None:
    lag.acknowledged(Message(clock.micros() - late, "h001", "watch", "", b""), 0)


def test_the_worst_lag_counts() -> None:
    clock = ManualClock(HOUR)
    lag = pace.Lag(clock)
    assert (lag.worst, lag.too_long) == (0, False)
    for late in (-5 * SECOND, MINUTE, 20 * SECOND):
        acknowledged(lag, clock, late)
    assert (lag.minutes, lag.too_long, lag.seconds_instead(100)) == (1.0, False, 100)
    acknowledged(lag, clock, 150 * SECOND)
    assert (lag.minutes, lag.too_long, lag.seconds_instead(100)) == (2.5, True, 250)


def test_who_is_ready_late_begins_on_the_full_five_minutes() -> None:
    # 2 s of simulating and as much to spare, at 60 times real speed: six minutes.
    assert pace.late_begin(HOUR, 2.0, 60.0) == HOUR + 10 * MINUTE
    assert pace.late_begin(HOUR - MINUTE, 2.0, 60.0) == HOUR + 5 * MINUTE


def test_the_verdict_fails_for_anything_that_was_missed_and_says_where_time_was_too_fast() -> None:
    clock = ManualClock(HOUR)
    kept_up, too_slow = pace.Lag(clock), pace.Lag(clock)
    acknowledged(too_slow, clock, 3 * MINUTE)
    missed = tuple(Truth("h001", "王", kind, HOUR, HOUR) for kind in (Kind.BATTERY_LOW, Kind.SOS, Kind.BATTERY_LOW))
    found, failed = Score((), (), ()), Score((), missed, ())

    assert verdict(found, kept_up, 100, "en").passed
    assert verdict(found, too_slow, 100, "en").passed
    assert not verdict(failed, too_slow, 100, "en").passed
    said = verdict(failed, kept_up, 100, "en")
    assert not said.passed
    assert [text for text, _ in said.lines] == ["Missed: Battery low, Call for help (SOS). This must not be."]

    for language in ("en", "zh-CN"):
        assert len(verdict(found, kept_up, 100, language).lines) == 1
        for result in (found, failed):
            [_, (text, _)] = verdict(result, too_slow, 100, language).lines
            assert "--seconds 300" in text
