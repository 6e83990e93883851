"""`kanhu evaluate fall`: on made-up recordings from end to end, and the shipped model on the real ones."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from typer.testing import CliRunner, Result

from cli.evaluate import app
from cli.main import app as kanhu
from detectors.evaluation import fall_training, fall_trials, fall_windows
from detectors.evaluation.fall_figures import Figures, Outcome, figures
from detectors.evaluation.fall_training import Material, fit, operating_point, prepare, train
from detectors.evaluation.fall_variations import VARIATIONS
from detectors.evaluation.fall_windows import NEGATIVE, POSITIVE, UNUSED
from detectors.evaluation.recordings import Recordings, RecordingsError, load
from detectors.fall.features import CANDIDATE_G
from detectors.fall.model import FallModel, ModelError, shipped
from tests.support.falls import write_recordings
from tests.support.servers import RECORDINGS

MODEL = Path(__file__).parents[2] / "detectors" / "models" / "fall.onnx"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("recordings") / "made_up.npz"
    write_recordings(made, trials=3)
    return made


@pytest.fixture(scope="module")
def recordings(path: Path) -> Recordings:
    return load(path)


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who asks what is trained on what, and not how well: thirty fits of 300 trees take half a minute."""
    monkeypatch.setitem(fall_training._TREES, "n_estimators", 20)


def evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["fall", *map(str, arguments)])


# Recordings and windows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"subject": None}, "no subject"),
        ({"acceleration_mg": np.zeros((10, 2))}, "float64"),
        ({"acceleration_mg": None}, "no acceleration"),
        ({"acceleration_g": np.zeros((10, 3))}, "acceleration_mg and acceleration_g"),
        ({"offsets": np.array([0, 5])}, "offsets"),
        ({"offsets": np.zeros((2, 2), np.int64)}, "offsets are int64"),
        ({"is_fall": np.array([True])}, "not one for each of the 27 trials"),
        ({"is_fall": np.array(["False"] * 27)}, "is_fall is <U5"),
        ({"older_adult": np.full(27, np.nan)}, "older_adult"),
        ({"fall_start_s": np.array(["1"] * 27)}, "fall_start_s is <U1"),
        ({"sample_rate_hz": np.float64(0)}, "sample_rate_hz"),
        ({"sample_rate_hz": np.array([50.0, 50.0])}, "sample_rate_hz"),
        ({"sample_rate_hz": np.array("fast")}, "sample_rate_hz"),
        ({"time_s": np.arange(10.0)}, "time_s is float64"),
        ({"time_s": np.zeros(15_000)}, "time_s spans 0 s"),
        ({"time_s": np.arange(15_000) * 20.0}, "is it in seconds"),
        ({"time_s": np.full(15_000, np.nan)}, "time_s is float64"),
        ({"offsets": np.array([0, 0, 15_000])}, "trial 0 has no samples"),
        ({"subject": np.array(["S0"] * 27, dtype=object)}, "subject can't be read"),
        ({"activity": np.array([b"\xff"] * 27)}, "no UTF-8"),
    ],
)
def test_a_file_of_another_format_is_named_with_what_is_wrong(
    path: Path, tmp_path: Path, change: dict[str, np.ndarray | None], says: str
) -> None:
    with np.load(path) as archive:
        columns = {name: archive[name] for name in archive.files} | change
    bad = tmp_path / "bad.npz"
    np.savez(bad, **{name: column for name, column in columns.items() if column is not None})
    with pytest.raises(RecordingsError, match=says):
        load(bad)
    result = evaluate(bad)
    assert result.exit_code == 2
    assert "bad.npz" in result.output


