"""Directories and processes of servers: nothing is left behind, and a failure shows the log."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from servers.contract import ServerFailed
from servers.process import ServerProcess, free_port, private_directory

_HOLDER = """
import signal, sys
from pathlib import Path
from servers.process import private_directory
with private_directory(Path(sys.argv[1])) as directory:
    print(directory, flush=True)
    signal.pause()
"""
# as PostgreSQL does with its children: each in a session of its own
_PARENT = """
import subprocess
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""
_TALKER = "import sys, time; print('one two', flush=True); {}"


def test_a_private_directory_goes_with_its_block(tmp_path: Path) -> None:
    with private_directory(tmp_path) as first, private_directory(tmp_path) as second:
        assert first != second
        (first / "data").mkdir()
        assert second.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().strip())
        with private_directory(tmp_path):
            assert left.is_dir()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with private_directory(tmp_path):
        assert not left.exists()


def test_ports_are_outside_the_range_for_outgoing_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert free_port() < lowest


def test_a_process_that_ends_at_once_is_reported_with_its_log(tmp_path: Path) -> None:
    process = ServerProcess("Example", tmp_path / "log")
    with pytest.raises(ServerFailed, match=r"(?s)Example ended with 3; the end of its log:\n.*one two"):
        process.run([sys.executable, "-c", _TALKER.format("sys.exit(3)")], lambda: False, 20)


def test_a_process_that_never_is_ready_is_killed_and_reported(tmp_path: Path) -> None:
    process = ServerProcess("Example", tmp_path / "log")
    with pytest.raises(ServerFailed, match=r"was not ready after 0\.5 s"):
        process.run([sys.executable, "-c", _TALKER.format("time.sleep(60)")], lambda: False, 0.5)
    with pytest.raises(ServerFailed, match="is not running"):
        process.send(signal.SIGHUP)


def test_a_process_that_does_not_stop_is_killed_and_reported(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = ServerProcess("Example", log)
    stubborn = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    )
    process.run([sys.executable, "-c", stubborn], lambda: b"ready" in log.read_bytes(), 20)
    with pytest.raises(ServerFailed, match=r"did not stop within 0\.3 s and was killed"):
        process.stop(signal.SIGTERM, 0.3)


def test_killing_takes_the_children_along(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = ServerProcess("Example", log)
    process.run([sys.executable, "-c", _PARENT], lambda: log.read_bytes().endswith(b"\n"), 20)
    child = Path("/proc") / log.read_text().strip()
    assert child.exists()
    process.kill()
    # At once: a server that is started now must not meet it. Z: it has ended, and nobody has asked how.
    assert not child.exists() or "\nState:\tZ" in (child / "status").read_text()
