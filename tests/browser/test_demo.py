"""A newcomer's first minutes: `kanhu demo --keep`, and then the console, with nothing but what the terminal says."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.support import evening
from tests.support.browser import DESK, Language, Window, picture, window
from tests.support.processes import wait_until

pytestmark = pytest.mark.timeout(900)

_LAST_LINES = r"database +(\S+)\s+.*console in a browser: (\S+)\s+Sign in: (\S+), password (\S+)\s*$"
# Until the demonstration's two hours are over and it goes on at real speed.
_UNTIL_KEPT_S = 500
# Ctrl-C, and everything has ended.
_ENDS_WITHIN_S = 30


@dataclass
class Demo:
    """What the terminal said at its end."""

    process: subprocess.Popen[bytes]
    said: Path
    database: str
    url: str
    name: str
    password: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    said = tmp_path_factory.mktemp("demo") / "terminal.txt"
    command = [sys.executable, "-m", "cli.main", "demo", "--keep", "--language", "en", "--households", "25"]
    with said.open("wb") as terminal:
        process = subprocess.Popen(command, stdout=terminal, stderr=terminal, env={**os.environ, "COLUMNS": "120"})
    try:
        found: list[re.Match[str]] = []

        def ready() -> bool:
            text = said.read_text(encoding="utf-8", errors="replace")
            assert process.poll() is None, text[-3000:]
            found[:] = re.finditer(
                r"database +(\S+)\s+.*console in a browser: (\S+)\s+Sign in: (\S+), password (\S+)\s*$", text
            )
            return found != []

        wait_until(ready, "the demonstration goes on at real speed", _UNTIL_KEPT_S, every=0.5)
        database, url, name, password = found[0].groups()
        yield Demo(process, said, database, url.rstrip("/"), name, password)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(_ENDS_WITHIN_S * 3)


@pytest.mark.screenshots
def test_pictures_of_the_console(browser: Browser, demo: Demo) -> None:
    now = datetime.fromisoformat(httpx.get(f"{demo.url}/api/v1/console").json()["now"])
    with ThreadPoolExecutor(1) as pool:
        # Not here: Playwright has this thread's event loop.
        pool.submit(lambda: asyncio.run(evening.furnish(demo.database, demo.name, now))).result()
    suffixes: dict[Language, str] = {"zh-CN": "", "en": "-en"}
    for language, suffix in suffixes.items():
        with window(browser, demo.url, language=language) as desk:
            desk.sign_in(demo.name, demo.password)
            for kind in ("kind-sos", "kind-smoke", "kind-fall"):
                expect(of_kind(desk, kind)).to_be_visible(timeout=180_000)
            # Its countdown is over.
            expect(of_kind(desk, "kind-fall")).not_to_contain_text(desk.say("state-pending"), timeout=60_000)
            if language == "zh-CN":
                works_on_them(desk)
            desk.opens("/")
            desk.is_live()
            picture(desk, f"queue{suffix}")
            of_kind(desk, "kind-fall").get_by_role("link").click()
            expect(desk.page.get_by_role("heading", name=desk.say("clip-title"))).to_be_visible()
            expect(desk.page.get_by_label(desk.say("loading"), exact=True)).to_have_count(0)
            desk.page.set_viewport_size({"width": 1440, "height": 1300})
            picture(desk, f"incident{suffix}")
            desk.page.set_viewport_size(DESK)
            desk.opens("/board")
            picture(desk, f"board{suffix}")


def of_kind(desk: Window, kind: str) -> Locator:
    """The first line of the queue about such a thing."""
    return desk.rows().filter(has_text=desk.say(kind)).first


def works_on_them(desk: Window) -> None:
    """The call for help and the fall are claimed; whoever fell does not answer, and the ambulance is sent."""
    for kind in ("kind-sos", "kind-fall"):
        desk.opens("/")
        of_kind(desk, kind).get_by_role("button").click()
        expect(desk.action("keep")).to_be_visible()
    desk.page.get_by_role("button", name=desk.say("call-no_answer")).first.click()
    expect(desk.timeline().filter(has_text=desk.say("call-no_answer"))).to_be_visible()
    desk.action("dispatch").click()
    sending = desk.page.get_by_role("dialog")
    sending.get_by_role("button", name=desk.say("resource-ambulance")).click()
    sending.get_by_role("button", name=desk.say("action-dispatch"), exact=True).click()
    expect(sending).to_have_count(0)


@pytest.mark.demo
def test_a_newcomer_sees_incidents_coming_in_claims_one_and_closes_it(browser: Browser, demo: Demo) -> None:
    with window(browser, demo.url, language="en") as newcomer:
        newcomer.sign_in(demo.name, demo.password)
        # Something comes in, and says so by itself.
        newcomer.page.get_by_role("alert").get_by_role("link", name=newcomer.say("attention-open")).click(
            timeout=400_000
        )
        newcomer.action("claim").click()
        expect(newcomer.action("keep")).to_be_visible()
        newcomer.action("close").click()
        closing = newcomer.page.get_by_role("dialog")
        closing.get_by_role("radio", name=newcomer.say("closure-reassured")).check()
        closing.get_by_role("button", name=newcomer.say("action-close"), exact=True).click()
        expect(closing).to_have_count(0)
        expect(newcomer.page.get_by_text(newcomer.say("closure-reassured")).first).to_be_visible()
        closed = newcomer.page.url.rpartition("/")[2]
        newcomer.presses("b")
        expect(newcomer.page.get_by_role("heading", level=1)).to_have_text(newcomer.say("queue-title"))
        expect(newcomer.page.locator(f"main a[href='/incidents/{closed}']")).to_have_count(0)


@pytest.mark.demo
def test_ctrl_c_ends_it_soon_with_the_console_open(
    browser: Browser, demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    with window(browser, demo.url, language="en") as newcomer:
        newcomer.sign_in(demo.name, demo.password)
        began = time.monotonic()
        demo.process.send_signal(signal.SIGINT)
        ended_with = demo.process.wait(_ENDS_WITHIN_S)
        took = time.monotonic() - began
        expect(newcomer.page.get_by_text(newcomer.say("connection-lost-title"))).to_be_visible()
        newcomer.forgives("Failed to load resource")
    with capsys.disabled():
        print(f"\n  from Ctrl-C to the end: {took:.1f} s")
    assert ended_with == 130
