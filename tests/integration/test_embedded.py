"""The embedded servers keep the same promises as far as they go."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from core.topics import UP_FILTERS, Channel, topic
from servers.contract import Broker
from servers.embedded import EmbeddedBroker, EmbeddedDatabase
from servers.process import listens
from tests.support.mqtt import Client, numbered, payloads

_TELEMETRY = topic("h1", "watch", Channel.TELEMETRY)
_ROOT = Path(__file__).parents[2]

# Receives, says each payload and acknowledges the first ten only.
_CONSUMER = """
import sys
from tests.support.mqtt import Client
class Broker:
    host, port = "127.0.0.1", int(sys.argv[1])
with Client(Broker(), "ingest", session=3600, manual_ack=True) as client:
    client.subscribe("kanhu/v1/+/+/telemetry")
    print("ready", flush=True)
    for number in range(1000):
        message = client.messages.get()
        if number < 10:
            client.ack(message)
        print(message.payload.decode(), flush=True)
"""

_HOLDER = """
import signal
from servers.embedded import EmbeddedBroker, EmbeddedDatabase
with EmbeddedDatabase() as database, EmbeddedBroker() as broker:
    print(database.port, broker.port, flush=True)
    signal.pause()
"""


def test_a_killed_client_gets_again_what_it_did_not_acknowledge(embedded_broker: EmbeddedBroker) -> None:
    consumer = _python(_CONSUMER, str(embedded_broker.port))
    assert consumer.stdout is not None
    assert consumer.stdout.readline() == "ready\n"
    with Client(embedded_broker, "watch") as watch:
        watch.publish_all(numbered(lambda _: _TELEMETRY, 60))
        assert [consumer.stdout.readline() for _ in range(60)] == [f"{number}\n" for number in range(60)]
        _kill(consumer)
        watch.publish_all([(_TELEMETRY, b"while it was away")])
    with Client(embedded_broker, "ingest", session=3600, manual_ack=True) as client:
        assert client.session_present
        expected = [b"%d" % number for number in range(10, 60)] + [b"while it was away"]
        assert payloads(client.receive(51)) == expected


def test_more_than_the_window_waits_and_comes_in_order(embedded_broker: EmbeddedBroker) -> None:
    with Client(embedded_broker, "ingest", session=3600, manual_ack=True) as client:
        client.subscribe(*UP_FILTERS)
        with Client(embedded_broker, "watch") as watch:
            watch.publish_all(numbered(lambda _: _TELEMETRY, 1000))
        received = client.receive(100)
        for _ in range(9):
            for message in received[-100:]:
                client.ack(message)
            received += client.receive(100)
    assert payloads(received) == [b"%d" % number for number in range(1000)]


def test_a_retained_status_and_a_last_will_are_kept(embedded_broker: EmbeddedBroker) -> None:
    status = topic("h1", "watch", Channel.STATUS)
    with Client(embedded_broker, "watch") as watch:
        watch.publish(status, b"online", retain=True)
    with Client(embedded_broker, "late") as late:
        late.subscribe(status)
        (message,) = late.receive(1)
    assert (message.payload, message.retain) == (b"online", True)


def test_the_embedded_broker_asks_for_no_login(embedded_broker: Broker) -> None:
    assert embedded_broker.service("kanhu-ingest") is None
    assert embedded_broker.add_devices([("h1", "watch")]) == {("h1", "watch"): None}


def test_the_embedded_database_is_migrated_and_each_test_has_its_own(
    embedded_database: str, embedded_server: EmbeddedDatabase
) -> None:
    with psycopg.connect(embedded_database) as connection:
        assert connection.execute("SELECT to_regclass('incident') IS NOT NULL").fetchone() == (True,)
        assert connection.info.server_version >= 180000
    assert embedded_database != embedded_server.url


def test_data_outlive_a_kill_and_a_stop_but_not_the_block() -> None:
    with EmbeddedDatabase() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS v")
        server.kill()
        server.start()
        server.stop()
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT v FROM t").fetchall() == [(1,)]
        port = server.port
    assert not listens(port)


def test_nobody_reaches_the_embedded_database_without_the_password(embedded_server: EmbeddedDatabase) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=embedded_server.host, port=embedded_server.port, user="kanhu", password="wrong", dbname="kanhu"
        )


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's death is Linux's")
def test_a_killed_owner_leaves_no_server_behind() -> None:
    holder = _python(_HOLDER)
    assert holder.stdout is not None
    ports = [int(port) for port in holder.stdout.readline().split()]
    assert all(listens(port) for port in ports)
    _kill(holder)
    deadline = time.monotonic() + 20
    while any(listens(port) for port in ports):
        assert time.monotonic() < deadline, "a server outlived its owner"
        time.sleep(0.05)


def _python(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, *arguments], cwd=_ROOT, stdout=subprocess.PIPE, text=True)


def _kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
