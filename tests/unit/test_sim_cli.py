"""`kanhu sim`: files, refusals in one line, tables."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli import sim
from core.findings import Kind
from device_sim import homes, trials
from device_sim.load import LoadReport
from device_sim.recordings import Trial
from device_sim.score import Outcome, score
from device_sim.truth import Truth
from servers.process import free_port

START = 1_772_497_800_000_000
EVENT = Truth("h001", "王秀英", Kind.SMOKE, START, START + 5_000_000)


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("KANHU_MQTT_PORT", str(free_port()))
    return CliRunner()


def shown() -> Console:
    return Console(file=io.StringIO(), width=160)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_roster_is_written(runner: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    result = runner.invoke(sim.app, ["roster", "--households", "3", "--seed", "5", "-o", str(file)])
    assert result.exit_code == 0, result.output
    assert homes.read(file) == homes.make_roster(3, 5)


def test_a_bad_roster_is_refused_in_one_line(runner: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "roster.json"
    file.write_text('{"areas": [], "households": [{"code": 7}]}', encoding="utf-8")
    result = runner.invoke(sim.app, ["run", "--roster", str(file), "--minutes", "1"])
    assert result.exit_code == 1
    assert result.stderr.startswith("kanhu: Expected `str`")
    assert "code" in result.stderr


def test_an_event_that_no_home_can_have_is_refused(runner: CliRunner) -> None:
    result = runner.invoke(sim.app, ["run", "--households", "2", *["--event", "wandering"] * 2])
    assert result.exit_code == 1
    assert "no household is left" in result.stderr


def test_an_unknown_event_is_refused(runner: CliRunner) -> None:
    result = runner.invoke(sim.app, ["run", "--event", "earthquake"])
    assert result.exit_code == 2
    assert "earthquake" in result.stderr


def test_a_file_without_recordings_is_refused(runner: CliRunner, tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", something=np.zeros(3))
    result = runner.invoke(sim.app, ["recordings", str(tmp_path / "other.npz")])
    assert result.exit_code == 1
    assert "acceleration_mg" in result.stderr


def test_a_broker_that_is_not_there_is_named(runner: CliRunner) -> None:
    result = runner.invoke(sim.app, ["run", "--households", "1", "--minutes", "1"])
    assert result.exit_code == 1
    assert "kanhu: broker 127.0.0.1:" in result.stderr


def test_a_load_wants_the_machines_clock(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("ORIGIN", "0"), ("START", "0"), ("SPEED", "60")):
        monkeypatch.setenv(f"KANHU_CLOCK_{name}", value)
    result = runner.invoke(sim.app, ["load"])
    assert result.exit_code == 2
    assert "KANHU_CLOCK" in result.stderr


def test_the_score_shows_counts_missed_and_false() -> None:
    stranger = Outcome("h009", "李建国", Kind.GAS, START, START, cancelled=False, incident=4)
    console = shown()
    sim.print_score(score([EVENT], [stranger], until=START + 10**9, grace=1), console)
    lines = [line.split() for line in text(console).splitlines()]
    assert any(line[1:12:2] == ["smoke", "1", "0", "0", "1", "0"] for line in lines)
    assert "missed: smoke of h001/王秀英 at 00:30:00 UTC" in text(console)
    assert "false: gas of h009/李建国 at 00:30:00 UTC" in text(console)


def test_trials_show_what_was_found_and_how_fast() -> None:
    (home,) = homes.make_roster(1, 1).households
    samples = np.zeros((50, 3), dtype=np.int16)

    def result(name: str, *, fall: bool, incident: int | None, seconds: float | None) -> trials.TrialResult:
        worn = trials.Worn(Trial(name, "U01", "D01", fall, samples, 50.0), home, home.devices[0], START)
        return trials.TrialResult(worn, 1, incident, seconds, None if seconds is None else seconds + 20)

    console = shown()
    sim.print_trials(
        [
            result("a", fall=True, incident=1, seconds=0.5),
            result("b", fall=True, incident=None, seconds=None),
            result("c", fall=False, incident=2, seconds=0.1),
        ],
        [],
        console,
    )
    assert "falls recognised: 1 of 2; daily activities taken for a fall: 1 of 1 (1 of them sent a clip)" in text(
        console
    )
    assert "clip sent to alert: median 0.50 s" in text(console)
    assert "countdown: median 20.50 s" in text(console)


def test_a_load_shows_what_was_lost() -> None:
    console = shown()
    report = LoadReport(101, 1, 2.0, 8, 0, 1, 0, (0.1, 0.2), ())
    sim.print_load(report, console)
    assert "800" in text(console)
    assert "101 messages in 2.0 s: 50 a second" in text(console)
