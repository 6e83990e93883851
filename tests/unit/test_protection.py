"""Is this person protected now? Case by case, and that each fault counts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.coverage import ABOUT_RESIDENTS
from alerts.coverage import Code as Gap
from alerts.protection import (
    BATTERY_EMPTY,
    BATTERY_LOW,
    TAKEN_OFF,
    TEST_EVERY,
    Answer,
    Code,
    Protected,
    Severity,
    answering,
    judge,
)
from core.wording import LANGUAGES, say
from storage.coverage import OpenGap
from storage.protection import Caller, Resident
from tests.support.alarm_world import NOON

MINUTE = timedelta(minutes=1)
PERSON = Resident(
    resident_id=7,
    resident="王秀英",
    household="h1",
    area="330106",
    area_path="/330106/",
    address="武林路 5 号",
    contacts=2,
    reachable=1,
    expired=0,
    last_test_at=NOON - timedelta(days=3),
    open_incident_id=None,
)
WATCH = Caller(
    resident_id=7,
    device_id=1,
    kind="wearable",
    interval_s=60,
    heard_at=NOON - MINUTE,
    offline_at=None,
    battery=80.0,
    worn=True,
    worn_since=NOON - timedelta(hours=5),
)
CORD = Caller(
    resident_id=7,
    device_id=2,
    kind="sos_button",
    interval_s=0,
    heard_at=None,
    offline_at=None,
    battery=None,
    worn=None,
    worn_since=None,
)
OFF = replace(WATCH, worn=False, worn_since=NOON - TAKEN_OFF)
SILENT = replace(WATCH, heard_at=NOON - timedelta(hours=1, seconds=1))


def answer(*callers: Caller, person: Resident = PERSON, nobody_answers: str = "") -> Answer:
    return judge(person, callers, nobody_answers, NOON)


def not_right(of: Answer) -> dict[str, str]:
    return {reason.code.value: reason.severity.value for reason in of.reasons if not reason.ok}


def test_who_wears_a_watch_that_works_is_protected_and_everything_that_was_looked_at_is_said() -> None:
    found = answer(WATCH)
    assert found.protected is Protected.YES
    assert [reason.code for reason in found.reasons] == list(Code)
    assert not_right(found) == {}


@pytest.mark.parametrize(
    ("callers", "verdict", "reasons"),
    [
        pytest.param((), "no", {"sos_device": "danger"}, id="nothing to call with"),
        pytest.param((OFF,), "no", {"worn": "danger"}, id="the watch lies about"),
        pytest.param((OFF, CORD), "partly", {"worn": "warning"}, id="the watch lies about, there is a cord"),
        pytest.param((SILENT,), "no", {"heard": "danger"}, id="the watch is silent"),
        pytest.param((SILENT, CORD), "partly", {"heard": "warning"}, id="the watch is silent, there is a cord"),
        pytest.param((replace(WATCH, heard_at=NOON - 6 * MINUTE),), "partly", {"heard": "warning"}, id="overdue"),
        pytest.param((replace(WATCH, heard_at=NOON - 5 * MINUTE),), "yes", {}, id="not yet overdue"),
        pytest.param(
            (replace(WATCH, heard_at=None, battery=None, worn=None),),
            "no",
            {"heard": "danger", "worn": "info", "battery": "info"},
            id="never: nothing is known of it",
        ),
        pytest.param((replace(WATCH, offline_at=NOON - 5 * MINUTE),), "no", {"heard": "danger"}, id="gone"),
        pytest.param((replace(WATCH, offline_at=NOON - 4 * MINUTE),), "yes", {}, id="gone for a moment"),
        pytest.param((replace(WATCH, battery=BATTERY_LOW - 1),), "partly", {"battery": "warning"}, id="battery low"),
        pytest.param((replace(WATCH, battery=BATTERY_LOW),), "yes", {}, id="battery not low"),
        pytest.param((replace(WATCH, battery=BATTERY_EMPTY - 1),), "no", {"battery": "danger"}, id="battery ends"),
        pytest.param(
            (OFF, replace(CORD, battery=BATTERY_EMPTY - 1)),
            "no",
            {"worn": "danger", "battery": "danger"},
            id="neither of two works, each for its own reason",
        ),
        pytest.param(
            (replace(OFF, worn_since=NOON - TAKEN_OFF + MINUTE),), "yes", {"worn": "info"}, id="taken off to wash"
        ),
        pytest.param((replace(OFF, worn_since=None),), "no", {"worn": "danger"}, id="off since who knows when"),
        pytest.param(
            (CORD,),
            "yes",
            {"heard": "info", "worn": "info", "battery": "info"},
            id="a cord that speaks only when pressed: what is not known is no fault, and not all right either",
        ),
        pytest.param(
            (replace(WATCH, interval_s=86_400, heard_at=NOON - timedelta(days=1, hours=11)),),
            "yes",
            {},
            id="a daily report",
        ),
        pytest.param(
            (replace(WATCH, interval_s=86_400, heard_at=NOON - timedelta(days=2)),),
            "partly",
            {"heard": "warning"},
            id="a daily report that is overdue",
        ),
    ],
)
def test_what_they_can_call_with(callers: tuple[Caller, ...], verdict: str, reasons: dict[str, str]) -> None:
    found = answer(*callers)
    assert (found.protected.value, not_right(found)) == (verdict, reasons)


@pytest.mark.parametrize(
    ("person", "nobody_answers", "verdict", "reasons"),
    [
        (replace(PERSON, reachable=0), "", "partly", {"contacts": "warning"}),
        (replace(PERSON, contacts=0, reachable=0, expired=2), "", "partly", {"contacts": "warning"}),
        (replace(PERSON, contacts=0, reachable=0), "", "partly", {"contacts": "warning"}),
        (PERSON, "no_staff", "no", {"answered": "danger"}),
        (PERSON, "nobody_on_shift", "partly", {"answered": "warning"}),
        (PERSON, "unwatched", "no", {"answered": "danger"}),
        (replace(PERSON, last_test_at=None), "", "partly", {"test": "warning"}),
        (replace(PERSON, last_test_at=NOON - TEST_EVERY), "", "yes", {}),
        (replace(PERSON, last_test_at=NOON - TEST_EVERY - MINUTE), "", "partly", {"test": "warning"}),
    ],
)
def test_who_would_answer_and_whether_it_was_tried(
    person: Resident, nobody_answers: str, verdict: str, reasons: dict[str, str]
) -> None:
    found = answer(WATCH, person=person, nobody_answers=nobody_answers)
    assert (found.protected.value, not_right(found)) == (verdict, reasons)


def gap(code: Gap, queue: str = "emergency", area: str = "/330106/") -> OpenGap:
    return OpenGap(1, "330106", "西湖街道", area, queue, code.value, [], NOON, None)


def test_who_would_answer_is_what_the_watch_over_the_centre_found() -> None:
    found = answering(
        NOON - timedelta(minutes=5),
        [
            gap(Gap.NOBODY_ON_SHIFT),
            gap(Gap.NO_CHANNEL),
            gap(Gap.NOBODY_ON_SHIFT),
            gap(Gap.NO_STAFF, queue="care", area="/330107/"),
            gap(Gap.CONTACTS_EXPIRED, area="/330107/"),
        ],
        NOON,
    )
    assert [found.why_not(path) for path in ("/330106/", "/330107/")] == ["no_channel", ""]


@pytest.mark.parametrize(("checked_at", "speed"), [(None, 1.0), (NOON - 6 * MINUTE, 1.0), (NOON - 6 * MINUTE, 0.5)])
def test_where_nobody_looks_any_more_nobody_is_told_either(checked_at: datetime | None, speed: float) -> None:
    assert answering(checked_at, [], NOON, speed).why_not("/330106/") == "unwatched"
    assert answering(checked_at or NOON, [], NOON, 70.0).why_not("/330106/") == ""


SPANS = st.none() | st.integers(0, 60 * 24 * 40).map(lambda minutes: NOON - minutes * MINUTE)
CALLERS = st.builds(
    Caller,
    resident_id=st.just(7),
    device_id=st.integers(1, 9),
    kind=st.sampled_from(["wearable", "sos_button"]),
    interval_s=st.sampled_from([0, 60, 3600, 86_400]),
    heard_at=SPANS,
    offline_at=SPANS,
    battery=st.none() | st.floats(0, 100),
    worn=st.none() | st.booleans(),
    worn_since=SPANS,
)
PEOPLE = st.builds(
    replace,
    st.just(PERSON),
    contacts=st.integers(0, 3),
    reachable=st.integers(0, 3),
    expired=st.integers(0, 2),
    last_test_at=SPANS,
)


@settings(deadline=None)
@given(PEOPLE, st.lists(CALLERS, max_size=3), st.sampled_from(["", "unwatched", *sorted(set(Gap) - ABOUT_RESIDENTS)]))
def test_the_answer_is_no_better_than_its_reasons_and_each_has_words(
    person: Resident, callers: list[Caller], nobody_answers: str
) -> None:
    found = judge(person, callers, nobody_answers, NOON)
    severities = {reason.severity for reason in found.reasons if not reason.ok}
    expected = (
        Protected.NO
        if Severity.DANGER in severities
        else Protected.PARTLY
        if Severity.WARNING in severities
        else Protected.YES
    )  # fmt: skip
    assert found.protected is expected
    assert all(reason.severity is Severity.INFO for reason in found.reasons if reason.ok)
    assert len({reason.code for reason in found.reasons}) == len(found.reasons)
    for reason in found.reasons:
        for language in LANGUAGES:
            assert say(reason.message, language, **reason.arguments)


@given(PEOPLE, st.lists(CALLERS, max_size=3), CALLERS)
def test_one_more_device_never_makes_a_yes_a_no(person: Resident, callers: list[Caller], more: Caller) -> None:
    """At worst there is something more to look after."""
    before, after = (judge(person, some, "", NOON).protected for some in (callers, [*callers, more]))
    if before is Protected.YES:
        assert after is not Protected.NO
