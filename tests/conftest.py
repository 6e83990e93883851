"""Servers and databases for the tests, and the marks that need something of the machine."""

from collections.abc import Iterator

import pytest
import structlog

from servers.contract import Database, ServersUnavailable
from servers.embedded import EmbeddedBroker, EmbeddedDatabase
from servers.real import Mosquitto, TimescaleServer
from tests.support.servers import RECORDINGS, debian, nothing_may_be_skipped, required_debian

# As `cli.logs` has it, and not structlog's default, rich's traceback: half a minute for one that holds a picture.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

_OF_DEBIAN = {"mosquitto", "own_mosquitto", "timescale", "own_timescale", "database"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A file's tests run one after another on one core: its minutes would be the end of the run, with the others idle.
    items.sort(key=lambda item: item.path.parent.name != "resilience")


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> str | None:
    # Before the first test, whose time limit a first preparation would break.
    wanted = any(item.get_closest_marker("servers") or _OF_DEBIAN & set(_fixtures(item)) for item in items)
    if not wanted or config.option.collectonly:
        return None
    root = debian()
    return f"real servers: {'not here: ' if isinstance(root, ServersUnavailable) else ''}{root}"


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("servers"):
        required_debian()
    if item.get_closest_marker("recordings") and not RECORDINGS.is_dir():
        pytest.skip(f"needs the recordings in {RECORDINGS}")


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[Mosquitto]:
    """A real Mosquitto, shared: leave it running, use client ids and topics of your own."""
    with Mosquitto(required_debian()) as broker:
        yield broker


@pytest.fixture
def own_mosquitto() -> Iterator[Mosquitto]:
    """A real Mosquitto of this test alone, to be killed and started as it likes."""
    with Mosquitto(required_debian()) as broker:
        yield broker


@pytest.fixture(scope="session")
def timescale() -> Iterator[TimescaleServer]:
    """A real TimescaleDB, shared: leave it running, use a database of your own."""
    # What tests a crash has an own one.
    with TimescaleServer(required_debian(), fsync=False) as server:
        yield server


@pytest.fixture
def own_timescale() -> Iterator[TimescaleServer]:
    """A real TimescaleDB of this test alone, to be killed and started as it likes."""
    with TimescaleServer(required_debian()) as server:
        yield server


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[EmbeddedDatabase]:
    """The embedded PostgreSQL, shared."""
    with EmbeddedDatabase() as server:
        yield server


@pytest.fixture
def embedded_broker() -> Iterator[EmbeddedBroker]:
    """An embedded broker of this test alone (a shared one could not be emptied)."""
    with EmbeddedBroker() as broker:
        yield broker


@pytest.fixture(scope="session")
def _database_server(request: pytest.FixtureRequest) -> Database:
    embedded = isinstance(debian(), ServersUnavailable) and not nothing_may_be_skipped()
    server: Database = request.getfixturevalue("embedded_server" if embedded else "timescale")
    return server


@pytest.fixture(scope="session")
def _migrated(_database_server: Database) -> str:
    return _migrate_a_new_one(_database_server)


@pytest.fixture(scope="session")
def _embedded_migrated(embedded_server: EmbeddedDatabase) -> str:
    return _migrate_a_new_one(embedded_server)


@pytest.fixture
def database(_database_server: Database, _migrated: str) -> Iterator[str]:
    """The URL of a fresh, migrated database on TimescaleDB; on the embedded PostgreSQL where that can't be had."""
    yield from _copy(_database_server, _migrated)


@pytest.fixture(scope="module")
def shared_database(_database_server: Database, _migrated: str) -> Iterator[str]:
    """As `database`, for a module whose tests roll back what they do: a copy takes a second."""
    yield from _copy(_database_server, _migrated)


@pytest.fixture
def embedded_database(embedded_server: EmbeddedDatabase, _embedded_migrated: str) -> Iterator[str]:
    """The URL of a fresh, migrated database on the embedded PostgreSQL."""
    yield from _copy(embedded_server, _embedded_migrated)


def _migrate_a_new_one(server: Database) -> str:
    # Here, so that tests that need no database run while the storage is being worked on.
    from storage.migrate import migrate

    url = server.create_database()
    migrate(url)
    return url


def _copy(server: Database, template: str) -> Iterator[str]:
    url = server.create_database(template)
    yield url
    server.drop_database(url)
