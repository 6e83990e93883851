"""Knowing a redelivered message again that has no time of its own.

A sensor without a clock gets the arrival as event time, so its redelivered copy would look like a new reading. Such
messages leave a receipt, committed with them: packet id and digest. A copy that the broker marks as a duplicate and
that matches a receipt is acknowledged and dropped.

The broker uses a packet id again only after its acknowledgement, and counts through all 65,535: a receipt that is older
than the in-flight window belongs to a message that was acknowledged, and counts no more.
"""

import hashlib
from collections.abc import Iterable, Sequence

from ingest.message import Message
from storage.ingest_state import Receipt


def digest(message: Message) -> bytes:
    """16 bytes that stand for topic and payload."""
    return hashlib.blake2b(message.topic.encode() + b"\0" + message.payload, digest_size=16).digest()


# MQTT uses no packet id 0: the receipt under it keeps the sequence of the last committed message.
_SEQUENCE = 0


class Receipts:
    """The receipts of one worker's session. window: messages the broker may have in flight."""

    def __init__(self, receipts: Iterable[Receipt], window: int) -> None:
        self._receipts = {receipt.packet_id: receipt for receipt in receipts}
        self._window = window
        self._sequence = max((receipt.sequence for receipt in self._receipts.values()), default=0)

    def fresh(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages without redelivered copies of ones that are committed, or that stand before them here."""
        if not any(message.duplicate for message in messages):
            return messages
        kept: list[Message] = []
        before: dict[int, bytes] = {}
        for message in messages:
            content = digest(message)
            if message.duplicate and (self._committed(message, content) or before.get(message.packet_id) == content):
                continue
            before[message.packet_id] = content
            kept.append(message)
        return kept

    def _committed(self, message: Message, content: bytes) -> bool:
        receipt = self._receipts.get(message.packet_id)
        return receipt is not None and receipt.sequence > self._sequence - self._window and receipt.digest == content

    def issue(self, messages: Sequence[Message], timeless: Sequence[bool]) -> list[Receipt]:
        """Receipts to be committed with these messages, of which some are timeless; all of them, in their order."""
        fresh = []
        sequence = self._sequence
        for message, needs_one in zip(messages, timeless, strict=True):
            sequence += message.qos > 0
            if needs_one and message.qos:
                fresh.append(Receipt(message.packet_id, digest(message), sequence))
        if fresh or self._receipts:
            fresh.append(Receipt(_SEQUENCE, b"", sequence))
        return fresh

    def remember(self, receipts: Iterable[Receipt]) -> None:
        """Note receipts that were committed."""
        for receipt in receipts:
            self._receipts[receipt.packet_id] = receipt
            self._sequence = receipt.sequence
