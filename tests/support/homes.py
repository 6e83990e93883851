"""A small world in the database: areas, households with one resident each, their devices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

AREAS = (
    ("330100", "杭州市", "city", None),
    ("330106", "西湖区", "county", "330100"),
    ("330106001", "北山街道", "street", "330106"),
    ("330102", "上城区", "county", "330100"),
    ("330102001", "清波街道", "street", "330102"),
)


@dataclass(frozen=True)
class Home:
    """Ids of a household. devices: by code."""

    code: str
    resident: int
    devices: Mapping[str, int]


def add_areas(url: str) -> dict[str, int]:
    """The areas' ids by code."""
    with psycopg.connect(url) as connection:
        for code, name, level, parent in AREAS:
            connection.execute(
                "INSERT INTO area (code, name, level, parent_id)"
                " VALUES (%s, %s, %s, (SELECT id FROM area WHERE code = %s)) ON CONFLICT (code) DO NOTHING",
                (code, name, level, parent),
            )
        return dict(connection.execute("SELECT code, id FROM area").fetchall())


def add_home(
    url: str,
    code: str,
    devices: Sequence[tuple[str, str, int]] = (("watch", "wearable", 0),),
    *,
    area: str = "330106001",
    plan: Mapping[str, object] | None = None,
) -> Home:
    """A household with one resident and devices, each (code, kind, interval in seconds)."""
    areas = add_areas(url)
    with psycopg.connect(url) as connection:
        household = connection.execute(
            "INSERT INTO household (code, area_id, address) VALUES (%s, %s, '保俶路1号') RETURNING id",
            (code, areas[area]),
        ).fetchone()
        assert household is not None
        resident = connection.execute(
            "INSERT INTO resident (household_id, name, birth_year, care_plan) VALUES (%s, '王秀英', 1942, %s)"
            " RETURNING id",
            (household[0], Jsonb(plan or {})),
        ).fetchone()
        assert resident is not None
        ids = {}
        for name, kind, interval in devices:
            device = connection.execute(
                "INSERT INTO device (household_id, resident_id, code, kind, interval_s) VALUES (%s, %s, %s, %s, %s)"
                " RETURNING id",
                (household[0], resident[0], name, kind, interval),
            ).fetchone()
            assert device is not None
            ids[name] = int(device[0])
    return Home(code, int(resident[0]), ids)
