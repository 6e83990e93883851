"""Where codecs put what they read, and the rules that hold whatever the format: times, ranges, retained messages.

A codec appends to plain lists, one entry a reading; nothing is built per reading. `Columns.finish` turns a whole
batch of messages into arrays and judges all rows at once. How times are read is explained in
`docs/adr/0005-event-time-and-clockless-devices.md`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import numpy as np

from core.clock import DAY, MINUTE, SECOND, to_micros
from core.metrics import BY_ID, Kind, metric_id, plausible
from core.readings import NO_TIME, Bool, Float64, Int16, Int32, Int64, PositionBatch, ReadingBatch, Waveform
from ingest.message import Message
from ingest.reasons import Reason

RELATIVE_BELOW = 2.0**28
"""Seconds; a smaller time is relative to the arrival (RFC 8428 §4.5.3)."""

UNUSABLE_TIME = -math.inf
"""For a time that an absolute format gave and that can't be one: its row is refused, an alarm takes the arrival."""

AHEAD = 5 * MINUTE
"""A device's clock may be ahead of the arrival by this much."""

EARLIEST = to_micros(datetime(2000, 1, 1, tzinfo=UTC))
"""An event before this is no event but a clock that was never set."""

# `sent` is shown to people, and Python's calendar has the years 1 to 9999.
_FIRST_SENT = to_micros(datetime(1, 1, 1, tzinfo=UTC))
_LAST_SENT = to_micros(datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))

MAX_REJECTS = 20
"""Records refused one by one from the same message; what is beyond is told in one line for the whole message."""

_RECORD_LENGTH = 500
_SOS = metric_id("sos")
_ALARMS = np.array(
    [_SOS, *map(metric_id, ("fall_flag", "cancel", "smoke", "gas", "carbon_monoxide", "water_leak"))], dtype=np.int16
)
_ONLINE = metric_id("online")
# Booleans and codes: there is nothing between 0 and 1.
_WHOLE = np.array([i in BY_ID and BY_ID[i].kind is not Kind.QUANTITY for i in range(max(BY_ID) + 1)])

DeviceKey = tuple[str, str]
"""Household and device, by their codes."""


class DecodeError(Exception):
    """The whole message can't be read: `reason`, and `detail` for a person who mends the device."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reject:
    """What goes to quarantine. message: its index in the batch. record: the part refused, None for the whole message.

    Neither text has characters that a database can't store.
    """

    message: int
    reason: Reason
    detail: str
    record: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What a batch of n messages held.

    devices: the distinct senders. message_device: int32[n], index into `devices`, -1 where there is none.
    readings, positions, waveforms: as in `core.readings`, but `device` is an index into `devices` and `resident` is 0;
    reading_message, position_message, waveform_message: int32, the message of each row, ascending.
    rejects: in the order of the messages.
    timeless: bool[n]; no time of its own tells a redelivered copy of this message from a new one: it gave none, or one
    that counts or not depending on when the copy arrives.
    ignored: messages that are well and of no concern to Kanhu (a Zigbee bridge's own affairs).
    """

    devices: tuple[DeviceKey, ...]
    message_device: Int32
    readings: ReadingBatch
    reading_message: Int32
    positions: PositionBatch
    position_message: Int32
    waveforms: tuple[Waveform, ...]
    waveform_message: Int32
    rejects: tuple[Reject, ...]
    timeless: Bool
    ignored: int


def number(said: object) -> float | None:
    """A number as float; None for anything else, for a boolean, and for an integer that no float can hold."""
    if type(said) is float:
        return said
    if type(said) is int and said.bit_length() <= 1000:
        return float(said)
    return None


def printable(text: str) -> str:
    """The text without what a database can't store (NUL, lone surrogates), cut to what a person reads."""
    text = text[:_RECORD_LENGTH]
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


