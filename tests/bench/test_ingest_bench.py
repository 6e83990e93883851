"""Messages and readings a second through the whole of ingest, beside the same messages only received and acknowledged.

`make bench` prints it. A backlog waits at a real Mosquitto; ingest works it off into TimescaleDB with all detectors.
"""

import json
import time
from pathlib import Path

import psycopg
import pytest

from core.clock import SECOND, SystemClock
from core.topics import UP_FILTERS, Channel, topic
from servers.broker_access import INGEST, SIMULATOR
from servers.real import Mosquitto, TimescaleServer
from storage.migrate import migrate
from tests.support.homes import add_home
from tests.support.mqtt import Client
from tests.support.processes import environment, running, wait_until

pytestmark = [pytest.mark.servers, pytest.mark.bench, pytest.mark.timeout(600)]

MESSAGES = 60_000
HOMES = 200
_VALUES = (
    ("heart_rate", "/min", 70), ("spo2", "%", 97), ("respiratory_rate", "/min", 15), ("body_temperature", "Cel", 36.6),
    ("steps", "1", 100), ("battery", "%", 80), ("worn", "1", 1), ("humidity", "%", 50),
)  # fmt: skip


def packs() -> list[tuple[str, bytes]]:
    """SenML packs of eight readings, one a second from each of the homes in turn."""
    now = SystemClock().micros() // SECOND - MESSAGES // HOMES
    made = []
    for number in range(MESSAGES):
        home, at = number % HOMES, now + number // HOMES
        records: list[dict[str, object]] = [{"n": n, "u": u, "v": v} for n, u, v in _VALUES]
        records[0]["bt"] = at
        made.append((topic(f"h{home}", "watch", Channel.TELEMETRY), json.dumps(records).encode()))
    return made


def publish(broker: Mosquitto, messages: list[tuple[str, bytes]]) -> None:
    with Client(broker, "load", broker.service(SIMULATOR)) as client:
        for first in range(0, len(messages), 2000):
            client.publish_all(messages[first : first + 2000])


def seconds_to_receive_alone(broker: Mosquitto) -> float:
    """Receive and acknowledge a backlog with paho, and do nothing with it."""
    session = {"session": 3600, "manual_ack": True, "receive_maximum": 16_000}
    with Client(broker, "alone", broker.service(INGEST), **session) as client:  # type: ignore[arg-type]
        client.subscribe(*UP_FILTERS)
    publish(broker, packs())
    start = time.perf_counter()
    with Client(broker, "alone", broker.service(INGEST), **session) as client:  # type: ignore[arg-type]
        for _ in range(MESSAGES):
            client.ack(client.messages.get(timeout=60))
    return time.perf_counter() - start


def test_throughput(
    own_mosquitto: Mosquitto, timescale: TimescaleServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = timescale.create_database()
    migrate(url)
    for home in range(HOMES):
        add_home(url, f"h{home}")
    alone = seconds_to_receive_alone(own_mosquitto)
    settings = environment(url, own_mosquitto, INGEST)
    log = tmp_path / "ingest.log"
    with running(["ingest"], settings, log):
        wait_until(lambda: b"connected to the broker" in log.read_bytes(), "ingest is connected")
    publish(own_mosquitto, packs())
    with running(["ingest"], settings, log), psycopg.connect(url, autocommit=True) as connection:

        def stored() -> int:
            row = connection.execute("SELECT count(*) FROM reading").fetchone()
            assert row is not None
            return int(row[0])

        wait_until(lambda: stored() > 0, "the first batch is stored", every=0.005)
        start, before = time.perf_counter(), stored()
        wait_until(lambda: stored() == MESSAGES * len(_VALUES), "all is stored", 300, every=0.1)
        took = time.perf_counter() - start
    readings = MESSAGES * len(_VALUES) - before
    messages = readings / len(_VALUES)
    with capsys.disabled():
        print(
            f"\ningest, {MESSAGES} SenML JSON packs of {len(_VALUES)}, {HOMES} homes, all detectors:"
            f" {messages / took:,.0f} messages/s, {readings / took:,.0f} readings/s;"
            f" received and acknowledged alone by paho: {MESSAGES / alone:,.0f} messages/s;"
            f" ratio {(messages / took) / (MESSAGES / alone):.2f}"
        )
