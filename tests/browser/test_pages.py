"""Every page for everybody: read aloud, on a telephone, at twice the size, in both languages."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, expect

from core.clock import SECOND, SystemClock
from device_sim.homes import Household
from tests.support import crowd
from tests.support.browser import DESK, PHONE, ZOOMED, Language, Window, window
from tests.support.processes import wait_until
from tests.support.receiver import Receiver
from tests.support.town import Town, home

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


def households(receiver: Receiver) -> list[Household]:
    return [home("h-1", receiver, name="王秀英"), home("h-2", receiver, name="李国强")]


@pytest.fixture(scope="module")
def incident(town: Town) -> int:
    """Somebody has called for help."""
    with town.watch("h-1") as watch:
        watch.says({"n": "sos", "vb": True, "t": SystemClock().micros() / SECOND})
    return town.incident_of("h-1")


@pytest.fixture
def chen(browser: Browser, town: Town) -> Iterator[Window]:
    """chen is a supervisor, and sees every page."""
    with window(browser, town.api_url) as chen:
        chen.sign_in("chen")
        yield chen


def pages(one: Window, town: Town, incident: int) -> list[str]:
    """Where the navigation leads, and the pages that are reached from others."""
    links = one.page.get_by_role("navigation").get_by_role("link")
    addresses = [link.get_attribute("href") or "" for link in links.all()]
    [(resident,)] = town.rows("SELECT resident_id FROM incident WHERE id = %s", incident)
    others = ["/rota?tab=people", "/channels", "/no-such-page"]
    return [*addresses, f"/incidents/{incident}", f"/residents/{resident}", *others]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_has_a_barrier_and_none_is_wider_than_its_screen(
    browser: Browser, town: Town, incident: int, language: Language
) -> None:
    with window(browser, town.api_url, language=language) as chen:
        chen.sign_in("chen")
        found = pages(chen, town, incident)
        assert len(found) >= 5
        wrong: list[str] = []
        for address in found:
            chen.page.set_viewport_size(DESK)
            chen.opens(address)
            wrong += chen.barriers()
            for screen in (ZOOMED, PHONE):
                chen.page.set_viewport_size(screen)
                wrong += chen.too_wide()
            chen.page.emulate_media(color_scheme="dark")
            wrong += chen.barriers()
            chen.page.emulate_media(color_scheme="light")
        assert wrong == [], "\n".join(wrong)


def test_on_a_telephone_everything_is_reached_by_its_menu(browser: Browser, town: Town, incident: int) -> None:
    with window(browser, town.api_url, viewport=PHONE) as lan:
        lan.sign_in("lan")
        lan.has_no_barrier()
        expect(lan.row("王秀英")).to_be_visible()
        lan.button("navigation").click()
        lan.page.get_by_role("navigation").get_by_role("link", name=lan.say("devices-title")).click()
        expect(lan.page.get_by_role("heading", level=1)).to_have_text(lan.say("devices-title"))
        lan.fits()


def test_a_message_about_a_storm_opens_what_it_is_about(browser: Browser, town: Town) -> None:
    with ThreadPoolExecutor(1) as pool:
        # Not here: Playwright has this thread's event loop.
        raised = pool.submit(lambda: asyncio.run(crowd.raise_incidents(town.url, 12, crowd.SILENT, "silent"))).result()
    with window(browser, town.api_url, language="en") as chen:
        chen.sign_in("chen")
        wait_until(lambda: town.rows("SELECT FROM storm WHERE told_at IS NOT NULL") != [], "the dispatcher has told it")
        [(storm,)] = town.rows("SELECT DISTINCT storm_id FROM incident WHERE id = ANY(%s)", raised)
        chen.opens(f"/devices?storm={storm}")
        opened = chen.page.locator("details[open]")
        expect(opened.get_by_role("row")).to_have_count(1 + len(raised))
        expect(opened.locator("summary")).to_be_focused()
        chen.has_no_barrier()
        # Its incidents lead there too; without being asked for it is closed.
        chen.opens(f"/incidents/{raised[0]}")
        chen.page.get_by_role("link", name="One of 12 with one cause").click()
        expect(opened).to_have_count(1)
        chen.opens("/devices")
        expect(chen.page.get_by_text("12 with one cause, 北山街道")).to_be_visible()
        expect(opened).to_have_count(0)


def test_the_language_is_switched_at_once_and_stays(chen: Window, town: Town, incident: int) -> None:
    expect(chen.page.get_by_role("heading", level=1)).to_have_text(chen.say("queue-title"))
    expect(chen.row("王秀英")).to_contain_text(chen.say("kind-sos"))
    chen.speaks("en")
    expect(chen.page.get_by_role("heading", level=1)).to_have_text("Queue")
    expect(chen.row("王秀英")).to_contain_text(chen.say("kind-sos"))
    expect(chen.page.locator("html")).to_have_attribute("lang", "en")
    chen.page.reload()
    expect(chen.page.get_by_role("heading", level=1)).to_have_text("Queue")
    expect(chen.page).to_have_title(f"Queue · {chen.say('name')}")
    chen.speaks("zh-CN")
    expect(chen.page.get_by_role("heading", level=1)).to_have_text(chen.say("queue-title"))


def test_the_keys_are_shown_and_lead_everywhere(chen: Window, town: Town, incident: int) -> None:
    chen.presses("?")
    shown = chen.page.get_by_role("dialog", name=chen.say("keys-title"))
    expect(shown).to_be_visible()
    chen.has_no_barrier()
    chen.presses("Escape")
    expect(shown).to_have_count(0)
    for key, address in (("d", "/devices"), ("q", "/")):
        chen.presses("g", key)
        expect(chen.page).to_have_url(f"{town.api_url}{address}")
