"""From a wrist to a responder and back, on real servers and Kanhu's own processes. Each story reads as a timeline.

lan is a responder, chen a supervisor; every home has one resident, whose family has a system of its own that takes
signed webhooks."""

import json
import random
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

import httpx
import pytest
from psycopg.types.json import Jsonb

from core.care import CarePlan, DeviceKind
from core.clock import SECOND, SystemClock
from core.metrics import metric_id
from core.topics import Channel, topic
from device_sim import recordings, trials
from device_sim.homes import Dialect, HomeDevice, Household, Roster
from device_sim.observations import Message
from ingest.reasons import Reason
from servers.broker_access import SIMULATOR
from servers.contract import Login
from servers.process import LOOPBACK, free_port
from servers.real import Mosquitto, TimescaleServer
from tests.support.mqtt import Client
from tests.support.processes import command, running, wait_until
from tests.support.receiver import Receiver
from tests.support.servers import RECORDINGS, required_debian
from tests.support.town import HASTY_STREET, Town, at_once, generated_fall, home, is_ready, running_town

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

HEART_RATE, SOS, MOTION = metric_id("heart_rate"), metric_id("sos"), metric_id("motion")
COUNTDOWN = 2
LEASE = 5


def households(receiver: Receiver) -> list[Household]:
    """One for each story, so that none disturbs another."""
    soon, later = CarePlan(fall_countdown=COUNTDOWN), CarePlan(fall_countdown=60)
    foreign = (
        HomeDevice("phone", DeviceKind.TRACKER, 0, "", Dialect.OWNTRACKS, resident=0),
        HomeDevice("button", DeviceKind.SOS_BUTTON, 0, "", Dialect.ZIGBEE2MQTT),
        HomeDevice("hall", DeviceKind.MOTION, 0, "", Dialect.ZIGBEE2MQTT, "hall"),
    )
    return [
        home("h-sos", receiver),
        home("h-generated", receiver, family=("en",), plan=soon, language="en"),
        home("h-recorded", receiver, plan=soon),
        home("h-cancelled", receiver, plan=later),
        home("h-crowd", receiver),
        home("h-unanswered", receiver, family=("zh-CN", "en"), street=HASTY_STREET),
        home("h-bad", receiver),
        home("h-foreign", receiver, devices=foreign),
        home("h-new", receiver),
    ]


@pytest.fixture(scope="module")
def town(timescale: TimescaleServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Mosquitto(required_debian()) as broker, Receiver() as receiver:
        logs = tmp_path_factory.mktemp("town")
        with running_town(broker, timescale.create_database(), receiver, households(receiver), logs) as town:
            yield town
            assert receiver.forged == []
            # None has died meanwhile, and each ends in order when it is told to; uvicorn then passes the signal on.
            ended = {name: process.stop() for name, process in town.processes.items()}
            assert ended == {"ingest": 0, "dispatch": 0, "api": -signal.SIGTERM}


def now() -> int:
    return SystemClock().micros()


def trail(detail: dict[str, object]) -> list[str]:
    """The audit trail of an incident as it is shown, a line an event."""
    events = detail["events"]
    assert isinstance(events, list)
    assert [e["id"] for e in events] == sorted(e["id"] for e in events)
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)
    return [f"{e['event']} -> {e['to_state']} by {e['actor_name'] or e['actor'].partition(':')[0]}" for e in events]


def moments(detail: dict[str, object], event: str) -> list[datetime]:
    """When an event happened to an incident, each time."""
    events = detail["events"]
    assert isinstance(events, list)
    return [datetime.fromisoformat(e["at"]) for e in events if e["event"] == event]


