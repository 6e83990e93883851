"""The contract of a channel: it sends one message, or says whether trying again can help."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address.

    id: the same for every attempt, so that a receiver can tell a repeated one. at: the moment of this attempt, UTC.
    urgent: an emergency. body: what a webhook posts.
    """

    id: str
    address: str
    title: str
    text: str
    urgent: bool
    at: datetime
    secret: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


class NotSent(Exception):
    """The message was not taken; `reason` says why, without the address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Temporary(NotSent):
    """The same may work later. retry_after: when the other side asked to be asked again."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Permanent(NotSent):
    """The same will never work. gone: no other message to this address will either."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


def retry_after(header: str) -> timedelta | None:
    """The wait that a Retry-After header asks for, in its form with seconds; None for anything else.

    The header's other form, a date, would need the other side's clock.
    """
    return timedelta(seconds=int(header)) if header.isascii() and header.isdigit() and len(header) < 7 else None


class Channel(Protocol):
    """A way to reach people; one object serves all addresses, and many messages at once."""

    async def send(self, message: Message) -> str | None:
        """Send, within seconds. Returning means that the other side took it. Raises Temporary or Permanent.

        Returns what the other side calls the message, None where it does not say.
        """
        ...
