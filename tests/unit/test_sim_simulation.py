"""One seed, one stream: the same bytes however time is cut; events show in what devices send."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import cbor2
import msgspec
import pytest

from core.clock import DAY, HOUR, MINUTE, SECOND, to_micros
from core.findings import Kind
from core.topics import OWNTRACKS_ROOT, ZIGBEE2MQTT_ROOT, parse
from device_sim import events
from device_sim.events import Event, EventError
from device_sim.faults import Line
from device_sim.homes import Household, make_roster
from device_sim.observations import Message
from device_sim.simulation import Simulation, random_script

START = to_micros(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))  # 08:30 in Shanghai
ROSTER = make_roster(10, 1)


def simulated(*script: Event, line: Line | None = None) -> Simulation:
    """The homes that something happens to; all of them where nothing does."""
    hit = {event.household for event in script}
    households = tuple(home for home in ROSTER.households if not hit or home.code in hit)
    return Simulation(msgspec.structs.replace(ROSTER, households=households), 7, script, line or Line())


def of_home(messages: Sequence[Message], home: str) -> list[Message]:
    return [message for message in messages if message.household == home]


def spoken(message: Message) -> dict[str, object]:
    """Metric or key to value, whatever the format."""
    if message.topic.startswith((ZIGBEE2MQTT_ROOT, OWNTRACKS_ROOT)) or message.payload[:1] == b"{":
        found: dict[str, object] = json.loads(message.payload)
        return found
    if message.payload[:1] == b"[":
        return {row["n"]: row.get("v", row.get("vb")) for row in json.loads(message.payload)}
    decoded = cbor2.loads(message.payload)
    return dict(decoded) if isinstance(decoded, dict) else {row[0]: row.get(2, row.get(4)) for row in decoded}


def test_the_same_seed_gives_the_same_bytes() -> None:
    script = random_script(make_roster(4, 1), ["sos", "fall", "smoke"], START, START + HOUR, 3)
    line = Line(loss=0.05, duplicates=0.05, reorder=0.1)
    first = list(Simulation(make_roster(4, 1), 7, script, line).messages(START, START + HOUR))
    again = list(Simulation(make_roster(4, 1), 7, script, line).messages(START, START + HOUR))
    assert first == again
    assert len(first) > 400
    assert first != list(Simulation(make_roster(4, 1), 8, script, line).messages(START, START + HOUR))


@pytest.mark.parametrize("line", [Line(), Line(loss=0.05, duplicates=0.1, reorder=0.2, delay=600)])
def test_time_may_be_cut_anywhere(line: Line) -> None:
    # Over a local midnight: 15:00 to 17:00 UTC.
    still = events.Still(household="h007", start=START + 6 * HOUR, hours=11.0)
    life = simulated(still, events.Sos(household="h006", start=START + 15 * HOUR), line=line)
    begin = START + 14 * HOUR + 30 * MINUTE
    whole = list(life.messages(begin, begin + 2 * HOUR))
    parts = [m for n in range(4) for m in life.messages(begin + n * HOUR // 2, begin + (n + 1) * HOUR // 2)]
    assert whole == parts


def test_what_a_bad_line_holds_back_arrives_after_midnight() -> None:
    still = events.Still(household="h007", start=START + 30 * HOUR, hours=11.0)
    midnight = START + 15 * HOUR + 30 * MINUTE
    on_time = [m.payload for m in simulated(still).messages(midnight - 5 * MINUTE, midnight)]
    slow = simulated(still, line=Line(reorder=1.0, delay=600))
    late = {m.payload: m.at for m in slow.messages(midnight - 5 * MINUTE, midnight + 15 * MINUTE)}
    assert len(on_time) >= 5
    assert set(on_time) <= set(late)
    assert any(late[payload] >= midnight for payload in on_time)


def test_messages_come_in_order_and_within_the_time() -> None:
    times = [m.at for m in simulated(line=Line(reorder=0.3, delay=300)).messages(START, START + HOUR)]
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < START + HOUR


def test_every_device_speaks_on_its_own_topic() -> None:
    messages = list(simulated().messages(START, START + DAY))
    for message in messages:
        if message.topic.startswith("kanhu/"):
            told = parse(message.topic)
            assert (told.household, told.device) == (message.household, message.device)
        else:
            assert message.topic in {
                f"{root}/{message.household}/{message.device}" for root in ("zigbee2mqtt", "owntracks")
            }
    silent = {(h.code, d.code) for h in ROSTER.households for d in h.devices if d.interval}
    assert silent == {(m.household, m.device) for m in messages} & silent


def test_devices_keep_their_interval() -> None:
    messages = list(simulated().messages(START, START + 6 * HOUR))
    for home in ROSTER.households:
        for device in home.devices:
            if not 0 < device.interval <= 3600:
                continue
            times = [START, *(m.at for m in messages if (m.household, m.device) == (home.code, device.code))]
            longest = max(b - a for a, b in zip(times, [*times[1:], START + 6 * HOUR], strict=True))
            assert longest <= 1.5 * device.interval * SECOND, (home.code, device.code)


def watch_of(home: str, messages: Sequence[Message], kind: str) -> list[Message]:
    return [m for m in messages if m.household == home and m.device == "watch" and m.topic.endswith(kind)]


def test_a_fall_sends_a_clip_and_then_nothing_moves() -> None:
    fall = events.Fall(household="h001", start=START + 10 * MINUTE, seed=5, flagged=True)
    messages = of_home(list(simulated(fall).messages(START, START + HOUR)), "h001")
    (clip,) = watch_of("h001", messages, "/waveform")
    decoded = cbor2.loads(clip.payload)
    assert round(decoded["t"] * 1e6) == fall.start - 4 * SECOND
    assert clip.at == fall.start + 6 * SECOND
    assert clip.urgent
    assert [spoken(m) for m in watch_of("h001", messages, "/event")] == [{"fall_flag": True}]
    lying = [m for m in messages if fall.start < m.at < fall.start + 1800 * SECOND]
    assert not [m for m in lying if spoken(m).get("occupancy") is True]
    steps = {spoken(m)["steps"] for m in watch_of("h001", lying, "/telemetry") if "steps" in spoken(m)}
    assert len(steps) == 1
    truth = fall.truth(ROSTER.household("h001"))
    assert (truth.kind, truth.start, truth.cancelled) == (Kind.FALL, fall.start, False)


def test_a_cancelled_fall_ends_with_the_wearers_word() -> None:
    fall = events.Fall(household="h001", start=START + 10 * MINUTE, seed=5, cancel_after=8)
    messages = list(simulated(fall).messages(START, START + HOUR))
    (cancel,) = watch_of("h001", messages, "/event")
    assert spoken(cancel) == {"cancel": True}
    assert cancel.at == fall.start + 14 * SECOND
    assert fall.truth(ROSTER.household("h001")).cancelled


@pytest.mark.parametrize(
    ("event", "device", "key"),
    [
        (events.Sos(household="h001", start=START), "sos-bathroom", "action"),
        (events.Sos(household="h001", start=START, worn=True), "watch", "sos"),
        (events.Smoke(household="h001", start=START), "smoke-kitchen", "smoke"),
        (events.Gas(household="h001", start=START), "gas-kitchen", "gas"),
        (events.WaterLeak(household="h001", start=START), "water-bathroom", "water_leak"),
    ],
)
def test_alarms_are_sent_at_once_and_are_urgent(event: Event, device: str, key: str) -> None:
    messages = [m for m in simulated(event).messages(START, START + MINUTE) if m.household == "h001"]
    (alarm,) = [m for m in messages if m.urgent]
    assert (alarm.at, alarm.device) == (START, device)
    assert spoken(alarm)[key] in (True, "emergency")


def test_low_oxygen_shows_in_every_pack_of_its_time_only() -> None:
    ill = events.LowOxygen(household="h001", start=START + 10 * MINUTE, minutes=20)
    packs = watch_of("h001", list(simulated(ill).messages(START, START + HOUR)), "/telemetry")
    during = [m for m in packs if ill.start <= m.at < ill.start + 20 * MINUTE]
    assert all(int(str(spoken(m)["spo2"])) <= 86 for m in during)
    assert len(during) == 20
    assert all(int(str(spoken(m).get("spo2", 97))) >= 93 for m in packs if m not in during)


def metres(home: Household, message: Message) -> float:
    fix = json.loads(message.payload)
    north = (fix["lat"] - home.latitude) * 111_195
    east = (fix["lon"] - home.longitude) * 111_195 * math.cos(math.radians(home.latitude))
    return math.hypot(north, east)


def test_a_wanderer_leaves_the_zone_when_the_truth_says_and_walkers_do_not() -> None:
    wander = events.Wandering(household="h001", start=START + 10 * MINUTE)
    home = ROSTER.household("h001")
    radius = home.residents[0].care_plan.zones[0].radius
    truth = wander.truth(home)
    fixes = watch_of("h001", list(simulated(wander).messages(START, START + 2 * HOUR)), "/location")
    outside = [m.at for m in fixes if metres(home, m) > radius + 30]
    assert truth.start <= outside[0] <= truth.start + 3 * MINUTE
    alone = msgspec.structs.replace(ROSTER, households=(home,))
    routine = watch_of("h001", list(Simulation(alone, 7).messages(START, START + DAY)), "/location")
    assert routine
    assert max(metres(home, m) for m in routine) < radius - 60


def test_a_silent_device_stops_and_its_neighbours_do_not() -> None:
    silent = events.Silent(household="h002", start=START + 10 * MINUTE, device="climate-bedroom")
    after = [m for m in simulated(silent).messages(silent.start, START + 3 * HOUR) if m.household == "h002"]
    said = Counter(m.device for m in after)
    assert said["climate-bedroom"] == 0
    assert said["bed"] >= 17


def test_low_battery_cold_and_wrong_clock_change_what_is_said() -> None:
    start = START + 10 * MINUTE
    script = (
        events.LowBattery(household="h002", start=start, device="bed", level=4),
        events.Cold(household="h004", start=start, degrees=6.0),
        events.WrongClock(household="h006", start=start, device="climate-bedroom", seconds=3600),
    )
    messages = list(simulated(*script).messages(START, START + HOUR))
    bed = [m for m in messages if (m.household, m.device) == ("h002", "bed") and m.topic.endswith("/telemetry")]
    assert {spoken(m)["battery"] == 4 for m in bed if m.at >= start} == {True}
    assert not any(spoken(m)["battery"] == 4 for m in bed if m.at < start)
    cold = [m for m in messages if (m.household, m.device) == ("h004", "climate-bedroom")]
    assert {spoken(m)["room_temperature"] == 6.0 for m in cold if m.at >= start} == {True}
    for message in (m for m in messages if (m.household, m.device) == ("h006", "climate-bedroom")):
        ahead = round(cbor2.loads(message.payload)[0][-3] * 1e6) - message.at
        assert ahead == (3600 * SECOND if message.at >= start else 0)


def test_a_script_gives_each_event_a_home_of_its_own() -> None:
    roster = make_roster(50, 1)
    script = random_script(roster, events.NAMES, START, START + HOUR, 3)
    assert script == random_script(roster, events.NAMES, START, START + HOUR, 3)
    assert len({event.household for event in script}) == len(events.NAMES)
    assert all(START <= event.start < START + HOUR for event in script)
    with pytest.raises(EventError, match="wandering"):
        random_script(ROSTER, ["wandering"] * 3, START, START + HOUR, 3)
    with pytest.raises(KeyError):
        random_script(ROSTER, ["earthquake"], START, START + HOUR, 3)


def test_events_that_a_home_cannot_have_are_refused() -> None:
    home = ROSTER.household("h002")
    for event in (
        events.Wandering(household="h002", start=START),
        events.Gas(household="h002", start=START),
        events.Still(household="h002", start=START, hours=3.0),
        events.Silent(household="h002", start=START, device="sos-bathroom"),
        events.LowBattery(household="h002", start=START, device="toaster"),
    ):
        with pytest.raises(EventError, match="h002"):
            event.truth(home)
