"""Many homes that need somebody at the same time."""

from collections.abc import Sequence
from datetime import UTC, datetime

from alerts import service
from core.clock import to_micros
from core.findings import Finding, Kind, Queue, Severity
from tests.support.alarm_world import connection_to
from tests.support.town import STREET

SEVERAL = (
    (Kind.SOS, Queue.EMERGENCY, Severity.CRITICAL),
    (Kind.FALL, Queue.EMERGENCY, Severity.HIGH),
    (Kind.VITALS, Queue.CARE, Severity.MEDIUM),
    (Kind.INACTIVITY, Queue.CARE, Severity.HIGH),
)


SILENT = ((Kind.DEVICE_SILENT, Queue.MAINTENANCE, Severity.MEDIUM),)


async def raise_incidents(
    url: str, count: int, kinds: Sequence[tuple[Kind, Queue, Severity]] = SEVERAL, name: str = "crowd"
) -> list[int]:
    """So many homes in the street, each with an open incident, of the kinds in turn; their ids. name: of the homes."""
    now = datetime.now(UTC)
    async with connection_to(url) as connection:
        cursor = await connection.execute(
            "WITH home AS (INSERT INTO household (code, area_id, address)"
            " SELECT %s || '-' || n, area.id, '曙光路' || n || '号' FROM area, generate_series(1, %s) AS n"
            " WHERE area.code = %s RETURNING id)"
            " INSERT INTO resident (household_id, name) SELECT id, '住户' || id FROM home RETURNING id",
            (name, count, STREET),
        )
        residents = [int(row[0]) for row in await cursor.fetchall()]
        raised = await service.raise_findings(
            connection, [_finding(r, *kinds[number % len(kinds)], now) for number, r in enumerate(residents)], now
        )
    return [one.incident_id for one in raised]


def _finding(resident: int, kind: Kind, queue: Queue, severity: Severity, now: datetime) -> Finding:
    return Finding(
        kind=kind,
        queue=queue,
        severity=severity,
        resident=resident,
        device=0,
        time=to_micros(now),
        detector=kind.value,
        version=1,
        episode="crowd",
        reason=f"{kind.value}-reason",
        evidence={},
        score=0.9,
    )
