"""Standing figures: how soon calls were answered, who came when, by the audit trail. Pure; docs/adr/0015 says what
counts as what.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from alerts.lifecycle import FALSE_CODES, TRUE_CODES, ClosureCode, State
from alerts.precision import wilson
from core.care import CarePlan
from core.shifts import Hours, Rotation
from core.zones import time_zone
from storage.figures import Courses, Moments, Texts
from storage.people import Area

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

MINUTE = 60.0

TARGETS: Mapping[str, float] = MappingProxyType(
    {"answer_60": 0.975, "answer_180": 0.99, "on_scene_45min": 0.9, "on_scene_60min": 1.0}
)
"""What is aimed at, as a share: the key performance indicators of TSA (the UK's body for telecare), which answer from
the call on."""

EXCLUDED: tuple[ClosureCode, ...] = (ClosureCode.TEST, ClosureCode.TECHNICAL, ClosureCode.DUPLICATE)
"""Closed like this it was no call: counted apart."""

SHIFTS: tuple[int, ...] = (0, 8, 16)
"""Local hours at which shifts begin, where no rota says otherwise."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many met a limit, of those of which it is decided; with the 95 % interval (Wilson)."""

    met: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, each one that did happen (nearest rank), over the `of` incidents in which it happened at all."""

    of: int
    median: float
    p90: float
    p975: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group of incidents. A share is None where nothing is decided, times where nothing has happened.

    incidents: came into the queue, and were not closed as test, technical or duplicate (`excluded`, by code).
    true, false: by closure code; undecided: the rest. unanswered: nobody of the centre has claimed it. family_first: a
    contact confirmed before anybody claimed. lapsed: somebody claimed it and fell silent. sent: help was sent.
    ended_itself: over without anybody's closing it. cancelled_in_countdown: by the wearer, and nobody's call.
    """

    group: str
    label: str
    incidents: int
    answered_60: Share | None
    answered_180: Share | None
    on_scene_45min: Share | None
    on_scene_60min: Share | None
    answer_s: Times | None
    claim_s: Times | None
    on_scene_s: Times | None
    close_s: Times | None
    true: int
    false: int
    undecided: int
    unanswered: int
    family_first: int
    lapsed: int
    reopened: int
    sent: int
    ended_itself: int
    cancelled_in_countdown: int
    excluded: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Some of the incidents. name: area code, shift, detector or kind."""

    name: str
    label: str
    members: Mask


def everything(courses: Courses) -> list[Group]:
    """One group of all."""
    return [Group("", "", np.ones(len(courses), np.bool_))]


def by_area(courses: Courses, areas: Sequence[Area]) -> list[Group]:
    """A group for each area that had any incident, with all below it. areas: a subtree, parents first."""
    ordered = sorted(areas, key=lambda area: area.path)
    place = {area.id: number for number, area in enumerate(ordered)}
    places = np.fromiter((place[i] for i in courses.area.tolist()), np.int64, len(courses))
    groups = []
    for number, area in enumerate(ordered):
        # A subtree is a run of the areas in the order of their paths.
        end = number + sum(1 for _ in _below(ordered, number))
        groups.append(Group(area.code, area.name, (places >= number) & (places < end)))
    return [group for group in groups if group.members.any()]


def _below(ordered: Sequence[Area], number: int) -> Iterator[Area]:
    """The area at a place and those below it, which follow it."""
    root = ordered[number].path
    for area in ordered[number:]:
        if not area.path.startswith(root):
            return
        yield area


def by_shift(courses: Courses, begins: Sequence[int] = SHIFTS) -> list[Group]:
    """A group for each shift, by the resident's local hour at which the incident came into the queue.

    begins: hours, ascending, the first of them 0.
    """
    shift = np.searchsorted(np.asarray(begins), local_hours(courses.entered, courses.timezone), side="right") - 1
    ends = [*begins[1:], 24]
    names = [f"{begin:02}:00–{end:02}:00" for begin, end in zip(begins, ends, strict=True)]
    return [Group(name, name, shift == number) for number, name in enumerate(names) if (shift == number).any()]


def by_rota(courses: Courses, areas: Sequence[Area], rotations: Sequence[Rotation], none: str) -> list[Group]:
    """A group for each rotation's shift, of the incidents that came into the queue while it ran in their area.

    The rota that counts is that of the home's area or the nearest above it, as it is today; who stood in for whom does
    not matter. An incident is in the group of each shift that ran; in which none did, it is in the last, called `none`.
    """
    paths = {area.id: area.path for area in areas}
    own: dict[str, list[Rotation]] = {}
    for rotation in rotations:
        # Without members it is nobody's rota.
        if rotation.members:
            own.setdefault(rotation.area_path, []).append(rotation)
    counts = {area: _nearest(path, own) for area, path in paths.items()}
    places = np.fromiter((counts[area] or "" for area in courses.area.tolist()), object, len(courses))
    groups, covered = [], np.zeros(len(courses), np.bool_)
    for path, some in sorted(own.items()):
        here = places == path
        for rotation in some:
            for place, hours in enumerate(rotation.shifts):
                members = _while_running(courses.entered, here, rotation, hours)
                covered |= members
                label = f"{rotation.name} {hours.start:%H:%M}–{hours.end:%H:%M}"
                groups.append(Group(f"{rotation.id}-{place}", label, members))
    groups.append(Group("none", none, ~covered))
    return [group for group in groups if group.members.any()]


def _nearest(path: str, own: Mapping[str, object]) -> str | None:
    while path not in own:
        if path in ("", "/"):
            return None
        path = path.removesuffix("/").rpartition("/")[0] + "/"
    return path


def _while_running(moments: Moments, here: Mask, rotation: Rotation, hours: Hours) -> Mask:
    zone = ZoneInfo(rotation.timezone)
    # Shifts begin and end at full minutes.
    different, where = np.unique(np.floor(moments[here] / MINUTE).astype(np.int64), return_inverse=True)
    local = (datetime.fromtimestamp(minute * MINUTE, UTC) for minute in different.tolist())
    held = [rotation.starts_on <= m.astimezone(zone).date() and hours.hold(m, zone) for m in local]
    running = np.zeros(len(moments), np.bool_)
    running[here] = np.asarray(held, np.bool_)[where] if held else False
    return running


def by_detector(courses: Courses) -> list[Group]:
    """A group for each detector, by whose alert raised the incident."""
    return _by_text(courses.raised_by, lambda actor: actor.removeprefix("detector:"))


def by_kind(courses: Courses, said: Callable[[str], str] = str) -> list[Group]:
    """A group for each kind, by that of the alert that raised the incident. said: the kind in words."""
    return _by_text(courses.kind, str, said)


def _by_text(column: Texts, name_of: Callable[[str], str], said: Callable[[str], str] = str) -> list[Group]:
    groups = []
    for place, text in sorted(enumerate(column.names), key=lambda pair: pair[1]):
        name = name_of(text)
        groups.append(Group(name, said(name), column.row == place))
    return [group for group in groups if group.members.any()]


def local_hours(moments: Moments, timezone: Texts) -> npt.NDArray[np.int64]:
    """The hour of the clock at each moment in its time zone; one that is not known is the default's."""
    hours = np.zeros(len(moments), np.int64)
    # No zone's offset changes within a quarter of an hour.
    quarters = np.floor(moments / (15 * MINUTE)).astype(np.int64)
    for place, name in enumerate(timezone.names):
        there = timezone.row == place
        zone = _zone(name)
        different, where = np.unique(quarters[there], return_inverse=True)
        clock = [datetime.fromtimestamp(q * 15 * MINUTE, UTC).astimezone(zone).hour for q in different.tolist()]
        hours[there] = np.asarray(clock, np.int64)[where] if clock else hours[there]
    return hours


def _zone(name: str) -> ZoneInfo:
    try:
        return time_zone(name or CarePlan().timezone)
    except ValueError:
        return ZoneInfo(CarePlan().timezone)


def figures(courses: Courses, groups: Sequence[Group], now: datetime) -> list[Figures]:
    """The figures of each group, as they are at `now`."""
    measured = _Measured(courses, now.timestamp())
    return [measured.of(group) for group in groups]


def decided(happened: Moments, watched: Moments, limit: float) -> tuple[Mask, Mask]:
    """Whether what should happen within `limit` seconds did: (met, missed), bool[incidents].

    happened, watched: seconds since the incident came into the queue; happened NaN where it did not; watched: for how
    long it has been in somebody's hands to do it, until it was over or until now. Missed is what had not happened when
    the limit had passed, whatever came later. Neither: the limit has not passed yet, or it was over before that.
    """
    met = happened <= limit
    return met, ~met & ((happened > limit) | (watched > limit))


class _Measured:
    """All that is asked of each incident, once for all groups."""

    def __init__(self, courses: Courses, now: float) -> None:
        closed = courses.end_state.among((State.CLOSED.value,))
        excluded = closed & courses.code.among(frozenset(code.value for code in EXCLUDED))
        came = ~np.isnan(courses.opened)
        self._courses = courses
        self._counted = came & ~excluded
        self._excluded = {code.value: came & closed & courses.code.among((code.value,)) for code in EXCLUDED}
        self._countdown = ~came
        self._closed = closed
        self._cancelled = courses.end_state.among((State.CANCELLED.value,))
        self._true = closed & courses.code.among(frozenset(code.value for code in TRUE_CODES))
        self._false = closed & courses.code.among(frozenset(code.value for code in FALSE_CODES))
        self._sent = ~np.isnan(courses.sent)
        # Clocks of two machines may differ by more than it took.
        self._answer, self._claim, self._arrival, self._end = (
            np.maximum(moment - courses.opened, 0.0)
            for moment in (courses.answered, courses.held, courses.arrived, courses.ended)
        )
        watched = np.where(np.isnan(courses.ended), now - courses.opened, self._end)
        self._answered = {limit: decided(self._answer, watched, limit) for limit in (60.0, 180.0)}
        self._on_scene = {limit: decided(self._arrival, watched, limit) for limit in (45 * MINUTE, 60 * MINUTE)}

    def of(self, group: Group) -> Figures:
        """One group's figures. Costs by its own incidents, not by all: a city has hundreds of areas."""
        courses = self._courses
        rows = np.flatnonzero(group.members)
        mine = rows[self._counted[rows]]
        sent = mine[self._sent[mine]]
        answered, confirmed = courses.answered[mine], courses.confirmed[mine]
        family_first = (confirmed < answered) | (np.isnan(answered) & ~np.isnan(confirmed))
        true, false = _count(self._true[mine]), _count(self._false[mine])
        return Figures(
            group=group.name,
            label=group.label,
            incidents=len(mine),
            answered_60=_share(mine, self._answered[60.0]),
            answered_180=_share(mine, self._answered[180.0]),
            on_scene_45min=_share(sent, self._on_scene[45 * MINUTE]),
            on_scene_60min=_share(sent, self._on_scene[60 * MINUTE]),
            answer_s=_times(self._answer[mine]),
            claim_s=_times(self._claim[mine]),
            on_scene_s=_times(self._arrival[sent]),
            close_s=_times(self._end[mine[self._closed[mine]]]),
            true=true,
            false=false,
            undecided=len(mine) - true - false,
            unanswered=_count(np.isnan(answered)),
            family_first=_count(family_first),
            lapsed=_count(courses.lapses[mine] > 0),
            reopened=_count(courses.reopenings[mine] > 0),
            sent=len(sent),
            ended_itself=_count(self._cancelled[mine]),
            cancelled_in_countdown=_count(self._countdown[rows]),
            excluded={code: _count(mask[rows]) for code, mask in self._excluded.items()},
        )


def _count(mask: Mask) -> int:
    return int(np.count_nonzero(mask))


def _share(rows: Rows, outcome: tuple[Mask, Mask]) -> Share | None:
    met, missed = (_count(mask[rows]) for mask in outcome)
    if met + missed == 0:
        return None
    low, high = wilson(met, met + missed)
    return Share(met, met + missed, met / (met + missed), low, high)


def _times(seconds: Moments) -> Times | None:
    happened = np.sort(seconds[~np.isnan(seconds)])
    if len(happened) == 0:
        return None
    median, p90, p975 = (float(_nearest_rank(happened, share)) for share in (0.5, 0.9, 0.975))
    return Times(len(happened), median, p90, p975)


def _nearest_rank(ordered: Moments, share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    return float(np.quantile(ordered, share, method="inverted_cdf"))
