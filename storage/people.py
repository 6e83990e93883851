"""Areas, households, residents, devices: reading within a user's scope, and writing.

All functions take a connection inside the caller's transaction. Reading returns None where there is nothing in scope:
that something exists elsewhere is not told.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value
from storage.scope import Scope


class Taken(Exception):
    """Another one has this code or name already. field: which of the given ones."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field} {value!r} is taken")
        self.field = field
        self.value = value


@dataclass(frozen=True, slots=True)
class Area:
    """A city, county or street. path: the codes from the top down to it, between slashes; parent: a code."""

    id: int
    code: str
    name: str
    level: str
    path: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Household:
    """A home. area: the area's code. access_notes: how a responder gets in."""

    id: int
    code: str
    area: str
    area_path: str
    address: str
    access_notes: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Resident:
    """A person who is watched over, with where they live. household, area: codes."""

    id: int
    household_id: int
    household: str
    area: str
    area_path: str
    address: str
    name: str
    birth_year: int | None
    sex: str | None
    phone: str
    language: str
    conditions: str
    medicines: str


@dataclass(frozen=True, slots=True)
class ResidentDetails:
    """What can be written of a resident."""

    name: str
    birth_year: int | None = None
    sex: str | None = None
    phone: str = ""
    language: str = "zh-CN"
    conditions: str = ""
    medicines: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A device. resident_id: as it was set; watches: whom it watches in fact (else the household's first resident).

    interval_s: seconds between two messages, 0 for one that speaks only when something happens.
    """

    id: int
    household_id: int
    household: str
    resident_id: int | None
    watches: int | None
    code: str
    kind: str
    interval_s: int
    room: str
    model: str
    retired_at: datetime | None


async def areas(connection: Connection, path: str) -> list[Area]:
    """The area at `path` and all below it, parents first."""
    return await fetch_all(connection, Area, "people.areas", {"scope_path": path})


async def area(connection: Connection, code: str, path: str = "/") -> Area | None:
    """The area with this code, if it lies in the subtree at `path`."""
    return await fetch_one(connection, Area, "people.area", {"code": code, "scope_path": path})


async def add_area(connection: Connection, code: str, name: str, level: str, parent: str | None) -> int:
    """Add an area below `parent`, a code that exists, or at the top. Returns its id. Raises Taken."""
    return await _insert(
        connection,
        "people.insert_area",
        {"code": code, "name": name, "level": level, "parent": parent},
        Taken("code", code),
    )


async def households(
    connection: Connection, scope: Scope, now: datetime, *, area_path: str | None = None, after: int = 0, maximum: int
) -> list[Household]:
    """Up to `maximum` households with an id above `after`, by id."""
    given = {**scope.parameters(now), "area_path": area_path, "after": after, "maximum": maximum}
    return await fetch_all(connection, Household, "people.households", given, plan_anew=True)


async def household(connection: Connection, scope: Scope, now: datetime, household_id: int) -> Household | None:
    """One household, if it is in scope."""
    return await fetch_one(connection, Household, "people.household", {**scope.parameters(now), "id": household_id})


async def household_id(connection: Connection, code: str) -> int | None:
    """The id of the household with this code, wherever it is."""
    return await fetch_value(connection, int, "people.household_id", {"code": code})


async def add_household(
    connection: Connection,
    code: str,
    area_id: int,
    address: str,
    access_notes: str,
    place: tuple[float, float] | None,
) -> int:
    """Add a household; place: latitude and longitude. Returns its id. Raises Taken."""
    given = {"code": code, **_household(area_id, address, access_notes, place)}
    return await _insert(connection, "people.insert_household", given, Taken("code", code))


async def update_household(
    connection: Connection,
    household_id: int,
    area_id: int,
    address: str,
    access_notes: str,
    place: tuple[float, float] | None,
) -> None:
    """Write everything of a household but its code, which is in its devices' topics."""
    given = {"id": household_id, **_household(area_id, address, access_notes, place)}
    await execute(connection, "people.update_household", given)


def _household(area_id: int, address: str, access_notes: str, place: tuple[float, float] | None) -> dict[str, object]:
    latitude, longitude = place if place is not None else (None, None)
    return {
        "area_id": area_id,
        "address": address,
        "access_notes": access_notes,
        "latitude": latitude,
        "longitude": longitude,
    }


async def residents(
    connection: Connection,
    scope: Scope,
    now: datetime,
    *,
    area_path: str | None = None,
    household_id: int | None = None,
    name: str | None = None,
    after: int = 0,
    maximum: int,
) -> list[Resident]:
    """Up to `maximum` residents with an id above `after`, by id; name: a part of it, in any case."""
    given = {
        **scope.parameters(now),
        "area_path": area_path,
        "household_id": household_id,
        "name": name,
        "after": after,
        "maximum": maximum,
    }
    return await fetch_all(connection, Resident, "people.residents", given, plan_anew=True)


async def resident(connection: Connection, scope: Scope, now: datetime, resident_id: int) -> Resident | None:
    """One resident, if in scope."""
    return await fetch_one(connection, Resident, "people.resident", {**scope.parameters(now), "id": resident_id})


async def add_resident(connection: Connection, household_id: int, details: ResidentDetails) -> int:
    """Add a resident to a household. Returns their id. Raises LookupError where there is no such household."""
    given = {"household_id": household_id, **asdict(details)}
    resident_id = await fetch_value(connection, int, "people.insert_resident", given)
    if resident_id is None:
        raise LookupError(f"no household {household_id}")
    return resident_id


async def update_resident(connection: Connection, resident_id: int, details: ResidentDetails) -> None:
    """Write everything of a resident but the household and the care plan."""
    await execute(connection, "people.update_resident", {"id": resident_id, **asdict(details)})


async def devices(
    connection: Connection,
    scope: Scope,
    now: datetime,
    *,
    household_id: int | None = None,
    resident_id: int | None = None,
    retired: bool = False,
    after: int = 0,
    maximum: int,
) -> list[Device]:
    """Up to `maximum` devices with an id above `after`, by id; retired: those out of use too."""
    given = {
        **scope.parameters(now),
        "household_id": household_id,
        "resident_id": resident_id,
        "retired": retired,
        "after": after,
        "maximum": maximum,
    }
    return await fetch_all(connection, Device, "people.devices", given, plan_anew=True)


async def device(connection: Connection, scope: Scope, now: datetime, device_id: int) -> Device | None:
    """One device, in use or retired, if it is in scope."""
    return await fetch_one(connection, Device, "people.device", {**scope.parameters(now), "id": device_id})


async def add_device(
    connection: Connection,
    household_id: int,
    code: str,
    *,
    resident_id: int | None,
    kind: str,
    interval_s: int,
    room: str,
    model: str,
) -> int:
    """Add a device to a household. Returns its id. Raises Taken where the household has one of that code."""
    given = {
        "household_id": household_id,
        "resident_id": resident_id,
        "code": code,
        "kind": kind,
        "interval_s": interval_s,
        "room": room,
        "model": model,
    }
    return await _insert(connection, "people.insert_device", given, Taken("code", code))


async def update_device(
    connection: Connection,
    device_id: int,
    *,
    resident_id: int | None,
    kind: str,
    interval_s: int,
    room: str,
    model: str,
    retired: bool,
    now: datetime,
) -> None:
    """Write everything of a device but its household and code, which are its topic."""
    given = {
        "id": device_id,
        "resident_id": resident_id,
        "kind": kind,
        "interval_s": interval_s,
        "room": room,
        "model": model,
        "retired": retired,
        "now": now,
    }
    await execute(connection, "people.update_device", given)


async def _insert(connection: Connection, block: str, given: Mapping[str, object], taken: Taken) -> int:
    new_id = await fetch_value(connection, int, block, given)
    if new_id is None:
        raise taken
    return new_id