def test_something_else_than_an_archive_is_refused(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.npz"
    array = tmp_path / "array.npy"
    np.save(array, np.zeros((10, 3)))
    for content in (b"\x80\x04nonsense", b"", array.read_bytes()):
        nonsense.write_bytes(content)
        with pytest.raises(RecordingsError, match=r"not an \.npz archive"):
            load(nonsense)
        assert evaluate(nonsense, "--frozen").exit_code == 2
    assert evaluate(tmp_path / "none.npz").exit_code == 2


def test_each_fall_has_one_impact_and_daily_activities_only_negatives(recordings: Recordings) -> None:
    for cut in (fall_windows.of, fall_windows.altered, fall_windows.crude):
        windows = cut(recordings, 1)
        fall = recordings.is_fall[windows.trial]
        assert set(windows.label[fall]) <= {POSITIVE, UNUSED}
        assert set(windows.label[~fall]) <= {NEGATIVE, UNUSED}
        assert np.bincount(windows.trial[windows.label == POSITIVE], minlength=len(recordings)).tolist() == (
            recordings.is_fall.astype(int).tolist()
        )
        assert np.bincount(windows.trial[windows.label == NEGATIVE]).max() <= 4
        assert np.isfinite(windows.features).all()
    windows = fall_windows.of(recordings, 1)
    peak = windows.features[:, :, windows.names.index("peak")].max(axis=1)
    assert (peak >= CANDIDATE_G - 0.001).all()


@pytest.mark.parametrize(
    ("name", "one_g"), [("acceleration_g", 1.0), ("acceleration_ms2", 9.80665), ("acceleration", 9.80665)]
)
def test_other_units_come_out_as_milli_g(path: Path, tmp_path: Path, name: str, one_g: float) -> None:
    with np.load(path) as archive:
        columns = {key: archive[key] for key in archive.files}
    columns[name] = (columns.pop("acceleration_mg") / 1000 * one_g).astype(np.float32)
    other = tmp_path / "other.npz"
    np.savez(other, **columns)
    assert np.array_equal(load(other).samples, load(path).samples)


def test_a_unit_that_the_magnitude_at_rest_denies_is_refused(path: Path, tmp_path: Path) -> None:
    with np.load(path) as archive:
        columns = {key: archive[key] for key in archive.files}
    columns["acceleration_g"] = columns.pop("acceleration_mg") * (9.80665 / 1000)
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, **columns)
    with pytest.raises(RecordingsError, match="not 1 g in g"):
        load(wrong)


