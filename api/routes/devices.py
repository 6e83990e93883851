"""Devices."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import API, Conn, DeviceReader, DirectoryWriter, Language, Now
from api.paging import Cursor, Limit, Page, decode, encode, split
from api.problems import not_found, responses, wrong_field
from api.reasons import said
from api.routes.areas import area_in_scope
from api.routes.taken import told_as_conflict
from api.schemas.base import AreaCode
from api.schemas.directory import Device, DeviceDetails, NewDevice, Trouble
from core.findings import Kind
from storage import people, troubles
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=f"{API}/devices", tags=["devices"])

DeviceId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.get("", summary="Devices, page by page", responses=responses(*_REFUSALS))
async def list_devices(
    user: DeviceReader,
    connection: Conn,
    now: Now,
    household_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    resident_id: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="those that watch this resident")] = None,
    retired: Annotated[bool, Query(description="those out of use too")] = False,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Device]:
    """The devices in the user's area; for a family member those that watch their residents."""
    found = await people.devices(
        connection,
        user.scope,
        now,
        household_id=household_id,
        resident_id=resident_id,
        retired=retired,
        after=decode(cursor, int) if cursor else 0,
        maximum=limit + 1,
    )
    items, last = split(found, limit)
    return Page(items=[Device.model_validate(item) for item in items], next_cursor=encode(last.id) if last else None)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    summary="Add a device",
    responses=responses(*_REFUSALS, HTTPStatus.CONFLICT),
)
async def add_device(new: NewDevice, user: DirectoryWriter, connection: Conn, now: Now) -> Device:
    """Add a device to a household; what it sends is taken from the next second on."""
    if await people.household(connection, user.scope, now, new.household_id) is None:
        raise wrong_field("household_id", "there is no such household")
    await _watches(connection, user, now, new.resident_id, new.household_id)
    with told_as_conflict():
        device_id = await people.add_device(
            connection,
            new.household_id,
            new.code,
            resident_id=new.resident_id,
            kind=new.kind.value,
            interval_s=new.interval_s,
            room=new.room,
            model=new.model,
        )
    return Device.model_validate(await _in_scope(connection, user, now, device_id))


# Before `/{device_id}`, which would take it for an id.
@router.get("/troubles", summary="What is wrong with devices now", responses=responses(*_REFUSALS))
async def list_troubles(
    user: DeviceReader,
    connection: Conn,
    now: Now,
    language: Language,
    area: Annotated[AreaCode | None, Query(description="only in this area's subtree")] = None,
    kind: Annotated[Kind | None, Query(description="only of this kind")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[Trouble]:
    """Maintenance device by device, where its incidents are resident by resident: the most severe first, then the
    oldest. What has cleared by itself, and what a retired device has, is not there."""
    found = await troubles.troubles(
        connection,
        user.scope,
        now,
        area_path=(await area_in_scope(connection, user, area, "area", "query")).path if area else None,
        kind=kind.value if kind else None,
        after=decode(cursor, troubles.Place) if cursor else None,
        maximum=limit + 1,
    )
    items, last = split(found, limit)
    place = troubles.Place(last.severity, last.event_time, last.id) if last else None
    return Page(items=[_shown(item, language) for item in items], next_cursor=encode(place) if place else None)


@router.get("/{device_id}", summary="One device", responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND))
async def get_device(device_id: DeviceId, user: DeviceReader, connection: Conn, now: Now) -> Device:
    """One device, in use or retired."""
    return Device.model_validate(await _in_scope(connection, user, now, device_id))


@router.put("/{device_id}", summary="Change or retire a device", responses=responses(*_REFUSALS, HTTPStatus.NOT_FOUND))
async def change_device(
    device_id: DeviceId, given: DeviceDetails, user: DirectoryWriter, connection: Conn, now: Now
) -> Device:
    """Write everything but the household and the code. It is never deleted: its readings stay whose they are."""
    before = await _in_scope(connection, user, now, device_id)
    await _watches(connection, user, now, given.resident_id, before.household_id)
    await people.update_device(
        connection,
        device_id,
        resident_id=given.resident_id,
        kind=given.kind.value,
        interval_s=given.interval_s,
        room=given.room,
        model=given.model,
        retired=given.retired,
        now=now,
    )
    return Device.model_validate(await _in_scope(connection, user, now, device_id))


def _shown(trouble: troubles.Trouble, language: str) -> Trouble:
    facts = {name: getattr(trouble, name) for name in Trouble.model_fields}
    return Trouble.model_validate({**facts, "reason": said(trouble.reason, language, trouble.evidence)})


async def _in_scope(connection: Connection, user: User, now: Now, device_id: int) -> people.Device:
    found = await people.device(connection, user.scope, now, device_id)
    if found is None:
        raise not_found("device")
    return found


async def _watches(connection: Connection, user: User, now: Now, resident_id: int | None, household_id: int) -> None:
    """Whom a device watches lives where it hangs."""
    if resident_id is None:
        return
    found = await people.resident(connection, user.scope, now, resident_id)
    if found is None or found.household_id != household_id:
        raise wrong_field("resident_id", "no resident of the device's household")
