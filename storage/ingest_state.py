"""What an ingest worker keeps beside the readings, in one transaction: quarantine, receipts, detector snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from core.clock import to_datetime, to_micros
from storage.errors import wrapped
from storage.pool import Connection
from storage.rows import execute, fetch_all
from storage.sql import sql


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message, or one record of it, that could not be decoded or stored.

    part: 0 for the whole message, else the record's number from 1 on. payload may be cut; payload_size is the whole's.
    """

    arrival: datetime
    part: int
    topic: str
    payload: bytes
    payload_size: int
    reason: str
    detail: str
    record: str | None


@dataclass(frozen=True, slots=True)
class QuarantineRow(Quarantined):
    """The same as it is stored."""

    id: int
    worker: str
    reinjected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A committed message that no time of its own would tell from its redelivered copy."""

    packet_id: int
    digest: bytes
    sequence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A detector's state. reach: micros of arrival up to which everything is in it."""

    version: int
    state: bytes
    reach: int


@dataclass(frozen=True, slots=True)
class DeviceStates:
    """What devices said last, a row each: columns of equal length, None where a device said nothing of the kind.

    heard_at: arrival, micros. battery: percent. battery_at, worn_at, online_at: event times, micros.
    """

    devices: list[int]
    heard_at: list[int | None]
    battery: list[float | None]
    battery_at: list[int | None]
    worn: list[bool | None]
    worn_at: list[int | None]
    online: list[bool | None]
    online_at: list[int | None]


async def write_device_states(connection: Connection, states: DeviceStates) -> None:
    """Keep the newest word of devices; an older one that comes later changes nothing."""
    given = {f.name: getattr(states, f.name) for f in fields(states)}
    await execute(connection, "ingest_state.write_device_states", given)


async def write_quarantine(connection: Connection, worker: str, rows: Sequence[Quarantined]) -> None:
    """Put rows into quarantine; rows written before stay as they are."""
    with wrapped():
        async with connection.cursor() as cursor:
            await cursor.executemany(
                sql("ingest_state.insert_quarantine"),
                [
                    {
                        "worker": worker,
                        "arrival": row.arrival,
                        "part": row.part,
                        "topic": row.topic,
                        "payload": row.payload,
                        "payload_size": row.payload_size,
                        "reason": row.reason,
                        "detail": row.detail,
                        "record": row.record,
                    }
                    for row in rows
                ],
            )


async def list_quarantine(
    connection: Connection, *, reason: str | None = None, after: int = 0, limit: int = 100
) -> list[QuarantineRow]:
    """Rows that wait, oldest first, from the one after id `after` on."""
    given = {"reason": reason, "after": after, "limit": limit}
    return await fetch_all(connection, QuarantineRow, "ingest_state.list_quarantine", given, plan_anew=True)


async def mark_reinjected(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Note that rows were published again."""
    await execute(connection, "ingest_state.mark_reinjected", {"ids": list(ids), "now": now})


async def write_receipts(connection: Connection, worker: str, receipts: Sequence[Receipt]) -> None:
    """Keep receipts; one with the same packet id takes the place of the older."""
    given = {
        "worker": worker,
        "packet_id": [r.packet_id for r in receipts],
        "digest": [r.digest for r in receipts],
        "sequence": [r.sequence for r in receipts],
    }
    await execute(connection, "ingest_state.upsert_receipts", given)


async def read_receipts(connection: Connection, worker: str) -> list[Receipt]:
    """All receipts of a worker."""
    return await fetch_all(connection, Receipt, "ingest_state.read_receipts", {"worker": worker})


async def write_snapshots(
    connection: Connection, worker: str, states: Mapping[str, tuple[int, bytes]], reach: int
) -> None:
    """Keep detector states (detector to version and state) that reach to `reach` (micros of arrival)."""
    with wrapped():
        async with connection.cursor() as cursor:
            await cursor.executemany(
                sql("ingest_state.upsert_snapshot"),
                [
                    {
                        "worker": worker,
                        "detector": detector,
                        "version": version,
                        "state": state,
                        "reach": to_datetime(reach),
                    }
                    for detector, (version, state) in states.items()
                ],
            )


async def read_snapshots(connection: Connection, worker: str) -> dict[str, Snapshot]:
    """The newest states of a worker's detectors, by detector."""
    with wrapped():
        cursor = await connection.execute(sql("ingest_state.read_snapshots"), {"worker": worker})
        return {
            detector: Snapshot(version, state, to_micros(reach))
            for detector, version, state, reach in await cursor.fetchall()
        }
