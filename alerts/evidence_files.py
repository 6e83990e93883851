"""Which files are kept as evidence, told by their first bytes, and what they are called. Pure.

A file is believed to be what it says only where its beginning says so too: what a browser may be made to run as
something else is not kept.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

MAXIMUM_SIZE = 4 * 1024 * 1024
"""Bytes of one file: a picture of a telephone, scaled down once."""

MAXIMUM_COUNT = 20
"""Files of one incident."""

_NAME_LENGTH = 120


def _mpeg(content: bytes) -> bool:
    if content.startswith(b"ID3"):
        return True
    # ISO 11172-3: 11 bits of sync; the version 01 and the layer 00 are reserved.
    if len(content) < 2 or content[0] != 0xFF:
        return False
    return content[1] & 0xE0 == 0xE0 and content[1] & 0x18 != 0x08 and content[1] & 0x06 != 0


_BEGINS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {
        "image/jpeg": lambda content: content.startswith(b"\xff\xd8\xff"),
        "image/png": lambda content: content.startswith(b"\x89PNG\r\n\x1a\n"),
        "image/webp": lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
        "application/pdf": lambda content: content.startswith(b"%PDF-"),
        "audio/mpeg": _mpeg,
        "audio/ogg": lambda content: content.startswith(b"OggS"),
        "audio/mp4": lambda content: content[4:8] == b"ftyp",
    }
)

_ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "image/jpeg": (".jpg", ".jpeg"),
        "image/png": (".png",),
        "image/webp": (".webp",),
        "application/pdf": (".pdf",),
        "audio/mpeg": (".mp3",),
        "audio/ogg": (".ogg", ".oga", ".opus"),
        "audio/mp4": (".m4a", ".mp4"),
    }
)

TYPES = tuple(_BEGINS)
"""Media types that are kept."""


def is_what_it_says(content_type: str, content: bytes) -> bool:
    """Whether the content begins as a file of that type does. Raises KeyError for a type that is not kept."""
    return _BEGINS[content_type](content)


def shown_inline(content_type: str) -> bool:
    """Whether a browser may show it in place: pictures only."""
    return content_type.startswith("image/")


def safe_name(name: str, content_type: str) -> str:
    """A name that is only a name, with the ending of its type. Raises KeyError for a type that is not kept.

    Nothing of a path, no control characters, none that turn the direction of writing round (which hide an ending).
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in last)
    kept = re.sub(r'[<>:"|?*]', "_", " ".join(kept.split())).strip(". ")
    endings = _ENDINGS[content_type]
    stem = kept
    for ending in endings:
        if kept.lower().endswith(ending):
            stem, endings = kept[: -len(ending)], (kept[-len(ending) :],)
            break
    return (stem[:_NAME_LENGTH].strip(". ") or "file") + endings[0]
