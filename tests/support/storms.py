"""Homes whose devices fall silent, for tests of storms."""

from dataclasses import replace

from core.findings import Finding, Kind, Queue, Severity
from tests.support.alarm_world import finding
from tests.support.centre import Centre


async def homes(centre: Centre, many: int, area: int | None = None) -> list[int]:
    """Residents, each in a home of their own."""
    made = []
    async with centre.transaction() as connection:
        for _ in range(many):
            cursor = await connection.execute(
                "WITH home AS (INSERT INTO household (code, area_id) SELECT 'x' || count(*), %s FROM household"
                " RETURNING id) INSERT INTO resident (household_id, name) SELECT id, '赵' FROM home RETURNING id",
                (area or centre.world.area,),
            )
            row = await cursor.fetchone()
            assert row is not None
            made.append(int(row[0]))
    return made


def silent(centre: Centre, resident: int, *, clears: bool = False, kind: Kind = Kind.DEVICE_SILENT) -> Finding:
    made = finding(
        centre.world,
        kind,
        resident=resident,
        queue=Queue.MAINTENANCE,
        severity=Severity.LOW,
        episode=f"of {resident}",
        at=centre.now,
        clears=clears,
    )
    return replace(made, device=0)
