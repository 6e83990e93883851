"""Whatever dies, whenever: what the broker acknowledged reaches the database once, and so does every alert."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from core.clock import SECOND, SystemClock
from core.topics import Channel, topic
from servers.broker_access import INGEST, SIMULATOR
from servers.real import Mosquitto, TimescaleServer
from storage.migrate import migrate
from tests.support.homes import add_home
from tests.support.mqtt import Client
from tests.support.processes import Process, environment, wait_until

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

MESSAGES = 20_000
PRESSES = 40
START = SystemClock().micros() - MESSAGES * SECOND


def messages() -> list[tuple[str, bytes]]:
    """A heart rate a second, each once, and among them presses of the button."""
    packs = []
    for number in range(MESSAGES - PRESSES):
        record = [{"n": "heart_rate", "v": 50 + number % 50, "t": (START + number * SECOND) / SECOND}]
        packs.append((topic("h1", "watch", Channel.TELEMETRY), json.dumps(record).encode()))
    for number in range(PRESSES):
        record = [{"n": "sos", "vb": True, "t": START // SECOND + number * 400}]
        packs.insert(
            number * len(packs) // PRESSES, (topic("h1", "button", Channel.EVENT), json.dumps(record).encode())
        )
    return packs


class Town:
    """Real servers, one home, and an ingest process that can be killed."""

    def __init__(self, broker: Mosquitto, server: TimescaleServer, log: Path) -> None:
        self.broker = broker
        self.server = server
        self.url = server.create_database()
        self._log = log
        migrate(self.url)
        add_home(self.url, "h1", [("watch", "wearable", 0), ("button", "sos_button", 0)])
        self.start_ingest()

    def start_ingest(self) -> None:
        self.ingest = Process(["ingest"], environment(self.url, self.broker, INGEST), self._log)

    def count(self, table: str = "reading") -> int:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        except psycopg.OperationalError:
            return -1
        assert row is not None
        return int(row[0])

    def wait_for_subscription(self) -> None:
        wait_until(lambda: b"connected to the broker" in self._log.read_bytes(), "ingest is connected")

    def publish(self, packs: list[tuple[str, bytes]]) -> threading.Thread:
        """Publish on a thread of its own; its end means that the broker has acknowledged all."""

        def work() -> None:
            with Client(self.broker, "town", self.broker.service(SIMULATOR)) as client:
                for first in range(0, len(packs), 500):
                    client.publish_all(packs[first : first + 500])

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def assert_everything_once(self) -> None:
        wait_until(lambda: self.count() >= MESSAGES, "all readings are stored", 120)
        with psycopg.connect(self.url) as connection:
            total, values = connection.execute(
                "SELECT count(*), count(DISTINCT time) FROM reading WHERE metric = 1"
            ).fetchone() or (0, 0)
            assert (total, values) == (MESSAGES - PRESSES, MESSAGES - PRESSES)
            alerts = connection.execute(
                "SELECT count(*), count(DISTINCT event_time) FROM alert WHERE kind = 'sos'"
            ).fetchone()
            assert alerts == (PRESSES, PRESSES)
            incidents = connection.execute("SELECT count(*) FROM incident WHERE queue = 'emergency'").fetchone()
            assert incidents == (1,)
        assert self.count("quarantine") == 0


@pytest.fixture
def town(own_mosquitto: Mosquitto, own_timescale: TimescaleServer, tmp_path: Path) -> Iterator[Town]:
    made = Town(own_mosquitto, own_timescale, tmp_path / "ingest.log")
    try:
        made.wait_for_subscription()
        yield made
    finally:
        if made.ingest.running:
            made.ingest.kill()


def kill_ingest(town: Town) -> None:
    town.ingest.kill()
    town.start_ingest()


def kill_database(town: Town) -> None:
    town.server.kill()
    town.server.start()


def stop_database(town: Town) -> None:
    town.server.stop()
    town.server.start()


@pytest.mark.parametrize("crash", [kill_ingest, kill_database, stop_database])
def test_a_crash_amid_20000_messages(town: Town, crash: Callable[[Town], None]) -> None:
    publishing = town.publish(messages())
    for share in (0.2, 0.5):
        wait_until(lambda part=share: town.count() > MESSAGES * part, f"{share:.0%} are stored")  # type: ignore[misc]
        crash(town)
    publishing.join()
    town.assert_everything_once()
    assert town.ingest.running


def test_the_broker_is_killed_amid_20000_messages(town: Town) -> None:
    packs = messages()
    town.publish(packs[: MESSAGES // 2]).join()
    town.broker.kill()
    town.broker.start()
    town.publish(packs[MESSAGES // 2 :]).join()
    town.assert_everything_once()
    assert town.ingest.running


def test_sigterm_ends_in_order_and_the_next_start_goes_on(town: Town) -> None:
    publishing = town.publish(messages())
    wait_until(lambda: town.count() > 2000, "some are stored")
    assert town.ingest.stop() == 0
    assert town.count("detector_snapshot") > 0
    town.start_ingest()
    publishing.join()
    town.assert_everything_once()


def test_told_to_stop_while_the_database_is_away_it_stops_and_loses_nothing(town: Town) -> None:
    publishing = town.publish(messages())
    wait_until(lambda: town.count() > 2000, "some are stored")
    town.server.stop()
    publishing.join()
    assert town.ingest.stop() != 0, "it could not finish in order, and says so"
    town.server.start()
    town.start_ingest()
    town.assert_everything_once()
