"""The map tiles' address: it becomes part of a page's security policy, so only a plain template is taken."""

import pytest

from core.settings import Settings, SettingsError, read


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org:8443/maps/{z}/{y}/{x}?key=a-b_c&style=plain",
        "http://127.0.0.1:8080/{z}/{x}/{y}.png",
        "http://[::1]:8080/{z}/{x}/{y}.png",
        "http://localhost/{z}/{x}/{y}.png",
    ],
)
def test_a_template_is_taken_as_it_is(url: str) -> None:
    assert read({"KANHU_TILES_URL": url}).tiles_url == url


def test_there_are_none_unless_somebody_says_so() -> None:
    assert Settings().tiles_url is None
    assert read({"KANHU_TILES_URL": ""}).tiles_url is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://tiles.example.org/{z}/{x}/{y}.png", "takes https"),
        ("ftp://127.0.0.1/{z}/{x}/{y}", "takes https"),
        ("javascript:alert({z}{x}{y})", "may not have"),
        ("//tiles.example.org/{z}/{x}/{y}", "takes https"),
        ("https://tiles.example.org/{z}/{x}.png", "needs {z}, {x} and {y}"),
        ("https://tiles.example.org/{z}/{x}/{y}/{z}", "needs {z}, {x} and {y}"),
        ("https://{s}.example.org/{z}/{x}/{y}", "takes one host"),
        ("https://who:secret@tiles.example.org/{z}/{x}/{y}", "takes one host"),
        ("https://tiles.example.org; script-src *//{z}/{x}/{y}", "may not have"),
        ("https://tiles.example.org 'unsafe-eval'/{z}/{x}/{y}", "may not have"),
        ("https://瓦片.example.org/{z}/{x}/{y}", "may not have"),
        ("https://tiles.example.org:99999/{z}/{x}/{y}", "Port out of range"),
        ("https://[::1/{z}/{x}/{y}", "Invalid IPv6"),
    ],
)
def test_anything_else_is_refused_with_the_reason(url: str, why: str) -> None:
    with pytest.raises(SettingsError, match="KANHU_TILES_URL") as refusal:
        read({"KANHU_TILES_URL": url})
    assert why in str(refusal.value)
