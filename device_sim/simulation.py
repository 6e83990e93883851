"""Households, their days, what happens in them and what goes wrong: one seed, one stream of messages, one truth."""

import heapq
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from core.clock import to_micros
from device_sim import events, wire
from device_sim.events import Event, EventError
from device_sim.faults import Line
from device_sim.homes import Household, Roster
from device_sim.observations import Message
from device_sim.routine import Stay, day, local_days, through_the_hall
from device_sim.sensors import HomeDay, observe
from device_sim.truth import Truth

_HARMLESS = Line()


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is simulated. The same simulation gives the same messages, byte for byte, however its time is cut."""

    roster: Roster
    seed: int
    script: Sequence[Event] = ()
    line: Line = field(default_factory=Line)

    def messages(self, start: int, end: int) -> Iterator[Message]:
        """All messages that are due in [start, end), in order of time. Days are made as they are reached."""
        script = defaultdict(list)
        for event in self.script:
            script[event.household].append(event)
        homes = (self._home(home, script[home.code], start, end) for home in self.roster.households)
        return heapq.merge(*homes, key=attrgetter("at"))

    def truth(self) -> list[Truth]:
        """What happens, in order of time. Raises EventError for an event that its home can't have."""
        happened = [event.truth(self.roster.household(event.household)) for event in self.script]
        return sorted(happened, key=lambda t: (t.start, t.household))

    def _home(self, home: Household, script: Sequence[Event], start: int, end: int) -> Iterator[Message]:
        zone = ZoneInfo(home.residents[0].care_plan.timezone)
        devices = {device.code: device for device in home.devices}
        late: list[Message] = []
        # From the day before: what a bad line holds back may arrive after midnight.
        for on in local_days(start - round(self.line.delay * 2e6) - 1, end, zone):
            today = self._day(home, script, on, zone)
            seen = observe(today)
            for event in script:
                seen += [added for added in event.add(home) if today.start <= added.at < today.end]
            for event in script:
                seen = event.alter(home, seen)
            if self.line == _HARMLESS:
                seen = [s for s in seen if start <= s.at < end]
            seen.sort(key=lambda s: (s.at, s.device))
            sent = [wire.encode(devices[s.device], s) for s in seen]
            if self.line != _HARMLESS:
                sent = self.line.carry(sent, random.Random(f"{self.seed}/line/{home.code}/{on}"))  # noqa: S311
            due = sorted([*late, *sent], key=attrgetter("at"))
            late = [m for m in due if m.at >= today.end]
            yield from (m for m in due if m.at < today.end and start <= m.at < end)
        yield from (m for m in late if start <= m.at < end)

    def _day(self, home: Household, script: Sequence[Event], on: date, zone: ZoneInfo) -> HomeDay:
        start = to_micros(datetime.combine(on, time(), zone))
        end = to_micros(datetime.combine(on + timedelta(days=1), time(), zone))
        stays, before = [], []
        for index in range(len(home.residents)):
            # With the days around it: what happens shortly after midnight may begin before it, and last into the next.
            own: list[Stay] = []
            for number in (-1, 0, 1):
                own += day(self.seed, home.code, index, on + timedelta(days=number), zone)
            for event in script:
                if event.resident == index:
                    own = event.change(home, own)
            own = through_the_hall(own)
            stays.append(
                tuple(
                    replace(s, start=max(s.start, start), end=min(s.end, end))
                    for s in own
                    if s.start < end and s.end > start
                )
            )
            before.append(max((s for s in own if s.start < start), key=attrgetter("start")))
        return HomeDay(self.seed, home, on, start, end, tuple(stays), tuple(before))


def random_script(roster: Roster, names: Sequence[str], start: int, end: int, seed: int) -> list[Event]:
    """Each of the named events once, at a seeded time in [start, end), each in a home of its own that can have it.

    A name may be given several times. Raises EventError where no home is left that can, KeyError for an unknown name.
    """
    rng = random.Random(f"{seed}/script")  # noqa: S311
    free = list(roster.households)
    rng.shuffle(free)
    script = []
    for name in names:
        moment = start + round(rng.random() * (end - start) / 1000) * 1000
        for home in free:
            try:
                event = events.named(name, home, moment, rng.randrange(2**32))
            except EventError:
                continue
            script.append(event)
            free.remove(home)
            break
        else:
            raise EventError(f"no household is left that can have the event {name!r}")
    return script
