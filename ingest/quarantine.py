"""What can't be taken is kept, with the reason, until somebody looks at it, and can be sent again."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from core.clock import to_datetime
from core.settings import Settings
from ingest.message import Message
from ingest.republish import publish
from storage import ingest_state
from storage.ingest_state import Quarantined, QuarantineRow
from storage.pool import Pool

log = structlog.get_logger(__name__)

# Enough to see what it was, and small enough that a flood of huge messages does not fill the disk.
KEPT_BYTES = 65_536


def of_message(message: Message, reason: str, detail: str, *, part: int = 0, record: str | None = None) -> Quarantined:
    """A row for a message, or for record number `part` of it (from 1 on)."""
    return Quarantined(
        arrival=to_datetime(message.arrival),
        part=part,
        topic=_storable(message.topic),
        payload=message.payload[:KEPT_BYTES],
        payload_size=len(message.payload),
        reason=reason,
        detail=_storable(detail)[:2000],
        record=None if record is None else _storable(record)[:2000],
    )


def _storable(text: str) -> str:
    # PostgreSQL's text takes neither NUL nor lone surrogates; both are legal in what a hostile device may send.
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode("utf-8")


async def reinject(settings: Settings, pool: Pool, rows: Sequence[QuarantineRow], now: datetime) -> list[int]:
    """Publish whole messages again, each once and to its own topic, and note which. Returns the ids of their rows.

    Rows that were cut can't be sent again and are left. A message of which only records were refused is sent whole: the
    records that are stored are known and stay as they are. Raises BrokerError where the broker can't be reached or
    refuses a message; those that it took before are noted.
    """
    messages: dict[tuple[datetime, str], list[QuarantineRow]] = {}
    for row in rows:
        if len(row.payload) == row.payload_size and row.topic:
            messages.setdefault((row.arrival, row.topic), []).append(row)
    groups = list(messages.values())
    ids: list[int] = []

    def taken(place: int) -> None:
        ids.extend(row.id for row in groups[place])

    try:
        await asyncio.to_thread(publish, settings, [(group[0].topic, group[0].payload) for group in groups], taken)
    finally:
        async with pool.connection() as connection:
            await ingest_state.mark_reinjected(connection, ids, now)
    return ids
