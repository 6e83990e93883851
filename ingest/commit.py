"""One transaction for all that follows from a batch: rows, quarantine, receipts, alerts with incidents, snapshots."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec
import numpy as np
import structlog

from alerts import service
from core.clock import to_datetime
from core.findings import Finding
from core.readings import Intake
from ingest.reasons import Reason
from storage import ingest_state, readings
from storage.directory import Directory
from storage.errors import Refused, wrapped
from storage.ingest_state import DeviceStates, Quarantined, Receipt
from storage.pool import Connection

log = structlog.get_logger(__name__)

# Parts of a message are numbered from 1; rows that only the database refuses are numbered far from them.
_REFUSED_PART = 1_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch came to. `snapshots`: detector to (version, state), reaching to `reach`; empty where none is due.

    states: what devices said last, where that is to be written.
    """

    intake: Intake
    quarantined: Sequence[Quarantined] = ()
    receipts: Sequence[Receipt] = ()
    findings: Sequence[Finding] = ()
    snapshots: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    reach: int = 0
    states: DeviceStates | None = None


async def commit(
    connection: Connection, worker: str, outcome: Outcome, directory: Directory, now: datetime
) -> list[Quarantined]:
    """Write all of it, or nothing. Returns what is in quarantine now, with the rows that the database refused.

    Where the database refuses something, each row is tried for itself: only the refused ones go to quarantine. Raises
    Unavailable, in which case the same can be tried again and changes nothing that was written already.
    """
    try:
        async with connection.transaction():
            await readings.write(connection, outcome.intake)
            await _raise(connection, outcome.findings, now)
            await _write_state(connection, worker, outcome, outcome.quarantined)
        return list(outcome.quarantined)
    except Refused as error:
        log.warning("the database refused a row; writing this batch row by row", error=str(error))
    async with connection.transaction():
        refused = await _write_what_it_takes(connection, outcome.intake, directory)
        refused += await _raise_what_it_takes(connection, outcome.findings, now)
        quarantined = [*outcome.quarantined, *(replace(row, part=_REFUSED_PART + i) for i, row in enumerate(refused))]
        await _write_state(connection, worker, outcome, quarantined)
    return quarantined


async def _write_state(
    connection: Connection, worker: str, outcome: Outcome, quarantined: Sequence[Quarantined]
) -> None:
    if quarantined:
        await ingest_state.write_quarantine(connection, worker, quarantined)
    if outcome.receipts:
        await ingest_state.write_receipts(connection, worker, outcome.receipts)
    if outcome.states is not None:
        await ingest_state.write_device_states(connection, outcome.states)
    if outcome.snapshots:
        await ingest_state.write_snapshots(connection, worker, outcome.snapshots, outcome.reach)


async def _raise(connection: Connection, findings: Sequence[Finding], now: datetime) -> None:
    if findings:
        with wrapped():
            await service.raise_findings(connection, findings, now)


async def _write_what_it_takes(connection: Connection, intake: Intake, directory: Directory) -> list[Quarantined]:
    """Write in halves, down to single rows; return those that are refused alone."""
    try:
        await readings.write(connection, intake)
    except Refused as error:
        if len(intake) == 1:
            return [_refused_row(intake, directory, str(error))]
        first, second = _halves(intake)
        return [
            *await _write_what_it_takes(connection, first, directory),
            *await _write_what_it_takes(connection, second, directory),
        ]
    return []


def _halves(intake: Intake) -> tuple[Intake, Intake]:
    """Two parts, neither empty, of an intake of two rows or more."""
    middle = len(intake) // 2
    rows = np.arange(len(intake))
    masks = (rows < middle, rows >= middle)
    n, p = len(intake.readings), len(intake.positions)
    first, second = (
        Intake(
            intake.readings.take(mask[:n]),
            intake.positions.take(mask[n : n + p]),
            tuple(w for w, keep in zip(intake.waveforms, mask[n + p :], strict=True) if keep),
        )
        for mask in masks
    )
    return first, second


def _refused_row(intake: Intake, directory: Directory, why: str) -> Quarantined:
    row: dict[str, object]
    if len(intake.readings):
        batch = intake.readings
        row = {"metric": int(batch.metric[0]), "time": int(batch.time[0]), "value": float(batch.value[0])}
        device, arrival = int(batch.device[0]), int(batch.arrival[0])
    elif len(intake.positions):
        fix = intake.positions
        row = {"time": int(fix.time[0]), "latitude": float(fix.latitude[0]), "longitude": float(fix.longitude[0])}
        device, arrival = int(fix.device[0]), int(fix.arrival[0])
    else:
        wave = intake.waveforms[0]
        row = {"time": wave.time, "rate": wave.rate, "samples": wave.samples.tolist()}
        device, arrival = wave.device, wave.arrival
    known = directory.context.devices.get(device)
    whose = f"{known.household}/{known.code}" if known else str(device)
    return _quarantined(arrival, {"device": whose, **row}, why)


async def _raise_what_it_takes(connection: Connection, findings: Sequence[Finding], now: datetime) -> list[Quarantined]:
    refused = []
    for finding in findings:
        try:
            async with connection.transaction():
                await _raise(connection, [finding], now)
        except Refused as error:
            log.critical("an alert is refused by the database", dedup_key=finding.dedup_key, error=str(error))
            refused.append(_quarantined(finding.time, msgspec.to_builtins(finding), str(error)))
    return refused


def _quarantined(arrival: int, row: dict[str, object], why: str) -> Quarantined:
    text = msgspec.json.encode(row)
    return Quarantined(
        arrival=to_datetime(arrival),
        part=0,
        topic="",
        payload=text,
        payload_size=len(text),
        reason=Reason.REFUSED_BY_DATABASE,
        detail=why[:2000],
        record=text.decode()[:2000],
    )
