"""A real browser, Debian's Chromium, and people who sit before it: they find what is on the screen by its role and
name, as somebody does who sees it or has it read to them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from fluent.runtime import FluentBundle, FluentResource
from playwright.sync_api import Browser, Locator, Page, Playwright, ViewportSize, expect, sync_playwright

from api.console import BUILT
from tests.support.servers import give_up
from tests.support.town import PASSWORD

Language = Literal["zh-CN", "en"]

PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}
# 200 % on a screen of 1280 × 800: the page has half as many CSS pixels.
ZOOMED: ViewportSize = {"width": 640, "height": 400}

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PATIENCE_MS = 30_000
_ROOT = Path(__file__).parents[2]


@contextmanager
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser of its own, with a fresh profile. The test is given up where there is no Chromium or no console."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        give_up("there is no Chromium (Debian: apt-get install chromium; CHROMIUM=… names another program)")
    if not (BUILT / "index.html").exists():
        give_up("the console is not built (make console)")
    expect.set_options(timeout=_PATIENCE_MS)
    with playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS)) as launched:
        yield launched


@contextmanager
def one_more_browser() -> Iterator[Browser]:
    """A browser for a thread of its own: Playwright's objects belong to the thread that made them."""
    with sync_playwright() as playwright, browser(playwright) as launched:
        yield launched


@contextmanager
def window(
    launched: Browser, url: str, *, language: Language = "zh-CN", viewport: ViewportSize = DESK
) -> Iterator["Window"]:
    """A window that knows nothing of any other. What its page throws, or logs as an error, fails the test."""
    context = launched.new_context(
        base_url=url,
        locale=language,
        timezone_id="Asia/Shanghai",
        viewport=viewport,
        reduced_motion="reduce",
    )
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"thrown: {error}"))
    page.on("console", lambda said: wrong.append(f"said: {said.text}") if said.type == "error" else None)
    try:
        yield Window(page, language, wrong)
    finally:
        context.close()
    assert wrong == [], "\n".join(wrong)


@dataclass
class Window:
    """What one person sees. wrong: what the page threw or logged as an error."""

    page: Page
    language: Language
    wrong: list[str]

    def say(self, name: str, /, **arguments: str | float) -> str:
        """The console's own words, in the language of the window."""
        return say(name, self.language, **arguments)

    def button(self, name: str, /, **arguments: str | float) -> Locator:
        """The button that is called so, by the name of the message."""
        return self.page.get_by_role("button", name=self.say(name, **arguments), exact=True)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """As a person does, in the window's language; ends when the queue is live."""
        self.page.goto("/")
        self.signs_in_again(name, password)

    def signs_in_again(self, name: str, password: str = PASSWORD) -> None:
        """On the page that asks for it."""
        self.page.get_by_label(self.say("sign-in-name"), exact=True).fill(name)
        self.page.get_by_label(self.say("sign-in-password"), exact=True).fill(password)
        self.button("sign-in").click()
        expect(self.page.get_by_role("banner")).to_be_visible()
        if self.page.locator("html").get_attribute("lang") != self.language:
            # It speaks the user's own until they choose.
            self.speaks(self.language)
        self.is_live()

    def is_live(self) -> None:
        """Waits until the page says that it is live."""
        expect(self.page.get_by_role("status").filter(has_text=self.say("connection-live"))).to_be_visible()

    def opens(self, address: str) -> None:
        """A page by its address; ends when everything that it loads is there."""
        self.page.goto(address)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        loading = self.say("loading")
        expect(self.page.get_by_label(loading, exact=True)).to_have_count(0)
        expect(self.page.get_by_text(loading, exact=True)).to_have_count(0)
        self.page.wait_for_function("() => document.fonts.status === 'loaded'")

    def speaks(self, language: Language) -> None:
        """Chosen with the switch in the head of the page."""
        # The switch is named in the language that it is about to leave.
        switch = self.page.get_by_role(
            "radiogroup", name=re.compile(f"^({say('language', 'en')}|{say('language', 'zh-CN')})$")
        )
        switch.get_by_text({"zh-CN": "中文", "en": "English"}[language], exact=True).click()
        self.language = language
        expect(self.page.locator("html")).to_have_attribute("lang", language)

    def rows(self) -> Locator:
        """The lines of the queue that are drawn."""
        return self.page.get_by_role("list", name=self.say("queue-title")).get_by_role("listitem")

    def row(self, resident: str) -> Locator:
        """The line of the queue about a resident."""
        return self.rows().filter(has_text=resident)

    def action(self, name: str) -> Locator:
        """What can be done with the incident whose page is open."""
        offered = self.page.get_by_role("toolbar", name=self.say("actions-title"))
        return offered.get_by_role("button", name=self.say(f"action-{name}"))

    def timeline(self) -> Locator:
        """The lines of what happened to the incident."""
        return self._section("timeline-title").get_by_role("listitem")

    def told(self) -> Locator:
        """The lines of who was told of the incident."""
        return self._section("messages-title").get_by_role("listitem")

    def _section(self, title: str) -> Locator:
        return self.page.get_by_role("region", name=self.say(title))

    def tabs_to(self, wanted: Locator, most: int = 60) -> None:
        """The tab key, until that has the focus. Fails where it can't be reached."""
        for _ in range(most):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{wanted} can't be reached by {most} presses of the tab key")

    def presses(self, *keys: str) -> None:
        """Keys, one after another, as on a keyboard."""
        for key in keys:
            self.page.keyboard.press(key)

    def forgives(self, text: str) -> None:
        """What was logged as an error with this in it was to be expected: browsers log requests that are refused."""
        self.wrong[:] = [line for line in self.wrong if text not in line]

    def barriers(self) -> list[str]:
        """What axe finds that is serious or critical on the page as it is."""
        # Colours and widths that are still on their way are nobody's.
        self.page.evaluate(_SETTLED)
        return [
            f"{self.page.url}: {violation['impact']}: {violation['help']} ({violation['id']})\n"
            + "\n".join(f"    {node['html']}\n    {node['failureSummary']}" for node in violation["nodes"][:3])
            for violation in Axe().run(self.page).response["violations"]
            if violation["impact"] in ("serious", "critical")
        ]

    def has_no_barrier(self) -> None:
        """axe finds nothing serious or critical on the page as it is."""
        found = self.barriers()
        assert found == [], "\n".join(found)

    def too_wide(self) -> list[str]:
        """What makes the page wider than its window."""
        self.page.evaluate(_SETTLED)
        return [f"{self.page.url}: {what}" for what in self.page.evaluate(_WIDER)]

    def fits(self) -> None:
        """Nothing has to be scrolled sideways."""
        found = self.too_wide()
        assert found == [], "\n".join(found)


_SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const moving = () => document.getAnimations()
    .filter(one => one.playState === "running" && one.effect.getComputedTiming().endTime !== Infinity);
  // The page hears of a new width or scheme first, then it draws, then things begin to move.
  for (let calm = 0; calm < 3; calm++) {
    await frame();
    for (let some = moving(); some.length > 0; some = moving()) {
      await Promise.all(some.map(one => one.finished.catch(() => undefined)));
      calm = 0;
    }
  }
}"""

# What ends to the right of the window, unless it is in something that scrolls by itself.
_WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > width + 1)
    .map(one => `${one.outerHTML.slice(0, 150)} to ${Math.round(one.getBoundingClientRect().right)} of ${width}`)
    .slice(0, 5);
}"""


def picture(of: Window, name: str) -> None:
    """A picture for the documentation: docs/images/{name}.png. Given up where no font has 中文."""
    if shutil.which("fc-list") is None or not subprocess.run(["fc-list", ":lang=zh"], capture_output=True).stdout:
        give_up("no font here has 中文 (Debian: apt-get install fontconfig fonts-noto-cjk)")
    of.page.evaluate(_SETTLED)
    # Where the mouse is, nothing is to be lit up.
    of.page.mouse.move(0, 0)
    file = _ROOT / "docs" / "images" / f"{name}.png"
    of.page.screenshot(path=file, animations="disabled")
    assert file.stat().st_size < 300_000, file


def say(name: str, language: Language, /, **arguments: str | float) -> str:
    """The console's own words."""
    bundle = _bundle(language)
    message = bundle.get_message(name)
    assert message.value is not None, name
    said, errors = bundle.format_pattern(message.value, arguments)
    assert errors == [], errors
    return str(said)


@cache
def _bundle(language: Language) -> Any:
    bundle = FluentBundle([language], use_isolating=False)
    files = sorted((_ROOT / "console" / "src" / "wording" / language).glob("*.ftl"))
    core = _ROOT / "core" / "wording" / language
    # Those that the console shares, and the family's page.
    for file in [*files, *(core / f"{name}.ftl" for name in ("alerts", "closure", "incident_work", "family_page"))]:
        bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle
