"""A roster: areas, households, residents with care plans and contacts, devices, as one JSON file, into the database.

The format is what `kanhu sim roster` writes; a centre exports its own register to it. Loading it again changes nothing,
loading a changed one updates. Nothing is removed: people and devices are ended and retired through the API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from psycopg.types.json import Jsonb

from core.care import DeviceKind
from storage.care_plans import CarePlanError, check
from storage.pool import Connection
from storage.rows import execute

_Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
_AreaCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Order = Annotated[int, msgspec.Meta(ge=1, le=99)]
_Language = Literal["zh-CN", "en"]


class Area(msgspec.Struct, frozen=True):
    """parent: a code of an area before it in the list, or in the database; None for a city."""

    code: _AreaCode
    name: _Name
    level: Literal["city", "county", "street"]
    parent: _AreaCode | None = None


class Channel(msgspec.Struct, frozen=True):
    """As in the table channel."""

    kind: Literal["apprise", "webhook", "log"]
    address: Annotated[str, msgspec.Meta(min_length=1)]
    secret: str | None = None
    call_order: _Order = 1


class Contact(msgspec.Struct, frozen=True):
    """The name is unique for a resident."""

    name: _Name
    relation: str = ""
    phone: str = ""
    language: _Language = "zh-CN"
    call_order: _Order = 1
    channels: tuple[Channel, ...] = ()


class Resident(msgspec.Struct, frozen=True):
    """The name is unique in a household. care_plan: see core.care.CarePlan."""

    name: _Name
    birth_year: Annotated[int, msgspec.Meta(ge=1880, le=2100)] | None = None
    sex: Literal["female", "male", "other"] | None = None
    phone: str = ""
    language: _Language = "zh-CN"
    conditions: str = ""
    medicines: str = ""
    care_plan: dict[str, Any] = {}
    contacts: tuple[Contact, ...] = ()


class Device(msgspec.Struct, frozen=True):
    """resident: index of whom it watches; None: the household's first. interval: seconds."""

    code: _Code
    kind: DeviceKind
    interval: Annotated[int, msgspec.Meta(ge=0, le=604_800)] = 0
    room: str = ""
    model: str = ""
    resident: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Household(msgspec.Struct, frozen=True):
    """area: the code of its street."""

    code: _Code
    area: _AreaCode
    address: str = ""
    access_notes: str = ""
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    residents: tuple[Resident, ...] = ()
    devices: tuple[Device, ...] = ()


class Roster(msgspec.Struct, frozen=True):
    """Everything that the database must know before the devices can speak."""

    areas: tuple[Area, ...]
    households: tuple[Household, ...]


class RosterError(ValueError):
    """The roster is wrong; the message says where."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many of each the roster had."""

    areas: int
    households: int
    residents: int
    contacts: int
    devices: int


def read(data: bytes) -> Roster:
    """A roster from JSON. Fields that it does not know are left alone. Raises RosterError."""
    try:
        roster = msgspec.json.decode(data, type=Roster)
    except msgspec.DecodeError as error:
        raise RosterError(str(error)) from error
    wrong = next(_wrong(roster), None)
    if wrong is not None:
        raise RosterError(wrong)
    return roster


def _wrong(roster: Roster) -> Iterator[str]:
    for home in roster.households:
        names = [resident.name for resident in home.residents]
        if len(set(names)) < len(names):
            yield f"household {home.code}: two residents of the same name"
        if len({device.code for device in home.devices}) < len(home.devices):
            yield f"household {home.code}: two devices of the same code"
        if (home.latitude is None) != (home.longitude is None):
            yield f"household {home.code}: latitude and longitude go together"
        for device in home.devices:
            if device.resident is not None and device.resident >= len(names):
                yield f"household {home.code}, device {device.code}: there is no resident {device.resident}"
        for resident in home.residents:
            where = f"household {home.code}, resident {resident.name}"
            if len({contact.name for contact in resident.contacts}) < len(resident.contacts):
                yield f"{where}: two contacts of the same name"
            if any(c.kind == "webhook" and c.secret is None for p in resident.contacts for c in p.channels):
                yield f"{where}: a webhook needs a secret"
            try:
                check(resident.care_plan)
            except CarePlanError as error:
                yield f"{where}, care plan: {error}"


async def load(connection: Connection, roster: Roster) -> Loaded:
    """Write a roster within the caller's transaction. Raises RosterError for an area that is nowhere; Refused."""
    for area in roster.areas:
        await execute(connection, "roster.area", msgspec.to_builtins(area))
    households = list(_households(roster))
    if await execute(connection, "roster.households", {"rows": Jsonb(households)}) != len(households):
        raise RosterError("a household's area is neither in the roster nor in the database")
    residents, contacts = list(_residents(roster)), list(_contacts(roster))
    for what, rows in (("residents", residents), ("contacts", contacts), ("channels", list(_channels(roster)))):
        await execute(connection, f"roster.update_{what}", {"rows": Jsonb(rows)})
        await execute(connection, f"roster.insert_{what}", {"rows": Jsonb(rows)})
    devices = list(_devices(roster))
    await execute(connection, "roster.devices", {"rows": Jsonb(devices)})
    return Loaded(len(roster.areas), len(households), len(residents), len(contacts), len(devices))


_Rows = Iterator[dict[str, Any]]


def _households(roster: Roster) -> _Rows:
    for home in roster.households:
        yield {
            "code": home.code,
            "area": home.area,
            "address": home.address,
            "access_notes": home.access_notes,
            "latitude": home.latitude,
            "longitude": home.longitude,
        }


def _residents(roster: Roster) -> _Rows:
    for home in roster.households:
        for place, resident in enumerate(home.residents):
            yield {
                "place": place,
                "household": home.code,
                "name": resident.name,
                "birth_year": resident.birth_year,
                "sex": resident.sex,
                "phone": resident.phone,
                "language": resident.language,
                "conditions": resident.conditions,
                "medicines": resident.medicines,
                "care_plan": msgspec.to_builtins(check(resident.care_plan)),
            }


def _contacts(roster: Roster) -> _Rows:
    for home in roster.households:
        for resident in home.residents:
            for place, contact in enumerate(resident.contacts):
                yield {
                    "place": place,
                    "household": home.code,
                    "resident": resident.name,
                    "name": contact.name,
                    "relation": contact.relation,
                    "phone": contact.phone,
                    "language": contact.language,
                    "call_order": contact.call_order,
                }


def _channels(roster: Roster) -> _Rows:
    for home in roster.households:
        for resident in home.residents:
            for contact in resident.contacts:
                for place, channel in enumerate(contact.channels):
                    yield {
                        "place": place,
                        "household": home.code,
                        "resident": resident.name,
                        "contact": contact.name,
                        **msgspec.to_builtins(channel),
                    }


def _devices(roster: Roster) -> _Rows:
    for home in roster.households:
        for place, device in enumerate(home.devices):
            watched = None if device.resident is None else home.residents[device.resident].name
            yield {"place": place, "household": home.code, **msgspec.to_builtins(device), "resident": watched}
