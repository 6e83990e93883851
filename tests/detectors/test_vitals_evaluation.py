"""`kanhu evaluate vitals`: on made-up measurements from end to end, and its parts."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from cli.evaluate import app
from core.care import Limits
from core.clock import HOUR, MINUTE
from detectors.evaluation.recordings import RecordingsError
from detectors.evaluation.vital_figures import Dating, chosen_without, figures, found_by, outside, patient_days
from detectors.evaluation.vital_recordings import VitalRecordings, load, run

Row = tuple[str, str, str, float]

MEASURED: tuple[Row, ...] = (
    ("a", "2019-05-01 09:00:00", "Systolic blood pressure", 170.0),
    ("a", "2019-05-02 09:00:00", "Systolic blood pressure", 130.0),
    ("a", "2019-05-03 21:00:00", "Systolic blood pressure", 175.0),
    ("a", "2019-05-03 21:00:30", "Systolic blood pressure", 120.0),
    ("a", "2019-05-04 21:00:00", "Systolic blood pressure", 121.0),
    ("b", "2019-05-01 10:00:00", "Systolic blood pressure", 165.0),
    ("b", "2019-05-02 10:00:00", "Systolic blood pressure", 128.0),
    ("b", "2019-05-02 10:00:00", "Heart rate", 72.0),
)
"""A blood pressure beyond the limits on three days, one of them not confirmed by the next reading."""

LABELS = (
    ("a", "2019-05-01 08:20:00", "Blood pressure"),
    ("a", "2019-05-04 08:00:00", "Blood pressure"),
    ("b", "2019-05-09 08:00:00", "Blood pressure"),
)
"""The first by a clock that is an hour behind, the second the morning after, the third on a day without measurement."""


def write(folder: Path, measured: Iterable[Row] = MEASURED) -> tuple[Path, Path]:
    measurements, labels = folder / "measured.csv.gz", folder / "labels.csv"
    units = {"Heart rate": "beats/min", "Body weight": "kg"}
    rows = [f"{home},{date},{kind},{value},{units.get(kind, 'mm[Hg]')}" for home, date, kind, value in measured]
    with gzip.open(measurements, "wt", encoding="utf-8") as file:
        file.write("\n".join(["home,date,device_type,value,unit", *rows]) + "\n")
    labels.write_text("\n".join(["home,date,type", *(",".join(row) for row in LABELS)]) + "\n")
    return measurements, labels


@pytest.fixture
def recordings(tmp_path: Path) -> VitalRecordings:
    return load(*write(tmp_path))


def evaluate(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["vitals", *map(str, arguments)])


def test_what_is_no_vital_sign_or_not_plausible_is_counted(tmp_path: Path) -> None:
    strange: list[Row] = [
        ("a", "2019-05-01 09:00:00", "Muscle mass", 40.0),
        ("a", "2019-05-01 09:00:00", "Systolic blood pressure", 900.0),
    ]
    of = load(*write(tmp_path, [*MEASURED, *strange]))
    assert len(of.value) == len(MEASURED)
    assert of.left_out == {"Muscle mass": 1, "systolic_bp, not plausible": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("home,date\n", "no column device_type, unit, value"),
        ("home,date,device_type,value,unit\na,2019-05-01,Heart rate,sixty,/min\n", "line 2: could not convert"),
        ("home,date,device_type,value,unit\na,2019-05-01,Heart rate,60,kg\n", "line 2: unit 'kg'"),
        ("home,date,device_type,value,unit\na,yesterday,Heart rate,60,/min\n", "line 2: Invalid isoformat"),
        ("home,date,device_type,value,unit\na,2019-05-01\n", "line 2: cut short"),
        ("home,date,device_type,value,unit\na,2019-05-01,Muscle mass,60,kg\n", "no plausible vital sign"),
        ("home,date,device_type,value,unit\na,2019-05-01,Heart rate,6000,/min\n", "no plausible vital sign"),
        ("home,date,device_type,value,unit\na,2019-05-01,Heart rate,60,/min\n", "nothing to compare with"),
        ("home,date,device_type,value,unit\nz,2019-05-01,Systolic blood pressure,160,mm[Hg]\n", "nothing to compare"),
    ],
)
def test_a_file_of_another_format_is_named_with_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    _, labels = write(tmp_path)
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text)
    with pytest.raises(RecordingsError, match=says):
        load(wrong, labels)
    result = evaluate(wrong, labels)
    assert result.exit_code == 2


def test_the_same_table_written_otherwise_is_the_same(tmp_path: Path, recordings: VitalRecordings) -> None:
    measurements, labels = write(tmp_path)
    rows = gzip.decompress(measurements.read_bytes()).decode().splitlines()
    turned = [",".join(["x", *reversed(row.split(","))]) for row in rows]
    other = tmp_path / "other.csv"
    other.write_bytes(gzip.compress("\r\n".join(["\ufeff" + turned[0].upper(), *turned[1:], "", ""]).encode()))
    again = load(other, labels)
    assert (again.homes, again.left_out) == (recordings.homes, recordings.left_out)
    for name in ("home", "metric", "time", "value", "label_home", "label_time", "label_type"):
        assert np.array_equal(getattr(again, name), getattr(recordings, name)), name


def test_measurements_are_not_set_beside_the_labels_of_others(tmp_path: Path) -> None:
    measurements, _ = write(tmp_path)
    result = evaluate(measurements)
    assert result.exit_code == 2
    assert "name the labels" in result.stderr


def test_with_one_home_no_limits_come_from_others_and_no_interval_is_of_one(tmp_path: Path) -> None:
    measurements, labels = write(tmp_path, [row for row in MEASURED if row[0] == "a"])
    rows = json.loads(evaluate(measurements, labels, "--json").stdout)["rows"]
    assert {row["what"] for row in rows} == {"detector", "plain thresholds"}
    (row,) = (row for row in rows if (row["what"], row["dating"]) == ("detector", "calendar"))
    assert (row["sensitivity"], row["specificity"]) == (0.5, 0.5)
    assert (row["sensitivity_interval"], row["specificity_interval"]) == (None, None)


def test_a_label_belongs_to_its_date_or_to_the_measurement_before_it(recordings: VitalRecordings) -> None:
    by_date = patient_days(recordings, "blood pressure", Dating.CALENDAR)
    assert (by_date.home.tolist(), by_date.labelled.tolist()) == (
        [0, 0, 0, 0, 1, 1],
        [True, False, False, True, False, False],
    )
    assert by_date.apart == 1
    by_measurement = patient_days(recordings, "blood pressure", Dating.MEASUREMENT)
    assert by_measurement.labelled.tolist() == [True, False, True, False, False, True]
    assert by_measurement.apart == 0


def test_the_labels_clock_is_an_hour_behind(recordings: VitalRecordings) -> None:
    # Home a measured at nine on the first day and on the second.
    nine = int(recordings.time[recordings.home == 0][1])
    for minutes, labelled in ((-61, [True, False]), (-59, [False, True])):
        one = replace(
            recordings,
            label_home=np.array([0]),
            label_time=np.array([nine + minutes * MINUTE]),
            label_type=np.array(["blood pressure"]),
        )
        assert patient_days(one, "blood pressure", Dating.MEASUREMENT).labelled[:2].tolist() == labelled


def test_the_detector_says_on_which_days_something_was_beyond(recordings: VitalRecordings) -> None:
    days = patient_days(recordings, "blood pressure", Dating.CALENDAR)
    said = days.marked(*found_by(run(recordings, None, lambda: None), "blood pressure"))
    assert said.tolist() == [True, False, True, False, True, False]
    assert said.tolist() == days.marked(*outside(recordings, {"systolic_bp": Limits(90, 160)})).tolist()
    own = [{"systolic_bp": Limits(high=172)}, {}]
    said = days.marked(*found_by(run(recordings, own, lambda: None), "blood pressure"))
    assert said.tolist() == [False, False, True, False, True, False]


def test_findings_of_other_vital_signs_do_not_count(recordings: VitalRecordings) -> None:
    home, _ = found_by(run(recordings, None, lambda: None), "pulse")
    assert len(home) == 0


def test_figures_are_shares_of_days_with_an_interval_over_homes(recordings: VitalRecordings) -> None:
    days = patient_days(recordings, "blood pressure", Dating.MEASUREMENT)
    said = np.array([True, False, True, False, True, False])
    row = figures(days, said, "detector", Dating.MEASUREMENT)
    assert (row.days, row.labelled, row.homes) == (6, 3, 2)
    assert (row.sensitivity, row.specificity) == (2 / 3, 2 / 3)
    # Two homes: the interval goes from the worse to the better of them.
    assert row.sensitivity_interval == (0.0, 1.0)
    assert row.specificity_interval == (0.0, 1.0)


def test_where_no_home_differs_the_interval_is_that_of_so_few_homes(recordings: VitalRecordings) -> None:
    days = patient_days(recordings, "blood pressure", Dating.MEASUREMENT)
    row = figures(days, np.ones(6, np.bool_), "detector", Dating.MEASUREMENT)
    # Two homes: all found would still happen one time in forty with 0.158 (its square is 0.025).
    assert row.sensitivity_interval == pytest.approx((0.025**0.5, 1.0))
    assert row.specificity_interval == pytest.approx((0.0, 1 - 0.025**0.5))


def test_labels_that_no_metric_is_about_are_counted(tmp_path: Path) -> None:
    measurements, labels = write(tmp_path)
    with labels.open("a") as file:
        file.write("a,2019-05-01 08:20:00,Agitation\n")
    assert load(measurements, labels).left_out == {"label 'agitation'": 1}
    assert "1 label 'agitation'" in evaluate(measurements, labels).stdout


def test_a_weight_that_comes_again_is_found_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    kilograms = dict.fromkeys(range(1, 12), 70.0) | {4: 73.0, 9: 73.0, 10: 73.1}
    weighed = [("a", f"2019-05-{day:02} 08:00:00", "Body weight", value) for day, value in kilograms.items()]
    of = load(*write(tmp_path, [*MEASURED, *weighed]))
    home, day = found_by(run(of, None, lambda: None), "weight")
    first = int(np.datetime64("2019-05-01").astype("datetime64[D]").astype(int))
    assert (home.tolist(), (day - first + 1).tolist()) == ([0], [10])


def test_limits_are_chosen_without_the_home_that_they_are_for(recordings: VitalRecordings) -> None:
    time = recordings.time[0] + np.arange(40) * 24 * HOUR
    low = np.where(np.arange(40) % 2 == 0, 54.0, 45.0)  # the team acts at 45 in home 0, at 54 in the others

    def home(number: int) -> tuple[np.ndarray, np.ndarray]:
        acted = low <= (45 if number == 0 else 54)
        return np.full(40, number), time[acted] - HOUR // 2

    homes = [home(number) for number in range(3)]
    of = VitalRecordings(
        "made up", ("a", "b", "c"), np.concatenate([h for h, _ in homes]), np.full(120, 6, np.int16),
        np.tile(time, 3), np.tile(low, 3), np.repeat([0, 1, 2], [len(t) for _, t in homes]),
        np.concatenate([t for _, t in homes]), np.full(sum(len(t) for _, t in homes), "blood pressure"), {},
    )  # fmt: skip
    chosen = chosen_without(of, "blood pressure", Dating.MEASUREMENT)
    assert chosen[0]["diastolic_bp"].low == 54
    everywhere = VitalRecordings(
        "made up", ("a", "b", "c"), of.home, of.metric, of.time, np.tile(np.where(low > 50, 70.0, 45.0), 3),
        np.repeat([0, 1, 2], 20), np.tile(time[1::2], 3), np.full(60, "blood pressure"), {},
    )  # fmt: skip
    assert {limits["diastolic_bp"].low for limits in chosen_without(everywhere, "blood pressure", Dating.CALENDAR)} == {
        48
    }


def test_the_command_prints_protocol_table_and_itself(tmp_path: Path) -> None:
    measurements, labels = write(tmp_path)
    result = evaluate(measurements, labels)
    assert result.exit_code == 0
    assert result.stdout.startswith("Protocol: ")
    assert "blood pressure" in result.stdout
    assert result.stdout.rstrip().endswith(str(labels))


def test_json_has_the_same_rows_each_time(tmp_path: Path) -> None:
    files = write(tmp_path)
    first, second = (evaluate(*files, "--json") for _ in range(2))
    assert first.stdout == second.stdout
    report = json.loads(first.stdout)
    rows = {(row["what"], row["dating"]): row for row in report["rows"]}
    assert rows["detector", "calendar"]["sensitivity"] == 0.5
    assert rows["detector", "measurement"]["specificity"] == pytest.approx(2 / 3)
    assert rows["plain thresholds", "calendar"]["limits"].startswith("systolic_bp ≤ 90 or ≥ 160")
    assert report["command"].startswith("kanhu evaluate vitals ")


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = evaluate(tmp_path / "nothing.csv", tmp_path / "nothing.csv")
    assert result.exit_code == 2
    assert "nothing.csv" in result.stderr
