"""Is this person protected now? One answer with its reasons. Pure.

Protected is who can call for help at this moment and be answered: something that works to call with, somebody who
hears of it, and a proof of not too long ago that the whole way does. What is wrong leaves them *partly* protected as
long as there is another way to call for help, and *not* protected where there is none, or where nobody would answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.coverage import ABOUT_RESIDENTS
from alerts.coverage import Code as Gap
from core.findings import Queue
from storage.coverage import OpenGap
from storage.protection import Caller, Resident

SILENT_INTERVALS = 1.5
"""As the detector of device health has it: so many intervals without a message and a device is overdue."""
LEAST_SILENCE = timedelta(minutes=5)
"""What is stored of a device may be a minute old, and networks take their time."""
LONG_SILENCE_INTERVALS = 4
LEAST_LONG_SILENCE = timedelta(hours=1)
"""Both as the detector of device health: then a call for help may not get through."""
OFFLINE = timedelta(minutes=5)
"""After its last will a device has so long to come back."""
BATTERY_LOW = 15.0
BATTERY_EMPTY = 5.0
"""Per cent: soon to be charged; about to end."""
TAKEN_OFF = timedelta(minutes=30)
"""To charge or to wash takes no longer; as the detector of device health."""
TEST_EVERY = timedelta(days=31)
"""Once a month, as telecare services ask of the people who use them."""


UNLOOKED_AT = timedelta(minutes=5)
"""The dispatcher looks twice a minute whether anybody would answer: by then it does not run."""


class Protected(StrEnum):
    """The answer, the worst first."""

    NO = "no"
    PARTLY = "partly"
    YES = "yes"


class Severity(StrEnum):
    """What a reason does to the answer: danger makes it no, a warning partly, information nothing."""

    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"


class Code(StrEnum):
    """What is looked at."""

    SOS_DEVICE = "sos_device"
    HEARD = "heard"
    WORN = "worn"
    BATTERY = "battery"
    CONTACTS = "contacts"
    ANSWERED = "answered"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was looked at. message: of `core.wording`, with `arguments`.

    ok: seen to be as it should. What is not known is not ok, and no more than information.
    """

    code: Code
    ok: bool
    severity: Severity
    message: str
    arguments: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer with all reasons, in the order of Code."""

    protected: Protected
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answering:
    """Whether somebody of the centre would answer an emergency. gaps: why nobody would, by the path of the area."""

    watched: bool
    gaps: Mapping[str, Gap]

    def why_not(self, area_path: str) -> str:
        """Why nobody would hear of an emergency in this area; empty where somebody would."""
        if not self.watched:
            return "unwatched"
        gap = self.gaps.get(area_path)
        return "" if gap is None else gap.value


def answering(checked_at: datetime | None, gaps: Iterable[OpenGap], now: datetime, speed: float = 1.0) -> Answering:
    """What the watch over the centre says now. speed: of the installation's clock against real time."""
    watched = checked_at is not None and now - checked_at <= UNLOOKED_AT * max(1.0, speed)
    by_area: dict[str, Gap] = {}
    for gap in gaps:
        code = Gap(gap.code)
        # Of several the one that nobody steps in for.
        if gap.queue == Queue.EMERGENCY and code not in ABOUT_RESIDENTS and by_area.get(gap.area_path) in (
            None, Gap.NOBODY_ON_SHIFT,
        ):  # fmt: skip
            by_area[gap.area_path] = code
    return Answering(watched, by_area)


def judge(resident: Resident, callers: Sequence[Caller], nobody_answers: str, now: datetime) -> Answer:
    """The answer for one resident.

    callers: what they can call for help with. nobody_answers: as `Answering.why_not` has it.
    """
    devices = [_look(caller, now) for caller in callers]
    # A fault is a danger where it leaves no other way to call for help.
    fault = Severity.WARNING if any(device.works for device in devices) else Severity.DANGER
    reasons = [_has_device(devices)]
    if devices:
        reasons += [_heard(devices, fault), _worn(devices, fault), _battery(devices, fault)]
    reasons += [_contacts(resident), _answered(nobody_answers), _tested(resident.last_test_at, now)]
    wrong = {reason.severity for reason in reasons if not reason.ok}
    if Severity.DANGER in wrong:
        protected = Protected.NO
    else:
        protected = Protected.PARTLY if Severity.WARNING in wrong else Protected.YES
    return Answer(protected, tuple(reasons))


@dataclass(frozen=True, slots=True)
class _Device:
    """What is to be said of one device. silence: since when it was last heard.

    silent: so long, or so surely gone, that a call for help may not get through. overdue: not that long yet. off: not
    worn for longer than it takes to charge it or to wash.
    """

    silence: timedelta | None
    silent: bool
    overdue: bool
    battery: float | None
    empty: bool
    worn: bool | None
    worn_for: timedelta | None
    off: bool

    @property
    def works(self) -> bool:
        """Whether they can call for help with it."""
        return not (self.silent or self.empty or self.off)


