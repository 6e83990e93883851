"""Who is on shift: rotations with their overrides, worked out for a moment or a span. Pure.

A shift belongs wholly to the member on whose turn its first day falls. Hours are those on the wall of the rotation's
time zone: where clocks are put forward a shift is an hour shorter, where they are put back an hour longer, and two
shifts that follow each other on the wall follow each other in fact.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from core.shifts import Override, Rotation

_DAY = timedelta(days=1)

LONGEST_SHIFT = timedelta(hours=26)
"""24 hours on the wall, and what a change of clocks may add: what lies further off has no effect on a moment."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One person at work, [starts_at, ends_at), UTC. rotation, override: ids of what says so.

    instead_of: who would have been at work by the rotation.
    """

    user: int
    starts_at: datetime
    ends_at: datetime
    rotation: int | None = None
    override: int | None = None
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class Rota:
    """The rota that counts for an area: of the area itself or of the nearest one above it that has one."""

    area_path: str
    rotations: tuple[Rotation, ...]
    overrides: tuple[Override, ...]

    @property
    def people(self) -> frozenset[int]:
        """Everybody who is named in it."""
        members = {member for rotation in self.rotations for member in rotation.members}
        replaced = {o.instead_of for o in self.overrides if o.instead_of is not None}
        return frozenset(members | replaced | {o.user for o in self.overrides})


def shifts(
    rotations: Sequence[Rotation], overrides: Iterable[Override], first: datetime, last: datetime
) -> list[Shift]:
    """All shifts that lie in [first, last) or reach into it, whole, the earliest first.

    overrides: those within LONGEST_SHIFT of the span; the later one (by id) counts where two are about the same.
    """
    pieces = [_Piece(shift) for rotation in rotations for shift in _of_rotation(rotation, first, last)]
    for override in sorted(overrides, key=lambda o: o.id):
        pieces = _apply(override, pieces)
    found = (piece.shift for piece in pieces if piece.shift.starts_at < last and piece.shift.ends_at > first)
    return sorted(found, key=lambda s: (s.starts_at, s.ends_at, s.rotation or 0, s.user))


def on_shift(rotations: Sequence[Rotation], overrides: Iterable[Override], now: datetime) -> list[Shift]:
    """The shifts that run at a moment; of somebody who has two the one that ends last."""
    running = shifts(rotations, overrides, now, now + timedelta(microseconds=1))
    last: dict[int, Shift] = {}
    for shift in sorted(running, key=lambda s: s.ends_at):
        last[shift.user] = shift
    return sorted(last.values(), key=lambda s: s.user)


def in_force(rotation: Rotation, now: datetime) -> bool:
    """Whether the rotation has begun and has members: from then on its area has a rota."""
    return bool(rotation.members) and rotation.starts_on <= now.astimezone(ZoneInfo(rotation.timezone)).date()


def by_area(rotations: Iterable[Rotation], overrides: Iterable[Override], now: datetime) -> Mapping[str, Rota]:
    """Every area's own rota by the area's path, of those that have one at a moment.

    Overrides alone are none: there would be nobody for them to stand in for.
    """
    of_rotations = sorted((r for r in rotations if in_force(r, now)), key=lambda r: (r.area_path, r.id))
    changes: dict[str, list[Override]] = {}
    for override in overrides:
        changes.setdefault(override.area_path, []).append(override)
    return {
        path: Rota(path, tuple(some), tuple(changes.get(path, ())))
        for path, some in groupby(of_rotations, key=lambda r: r.area_path)
    }


def nearest(path: str, rotas: Mapping[str, Rota]) -> Rota | None:
    """The rota that counts for the area at a path: its own, or that of the nearest area above it."""
    return next((rotas[one] for one in upwards(path) if one in rotas), None)


def upwards(path: str) -> Iterator[str]:
    """The paths of an area and of all above it, its own first."""
    while path != "/":
        yield path
        path = path.removesuffix("/").rpartition("/")[0] + "/"


def moment_of(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clock on the wall shows that time, UTC.

    Where clocks are put back and show it twice, the first time; a time that they skip is the moment at which they do.
    So a later time on the wall is never an earlier moment.
    """
    local = datetime.combine(day, clock)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local:
        return moment
    # In the gap. By the offset from before the change it is too late, by the one from after it too early.
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def _of_rotation(rotation: Rotation, first: datetime, last: datetime) -> Iterable[Shift]:
    zone = ZoneInfo(rotation.timezone)
    day = max(rotation.starts_on, first.astimezone(zone).date() - _DAY)
    end = last.astimezone(zone).date()
    while day <= end:
        turn = (day - rotation.starts_on).days // rotation.days_each
        member = rotation.members[turn % len(rotation.members)]
        for hours in rotation.shifts:
            if day.isoweekday() not in hours.weekdays:
                continue
            starts_at = moment_of(day, hours.start, zone)
            ends_at = moment_of(day + _DAY if hours.over_midnight else day, hours.end, zone)
            # Of a shift that the clocks skip altogether nothing is left.
            if starts_at < ends_at:
                yield Shift(member, starts_at, ends_at, rotation=rotation.id)
        day += _DAY


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a shift. replaced: everybody who was to work it before."""

    shift: Shift
    replaced: tuple[int, ...] = ()


def _apply(override: Override, pieces: Sequence[_Piece]) -> list[_Piece]:
    if override.instead_of is None:
        return [*pieces, _Piece(Shift(override.user, override.starts_at, override.ends_at, override=override.id))]
    after: list[_Piece] = []
    for piece in pieces:
        shift = piece.shift
        starts_at, ends_at = max(shift.starts_at, override.starts_at), min(shift.ends_at, override.ends_at)
        # Also where somebody else stands in for them already: the later word counts.
        if override.instead_of not in (shift.user, *piece.replaced) or starts_at >= ends_at:
            after.append(piece)
            continue
        if shift.starts_at < starts_at:
            after.append(replace(piece, shift=replace(shift, ends_at=starts_at)))
        original = piece.replaced[0] if piece.replaced else shift.user
        stands_in = replace(
            shift,
            user=override.user,
            starts_at=starts_at,
            ends_at=ends_at,
            override=override.id,
            instead_of=None if original == override.user else original,
        )
        after.append(_Piece(stands_in, (*piece.replaced, shift.user)))
        if ends_at < shift.ends_at:
            after.append(replace(piece, shift=replace(shift, starts_at=ends_at)))
    return after
