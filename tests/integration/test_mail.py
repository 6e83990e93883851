"""Messages by e-mail: from an SOS through the dispatcher and Apprise to a real SMTP server."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from alerts.delivering import Desk
from alerts.dispatcher import Dispatcher
from alerts.notify.apprise import AppriseChannel
from servers.process import free_port
from storage import deliveries
from tests.support.alarm_world import finding
from tests.support.centre import SECRET, Centre, open_centre
from tests.support.mail import MailServer

DAUGHTER = "daughter@family.example"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
async def centre(database: str, mail: MailServer) -> AsyncIterator[Centre]:
    """The daughter's first channel is e-mail, her second the log."""
    async with open_centre(database) as centre:
        async with centre.transaction() as connection:
            await connection.execute(
                "UPDATE channel SET kind = 'apprise', address = %s WHERE address = 'daughter-1'",
                (mail.address(DAUGHTER),),
            )
        desk = Desk(
            pool=centre.pool,
            channels={"log": centre.channel, "apprise": AppriseChannel(None)},
            publish=_nowhere,
            public_url="https://kanhu.example",
            secret=SECRET,
            link_life=timedelta(hours=24),
            now=lambda: centre.now,
            jitter=lambda: 0.5,
        )
        centre.dispatcher = Dispatcher(centre.pool, desk, now=lambda: centre.now, speed=1.0, poll_seconds=1.0)
        yield centre


async def _nowhere(topic: str, payload: bytes) -> None:
    """Commands to wearables are other tests' business."""


async def states(centre: Centre, incident: int) -> list[str]:
    async with centre.transaction() as connection:
        found = await deliveries.of_incident(connection, incident)
    return [f"{d.state}" for d in found if d.contact_id == centre.world.daughter]


async def test_an_sos_arrives_as_a_mail_that_can_be_read(centre: Centre, mail: MailServer) -> None:
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(0)
    [message] = mail.inbox
    assert message["To"] == DAUGHTER
    assert "紧急呼救（SOS）：王秀兰" in str(message["Subject"])
    text = message.get_content() if not message.is_multipart() else str(message)
    assert "武林路 5 号，12:00起。" in text
    assert "https://kanhu.example/confirm/" in text
    assert await states(centre, raised.incident_id) == ["sent"]


async def test_a_mailbox_that_refuses_gives_way_to_her_next_channel(centre: Centre, mail: MailServer) -> None:
    mail.refusals += ["451 try again later"] * 4
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(30)
    assert mail.inbox == []
    assert centre.timeline() == ["     0 s lan, ming", "    12 s daughter-2"]
    assert await states(centre, raised.incident_id) == ["failed", "sent"]
    await centre.until(180)
    assert [str(m["To"]) for m in mail.inbox] == [DAUGHTER], "the next step tries it again"


async def test_a_mail_server_that_is_away_gives_way_too(centre: Centre, mail: MailServer) -> None:
    address = mail.address(DAUGHTER)
    away = address.replace(f":{mail.port}/", f":{free_port()}/")
    assert away != address
    async with centre.transaction() as connection:
        await connection.execute("UPDATE channel SET address = %s WHERE address = %s", (away, address))
    [raised] = await centre.raise_(finding(centre.world))
    await centre.until(30)
    assert centre.timeline() == ["     0 s lan, ming", "    12 s daughter-2"]
    assert await states(centre, raised.incident_id) == ["failed", "sent"]
