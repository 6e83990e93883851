"""How long a text is as an SMS: in which alphabet, and whether it fits. Pure.

A text that GSM 03.38's alphabet can write has 7 bits a character, any other is sent as UTF-16 (3GPP TS 23.038, called
UCS-2 there). A text that takes more than one part has a header in each (3GPP TS 23.040 §9.2.3.24.1): 153 characters or
67 UTF-16 units are left.
"""

MAX_PARTS = 2
"""More are charged, arrive one by one, and are read as two messages by old telephones when one is missing."""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Written with an escape before it: two characters each.
_GSM_EXTENSION = frozenset("\f^{}\\[~]|€")

_GSM_ALL = _GSM | _GSM_EXTENSION


def parts(text: str) -> int:
    """How many parts of an SMS the text takes."""
    if set(text) <= _GSM_ALL:
        length, one, more = sum(2 if c in _GSM_EXTENSION else 1 for c in text), 160, 153
    else:
        length, one, more = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= one else -(-length // more)


def fits(text: str) -> bool:
    """Whether the text takes no more than MAX_PARTS."""
    return parts(text) <= MAX_PARTS
