"""Waveforms: a CBOR map of `t`, `r`, `u` and `a`.

`t`: start of the first sample in seconds, as SenML means it (since the epoch; below 2**28 relative to the arrival);
left out or 0 by a device without a clock, whose clip is then taken to end at its arrival. `r`: samples a second. `u`:
"mg", which may be left out. `a`: int16 little-endian triples x, y, z, as a byte string or as a typed array (tag 77,
RFC 8746).
"""

from typing import Final

import numpy as np

from ingest.codecs import strict_cbor
from ingest.codecs.columns import Columns, DecodeError, number
from ingest.reasons import Reason

RATES: Final = (1.0, 400.0)
"""Samples a second that a wearable's accelerometer gives."""

MAX_SECONDS: Final = 60.0
"""A clip is about 10 s and a streamed block 1 s; beyond a minute something is broken."""

_TRIPLE_BYTES: Final = 6


def decode(payload: bytes, out: Columns) -> None:
    """Read a waveform. Raises DecodeError."""
    fields = strict_cbor.decode(payload)
    if type(fields) is not dict:
        raise DecodeError(Reason.BAD_STRUCTURE, "a waveform is a CBOR map")
    start = number(fields.get("t", 0.0))
    rate = number(fields.get("r"))
    samples = fields.get("a")
    if start is None:
        raise DecodeError(Reason.BAD_STRUCTURE, f"t is {fields['t']!r}, not seconds")
    if rate is None:
        raise DecodeError(Reason.BAD_STRUCTURE, "r, samples a second, is missing or no number")
    if not RATES[0] <= rate <= RATES[1]:
        raise DecodeError(
            Reason.IMPLAUSIBLE, f"r is {rate:g}, not within {RATES[0]:g} to {RATES[1]:g} samples a second"
        )
    if fields.get("u", "mg") != "mg":
        raise DecodeError(Reason.WRONG_UNIT, f"u is {fields['u']!r}; samples are taken in mg")
    if type(samples) is not bytes:
        raise DecodeError(Reason.BAD_STRUCTURE, "a, the samples, is missing or no byte string")
    if not samples or len(samples) % _TRIPLE_BYTES:
        raise DecodeError(Reason.BAD_STRUCTURE, f"a has {len(samples)} bytes, no whole number of int16 triples")
    seconds = len(samples) / _TRIPLE_BYTES / rate
    if seconds > MAX_SECONDS:
        raise DecodeError(Reason.TOO_LARGE, f"{seconds:.0f} s of samples, of at most {MAX_SECONDS:g}")
    out.wave(start or -seconds, rate, np.frombuffer(samples, dtype="<i2").reshape(-1, 3))
