"""What goes wrong between a sensor and the broker, as seeded changes of the stream.

Faults of a device change its observations before they are put into bytes; faults of the line change messages.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.clock import SECOND
from device_sim.observations import Message, Observation, Record, Records


@dataclass(frozen=True, slots=True)
class Line:
    """A bad line, as shares from 0 to 1 of all messages.

    loss: never reach the broker; urgent messages are spared, for a device repeats those until they are acknowledged.
    duplicates: sent a second time, up to `delay` seconds later. reorder: sent up to `delay` seconds late, so that
    others overtake them.
    """

    loss: float = 0.0
    duplicates: float = 0.0
    reorder: float = 0.0
    delay: float = 30.0

    def __post_init__(self) -> None:
        for name in ("loss", "duplicates", "reorder"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share from 0 to 1")
        if self.delay < 0:
            raise ValueError("delay has no sign")

    def carry(self, messages: Iterable[Message], rng: random.Random) -> list[Message]:
        """What of the messages comes through, and when, in order of time."""
        arrived = []
        for message in messages:
            # Drawn for every message, so that one fault's share does not move another fault's choice.
            lost, late, twice = rng.random(), rng.random(), rng.random()
            wait, again = (round(rng.random() * self.delay * SECOND) for _ in range(2))
            if lost < self.loss and not message.urgent:
                continue
            sent = replace(message, at=message.at + wait) if late < self.reorder else message
            arrived.append(sent)
            if twice < self.duplicates:
                arrived.append(replace(sent, at=sent.at + again))
        arrived.sort(key=lambda m: m.at)
        return arrived


def skew(seen: Iterable[Observation], device: str, seconds: float) -> list[Observation]:
    """The device's clock is wrong by so many seconds (positive: fast). What it sends goes out when it always did."""
    shift = round(seconds * SECOND)
    return [replace(s, time=s.time + shift) if s.device == device else s for s in seen]


def silence(seen: Iterable[Observation], device: str, since: int, until: int) -> list[Observation]:
    """The device sends nothing from `since` to `until` (micros)."""
    return [s for s in seen if s.device != device or not since <= s.at < until]


def low_battery(seen: Iterable[Observation], device: str, since: int, level: int) -> list[Observation]:
    """The device's battery is at `level` per cent from `since` on; every message says so."""

    def drained(body: Records) -> Records:
        kept = tuple(r for r in body.values if r.metric != "battery")
        return replace(body, values=(*kept, Record("battery", level)))

    return [
        replace(s, body=drained(s.body)) if s.device == device and s.at >= since and isinstance(s.body, Records) else s
        for s in seen
    ]
