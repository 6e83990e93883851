"""What really happened: the events that a simulation let happen, one JSON line each, to score alerts against."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from core.findings import Kind


class Truth(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event.

    household: its code; resident: the name, unique in the household. start: micros of the simulation's clock at which
    it happened; due: by when an alert of it should have been raised. cancelled: the wearer takes it back, so that it
    must not stay in the queue. follows: kinds that may rightly come out of it as well, and are neither asked for nor
    false.
    """

    household: str
    resident: str
    kind: Kind
    start: int
    due: int
    cancelled: bool = False
    follows: tuple[Kind, ...] = ()


def write(events: Iterable[Truth], path: Path) -> None:
    """Write events as JSON lines."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(events))


def read(path: Path) -> list[Truth]:
    """Read events. Raises OSError, or msgspec.ValidationError that names the field."""
    return msgspec.json.Decoder(Truth).decode_lines(path.read_bytes())
