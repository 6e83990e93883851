"""The words that people read."""

from pathlib import Path

import pytest

from alerts.lifecycle import Event, State
from core import wording
from core.wording import LANGUAGES, WordingError, has, say


def test_both_languages_say_it() -> None:
    assert "14 %" in say("battery-low", "en", percent=14.2)
    assert "14 %" in say("battery-low", "zh-CN", percent=14.2)
    assert say("battery-low", "en", percent=14) != say("battery-low", "zh-CN", percent=14)


def test_more_arguments_than_needed_do_no_harm() -> None:
    assert say("device-heard-again", "en", rooms=["kitchen"], seen=None, online=True) == "The device reports again"


def test_no_isolation_marks_get_into_messages() -> None:
    assert "\u2068" not in say("battery-low", "en", percent=3)


def test_unknown_message_argument_and_language_are_named() -> None:
    with pytest.raises(WordingError, match="no-such-thing"):
        say("no-such-thing", "en")
    with pytest.raises(WordingError, match="percent"):
        say("battery-low", "en")
    with pytest.raises(WordingError, match="tlh"):
        say("battery-low", "tlh", percent=3)


def test_what_is_not_translated_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    from fluent.runtime import FluentBundle, FluentResource

    bundles = {name: FluentBundle([name], use_isolating=False) for name in LANGUAGES}
    bundles["en"].add_resource(FluentResource("hello = Good morning"))
    monkeypatch.setattr(wording, "_bundle", bundles.__getitem__)
    assert not has("hello", "zh-CN")
    assert say("hello", "zh-CN") == "Good morning"


def test_languages_have_the_same_messages() -> None:
    names = {language: set(wording._bundle(language)._messages) for language in LANGUAGES}
    assert names["en"]
    for language in LANGUAGES:
        assert names[language] == names["en"]


_CONSOLE = Path(__file__).parents[2] / "console" / "src" / "wording"


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_happens_to_an_incident_has_words(language: str) -> None:
    console = (_CONSOLE / language / "incident.ftl").read_text(encoding="utf-8")
    for event in Event:
        assert has(f"demo-{event}", language), event
        assert f"\nevent-{event} =" in console, event
    for state in State:
        assert has(f"state-{state}", language), state
