"""What the pipeline asks of a source of messages."""

from collections.abc import Sequence
from typing import Protocol

from ingest.message import Message


class SourceError(Exception):
    """The source can't go on; the process must end, loudly, and be started again."""


class Source(Protocol):
    """Messages that stay with the broker until they are acknowledged."""

    @property
    def connected_since(self) -> float | None:
        """`time.monotonic()` at the start of the present connection; None while there is none."""
        ...

    @property
    def waiting(self) -> int:
        """Messages received and not yet handed out."""
        ...

    async def receive(self, limit: int, linger: float, patience: float) -> list[Message]:
        """The next messages in the order of their arrival: at most `limit`.

        Waits up to `patience` seconds for the first, then up to `linger` seconds for the batch to fill. Empty where
        none came. Raises SourceError.
        """
        ...

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that these are committed, in their order. Never waits.

        What can't be acknowledged any more because the connection is another one by now comes again.
        """
        ...
