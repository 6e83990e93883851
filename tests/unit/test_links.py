from datetime import timedelta

import pytest
from itsdangerous import URLSafeSerializer

from alerts.links import LinkError, LinkExpired, confirm_url, incident_url, read, sign
from tests.support.alarm_world import NOON

SECRET = "0123456789abcdef0123456789abcdef"
LIFE = timedelta(hours=24)


def test_a_link_names_its_delivery_until_it_expires() -> None:
    token = sign(42, NOON + LIFE, SECRET)
    assert read(token, NOON, SECRET) == 42
    assert read(token, NOON + LIFE - timedelta(seconds=1), SECRET) == 42
    with pytest.raises(LinkExpired):
        read(token, NOON + LIFE, SECRET)


def test_a_link_of_another_secret_or_purpose_is_not_valid() -> None:
    with pytest.raises(LinkError):
        read(sign(42, NOON + LIFE, SECRET.upper()), NOON, SECRET)
    other_purpose = URLSafeSerializer(SECRET, salt="other").dumps([42, int((NOON + LIFE).timestamp())])
    with pytest.raises(LinkError):
        read(str(other_purpose), NOON, SECRET)


@pytest.mark.parametrize("value", [[42], ["42", 9_999_999_999], {"a": 1}, 7])
def test_something_else_that_was_signed_is_not_a_link(value: object) -> None:
    token = URLSafeSerializer(SECRET, salt="kanhu.confirm.1").dumps(value)
    with pytest.raises(LinkError):
        read(str(token), NOON, SECRET)


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_a_changed_letter_is_noticed(position: int) -> None:
    token = sign(42, NOON + LIFE, SECRET)
    changed = token[:position] + ("x" if token[position] != "x" else "y") + token[position + 1 :]
    with pytest.raises(LinkError):
        read(changed, NOON, SECRET)


def test_the_link_is_short_enough_for_a_text_message() -> None:
    url = confirm_url("https://kanhu.example/", sign(1_000_000_000, NOON + LIFE, SECRET))
    assert url.startswith("https://kanhu.example/confirm/")
    assert len(url) <= 100
    assert incident_url("https://kanhu.example", 7) == "https://kanhu.example/incidents/7"
