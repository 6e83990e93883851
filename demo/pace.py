"""How fast the town's time may pass on this machine, and whether it kept up.

The accelerated clock makes a hiccup of a second a minute or more of the town's time. What comes later than the
detectors wait for it looks as if the devices had fallen silent: too fast a clock shows faults that Kanhu has not.
"""

import math
from typing import Final

from core.clock import MINUTE, SECOND, Clock
from device_sim.observations import Message

USUAL_S: Final = 100.0
"""Real seconds that the two hours take, where the machine is fast enough."""

LONGEST_S: Final = 1800.0

ALLOWED: Final = MINUTE
"""How late (of the town's time) a message may be: what all detectors but the urgent ones wait for each."""

# Simulating the two hours is work like that of watching over them: more homes, or a slower or busier machine, and both
# take longer.
_FAST_ENOUGH_S: Final = 4.0
_LEAST_BOOT_S: Final = 8.0
_BOOTS: Final = 4.0


def seconds_for(simulated_in: float) -> float:
    """Real seconds that the two hours should take on a machine that has needed so many to simulate them."""
    fitting = USUAL_S * max(1.0, simulated_in / _FAST_ENOUGH_S)
    return min(LONGEST_S, math.ceil(fitting / 10) * 10)


def boot_for(simulated_in: float) -> float:
    """Real seconds that the processes will probably need to be ready."""
    return max(_LEAST_BOOT_S, _BOOTS * simulated_in)


class Lag:
    """How late messages were acknowledged by the broker, at worst (micros of the town's time)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.worst = 0

    def acknowledged(self, message: Message, real: int) -> None:
        """A message has arrived there."""
        self.worst = max(self.worst, self._clock.micros() - message.at)

    @property
    def minutes(self) -> float:
        """At worst, in minutes of the town's time."""
        return self.worst / MINUTE

    @property
    def too_long(self) -> bool:
        """Whether devices that speak regularly may have looked silent."""
        return self.worst > ALLOWED

    def seconds_instead(self, seconds: float) -> int:
        """How long the two hours, which took `seconds`, should take for the same hiccup to do no harm."""
        return math.ceil(seconds * max(1.0, self.worst / ALLOWED) / 10) * 10


def late_begin(now: int, simulated_in: float, speed: float) -> int:
    """The next full five minutes (micros) for which there is time to simulate from then on anew."""
    ready = now + round((2.0 * simulated_in + 2.0) * speed * SECOND)
    return -(-ready // (5 * MINUTE)) * 5 * MINUTE
