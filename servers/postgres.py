"""A PostgreSQL server of our own: initialised, started, killed, restarted; its databases made and dropped."""

import secrets
import signal
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from servers.contract import ServerFailed
from servers.process import ENVIRONMENT, LOOPBACK, Place, ServerProcess, free_port

_USER: Final = "kanhu"
_START: Final = 90.0
_STOP: Final = 20.0


class PostgresServer:
    """PostgreSQL on a free port of loopback, with a password of its own; `servers.contract.Database`.

    Its data are gone when the `with` block is left; `stop`, `kill` and `start` in between keep them.
    """

    def __init__(self, place: AbstractContextManager[Place], settings: Mapping[str, str]) -> None:
        self._new_place = place
        self._settings = dict(settings)
        self._password = secrets.token_urlsafe(24)
        self._resources = ExitStack()
        self._place: Place | None = None
        self._process: ServerProcess | None = None
        self.host = LOOPBACK
        self.port = free_port()

    @property
    def url(self) -> str:
        """The URL of its database `kanhu`."""
        return self._url(_USER)

    def start(self) -> None:
        """Start; the first time with new data. Raises ServerFailed."""
        first = self._place is None
        if self._place is None:
            self._place = self._resources.enter_context(self._new_place)
            self._initialise(self._place)
            self._process = ServerProcess("PostgreSQL", self._place.directory / "postgres.log")
        if self._process is not None:
            command = self._place.command("postgres", "-D", str(self._place.inside / "data"))
            self._process.run(command, self._answers, _START)
        if first:
            self.prepare()

    def prepare(self) -> None:
        """What a new server gets: its database."""
        with self._administer() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_USER)))

    def stop(self) -> None:
        """Stop in order (a fast shutdown: clients are disconnected)."""
        if self._process is not None:
            self._process.stop(signal.SIGINT, _STOP)

    def kill(self) -> None:
        """`kill -9` the server and its children: a crash."""
        if self._process is not None:
            self._process.kill()

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

    def create_database(self, template: str | None = None) -> str:
        """A new database's URL: empty, or a copy of the one at the URL `template`, to which nobody may be connected."""
        name = f"kanhu_{secrets.token_hex(6)}"
        source = _database(template) if template is not None else "template1"
        with self._administer() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
            )
        return self._url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        with self._administer() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_database(url))))

    def _administer(self) -> psycopg.Connection:
        return psycopg.connect(self._url("postgres"), autocommit=True)

    def _url(self, database: str) -> str:
        return f"postgresql://{_USER}:{self._password}@{self.host}:{self.port}/{database}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self, place: Place) -> None:
        data = place.directory / "data"
        data.mkdir(mode=0o700)
        place.own(data)
        secret = place.directory / "password"
        secret.touch(mode=0o600)
        secret.write_text(self._password)
        place.own(secret)
        done = subprocess.run(  # noqa: S603 - our own command
            place.command(
                "initdb",
                f"--pgdata={place.inside / 'data'}",
                f"--username={_USER}",
                "--auth=scram-sha-256",
                f"--pwfile={place.inside / 'password'}",
                "--encoding=UTF8",
                # the same order and case rules on every system
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
            ),
            capture_output=True,
            text=True,
            cwd="/",
            env=ENVIRONMENT,
            check=False,
        )
        secret.unlink()
        if done.returncode != 0:
            raise ServerFailed(f"initdb ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        _write_settings(
            data / "postgresql.conf",
            {
                "listen_addresses": LOOPBACK,
                "port": str(self.port),
                "unix_socket_directories": "",
                "max_connections": "200",
                "timezone": "UTC",
                "log_timezone": "UTC",
                **self._settings,
            },
        )


def _write_settings(path: Path, settings: Mapping[str, str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def _database(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")
