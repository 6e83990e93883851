"""Commands to wearables, and what the broker says of them: refused is not sent."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiomqtt
import pytest

from alerts import service
from alerts.commands import CommandPublisher
from alerts.dispatcher import Dispatcher
from alerts.lifecycle import ClosureCode
from alerts.notify.base import NotSent, Permanent, Temporary
from core.findings import Kind
from core.settings import Settings, read
from servers.broker_access import DISPATCH, INGEST
from servers.contract import Broker
from servers.embedded import EmbeddedBroker
from servers.real import Mosquitto
from storage import incidents
from tests.support.alarm_world import finding
from tests.support.centre import Centre, open_centre
from tests.support.mqtt import Client, payloads
from tests.support.refusing_broker import RefusingBroker, refusing_broker

TOPIC = "kanhu/v1/h1/watch/command"


def settings_for(broker: Broker | RefusingBroker, **more: str) -> Settings:
    protocol = "5" if isinstance(broker, RefusingBroker) else broker.protocol
    return read(
        {"KANHU_MQTT_HOST": broker.host, "KANHU_MQTT_PORT": str(broker.port), "KANHU_MQTT_PROTOCOL": protocol} | more
    )


def as_service(mosquitto: Mosquitto, account: str, **more: str) -> Settings:
    login = mosquitto.service(account)
    return settings_for(mosquitto, KANHU_MQTT_USERNAME=login.username, KANHU_MQTT_PASSWORD=login.password, **more)


# The publisher


async def test_a_command_reaches_the_wearable_over_mqtt(embedded_broker: EmbeddedBroker) -> None:
    settings = settings_for(embedded_broker)
    async with (
        aiomqtt.Client(
            settings.mqtt_host, settings.mqtt_port, identifier="watch", protocol=aiomqtt.ProtocolVersion.V5
        ) as wearable,
        CommandPublisher(settings) as commands,
        asyncio.timeout(20),
    ):
        await wearable.subscribe(TOPIC, qos=1)
        for number in range(3):
            await commands.publish(TOPIC, b'{"command":"test","number":%d}' % number)
        got = [await anext(aiter(wearable.messages)) for _ in range(3)]
    assert [json.loads(bytes(m.payload))["number"] for m in got] == [0, 1, 2]
    assert {m.qos for m in got} == {1}


async def test_the_real_broker_takes_what_the_dispatcher_may_send(mosquitto: Mosquitto) -> None:
    login = mosquitto.add_devices([("h1", "watch")])["h1", "watch"]
    with Client(mosquitto, "commands-watch", login) as watch:
        watch.subscribe(TOPIC)
        for protocol in ("5", "3.1.1"):
            async with CommandPublisher(as_service(mosquitto, DISPATCH, KANHU_MQTT_PROTOCOL=protocol)) as commands:
                await asyncio.gather(*(commands.publish(TOPIC, b"%d" % number) for number in range(30)))
        assert sorted(payloads(watch.receive(60))) == sorted(2 * [b"%d" % number for number in range(30)])


async def test_a_device_that_is_not_there_is_no_refusal(mosquitto: Mosquitto) -> None:
    async with CommandPublisher(as_service(mosquitto, DISPATCH)) as commands:
        await commands.publish("kanhu/v1/nobody/watch/command", b"{}")


async def test_what_the_real_broker_refuses_is_not_sent(mosquitto: Mosquitto) -> None:
    # Ingest may not send commands.
    async with CommandPublisher(as_service(mosquitto, INGEST)) as commands:
        for _ in range(2):
            with pytest.raises(Permanent, match="the broker refuses it: Not authorized"):
                await commands.publish(TOPIC, b"{}")


async def test_a_broker_that_lets_the_dispatcher_in_no_more_may_do_so_again(mosquitto: Mosquitto) -> None:
    settings = settings_for(mosquitto, KANHU_MQTT_USERNAME="kanhu-dispatch", KANHU_MQTT_PASSWORD="wrong")
    async with CommandPublisher(settings) as commands:
        for _ in range(2):
            with pytest.raises(Temporary, match="the broker: Not authorized"):
                await commands.publish(TOPIC, b"{}")


async def test_a_broker_that_is_away_is_a_temporary_failure() -> None:
    with EmbeddedBroker() as broker:
        settings = settings_for(broker)
    async with CommandPublisher(settings) as commands:
        for _ in range(2):
            with pytest.raises(Temporary, match="broker"):
                await commands.publish(TOPIC, b"{}")


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (0x00, None),
        # No matching subscribers.
        (0x10, None),
        (0x80, Temporary),
        (0x83, Temporary),
        (0x87, Permanent),
        (0x90, Permanent),
        (0x91, Temporary),
        (0x97, Temporary),
        (0x99, Permanent),
    ],
)
async def test_each_reason_code_is_what_it_says(code: int, refusal: type[NotSent] | None) -> None:
    async with refusing_broker(code) as broker, CommandPublisher(settings_for(broker)) as commands:
        if refusal is not None:
            with pytest.raises(refusal, match="the broker refuses it"):
                await commands.publish(TOPIC, b"{}")
        await commands.publish(TOPIC, b"{}")
        assert (len(broker.topics), broker.connections) == (1 if refusal is None else 2, 1), "one connection does"


async def test_a_connection_that_ends_fails_for_now_all_that_wait_on_it_and_the_next_makes_another() -> None:
    async with refusing_broker(None, None) as broker, CommandPublisher(settings_for(broker)) as commands:
        failed = await asyncio.gather(*(commands.publish(TOPIC, b"{}") for _ in range(3)), return_exceptions=True)
        assert {type(error) for error in failed} == {Temporary}
        assert all(str(error).startswith("the broker: the connection ended") for error in failed), "at once"
        with pytest.raises(Temporary, match="the broker: "):
            await commands.publish(TOPIC, b"{}")
        await commands.publish(TOPIC, b"{}")
        assert broker.connections == 3


# What becomes of it


@pytest.fixture
async def centre(database: str) -> AsyncIterator[Centre]:
    async with open_centre(database) as centre:
        yield centre


def with_publisher(centre: Centre, publisher: CommandPublisher) -> None:
    desk = replace(centre.dispatcher._desk, publish=publisher.publish)
    centre.dispatcher = Dispatcher(centre.pool, desk, now=lambda: centre.now, speed=1.0, poll_seconds=1.0)


async def not_told(centre: Centre, incident: int) -> list[tuple[str, str]]:
    """What the trail says that the wearable was not given: command and error."""
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, incident)
    lost = [e.detail for e in events if e.event == "unreachable"]
    assert all(detail["who"] == "wearer" and detail["device"] == "watch" for detail in lost)
    return [(detail["command"], detail["error"]) for detail in lost]


async def test_the_responder_sees_that_the_wearer_does_not_know_that_help_comes(
    centre: Centre, mosquitto: Mosquitto
) -> None:
    async with CommandPublisher(as_service(mosquitto, INGEST)) as publisher:
        with_publisher(centre, publisher)
        [raised] = await centre.raise_(finding(centre.world))
        await centre.until(1)
        async with centre.transaction() as connection:
            await service.claim(connection, raised.incident_id, centre.world.responder, centre.now)
        await centre.until(2)
    said = "the broker refuses it: Not authorized"
    assert await not_told(centre, raised.incident_id) == [("locate-now", said), ("incident-acknowledged", said)]
    async with centre.transaction() as connection:
        events = await incidents.events_of(connection, raised.incident_id)
        outcomes = await connection.execute("SELECT done_at, failed_at, error FROM outbox WHERE topic = 'command'")
        assert [(done, failed is not None, error) for done, failed, error in await outcomes.fetchall()] == [
            (None, True, said)
        ] * 2
    assert events[-1].detail["text"] == {
        "en": "watch did not say that help is coming",
        "zh-CN": "设备 watch 未能告知老人救援正在赶来",
    }


async def test_what_the_broker_refuses_for_now_is_sent_again(centre: Centre) -> None:
    async with (
        refusing_broker(0x97, 0x97) as broker,
        CommandPublisher(settings_for(broker)) as publisher,
    ):
        with_publisher(centre, publisher)
        [raised] = await centre.raise_(finding(centre.world))
        await centre.until(0)
        assert len(broker.topics) == 1
        await centre.until(4)
        assert broker.topics == ["kanhu/v1/h1/watch/command"] * 3
        await centre.until(60)
        assert len(broker.topics) == 3
    assert await not_told(centre, raised.incident_id) == []


async def test_what_was_too_late_or_refused_for_too_long_is_in_the_trail_once(centre: Centre) -> None:
    async with (
        refusing_broker(*[0x97] * 100) as broker,
        CommandPublisher(settings_for(broker)) as publisher,
    ):
        with_publisher(centre, publisher)
        [raised] = await centre.raise_(finding(centre.world, Kind.FALL, countdown=20))
        await centre.until(1000)
    assert await not_told(centre, raised.incident_id) == [
        ("countdown", "too late to be of use"),
        ("locate-now", "the broker refuses it: Quota exceeded"),
    ]


async def test_nothing_is_said_of_what_is_over_or_about_no_incident(centre: Centre) -> None:
    async with centre.transaction() as connection:
        [raised] = await service.raise_findings(connection, [finding(centre.world)], centre.now)
        message = {"command": "locate-now", "incident": raised.incident_id}
        await service.claim(connection, raised.incident_id, centre.world.responder, centre.now)
        await service.close(connection, raised.incident_id, centre.world.responder, centre.now, ClosureCode.REASSURED)
        await service.command_failed(connection, message, "watch", "x", centre.now)
        await service.command_failed(connection, {"command": "test"}, "watch", "x", centre.now)
    assert await not_told(centre, raised.incident_id) == []