class Columns:
    """The rows of one batch of messages, as codecs append them.

    metric: ids. value: in the metrics' own units; a boolean as 0.0 or 1.0. seconds: the time as SenML means it: since
    the epoch, or below 2**28 relative to the arrival (0.0: "now"), or UNUSABLE_TIME, or NaN.
    """

    __slots__ = (
        "_counts",
        "_message",
        "_rejects",
        "_start",
        "ignored",
        "metric",
        "position",
        "position_message",
        "seconds",
        "value",
        "waveform",
        "waveform_message",
    )

    def __init__(self) -> None:
        self.metric: list[int] = []
        self.value: list[float] = []
        self.seconds: list[float] = []
        self.position: list[tuple[float, float, float, float, int]] = []
        self.position_message: list[int] = []
        self.waveform: list[tuple[float, float, Int16]] = []
        self.waveform_message: list[int] = []
        self.ignored = 0
        self._counts: list[int] = []
        self._start = 0
        self._message = 0
        self._rejects: list[Reject] = []

    def reading(self, metric: int, value: float, seconds: float) -> None:
        """Take a reading; see the class. The SenML codec appends to the lists itself, for speed."""
        self.metric.append(metric)
        self.value.append(value)
        self.seconds.append(seconds)

    def fix(self, seconds: float, latitude: float, longitude: float, accuracy: float, source: int) -> None:
        """Take a position: degrees, metres (NaN: not given), index into POSITION_SOURCES."""
        self.position.append((seconds, latitude, longitude, accuracy, source))
        self.position_message.append(self._message)

    def wave(self, seconds: float, rate: float, samples: Int16) -> None:
        """Take a waveform: start, samples a second, int16[n, 3] in milli-g."""
        self.waveform.append((seconds, rate, samples))
        self.waveform_message.append(self._message)

    def ignore(self) -> None:
        """Count a message, or the whole of what it said, as of no concern."""
        self.ignored += 1

    def reject(self, reason: Reason, detail: str, record: str) -> None:
        """Refuse a part of the current message and keep its neighbours."""
        self._rejects.append(Reject(self._message, reason, printable(detail), printable(record)))

    def brought(self) -> int:
        """Rows and refusals so far, to tell whether a message said anything."""
        return len(self.metric) + len(self.position) + len(self.waveform) + len(self._rejects)

    def end_message(self) -> None:
        """The current message is read; what follows is of the next."""
        rows = len(self.metric)
        self._counts.append(rows - self._start)
        self._start = rows
        self._message += 1

    def fail_message(self, error: DecodeError) -> None:
        """The current message can't be read: forget what it brought, and refuse it as a whole."""
        start = self._start
        del self.metric[start:], self.value[start:], self.seconds[start:]
        _drop_last(self.position, self.position_message, self._message)
        _drop_last(self.waveform, self.waveform_message, self._message)
        while self._rejects and self._rejects[-1].message == self._message:
            self._rejects.pop()
        self._rejects.append(Reject(self._message, error.reason, printable(error.detail), None))
        self.end_message()

    def finish(
        self, messages: Sequence[Message], devices: tuple[DeviceKey, ...], message_device: Sequence[int]
    ) -> Decoded:
        """Everything read from `messages`, judged; `end_message` or `fail_message` was called for each of them."""
        of = np.array(message_device, dtype=np.int32)
        arrival = np.array([m.arrival for m in messages], dtype=np.int64)
        retained = np.array([m.retained for m in messages], dtype=np.bool_)
        timeless = np.zeros(len(messages), dtype=np.bool_)
        readings, reading_message = self._readings(arrival, retained, timeless, of)
        positions, position_message = self._positions(arrival, retained, timeless, of)
        waveforms, waveform_message = self._waveforms(arrival, retained, timeless, of)
        return Decoded(
            devices=devices,
            message_device=of,
            readings=readings,
            reading_message=reading_message,
            positions=positions,
            position_message=position_message,
            waveforms=waveforms,
            waveform_message=waveform_message,
            rejects=_bounded(self._rejects),
            timeless=timeless,
            ignored=self.ignored,
        )

    def _readings(self, arrivals: Int64, retained: Bool, timeless: Bool, device: Int32) -> tuple[ReadingBatch, Int32]:
        message = np.repeat(np.arange(len(self._counts), dtype=np.int32), self._counts)
        metric = np.array(self.metric, dtype=np.int16)
        value = np.array(self.value, dtype=np.float64)
        arrival = arrivals[message]
        times = _judge(np.array(self.seconds, dtype=np.float64), arrival, message)
        timeless[message[times.timeless]] = True

        finite = np.isfinite(value)
        # A button that counts its presses still calls for help.
        value[(metric == _SOS) & finite & (value != 0.0)] = 1.0
        # Neither does a clock that was never set make an alarm less of one.
        alarm = np.isin(metric, _ALARMS)
        absurd = times.absurd & ~alarm
        untold = retained[message] & times.relative & ~alarm & (metric != _ONLINE)
        with np.errstate(invalid="ignore"):
            good = plausible(metric, value) & (~_WHOLE[metric] | (value == np.rint(value)))
        keep = good & ~absurd & ~untold
        if not keep.all():
            for row in np.flatnonzero(~keep):
                said = BY_ID[int(metric[row])]
                if not finite[row]:
                    reason, detail = Reason.NOT_FINITE, f"{said.name} is {value[row]}"
                elif not good[row]:
                    reason = Reason.IMPLAUSIBLE
                    detail = f"{said.name} {value[row]:g} {said.unit} is not within {said.low:g} to {said.high:g}"
                elif absurd[row]:
                    reason, detail = Reason.TIME_ABSURD, f"{said.name} at {self.seconds[row]:g} s"
                else:
                    reason, detail = Reason.RETAINED_WITHOUT_TIME, f"{said.name} may be of any time before the arrival"
                self._refuse_row(int(message[row]), reason, detail, self._record(int(row)))
        batch = ReadingBatch.from_columns(
            device=device[message], resident=np.zeros(len(message), dtype=np.int32), metric=metric, time=times.time,
            value=value, arrival=arrival, sent=times.sent,
        )  # fmt: skip
        return (batch, message) if keep.all() else (batch.take(keep), message[keep])

    def _record(self, row: int) -> str:
        """A reading as a SenML record, so that a person can mend it and give it in again."""
        metric = BY_ID[self.metric[row]]
        return _text({"n": metric.name, "u": metric.unit, "v": self.value[row], "t": self.seconds[row]})

    def _positions(self, arrivals: Int64, retained: Bool, timeless: Bool, device: Int32) -> tuple[PositionBatch, Int32]:
        message = np.array(self.position_message, dtype=np.int32)
        said = np.array(self.position, dtype=np.float64).reshape(-1, 5)
        seconds, latitude, longitude, accuracy, source = said.T
        arrival = arrivals[message]
        times = _judge(seconds, arrival, message)
        timeless[message[times.timeless]] = True
        finite = np.isfinite(latitude) & np.isfinite(longitude)
        # A receiver without a fix says 0, 0: the open sea south of Ghana. Below 0 metres iOS means "not valid".
        somewhere = (
            (np.abs(latitude) <= 90.0)
            & (np.abs(longitude) <= 180.0)
            & ~((latitude == 0.0) & (longitude == 0.0))
            & (np.isnan(accuracy) | ((accuracy >= 0.0) & np.isfinite(accuracy)))
        )
        untold = retained[message] & times.relative
        keep = finite & somewhere & ~times.absurd & ~untold
        for row in np.flatnonzero(~keep):
            at, lat, lon, acc, _ = self.position[row]
            if not finite[row]:
                reason, detail = Reason.NOT_FINITE, f"position {lat}, {lon}"
            elif not somewhere[row]:
                reason, detail = Reason.IMPLAUSIBLE, f"position {lat:g}, {lon:g} within {acc:g} m"
            elif times.absurd[row]:
                reason, detail = Reason.TIME_ABSURD, f"position at {at:g} s"
            else:
                reason, detail = Reason.RETAINED_WITHOUT_TIME, "position may be of any time before the arrival"
            self._refuse_row(int(message[row]), reason, detail, _text({"lat": lat, "lon": lon, "acc": acc, "t": at}))
        batch = PositionBatch.from_columns(
            device=device[message], resident=np.zeros(len(message), dtype=np.int32), time=times.time, latitude=latitude,
            longitude=longitude, accuracy=accuracy, source=source, arrival=arrival, sent=times.sent,
        )  # fmt: skip
        return (batch, message) if keep.all() else (batch.take(keep), message[keep])

    def _waveforms(
        self, arrivals: Int64, retained: Bool, timeless: Bool, device: Int32
    ) -> tuple[tuple[Waveform, ...], Int32]:
        message = np.array(self.waveform_message, dtype=np.int32)
        arrival = arrivals[message]
        times = _judge(np.array([s for s, _, _ in self.waveform], dtype=np.float64), arrival, message)
        timeless[message[times.timeless]] = True
        untold = retained[message] & times.relative
        # A clip may be all that tells of a fall, so a clock that was never set does not keep it out.
        keep = ~untold
        waveforms = []
        for row, (seconds, rate, samples) in enumerate(self.waveform):
            if keep[row]:
                waveforms.append(
                    Waveform(
                        device=int(device[message[row]]),
                        resident=0,
                        time=int(times.time[row]),
                        rate=rate,
                        samples=samples,
                        arrival=int(arrival[row]),
                        sent=int(times.sent[row]),
                    )
                )
                continue
            detail = "waveform may be of any time before the arrival"
            record = _text({"t": seconds, "r": rate, "n": len(samples)})
            self._refuse_row(int(message[row]), Reason.RETAINED_WITHOUT_TIME, detail, record)
        return tuple(waveforms), message[keep]

    def _refuse_row(self, message: int, reason: Reason, detail: str, record: str) -> None:
        self._rejects.append(Reject(message, reason, printable(detail), printable(record)))


