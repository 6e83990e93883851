"""Whether a device is connected: the retained `status` of Kanhu's devices, and Zigbee2MQTT's `availability`.

JSON `{"online": true}` or `{"state": "online"}`, or the plain word `online` or `offline`. It is true of the moment at
which it arrives: a last will is written when the device connects, so that it could not say when it is lost.
"""

from typing import Final

from core.metrics import metric_id
from ingest.codecs import strict_json
from ingest.codecs.columns import Columns, DecodeError
from ingest.reasons import Reason

_ONLINE: Final = metric_id("online")
_WORDS: Final = {b"online": 1.0, b"offline": 0.0}


def decode(payload: bytes, out: Columns) -> None:
    """Read a status. Raises DecodeError."""
    value = _WORDS.get(payload.strip())
    if value is None:
        fields = strict_json.fields(payload)
        if "online" in fields:
            said = strict_json.value(fields["online"])
            value = float(said) if type(said) is bool else None
        elif "state" in fields:
            value = _WORDS.get(bytes(fields["state"]).strip(b'"'))
    if value is None:
        raise DecodeError(Reason.BAD_STRUCTURE, "a status is online or offline, or online is true or false")
    out.reading(_ONLINE, value, 0.0)
