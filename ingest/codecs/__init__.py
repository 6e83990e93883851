"""From messages to columns: `decode_batch`. One file a format; `registry` says which reads what."""

from collections.abc import Sequence

import structlog

from ingest.codecs.columns import Columns, Decoded, DecodeError, DeviceKey
from ingest.codecs.registry import Route, route
from ingest.message import Message
from ingest.reasons import Reason

__all__ = ["decode_batch"]

_log = structlog.get_logger(__name__)

# Topics met before. A million devices with two channels fit; strangers' inventions must not fill the memory.
_MAX_ROUTES = 2_000_000
_routes: dict[str, Route | None] = {}


def decode_batch(messages: Sequence[Message], max_payload: int) -> Decoded:
    """Decode a batch of messages, whatever is in them.

    max_payload: bytes; a larger message is refused unread. Raises nothing for any topic or payload: what can't be read
    is among `rejects`. Not for two threads at once.
    """
    out = Columns()
    devices: dict[DeviceKey, int] = {}
    message_device: list[int] = []
    for message in messages:
        device = -1
        try:
            way = _routes[message.topic] if message.topic in _routes else _find(message.topic)
            if way is None:
                out.ignore()
            else:
                device = devices.setdefault(way.device, len(devices))
                way.codec(_sized(message.payload, max_payload), out)
            out.end_message()
        except DecodeError as error:
            out.fail_message(error)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a device sends, its neighbours go on
            # A bug of ours. The broker would send the same message again for ever; in quarantine it waits for the mend.
            _log.exception("a codec failed", topic=message.topic)
            out.fail_message(DecodeError(Reason.CODEC_FAILED, repr(error)))
        message_device.append(device)
    return out.finish(messages, tuple(devices), message_device)


def _sized(payload: bytes, max_payload: int) -> bytes:
    if not payload:
        raise DecodeError(Reason.EMPTY_PAYLOAD, "0 bytes")
    if len(payload) > max_payload:
        raise DecodeError(Reason.TOO_LARGE, f"{len(payload)} bytes, of at most {max_payload}")
    return payload


def _find(topic: str) -> Route | None:
    way = route(topic)
    if len(_routes) >= _MAX_ROUTES:
        _routes.clear()
    _routes[topic] = way
    return way
