"""The real servers: what the broker acknowledged outlives it, nobody publishes as another, nothing beyond loopback."""

from pathlib import Path
from typing import Literal

import psycopg
import pytest

from core.topics import UP_FILTERS, Channel, topic
from servers.broker_access import DISPATCH, INGEST, SIMULATOR
from servers.contract import Login
from servers.real import Mosquitto, TimescaleServer
from tests.support.mqtt import Client, numbered, payloads

pytestmark = pytest.mark.servers

_OK = "Success"
# accepted, though nobody has subscribed to it
_ACCEPTED = (_OK, "No matching subscribers")
_REFUSED = "Not authorized"
_TELEMETRY = topic("h1", "watch", Channel.TELEMETRY)


def test_what_was_acknowledged_outlives_a_kill(own_mosquitto: Mosquitto) -> None:
    login = own_mosquitto.add_devices([("h1", "watch")])["h1", "watch"]
    sent = numbered(lambda _: _TELEMETRY, 2000)
    with Client(own_mosquitto, "ingest", own_mosquitto.service(INGEST), session=3600) as ingest:
        ingest.subscribe(*UP_FILTERS)
    with Client(own_mosquitto, "watch", login) as watch:
        assert set(watch.publish_all(sent)) == {_OK}
        own_mosquitto.kill()
    own_mosquitto.start()
    with Client(own_mosquitto, "ingest", own_mosquitto.service(INGEST), session=3600) as ingest:
        assert ingest.session_present
        assert payloads(ingest.receive(2000)) == [payload for _, payload in sent]
        # accounts outlive it too, and nothing else is queued
        with Client(own_mosquitto, "watch", login) as watch:
            watch.publish(_TELEMETRY, b"after")
        assert payloads(ingest.receive(1)) == [b"after"]


def test_in_flight_and_unacknowledged_is_redelivered_after_a_kill(own_mosquitto: Mosquitto) -> None:
    login = own_mosquitto.add_devices([("h1", "watch")])["h1", "watch"]
    service = own_mosquitto.service(INGEST)
    with Client(own_mosquitto, "ingest", service, session=3600, manual_ack=True) as ingest:
        ingest.subscribe(*UP_FILTERS)
        with Client(own_mosquitto, "watch", login) as watch:
            watch.publish_all(numbered(lambda _: _TELEMETRY, 300))
        for message in ingest.receive(300)[:100]:
            ingest.ack(message)
        # the answer on the same connection shows that the broker has had the acknowledgements before it
        ingest.subscribe(*UP_FILTERS)
        with Client(own_mosquitto, "watch", login) as watch:
            watch.publish(_TELEMETRY, b"last")
        ingest.receive(1)
        own_mosquitto.kill()
    own_mosquitto.start()
    with Client(own_mosquitto, "ingest", service, session=3600, manual_ack=True) as ingest:
        assert payloads(ingest.receive(201)) == [b"%d" % number for number in range(100, 300)] + [b"last"]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_the_window_holds_several_batches(mosquitto: Mosquitto, protocol: Literal["5", "3.1.1"]) -> None:
    # Mosquitto's default for 3.1.1 is 20: acknowledgements that wait for a commit would stop the flow.
    login = mosquitto.add_devices([("h1", "stream")])["h1", "stream"]
    with Client(mosquitto, "window", mosquitto.service(INGEST), manual_ack=True, protocol=protocol) as ingest:
        ingest.subscribe(topic("h1", "stream", Channel.WAVEFORM))
        with Client(mosquitto, "stream", login) as device:
            device.publish_all(numbered(lambda _: topic("h1", "stream", Channel.WAVEFORM), 5000))
        assert len(ingest.receive(5000)) == 5000


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel is not Channel.COMMAND])
def test_a_device_publishes_as_itself(mosquitto: Mosquitto, channel: Channel) -> None:
    login = mosquitto.add_devices([("h1", "watch")])["h1", "watch"]
    with Client(mosquitto, "h1-watch", login) as device:
        assert device.publish(topic("h1", "watch", channel), b"mine") in _ACCEPTED


@pytest.mark.parametrize(
    "name",
    [
        topic("h1", "other", Channel.TELEMETRY),
        topic("h2", "watch", Channel.TELEMETRY),
        topic("h1", "watch", Channel.COMMAND),
        topic("h2", "watch", Channel.STATUS),
        f"{topic('h1', 'watch', Channel.EVENT)}/more",
        "zigbee2mqtt/h1/door",
        "owntracks/h1/other",
        "owntracks/h2/watch",
        "anything",
    ],
)
def test_a_device_publishes_as_nobody_else(mosquitto: Mosquitto, name: str) -> None:
    login = mosquitto.add_devices([("h1", "watch")])["h1", "watch"]
    with Client(mosquitto, "h1-watch", login) as device:
        assert device.publish(name, b"forged") == _REFUSED


def test_a_phone_with_owntracks_and_a_household_gateway(mosquitto: Mosquitto) -> None:
    phone = mosquitto.add_devices([("h3", "phone")])["h3", "phone"]
    with Client(mosquitto, "phone", phone) as device:
        assert device.publish("owntracks/h3/phone", b"{}") in _ACCEPTED
        assert device.publish("owntracks/h3/phone/event", b"{}") in _ACCEPTED
    gateway = Login("h3", "a long password")
    mosquitto.add_accounts([gateway])
    with Client(mosquitto, "gateway", gateway) as device:
        assert device.publish("zigbee2mqtt/h3/door", b"{}") in _ACCEPTED
        assert device.publish("zigbee2mqtt/h4/door", b"{}") == _REFUSED
        assert device.publish(topic("h3", "phone", Channel.EVENT), b"[]") == _REFUSED


