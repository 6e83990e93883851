"""Mosquitto 2.1 and TimescaleDB from the private Debian root, on free ports of loopback, as unprivileged users.

Their data lie in the root, in a directory for each server that goes with it: no mounts to leave behind.
"""

import signal
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, Literal, Self

import psycopg

from servers.broker_access import ACL, PASSWORDS, SERVICES, BrokerAccess, device_username, new_password
from servers.contract import Login, ServerFailed
from servers.debian_root import prepare
from servers.postgres import PostgresServer
from servers.process import LOOPBACK, Place, ServerProcess, free_port, listens, private_directory, unprivileged

# What Docker Compose runs; paths and listener are replaced.
CONFIGURATION: Final = Path(__file__).parent.parent / "deploy" / "mosquitto" / "mosquitto.conf"

_START: Final = 20.0
_STOP: Final = 20.0
_RELOAD: Final = 10.0


class TimescaleServer(PostgresServer):
    """TimescaleDB (Debian's, the Apache edition), its extension in each new database.

    root: the Debian root, prepared where it is None. fsync: off only where no crash of the machine is tested.
    """

    def __init__(self, root: Path | None = None, *, fsync: bool = True) -> None:
        super().__init__(
            _place(root if root is not None else prepare(), "postgres", "/usr/lib/postgresql/18/bin"),
            {
                "shared_preload_libraries": "timescaledb",
                "timescaledb.telemetry_level": "off",
                # its launcher would sit in each database and keep it from being copied or dropped
                "timescaledb.max_background_workers": "0",
                "fsync": "on" if fsync else "off",
            },
        )

    def prepare(self) -> None:
        """What a new server gets: the extension in the template of all databases, and its database."""
        with psycopg.connect(self._url("template1"), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION timescaledb")
        super().prepare()


class Mosquitto:
    """Mosquitto by the configuration that Docker Compose uses, on a free port of loopback; `servers.contract.Broker`.

    root: the Debian root, prepared where it is None. Its data are gone when the `with` block is left; `stop`, `kill`
    and `start` in between keep them.
    """

    protocol: Literal["5", "3.1.1"] = "5"

    def __init__(self, root: Path | None = None) -> None:
        root = root if root is not None else prepare()
        self._new_place = _place(root, "mosquitto", "/usr/sbin")
        self._plugins = _plugins(root)
        self._resources = ExitStack()
        self._place: Place | None = None
        self._process: ServerProcess | None = None
        self._services = {name: Login(name, new_password()) for name in SERVICES}
        self.host = LOOPBACK
        self.port = free_port()

    def start(self) -> None:
        """Start; the first time with new data and the service accounts. Raises ServerFailed."""
        if self._place is None:
            self._place = self._resources.enter_context(self._new_place)
            self._initialise(self._place)
            self._process = ServerProcess("Mosquitto", self._place.directory / "mosquitto.log")
        if self._process is not None:
            command = self._place.command("mosquitto", "-c", str(self._place.inside / "mosquitto.conf"))
            self._process.run(command, lambda: listens(self.port), _START)

    def stop(self) -> None:
        """Stop in order."""
        if self._process is not None:
            self._process.stop(signal.SIGTERM, _STOP)

    def kill(self) -> None:
        """`kill -9` the broker: a crash."""
        if self._process is not None:
            self._process.kill()

    def service(self, account: str) -> Login:
        """The login of one of `servers.broker_access.SERVICES`. Raises KeyError for another."""
        return self._services[account]

    def add_devices(self, devices: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Login | None]:
        """Let devices in, each (household, device), and have the broker read its files again."""
        logins = {device: Login(device_username(*device), new_password()) for device in devices}
        self.add_accounts(logins.values())
        return dict(logins)

    def add_accounts(self, logins: Iterable[Login]) -> None:
        """Add accounts of any kind, such as a household's gateway, and have the broker read its files again."""
        BrokerAccess(self.access_directory).add({login.username: login.password for login in logins})
        self.reload()

    @property
    def access_directory(self) -> Path:
        """Where its password and access files are. Raises ServerFailed where it was never started."""
        if self._place is None:
            raise ServerFailed("Mosquitto was never started")
        return self._place.directory / "access"

    def reload(self) -> None:
        """Have the broker read its password and access files again. Raises ServerFailed."""
        if self._process is None:
            raise ServerFailed("Mosquitto was never started")
        said = self._process.log_size()
        self._process.send(signal.SIGHUP)
        self._process.wait_for_log("Reloading config.", said, _RELOAD)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._resources.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        with self._resources:
            self.stop()

    def _initialise(self, place: Place) -> None:
        for name in ("data", "access"):
            directory = place.directory / name
            directory.mkdir(mode=0o700)
            place.own(directory)
        BrokerAccess(place.directory / "access").add(
            {login.username: login.password for login in self._services.values()}
        )
        configuration = place.directory / "mosquitto.conf"
        configuration.write_text(self._configuration(place.inside), encoding="utf-8")

    def _configuration(self, inside: PurePosixPath) -> str:
        text = CONFIGURATION.read_text(encoding="utf-8")
        for ours, theirs in (
            ("listener 1883\n", f"listener {self.port} {LOOPBACK}\n"),
            ("persistence_location /mosquitto/data\n", f"persistence_location {inside / 'data'}\n"),
            ("plugin /usr/lib/", f"plugin {self._plugins}/"),
            (f"/mosquitto/access/{PASSWORDS}\n", f"{inside / 'access' / PASSWORDS}\n"),
            (f"/mosquitto/access/{ACL}\n", f"{inside / 'access' / ACL}\n"),
        ):
            if ours not in text:
                raise ServerFailed(f"{CONFIGURATION} has no {ours.strip()!r} to replace")
            text = text.replace(ours, theirs)
        return text


@contextmanager
def _place(root: Path, user: str, programs: str) -> Iterator[Place]:
    owner = _user(root, user)
    with private_directory(root / "srv") as directory:
        yield Place(
            directory,
            inside=PurePosixPath("/srv") / directory.name,
            programs=PurePosixPath(programs),
            prefix=("chroot", str(root), *unprivileged(*owner)),
            owner=owner,
        )


def _plugins(root: Path) -> PurePosixPath:
    for found in root.glob("usr/lib/*/mosquitto/mosquitto_persist_sqlite.so"):
        return PurePosixPath("/") / found.parent.relative_to(root)
    raise ServerFailed(f"{root} has no Mosquitto with the SQLite plugin")


def _user(root: Path, name: str) -> tuple[int, int]:
    for line in (root / "etc" / "passwd").read_text(encoding="utf-8").splitlines():
        fields = line.split(":")
        if fields[0] == name:
            return int(fields[2]), int(fields[3])
    raise ServerFailed(f"{root} has no user {name}")