def test_samples_with_times_of_their_own_come_out_evenly(path: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    even = load(path)
    parts, times, offsets = [], [], [0]
    kept = np.zeros(len(even.samples), np.bool_)
    for begin, samples in zip(even.offsets, even.trials(), strict=False):
        middle = 1 + rng.choice(len(samples) - 2, len(samples) * 9 // 10, replace=False)
        at = np.sort(np.concatenate(([0, len(samples) - 1], middle)))
        kept[begin + at] = True
        parts.append(samples[at])
        times.append(7.0 + at / even.rate)
        offsets.append(offsets[-1] + len(at))
    with np.load(path) as archive:
        columns = {key: archive[key] for key in archive.files}
    columns |= {"acceleration_mg": np.concatenate(parts), "offsets": np.array(offsets)}
    uneven = tmp_path / "uneven.npz"
    np.savez(uneven, time_s=np.concatenate(times), **columns)
    found = load(uneven)
    assert np.array_equal(found.offsets, even.offsets)
    assert np.array_equal(found.samples[kept], even.samples[kept])
    assert not np.array_equal(found.samples, even.samples)
    assert json.loads(evaluate(uneven, "--frozen", "--json").stdout)["rows"][0]["sensitivity"] == 1.0


def test_names_as_bytes_and_columns_beside_those_needed_do_no_harm(path: Path, tmp_path: Path) -> None:
    with np.load(path) as archive:
        columns = {key: archive[key] for key in archive.files}
    columns["subject"] = np.char.encode(np.char.replace(columns["subject"], "S", "Ü"), "utf-8")
    other = tmp_path / "other.npz"
    np.savez_compressed(other, note=np.array([{"any": "thing"}], dtype=object), **columns)
    assert set(load(other).subject.tolist()) == {"Ü0", "Ü1", "Ü2", "Ü3", "Ü4"}


@pytest.mark.parametrize("times", ["off by more than the step", "in bursts", "bursts out of order"])
def test_samples_whose_times_do_not_rise_are_put_in_order_and_spread(path: Path, tmp_path: Path, times: str) -> None:
    even = load(path)
    with np.load(path) as archive:
        columns = {key: archive[key] for key in archive.files}
    time_s = np.concatenate([np.arange(len(samples)) / even.rate for samples in even.trials()])
    if times == "off by more than the step":
        time_s += np.random.default_rng(1).normal(0, 0.01, len(time_s))
    elif times == "in bursts":
        time_s = np.floor(time_s / 0.5 + 1e-6) * 0.5
    else:
        order = np.concatenate([np.arange(len(s)).reshape(-1, 2, 25)[:, ::-1].ravel() for s in even.trials()])
        order += np.repeat(even.offsets[:-1], np.diff(even.offsets))
        columns["acceleration_mg"], time_s = columns["acceleration_mg"][order], time_s[order]
    uneven = tmp_path / "uneven.npz"
    np.savez(uneven, time_s=time_s, **columns)
    found = load(uneven)
    if times == "off by more than the step":
        assert np.abs(np.diff(found.offsets) - np.diff(even.offsets)).max() <= 3
    else:
        assert np.array_equal(found.samples, even.samples)
    rows = json.loads(evaluate(uneven, "--frozen", "--json").stdout)["rows"]
    assert [row["sensitivity"] for row in rows] == [1.0, 1.0]


def test_an_annotated_fall_is_looked_for_in_its_time(recordings: Recordings) -> None:
    first = int(np.flatnonzero(recordings.is_fall)[0])
    strongest = fall_windows.impact_s(fall_windows.of(recordings, 1), len(recordings))[first]
    samples = recordings.samples.copy()
    bump = int(recordings.offsets[first]) + round((strongest + 3) * recordings.rate)
    samples[bump - 2 : bump + 3] = (0, 0, 2500)
    start = np.full(len(recordings), np.nan)
    start[first] = strongest + 2.5
    annotated = replace(recordings, samples=samples, fall_start_s=start, fall_end_s=start + 1.5)
    found = fall_windows.impact_s(fall_windows.of(annotated, 1), len(recordings))[first]
    assert found == pytest.approx(strongest + 3, abs=0.05)


def test_a_crude_device_clips_and_rounds(recordings: Recordings) -> None:
    fine, crude = (cut(recordings, 1) for cut in (fall_windows.of, fall_windows.crude))
    peak = fine.names.index("peak")
    assert fine.features[..., peak].max() > 4
    per_trial = np.zeros((2, len(recordings)))
    for row, windows in enumerate((fine, crude)):
        np.maximum.at(per_trial[row], windows.trial, windows.features[..., peak].max(axis=1))
    softened = per_trial[1] < 0.7 * per_trial[0]
    assert 0 < softened.sum() < len(recordings)
    again = fall_windows.crude(recordings, 1)
    assert np.array_equal(again.features, crude.features), "seeded"


def test_a_slower_device_gives_the_mean_of_its_time() -> None:
    samples = np.arange(60, dtype=np.int16).reshape(20, 3)
    slowed = fall_windows.slowed(samples, 50.0, 25.0)
    assert slowed.tolist() == ((samples[0::2].astype(int) + samples[1::2]) / 2).round().astype(int).tolist()
    assert len(fall_windows.slowed(samples, 50.0, 16.0)) == 6


# Figures -------------------------------------------------------------------------------------------------------------


def test_figures_by_hand(recordings: Recordings) -> None:
    fall = recordings.is_fall
    found = fall.copy()
    own = np.flatnonzero(fall & (recordings.subject == "S1"))
    found[own[:2]] = False
    old = np.flatnonzero(~fall & recordings.older_adult)
    found[old[0]] = True
    alarms = found.astype(np.int64)
    alarms[old[0]] = 2
    delay = np.where(found & fall, np.arange(len(fall)) % 2 + 5.0, np.nan)
    row = figures(Outcome("by hand", recordings, found, alarms, delay, found.astype(float), 0.5))
    assert (row.falls, row.activities, row.subjects) == (12, 15, 5)
    assert row.sensitivity == pytest.approx(10 / 12)
    assert row.specificity == pytest.approx(14 / 15)
    assert row.worst_subject == "S1"
    assert row.worst_sensitivity == pytest.approx(1 / 3)
    assert row.older_specificity == pytest.approx(2 / 3)
    assert row.auc == pytest.approx((10 * 14 + 0.5 * (10 + 2 * 14)) / (12 * 15))
    assert row.alarms_per_hour == pytest.approx(2 / (15 * 12 / 3600))
    assert row.older_alarms_per_hour == pytest.approx(2 / (3 * 12 / 3600))
    assert row.seconds_median in (5.0, 5.5, 6.0)


def test_intervals_hold_the_figure_and_widen_with_one_subject_that_differs(recordings: Recordings) -> None:
    fall = recordings.is_fall
    delay = np.full(len(fall), np.nan)

    def row(found: np.ndarray) -> Figures:
        return figures(Outcome("", recordings, found, found.astype(np.int64), delay, found.astype(float), 0.5))

    none_missed = row(fall)
    assert none_missed.sensitivity_interval == (1.0, 1.0)
    assert none_missed.older_specificity_interval is None, "one older subject"
    missed = row(fall & (recordings.subject != "S1"))
    assert missed.sensitivity is not None
    assert missed.sensitivity_interval is not None
    low, high = missed.sensitivity_interval
    # Of four subjects drawn with replacement, none is S1 in 32 % of draws and three or more are in 5.1 %.
    assert (low, high) == (0.25, 1.0)


def test_calibration_by_hand(recordings: Recordings) -> None:
    fall = recordings.is_fall
    score = np.where(fall, 0.85, 0.25)
    wrong = np.flatnonzero(fall)[:3]
    score[wrong] = 0.25
    alarms = fall.astype(np.int64)
    row = figures(Outcome("", recordings, fall, alarms, np.full(len(fall), np.nan), score, 0.5))
    share = 0.5 + 0.5 * 3 / 12
    assert [b.trials for b in row.bins] == [18, 9]
    assert row.bins[0].falls == pytest.approx(0.125 / share)
    assert row.ece == pytest.approx(share * abs(0.25 - 0.125 / share) + (1 - share) * 0.15)
    assert row.brier == pytest.approx(0.5 * 0.25**2 + 0.125 * 0.75**2 + 0.375 * 0.15**2)


def test_the_operating_point_separates() -> None:
    truth = np.array([True] * 10 + [False] * 10)
    score = np.where(truth, 0.8, 0.3)
    assert 0.3 < operating_point([score], [truth]) <= 0.8
    assert operating_point([score * 0.5], [truth]) <= 0.4


# Training ------------------------------------------------------------------------------------------------------------


def test_the_exported_model_says_what_the_trained_one_says(recordings: Recordings) -> None:
    material = prepare(recordings)
    trained = train([material])
    model = FallModel(trained.onnx)
    names = material.windows.names
    for windows in (material.windows, *material.altered):
        features = windows.features.reshape(-1, len(names))
        columns = {name: features[:, n].astype(np.float64) for n, name in enumerate(names)}
        exact = trained.classifier.predict_proba(features)[:, 1]
        assert np.abs(model.probability(columns) - exact).max() < 1e-4
    assert model.threshold == trained.threshold


def test_subjects_left_out_are_not_trained_on(recordings: Recordings) -> None:
    material, poisoned = prepare(recordings), prepare(recordings)
    for windows in (poisoned.windows, *poisoned.altered):
        own = recordings.subject[windows.trial] == "S0"
        windows.features[own] = windows.features[own][::-1]

    def says(of: Material, *leave: str) -> list[float]:
        found = fit([of], [set(leave)]).predict_proba(material.windows.features[:, 0])
        return [float(p) for p in found[:, 1]]

    assert says(material) != says(poisoned)
    assert says(material, "S0") == says(poisoned, "S0")


def test_training_twice_gives_the_same_bytes_and_a_card(path: Path, tmp_path: Path) -> None:
    made = []
    for hash_seed in ("0", "1"):  # another order of sets in each
        output = tmp_path / hash_seed
        command = [sys.executable, "-m", "cli.main", "evaluate", "fall", str(path), "--train", "--json"]
        result = subprocess.run(
            [*command, "--output", str(output)],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        made.append(((output / "fall.onnx").read_bytes(), (output / "fall.md").read_text("utf-8"), result.stdout))
    assert made[0] == made[1]
    _, card, printed = made[0]
    report = json.loads(printed)
    assert report["protocol"].startswith("Protocol: per trial")
    assert report["command"] == f"kanhu evaluate fall {path} --train"
    (in_folds,) = report["rows"]
    assert in_folds["protocol"].startswith("sets trained together, subjects in eight folds")
    assert in_folds["sensitivity"] > 0.8
    assert in_folds["specificity"] > 0.8
    assert "acted, nearly all by young people" in card
    assert f"{in_folds['sensitivity']:.3f}" in card


@pytest.mark.usefixtures("few_trees")
def test_two_sets_are_tried_on_each_other(path: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.npz"
    write_recordings(second, subjects=3, trials=2, first=50)
    result = evaluate(path, second)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].startswith("Protocol: per trial")
    assert "trained on made_up alone" in result.stdout
    assert "trained on second alone" in result.stdout
    assert "$ kanhu evaluate fall" in result.stdout
    assert "4 subjects are named alike in both" in result.stdout


@pytest.mark.usefixtures("few_trees")
def test_a_set_too_small_to_train_on_is_only_tested_on(path: Path, tmp_path: Path) -> None:
    with np.load(path) as archive:
        columns = {name: archive[name] for name in archive.files}
    old = columns["older_adult"]
    kept = np.repeat(old, np.diff(columns["offsets"]))
    # Turned about, so that they are not the trials of the other set.
    columns["acceleration_mg"] = columns["acceleration_mg"][kept][:, ::-1]
    columns["offsets"] = np.concatenate(([0], np.cumsum(np.diff(columns["offsets"])[old])))
    columns |= {name: columns[name][old] for name in ("subject", "activity", "trial", "is_fall", "older_adult")}
    few = tmp_path / "few.npz"
    np.savez(few, **columns)
    result = evaluate(path, few, "--json")
    assert result.exit_code == 0, result.output
    assert "few: 0 subjects have falls" in result.stderr
    rows = [(row["recordings"], row["protocol"].split(";")[0]) for row in json.loads(result.stdout)["rows"]]
    assert rows == [
        ("made_up", "one subject left out at a time"),
        ("few", "trained on made_up alone, with its threshold"),
        ("made_up", "sets trained together, subjects in eight folds"),
    ]
    assert evaluate(path, few, "--train", "--output", tmp_path / "model").exit_code == 2


def test_sets_that_share_trials_or_a_name_are_refused(path: Path, tmp_path: Path) -> None:
    other, folder = tmp_path / "other.npz", tmp_path / "folder"
    other.write_bytes(path.read_bytes())
    shared = evaluate(path, other)
    assert (shared.exit_code, "27 trials of other are in made_up as well" in shared.output) == (2, True)
    folder.mkdir()
    (folder / path.name).write_bytes(path.read_bytes())
    alike = evaluate(path, folder / path.name, "--frozen")
    assert (alike.exit_code, "two files are called made_up" in alike.output) == (2, True)


@pytest.mark.parametrize("options", [(), ("--train",)])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"subject": np.array(["S0"] * 27)}, "1 subjects have falls"),
        ({"is_fall": np.zeros(27, np.bool_)}, "0 subjects have falls"),
        ({"is_fall": np.ones(27, np.bool_)}, "0 subjects have daily activities"),
    ],
)
def test_too_few_subjects_are_said_before_anything_is_trained(
    path: Path, tmp_path: Path, change: dict[str, np.ndarray], says: str, options: tuple[str, ...]
) -> None:
    with np.load(path) as archive:
        columns = {name: archive[name] for name in archive.files} | change
    few = tmp_path / "few.npz"
    np.savez(few, **columns)
    result = evaluate(few, *options, "--output", tmp_path / "model")
    assert result.exit_code == 2
    assert says in result.output
    assert "--frozen" in result.output
    assert not (tmp_path / "model").exists()
    assert evaluate(few, "--frozen").exit_code == 0


