"""The pictures of the family's page."""

from typing import cast

import pytest
from playwright.sync_api import Browser, expect

from core.care import CarePlan
from device_sim.homes import Household
from tests.support.browser import Language, picture, window
from tests.support.receiver import Receiver
from tests.support.town import Town, generated_fall, home

pytestmark = [pytest.mark.servers, pytest.mark.screenshots, pytest.mark.timeout(300)]

_SPOKEN = {"h-zh": "zh-CN", "h-en": "en"}


def households(receiver: Receiver) -> list[Household]:
    plan = CarePlan(fall_countdown=1)
    return [home(code, receiver, family=(spoken,), plan=plan, name="王秀英") for code, spoken in _SPOKEN.items()]


@pytest.mark.parametrize("household", _SPOKEN)
def test_picture_of_the_familys_page(browser: Browser, town: Town, household: str) -> None:
    spoken = cast(Language, _SPOKEN[household])
    with town.watch(household) as watch:
        watch.sends(generated_fall(household, 7))
    told = town.receiver.next(f"{household}-1")
    with town.user("lan") as lan:
        lan.does(told["incident"], "claim")
    with window(browser, town.api_url, language=spoken, viewport={"width": 390, "height": 844}) as phone:
        phone.page.goto(told["link"])
        phone.page.get_by_role("button", name=phone.say("family-on-my-way")).click()
        expect(phone.page.get_by_role("status").first).to_be_visible()
        picture(phone, "family" if spoken == "zh-CN" else "family-en")
