"""Who is told about a resident, in which order, over which channels."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import API, Conn, ContactReader, ContactWriter, Now
from api.permissions import GRANTS, Permission, Role
from api.problems import not_found, responses, wrong_field
from api.routes.residents import ResidentId, in_scope
from api.schemas.contacts import Channel, ChannelDetails, Contact, ContactDetails, Contacts
from storage import contacts, users
from storage.pool import Connection
from storage.users import User

router = APIRouter(prefix=API, tags=["contacts"])

ContactId = Annotated[int, Path(ge=1, le=2**31 - 1)]
ChannelId = Annotated[int, Path(ge=1, le=2**31 - 1)]
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)


@router.get("/residents/{resident_id}/contacts", summary="Whom to call", responses=responses(*_REFUSALS))
async def list_contacts(resident_id: ResidentId, user: ContactReader, connection: Conn, now: Now) -> Contacts:
    """A resident's contacts in the order they are called, each with the channels in the order they are tried."""
    await in_scope(connection, user, now, resident_id)
    found = await contacts.contacts(connection, resident_id, now)
    return Contacts(items=await _shown(connection, user, found))


@router.post(
    "/residents/{resident_id}/contacts",
    status_code=HTTPStatus.CREATED,
    summary="Add a contact",
    responses=responses(*_REFUSALS),
)
async def add_contact(
    resident_id: ResidentId, new: ContactDetails, user: ContactWriter, connection: Conn, now: Now
) -> Contact:
    """Add a contact to a resident."""
    await in_scope(connection, user, now, resident_id)
    contact_id = await contacts.add_contact(connection, resident_id, await _details(connection, new))
    return await _show_one(connection, user, now, contact_id)


@router.put("/contacts/{contact_id}", summary="Change a contact", responses=responses(*_REFUSALS))
async def change_contact(
    contact_id: ContactId, given: ContactDetails, user: ContactWriter, connection: Conn, now: Now
) -> Contact:
    """Write everything but whose contact it is."""
    await _contact(connection, user, now, contact_id)
    await contacts.update_contact(connection, contact_id, await _details(connection, given))
    return await _show_one(connection, user, now, contact_id)


@router.delete(
    "/contacts/{contact_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="End a contact",
    responses=responses(*_REFUSALS),
)
async def end_contact(contact_id: ContactId, user: ContactWriter, connection: Conn, now: Now) -> None:
    """No longer told, and sees nothing any more. The audit trail keeps the name."""
    await _contact(connection, user, now, contact_id)
    await contacts.end_contact(connection, contact_id, now)


@router.post(
    "/contacts/{contact_id}/channels",
    status_code=HTTPStatus.CREATED,
    summary="Add a channel",
    responses=responses(*_REFUSALS),
)
async def add_channel(
    contact_id: ContactId, new: ChannelDetails, user: ContactWriter, connection: Conn, now: Now
) -> Channel:
    """Add a way to reach a contact. A webhook needs a secret, which signs its messages."""
    await _contact(connection, user, now, contact_id)
    if new.kind == "webhook" and new.secret is None:
        raise wrong_field("secret", "a webhook needs one")
    channel_id = await contacts.add_channel(
        connection,
        contact_id=contact_id,
        kind=new.kind,
        address=new.address,
        secret=new.secret,
        call_order=new.call_order,
    )
    return Channel.model_validate(await contacts.channel(connection, channel_id))


@router.put("/channels/{channel_id}", summary="Change a channel", responses=responses(*_REFUSALS))
async def change_channel(
    channel_id: ChannelId, given: ChannelDetails, user: ContactWriter, connection: Conn, now: Now
) -> Channel:
    """Write a channel and try it again if it had failed. A secret that is left out stays."""
    before = await _channel(connection, user, now, channel_id)
    if given.kind == "webhook" and given.secret is None and before.kind != "webhook":
        raise wrong_field("secret", "a webhook needs one")
    await contacts.update_channel(
        connection,
        channel_id,
        kind=given.kind,
        address=given.address,
        secret=given.secret,
        call_order=given.call_order,
    )
    return Channel.model_validate(await contacts.channel(connection, channel_id))


@router.delete(
    "/channels/{channel_id}",
    status_code=HTTPStatus.NO_CONTENT,
    summary="Take a channel out of use",
    responses=responses(*_REFUSALS),
)
async def remove_channel(channel_id: ChannelId, user: ContactWriter, connection: Conn, now: Now) -> None:
    """Nothing is sent over it any more."""
    await _channel(connection, user, now, channel_id)
    await contacts.remove_channel(connection, channel_id, now)


async def _contact(connection: Connection, user: User, now: Now, contact_id: int) -> contacts.Contact:
    found = await contacts.contact(connection, contact_id)
    if found is None:
        raise not_found("contact")
    await in_scope(connection, user, now, found.resident_id)
    return found


async def _channel(connection: Connection, user: User, now: Now, channel_id: int) -> contacts.Channel:
    found = await contacts.channel(connection, channel_id)
    if found is None or found.contact_id is None:
        raise not_found("channel")
    await _contact(connection, user, now, found.contact_id)
    return found


async def _details(connection: Connection, given: ContactDetails) -> contacts.ContactDetails:
    family = None if given.user is None else await users.user_by_name(connection, given.user)
    if given.user is not None and (family is None or family.role != Role.FAMILY):
        raise wrong_field("user", "there is no family user of that name")
    return contacts.ContactDetails(
        name=given.name,
        relation=given.relation,
        phone=given.phone,
        language=given.language,
        call_order=given.call_order,
        valid_until=given.valid_until,
        user_id=family.id if family else None,
    )


async def _show_one(connection: Connection, user: User, now: Now, contact_id: int) -> Contact:
    return (await _shown(connection, user, [await _contact(connection, user, now, contact_id)]))[0]


async def _shown(connection: Connection, user: User, found: list[contacts.Contact]) -> list[Contact]:
    channels = await contacts.channels(connection, contact_ids=[contact.id for contact in found])
    with_address = Permission.CONTACT_WRITE in GRANTS[Role(user.role)]
    shown: dict[int | None, list[Channel]] = {}
    for channel in channels:
        view = Channel.model_validate(channel)
        shown.setdefault(channel.contact_id, []).append(
            view if with_address else view.model_copy(update={"address": None})
        )
    return [
        Contact(
            id=contact.id,
            resident_id=contact.resident_id,
            user_id=contact.user_id,
            name=contact.name,
            relation=contact.relation,
            phone=contact.phone,
            language="en" if contact.language == "en" else "zh-CN",
            call_order=contact.call_order,
            valid_until=contact.valid_until,
            channels=shown.get(contact.id, []),
        )
        for contact in found
    ]
