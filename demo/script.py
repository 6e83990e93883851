"""What happens in the town: fifty homes with their days, and every kind of event at a set minute."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from core.clock import MINUTE, SECOND, to_micros
from demo.phones import SECRET
from device_sim import events, homes
from device_sim.events import Event, EventError
from device_sim.homes import Household, Roster
from device_sim.simulation import Simulation

MINUTES: Final = 120
"""How long the town is watched, in minutes of its own clock."""

ZONE: Final = ZoneInfo("Asia/Shanghai")
MORNING: Final = time(9, 0)

# (minute, event): the urgent ones twice, and each at a moment that leaves time for its recognition.
HAPPENS: Final = (
    (3, "still"),
    (5, "sos"),
    (7, "cold"),
    (9, "fall"),
    (12, "low-battery"),
    (14, "smoke"),
    (18, "wandering"),
    (22, "fall-cancelled"),
    (27, "low-oxygen"),
    (32, "silent"),
    (38, "water-leak"),
    (44, "high-pressure"),
    (50, "sos-watch"),
    (56, "gas"),
    (62, "fall"),
    (68, "wrong-clock"),
    (76, "smoke"),
    (84, "sos"),
    (92, "fall"),
    (24, "bathroom"),
)

# What goes on happening at real speed, again and again: the first few soon, so that a newcomer has something to do.
_AFTERWARDS: Final = ("sos", "fall", "smoke", "low-oxygen", "wandering", "sos-watch", "water-leak", "gas")
_FIRST_S: Final = (15, 30, 50)
_EVERY_S: Final = 90
_ROUNDS: Final = 4

# Nobody dies of a demonstration: whoever lies still is to be found within the two hours.
_STILL_HOURS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Script:
    """The town, when it begins and ends (micros of its clock), and all that happens."""

    roster: Roster
    simulation: Simulation
    begin: int
    end: int


def begin_of(day: date) -> int:
    """Nine in the morning of a day, where the town lies (micros): nobody's quiet hours."""
    return to_micros(datetime.combine(day, MORNING, ZONE))


def make(households: int, seed: int, begin: int, phones: str) -> Script:
    """The script from `begin` on (micros).

    phones: address of the families' telephones; each contact's first channel leads there. Raises EventError where there
    are too few homes for what is to happen.
    """
    roster = _with_phones(_with_short_limit(homes.make_roster(households, seed)), phones)
    free = list(roster.households)
    happening = []
    for number, (minute, name) in enumerate(HAPPENS):
        event = _place(name, free, begin + minute * MINUTE, seed + number)
        free.remove(roster.household(event.household))
        happening.append(event)
    end = begin + MINUTES * MINUTE
    return Script(roster, Simulation(roster, seed, happening), begin, end)


def afterwards(plan: Script, begin: int, seed: int) -> list[Event]:
    """What happens after the script's two hours, from `begin` (micros) on, at real speed.

    Where least has happened yet, and never where something still goes on: each is an incident of its own. Raises
    EventError where there are too few homes.
    """
    happened = {home.code: 0 for home in plan.roster.households}
    busy = dict.fromkeys(happened, 0)

    def note(event: Event) -> None:
        happened[event.household] += 1
        busy[event.household] = max(busy[event.household], event.until(plan.roster.household(event.household)))

    for event in plan.simulation.script:
        note(event)
    # From the end, where the script has used none up; those few in which somebody can get lost last.
    order = list(reversed(plan.roster.households))
    order.sort(key=lambda home: bool(home.residents[0].care_plan.zones))
    happening = []
    for number, name in enumerate(_AFTERWARDS * _ROUNDS):
        later = max(0, number + 1 - len(_FIRST_S)) * _EVERY_S
        moment = begin + (_FIRST_S[min(number, len(_FIRST_S) - 1)] + later) * SECOND
        free = sorted((home for home in order if busy[home.code] < moment), key=lambda home: happened[home.code])
        event = _place(name, free, moment, seed + number)
        note(event)
        happening.append(event)
    return happening


def _place(name: str, free: Iterable[Household], start: int, seed: int) -> Event:
    for home in free:
        if len(home.residents) > 1:
            continue
        try:
            return events.named(name, home, start, seed)
        except EventError:
            continue
    raise EventError(f"no home is left in which {name!r} can happen: take more --households")


def _with_short_limit(roster: Roster) -> Roster:
    def resident(one: homes.Resident) -> homes.Resident:
        if one.care_plan.inactivity_hours is None:
            return one
        plan = msgspec.structs.replace(one.care_plan, inactivity_hours=_STILL_HOURS)
        return msgspec.structs.replace(one, care_plan=plan)

    return _with_residents(roster, resident)


def _with_phones(roster: Roster, phones: str) -> Roster:
    def resident(one: homes.Resident) -> homes.Resident:
        return msgspec.structs.replace(one, contacts=tuple(contact(c) for c in one.contacts))

    def contact(one: homes.Contact) -> homes.Contact:
        phone = homes.Channel("webhook", f"{phones}/{one.phone.removeprefix('+')}", SECRET, 1)
        rest = tuple(msgspec.structs.replace(c, call_order=c.call_order + 1) for c in one.channels)
        return msgspec.structs.replace(one, channels=(phone, *rest))

    return _with_residents(roster, resident)


def _with_residents(roster: Roster, change: Callable[[homes.Resident], homes.Resident]) -> Roster:
    changed = tuple(
        msgspec.structs.replace(home, residents=tuple(change(one) for one in home.residents))
        for home in roster.households
    )
    return msgspec.structs.replace(roster, households=changed)
