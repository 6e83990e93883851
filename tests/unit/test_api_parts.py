"""The parts of the API that need no database: cursors, languages, tokens, back-off, settings."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.auth import Session, Throttle, TokenError, Tokens
from api.language import choose
from api.openapi import described as described_without_server
from api.paging import decode, encode, split
from api.problems import ProblemError
from core.settings import Settings, SettingsError
from storage.timeseries import ReadingPlace

NOW = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**15 - 1),
)
def test_a_cursor_gives_its_place_back(time: datetime, device: int, metric: int) -> None:
    place = ReadingPlace(time, device, metric)
    assert decode(encode(place), ReadingPlace) == place


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_a_problem(text: str) -> None:
    try:
        place = decode(text, int)
    except ProblemError as error:
        problem = error
    else:
        assert isinstance(place, int)
        return
    assert (problem.status, problem.errors[0].field) == (422, "cursor")


def test_a_page_ends_with_its_last_item_only_where_there_is_more() -> None:
    assert split([1, 2, 3], 3) == ([1, 2, 3], None)
    assert split([1, 2, 3, 4], 3) == ([1, 2, 3], 3)
    assert split([], 3) == ([], None)


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        (None, None, "zh-CN"),
        (None, "", "zh-CN"),
        (None, "en", "en"),
        (None, "en-GB, zh;q=0.9", "en"),
        (None, "en;q=0.3, zh-TW;q=0.8", "zh-CN"),
        (None, "de, fr", "zh-CN"),
        (None, "de, en;q=0", "zh-CN"),
        (None, "en;q=x", "zh-CN"),
        ("en", "zh", "en"),
    ],
)
def test_language(asked: str | None, header: str | None, language: str) -> None:
    assert choose(asked, header, "zh-CN") == language


def test_a_ticket_never_outlives_its_session() -> None:
    tokens = Tokens("s" * 32, 15)
    _, session = tokens.issue(7, NOW)
    assert session == Session(7, NOW + timedelta(minutes=15))
    late = session.expires_at - timedelta(seconds=10)
    ticket, until = tokens.issue_ticket(session, late)
    assert until == session.expires_at
    assert tokens.read_ticket(ticket, until - timedelta(seconds=1)) == session
    with pytest.raises(TokenError, match="expired"):
        tokens.read_ticket(ticket, until)
    with pytest.raises(TokenError, match="not one of ours"):
        tokens.read(ticket, late)


def test_back_off_doubles_to_a_bound_and_ends_with_success() -> None:
    throttle = Throttle()
    pauses = []
    for _ in range(16):
        pauses.append(throttle.wait("lina", "192.0.2.1", NOW).total_seconds())
        throttle.failed("lina", "192.0.2.1", NOW)
    assert pauses[:5] == [0] * 5
    assert pauses[5:14] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert pauses[14:] == [300, 300]
    assert throttle.wait("lina", "192.0.2.1", NOW + timedelta(seconds=300)) == timedelta()
    throttle.succeeded("lina", "192.0.2.1")
    assert throttle.wait("lina", "192.0.2.1", NOW) == timedelta()


def test_without_a_secret_there_is_no_api() -> None:
    with pytest.raises(SettingsError, match="KANHU_TOKEN_SECRET is missing"):
        create_app(Settings())


def test_the_description_needs_no_server_and_tells_what_the_live_stream_carries() -> None:
    described = json.loads(described_without_server())
    assert "/api/v1/incidents/live" in described["paths"]
    change = described["components"]["schemas"]["Change"]
    assert change["properties"]["incident"] == {"$ref": "#/components/schemas/Incident"}
    assert "Incident" in described["components"]["schemas"]