def test_a_call_for_help_is_heard_answered_and_closed(town: Town) -> None:
    with town.user("lan") as lan, lan.live() as live, town.watch("h-sos") as watch:
        watch.says({"n": "sos", "vb": True, "t": now() / SECOND})

        # The daughter is told, in her language.
        told = town.receiver.next("h-sos-1")
        incident = told["incident"]
        assert told["title"] == "紧急呼救（SOS）：王秀英"
        assert "曙光路12号" in told["text"]
        assert told["text"].endswith(f"查看并确认：{told['link']}")

        # It is stored, in the queue, and on the live stream; the wearable is asked where it is.
        assert town.readings("h-sos", SOS) == [1.0]
        [shown] = [item for item in lan.queue() if item["id"] == incident]
        assert (shown["queue"], shown["state"], shown["kind"], shown["severity"]) == ("emergency", "open", "sos", 5)
        assert live.until(incident, "escalate") == ["open", "escalate"]
        assert watch.hears()["command"] == "locate-now"

        # Looking at the link's page confirms nothing; pressing its button does.
        assert "我正赶过去" in httpx.get(told["link"]).text
        assert [d["state"] for d in lan.sees(incident)["deliveries"] if d["contact_id"]] == ["sent"]
        answered = httpx.post(told["link"], data={"answer": "on_my_way"}, follow_redirects=True)
        assert "确认：我正赶过去。中心已看到" in answered.text
        assert [d["state"] for d in lan.sees(incident)["deliveries"] if d["contact_id"]] == ["confirmed"]

        # A responder takes it, and the wearer hears that help comes.
        assert lan.does(incident, "claim")["claimed_by"]["name"] == "兰"
        heard = watch.hears()
        assert (heard["command"], heard["incident"]) == ("incident-acknowledged", incident)
        assert heard["text"] == "您的呼叫已接听，救援正在赶来。"
        lan.does(incident, "contact", outcome="answered", note="疼，起不来")
        lan.does(incident, "dispatch", resource="120")
        lan.does(incident, "arrive")
        closed = lan.does(incident, "close", code="ambulance", note="送往医院")
        assert (closed["state"], closed["closure_code"]) == ("closed", "ambulance")

        assert trail(lan.sees(incident)) == [
            "open -> open by detector",
            "escalate -> open by timer",
            "confirm -> open by 亲人1",
            "claim -> claimed by 兰",
            "contact -> contacted by 兰",
            "dispatch -> dispatched by 兰",
            "arrive -> on_scene by 兰",
            "close -> closed by 兰",
        ]
        assert live.until(incident, "close") == ["confirm", "claim", "contact", "dispatch", "arrive", "close"]
        assert incident not in [item["id"] for item in lan.queue()]
        assert town.receiver.next("h-sos-1")["title"] == "已结束：王秀英"


def recorded_fall(household: Household) -> list[Message]:
    """What a wearable sends of the hardest of the recorded falls, as if it had been just now."""
    falls = [trial for trial in recordings.load(RECORDINGS / "falls" / "weda_fall_dev.npz") if trial.is_fall]
    hardest = max(falls, key=lambda trial: float(recordings.magnitude(trial.samples).max()))
    seconds = len(hardest.samples) / hardest.rate
    [worn] = trials.dress([hardest], Roster((), (household,)), now() - round(seconds * SECOND), 0.0)
    return trials.messages([worn], all_clips=False)


@pytest.mark.parametrize(
    ("household", "title", "countdown"),
    [
        pytest.param("h-generated", "Fall: 王秀英", "Did you fall?", id="made up"),
        pytest.param("h-recorded", "跌倒：王秀英", "您跌倒了吗？", id="recorded", marks=pytest.mark.recordings),
    ],
)
def test_a_fall_that_nobody_cancels_reaches_the_queue_and_the_family(
    town: Town, household: str, title: str, countdown: str
) -> None:
    [home_of_the_fall] = [one for one in households(town.receiver) if one.code == household]
    with town.user("lan") as lan, lan.live() as live, town.watch(household) as watch:
        watch.sends(recorded_fall(home_of_the_fall) if household == "h-recorded" else generated_fall(household, 7))

        # The wearer is asked first, and has seconds to say that it was nothing.
        asked = watch.hears()
        assert (asked["command"], asked["seconds"]) == ("countdown", COUNTDOWN)
        assert asked["text"].startswith(countdown)

        # Then it is in the queue, and the family is told.
        told = town.receiver.next(f"{household}-1")
        incident = told["incident"]
        assert (told["title"], told["queue"], told["kind"]) == (title, "emergency", "fall")
        happened = live.until(incident, "escalate")
        assert [event for event in happened if event != "attach"] == ["raise", "open", "escalate"]
        assert watch.hears()["command"] == "locate-now"
        detail = lan.sees(incident)
        waited = moments(detail, "open")[0] - moments(detail, "raise")[0]
        assert waited >= timedelta(seconds=COUNTDOWN)
        [shown] = [item for item in lan.queue() if item["id"] == incident]
        assert (shown["state"], shown["queue"], shown["kind"]) == ("open", "emergency", "fall")
        assert all(alert["detector"] == "fall" and alert["score"] > 0.5 for alert in detail["alerts"])

        lan.does(incident, "claim")
        assert watch.hears()["command"] == "incident-acknowledged"
        lan.does(incident, "close", code="responder_attended")
        assert [line for line in trail(lan.sees(incident)) if not line.startswith("attach")] == [
            "raise -> pending by detector",
            "open -> open by timer",
            "escalate -> open by timer",
            "claim -> claimed by 兰",
            "close -> closed by 兰",
        ]


