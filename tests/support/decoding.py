"""Messages through the codecs, and what came out, by names."""

from collections.abc import Sequence

from core.metrics import BY_ID
from core.readings import POSITION_SOURCES
from ingest.codecs import decode_batch
from ingest.codecs.columns import Decoded
from ingest.message import Message

ARRIVAL = 1_760_000_000_000_000
"""2025-10-09T08:53:20Z, micros."""

NOW = 1_760_000_000.0
"""The same in seconds, as devices say it."""

MAX_PAYLOAD = 1_048_576
TELEMETRY = "kanhu/v1/h1/watch/telemetry"


def decoded(topic: str, *payloads: bytes, retained: bool = False, arrival: int = ARRIVAL) -> Decoded:
    """One message a payload, all of one topic, a microsecond apart."""
    messages = [Message(topic, payload, arrival + i, retained=retained) for i, payload in enumerate(payloads)]
    return decode_batch(messages, MAX_PAYLOAD)


def readings(batch: Decoded) -> list[tuple[str, float]]:
    """(metric, value) of each row."""
    rows = batch.readings
    return [(BY_ID[m].name, v) for m, v in zip(rows.metric.tolist(), rows.value.tolist(), strict=True)]


def ages(batch: Decoded) -> list[float]:
    """Seconds from each reading's event time to its arrival."""
    return ((batch.readings.arrival - batch.readings.time) / 1e6).tolist()  # type: ignore[no-any-return]


def positions(batch: Decoded) -> list[tuple[float, float, float, str]]:
    """(latitude, longitude, accuracy, source) of each position."""
    rows = batch.positions
    return [
        (lat, lon, acc, POSITION_SOURCES[source])
        for lat, lon, acc, source in zip(
            rows.latitude.tolist(), rows.longitude.tolist(), rows.accuracy.tolist(), rows.source.tolist(), strict=True
        )
    ]


def reasons(batch: Decoded) -> list[str]:
    """Why, of each refusal."""
    return [str(reject.reason) for reject in batch.rejects]


def whole(batch: Decoded) -> Sequence[bool]:
    """Of each refusal, whether it is of a whole message."""
    return [reject.record is None for reject in batch.rejects]
