"""Faults change what they are asked to, in the share they are asked to, and nothing else."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import SECOND
from device_sim import faults
from device_sim.faults import Line
from device_sim.observations import Message, Record, Records, values

STREAM = [Message(n * SECOND, "h1", "d", "t", str(n).encode(), urgent=n % 10 == 0) for n in range(4000)]


def carried(line: Line, seed: int = 1) -> list[Message]:
    return line.carry(STREAM, random.Random(seed))


def test_a_good_line_changes_nothing() -> None:
    assert carried(Line()) == STREAM


def test_loss_takes_its_share_but_nothing_urgent() -> None:
    came = carried(Line(loss=0.25))
    lost = len(STREAM) - len(came)
    assert 0.2 < lost / (len(STREAM) * 0.9) < 0.3
    assert [m for m in came if m.urgent] == [m for m in STREAM if m.urgent]
    assert all(m.urgent for m in carried(Line(loss=1.0)))


def test_duplicates_are_the_same_bytes_a_little_later() -> None:
    came = carried(Line(duplicates=0.2, delay=30))
    counts = Counter(m.payload for m in came)
    assert set(counts) == {m.payload for m in STREAM}
    assert 0.15 < sum(n == 2 for n in counts.values()) / len(STREAM) < 0.25
    assert max(counts.values()) == 2


@given(st.floats(0.01, 1), st.floats(0, 600), st.integers(0, 100))
def test_late_messages_are_late_by_no_more_than_the_delay(share: float, delay: float, seed: int) -> None:
    came = Line(reorder=share, delay=delay).carry(STREAM[:300], random.Random(seed))
    assert sorted(m.payload for m in came) == sorted(m.payload for m in STREAM[:300])
    assert [m.at for m in came] == sorted(m.at for m in came)
    assert all(0 <= m.at - int(m.payload) * SECOND <= delay * SECOND for m in came)


def test_reordering_reorders() -> None:
    came = carried(Line(reorder=0.2, delay=30))
    assert [m.payload for m in came] != [m.payload for m in STREAM]
    assert 0.15 < sum(m.at != int(m.payload) * SECOND for m in came) / len(came) < 0.25


def test_one_fault_does_not_move_anothers_choice() -> None:
    lossy = {m.payload for m in carried(Line(loss=0.2))}
    both = {m.payload for m in carried(Line(loss=0.2, reorder=0.3, duplicates=0.3))}
    assert lossy == both


@pytest.mark.parametrize("wrong", [{"loss": 1.1}, {"duplicates": -0.1}, {"reorder": 2.0}, {"delay": -1.0}])
def test_impossible_lines_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        Line(**wrong)


SEEN = [values(n * SECOND, "h1", device, ("battery", 80), ("worn", True)) for n in range(10) for device in ("a", "b")]


def test_skew_moves_event_times_of_one_device_and_not_when_it_sends() -> None:
    skewed = faults.skew(SEEN, "a", -90.5)
    assert [s.at for s in skewed] == [s.at for s in SEEN]
    assert {s.time - s.at for s in skewed if s.device == "a"} == {-90_500_000}
    assert [s for s in skewed if s.device == "b"] == [s for s in SEEN if s.device == "b"]


def test_silence_has_a_beginning_and_an_end() -> None:
    left = faults.silence(SEEN, "a", 3 * SECOND, 6 * SECOND)
    assert [s.at // SECOND for s in left if s.device == "a"] == [0, 1, 2, 6, 7, 8, 9]
    assert [s for s in left if s.device == "b"] == [s for s in SEEN if s.device == "b"]


def test_a_low_battery_is_said_once_in_each_message() -> None:
    low = faults.low_battery(SEEN, "a", 5 * SECOND, 3)
    drained = Records((Record("worn", True), Record("battery", 3)))
    assert [s for s in low if s.device == "a" and s.at >= 5 * SECOND] == [
        replace(s, body=drained) for s in SEEN if s.device == "a" and s.at >= 5 * SECOND
    ]
    assert [s for s in low if s.device == "b" or s.at < 5 * SECOND] == [
        s for s in SEEN if s.device == "b" or s.at < 5 * SECOND
    ]
