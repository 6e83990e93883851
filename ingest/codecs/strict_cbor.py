"""CBOR (RFC 8949) from strangers, by cbor2: data items only, of a bounded depth, nothing after them.

cbor2 turns tags into dates, regular expressions, e-mails and shared or cyclic references: none of that is decoded
here. Its maps take any key, and keys can be made to collide (arrays of -1 and -2 have the same hash), so a deep map
costs time that grows with the square of its size: deep items are read only from small messages.
"""

from io import BytesIO
from typing import Any, Final, NoReturn

from cbor2 import CBORDecodeEOF, CBORDecodeError, CBORDecoder, CBORTag

from ingest.codecs.columns import DecodeError
from ingest.reasons import Reason

INT16_LITTLE_ENDIAN: Final = 77
"""Tag of a typed array, RFC 8746 §2.1."""

# An array of maps of plain values, as SenML is, or a map of them. No plain values can be made to collide as keys.
_FLAT: Final = 2
_DEEP: Final = 8
_DEEP_BYTES: Final = 16_384

_BUILT_IN_TAGS: Final = (
    0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 43, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip


class _TagRefusedError(ValueError):
    """The tag has no place here."""


def _refuse(value: object, immutable: bool = False) -> NoReturn:
    raise _TagRefusedError("a tag that is not taken here")


def _decimal_fraction(value: object, immutable: bool = False) -> float:
    """Tag 4: [exponent, mantissa]. RFC 8428 §6 allows it for numbers. Correctly rounded, as a JSON number is."""
    if isinstance(value, list | tuple) and len(value) == 2:
        exponent, mantissa = value
        if type(exponent) is int and type(mantissa) is int:
            return float(f"{mantissa}e{exponent}")
    raise _TagRefusedError("a decimal fraction is an array of two integers")


def _typed_array(tag: CBORTag, immutable: bool = False) -> bytes:
    if tag.tag == INT16_LITTLE_ENDIAN and type(tag.value) is bytes:
        return tag.value
    raise _TagRefusedError(f"tag {tag.tag} is not taken here")


def _decoder(depth: int) -> CBORDecoder:
    return CBORDecoder(
        BytesIO(),
        semantic_decoders={tag: _decimal_fraction if tag == 4 else _refuse for tag in _BUILT_IN_TAGS},
        tag_hook=_typed_array,
        max_depth=depth,
        allow_duplicate_keys=False,
    )


# One decoder serves all messages: to build one costs as much as to decode a small message.
_flat: Final = _decoder(_FLAT)
_deep: Final = _decoder(_DEEP)


def decode(payload: bytes) -> Any:
    """The one data item that the payload is; a typed array of int16 (tag 77) as its bytes, a decimal fraction as float.

    Raises DecodeError: truncated, bad_cbor, or bad_structure for what is well-formed but not taken.
    """
    stream = BytesIO(payload)
    try:
        try:
            _flat.fp = stream
            item = _flat.decode()
        except CBORDecodeError as error:
            if "nesting depth" not in str(error):
                raise
            if len(payload) > _DEEP_BYTES:
                raise DecodeError(Reason.BAD_STRUCTURE, f"nested, and larger than {_DEEP_BYTES} bytes") from error
            stream = BytesIO(payload)
            _deep.fp = stream
            item = _deep.decode()
    except CBORDecodeEOF as error:
        raise DecodeError(Reason.TRUNCATED, str(error)) from error
    except CBORDecodeError as error:
        cause = error.__cause__
        if isinstance(cause, _TagRefusedError):
            raise DecodeError(Reason.UNSUPPORTED, f"{error}: {cause}") from error
        if isinstance(cause, UnicodeDecodeError):
            raise DecodeError(Reason.NOT_UTF8, f"{error}: {cause}") from error
        if "nesting depth" in str(error):
            raise DecodeError(Reason.BAD_STRUCTURE, str(error)) from error
        raise DecodeError(Reason.BAD_CBOR, f"{error}: {cause}" if cause else str(error)) from error
    if stream.tell() != len(payload):
        raise DecodeError(Reason.BAD_CBOR, f"{len(payload) - stream.tell()} bytes after the end of the data item")
    return item
