"""A channel that writes a log line: for demonstrations, and for a centre that reads its log."""

import structlog

from alerts.notify.base import Message

_log = structlog.get_logger(__name__)


class LogChannel:
    """`alerts.notify.base.Channel`; the address is a name."""

    async def send(self, message: Message) -> None:
        """Write the line; it always works."""
        _log.info("message", to=message.address, title=message.title, text=message.text, urgent=message.urgent)
