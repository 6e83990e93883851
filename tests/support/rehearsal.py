"""The simulator's messages through the real codecs and detectors, without broker, database or clock."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.care import CareContext, Device, Resident
from core.clock import MINUTE, SECOND
from core.findings import Finding
from core.readings import Intake
from detectors import registry
from detectors.runtime import DetectorError, Runtime
from device_sim.homes import Roster
from device_sim.observations import Message
from device_sim.publisher import one_station
from device_sim.score import Outcome
from device_sim.simulation import Simulation
from ingest.batch import make
from ingest.codecs import decode_batch
from ingest.message import Message as Received
from storage.directory import Directory

_MAX_PAYLOAD = 1_048_576


def directory_of(roster: Roster) -> Directory:
    """What the database would know of the roster."""
    residents: dict[int, Resident] = {}
    devices: dict[int, Device] = {}
    for home in roster.households:
        first = len(residents) + 1
        for number, person in enumerate(home.residents, start=first):
            residents[number] = Resident(number, home.code, person.care_plan, person.birth_year)
        for number, one in enumerate(home.devices, start=len(devices) + 1):
            owner = first + (one.resident or 0)
            devices[number] = Device(number, one.code, home.code, owner, one.kind, one.interval, one.room)
    resident_of = np.array([0, *(device.resident for device in devices.values())], dtype=np.int32)
    ids = {(device.household, device.code): device.id for device in devices.values()}
    return Directory(CareContext(devices, residents), ids, resident_of)


@dataclass(frozen=True, slots=True)
class Act:
    """A stretch of simulated life. begin, end: micros; late: what was due since then, before `begin`, comes at once."""

    life: Simulation
    begin: int
    end: int
    late: int | None = None


def rehearse(*acts: Act, every: int = MINUTE) -> list[Outcome]:
    """The alerts of acts of one roster after each other, each with an incident of its own.

    Messages come in batches of `every` micros, with a tick after each, as ingest has them on an accelerated clock. An
    alert that the wearer takes back within its countdown is cancelled.
    """
    roster = acts[0].life.roster
    known = directory_of(roster)
    names = [(home.code, one.name) for home in roster.households for one in home.residents]

    def fail(error: DetectorError) -> None:
        raise error

    runtime = Runtime(registry.create(), known.context, on_failure=fail)
    raised: dict[str, tuple[Finding, int]] = {}
    taken_back: set[str] = set()
    for messages, now in (batch for act in acts for batch in _batches(act, every)):
        for finding in runtime.observe(_intake(messages, known), now) + runtime.tick(now):
            if finding.clears:
                first, _ = raised[finding.dedup_key]
                if finding.time < first.time + first.countdown * SECOND:
                    taken_back.add(finding.dedup_key)
            elif not finding.eases:
                raised.setdefault(finding.dedup_key, (finding, now))
    return [
        Outcome(*names[finding.resident - 1], finding.kind, at, at, key in taken_back, number)
        for number, (key, (finding, at)) in enumerate(raised.items())
    ]


def _batches(act: Act, every: int) -> Iterator[tuple[list[Message], int]]:
    waiting: dict[int, list[Message]] = defaultdict(list)
    for station in one_station(act.life.roster, act.begin):
        waiting[0] += station.births
    for message in act.life.messages(act.begin if act.late is None else act.late, act.end):
        arrives = max(message.at, act.begin)
        waiting[(arrives - act.begin) // every].append(replace(message, at=arrives))
    for number in range((act.end - act.begin) // every):
        yield waiting[number], act.begin + (number + 1) * every


def _intake(messages: list[Message], known: Directory) -> Intake:
    received = [Received(message.topic, message.payload, message.at) for message in messages]
    made = make(received, decode_batch(received, _MAX_PAYLOAD), known)
    assert made.quarantined == []
    return made.intake
