"""What the fall detector raises, and what it does not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import HOUR, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch, Waveform
from core.wording import LANGUAGES, say
from detectors.fall import FallDetector
from detectors.fall.features import Piece
from detectors.fall.impacts import judge
from detectors.fall.model import shipped
from device_sim.generated_falls import IMPACT_S, generate
from tests.support.falls import blocks, clip, walk

START = 20_000 * 24 * HOUR
IMPACT = START + round(IMPACT_S * SECOND)


def detector() -> FallDetector:
    """One that watches two residents: 1 with watches 1 and 3, 2 with watch 2."""
    made = FallDetector()
    made.configure(
        CareContext(
            {n: Device(n, f"w{n}", "h", owner, DeviceKind.WEARABLE, 0) for n, owner in ((1, 1), (2, 2), (3, 1))}
            | {10: Device(10, "m", "h", 1, DeviceKind.MOTION, 0)},
            {1: Resident(1, "h1", CarePlan(fall_countdown=45)), 2: Resident(2, "h2")},
        )
    )
    return made


def reading(metric: str, time: int, *, value: float = 1.0, device: int = 1, resident: int = 1, late: int = 0) -> Intake:
    return Intake.of(
        ReadingBatch.from_columns(
            device=[device],
            resident=[resident],
            metric=[metric_id(metric)],
            time=[time],
            value=[value],
            arrival=[time + late],
        )
    )


def see(made: FallDetector, *intakes: Intake) -> list[Finding]:
    found: list[Finding] = []
    for intake in intakes:
        arrivals = [*intake.readings.arrival.tolist(), *(w.arrival for w in intake.waveforms)]
        found += made.observe(intake, max(arrivals))
    return found


def waves(samples: np.ndarray, time: int = START, **about: int) -> Intake:
    return Intake.of(waveforms=[clip(samples, time, **about)])


def kinds(found: Sequence[Finding]) -> list[tuple[Kind, Severity, bool]]:
    return [(f.kind, f.severity, f.clears) for f in found]


# Clips ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_a_fall_in_a_clip_is_raised_with_what_it_rests_on(seed: int) -> None:
    (found,) = see(detector(), waves(generate(seed).samples))
    assert (found.kind, found.queue, found.clears) == (Kind.FALL, Queue.EMERGENCY, False)
    assert found.severity >= Severity.HIGH
    assert abs(found.time - IMPACT) < SECOND // 2
    assert found.countdown == 45
    assert found.score is not None
    assert found.score >= float(str(found.evidence["threshold"]))
    assert isinstance(found.evidence["peak_mg"], int)
    assert found.evidence["peak_mg"] > 2000
    assert found.evidence["waveform"] == {"device": 1, "time": "2024-10-04T00:00:00+00:00"}
    for language in LANGUAGES:
        assert f"{100 * found.score:.0f}" in say(found.reason, language, **found.evidence)


def test_generated_falls_of_all_kinds_are_found() -> None:
    said = [max(i.probability for i in judge([Piece(START, 50.0, generate(s).samples)], shipped())) for s in range(300)]
    assert min(said) >= shipped().threshold


@pytest.mark.parametrize("seed", range(6))
def test_walking_is_none(seed: int) -> None:
    assert see(detector(), waves(walk(seed))) == []


def test_lying_still_after_it_is_critical_and_moving_is_not() -> None:
    samples = generate(1).samples
    (still,) = see(detector(), waves(samples))
    assert (still.severity, still.reason) == (Severity.CRITICAL, "fall-impact-then-still")
    rng = np.random.default_rng(0)
    stirring = samples.astype(np.float64)
    stirring[round(5.2 * 50) :] += rng.normal(0, 90, stirring[round(5.2 * 50) :].shape)
    (moving,) = see(detector(), waves(stirring.round().astype(np.int16)))
    assert (moving.severity, moving.reason) == (Severity.HIGH, "fall-impact")


@pytest.mark.parametrize("rate", [16.0, 25.0, 100.0])
def test_other_rates(rate: float) -> None:
    samples = generate(4).samples
    at = np.arange(0, (len(samples) - 1) / 50, 1 / rate)
    axes = [np.interp(at, np.arange(len(samples)) / 50, samples[:, axis]) for axis in range(3)]
    resampled = np.stack(axes, axis=1).round().astype(np.int16)
    (found,) = see(detector(), Intake.of(waveforms=[clip(resampled, START, rate=rate)]))
    assert abs(found.time - IMPACT) < SECOND // 2


def test_overlapping_clips_of_one_fall_have_one_key() -> None:
    samples = generate(5).samples
    one = waves(samples[:450])
    other = waves(samples[100:], START + 2 * SECOND)
    (first,), (second,) = see(detector(), one), see(detector(), other)
    assert first.dedup_key == second.dedup_key
    later = see(detector(), waves(samples, START + MINUTE))
    assert later[0].dedup_key != first.dedup_key


@pytest.mark.parametrize("seed", range(4))
def test_the_phase_of_a_devices_clock_hardly_moves_the_probability(seed: int) -> None:
    samples = generate(seed).samples
    borderline = np.rint(samples * 0.6).astype(np.int16) + np.rint(walk(seed, 10.0) * 0.4).astype(np.int16)
    said = [
        max(i.probability for i in judge([Piece(START + milli * 1000, 50.0, borderline)], shipped()))
        for milli in range(20)
    ]
    assert max(said) - min(said) < 0.15


def test_a_clip_that_comes_late_says_so() -> None:
    late = replace(clip(generate(1).samples, START), arrival=START + HOUR)
    (found,) = see(detector(), Intake.of(waveforms=[late]))
    assert found.evidence["late_minutes"] == 59
    assert "59" in say(found.reason, "en", **found.evidence)
    (punctual,) = see(detector(), waves(generate(1).samples))
    assert punctual.evidence["late_minutes"] == 0
    assert "late" not in say(punctual.reason, "en", **punctual.evidence)


# Streams -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [2, 7])
def test_a_stream_says_the_same_as_a_clip_about_five_seconds_after_the_impact(seed: int) -> None:
    samples = np.concatenate([walk(1, 20.0), generate(seed).samples, generate(seed).samples[-250:]])
    made = detector()
    found = []
    for block in blocks(samples, START):
        found += [(block.arrival, f) for f in made.observe(Intake.of(waveforms=[block]), block.arrival)]
    ((arrival, streamed),) = found
    (clipped,) = see(detector(), waves(samples))
    assert (streamed.dedup_key, streamed.time, streamed.score) == (clipped.dedup_key, clipped.time, clipped.score)
    assert 5 * SECOND < arrival - streamed.time < 6.2 * SECOND


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(12)), seed=st.integers(0, 5), cut=st.integers(0, 12))
def test_blocks_in_any_order_with_a_restart_between_say_the_same(order: list[int], seed: int, cut: int) -> None:
    samples = np.concatenate([walk(1, 2.0), generate(seed).samples])
    sent = blocks(samples, START)
    now = START + 14 * SECOND

    def run(made: FallDetector, order: Sequence[int], cut: int) -> list[Finding]:
        found: list[Finding] = []
        for n, index in enumerate(order):
            if n == cut:
                again = detector()
                again.restore(made.snapshot())
                made = again
            found += made.observe(Intake.of(waveforms=[replace(sent[index], arrival=now)]), now)
        return found + list(made.tick(now + MINUTE))

    assert run(detector(), order, cut) == run(detector(), range(12), -1) != []


def test_a_stream_that_breaks_off_after_the_impact_is_judged_all_the_same() -> None:
    made = detector()
    sent = blocks(generate(3).samples[:300], START)
    assert see(made, *(Intake.of(waveforms=[b]) for b in sent)) == []
    assert made.tick(START + 12 * SECOND) == []
    (found,) = made.tick(START + MINUTE)
    assert (found.kind, found.time // SECOND) == (Kind.FALL, IMPACT // SECOND)
    assert made.tick(START + 2 * MINUTE) == []


def test_a_stream_that_ended_is_forgotten() -> None:
    made = detector()
    empty = made.snapshot()
    see(made, *(Intake.of(waveforms=[b]) for b in blocks(walk(2), START)))
    assert len(made.snapshot()) > 3000
    made.tick(START + HOUR)
    assert len(made.snapshot()) == len(empty)


def test_a_long_stream_keeps_only_what_a_window_needs() -> None:
    made = detector()
    sizes = []
    for block in blocks(walk(2, 120.0), START):
        made.observe(Intake.of(waveforms=[block]), block.arrival)
        sizes.append(len(made.snapshot()))
    assert max(sizes[60:]) <= 1.2 * max(sizes[:30])


def test_a_stream_without_a_gap_costs_less_than_two_kibibytes() -> None:
    made = detector()
    empty = len(made.snapshot())
    quiet = np.rint(generate(1).samples[:100] * 0.2 + [0, 0, 1000]).astype(np.int16)
    for block in blocks(np.tile(quiet, (30, 1)), START):
        made.observe(Intake.of(waveforms=[block]), block.arrival)
    assert len(made.snapshot()) - empty < 1800


@pytest.mark.parametrize("late", [1, 4, 7])
def test_a_missing_block_is_waited_for(late: int) -> None:
    samples = np.concatenate([walk(1, 40.0), generate(2).samples, walk(2, 20.0)])
    sent = blocks(samples, START)
    moved = [*sent[:44], *sent[45 : 45 + late], replace(sent[44], arrival=sent[44 + late].arrival), *sent[45 + late :]]

    def run(order: list[Waveform]) -> list[Finding]:
        made = detector()
        return see(made, *(Intake.of(waveforms=[b]) for b in order)) + list(made.tick(START + 3 * MINUTE))

    assert run(moved) == run(sent) != []


# The device's own flag -----------------------------------------------------------------------------------------------


def test_a_flag_is_never_dropped() -> None:
    (found,) = see(detector(), reading("fall_flag", START))
    assert kinds([found]) == [(Kind.FALL, Severity.MEDIUM, False)]
    assert found.reason == "fall-device-flag"
    assert see(detector(), reading("fall_flag", START, value=0.0)) == []


def test_a_flag_beside_a_clip_that_is_no_fall_is_raised() -> None:
    found = see(detector(), waves(walk(1)), reading("fall_flag", START + 5 * SECOND))
    assert kinds(found) == [(Kind.FALL, Severity.MEDIUM, False)]


@pytest.mark.parametrize("flag_first", [True, False])
def test_flag_and_clip_that_agree_are_critical_in_any_order(flag_first: bool) -> None:
    flag, wave = reading("fall_flag", IMPACT + 2 * SECOND), waves(generate(1).samples)
    found = see(detector(), *([flag, wave] if flag_first else [wave, flag]))
    assert sorted(f.reason for f in found) == ["fall-device-agrees", "fall-device-flag", "fall-impact-then-still"]
    (both,) = [f for f in found if f.reason == "fall-device-agrees"]
    assert (both.severity, both.time) == (Severity.CRITICAL, found[1 if flag_first else 0].time)
    assert len({f.dedup_key for f in found}) == 3


@pytest.mark.parametrize("about", [{"time": IMPACT + MINUTE}, {"time": IMPACT, "device": 3}])
def test_a_flag_of_another_time_or_device_agrees_with_nothing(about: dict[str, int]) -> None:
    found = see(detector(), waves(generate(1).samples), reading("fall_flag", **about))
    assert "fall-device-agrees" not in {f.reason for f in found}


# The wearer's cancel -------------------------------------------------------------------------------------------------


def test_a_cancel_clears_all_that_was_raised_of_that_fall() -> None:
    made = detector()
    raised = see(made, waves(generate(1).samples), reading("fall_flag", IMPACT + SECOND))
    cleared = see(made, reading("cancel", IMPACT + 20 * SECOND))
    assert {f.dedup_key for f in cleared} == {f.dedup_key for f in raised}
    assert all(f.clears and f.kind is Kind.FALL and f.reason == "fall-cancelled-by-wearer" for f in cleared)
    assert made.tick(START + HOUR) == [], "no long lie follows"


def test_a_cancel_that_comes_before_the_clip_clears_it_too() -> None:
    found = see(detector(), reading("cancel", IMPACT + 3 * SECOND), waves(generate(1).samples))
    assert [f.clears for f in found] == [False, True]
    assert found[0].dedup_key == found[1].dedup_key


@pytest.mark.parametrize(
    "about",
    [{"time": IMPACT + 11 * MINUTE}, {"time": START}, {"time": IMPACT + MINUTE, "resident": 2, "device": 2}],
    ids=["too late", "before the fall", "somebody else's"],
)
def test_other_cancels_clear_nothing(about: dict[str, int]) -> None:
    found = see(detector(), waves(generate(1).samples), reading("cancel", **about))
    assert not any(f.clears for f in found)


# The long lie --------------------------------------------------------------------------------------------------------


def lie(*after: Intake) -> list[Finding]:
    made = detector()
    see(made, waves(generate(1).samples), *after)
    return list(made.tick(IMPACT + 10 * MINUTE + 40 * SECOND))


def test_no_movement_for_ten_minutes_is_a_long_lie() -> None:
    made = detector()
    see(made, waves(generate(1).samples))
    assert made.tick(IMPACT + 10 * MINUTE) == []
    (found,) = made.tick(IMPACT + 10 * MINUTE + 40 * SECOND)
    assert kinds([found]) == [(Kind.LONG_LIE, Severity.CRITICAL, False)]
    assert (found.queue, found.countdown, found.resident) == (Queue.EMERGENCY, 0, 1)
    assert 0 <= found.time - (IMPACT + 10 * MINUTE) < SECOND
    assert made.tick(START + HOUR) == [], "it is said once"


@pytest.mark.parametrize(
    ("metric", "value"), [("motion", 1.0), ("door_open", 1.0), ("door_open", 0.0), ("bed_occupied", 1.0)]
)
def test_movement_ends_the_wait(metric: str, value: float) -> None:
    assert lie(reading(metric, IMPACT + 5 * MINUTE, value=value, device=10)) == []


@pytest.mark.parametrize(
    "after",
    [
        reading("motion", IMPACT + 5 * MINUTE, value=0.0, device=10),
        reading("bed_occupied", IMPACT + 5 * MINUTE, value=0.0, device=10),
        reading("motion", IMPACT + 20 * SECOND, device=10),
        reading("motion", IMPACT - MINUTE, device=10, late=MINUTE),
        reading("motion", IMPACT + 5 * MINUTE, device=2, resident=2),
    ],
    ids=["no motion", "out of bed", "within the fall", "before it", "somebody else"],
)
def test_what_is_no_movement_does_not(after: Intake) -> None:
    assert kinds(lie(after)) == [(Kind.LONG_LIE, Severity.CRITICAL, False)]


LYING = np.tile(np.array([[0, 1000, 0]], np.int16), (3500, 1))


def streamed(samples: np.ndarray, time: int) -> list[Intake]:
    return [Intake.of(waveforms=[b]) for b in blocks(samples, time)]


def test_walking_on_a_stream_is_movement_and_lying_is_not() -> None:
    assert [f for f in lie(*streamed(walk(1, 70.0), IMPACT + 3 * MINUTE)) if f.kind is Kind.LONG_LIE] == []
    assert kinds(lie(*streamed(LYING, IMPACT + 3 * MINUTE))) == [(Kind.LONG_LIE, Severity.CRITICAL, False)]


def test_a_flag_alone_is_followed_by_a_long_lie() -> None:
    made = detector()
    see(made, reading("fall_flag", START))
    assert kinds(made.tick(START + 11 * MINUTE)) == [(Kind.LONG_LIE, Severity.CRITICAL, False)]


def test_a_fall_we_heard_of_hours_later_says_nothing_of_the_lie() -> None:
    made = detector()
    see(made, reading("fall_flag", START, late=3 * HOUR))
    assert made.tick(START + 4 * HOUR) == []


# Getting up ----------------------------------------------------------------------------------------------------------


def up_after(*after: Intake, seconds: int) -> list[Finding]:
    """What a detector that saw a fall and all this says by so many seconds after the impact, of getting up."""
    made = detector()
    (fall,) = see(made, waves(generate(1).samples))
    found = [*see(made, *after), *made.tick(IMPACT + seconds * SECOND)]
    assert all(f.dedup_key == fall.dedup_key for f in found if f.eases)
    return [f for f in found if f.eases]


@pytest.mark.parametrize("seed", range(3))
def test_walking_again_eases_the_fall_once_its_minute_is_over(seed: int) -> None:
    walking = streamed(walk(seed, 45.0), IMPACT + 3 * MINUTE + 5 * SECOND)
    assert up_after(*walking, seconds=265) == []
    (eased,) = up_after(*walking, seconds=275)
    assert (eased.kind, eased.time // SECOND, eased.clears) == (Kind.FALL, IMPACT // SECOND + 240, False)
    for language in LANGUAGES:
        assert "4" in say(eased.reason, language, **eased.evidence)
    assert up_after(*reversed(walking), seconds=275) == [eased], "in any order"
    assert up_after(*walking, seconds=500) == [eased]


@pytest.mark.parametrize(
    "after",
    [
        streamed(LYING, IMPACT + 3 * MINUTE),
        streamed(walk(1, 15.0), IMPACT + 3 * MINUTE),
        streamed(walk(1, 40.0), IMPACT + 12 * SECOND),
        [*streamed(walk(1, 45.0), IMPACT + 3 * MINUTE), reading("cancel", IMPACT + 230 * SECOND)],
        [Intake.of(waveforms=blocks(walk(1, 45.0), IMPACT + 3 * MINUTE, device=2, resident=2))],
    ],
    ids=["lying", "a moment", "within the fall", "cancelled", "somebody else"],
)
def test_what_is_no_walking_again_eases_nothing(after: list[Intake]) -> None:
    assert up_after(*after, seconds=620) == []


def test_a_restart_between_does_not_forget_the_walking() -> None:
    made = detector()
    see(made, waves(generate(1).samples), *streamed(walk(1, 45.0), IMPACT + 3 * MINUTE))
    again = detector()
    again.restore(made.snapshot())
    assert [f.eases for f in again.tick(IMPACT + 5 * MINUTE)] == [True]
