"""What wearers do when they are asked to press."""

import json

import pytest

from core.clock import SECOND
from device_sim.answers import HESITATES, Wearers
from device_sim.homes import make_roster
from device_sim.publisher import Command

ROSTER = make_roster(3, 7)
NOW = 1_790_000_000_000_000


def told(device: str, payload: object = None, household: str = "h001") -> Command:
    return Command(household, device, json.dumps(payload or {"command": "test", "text": "请按 SOS 键"}).encode())


def test_who_is_asked_for_a_test_presses_sos_on_the_watch_after_a_moment() -> None:
    message = Wearers(ROSTER).answer(told("watch"), NOW)
    assert message is not None
    assert (message.at, message.topic, message.urgent) == (NOW + HESITATES, "kanhu/v1/h001/watch/event", True)
    assert HESITATES >= SECOND
    assert b"sos" in message.payload


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(told("watch", {"command": "countdown", "seconds": 20}), id="another command"),
        pytest.param(told("watch", {"command": "help-yourself"}), id="one that is not known"),
        pytest.param(told("nothing"), id="a device that is not there"),
        pytest.param(Command("h001", "watch", b"{"), id="what can't be read"),
        pytest.param(Command("h001", "watch", b'{"do": "test"}'), id="no command at all"),
    ],
)
def test_nothing_else_is_answered(command: Command) -> None:
    assert Wearers(ROSTER).answer(command, NOW) is None


def test_one_press_answers_however_many_devices_were_told() -> None:
    devices = ROSTER.household("h001").devices
    answers = [Wearers(ROSTER).answer(told(device.code), NOW) for device in devices]
    assert sum(answer is not None for answer in answers) == 1
