from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import links, sms_length, storms
from alerts.lifecycle import ClosureCode
from alerts.messages import cut, cut_address, write, write_notice, write_storm
from alerts.planning import ENDED, HANDED, RENOTIFY
from core import wording
from core.findings import Kind, Queue, Severity
from storage.coverage import OpenGap
from storage.deliveries import Outgoing
from storage.storms import StormOutgoing
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
    channel_failed=False,
    person_gone=False,
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
        f"跌倒：王秀兰，武林路 5 号，12:00起。 查看并确认：{LINK}",
    )
    assert write(replace(OUTGOING, language="en"), LINK, NOON) == (
        "Fall: 王秀兰",
        f"Fall: 王秀兰, 武林路 5 号, since 12:00. Confirm: {LINK}",
    )


def test_a_responder_is_led_to_the_incident() -> None:
    text = write(replace(OUTGOING, contact_id=None, user_id=1, language="en"), LINK, NOON)[1]
    assert text.endswith(f"Open: {LINK}")


def test_a_late_call_says_how_late_it_is() -> None:
    late = replace(OUTGOING, language="en", raised_at=NOON + timedelta(minutes=61))
    assert "61 min late." in write(late, LINK, late.raised_at)[1]
    assert " late" not in write(replace(late, raised_at=NOON + timedelta(seconds=90)), LINK, NOON)[1]


def test_another_day_is_said() -> None:
    assert "，10-01 12:00起" in write(OUTGOING, LINK, NOON + timedelta(days=1))[1]
    assert "，2026-10-01 12:00起" in write(OUTGOING, LINK, NOON + timedelta(days=200))[1]


def test_a_home_without_an_address_is_named_by_its_area() -> None:
    assert "西湖街道" in write(replace(OUTGOING, home_address=""), LINK, NOON)[1]


def test_the_family_hears_how_it_ended() -> None:
    ended = replace(OUTGOING, step=ENDED, language="en", incident_state="closed", closure_code="reassured")
    assert write(ended, LINK, NOON) == ("Over: 王秀兰", "Over: Fall, 王秀兰, 12:00: spoken to, all is well.")


def test_the_holder_hears_that_the_wearer_called_again() -> None:
    again = replace(OUTGOING, contact_id=None, user_id=1, step=RENOTIFY, language="en")
    assert write(again, LINK, NOON)[0] == "Called for help again: 王秀兰"


def test_a_plan_that_cannot_be_read_does_not_keep_a_message_back() -> None:
    for broken in (
        {"timezone": "Mars/Olympus"},
        # zoneinfo finds a directory.
        {"timezone": "Asia"},
        {"timezone": "x" * 300},
        {"quiet_start": "late"},
        {"limits": 7},
    ):
        assert "12:00" in write(replace(OUTGOING, care_plan=broken), LINK, NOON)[1]


