from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from alerts.links import LinkError, LinkExpired, confirm_url, incident_url, read, sign
from tests.support.alarm_world import NOON

SECRET = "0123456789abcdef0123456789abcdef"
LIFE = timedelta(hours=24)


def long(delivery: object, salt: str = "kanhu.confirm.1", secret: str = SECRET) -> str:
    """A token as earlier versions gave them out."""
    return str(URLSafeSerializer(secret, salt=salt).dumps(delivery))


def test_a_link_names_its_delivery_until_it_expires() -> None:
    token = sign(42, NOON + LIFE, SECRET)
    assert read(token, NOON, SECRET) == 42
    assert read(token, NOON + LIFE - timedelta(seconds=1), SECRET) == 42
    with pytest.raises(LinkExpired):
        read(token, NOON + LIFE, SECRET)


@given(st.integers(1, 2**63 - 1), st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_delivery_and_time_come_back(delivery: int, expires: datetime) -> None:
    token = sign(delivery, expires, SECRET)
    assert token.isalnum()
    assert read(token, expires - timedelta(seconds=2), SECRET) == delivery


def test_a_link_that_an_earlier_version_gave_out_still_leads_there() -> None:
    expires = int((NOON + LIFE).timestamp())
    assert read(long([42, expires]), NOON, SECRET) == 42
    with pytest.raises(LinkExpired):
        read(long([42, expires]), NOON + LIFE, SECRET)
    for forged in (
        long([42, expires], secret=SECRET.upper()),
        long([42, expires], salt="other"),
        "A" + long([42, expires])[1:],
    ):
        with pytest.raises(LinkError, match="not valid"):
            read(forged, NOON, SECRET)


def test_a_link_of_another_secret_is_not_valid() -> None:
    with pytest.raises(LinkError, match="not valid"):
        read(sign(42, NOON + LIFE, SECRET.upper()), NOON, SECRET)


@pytest.mark.parametrize("value", [[42], ["42", 9_999_999_999], {"a": 1}, 7])
def test_something_else_that_was_signed_is_not_a_link(value: object) -> None:
    with pytest.raises(LinkError, match="not valid"):
        read(long(value), NOON, SECRET)


@pytest.mark.parametrize("position", range(len(sign(42, NOON + LIFE, SECRET))))
def test_a_changed_letter_is_noticed(position: int) -> None:
    token = sign(42, NOON + LIFE, SECRET)
    for other in "xyA0":
        if token[position] != other:
            with pytest.raises(LinkError, match="not valid"):
                read(token[:position] + other + token[position + 1 :], NOON, SECRET)


@given(st.text(max_size=60))
def test_any_other_text_is_not_a_link(text: str) -> None:
    with pytest.raises(LinkError):
        read(text, NOON, SECRET)


def test_a_token_has_one_way_to_be_written() -> None:
    token = sign(42, NOON + LIFE, SECRET)
    for other in ("0" + token, token + "0", token + "=", token + "\n", token[:-1], "0", "", "²" + token):
        with pytest.raises(LinkError, match="not valid"):
            read(other, NOON, SECRET)


def test_the_link_is_short_enough_for_a_text_message() -> None:
    url = confirm_url("https://kanhu.example/", sign(1_000_000_000, NOON + LIFE, SECRET))
    assert url.startswith("https://kanhu.example/confirm/")
    assert len(url) <= 57
    assert incident_url("https://kanhu.example", 7) == "https://kanhu.example/incidents/7"
