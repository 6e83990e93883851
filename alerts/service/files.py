"""Evidence that people add to an incident: pictures, documents, recordings."""

from datetime import datetime

from alerts.evidence_files import MAXIMUM_COUNT
from alerts.lifecycle import Event
from alerts.service import changes
from storage import attachments
from storage.attachments import Attachment
from storage.pool import Connection


async def add_file(
    connection: Connection,
    incident_id: int,
    user_id: int,
    now: datetime,
    *,
    name: str,
    content_type: str,
    content: bytes,
) -> Attachment:
    """Keep a file with the incident, in any state: evidence may come late. The trail says who added it.

    name, content_type, content: as `alerts.evidence_files` has approved them. Raises NotFound, and NotNow where the
    incident has as many as it may.
    """
    incident = await changes.locked(connection, incident_id)
    if await attachments.count(connection, incident_id) >= MAXIMUM_COUNT:
        raise changes.NotNow("too-many-files", f"An incident may have {MAXIMUM_COUNT} files.", maximum=MAXIMUM_COUNT)
    kept = await attachments.insert(
        connection,
        incident_id,
        name=name,
        content_type=content_type,
        content=content,
        user_id=user_id,
        now=now,
    )
    detail = {
        "attachment": kept.id,
        "name": kept.name,
        "content_type": kept.content_type,
        "size": kept.size,
        "sha256": kept.sha256.hex(),
    }
    await changes.move(connection, incident, Event.FILE, f"user:{user_id}", now, detail)
    return kept
