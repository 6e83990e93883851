"""Waveform blocks: a CBOR map of `t` (start, seconds since the epoch), `r` (Hz), `u` ("mg") and `a` (int16 triples)."""

import cbor2

from device_sim.observations import Samples

_INT16_LITTLE_ENDIAN = 77
"""CBOR tag of a typed array, RFC 8746 §2.1."""


def encode(samples: Samples, rate: float, time: int, *, tagged: bool = False) -> bytes:
    """A waveform message.

    Args: samples int16[n, 3] in milli-g; rate in Hz; time of the first sample in micros; tagged: mark the bytes as a
    typed array. Raises ValueError for samples of another shape.
    """
    if samples.ndim != 2 or samples.shape[1] != 3:
        raise ValueError(f"samples have the shape {samples.shape}, not [n, 3]")
    data = samples.astype("<i2").tobytes()
    return cbor2.dumps(
        {
            "t": time / 1e6,
            "r": float(rate),
            "u": "mg",
            "a": cbor2.CBORTag(_INT16_LITTLE_ENDIAN, data) if tagged else data,
        }
    )
