"""OwnTracks JSON (https://owntracks.org/booklet/tech/json/): `location` and the last will `lwt`."""

import json

from device_sim.observations import Fix


def location(fix: Fix, time: int, sent: int, tracker_id: str) -> bytes:
    """A `location` message: `tst` is the time of the fix, `created_at` when the phone made the message (both micros).

    OwnTracks times are whole seconds. tracker_id: two signs shown on its map.
    """
    message: dict[str, object] = {
        "_type": "location",
        "tid": tracker_id,
        "tst": time // 1_000_000,
        "created_at": sent // 1_000_000,
        "lat": round(fix.latitude, 6),
        "lon": round(fix.longitude, 6),
        "acc": round(fix.accuracy),
        "conn": "m",
    }
    if fix.battery is not None:
        message["batt"] = fix.battery
    return json.dumps(message, separators=(",", ":")).encode()


def last_will(time: int) -> bytes:
    """The `lwt` message that the broker publishes when the phone is lost: `tst` is when it connected (micros)."""
    return json.dumps({"_type": "lwt", "tst": time // 1_000_000}, separators=(",", ":")).encode()
