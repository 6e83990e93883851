"""One incident from its first second to its end, on the screens of those who deal with it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from core.care import CarePlan
from core.clock import SECOND, SystemClock
from device_sim.homes import Household
from tests.support.browser import PHONE, Window, window
from tests.support.receiver import Receiver
from tests.support.town import Town, generated_fall, home

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]


def households(receiver: Receiver) -> list[Household]:
    """One for each story."""
    return [
        home("h-keys", receiver, name="王秀英"),
        home("h-family", receiver, family=("en", "zh-CN"), name="李国强"),
        home("h-refused", receiver, family=("zh-CN", "zh-CN"), name="张桂兰"),
        home("h-fall", receiver, name="赵玉梅", plan=CarePlan(fall_countdown=1)),
    ]


@pytest.fixture
def lan(browser: Browser, town: Town) -> Iterator[Window]:
    """lan before the queue."""
    with window(browser, town.api_url) as lan:
        lan.sign_in("lan")
        yield lan


def call_for_help(town: Town, household: str) -> int:
    """The button is pressed. The incident."""
    with town.watch(household) as watch:
        watch.says({"n": "sos", "vb": True, "t": SystemClock().micros() / SECOND})
    return town.incident_of(household)


def test_an_incident_from_claim_to_closure_by_keyboard_alone(town: Town, lan: Window) -> None:
    incident = call_for_help(town, "h-keys")
    expect(lan.row("王秀英")).to_be_visible()
    lan.presses("j", "c")
    expect(lan.page).to_have_url(f"{town.api_url}/incidents/{incident}")
    expect(lan.page.get_by_role("heading", level=1)).to_contain_text("王秀英")
    expect(lan.action("keep")).to_be_visible()

    # p leads to the call list, whose results are buttons.
    lan.presses("p")
    reached = lan.page.get_by_role("group", name=lan.say("calls-outcome", name="王秀英"))
    lan.tabs_to(reached.get_by_role("button", name=lan.say("call-answered")))
    lan.presses("Enter")
    expect(lan.timeline().filter(has_text=lan.say("event-contact", called=lan.say("called-resident")))).to_be_visible()

    lan.presses("s")
    sending = lan.page.get_by_role("dialog", name=lan.say("dispatch-title", name="王秀英"))
    expect(sending.get_by_role("button", name=lan.say("resource-ambulance"))).to_be_focused()
    lan.has_no_barrier()
    lan.presses("Enter")
    lan.tabs_to(sending.get_by_role("button", name=lan.say("action-dispatch"), exact=True))
    lan.presses("Enter")
    expect(sending).to_have_count(0)
    lan.presses("a")
    expect(lan.page.get_by_text(lan.say("event-arrive")).first).to_be_visible()

    lan.presses("x")
    closing = lan.page.get_by_role("dialog", name=lan.say("close-title", name="王秀英"))
    expect(closing.get_by_role("radio", name=lan.say("closure-responder_attended"))).to_be_focused()
    lan.has_no_barrier()
    # The fourth of the codes, chosen as radio buttons are.
    lan.presses("ArrowDown", "ArrowDown", "ArrowDown")
    lan.tabs_to(closing.get_by_role("textbox"))
    lan.page.keyboard.type("送往医院")
    lan.tabs_to(closing.get_by_role("button", name=lan.say("action-close"), exact=True))
    lan.presses("Enter")
    expect(closing).to_have_count(0)
    expect(lan.page.get_by_role("banner").or_(lan.page.get_by_role("main"))).to_contain_text(
        [lan.say("closure-ambulance")]
    )
    lan.has_no_barrier()

    with town.user("lan") as said:
        detail = said.sees(incident)
    happened = [e["event"] for e in detail["events"] if e["actor"].startswith("user:")]
    assert happened == ["claim", "contact", "dispatch", "arrive", "close"]
    assert (detail["closure_code"], detail["closure_note"]) == ("ambulance", "送往医院")

    lan.presses("b")
    expect(lan.rows().filter(has_text="王秀英")).to_have_count(0)


def test_the_family_answers_on_a_telephone_and_the_responder_sees_it_at_once(
    browser: Browser, town: Town, lan: Window
) -> None:
    incident = call_for_help(town, "h-family")
    link = town.receiver.next("h-family-1")["link"]
    lan.page.goto(f"/incidents/{incident}")
    with window(browser, town.api_url, language="en", viewport=PHONE) as daughter:
        daughter.page.goto(link)
        expect(daughter.page.get_by_role("heading", level=1)).to_contain_text("李国强")
        expect(daughter.page.get_by_text("曙光路12号")).to_be_visible()
        daughter.fits()
        daughter.has_no_barrier()
        # Who has it in hand.
        expect(daughter.page.get_by_text(daughter.say("family-waiting"))).to_be_visible()
        lan.action("claim").click()
        expect(lan.action("keep")).to_be_visible()
        daughter.page.reload()
        expect(daughter.page.get_by_text("兰")).to_be_visible()

        for answer, told in (
            ("family-on-my-way", "answer-on_my_way"),
            ("family-reached", "answer-reached"),
            ("family-false-alarm", "answer-false_alarm"),
        ):
            daughter.page.get_by_role("button", name=daughter.say(answer)).click()
            expect(daughter.page.get_by_role("status").filter(has_text=daughter.say(answer))).to_be_visible()
            daughter.has_no_barrier()
            expect(lan.timeline().filter(has_text=lan.say("event-confirm", answer=lan.say(told)))).to_be_visible()

        # Nothing beyond the one incident: the link signs nobody in.
        daughter.page.goto("/")
        expect(daughter.button("sign-in")).to_be_visible()


def test_a_refused_message_and_a_contact_without_a_channel_are_on_the_screen(town: Town, lan: Window) -> None:
    town.receiver.refuse("h-refused-1")
    town.execute(
        "DELETE FROM channel WHERE contact_id = (SELECT contact.id FROM contact"
        " JOIN resident ON resident.id = resident_id JOIN household ON household.id = household_id"
        " WHERE household.code = 'h-refused' AND call_order = 2)"
    )
    incident = call_for_help(town, "h-refused")
    lan.page.goto(f"/incidents/{incident}")
    # The first of the family refuses for good, and has no other channel; nobody is left to think that they know.
    refused = lan.say("told-failed", time="", error="").split("：")[0].strip()
    expect(lan.told().filter(has_text="亲人1")).to_contain_text(refused)
    said = lan.say("event-unreachable", who="亲人1", reason="none")
    expect(lan.timeline().filter(has_text=said).first).to_be_visible()
    # Who has no channel is named where the responder calls from, and in their own page.
    lan.page.get_by_role("link", name="张桂兰").click()
    expect(lan.page.get_by_text(lan.say("channels-none"))).to_be_visible()
    lan.has_no_barrier()


def test_a_fall_shows_its_acceleration(town: Town, lan: Window) -> None:
    with town.watch("h-fall") as watch:
        watch.sends(generated_fall("h-fall", 7))
    incident = town.incident_of("h-fall")
    lan.page.goto(f"/incidents/{incident}")
    expect(lan.page.get_by_role("heading", name=lan.say("clip-title"))).to_be_visible()
    expect(lan.page.get_by_text(lan.say("clip-legend"))).to_be_visible()
    lan.has_no_barrier()