def _text(record: dict[str, object]) -> str:
    return msgspec.json.encode(record).decode()


def _drop_last(rows: list[tuple[float, float, float, float, int]] | list[tuple[float, float, Int16]],
               of: list[int], message: int) -> None:  # fmt: skip
    while of and of[-1] == message:
        of.pop()
        rows.pop()


def _bounded(rejects: list[Reject]) -> tuple[Reject, ...]:
    """In the order of the messages, and at most MAX_REJECTS and one of each: a message must not fill the quarantine."""
    rejects.sort(key=lambda r: r.message)
    if len(rejects) <= MAX_REJECTS:
        return tuple(rejects)
    kept: list[Reject] = []
    run = 0
    for index, reject in enumerate(rejects):
        run = run + 1 if index and rejects[index - 1].message == reject.message else 1
        if run <= MAX_REJECTS:
            kept.append(reject)
        elif run == MAX_REJECTS + 1:
            rest = 1
            while index + rest < len(rejects) and rejects[index + rest].message == reject.message:
                rest += 1
            kept.append(Reject(reject.message, reject.reason, f"and {rest} more records; first: {reject.detail}", None))
    return tuple(kept)


@dataclass(frozen=True, slots=True, eq=False)
class _Times:
    """time, sent: as in `core.readings`, int64[n]. relative: the device gave no time of day. timeless: see
    Decoded. absurd: before EARLIEST, or no number; its `time` is the arrival."""

    time: Int64
    sent: Int64
    relative: Bool
    timeless: Bool
    absurd: Bool


