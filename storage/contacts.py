"""Contacts of a resident and the channels they are reached over.

All functions take a connection inside the caller's transaction. Whether the resident is in the user's scope is the
caller's question to `storage.people.resident`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value

_REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """What can be written of a contact. call_order: 1 is called first. user_id: their sign-in, if they have one."""

    name: str
    relation: str = ""
    phone: str = ""
    language: str = "zh-CN"
    call_order: int = 1
    valid_until: datetime | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who is told about a resident. valid_until: from then on no longer."""

    id: int
    resident_id: int
    user_id: int | None
    name: str
    relation: str
    phone: str
    language: str
    call_order: int
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach a contact or a user: exactly one of contact_id and user_id. The secret is never read back here.

    failed_at, failure: when and why the provider said that it will never work.
    """

    id: int
    contact_id: int | None
    user_id: int | None
    kind: str
    address: str
    call_order: int
    failed_at: datetime | None
    failure: str | None


async def contacts(connection: Connection, resident_id: int, now: datetime) -> list[Contact]:
    """A resident's contacts in the order they are called, without those at their end."""
    return await fetch_all(connection, Contact, "contacts.contacts", {"resident_id": resident_id, "now": now})


async def contact(connection: Connection, contact_id: int) -> Contact | None:
    """One contact, ended or not."""
    return await fetch_one(connection, Contact, "contacts.contact", {"id": contact_id})


async def add_contact(connection: Connection, resident_id: int, details: ContactDetails) -> int:
    """Add a contact. Returns its id. Raises Refused where there is no such resident or user."""
    new_id = await fetch_value(
        connection, int, "contacts.insert_contact", {"resident_id": resident_id, **asdict(details)}
    )
    return _given(new_id)


async def update_contact(connection: Connection, contact_id: int, details: ContactDetails) -> None:
    """Write everything of a contact but whose it is."""
    await execute(connection, "contacts.update_contact", {"id": contact_id, **asdict(details)})


async def end_contact(connection: Connection, contact_id: int, now: datetime) -> None:
    """No longer a contact from `now` on."""
    await execute(connection, "contacts.end_contact", {"id": contact_id, "now": now})


async def channels(
    connection: Connection, *, contact_ids: Sequence[int] = (), user_ids: Sequence[int] = ()
) -> list[Channel]:
    """The channels of these contacts and users in the order they are tried."""
    given = {"contact_ids": list(contact_ids), "user_ids": list(user_ids), "removed": _REMOVED}
    return await fetch_all(connection, Channel, "contacts.channels", given)


async def channel(connection: Connection, channel_id: int) -> Channel | None:
    """One channel, unless it was removed."""
    return await fetch_one(connection, Channel, "contacts.channel", {"id": channel_id, "removed": _REMOVED})


async def add_channel(
    connection: Connection,
    *,
    contact_id: int | None = None,
    user_id: int | None = None,
    kind: str,
    address: str,
    secret: str | None,
    call_order: int,
) -> int:
    """Add a channel of a contact or of a user. Returns its id. secret: signs a webhook's messages."""
    given = {
        "contact_id": contact_id,
        "user_id": user_id,
        "kind": kind,
        "address": address,
        "secret": secret,
        "call_order": call_order,
    }
    return _given(await fetch_value(connection, int, "contacts.insert_channel", given))


async def update_channel(
    connection: Connection, channel_id: int, *, kind: str, address: str, secret: str | None, call_order: int
) -> None:
    """Write a channel and forget that it failed; secret None leaves the one there is."""
    given = {"id": channel_id, "kind": kind, "address": address, "secret": secret, "call_order": call_order}
    await execute(connection, "contacts.update_channel", given)


async def remove_channel(connection: Connection, channel_id: int, now: datetime) -> None:
    """Take a channel out of use."""
    await execute(connection, "contacts.remove_channel", {"id": channel_id, "now": now, "removed": _REMOVED})


def _given(new_id: int | None) -> int:
    if new_id is None:
        raise LookupError("the insert gave no id")
    return new_id
