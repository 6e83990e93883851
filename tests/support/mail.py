"""A mail server: takes messages over SMTP on loopback, keeps them, or refuses as it is told to."""

import email
import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller

from servers.process import LOOPBACK, free_port


@dataclass
class MailServer:
    """Listens while its `with` block lasts. refusals: SMTP answers to the next recipients, in order."""

    inbox: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._controller = Controller(self, hostname=LOOPBACK, port=free_port())
        self._controller.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def address(self, to: str) -> str:
        """An Apprise address for somebody whose mail this server takes."""
        return f"mailto://{LOOPBACK}:{self.port}/?from=kanhu@kanhu.example&to={to}&mode=insecure&format=text"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.inbox.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 Message accepted for delivery"
