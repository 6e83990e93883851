from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.messages import write
from alerts.planning import ENDED, RENOTIFY
from core import wording
from core.findings import Kind, Queue, Severity
from storage.deliveries import Outgoing
from tests.support.alarm_world import NOON

LINK = "https://kanhu.example/confirm/abc"
OUTGOING = Outgoing(
    id=1,
    incident_id=7,
    contact_id=3,
    user_id=None,
    channel_id=5,
    step=0,
    state="queued",
    copies=1,
    channel_kind="log",
    channel_address="daughter",
    channel_secret=None,
    language="zh-CN",
    incident_state="open",
    queue="emergency",
    kind="fall",
    severity=4,
    event_time=NOON,
    raised_at=NOON,
    closure_code=None,
    resident_name="王秀兰",
    care_plan={},
    home_address="武林路 5 号",
    area_name="西湖街道",
)


def test_a_contact_reads_who_what_where_when_and_the_link_in_their_language() -> None:
    assert write(OUTGOING, LINK, NOON) == (
        "跌倒：王秀兰",
        f"跌倒：王秀兰，武林路 5 号，12:00。 请点击确认您正在处理：{LINK}",
    )
    assert write(replace(OUTGOING, language="en"), LINK, NOON) == (
        "Fall: 王秀兰",
        f"Fall: 王秀兰, 武林路 5 号, at 12:00. Tap to confirm that you are on it: {LINK}",
    )


def test_a_responder_is_led_to_the_incident() -> None:
    text = write(replace(OUTGOING, contact_id=None, user_id=1, language="en"), LINK, NOON)[1]
    assert text.endswith(f"Open: {LINK}")


def test_a_late_call_says_how_late_it_is() -> None:
    late = replace(OUTGOING, language="en", raised_at=NOON + timedelta(minutes=61))
    assert "Reported 61 minutes late." in write(late, LINK, late.raised_at)[1]
    assert "late" not in write(replace(late, raised_at=NOON + timedelta(seconds=90)), LINK, NOON)[1]


def test_another_day_is_said() -> None:
    assert "2026-10-01 12:00" in write(OUTGOING, LINK, NOON + timedelta(days=1))[1]


def test_a_home_without_an_address_is_named_by_its_area() -> None:
    assert "西湖街道" in write(replace(OUTGOING, home_address=""), LINK, NOON)[1]


def test_the_family_hears_how_it_ended() -> None:
    ended = replace(OUTGOING, step=ENDED, language="en", incident_state="closed", closure_code="reassured")
    assert write(ended, LINK, NOON) == ("Over: 王秀兰", "Fall, 王秀兰, 12:00: spoken to, all is well.")


def test_the_holder_hears_that_the_wearer_called_again() -> None:
    again = replace(OUTGOING, contact_id=None, user_id=1, step=RENOTIFY, language="en")
    assert write(again, LINK, NOON)[0] == "Called for help again: 王秀兰"


def test_a_plan_that_cannot_be_read_does_not_keep_a_message_back() -> None:
    for broken in ({"timezone": "Mars/Olympus"}, {"quiet_start": "late"}, {"limits": 7}):
        assert "12:00" in write(replace(OUTGOING, care_plan=broken), LINK, NOON)[1]


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_fits_into_a_text_message(language: str, kind: Kind) -> None:
    text = write(replace(OUTGOING, language=language, kind=kind.value), LINK, NOON)[1]
    assert len(text) <= 140


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_queues_and_severities_are_worded(language: str) -> None:
    for name in [*(f"queue-{q.value}" for q in Queue), *(f"severity-{int(s)}" for s in Severity)]:
        assert wording.has(name, language)
