"""A source in memory, for tests of the pipeline that need no broker."""

from collections import deque
from collections.abc import Sequence
from time import monotonic

from ingest.message import Message


class MemorySource:
    """Hands out what was put in, and notes what was acknowledged. Its connection is an old one, without a backlog."""

    def __init__(self) -> None:
        self._queue: deque[Message] = deque()
        self.acknowledged: list[Message] = []
        self.connected_since: float | None = monotonic() - 3600

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def put(self, *messages: Message) -> None:
        self._queue.extend(messages)

    async def receive(self, limit: int, linger: float, patience: float) -> list[Message]:
        return [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]

    def acknowledge(self, messages: Sequence[Message]) -> None:
        self.acknowledged.extend(messages)
