"""What is written of a device's last words, and how seldom."""

import numpy as np

from core.clock import MINUTE, SECOND
from core.metrics import metric_id
from core.readings import Intake, PositionBatch, ReadingBatch, Waveform
from ingest.last_words import LastWords

BATTERY, WORN, ONLINE, PULSE = (metric_id(name) for name in ("battery", "worn", "online", "heart_rate"))
NOON = 1_790_000_000_000_000


def said(*rows: tuple[int, int, float, int], late: int = 0) -> Intake:
    """Rows of (device, metric, value, seconds after noon); arrival is `late` seconds after the event."""
    return Intake.of(
        ReadingBatch.from_columns(
            device=[r[0] for r in rows],
            resident=[1 for _ in rows],
            metric=[r[1] for r in rows],
            time=[NOON + r[3] * SECOND for r in rows],
            value=[r[2] for r in rows],
            arrival=[NOON + (r[3] + late) * SECOND for r in rows],
        )
    )


def test_the_first_word_of_each_is_written_and_the_newest_of_a_batch_counts() -> None:
    states = LastWords().new(said((3, BATTERY, 50, 0), (3, BATTERY, 49, 9), (5000, WORN, 1, 3), (3, ONLINE, 1, 2)))
    assert states is not None
    assert (states.devices, states.battery, states.battery_at) == (
        [3, 5000], [49.0, None], [NOON + 9 * SECOND, None],
    )  # fmt: skip
    assert (states.worn, states.online) == ([None, True], [True, None])
    assert states.heard_at == [NOON + 9 * SECOND, NOON + 3 * SECOND]


def test_a_device_that_says_the_same_each_second_costs_a_row_a_minute() -> None:
    words, written = LastWords(), 0
    for second in range(300):
        states = words.new(said((3, PULSE, 70, second), (3, BATTERY, 50, second), (3, WORN, 1, second)))
        if states is not None:
            words.remember(states)
            written += 1
    assert written == 5


def test_what_was_not_written_is_written_with_the_next_batch() -> None:
    words = LastWords()
    assert words.new(said((3, WORN, 0, 0))) is not None
    states = words.new(said((3, PULSE, 70, 1)))
    assert states is not None, "the commit before failed: nobody remembered it"
    assert states.heard_at == [NOON + SECOND]


def test_a_change_is_written_at_once() -> None:
    words = LastWords()
    first = words.new(said((3, WORN, 1, 0)))
    assert first is not None
    words.remember(first)
    assert words.new(said((3, WORN, 1, 1))) is None
    states = words.new(said((3, WORN, 0, 2)))
    assert states is not None
    assert (states.worn, states.heard_at) == ([False], [None])


def test_a_last_will_is_no_sign_of_life_and_positions_and_clips_are() -> None:
    states = LastWords().new(said((3, ONLINE, 0, 0)))
    assert states is not None
    assert (states.online, states.heard_at) == ([False], [None])
    fixes = PositionBatch.from_columns(
        device=[4], resident=[1], time=[NOON], latitude=[30.0], longitude=[120.0], accuracy=[5.0], source=[0],
        arrival=[NOON + MINUTE],
    )  # fmt: skip
    clip = Waveform(5, 1, NOON, 50.0, np.zeros((1, 3), np.int16), NOON + 2 * MINUTE)
    states = LastWords().new(Intake.of(positions=fixes, waveforms=[clip]))
    assert states is not None
    assert (states.devices, states.heard_at) == ([4, 5], [NOON + MINUTE, NOON + 2 * MINUTE])


def test_nothing_said_is_nothing_written() -> None:
    assert LastWords().new(Intake.of()) is None
