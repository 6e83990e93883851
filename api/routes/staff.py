"""The people of the centre, and how they are reached."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api.dependencies import API, Conn, CurrentUser, Now, StaffReader, check
from api.idempotency import OnceOnly
from api.permissions import Permission
from api.problems import not_found, responses, wrong_field
from api.routes.own_area import REFUSALS, Area, area_path
from api.schemas.contacts import ChannelDetails
from api.schemas.rota import Staff, StaffChannel, StaffMember
from storage import contacts, rota
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=f"{API}/staff", tags=["rota"])

UserId = Annotated[int, Path(ge=1, le=2**31 - 1)]
ChannelId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", summary="The people of the centre", responses=responses(*REFUSALS))
async def list_staff(
    user: StaffReader,
    connection: Conn,
    area: Area = None,
) -> Staff:
    """Responders and supervisors who work in the area, in a part of it, or above it."""
    path = await area_path(connection, user, area)
    found = await rota.staff(connection, subtree=path, upwards=path)
    channels: dict[int | None, list[StaffChannel]] = {}
    for channel in await contacts.channels(connection, user_ids=[colleague.id for colleague in found]):
        channels.setdefault(channel.user_id, []).append(StaffChannel.model_validate(channel))
    return Staff(
        items=[
            StaffMember.model_validate(
                {
                    "id": colleague.id,
                    "name": colleague.name,
                    "display_name": colleague.display_name,
                    "role": colleague.role,
                    "area": colleague.area,
                    "language": colleague.language,
                    "sees_all": colleague.sees(path),
                    "reachable": colleague.channel_id is not None,
                    "channels": channels.get(colleague.id, []),
                }
            )
            for colleague in found
        ]
    )


@router.post(
    "/{user_id}/channels",
    status_code=HTTPStatus.CREATED,
    summary="Add a channel of somebody of the centre",
    response_model=StaffChannel,
    responses=responses(*REFUSALS, HTTPStatus.NOT_FOUND),
)
async def add_staff_channel(
    user_id: UserId, new: ChannelDetails, user: CurrentUser, connection: Conn, once: OnceOnly
) -> JSONResponse:
    """Add a way to reach oneself; supervisors: to reach anybody who works in their area."""
    await _may_change(connection, user, user_id)
    if new.kind == "webhook" and new.secret is None:
        raise wrong_field("secret", "a webhook needs one")

    async def add() -> StaffChannel:
        channel_id = await contacts.add_channel(
            connection,
            user_id=user_id,
            kind=new.kind,
            address=new.address,
            secret=new.secret,
            call_order=new.call_order,
        )
        return StaffChannel.model_validate(await contacts.channel(connection, channel_id))

    return await once(add, HTTPStatus.CREATED)


@router.delete(
    "/{user_id}/channels/{staff_channel_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Take a channel of somebody of the centre out of use",
    responses=responses(*REFUSALS, HTTPStatus.NOT_FOUND),
)
async def remove_staff_channel(
    user_id: UserId, staff_channel_id: ChannelId, user: CurrentUser, connection: Conn, now: Now
) -> None:
    """Nothing is sent over it any more."""
    await _may_change(connection, user, user_id)
    found = await contacts.channel(connection, staff_channel_id)
    if found is None or found.user_id != user_id:
        raise not_found("channel")
    await contacts.remove_channel(connection, staff_channel_id, now)


async def _may_change(connection: Connection, user: User, user_id: int) -> None:
    """Raise ProblemError where the user may not change how that person is reached."""
    check(user, Permission.STAFF_READ)
    if user_id == user.id:
        return
    if all(colleague.id != user_id for colleague in await rota.staff(connection, subtree=user.area_path or "/")):
        raise not_found("person")
    check(user, Permission.STAFF_WRITE)