def test_a_fall_that_the_wearer_cancels_is_heard_of_by_nobody(town: Town) -> None:
    with town.user("lan") as lan, lan.live() as live, town.watch("h-cancelled") as watch:
        watch.sends(generated_fall("h-cancelled", 7))
        assert watch.hears()["command"] == "countdown"
        watch.says({"n": "cancel", "vb": True, "t": now() / SECOND})

        incident = town.incident_of("h-cancelled")
        assert live.until(incident, "cancel") == ["raise", "clear", "cancel"]
        detail = lan.sees(incident)
        assert detail["state"] == "cancelled"
        assert trail(detail)[1:] == ["clear -> pending by wearer", "cancel -> cancelled by wearer"]
        # Nobody was told and nothing is left that could tell anybody.
        assert detail["deliveries"] == []
        assert town.rows("SELECT kind FROM timer WHERE incident_id = %s", incident) == []
        assert town.receiver.is_empty("h-cancelled-1")


def test_twenty_responders_reach_for_the_same_incident_and_one_has_it(town: Town) -> None:
    with town.watch("h-crowd") as watch:
        watch.says({"n": "sos", "vb": True, "t": now() / SECOND})
    incident = town.incident_of("h-crowd")
    with ExitStack() as stack:
        crew = [stack.enter_context(town.user(f"crew{number}")) for number in range(20)]
        answers = at_once(20, lambda number: crew[number].tries(incident, "claim"))

    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200] + [409] * 19
    winner = f"Crew{statuses.index(200)}"
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {problem["claimed_by"]["name"] for problem in refused} == {winner}
    assert all(winner in problem["detail"] for problem in refused)
    with town.user("lan") as lan:
        assert lan.sees(incident)["claimed_by"]["name"] == winner
        assert moments(lan.sees(incident), "claim") != []


def test_what_nobody_answers_goes_on_to_the_next_and_stops_while_somebody_has_it(town: Town) -> None:
    policy = {
        "steps": [
            {"after_s": 0, "targets": ["queue", "family_next"]},
            {"after_s": 2, "targets": ["family_next"]},
            {"after_s": 4, "targets": ["supervisors", "family"]},
        ]
    }
    town.execute(
        "INSERT INTO escalation_policy (area_id, queue, policy) SELECT id, 'emergency', %s FROM area WHERE code = %s",
        Jsonb(policy),
        HASTY_STREET,
    )
    port = free_port()
    hasty = f"http://{LOOPBACK}:{port}"
    settings = town.settings(api_port=str(port), claim_lease_seconds=str(LEASE))
    with running(["api"], settings, town.logs / "hasty-api.log"):
        wait_until(lambda: is_ready(hasty), "the API with the short lease is ready")
        with town.user("crew0", at=hasty) as crew, town.user("lan") as lan, lan.live() as live:
            with town.watch("h-unanswered") as watch:
                watch.says({"n": "sos", "vb": True, "t": now() / SECOND})

            # The first is told, then, after the policy's two seconds, the second; the third step is four seconds away.
            incident = town.receiver.next("h-unanswered-1")["incident"]
            assert town.receiver.next("h-unanswered-2")["incident"] == incident
            assert live.until(incident, "escalate") == ["open", "escalate"]
            assert live.until(incident, "escalate") == ["escalate"]

            # Somebody takes it, and does nothing. Only when the claim has lapsed does the third step come.
            crew.does(incident, "claim")
            assert live.until(incident, "escalate") == ["claim", "lapse", "escalate"]
            for contact in ("h-unanswered-1", "h-unanswered-2"):
                assert town.receiver.next(contact)["incident"] == incident

            # Now somebody has it who goes on with it: nothing more is due but their lease.
            lan.does(incident, "claim")
            assert town.rows("SELECT kind FROM timer WHERE incident_id = %s", incident) == [("lease",)]
            lan.does(incident, "close", code="reassured")
            detail = lan.sees(incident)

    first, second, third = moments(detail, "escalate")
    claimed, _ = moments(detail, "claim")
    [lapsed] = moments(detail, "lapse")
    assert second - first >= timedelta(seconds=2)
    assert third - claimed >= timedelta(seconds=LEASE) > timedelta(seconds=4)
    assert lapsed - claimed >= timedelta(seconds=LEASE)
    told = [(d["step"], d["recipient"]) for d in detail["deliveries"] if d["step"] >= 0]
    assert sorted(told) == [
        (0, "亲人1"),
        (0, "兰"),
        (1, "亲人2"),
        (2, "Chen"),
        (2, "亲人1"),
        (2, "亲人2"),
    ]