# What anybody may have typed in: any letters, Chinese or Latin, an emoji, signs that turn the writing around.
_TYPED = st.one_of(
    st.text(max_size=500),
    st.text("王秀兰欧阳震华路号幢单元室 ", max_size=200),
    st.text("abcdefgh ijk-'.{}[]|€", max_size=200),
)
_PUBLIC = st.sampled_from(["https://kanhu.example", "https://kanhu.yanglao-city.cn/ok"])
_STEPS = st.sampled_from([0, RENOTIFY, HANDED, ENDED])


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
@given(
    name=_TYPED.filter(lambda text: text != ""),
    address=_TYPED,
    public=_PUBLIC,
    step=_STEPS,
    late=st.integers(0, 100_000),
    ago=st.integers(0, 100_000),
    family=st.booleans(),
    delivery=st.integers(1, 10**9),
    code=st.sampled_from([None, *ClosureCode]),
)
@settings(max_examples=40, deadline=None)
def test_every_message_fits_into_two_parts_and_says_what_when_and_where_to_go(
    language: str,
    kind: Kind,
    name: str,
    address: str,
    public: str,
    step: int,
    late: int,
    ago: int,
    family: bool,
    delivery: int,
    code: ClosureCode | None,
) -> None:
    assert len(public) <= 32
    # Only users hold an incident.
    family = family and step not in (RENOTIFY, HANDED)
    token = links.sign(delivery, NOON + timedelta(days=1), "0" * 32)
    link = links.confirm_url(public, token) if family else links.incident_url(public, delivery)
    outgoing = replace(
        OUTGOING,
        language=language,
        kind=kind.value,
        resident_name=name,
        home_address=address,
        step=step,
        contact_id=3 if family else None,
        user_id=None if family else 1,
        raised_at=NOON + timedelta(minutes=late),
        closure_code=code,
    )
    title, text = write(outgoing, link, NOON + timedelta(minutes=late + ago))
    assert sms_length.parts(text) <= 2, (sms_length.parts(text), text)
    assert "\n" not in title + text
    if step == ENDED:
        assert link not in text
        assert text.startswith(wording.say("message-ended-title", language, name="")[:3])
    else:
        assert text.endswith(link)
    if step != RENOTIFY:
        assert wording.say(f"kind-{kind}", language) in text
        assert "12:00" in text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("a" * 69 + "中", 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_parts_of_an_sms_are_counted_as_networks_do(text: str, parts: int) -> None:
    assert sms_length.parts(text) == parts


def test_the_end_of_a_chinese_address_finds_the_door_and_the_beginning_of_a_western_one() -> None:
    assert cut_address("浙江省杭州市西湖区武林路5号3幢2单元501室", 12) == "…5号3幢2单元501室"
    assert cut_address("221b Baker Street, Marylebone, London", 16) == "221b Baker Str.."
    assert cut_address("武林路5号", 6) == "武林路5号"
    assert cut("Maximiliane-Theodora", 8) == "Maximi.."
    assert cut("欧阳震华先生的母亲", 4) == "欧阳震…"
    # A letter is not parted from its accent.
    assert cut("ne\u0301e\u0301e\u0301", 4) == "ne\u0301…"


def test_what_is_cut_is_the_place_first_and_the_door_stays() -> None:
    long = replace(
        OUTGOING,
        home_address="浙江省杭州市西湖区北山街道栖霞岭社区曙光路一百二十八号世贸丽晶城欧美中心2幢1单元1804室" * 2,
    )
    text = write(long, links.confirm_url("https://kanhu.example", "x" * 27), NOON)[1]
    assert "跌倒：王秀兰，…" in text
    assert "1804室，12:00起。" in text
    assert sms_length.parts(text) == 2


@pytest.mark.parametrize("language", wording.LANGUAGES)
@given(
    gaps=st.lists(
        st.builds(
            OpenGap,
            id=st.just(1),
            area=st.just("330106"),
            area_name=_TYPED,
            area_path=st.just("/330106/"),
            queue=st.sampled_from(["emergency", "care", "maintenance"]),
            code=st.sampled_from(["nobody_on_shift", "no_channel", "no_staff", "no_supervisor", "contacts_expired"]),
            residents=st.lists(st.integers(1, 9), max_size=300),
            since=st.just(NOON),
            told_at=st.none(),
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_that_nobody_would_answer_fits_too(language: str, gaps: list[OpenGap]) -> None:
    link = links.incident_url("https://kanhu.yanglao-city.cn/ok", 10**9)
    _, text = write_notice(gaps, link, language)
    assert sms_length.parts(text) <= 2, text
    assert text.endswith(link)


def test_signs_that_cannot_be_seen_are_left_out() -> None:
    text = write(replace(OUTGOING, resident_name="王\u202e秀\n兰\u200b"), LINK, NOON)[1]
    assert "跌倒：王 秀 兰，" in text


@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_queues_and_severities_are_worded(language: str) -> None:
    for name in [*(f"queue-{q.value}" for q in Queue), *(f"severity-{int(s)}" for s in Severity)]:
        assert wording.has(name, language)


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("kind", sorted(storms.KINDS))
@given(
    area=_TYPED, public=_PUBLIC, storm=st.integers(1, 10**7), left=st.integers(0, 99_999), days=st.integers(0, 179),
    over=st.booleans(),
)  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_a_message_about_a_storm_fits_and_opens_it(
    language: str, kind: Kind, area: str, public: str, storm: int, left: int, days: int, over: bool
) -> None:
    left = min(left, storms.FEW) if over else left
    outgoing = StormOutgoing(
        id=1,
        storm_id=storm,
        user_id=1,
        channel_id=5,
        step=0,
        state="queued",
        copies=1,
        channel_kind="log",
        channel_address="lan",
        channel_secret=None,
        channel_failed=False,
        person_gone=False,
        language=language,
        kind=kind.value,
        area_name=area,
        since=NOON,
        ended_at=NOON if over else None,
        left=left,
    )
    link = links.storm_url(public, storm)
    _, text = write_storm(outgoing, link, NOON + timedelta(days=days))
    assert sms_length.fits(text)
    assert text.endswith(f"{public}/devices?storm={storm}")
    assert "12:00" in text
