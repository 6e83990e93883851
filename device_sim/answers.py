"""What a wearer does when the watch asks them to: press SOS, to finish a test of the alarm."""

from typing import Final

import msgspec
import structlog

from core.care import DeviceKind
from core.clock import SECOND
from device_sim import wire
from device_sim.homes import Dialect, Roster
from device_sim.observations import Message, values
from device_sim.publisher import Command

_log = structlog.get_logger(__name__)

HESITATES: Final = 8 * SECOND
"""How long the wearer takes to read it and to press, by the simulation's clock."""

_SPEAKS: Final = (Dialect.SENML_JSON, Dialect.SENML_CBOR)


class _Told(msgspec.Struct):
    command: str


class Wearers:
    """The people of a roster, who do what their watches ask them to.

    The watch answers; where somebody has none, the button that can speak does.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def answer(self, command: Command, now: int) -> Message | None:
        """The press that follows from a command heard at `now`; None where nothing does."""
        try:
            told = msgspec.json.decode(command.payload, type=_Told)
        except msgspec.DecodeError as error:
            _log.warning("a device can't read what it is told", device=command.device, reason=str(error))
            return None
        if told.command != "test":
            return None
        home = self._roster.household(command.household)
        asked = next((device for device in home.devices if device.code == command.device), None)
        if asked is None or asked.dialect not in _SPEAKS:
            return None
        has_watch = next(home.of_kind(DeviceKind.WEARABLE), None) is not None
        presses = asked.kind is DeviceKind.WEARABLE or (asked.kind is DeviceKind.SOS_BUTTON and not has_watch)
        if not presses:
            return None
        pressed = now + HESITATES
        return wire.encode(asked, values(pressed, home.code, asked.code, ("sos", True), event=True))
