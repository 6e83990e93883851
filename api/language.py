"""Which language an answer's texts are in."""

from core.wording import LANGUAGES


def choose(asked: str | None, header: str | None, own: str) -> str:
    """The language asked for, else the best of an Accept-Language header (RFC 9110 §12.5.4), else the user's own.

    asked, own: one of core.wording.LANGUAGES. A range matches by its first subtag: `zh`, `zh-TW`, `en-GB`.
    """
    if asked is not None:
        return asked
    ranges = []
    for place, item in enumerate((header or "").split(",")):
        name, _, parameters = item.strip().partition(";")
        weight = _weight(parameters)
        if weight > 0:
            ranges.append((-weight, place, name.strip().lower()))
    for _, _, name in sorted(ranges):
        for language in LANGUAGES:
            if name.split("-")[0] == language.split("-")[0].lower():
                return language
    return own


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