def _judge(seconds: Float64, arrival: Int64, message: Int32) -> _Times:
    """Event times of rows, from what devices said and when their messages arrived.

    Args: seconds float64[n], see Columns; arrival int64[n], micros; message int32[n], ascending.
    """
    number = ~np.isnan(seconds)
    relative = number & (seconds < RELATIVE_BELOW)
    with np.errstate(over="ignore", invalid="ignore"):
        micros = np.rint(np.where(number, seconds, 0.0) * SECOND)
    # Far outside the calendar, far inside int64 even when an arrival is added.
    micros = np.clip(micros, -4.0e18, 4.0e18).astype(np.int64)
    said = np.where(relative, micros + arrival, micros)
    ahead = number & (said > arrival + AHEAD)
    absurd = ~number | (said < EARLIEST)
    wrong = ahead | absurd
    sent = np.full(len(seconds), NO_TIME, dtype=np.int64)
    if not wrong.any():
        return _Times(said, sent, relative, relative, absurd)

    behind = _behind_newest(said, ahead, message)
    time = np.where(wrong, arrival - behind, said)
    # What lies outside the calendar is put at its ends, apart from other messages' by the arrival: two presses of a
    # button must never look like one.
    spread = arrival % DAY + behind
    late, early = said > _LAST_SENT - 2 * DAY, said < _FIRST_SENT + DAY
    shown = np.where(late, _LAST_SENT - spread, np.where(early, _FIRST_SENT + spread, said))
    sent = np.where(wrong & number, shown, sent)
    return _Times(time, sent, relative, relative | wrong, absurd)


def _behind_newest(said: Int64, ahead: Bool, message: Int32) -> Int64:
    """How long before the newest time of its message each row ahead of its arrival was, micros; 0 for the others.

    A watch whose clock is a year ahead still measured its eight heart rates a second apart. Beyond a day the spacing is
    not believed either.
    """
    behind = np.zeros(len(said), dtype=np.int64)
    if ahead.any():
        newest = np.full(int(message[-1]) + 1, NO_TIME, dtype=np.int64)
        np.maximum.at(newest, message[ahead], said[ahead])
        behind[ahead] = newest[message[ahead]] - said[ahead]
        behind[behind > DAY] = 0
    return behind
