"""What people read, in 中文 and English: Fluent messages (https://projectfluent.org), one file a subject and language.

`core/wording/{language}/*.ftl`. A message's name is unique over all files of a language.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Junk, Message, Term

LANGUAGES: tuple[str, ...] = ("zh-CN", "en")

_FALLBACK = "en"


class WordingError(LookupError):
    """There is no such message, or it needs an argument that was not given."""


@cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    seen: dict[str, str] = {}
    for file in sorted((files(__name__) / language).iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".ftl"):
            continue
        resource = FluentResource(file.read_text(encoding="utf-8"))
        for entry in resource.body:
            if isinstance(entry, Junk):
                raise WordingError(f"{language}/{file.name}: not Fluent: {entry.content!r}")
            if not isinstance(entry, Message | Term):
                continue
            if entry.id.name in seen:
                raise WordingError(f"{language}: {entry.id.name} is in {seen[entry.id.name]} and in {file.name}")
            seen[entry.id.name] = file.name
        bundle.add_resource(resource)
    return bundle


def _argument(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _given(arguments: Mapping[str, object]) -> dict[str, object]:
    """What a message can show; a list or object in a finding's evidence is for other readers."""
    return {k: _argument(v) for k, v in arguments.items() if isinstance(v, str | int | float | date)}


def has(message: str, language: str) -> bool:
    """Whether the message exists in this very language. Raises WordingError for a language that is not in LANGUAGES."""
    if language not in LANGUAGES:
        raise WordingError(f"no such language: {language!r} (there are {', '.join(LANGUAGES)})")
    return _bundle(language).has_message(message)


def say(message: str, language: str, /, **arguments: object) -> str:
    """The message in the language, or in English where it is not translated.

    arguments: numbers, texts and dates that the message may name as `$name`; more than it names do no harm, so a
    finding's evidence can be given as it is (values of other types are left out). A boolean is "true" or "false", for
    selectors. Raises WordingError for an unknown language or message, or an argument that is missing.
    """
    spoken = language if has(message, language) else _FALLBACK
    bundle = _bundle(spoken)
    if not bundle.has_message(message):
        raise WordingError(f"no message {message!r} in {language} or {_FALLBACK}")
    pattern = bundle.get_message(message).value
    if pattern is None:
        raise WordingError(f"message {message!r} in {spoken} has no text of its own")
    text, errors = bundle.format_pattern(pattern, _given(arguments))
    if errors:
        raise WordingError(f"message {message!r} in {spoken}: {errors[0]}")
    return str(text)
