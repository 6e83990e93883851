"""The rota: rotations, overrides, and the people who may work by them. What it comes to is `alerts.rota`'s to say.

All functions take a connection inside the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from core.shifts import Hours, Override, Rotation
from storage.people import Taken
from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_value


@dataclass(frozen=True, slots=True)
class RotationDetails:
    """What can be written of a rotation. members: user ids in the order of turns."""

    name: str
    timezone: str
    starts_on: date
    days_each: int
    members: tuple[int, ...]
    shifts: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """A responder or supervisor. area: code of the area worked in. channel_id: the first channel that works."""

    id: int
    name: str
    display_name: str
    role: str
    area: str
    area_path: str
    language: str
    disabled: bool
    channel_id: int | None

    def sees(self, path: str) -> bool:
        """Whether they see all that happens in the area at a path, and so can answer for it."""
        return not self.disabled and path.startswith(self.area_path)


@dataclass(frozen=True, slots=True)
class Named:
    """A user by name."""

    id: int
    display_name: str
    role: str


async def rotations(
    connection: Connection, *, subtree: str | None = None, upwards: str | None = None
) -> list[Rotation]:
    """The rotations of all areas in the subtree at a path, and of those at and above another path."""
    rows = await fetch_all(connection, _Rotation, "rota.rotations", {"subtree": subtree, "upwards": upwards})
    return [row.rotation() for row in rows]


async def overrides(
    connection: Connection,
    first: datetime,
    last: datetime,
    *,
    subtree: str | None = None,
    upwards: str | None = None,
) -> list[Override]:
    """The overrides of the same areas that touch [first, last), the earliest first."""
    given = {"subtree": subtree, "upwards": upwards, "first": first, "last": last}
    return await fetch_all(connection, Override, "rota.overrides", given)


async def rotation_path(connection: Connection, rotation_id: int) -> str | None:
    """The path of the area that a rotation belongs to, or None where there is no such rotation."""
    return await fetch_value(connection, str, "rota.rotation_path", {"id": rotation_id})


async def override_path(connection: Connection, override_id: int) -> str | None:
    """The path of the area that an override belongs to, or None where there is no such override."""
    return await fetch_value(connection, str, "rota.override_path", {"id": override_id})


async def add_rotation(connection: Connection, area_id: int, details: RotationDetails) -> int:
    """Add a rotation. Returns its id. Raises Taken where the area has one of that name."""
    new_id = await fetch_value(connection, int, "rota.insert_rotation", {"area_id": area_id, **_row(details)})
    if new_id is None:
        raise Taken("name", details.name)
    await _fill(connection, new_id, details)
    return new_id


async def update_rotation(connection: Connection, rotation_id: int, area_id: int, details: RotationDetails) -> None:
    """Write all of a rotation. Raises Taken where another one of the area has that name."""
    given = {"id": rotation_id, "area_id": area_id, **_row(details)}
    if await fetch_value(connection, int, "rota.update_rotation", given) is None:
        raise Taken("name", details.name)
    await execute(connection, "rota.delete_members", {"rotation_id": rotation_id})
    await execute(connection, "rota.delete_shifts", {"rotation_id": rotation_id})
    await _fill(connection, rotation_id, details)


async def delete_rotation(connection: Connection, rotation_id: int) -> None:
    """Delete a rotation with its members and shifts."""
    await execute(connection, "rota.delete_rotation", {"id": rotation_id})


async def add_override(
    connection: Connection,
    area_id: int,
    *,
    user_id: int,
    instead_of_id: int | None,
    starts_at: datetime,
    ends_at: datetime,
    note: str,
    made_by: int,
    now: datetime,
) -> int:
    """Add an override. Returns its id."""
    given = {
        "area_id": area_id,
        "user_id": user_id,
        "instead_of_id": instead_of_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "note": note,
        "made_by": made_by,
        "now": now,
    }
    new_id = await fetch_value(connection, int, "rota.insert_override", given)
    if new_id is None:
        raise LookupError("the insert gave no id")
    return new_id


async def delete_override(connection: Connection, override_id: int) -> None:
    """Delete an override."""
    await execute(connection, "rota.delete_override", {"id": override_id})


async def colleagues(connection: Connection, path: str, named: Sequence[int] = ()) -> list[Colleague]:
    """Who sees all of the area at a path, by id; and those named, even if they have left or are disabled."""
    return await fetch_all(connection, Colleague, "rota.colleagues", {"path": path, "named": list(named)})


async def staff(
    connection: Connection, *, subtree: str, upwards: str | None = None, disabled: bool = False
) -> list[Colleague]:
    """Everybody who works in the subtree at a path, or in an area at or above another path, by id.

    disabled: also those who are not in use any more; a rota may name them.
    """
    given = {"subtree": subtree, "upwards": upwards, "disabled": disabled}
    return await fetch_all(connection, Colleague, "rota.staff", given)


async def named(connection: Connection, ids: Sequence[int]) -> list[Named]:
    """The users with these ids, whatever they do now."""
    return await fetch_all(connection, Named, "rota.named", {"ids": list(ids)})


async def home_path(connection: Connection, resident_id: int) -> str | None:
    """The path of the area that a resident lives in, or None where there is no such resident."""
    return await fetch_value(connection, str, "rota.home_path", {"resident_id": resident_id})


def _row(details: RotationDetails) -> dict[str, object]:
    return {
        "name": details.name,
        "timezone": details.timezone,
        "starts_on": details.starts_on,
        "days_each": details.days_each,
    }


async def _fill(connection: Connection, rotation_id: int, details: RotationDetails) -> None:
    given = {"rotation_id": rotation_id, "members": list(details.members)}
    await execute(connection, "rota.insert_members", given)
    for place, hours in enumerate(details.shifts):
        row = {
            "rotation_id": rotation_id,
            "place": place,
            "weekdays": sorted(hours.weekdays),
            "starts": hours.start,
            "ends": hours.end,
        }
        await execute(connection, "rota.insert_shift", row)


@dataclass(frozen=True, slots=True)
class _Rotation:
    id: int
    area: str
    area_path: str
    name: str
    timezone: str
    starts_on: date
    days_each: int
    members: list[int]
    shifts: list[Mapping[str, Any]]

    def rotation(self) -> Rotation:
        return Rotation(
            id=self.id,
            area=self.area,
            area_path=self.area_path,
            name=self.name,
            timezone=self.timezone,
            starts_on=self.starts_on,
            days_each=self.days_each,
            members=tuple(self.members),
            shifts=tuple(
                Hours(tuple(s["weekdays"]), time.fromisoformat(s["start"]), time.fromisoformat(s["end"]))
                for s in self.shifts
            ),
        )
