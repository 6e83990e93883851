"""Recorded falls and daily activities through real servers and processes: which become incidents, and how soon.

The shipped model is trained on these recordings: this shows the way from wrist to queue, not how well strangers' falls
are recognised. That is `kanhu evaluate fall`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers.broker_access import DISPATCH, INGEST, SIMULATOR
from servers.real import Mosquitto, TimescaleServer
from storage.migrate import migrate
from tests.support.processes import environment, running, wait_until
from tests.support.servers import RECORDINGS

pytestmark = [pytest.mark.servers, pytest.mark.recordings, pytest.mark.bench, pytest.mark.timeout(600)]


@pytest.mark.parametrize("clips", [[], ["--all-clips"]], ids=["as a watch sends", "every activity sends a clip"])
def test_recorded_trials_to_the_queue(
    own_mosquitto: Mosquitto,
    timescale: TimescaleServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    clips: list[str],
) -> None:
    url = timescale.create_database()
    migrate(url)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KANHU_")}
    simulator = clean | environment(url, own_mosquitto, SIMULATOR) | {"COLUMNS": "110"}

    def kanhu(*arguments: str) -> str:
        command = [sys.executable, "-m", "cli.main", *arguments]
        done = subprocess.run(command, env=simulator, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    roster = tmp_path / "roster.json"
    kanhu("sim", "roster", "--output", str(roster), "--households", "60")
    kanhu("device", "import", str(roster))
    log = tmp_path / "ingest.log"
    with (
        running(["ingest"], environment(url, own_mosquitto, INGEST), log),
        running(["dispatch"], environment(url, own_mosquitto, DISPATCH), tmp_path / "dispatch.log"),
    ):
        wait_until(lambda: b"connected to the broker" in log.read_bytes(), "ingest is connected")
        file = RECORDINGS / "falls" / "weda_fall_dev.npz"
        told = kanhu(
            *("sim", "recordings", str(file), "--falls", "20", "--activities", "40", "--roster", str(roster)),
            *("--seed", "1", *clips),
        )
    with capsys.disabled():
        print(f"\nkanhu sim recordings {file.name} --falls 20 --activities 40 {' '.join(clips)}\n{told}")
