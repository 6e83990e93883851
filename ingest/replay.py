"""Running detectors over stored days, from the database, without writing anything: what would they have raised?

People, devices and care plans are those of today: the store keeps no earlier ones.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from core.care import CareContext
from core.clock import MINUTE, to_datetime, to_micros
from core.findings import Finding
from core.readings import Int64, Intake
from detectors.base import Detector
from detectors.runtime import DetectorError, Runtime
from ingest.batch import with_residents
from ingest.replay_comparison import Change, Raised, compare
from storage import care_plans, directory, history, readings
from storage.directory import Directory
from storage.pool import Connection

STEP = MINUTE
"""Arrival time between two looks: rows are shown minute by minute, and a tick follows each."""


class NobodyChosen(Exception):
    """No resident is chosen."""


class Replay(msgspec.Struct, frozen=True):
    """people: how many residents were watched. changes: see `replay_comparison.compare`."""

    people: int
    changes: list[Change]


async def replay(
    connection: Connection,
    detectors: Sequence[Detector],
    *,
    residents: Sequence[int],
    households: Sequence[str],
    plan: Mapping[str, Any],
    warm_up: int,
    first: int,
    last: int,
    progress: Callable[[int], None],
) -> Replay:
    """What `detectors` raise from `first` until before `last` (micros of arrival), beside what they raised then.

    residents, households: only these (ids, codes); all where both are empty. plan: fields that take the place of those
    in everybody's care plan. warm_up: micros before `first` from which the detectors learn. progress: is told up to
    where it has come. The same stored rows give the same result. The transaction that it runs in may be read-only.
    Raises NobodyChosen, CarePlanError, DetectorError, StorageError.
    """
    chosen = await history.residents_chosen(connection, residents, households)
    if not chosen:
        raise NobodyChosen
    known = _only(await directory.load(connection), {c.household for c in chosen}, plan)
    ids = {c.id for c in chosen}
    start = first - warm_up
    now = [r async for r in _raised(connection, detectors, known, start, last, progress) if r.resident in ids]
    names = [detector.name for detector in detectors]
    stored = await history.alerts_raised(connection, sorted(ids), names, to_datetime(start), to_datetime(last))
    then = [
        Raised(a.dedup_key, a.kind, a.resident_id, to_micros(a.event_time), to_micros(a.raised_at), a.closure_code)
        for a in stored
    ]
    return Replay(len(ids), compare(then, now, first, last))


def _only(known: Directory, households: set[str], plan: Mapping[str, Any]) -> Directory:
    """The directory of these households: all of a home's sensors and people are needed to judge one of them."""
    residents = {
        r.id: replace(r, plan=care_plans.check(care_plans.to_json(r.plan) | dict(plan)) if plan else r.plan)
        for r in known.context.residents.values()
        if r.household in households
    }
    devices = {d.id: d for d in known.context.devices.values() if d.household in households}
    return Directory(CareContext(devices, residents), known.ids, known.resident_of)


async def _raised(
    connection: Connection,
    detectors: Sequence[Detector],
    known: Directory,
    start: int,
    last: int,
    progress: Callable[[int], None],
) -> AsyncIterator[Raised]:
    runtime = Runtime(detectors, known.context, on_failure=_fail)
    ticked = start

    def tick_until(moment: int) -> Iterator[Raised]:
        nonlocal ticked
        while ticked + STEP <= moment:
            ticked += STEP
            yield from _alerts(runtime.tick(ticked), ticked)
            progress(ticked)

    async for stored in readings.arrived(connection, start, last - 1, sorted(known.context.devices)):
        for minute, part in _by_minute(with_residents(stored, known.resident_of), start):
            for raised in tick_until(minute):
                yield raised
            newest = max(_arrivals(part))
            for raised in _alerts(runtime.observe(part, newest), newest):
                yield raised
    for raised in tick_until(last):
        yield raised


def _by_minute(intake: Intake, start: int) -> Iterator[tuple[int, Intake]]:
    """The rows of each step, with the moment at which it begins; a row that arrives at its very end belongs to it."""

    def step_of(arrival: Int64) -> Int64:
        return (arrival - start - 1) // STEP

    readings_of, positions_of = step_of(intake.readings.arrival), step_of(intake.positions.arrival)
    waveforms_of = step_of(np.array([w.arrival for w in intake.waveforms], dtype=np.int64))
    for step in np.unique(np.concatenate([readings_of, positions_of, waveforms_of])).tolist():
        yield (
            start + step * STEP,
            Intake(
                intake.readings.take(readings_of == step),
                intake.positions.take(positions_of == step),
                tuple(intake.waveforms[i] for i in np.flatnonzero(waveforms_of == step)),
            ),
        )


def _arrivals(intake: Intake) -> Iterator[int]:
    for column in (intake.readings.arrival, intake.positions.arrival):
        if len(column):
            yield int(column.max())
    yield from (w.arrival for w in intake.waveforms)


def _alerts(findings: Sequence[Finding], at: int) -> Iterator[Raised]:
    for finding in findings:
        if not (finding.clears or finding.eases) and finding.resident:
            yield Raised(finding.dedup_key, finding.kind.value, finding.resident, finding.time, at)


def _fail(error: DetectorError) -> None:
    # Figures of a detector that left rows out would be of another detector.
    raise error