def test_commands_reach_the_device_they_are_for(mosquitto: Mosquitto) -> None:
    logins = mosquitto.add_devices([("h5", "watch"), ("h5", "other")])
    with (
        Client(mosquitto, "h5-watch", logins["h5", "watch"]) as watch,
        Client(mosquitto, "h5-other", logins["h5", "other"]) as other,
        Client(mosquitto, "dispatch", mosquitto.service(DISPATCH)) as dispatch,
    ):
        for device in (watch, other):
            device.subscribe(topic("+", "+", Channel.COMMAND))
        assert dispatch.publish(topic("h5", "watch", Channel.COMMAND), b"locate-now") == _OK
        assert dispatch.publish(topic("h5", "other", Channel.COMMAND), b"test") == _OK
        assert payloads(watch.receive(1)) == [b"locate-now"]
        # had the other's command been sent here as well, it would have come before this one
        dispatch.publish(topic("h5", "watch", Channel.COMMAND), b"end")
        assert payloads(watch.receive(1)) == [b"end"]
        assert payloads(other.receive(1)) == [b"test"]
        assert dispatch.publish(topic("h5", "watch", Channel.EVENT), b"[]") == _REFUSED


def test_ingest_gives_messages_in_again_and_the_simulator_publishes_for_all(mosquitto: Mosquitto) -> None:
    # `kanhu quarantine reinject` is ingest's account: it writes where it reads, and nowhere else.
    came_over = [topic("h6", "watch", channel) for channel in Channel if channel is not Channel.COMMAND]
    came_over += ["zigbee2mqtt/h6/door", "owntracks/h6/phone"]
    with (
        Client(mosquitto, "reader", mosquitto.service(INGEST)) as ingest,
        Client(mosquitto, "simulator", mosquitto.service(SIMULATOR)) as simulator,
    ):
        ingest.subscribe(topic("h6", "+", Channel.EVENT))
        for name in came_over:
            assert ingest.publish(name, b"again") in _ACCEPTED, name
        assert payloads(ingest.receive(1)) == [b"again"]
        assert ingest.publish(topic("h6", "watch", Channel.COMMAND), b"no") == _REFUSED
        assert ingest.publish("anything", b"no") == _REFUSED
        assert simulator.publish(topic("h6", "watch", Channel.EVENT), b"yes") == _OK
        assert simulator.publish(topic("h6", "watch", Channel.COMMAND), b"no") == _REFUSED
        assert payloads(ingest.receive(1)) == [b"yes"]


@pytest.mark.parametrize("login", [None, Login("kanhu-ingest", "wrong"), Login("h9/nobody", "x")])
def test_nobody_enters_without_a_password(mosquitto: Mosquitto, login: Login | None) -> None:
    with pytest.raises(ConnectionRefusedError), Client(mosquitto, "stranger", login):
        pass


def test_timescale_answers_with_its_extension(own_timescale: TimescaleServer) -> None:
    with psycopg.connect(own_timescale.create_database()) as connection:
        version = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'").fetchone()
        assert version is not None
        assert int(version[0].split(".")[0]) >= 2
        assert connection.info.server_version >= 180000
        for setting, value in (
            ("timescaledb.license", "apache"),
            ("timescaledb.telemetry_level", "off"),
            ("fsync", "on"),
            ("TimeZone", "UTC"),
        ):
            row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
            assert row == (value,), setting


def test_a_copied_database_has_what_its_template_had_and_no_more(timescale: TimescaleServer) -> None:
    template = timescale.create_database()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE t (time timestamptz NOT NULL, v int)")
        connection.execute("SELECT create_hypertable('t', by_range('time'))")
    first, second = timescale.create_database(template), timescale.create_database(template)
    with psycopg.connect(first) as connection:
        connection.execute("INSERT INTO t VALUES ('2026-01-01T00:00Z', 1)")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    timescale.drop_database(first)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)


def test_what_was_committed_outlives_a_kill(own_timescale: TimescaleServer) -> None:
    with psycopg.connect(own_timescale.url) as connection:
        connection.execute("CREATE TABLE t (v int)")
    with psycopg.connect(own_timescale.url) as open_connection:
        open_connection.execute("INSERT INTO t VALUES (1)")
        open_connection.commit()
        own_timescale.kill()
        with pytest.raises(psycopg.OperationalError):
            open_connection.execute("SELECT 1")
    own_timescale.start()
    with psycopg.connect(own_timescale.url) as connection:
        assert connection.execute("SELECT v FROM t").fetchall() == [(1,)]


def test_nobody_reaches_the_database_without_the_password(timescale: TimescaleServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=timescale.host, port=timescale.port, user="kanhu", password="wrong", dbname="kanhu")


def test_the_servers_listen_on_loopback_only(mosquitto: Mosquitto, timescale: TimescaleServer) -> None:
    for port in (mosquitto.port, timescale.port):
        assert _listeners(port) == {"0100007F"}


def _listeners(port: int) -> set[str]:
    """Local addresses in listening state with this port, as the kernel writes them (127.0.0.1 is 0100007F)."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state = line.split()[:4]
            address, _, at = local.partition(":")
            if state == "0A" and int(at, 16) == port:
                found.add(address)
    return found
