"""How the people of the centre are reached: each changes their own channels, a supervisor those of their areas."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from device_sim.homes import Household
from tests.support.browser import PHONE, Language, Window, window
from tests.support.receiver import Receiver
from tests.support.town import Town, home

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

_SECRET = "twenty-four characters or more"


def households(receiver: Receiver) -> list[Household]:
    return [home("h-1", receiver)]


def channels_of(town: Town, name: str) -> list[tuple[str, str, int]]:
    """Kind, address and place of somebody's channels in use, in the order they are tried."""
    return town.rows(
        "SELECT kind::text, address, call_order FROM channel JOIN app_user ON app_user.id = user_id"
        " WHERE name = %s AND failed_at IS NULL ORDER BY call_order, channel.id",
        name,
    )


def adds(one: Window, person: str, kind: str, address: str) -> Locator:
    """The dialog, filled in and sent."""
    one.button("channel-add-title", name=person).click()
    dialog = one.page.get_by_role("dialog", name=one.say("channel-add-title", name=person))
    dialog.get_by_label(one.say("channel-kind"), exact=True).select_option(kind)
    dialog.get_by_label(one.say(f"channel-address-{kind}")).fill(address)
    dialog.get_by_role("button", name=one.say("channel-add"), exact=True).click()
    return dialog


@pytest.mark.parametrize(("language", "name"), [("zh-CN", "crew0"), ("en", "crew1")])
def test_who_has_no_channel_sees_it_and_adds_and_removes_their_own_by_keyboard_on_a_telephone(
    browser: Browser, town: Town, language: Language, name: str
) -> None:
    person = name.title()
    with window(browser, town.api_url, language=language, viewport={"width": 1280, "height": 800}) as crew:
        crew.sign_in(name)
        crew.page.set_viewport_size(PHONE)
        menu = crew.page.get_by_role("button", name=crew.say("my-channels-unreachable"))
        crew.tabs_to(menu)
        crew.presses("Enter")
        item = crew.page.get_by_role("menuitem", name=crew.say("my-channels-title"))
        crew.has_no_barrier()
        for _ in range(4):
            if item.evaluate("one => one === document.activeElement"):
                break
            crew.presses("ArrowDown")
        crew.presses("Enter")
        expect(crew.page.get_by_role("heading", level=1)).to_have_text(crew.say("my-channels-title"))
        expect(crew.page.get_by_text(crew.say("channels-none"))).to_be_visible()
        crew.fits()
        crew.has_no_barrier()

        crew.tabs_to(crew.button("channel-add-title", name=person))
        crew.presses("Enter")
        dialog = crew.page.get_by_role("dialog", name=crew.say("channel-add-title", name=person))
        expect(dialog.get_by_label(crew.say("channel-kind"), exact=True)).to_be_focused()
        address = dialog.get_by_label(crew.say("channel-address-sms"))
        crew.tabs_to(address)
        crew.page.keyboard.type("call me")
        crew.presses("Enter")
        # What the API says is wrong is said beside the field, which has the focus again.
        expect(address).to_have_accessible_description(crew.say("channel-wrong-sms"))
        expect(address).to_be_focused()
        crew.forgives("422")
        crew.fits()
        crew.has_no_barrier()
        address.fill("+86 100 0000 0101")
        crew.presses("Enter")
        expect(dialog).to_have_count(0)
        expect(crew.page.get_by_role("main").get_by_text(crew.say("channel-kind-sms"))).to_be_visible()
        expect(crew.page.get_by_text(crew.say("channels-none"))).to_have_count(0)
        expect(crew.page.get_by_role("button", name=crew.say("my-channels-unreachable"))).to_have_count(0)
        assert channels_of(town, name) == [("sms", "+8610000000101", 1)]

        called = f"1. {crew.say('channel-kind-sms')}"
        crew.tabs_to(crew.button("channel-remove-title", channel=called, name=person))
        crew.presses("Enter")
        sure = crew.page.get_by_role("dialog")
        expect(sure).to_contain_text(crew.say("channel-remove-last", name=person))
        # The way back comes first.
        expect(sure.get_by_role("button", name=crew.say("cancel"), exact=True)).to_be_focused()
        crew.tabs_to(sure.get_by_role("button", name=crew.say("remove"), exact=True))
        crew.presses("Enter")
        expect(crew.page.get_by_text(crew.say("channels-none"))).to_be_visible()
        assert channels_of(town, name) == []


def test_a_supervisor_finds_who_can_not_be_reached_and_gives_them_channels_in_an_order(
    browser: Browser, town: Town
) -> None:
    with window(browser, town.api_url) as chen:
        chen.sign_in("chen")
        chen.opens("/rota?tab=people")
        # The twenty of the crew; lan and chen are reached.
        expect(chen.page.get_by_text(chen.say("people-unreachable", count=20))).to_be_visible()
        crew2 = chen.page.get_by_role("listitem").filter(has=chen.button("channel-add-title", name="Crew2"))
        expect(crew2).to_contain_text(chen.say("channels-none"))
        chen.has_no_barrier()

        # A webhook without a secret, then with one.
        dialog = adds(chen, "Crew2", "webhook", "https://alarm.example.org/kanhu")
        secret = dialog.get_by_label(chen.say("channel-secret"))
        expect(secret).to_have_accessible_description(chen.say("channel-wrong-secret"))
        chen.forgives("422")
        secret.fill(_SECRET)
        dialog.get_by_role("button", name=chen.say("channel-add"), exact=True).click()
        expect(dialog).to_have_count(0)
        adds(chen, "Crew2", "sms", "+8610000000102")
        expect(crew2.get_by_role("listitem")).to_contain_text(
            [chen.say("channel-kind-webhook"), chen.say("channel-kind-sms")]
        )
        assert channels_of(town, "crew2") == [
            ("webhook", "https://alarm.example.org/kanhu", 1),
            ("sms", "+8610000000102", 2),
        ]
        expect(chen.page.get_by_text(chen.say("people-unreachable", count=19))).to_be_visible()
        chen.page.set_viewport_size(PHONE)
        chen.fits()
        chen.has_no_barrier()

        # With another that works it is only asked about.
        chen.button("channel-remove-title", channel=f"1. {chen.say('channel-kind-webhook')}", name="Crew2").click()
        sure = chen.page.get_by_role("dialog")
        expect(sure).to_contain_text(chen.say("channel-remove-question"))
        sure.get_by_role("button", name=chen.say("remove"), exact=True).click()
        # A list is contained in a longer one: that the other is gone is seen first.
        expect(crew2.get_by_role("listitem")).to_have_count(1)
        expect(crew2.get_by_role("listitem")).to_contain_text([chen.say("channel-kind-sms")])
        assert channels_of(town, "crew2") == [("sms", "+8610000000102", 2)]


def test_a_responder_sees_everybody_and_changes_nobody_but_themselves(browser: Browser, town: Town) -> None:
    with window(browser, town.api_url) as lan:
        lan.sign_in("lan")
        lan.opens("/rota?tab=people")
        expect(lan.page.get_by_role("main").get_by_text("Chen", exact=True)).to_be_visible()
        expect(lan.button("channel-add-title", name="兰")).to_be_visible()
        expect(lan.button("channel-add-title", name="Chen")).to_have_count(0)
        expect(lan.page.get_by_role("main").get_by_role("button", name=lan.say("remove"))).to_have_count(1)
