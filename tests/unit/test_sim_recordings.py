"""Clips are cut as a wrist device would; trials get homes of their own; generated falls look like falls."""

from pathlib import Path

import cbor2
import numpy as np
import pytest

from core.clock import SECOND
from core.findings import Kind
from device_sim import recordings, trials
from device_sim.generated_falls import IMPACT_S, RATE, generate
from device_sim.homes import RosterError, make_roster
from device_sim.observations import Samples
from device_sim.recordings import RecordingError, Trial, choose, cut, load, magnitude
from device_sim.score import Outcome
from tests.support.servers import RECORDINGS

START = 1_772_497_800_000_000


def still(seconds: float, **at: int) -> Samples:
    """Gravity alone, with one sample of another magnitude (milli-g) at given tenths of a second: t42=3000."""
    samples = np.zeros((round(seconds * 50), 3), dtype=np.int16)
    samples[:, 2] = 1000
    for tenth, size in at.items():
        samples[round(int(tenth[1:]) * 5), 2] = size
    return samples


def trial(samples: Samples, *, is_fall: bool = True) -> Trial:
    return Trial("F01/U01_R01", "U01", "F01", is_fall, samples, 50.0)


def spans(one: Trial, *, all_clips: bool = False) -> list[tuple[float, float]]:
    found = cut(one, all_clips=all_clips)
    for piece in found:
        first = round(piece.start_s * 50)
        assert np.array_equal(piece.clip.samples, one.samples[first : first + len(piece.clip.samples)])
    return [(piece.start_s, piece.sent_s) for piece in found]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (still(30, t150=3000), [(11.0, 21.0)]),
        (still(30, t150=300), [(11.0, 21.0)]),
        (still(30, t150=1799), []),
        (still(30, t150=401), []),
        (still(30, t20=3000), [(0.0, 8.0)]),
        (still(30, t280=3000), [(24.0, 30.0)]),
        (still(30, t100=3000, t150=3000), [(6.0, 16.0)]),
        (still(30, t100=3000, t170=3000), [(6.0, 16.0), (13.0, 23.0)]),
        (still(8, t70=3000), [(0.0, 8.0)]),
        (still(10, t95=3000), [(0.0, 10.0)]),
        (still(0), []),
    ],
)
def test_clips_are_cut_around_the_trigger(samples: Samples, expected: list[tuple[float, float]]) -> None:
    assert spans(trial(samples)) == expected


def test_without_a_trigger_all_clips_sends_the_largest_magnitude() -> None:
    calm = trial(still(30, t150=1500), is_fall=False)
    assert spans(calm) == []
    assert spans(calm, all_clips=True) == [(11.0, 21.0)]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "recorded.npz"
    parts = [still(12, t60=3000), still(6), still(20, t100=200)]
    np.savez(
        file,
        acceleration_mg=np.concatenate(parts),
        offsets=np.cumsum([0, *map(len, parts)]),
        subject=np.array(["U01", "U02", "U01"]),
        activity=np.array(["F01", "D02", "F03"]),
        is_fall=np.array([True, False, True]),
        older_adult=np.array([False, True, False]),
        trial=np.array(["a", "b", "c"]),
        sample_rate_hz=np.array(50.0),
    )
    return file


def test_a_file_is_read_trial_by_trial(archive: Path) -> None:
    read = load(archive)
    assert [(t.name, t.subject, t.activity, t.is_fall, len(t.samples)) for t in read] == [
        ("a", "U01", "F01", True, 600),
        ("b", "U02", "D02", False, 300),
        ("c", "U01", "F03", True, 1000),
    ]
    assert [len(cut(t)) for t in read] == [1, 0, 1]


def test_another_format_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", acceleration_mg=np.zeros((3, 3)))
    with pytest.raises(RecordingError, match="offsets"):
        load(tmp_path / "other.npz")


