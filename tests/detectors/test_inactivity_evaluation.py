"""`kanhu evaluate inactivity`: the protocol on made-up homes."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.evaluate import app
from core.clock import DAY, HOUR, SECOND
from core.readings import Intake
from detectors.evaluation.inactivity_figures import choose, chosen_on_the_others, figures
from detectors.evaluation.inactivity_homes import Homes, load
from detectors.evaluation.inactivity_protocol import Silences, fixed, own_longest, through_the_detector
from detectors.evaluation.recordings import RecordingsError
from detectors.inactivity import LONGEST, SURVIVAL, Inactivity

RUNNER = CliRunner()


def lines(homes: int = 3, days: int = 12) -> list[str]:
    rng = np.random.default_rng(5)
    start = np.datetime64("2019-04-01T00:00:00")
    rows = ["home,time,location"]
    for home in range(homes):
        for day in range(days):
            if home == 0 and day in (6, 7, 8):
                continue  # away: a silence to be set aside
            for hour in np.sort(rng.uniform(7, 22, 12)):
                if home == 1 and day == 9 and hour > 8:
                    continue  # a silence of a day
                moment = start + np.timedelta64(int((24 * day + hour) * 3600), "s")
                rows.append(
                    f"h{home},{str(moment).replace('T', ' ')},{rng.choice(['kitchen', 'front-door', 'hallway'])}"
                )
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "made_up.csv"
    path.write_text("\n".join(lines()) + "\n")
    return path


@pytest.fixture
def homes(path: Path) -> Homes:
    return load(path)


def test_plain_and_packed_files_are_the_same(path: Path, homes: Homes) -> None:
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    again = load(packed)
    assert (again.name, again.code, again.context) == (homes.name, homes.code, homes.context)
    for one, other in zip(again.readings, homes.readings, strict=True):
        assert np.array_equal(one.time, other.time)
        assert np.array_equal(one.value, other.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: ["\ufeff" + rows[0], *rows[1:]],
        lambda rows: ["HOME, Time ,Location", *rows[1:]],
        lambda rows: [",".join(["x", *reversed(row.split(","))]) for row in rows],
        lambda rows: [rows[0], *reversed(rows[1:]), "", ""],
        lambda rows: [rows[0], *(re.sub(r"(\d) (\d\d:\d\d:\d\d)", r"\1T\2+01:00", row) for row in rows[1:])],
        lambda rows: [rows[0], *(row.replace("front-door", "Front door") for row in rows[1:])],
    ],
    ids=["byte order mark", "case", "order of columns", "order of rows, blank lines", "zone", "names of doors"],
)
def test_the_same_table_written_otherwise_is_the_same(
    path: Path, homes: Homes, change: Callable[[list[str]], list[str]]
) -> None:
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n", encoding="utf-8")
    again = load(path)
    assert (again.code, again.context) == (homes.code, homes.context)
    for one, other in zip(again.readings, homes.readings, strict=True):
        assert np.array_equal(one.time, other.time)
        assert np.array_equal(one.device, other.device)
        assert np.array_equal(one.value, other.value)


def test_fractions_of_a_second_are_kept(tmp_path: Path) -> None:
    fine = tmp_path / "fine.csv"
    fine.write_text("home,time,location\na,2019-04-01 10:00:00.250,kitchen\na,2019-04-01 10:00,hall\n")
    assert np.diff(load(fine).readings[0].time).tolist() == [SECOND // 4]


def test_one_home_has_no_interval_and_one_event_is_nothing_to_measure(path: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.csv"
    single.write_text("home,time,location\nz,2019-04-01 10:00:00,kitchen\n")
    result = RUNNER.invoke(app, ["inactivity", str(single)])
    assert (result.exit_code, "no home has two events" in result.output) == (2, True)
    among = tmp_path / "among.csv"
    among.write_text("\n".join([*lines(1), "z,2019-04-01 10:00:00,kitchen"]) + "\n")
    result = RUNNER.invoke(app, ["inactivity", str(among), "--cuts", "5", "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["rows"]
    assert not any(row["row"].startswith("point chosen") for row in rows), "no other home to choose it on"
    for row in rows:
        assert row["homes"] == 1
        assert (row["delay_mean"]["low"], row["delay_mean"]["high"]) == (None, None)
        assert row["false_alerts"]["value"] is not None
    assert "[" not in RUNNER.invoke(app, ["inactivity", str(among), "--cuts", "5"]).stdout
    assert RUNNER.invoke(app, ["inactivity", str(path), str(path)]).exit_code == 2, "two of one name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("home,location\na,kitchen\n", "no column time"),
        ("home,time,location\na,yesterday,kitchen\n", "yesterday"),
        ("home,time,location\na,,kitchen\n", "without a time"),
        ("home,time,location\na\n", "line 2"),
        ("home,time,location\n", "no events"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str, said: str) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(text)
    with pytest.raises(RecordingsError, match=said):
        load(bad)
    assert RUNNER.invoke(app, ["inactivity", str(bad)]).exit_code == 2


def test_what_snapshots_say_is_what_the_detector_raises(homes: Homes) -> None:
    """False alerts of the protocol are the findings of one uninterrupted run."""
    silences = through_the_detector(homes, [1e-2, SURVIVAL], 5, 1, lambda: None)
    for n, readings in enumerate(homes.readings):
        for point, survival in enumerate((1e-2, SURVIVAL)):
            detector = Inactivity(survival)
            detector.configure(homes.context)
            raised = [f for f in detector.observe(Intake.of(readings), 0) if not f.clears]
            since = np.array([int(f.episode) for f in raised])
            ends = readings.time[np.searchsorted(readings.time, since, side="right")]
            assert silences[n].false_alerts()[point] == np.sum(ends - since <= 48 * HOUR)
    assert sum(int(s.false_alerts()[0]) for s in silences) > 0


def test_the_delay_is_that_of_a_stream_that_ends_at_the_cut(homes: Homes) -> None:
    cuts, seed = 4, 7
    silences = through_the_detector(homes, [SURVIVAL], cuts, seed, lambda: None)
    for n, (code, readings) in enumerate(zip(homes.code, homes.readings, strict=True)):
        chosen = np.sort(np.random.default_rng([seed, *code.encode()]).integers(len(readings), size=cuts))
        for cut, delay in zip(chosen, silences[n].delay[0], strict=True):
            detector = Inactivity()
            detector.configure(homes.context)
            detector.observe(Intake.of(readings.take(np.arange(cut + 1))), 0)
            (finding,) = detector.tick(int(readings.time[cut]) + LONGEST + DAY)
            assert delay == pytest.approx((finding.time - int(readings.time[cut])) / HOUR)


def test_a_home_is_learnt_from_its_own_past_alone(path: Path, homes: Homes, tmp_path: Path) -> None:
    alone = tmp_path / "alone.csv"
    alone.write_text("\n".join(row for row in path.read_text().splitlines() if not row.startswith(("h0", "h2"))) + "\n")
    (one,) = through_the_detector(load(alone), [SURVIVAL], 6, 1, lambda: None)
    among = through_the_detector(homes, [SURVIVAL], 6, 1, lambda: None)[1]
    assert np.array_equal(one.delay, among.delay)
    assert np.array_equal(one.limit, among.limit)


def test_long_silences_are_set_aside_with_their_time(homes: Homes) -> None:
    (first, second, _) = fixed(homes, 8.0, 3, 1)
    length = (homes.readings[0].time[-1] - homes.readings[0].time[0]) / DAY
    assert first.days < length - 3
    assert first.gap.max() < 48
    assert second.gap.max() > 20


def test_the_own_longest_silence_is_of_the_past(homes: Homes) -> None:
    for one in own_longest(homes, 1.25, 3, 1):
        longest = np.maximum.accumulate(np.concatenate(([2.0], one.gap)))[:-1]
        assert one.limit[0] == pytest.approx(1.25 * longest)


def test_figures_of_known_silences() -> None:
    def home(name: str, days: float, alerts: int, delay: float) -> Silences:
        gap = np.full(4, 5.0)
        limit = np.where(np.arange(4) < alerts, 4.0, 6.0)[np.newaxis]
        return Silences(name, days, gap, limit, np.full((1, 3), delay))

    row = figures("x", "y", [home("a", 10, 1, 4.0), home("b", 30, 3, 14.0)], np.array([0, 0]), 1)
    assert (row.false_alerts.value, row.delay_mean.value, row.delay_median.value) == (0.1, 9.0, 9.0)
    assert row.in_time.value == 0.5
    assert (row.delay_mean.low, row.delay_mean.high) == (4.0, 14.0)


def test_the_point_of_a_home_is_chosen_without_it() -> None:
    """Two points: a quick one with false alerts in home b alone, a slow one with none."""

    def home(name: str, quick: float) -> Silences:
        return Silences(name, 10, np.full(5, 5.0), np.array([[quick] * 5, [9.0] * 5]), np.array([[3.0], [9.0]]))

    silences = [home("a", 6.0), home("b", 3.0), home("c", 6.0)]
    assert choose(silences, 0.05) == 1
    assert chosen_on_the_others(silences, 0.05).tolist() == [1, 0, 1]
    assert choose([home("b", 3.0)], 0.0) == 1


def test_the_command_prints_protocol_rows_and_itself(path: Path) -> None:
    arguments = ["inactivity", str(path), "--cuts", "5"]
    first, second = (RUNNER.invoke(app, [*arguments, "--json"]) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    report = json.loads(first.stdout)
    assert report["protocol"].startswith("Protocol:")
    assert report["command"] == f"kanhu evaluate inactivity {path} --cuts 5"
    assert [row["homes"] for row in report["rows"]] == [3] * 5
    for row in report["rows"]:
        for name in ("false_alerts", "delay_mean", "delay_median", "in_time"):
            assert row[name]["low"] <= row[name]["value"] <= row[name]["high"]
    table = RUNNER.invoke(app, arguments)
    assert table.stdout.startswith("Protocol:")
    assert "fixed 12 h" in table.stdout
    assert "$ kanhu evaluate inactivity" in table.stdout


def test_the_same_event_twice_is_one(tmp_path: Path) -> None:
    doubled = tmp_path / "doubled.csv"
    head, *rows = lines(1, 2)
    doubled.write_text("\n".join([head, *(row for row in rows for _ in range(2))]) + "\n")
    single = tmp_path / "single.csv"
    single.write_text("\n".join(lines(1, 2)) + "\n")
    assert np.array_equal(load(doubled).readings[0].time, load(single).readings[0].time)
    assert (np.diff(load(doubled).readings[0].time) >= SECOND).all()
