"""Findings that can wait: so that a city whose devices all fall silent at once does not hold up a call for help.

Raising a finding takes milliseconds, and thousands of them in one transaction would keep the next batch, and an SOS in
it, waiting for minutes. What belongs to the emergency queue is always raised with its own batch; of the rest each batch
takes a share, in order. Until all are raised no snapshot of the detectors may be written: after a crash the older one
finds them again.
"""

from collections import deque
from collections.abc import Iterable

from core.findings import Finding, Queue

SHARE = 100
"""Findings of the other queues that one batch raises: some tenths of a second."""


class WaitingFindings:
    """Findings in the order in which they were found."""

    def __init__(self) -> None:
        self._waiting: deque[Finding] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self, found: Iterable[Finding]) -> list[Finding]:
        """Add what was found now; returns what is to be raised with this batch."""
        at_once: list[Finding] = []
        for finding in found:
            (at_once if finding.queue is Queue.EMERGENCY else self._waiting).append(finding)
        return at_once + [self._waiting.popleft() for _ in range(min(SHARE, len(self._waiting)))]
