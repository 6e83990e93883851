"""What a town has been through before its picture is taken: alarms that were tested, and what waits since a while."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts import service
from alerts.lifecycle import ClosureCode
from core.clock import to_micros
from core.findings import Finding, Kind, Queue, Severity
from storage.pool import Connection
from tests.support.alarm_world import connection_to


@dataclass(frozen=True)
class _Waits:
    """Something that has waited for some minutes."""

    kind: Kind
    queue: Queue
    severity: Severity
    reason: str
    evidence: Mapping[str, float]
    minutes: float


_WAIT = (
    _Waits(
        Kind.LONG_IN_BATHROOM, Queue.CARE, Severity.HIGH, "bathroom-long-moving",
        {"minutes": 52, "still_minutes": 9}, 4,
    ),
    _Waits(Kind.BATTERY_LOW, Queue.MAINTENANCE, Severity.LOW, "battery-low", {"percent": 8}, 38),
    _Waits(
        Kind.DEVICE_SILENT, Queue.MAINTENANCE, Severity.MEDIUM, "device-silent",
        {"minutes": 64, "interval_minutes": 10}, 21,
    ),
)  # fmt: skip
# Every so many residents has an alarm that was never tested.
_UNTESTED = 4


async def furnish(url: str, user: str, now: datetime) -> None:
    """user: who tested the alarms. now: by the town's own clock."""
    async with connection_to(url) as connection:
        [(user_id,)] = await _rows(connection, "SELECT id FROM app_user WHERE name = %s", user)
        calm = await _rows(
            connection,
            "SELECT r.id, d.id FROM resident r JOIN device d ON d.resident_id = r.id AND d.kind = 'wearable'"
            " WHERE NOT EXISTS (SELECT FROM incident i WHERE i.resident_id = r.id AND i.ended_at IS NULL)"
            " ORDER BY r.id",
        )
        for number, (resident, device) in enumerate(calm):
            if number % _UNTESTED:
                await _tested(connection, resident, device, user_id, now - timedelta(days=3 + number, hours=number % 5))
        # From the end: what happens by itself begins at the other.
        for waits, (resident, device) in zip(_WAIT, calm, strict=False):
            await _raise(connection, waits, resident, device, now - timedelta(minutes=waits.minutes))
        # One has nothing to call for help with, and of another nobody of the family can be reached.
        [(alone, _), (unreached, _)] = calm[-2:]
        await connection.execute(
            "UPDATE device SET retired_at = %s WHERE kind IN ('wearable', 'sos_button')"
            " AND household_id = (SELECT household_id FROM resident WHERE id = %s)",
            (now, alone),
        )
        await connection.execute(
            "DELETE FROM channel WHERE contact_id IN (SELECT id FROM contact WHERE resident_id = %s)", (unreached,)
        )


async def _rows(connection: Connection, query: str, *values: object) -> Sequence[tuple[Any, ...]]:
    return await (await connection.execute(query.encode(), values)).fetchall()


async def _tested(connection: Connection, resident: int, device: int, user: int, at: datetime) -> None:
    pressed = _Waits(Kind.SOS, Queue.EMERGENCY, Severity.CRITICAL, "sos-button", {}, 0)
    incident = await _raise(connection, pressed, resident, device, at)
    await service.claim(connection, incident, user, at + timedelta(seconds=9))
    await service.close(connection, incident, user, at + timedelta(seconds=70), ClosureCode.TEST)


async def _raise(connection: Connection, what: _Waits, resident: int, device: int, at: datetime) -> int:
    found = Finding(
        kind=what.kind,
        queue=what.queue,
        severity=what.severity,
        resident=resident,
        device=device,
        time=to_micros(at),
        detector=what.kind.value,
        version=1,
        episode=f"evening-{at:%m%d%H%M}",
        reason=what.reason,
        evidence=what.evidence,
        score=0.9,
    )
    [raised] = await service.raise_findings(connection, [found], at)
    return raised.incident_id
