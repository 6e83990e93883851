"""A centre whose messages go to an SMS provider on loopback, which calls back at a real API; all on one clock."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import uvicorn

from alerts.delivering import Desk
from alerts.dispatcher import Dispatcher
from alerts.notify.base import Channel
from alerts.notify.registry import with_receipts
from alerts.notify.sms import Gateway, SmsChannel
from api.app import create_app
from core.settings import Settings
from servers.process import LOOPBACK, free_port
from storage import deliveries
from storage.deliveries import Delivery
from tests.support.alarm_world import NOON
from tests.support.centre import SECRET, Centre, open_centre
from tests.support.sms_provider import KEY, Got, SmsProvider
from tests.support.sms_provider import SECRET as RECEIPT_SECRET

DAUGHTER = "+8613800138001"
SON = "+8613800138002"


@dataclass
class Telecom:
    """The daughter has an SMS number and, after it, the log channel `daughter-2`; the son has an SMS number only."""

    centre: Centre
    provider: SmsProvider
    client: httpx.AsyncClient
    url: str

    def timeline(self) -> list[str]:
        """What went out: seconds after noon, and to whom; an SMS as `SMS daughter`, last of its second."""
        names = {DAUGHTER: "SMS daughter", SON: "SMS son"}
        out: list[tuple[datetime, str]] = [(at, m.address) for at, m in self.centre.channel.sent]
        out += [(got.at, names.get(got.to, got.to)) for got in self.provider.got]
        lines: dict[str, list[str]] = {}
        for at, who in sorted(out, key=lambda one: one[0]):
            lines.setdefault(f"{(at - NOON).total_seconds():6.0f} s", []).append(who)
        return [f"{stamp}  {', '.join(who)}" for stamp, who in lines.items()]

    def sms(self, number: str = DAUGHTER) -> Got:
        """The newest message to a number."""
        return self.provider.messages(number)[-1]

    async def report(self, status: str, number: str = DAUGHTER, **more: Any) -> int:
        """The provider calls back about the newest message to a number, and what follows at once is done."""
        answered = await self.provider.report(self.client, self.sms(number).body, status, **more)
        await self.centre.settle()
        return answered

    def link(self, number: str = DAUGHTER) -> str:
        """The link in the newest message to a number."""
        return str(self.sms(number).body["text"]).rpartition("：")[2].rpartition(": ")[2]

    async def deliveries(self, incident: int) -> list[Delivery]:
        async with self.centre.transaction() as connection:
            return await deliveries.of_incident(connection, incident)

    async def states(self, incident: int) -> list[str]:
        """Of the daughter's messages, the newest last: channel and state."""
        kinds = {self.centre.world.daughters_channels[0]: "SMS", self.centre.world.daughters_channels[1]: "log"}
        found = await self.deliveries(incident)
        return [f"{kinds[d.channel_id]} {d.state}" for d in found if d.contact_id == self.centre.world.daughter]


@asynccontextmanager
async def open_telecom(database: str) -> AsyncIterator[Telecom]:
    """The centre at noon, the provider and the API."""
    async with open_centre(database) as centre, httpx.AsyncClient() as client:
        async with centre.transaction() as connection:
            for channel, number in (("daughter-1", DAUGHTER), ("son-1", SON)):
                await connection.execute(
                    "UPDATE channel SET kind = 'sms', address = %s WHERE address = %s", (number, channel)
                )
        settings = Settings.model_validate(
            {"database_url": database, "token_secret": SECRET, "sms_receipt_secret": RECEIPT_SECRET}
        )
        app = create_app(settings, clock=centre.clock, session_clock=centre.clock)
        port = free_port()
        url = f"http://{LOOPBACK}:{port}"
        with SmsProvider(now=lambda: centre.now) as provider:
            gateway = Gateway(provider.url, KEY, f"{url}/api/v1/receipts/sms")
            channels: Mapping[str, Channel] = {"log": centre.channel, "sms": SmsChannel(client, gateway)}
            desk = Desk(
                pool=centre.pool,
                channels=channels,
                publish=_nowhere,
                public_url=url,
                secret=SECRET,
                link_life=timedelta(hours=24),
                now=lambda: centre.now,
                jitter=lambda: 0.5,
                receipts=with_receipts(gateway),
            )
            centre.dispatcher = Dispatcher(centre.pool, desk, now=lambda: centre.now, speed=1.0, poll_seconds=1.0)
            async with app.router.lifespan_context(app):
                server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, lifespan="off", log_config=None))
                serving = asyncio.create_task(server.serve())
                while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers nothing to wait for
                    await asyncio.sleep(0.01)
                try:
                    yield Telecom(centre, provider, client, url)
                finally:
                    server.should_exit = True
                    await serving


async def _nowhere(topic: str, payload: bytes) -> None:
    """Commands to wearables are other tests' business."""
