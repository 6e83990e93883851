"""From decoded messages to rows of known devices and their residents; what can't be taken is set out for quarantine."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from core.clock import to_datetime
from core.metrics import metric_id
from core.readings import Int32, Intake, PositionBatch, ReadingBatch
from ingest.codecs.columns import Decoded
from ingest.message import Message
from ingest.quarantine import of_message
from ingest.reasons import Reason
from storage.directory import Directory
from storage.ingest_state import Quarantined

_Batch = TypeVar("_Batch", ReadingBatch, PositionBatch)

# Calls for help and dangers: stored with nobody to help they would be lost, in quarantine they wait for a resident.
_NEEDS_SOMEBODY = np.array(
    [metric_id(name) for name in ("sos", "fall_flag", "smoke", "gas", "carbon_monoxide")], dtype=np.int16
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages as rows.

    intake: rows with device and resident ids. timeless: for each message, whether its redelivered copy would be known
    by nothing but a receipt.
    """

    messages: Sequence[Message]
    intake: Intake
    quarantined: list[Quarantined]
    timeless: list[bool]


def make(messages: Sequence[Message], decoded: Decoded, known: Directory) -> Batch:
    """The batch of `messages`, which `decoded` was made from."""
    ids = np.array([known.ids.get(key, 0) for key in decoded.devices] or [0], dtype=np.int32)
    unknown = (decoded.message_device >= 0) & (ids[decoded.message_device] == 0)
    intake = with_residents(_of_known_devices(decoded, ids), known.resident_of)
    readings = intake.readings
    nobodys = (readings.resident == 0) & np.isin(readings.metric, _NEEDS_SOMEBODY)
    quarantined = [*_rejected(messages, decoded), *_of_unknown_devices(messages, decoded, unknown)]
    if nobodys.any():
        quarantined += _nobodys(messages, readings.arrival[nobodys].tolist())
        intake = replace(intake, readings=readings.take(~nobodys))
    timeless = decoded.timeless.copy()
    # What is in quarantine has no time either that would tell its redelivered copy.
    refused = {row.arrival for row in quarantined}
    if refused:
        timeless |= np.array([to_datetime(message.arrival) in refused for message in messages], dtype=np.bool_)
    return Batch(messages, intake, quarantined, timeless.tolist())


def with_residents(intake: Intake, resident_of: Int32) -> Intake:
    """The same rows, each with the resident whom its device watches now; 0 for a device that is no longer in use.

    resident_of: int32, indexed by device id.
    """

    def owners(device: Int32) -> Int32:
        known = device < len(resident_of)
        return resident_of[device * known] * known

    readings, positions = intake.readings, intake.positions
    return Intake(
        replace(readings, resident=owners(readings.device)),
        replace(positions, resident=owners(positions.device)),
        tuple(
            replace(w, resident=int(resident_of[w.device]) if w.device < len(resident_of) else 0)
            for w in intake.waveforms
        ),
    )


def _rejected(messages: Sequence[Message], decoded: Decoded) -> list[Quarantined]:
    parts: Counter[int] = Counter()
    rows = []
    for reject in decoded.rejects:
        part = 0
        if reject.record is not None:
            parts[reject.message] += 1
            part = parts[reject.message]
        message = messages[reject.message]
        rows.append(of_message(message, reject.reason, reject.detail, part=part, record=reject.record))
    return rows


def _of_unknown_devices(messages: Sequence[Message], decoded: Decoded, unknown: np.ndarray) -> list[Quarantined]:
    rows = []
    for index in np.flatnonzero(unknown).tolist():
        household, device = decoded.devices[decoded.message_device[index]]
        detail = f"no device {device!r} in household {household!r}: add it, then give the message in again"
        rows.append(of_message(messages[index], Reason.UNKNOWN_DEVICE, detail))
    return rows


def _nobodys(messages: Sequence[Message], arrivals: list[int]) -> list[Quarantined]:
    by_arrival = {message.arrival: message for message in messages}
    detail = "an alarm of a device whose household has no resident: add one, then give the message in again"
    return [of_message(by_arrival[arrival], Reason.UNASSIGNED, detail) for arrival in dict.fromkeys(arrivals)]


def _of_known_devices(decoded: Decoded, ids: Int32) -> Intake:
    """The rows with device ids in place of indices. ids: int32, indexed as `decoded.devices`, 0 for an unknown one."""

    def known(batch: _Batch) -> _Batch:
        device = ids[batch.device]
        batch = replace(batch, device=device)
        return batch if device.all() else batch.take(device != 0)

    return Intake(
        known(decoded.readings),
        known(decoded.positions),
        tuple(replace(w, device=int(ids[w.device])) for w in decoded.waveforms if ids[w.device]),
    )