def test_trials_without_an_impact_can_be_measured_and_not_trained_on(path: Path, tmp_path: Path) -> None:
    with np.load(path) as archive:
        columns = {name: archive[name] for name in archive.files}
    columns["acceleration_mg"] = np.full_like(columns["acceleration_mg"], 577)
    still = tmp_path / "still.npz"
    np.savez(still, **columns)
    result = evaluate(still)
    assert result.exit_code == 2
    assert "no trial has an impact" in result.output
    frozen = evaluate(still, "--frozen", "--json")
    assert frozen.exit_code == 0, frozen.output
    for row in json.loads(frozen.stdout)["rows"]:
        assert (row["sensitivity"], row["specificity"], row["alarms_per_hour"]) == (0.0, 1.0, 0.0)


def test_what_contradicts_itself_is_refused(path: Path) -> None:
    assert evaluate(path, "--train", "--frozen").exit_code == 2


# The shipped model ---------------------------------------------------------------------------------------------------


def test_the_shipped_model_runs_on_an_unseen_file(path: Path) -> None:
    result = evaluate(path, "--frozen", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert "Whether those of made_up are, no file says." in report["limits"]
    clips, streams = report["rows"]
    for row in (clips, streams):
        assert row["sensitivity"] == 1.0
        assert row["specificity"] >= 0.9
        assert row["protocol"].endswith("; not one of the files that it was trained on")
    assert 5 < streams["seconds_median"] < 6.2


def test_the_shipped_model_holds_up_on_other_devices(path: Path) -> None:
    result = evaluate(path, "--robustness", "--json")
    assert result.exit_code == 0, result.output
    protocols = ((row["protocol"].split(";")[0], row) for row in json.loads(result.stdout)["rows"])
    rows = {protocol.removeprefix("the shipped detector, "): row for protocol, row in protocols}
    assert set(rows) == set(VARIATIONS)
    for what, row in rows.items():
        assert row["sensitivity"] >= 0.9, what
        assert row["specificity"] >= 0.8, what


def test_the_report_has_what_the_commands_print(path: Path, tmp_path: Path) -> None:
    written = tmp_path / "detectors.md"
    said = CliRunner().invoke(kanhu, ["evaluate", "report", f"fall {path} --frozen", "--output", str(written)])
    assert said.exit_code == 0, said.output
    text = written.read_text("utf-8")
    assert text.startswith("# The detectors, measured")
    assert f"$ kanhu evaluate fall {path} --frozen\n```\n\n```text\nProtocol: per trial" in text
    printed = evaluate(path, "--frozen").stdout
    assert [line.rstrip() for line in printed.splitlines() if line.startswith("made_up")] == [
        line for line in text.splitlines() if line.startswith("made_up")
    ]
    failed = CliRunner().invoke(kanhu, ["evaluate", "report", "fall none.npz", "--output", str(tmp_path / "none.md")])
    assert failed.exit_code == 1
    assert not (tmp_path / "none.md").exists()


def test_the_shipped_model_is_small_and_whole() -> None:
    assert MODEL.stat().st_size < 1 << 20
    card = MODEL.with_suffix(".md").read_text(encoding="utf-8")
    assert shipped().version in card
    assert f"operating point\n{shipped().threshold:.2f}" in card


def test_a_model_that_does_not_fit_is_refused() -> None:
    for change, says in (({"features": '["peak", "mood"]'}, "mood"), ({"threshold": None}, "threshold")):
        proto = onnx.load(MODEL)
        metadata = {p.key: p.value for p in proto.metadata_props} | change
        del proto.metadata_props[:]
        for key, value in metadata.items():
            if value is not None:
                proto.metadata_props.add(key=key, value=value)
        with pytest.raises(ModelError, match=says):
            FallModel(proto.SerializeToString())


@pytest.mark.recordings
def test_the_shipped_model_finds_the_recorded_falls() -> None:
    """Not a measure, it was trained on them: what goes wrong between model and detector shows here."""
    weda = load(RECORDINGS / "falls" / "weda_fall_dev.npz")
    impact = np.full(len(weda), np.nan)
    row = figures(fall_trials.measure("", weda, shipped(), fall_trials.clip, impact, lambda: None))
    assert row.sensitivity is not None
    assert row.sensitivity > 0.97
    assert row.specificity is not None
    assert row.specificity > 0.97


@pytest.mark.recordings
def test_the_recordings_that_trained_the_model_are_said_to_have() -> None:
    weda = load(RECORDINGS / "falls" / "weda_fall_dev.npz")
    assert weda.digest in json.loads(shipped().metadata["trained_on"]).values()
