"""Kanhu's own processes, started as an operator starts them, and killed as nobody would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from servers.contract import Broker

_KANHU = (sys.executable, "-m", "cli.main")
_GRACE = 30.0
_COMMAND = 60.0


def environment(database: str, broker: Broker, account: str, **settings: str) -> dict[str, str]:
    """Settings of a process: the database, the broker with a service's account, and others by their names."""
    given = {
        "KANHU_DATABASE_URL": database,
        "KANHU_MQTT_HOST": broker.host,
        "KANHU_MQTT_PORT": str(broker.port),
        "KANHU_MQTT_PROTOCOL": broker.protocol,
        "KANHU_INGEST_METRICS_PORT": "0",
        "KANHU_DISPATCH_METRICS_PORT": "0",
        "KANHU_TOKEN_SECRET": "t" * 32,
    }
    login = broker.service(account)
    if login is not None:
        given |= {"KANHU_MQTT_USERNAME": login.username, "KANHU_MQTT_PASSWORD": login.password}
    return given | {f"KANHU_{name.upper()}": value for name, value in settings.items()}


class Process:
    """One `kanhu …` process, with its log in a file."""

    def __init__(self, arguments: list[str], settings: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [*_KANHU, *arguments], env=_nothing_else(settings), stdout=file, stderr=file
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """`kill -9`."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(_GRACE)

    def stop(self) -> int:
        """SIGTERM, and its exit code. Raises subprocess.TimeoutExpired where it does not end in time."""
        self._process.terminate()
        return self._process.wait(_GRACE)


@contextmanager
def running(arguments: list[str], settings: Mapping[str, str], log: Path) -> Iterator[Process]:
    """A process for the time of the block."""
    process = Process(arguments, settings, log)
    try:
        yield process
    finally:
        if process.running:
            process.kill()


def command(arguments: list[str], settings: Mapping[str, str], given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as an operator does; `given` is typed in."""
    return subprocess.run(
        [*_KANHU, *arguments],
        env=_nothing_else(settings),
        input=given,
        capture_output=True,
        text=True,
        timeout=_COMMAND,
        check=False,
    )


def _nothing_else(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("KANHU_")} | dict(settings)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60.0, every: float = 0.05) -> None:
    """Look until it is so. For states of other processes, which can only be asked. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)
