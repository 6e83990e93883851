"""What the embedded and the real servers have in common, so that a demonstration or a test can take either."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol, Self


class ServersUnavailable(Exception):
    """These servers can't be had on this machine; the message says why and what would help."""


class ServerFailed(RuntimeError):
    """A server did not start or did not stop; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Login:
    """An account at a broker."""

    username: str
    password: str = field(repr=False)


class Server(Protocol):
    """A server that is started by `start` or by entering its `with` block, and gone when the block is left."""

    def start(self) -> None:
        """Start, or start again on the same port and data after `stop`. Raises ServerFailed."""
        ...

    def stop(self) -> None:
        """Stop in order. Does nothing where it does not run."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...


class Broker(Server, Protocol):
    """An MQTT broker on loopback."""

    host: str
    port: int
    protocol: Literal["5", "3.1.1"]

    def service(self, account: str) -> Login | None:
        """The login of one of `servers.broker_access.SERVICES`; None where the broker asks for none."""
        ...

    def add_devices(self, devices: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Login | None]:
        """Let devices in, each (household, device): their logins; None where the broker asks for none."""
        ...


class Database(Server, Protocol):
    """A PostgreSQL server on loopback."""

    @property
    def url(self) -> str:
        """The URL of its database `kanhu`, empty at first."""
        ...

    def create_database(self, template: str | None = None) -> str:
        """A new database's URL: empty, or a copy of the one at the URL `template`, to which nobody may be connected."""
        ...

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        ...
