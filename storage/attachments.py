"""Evidence in files: pictures, documents and recordings of an incident."""

from dataclasses import dataclass
from datetime import datetime

from storage.pool import Connection
from storage.rows import fetch_all, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file without its content. size: bytes. incident_id: that it was added to, which may go on in another."""

    id: int
    incident_id: int
    name: str
    content_type: str
    size: int
    sha256: bytes
    added_by: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    name: str
    content_type: str
    content: bytes


async def insert(
    connection: Connection,
    incident_id: int,
    *,
    name: str,
    content_type: str,
    content: bytes,
    user_id: int,
    now: datetime,
) -> Attachment:
    """Keep a file. Raises Refused for a type or size that is not kept."""
    given = {
        "incident_id": incident_id,
        "name": name,
        "content_type": content_type,
        "content": content,
        "user_id": user_id,
        "now": now,
    }
    [kept] = await fetch_all(connection, Attachment, "attachments.insert", given)
    return kept


async def count(connection: Connection, incident_id: int) -> int:
    """How many files were added to the incident itself."""
    return await fetch_value(connection, int, "attachments.count", {"incident_id": incident_id}) or 0


async def of_incident(connection: Connection, incident_id: int) -> list[Attachment]:
    """The files of an incident and of those that went on in it, oldest first."""
    return await fetch_all(connection, Attachment, "attachments.of_incident", {"incident_id": incident_id})


async def content(connection: Connection, incident_id: int, attachment_id: int) -> Content | None:
    """What a file of the incident, or of one that went on in it, holds; None where it has no such file."""
    given = {"incident_id": incident_id, "id": attachment_id}
    return await fetch_one(connection, Content, "attachments.content", given)