def _look(caller: Caller, now: datetime) -> _Device:
    silence = None if caller.heard_at is None else now - caller.heard_at
    silent = caller.offline_at is not None and now - caller.offline_at >= OFFLINE
    overdue = False
    if caller.interval_s:
        interval = timedelta(seconds=caller.interval_s)
        silent = silent or silence is None or silence > max(LONG_SILENCE_INTERVALS * interval, LEAST_LONG_SILENCE)
        overdue = silence is not None and silence > max(SILENT_INTERVALS * interval, LEAST_SILENCE)
    worn_for = None if caller.worn_since is None else now - caller.worn_since
    return _Device(
        silence=silence,
        silent=silent,
        overdue=overdue,
        battery=caller.battery,
        empty=caller.battery is not None and caller.battery < BATTERY_EMPTY,
        worn=caller.worn,
        worn_for=worn_for,
        off=caller.worn is False and (worn_for is None or worn_for >= TAKEN_OFF),
    )


def _has_device(devices: Sequence[_Device]) -> Reason:
    if not devices:
        return Reason(Code.SOS_DEVICE, False, Severity.DANGER, "protection-sos_device-none")
    return Reason(Code.SOS_DEVICE, True, Severity.INFO, "protection-sos_device-ok", {"devices": len(devices)})


def _heard(devices: Sequence[_Device], fault: Severity) -> Reason:
    if any(d.silent for d in devices):
        last = [d.silence for d in devices if d.silent and d.silence is not None]
        if not last:
            return Reason(Code.HEARD, False, fault, "protection-heard-never")
        return Reason(Code.HEARD, False, fault, "protection-heard-silent", _ago(min(last)))
    overdue = [d.silence for d in devices if d.overdue and d.silence is not None]
    if overdue:
        return Reason(Code.HEARD, False, Severity.WARNING, "protection-heard-overdue", _ago(max(overdue)))
    heard = [d.silence for d in devices if d.silence is not None]
    if not heard:
        return Reason(Code.HEARD, False, Severity.INFO, "protection-heard-unknown")
    return Reason(Code.HEARD, True, Severity.INFO, "protection-heard-ok", _ago(min(heard)))


def _worn(devices: Sequence[_Device], fault: Severity) -> Reason:
    known = [d for d in devices if d.worn is not None]
    if not known:
        return Reason(Code.WORN, False, Severity.INFO, "protection-worn-unknown")
    if any(d.worn for d in known):
        return Reason(Code.WORN, True, Severity.INFO, "protection-worn-ok")
    if not all(d.off for d in known):
        return Reason(Code.WORN, False, Severity.INFO, "protection-worn-just_off")
    return Reason(Code.WORN, False, fault, "protection-worn-off")


def _battery(devices: Sequence[_Device], fault: Severity) -> Reason:
    known = [d.battery for d in devices if d.battery is not None]
    if not known:
        return Reason(Code.BATTERY, False, Severity.INFO, "protection-battery-unknown")
    lowest = min(known)
    arguments: dict[str, int | str] = {"percent": round(lowest)}
    if lowest < BATTERY_EMPTY:
        return Reason(Code.BATTERY, False, fault, "protection-battery-empty", arguments)
    if lowest < BATTERY_LOW:
        return Reason(Code.BATTERY, False, Severity.WARNING, "protection-battery-low", arguments)
    return Reason(Code.BATTERY, True, Severity.INFO, "protection-battery-ok", arguments)


def _contacts(resident: Resident) -> Reason:
    arguments: dict[str, int | str] = {"reachable": resident.reachable, "contacts": resident.contacts}
    if resident.reachable:
        return Reason(Code.CONTACTS, True, Severity.INFO, "protection-contacts-ok", arguments)
    if resident.contacts:
        return Reason(Code.CONTACTS, False, Severity.WARNING, "protection-contacts-unreachable", arguments)
    message = "protection-contacts-expired" if resident.expired else "protection-contacts-none"
    return Reason(Code.CONTACTS, False, Severity.WARNING, message)


def _answered(why_not: str) -> Reason:
    if why_not == Gap.NOBODY_ON_SHIFT:
        # Everybody of the area is told in their place.
        return Reason(Code.ANSWERED, False, Severity.WARNING, f"protection-answered-{why_not}")
    if why_not:
        return Reason(Code.ANSWERED, False, Severity.DANGER, f"protection-answered-{why_not}")
    return Reason(Code.ANSWERED, True, Severity.INFO, "protection-answered-ok")


def _tested(last: datetime | None, now: datetime) -> Reason:
    if last is None:
        return Reason(Code.TEST, False, Severity.WARNING, "protection-test-never")
    if now - last > TEST_EVERY:
        return Reason(Code.TEST, False, Severity.WARNING, "protection-test-long_ago", _ago(now - last))
    return Reason(Code.TEST, True, Severity.INFO, "protection-test-ok", _ago(now - last))


def _ago(span: timedelta) -> dict[str, int | str]:
    """A span in the unit that people would say it in."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 120:
        return {"amount": minutes, "unit": "minutes"}
    if minutes < 2 * 24 * 60:
        return {"amount": minutes // 60, "unit": "hours"}
    return {"amount": minutes // (24 * 60), "unit": "days"}
