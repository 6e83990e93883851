"""A broker that lets everybody in and answers each message as it is told: enough of MQTT 5 for that, and no more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from servers.process import LOOPBACK

_CONNECT, _PUBLISH, _DISCONNECT = 1, 3, 14
_WELCOME = b"\x20\x03\x00\x00\x00"


@dataclass
class RefusingBroker:
    """answers: the reason codes of the next acknowledgements, None: to hang up in place of one; then all is well."""

    answers: list[int | None]
    host: str = LOOPBACK
    port: int = 0
    topics: list[str] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (packet := await _packet(reader)) is not None:
                kind, content = packet
                if kind == _CONNECT:
                    self.connections += 1
                    writer.write(_WELCOME)
                elif kind == _PUBLISH:
                    length = int.from_bytes(content[:2], "big")
                    self.topics.append(content[2 : 2 + length].decode())
                    reason = self.answers.pop(0) if self.answers else 0
                    if reason is None:
                        return
                    writer.write(b"\x40\x04" + content[2 + length : 4 + length] + bytes([reason, 0]))
                elif kind == _DISCONNECT:
                    return
                await writer.drain()
        finally:
            writer.close()


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes] | None:
    """Type and content of the next packet; None at the end."""
    try:
        first = (await reader.readexactly(1))[0]
        length, shift, more = 0, 0, True
        while more:
            byte = (await reader.readexactly(1))[0]
            length |= (byte & 0x7F) << shift
            shift, more = shift + 7, bool(byte & 0x80)
        return first >> 4, await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


@asynccontextmanager
async def refusing_broker(*answers: int | None) -> AsyncIterator[RefusingBroker]:
    """It listens on a free port of loopback while the block runs."""
    broker = RefusingBroker(list(answers))
    server = await asyncio.start_server(broker.serve, broker.host, 0)
    async with server:
        broker.port = server.sockets[0].getsockname()[1]
        yield broker