def test_bad_input_is_set_aside_with_its_reason_and_goes_in_again_when_it_is_mended(town: Town) -> None:
    start = now()
    telemetry = topic("h-bad", "watch", Channel.TELEMETRY)

    def pulse(value: int) -> bytes:
        return json.dumps([{"n": "heart_rate", "v": value, "t": start / SECOND + value - 100}]).encode()

    random_bytes = [random.Random(seed).randbytes(200) for seed in range(10)]
    stranger, strangers = topic("h-bad", "stranger", Channel.TELEMETRY), 120
    bad = [
        *((telemetry, payload) for payload in random_bytes),
        (stranger, pulse(strangers)),
        (telemetry, bytes(10_000_000)),
        ("zigbee2mqtt/h-bad", b"{}"),
        (topic("-no-code-", "watch", Channel.TELEMETRY), pulse(strangers)),
        (telemetry, b'[{"n":"heart_rate","u":"kg","v":60}]'),
    ]
    values = range(60, 60 + len(bad) + 1)
    with Client(town.broker, "vandal", town.broker.service(SIMULATOR)) as client:
        client.publish(telemetry, pulse(values[0]))
        for value, (name, payload) in zip(values[1:], bad, strict=True):
            client.publish_all([(name, payload), (telemetry, pulse(value))])

    wait_until(lambda: len(town.readings("h-bad", HEART_RATE)) == len(values), "all neighbours are stored")
    assert town.readings("h-bad", HEART_RATE) == list(values)
    kept = town.rows("SELECT topic, payload, payload_size, reason FROM quarantine ORDER BY arrival")
    assert [(name, size) for name, _, size, _ in kept] == [(name, len(payload)) for name, payload in bad]
    assert [payload for _, payload, _, _ in kept[:10]] == random_bytes
    assert {reason for _, _, _, reason in kept[:10]} <= set(Reason)
    assert [reason for _, _, _, reason in kept[10:]] == [
        "unknown_device", "too_large", "unknown_topic", "unknown_topic", "wrong_unit",
    ]  # fmt: skip
    assert town.processes["ingest"].running
    assert 'kanhu_ingest_quarantined_total{reason="too_large"} 1.0' in httpx.get(town.metrics_url).text

    # The operator adds the device, and gives in again what it had said.
    add = ["device", "add", "h-bad", "stranger", "wearable"]
    for step in (add, ["quarantine", "reinject", "--reason", "unknown_device"]):
        done = command(step, town.settings())
        assert done.returncode == 0, done.stderr
    mended = [*values, strangers]
    wait_until(lambda: len(town.readings("h-bad", HEART_RATE)) == len(mended), "the stranger's reading is stored")
    assert town.readings("h-bad", HEART_RATE) == mended
    left = town.rows("SELECT count(*) FROM quarantine WHERE reason = 'unknown_device' AND reinjected_at IS NULL")
    assert left == [(0,)]


def test_devices_of_other_makers_are_heard(town: Town) -> None:
    gateway = Login("h-foreign", "of the gateway")
    phone = town.login("h-foreign", "phone")
    town.broker.add_accounts([gateway])
    fix = {"_type": "location", "tid": "ph", "tst": now() // SECOND, "lat": 30.2615, "lon": 120.1391, "acc": 12}
    with town.user("lan") as lan:
        with Client(town.broker, "phone", phone) as client:
            assert client.publish("owntracks/h-foreign/phone", json.dumps(fix).encode()) == "Success"
        with Client(town.broker, "gateway", gateway) as client:
            client.publish("zigbee2mqtt/h-foreign/hall", b'{"occupancy":true,"linkquality":120}')
            client.publish("zigbee2mqtt/h-foreign/button", b'{"action":"emergency","battery":87}')

        # The button's press is an emergency like any other, and shows where the phone is.
        incident = town.receiver.next("h-foreign-1")["incident"]
        assert town.readings("h-foreign", MOTION) == [1.0]
        detail = lan.sees(incident)
        assert (detail["kind"], detail["state"]) == ("sos", "open")
        position = detail["position"]
        assert (position["latitude"], position["longitude"], position["accuracy"]) == (30.2615, 120.1391, 12)


def test_an_operator_lets_a_device_in_and_locks_its_old_password_out(town: Town) -> None:
    settings = town.settings(broker_access_directory=str(town.broker.access_directory))

    def credentials() -> Login:
        done = command(["device", "credentials", "h-new", "watch"], settings)
        assert done.returncode == 0, done.stderr
        town.broker.reload()
        words = done.stdout.split()
        assert words[:3] == ["user", "name", "h-new/watch"]
        return Login(words[2], words[4])

    first = credentials()
    second = credentials()
    with Client(town.broker, "h-new.watch", second) as client:
        client.publish(topic("h-new", "watch", Channel.TELEMETRY), b'[{"n":"heart_rate","v":71}]')
    wait_until(lambda: town.readings("h-new", HEART_RATE) == [71.0], "its reading is stored")
    with pytest.raises(ConnectionRefusedError), Client(town.broker, "h-new.watch", first):
        pass
    # Everybody else is let in as before.
    with town.watch("h-sos") as watch:
        watch.says({"n": "heart_rate", "v": 60}, channel=Channel.TELEMETRY)
