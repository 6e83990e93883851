"""A browser for each file of stories, and the town that they happen in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from servers.real import Mosquitto, TimescaleServer
from tests.support import browser as browsers
from tests.support.receiver import Receiver
from tests.support.servers import required_debian
from tests.support.town import Town, running_town


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of the module, not of the session: while Playwright runs, no other test of the process can have an event loop."""
    with sync_playwright() as playwright, browsers.browser(playwright) as launched:
        yield launched


@pytest.fixture(scope="module")
def town(
    request: pytest.FixtureRequest,
    browser: Browser,
    timescale: TimescaleServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Town]:
    """A town with the module's households."""
    with Mosquitto(required_debian()) as broker, Receiver() as receiver:
        households = request.module.households(receiver)
        logs = tmp_path_factory.mktemp("town")
        with running_town(broker, timescale.create_database(), receiver, households, logs) as town:
            yield town
