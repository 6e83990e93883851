"""The `location` channel: SenML, or OwnTracks JSON, which is an object where SenML is an array."""

from ingest.codecs import owntracks, senml
from ingest.codecs.columns import Columns


def decode(payload: bytes, out: Columns) -> None:
    """Read a location. Raises DecodeError."""
    if payload.lstrip()[:1] == b"{":
        owntracks.decode(payload, out)
    else:
        senml.decode(payload, out)
