"""A server's process: where its files lie, how it is run without privileges, and that it does not outlive us."""

import fcntl
import os
import random
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from servers.contract import ServerFailed

LOOPBACK: Final = "127.0.0.1"

# Nothing of ours: no secrets, no PG… variables.
ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}

_PREFIX: Final = "kanhu-run-"
_LOCK: Final = "lock"
_LOG_TAIL: Final = 4000
_POLL: Final = 0.02
_KILLED_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server's files lie and how its commands are run there."""

    directory: Path
    """private to one server, removed with it"""
    inside: PurePosixPath
    """the same directory as the server sees it"""
    programs: PurePosixPath
    """the directory of the server's programs, as the server sees it"""
    prefix: tuple[str, ...]
    """goes before each command: the change of root and user"""
    owner: tuple[int, int] | None
    """user and group ids of the server where they are not ours"""

    def command(self, program: str, *arguments: str) -> list[str]:
        """A command as it is run here."""
        return [*self.prefix, str(self.programs / program), *arguments]

    def own(self, path: Path) -> None:
        """Give a file or directory to the server."""
        if self.owner is not None:
            os.chown(path, *self.owner)


def unprivileged(user: int, group: int) -> tuple[str, ...]:
    """A prefix that runs a command as a user and has the kernel kill it when the thread that started it ends.

    The second keeps a `kill -9` of us from leaving servers behind. `setpriv` (of util-linux) does both in the order
    that works: a change of user clears the signal.
    """
    return ("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--pdeathsig=KILL")


def bound_to_us() -> tuple[str, ...]:
    """The second half of `unprivileged` alone, where the system has it (Linux)."""
    return ("setpriv", "--pdeathsig=KILL") if shutil.which("setpriv") else ()


@contextmanager
def private_directory(base: Path) -> Iterator[Path]:
    """A new directory in `base`, removed at the end; what a killed process left there is removed first.

    Each directory is held by a lock that its process's end releases, however it ends.
    """
    for old in base.glob(f"{_PREFIX}*/{_LOCK}"):
        _remove_if_left(old)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
    # Locked before it has its name: nobody can find it unlocked.
    lock = directory / f"{_LOCK}.new"
    descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        lock.rename(directory / _LOCK)
        directory.chmod(0o711)
        yield directory
    finally:
        shutil.rmtree(directory)
        os.close(descriptor)


def _remove_if_left(lock: Path) -> None:
    try:
        if lock.parent.lstat().st_uid != os.geteuid():
            return
        descriptor = os.open(lock, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return  # its owner has just removed it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        shutil.rmtree(lock.parent, ignore_errors=True)  # two may be at it
    finally:
        os.close(descriptor)


def free_port() -> int:
    """A free TCP port on loopback, below the range from which the kernel takes ports for outgoing connections.

    So nobody gets it by chance while its server is down between a kill and a restart.
    """
    candidates = random.SystemRandom().sample(range(20_000, 32_000), 100)
    for port in candidates:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise ServerFailed("no free port on loopback among 100 tried")


class ServerProcess:
    """One process that can be started, awaited, stopped and killed, several times over. Its output goes to a file.

    Start it from a thread that lives as long as the server is needed (see `unprivileged`): the main thread.
    """

    def __init__(self, name: str, log: Path) -> None:
        self._name = name
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, command: Sequence[str], ready: Callable[[], bool], timeout: float) -> None:
        """Start it and wait until `ready` says so. Raises ServerFailed with the end of its log."""
        if self._process is not None:
            raise ServerFailed(f"{self._name} is running already")
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command,
                cwd="/",  # ours may be closed to its user
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=ENVIRONMENT,
                # ctrl-c goes to us, and we stop the servers in order
                start_new_session=True,
            )
        try:
            self._wait(self._process, ready, timeout)
        except BaseException:
            self.kill()
            raise

    def send(self, how: signal.Signals) -> None:
        """Send it a signal. Raises ServerFailed where it does not run."""
        if self._process is None or self._process.poll() is not None:
            raise self._failed("is not running")
        self._process.send_signal(how)

    def stop(self, how: signal.Signals, timeout: float) -> None:
        """Signal it and wait for its end; kill it after `timeout` seconds. Does nothing where it does not run."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise self._failed(f"did not stop within {timeout:g} s and was killed") from None
        self._process = None

    def kill(self) -> None:
        """SIGKILL it and its children, as a crash of the whole server, and wait for the end of all of them.

        A child that still ends holds what it shared with its parent, and the next server refuses to start beside it.
        Raises ServerFailed where one does not end.
        """
        if self._process is None:
            return
        # Stopped first, so that it has no child that we don't see.
        self._process.send_signal(signal.SIGSTOP)
        with ExitStack() as resources:
            children = []
            for child in _children(self._process.pid):
                try:
                    children.append(resources.enter_context(_handle(child)))
                except ProcessLookupError:
                    continue  # it ended before its parent stood still
            self._process.kill()
            self._process.wait()
            self._process = None
            for child in children:
                try:
                    signal.pidfd_send_signal(child, signal.SIGKILL)
                except ProcessLookupError:
                    continue  # it followed its parent
            for child in children:
                # Readable from its end on.
                if not select.select([child], [], [], _KILLED_S)[0]:
                    raise self._failed(f"was killed, and a child of it does not end within {_KILLED_S:g} s")

    def wait_for_log(self, text: str, after: int, timeout: float) -> None:
        """Wait until its log says `text` beyond byte `after`. Raises ServerFailed."""
        deadline = time.monotonic() + timeout
        while text.encode() not in self._log.read_bytes()[after:]:
            if time.monotonic() > deadline:
                raise self._failed(f"did not say {text!r} within {timeout:g} s")
            time.sleep(_POLL)

    def log_size(self) -> int:
        """Bytes of its log up to now."""
        return self._log.stat().st_size

    def _wait(self, process: subprocess.Popen[bytes], ready: Callable[[], bool], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            if process.poll() is not None:
                raise self._failed(f"ended with {process.returncode}")
            if time.monotonic() > deadline:
                raise self._failed(f"was not ready after {timeout:g} s")
            time.sleep(_POLL)

    def _failed(self, what: str) -> ServerFailed:
        tail = self._log.read_bytes()[-_LOG_TAIL:].decode(errors="replace") if self._log.exists() else ""
        return ServerFailed(f"{self._name} {what}; the end of its log:\n{tail}")


def _children(pid: int) -> list[int]:
    # Linux only: elsewhere PostgreSQL's own watch ends its children, a moment later.
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


@contextmanager
def _handle(pid: int) -> Iterator[int]:
    """A descriptor of a process, which means no other that gets its number."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