def test_the_choice_is_seeded_and_has_what_was_asked(archive: Path) -> None:
    read = load(archive)
    assert [t.is_fall for t in choose(read, 2, 1, 5)].count(True) == 2
    assert choose(read, 1, 1, 5) == choose(read, 1, 1, 5)
    with pytest.raises(RecordingError, match="2 falls, not 3"):
        choose(read, 3, 0, 5)


def test_each_trial_is_worn_in_a_home_of_its_own(archive: Path) -> None:
    roster = make_roster(3, 1)
    worn = trials.dress(load(archive), roster, START, 0.5)
    assert [(play.home.code, play.start) for play in worn] == [
        ("h001", START), ("h002", START + SECOND // 2), ("h003", START + SECOND)
    ]  # fmt: skip
    sent = trials.messages(worn, all_clips=False)
    clips = [m for m in sent if m.topic.endswith("/waveform")]
    assert [(m.household, m.at) for m in clips] == [("h001", START + 12 * SECOND), ("h003", START + 17 * SECOND)]
    assert round(cbor2.loads(clips[0].payload)["t"] * 1e6) == START + 2 * SECOND
    assert {m.household for m in sent} == {"h001", "h002", "h003"}
    with pytest.raises(RosterError, match="3 trials"):
        trials.dress(load(archive), make_roster(2, 1), START, 0.5)


def test_results_put_each_alert_beside_its_clip(archive: Path) -> None:
    worn = trials.dress(load(archive), make_roster(3, 1), START, 0.0)

    def alert(home: str, kind: Kind, raised: int, queued: int | None) -> Outcome:
        return Outcome(home, "x", kind, raised, queued, cancelled=False, incident=7)

    sent = {"h001": [START + 10 * SECOND, START + 30 * SECOND], "h003": [START]}
    outcomes = [
        alert("h001", Kind.FALL, START + 31 * SECOND, START + 51 * SECOND),
        alert("h001", Kind.LONG_LIE, START + 90 * SECOND, START + 51 * SECOND),
        alert("h003", Kind.DEVICE_SILENT, START + 5 * SECOND, START + 5 * SECOND),
    ]
    first, second, third = trials.results(worn, sent, outcomes, speed=1.0)
    assert (first.clips, first.incident, first.to_alert, first.to_queue) == (2, 7, 1.0, 21.0)
    assert (second.clips, second.incident, second.to_alert) == (0, None, None)
    assert (third.clips, third.incident) == (1, None)


def test_generated_falls_are_seeded() -> None:
    assert np.array_equal(generate(3).samples, generate(3).samples)
    assert not np.array_equal(generate(3).samples, generate(4).samples)


@pytest.mark.parametrize("seed", range(30))
def test_generated_falls_have_the_phases_of_a_fall(seed: int) -> None:
    clip = generate(seed)
    size = magnitude(clip.samples)
    impact = round(IMPACT_S * RATE)
    standing, lying = clip.samples[: 3 * 50].astype(float), clip.samples[7 * 50 :].astype(float)
    assert size[impact - 40 : impact].min() < 700
    assert size[impact : impact + 10].max() > 2200
    assert np.abs(np.linalg.norm(lying, axis=1) - 1000).max() < 80
    cosine = standing.mean(0) @ lying.mean(0) / np.linalg.norm(standing.mean(0)) / np.linalg.norm(lying.mean(0))
    assert np.degrees(np.arccos(cosine)) > 35
    # The watch's own trigger would have sent it.
    assert len(cut(trial(clip.samples))) == 1


@pytest.mark.recordings
def test_recorded_falls_wake_the_trigger() -> None:
    read = load(RECORDINGS / "falls" / "weda_fall_dev.npz")
    falls = [one for one in read if one.is_fall]
    assert (len(read), len(falls)) == (675, 250)
    woken = sum(bool(cut(one)) for one in falls)
    assert woken / len(falls) > 0.95
    assert (
        max(round(len(piece.clip.samples) / 50, 2) for one in falls for piece in cut(one))
        == recordings.BEFORE_S + recordings.AFTER_S
    )
