"""JSON from strangers, by msgspec: taken apart one level at a time, so that a bad part does not take its neighbours."""

from typing import Final, TypeVar

import msgspec

from ingest.codecs.columns import DecodeError
from ingest.reasons import Reason

# Nothing that is sent has bytes outside of strings that could be anything else.
STARTS: Final = b'[{" \t\r\n'

_T = TypeVar("_T")

_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()


class Malformed:
    """Stands for a value that can't be read: not JSON after all, or a number beyond all bounds."""


MALFORMED: Final = Malformed()


def elements(payload: bytes) -> list[msgspec.Raw]:
    """The elements of an array, unread. Raises DecodeError."""
    return _read(_ELEMENTS, payload, "an array")


def fields(payload: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The values of an object by their names, unread; of a name given twice the last. Raises DecodeError."""
    return _read(_FIELDS, payload, "an object")


def value(raw: bytes | msgspec.Raw) -> object:
    """What the text stands for: None, bool, int, float, str, list, dict; MALFORMED for what can't be read."""
    try:
        return _ANY.decode(raw)
    except (ValueError, RecursionError):
        return MALFORMED


def _read(decoder: msgspec.json.Decoder[_T], payload: bytes | msgspec.Raw, what: str) -> _T:
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise DecodeError(Reason.BAD_STRUCTURE, f"{what} is expected: {error}") from error
    except RecursionError as error:
        raise DecodeError(Reason.BAD_STRUCTURE, "nested too deep") from error
    except UnicodeDecodeError as error:
        raise DecodeError(Reason.NOT_UTF8, str(error)) from error
    except msgspec.DecodeError as error:
        try:
            bytes(payload).decode()
        except UnicodeDecodeError as wrong:
            raise DecodeError(Reason.NOT_UTF8, str(wrong)) from error
        reason = Reason.TRUNCATED if "truncated" in str(error) else Reason.BAD_JSON
        raise DecodeError(reason, str(error)) from error
