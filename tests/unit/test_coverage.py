"""Whom to tell that nobody would answer, and what the message says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.coverage import ABOUT_RESIDENTS, Code, Notice, notices
from alerts.messages import write_notice
from core import wording
from storage.coverage import OpenGap, Supervisor, Tried
from tests.support.alarm_world import NOON

GAP = OpenGap(1, "street", "武林路", "/city/county/street/", "emergency", "nobody_on_shift", [], NOON, None)
NEAR, ALSO_NEAR = Supervisor(7, "/city/county/", [70, 71]), Supervisor(8, "/city/county/", [80])
ABOVE, ELSEWHERE = Supervisor(9, "/city/", [90]), Supervisor(5, "/city/county2/", [50])
ALL = [NEAR, ALSO_NEAR, ABOVE, ELSEWHERE]


def test_the_supervisors_of_the_nearest_area_that_has_some_hear_of_it_over_their_first_channel() -> None:
    assert notices([GAP], ALL, []) == [Notice(7, 70, (1,)), Notice(8, 80, (1,))]
    assert notices([GAP], [ABOVE, ELSEWHERE], []) == [Notice(9, 90, (1,))]
    assert notices([GAP], [ELSEWHERE], []) == []


def test_all_gaps_of_one_look_are_one_message_to_each() -> None:
    other = replace(GAP, id=2, area_path="/city/county/street2/", queue="care")
    assert notices([GAP, other], ALL, []) == [Notice(7, 70, (1, 2)), Notice(8, 80, (1, 2))]


def test_what_was_told_is_not_told_again_however_long_it_goes_on() -> None:
    assert notices([replace(GAP, told_at=NOON + timedelta(seconds=1))], ALL, []) == []


def test_a_message_that_waits_is_waited_for() -> None:
    assert notices([GAP], ALL, [Tried(1, 70, "queued")]) == []


def test_a_channel_that_failed_just_now_is_passed_over_and_then_the_area_above_hears_of_it() -> None:
    failed = [Tried(1, 70, "failed"), Tried(1, 80, "failed")]
    assert notices([GAP], ALL, failed) == [Notice(7, 71, (1,))]
    assert notices([GAP], ALL, [*failed, Tried(1, 71, "failed")]) == [Notice(9, 90, (1,))]
    # Another gap's failures are its own.
    assert notices([replace(GAP, id=2)], ALL, failed)[0] == Notice(7, 70, (2,))
    everything = [Tried(1, channel, "failed") for channel in (70, 71, 80, 90)]
    assert notices([GAP], ALL, everything) == []


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_every_reason_is_said_in_words(language: str) -> None:
    for code in Code:
        title, text = write_notice(
            [replace(GAP, code=code.value, residents=[3])], "https://kanhu.example/rota", language
        )
        assert "武林路" in title
        assert wording.say(f"gap-{code}", language, count=1) in text
    assert set(Code) > ABOUT_RESIDENTS


def test_a_long_message_says_how_much_more_there_is() -> None:
    gaps = [replace(GAP, id=n, area_name=f"{n} 号街") for n in range(5)] + [
        replace(GAP, id=9, area_name="0 号街", queue="care")
    ]
    _, text = write_notice(gaps, "https://kanhu.example/rota", "en")
    assert text.startswith("0 号街 (Emergency, Care): Nobody is on shift.")
    assert text.endswith("And 4 more. Open: https://kanhu.example/rota")
