"""Who of the centre is told of something in an area: those on shift, everybody where that would be nobody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

import structlog

from alerts import rota
from alerts.rota import LONGEST_SHIFT, Rota, Shift
from core.shifts import Rotation
from core.zones import time_zone
from storage import rota as stored
from storage.deliveries import Person
from storage.pool import Connection
from storage.rota import Colleague

_log = structlog.get_logger(__name__)

Role = Literal["responder", "supervisor"]


class Fallback(StrEnum):
    """Why everybody of the area is told."""

    NO_ROTA = "no_rota"
    NOBODY_ON_SHIFT = "nobody_on_shift"
    NO_CHANNEL = "no_channel"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is told, by id; and, where that is everybody of the area, why."""

    people: tuple[Colleague, ...]
    fallback: Fallback | None


@dataclass(frozen=True, slots=True)
class Centre:
    """What is known of an area's people at a moment. rota: the one that counts, None for none; running: its shifts.

    staff: everybody who sees the area, and everybody whom the rota names, by id.
    """

    path: str
    rota: Rota | None
    running: tuple[Shift, ...]
    staff: tuple[Colleague, ...]

    def told(self, role: Role, *, exhausted: bool = False) -> Duty:
        """Whom a step for the role tells: those on shift who can be reached, else everybody. Pure.

        A supervisor who stands in for a responder does that responder's duty. Supervisors are told by the rota only
        where it names some. exhausted: nobody has answered in all rounds, so that a shift spares nobody any more.
        """
        everybody = tuple(c for c in self.staff if c.role == role and c.sees(self.path))
        if not self.has_rota(role):
            return Duty(everybody, Fallback.NO_ROTA)
        if exhausted:
            return Duty(everybody, Fallback.EXHAUSTED)
        working = self.on_shift(role)
        if not working:
            return Duty(everybody, Fallback.NOBODY_ON_SHIFT)
        if all(colleague.channel_id is None for colleague in working):
            return Duty(everybody, Fallback.NO_CHANNEL)
        return Duty(working, None)

    def has_rota(self, role: Role) -> bool:
        """Whether a rota says who of the role is on shift."""
        if self.rota is None:
            return False
        named = self.rota.people
        return role == "responder" or any(c.role == role and c.id in named for c in self.staff)

    def on_shift(self, role: Role) -> tuple[Colleague, ...]:
        """Who does the role's duty now and may: whoever was disabled or works elsewhere now does not count."""
        by_id = {colleague.id: colleague for colleague in self.staff}
        return tuple(
            by_id[shift.user]
            for shift in self.running
            if by_id[shift.user].sees(self.path) and _duty_of(shift, by_id) == role
        )


def _duty_of(shift: Shift, by_id: Mapping[int, Colleague]) -> str:
    """The role of whoever the shift is worked for; one's own where that is nobody of the centre any more."""
    done_for = by_id.get(shift.user if shift.instead_of is None else shift.instead_of)
    return (done_for or by_id[shift.user]).role


async def at(connection: Connection, path: str, now: datetime) -> Centre:
    """The people of the area at a path."""
    rotations = readable(await stored.rotations(connection, upwards=path))
    overrides = await stored.overrides(connection, now - LONGEST_SHIFT, now + LONGEST_SHIFT, upwards=path)
    found = rota.nearest(path, rota.by_area(rotations, overrides, now))
    named = [] if found is None else sorted(found.people)
    staff = await stored.colleagues(connection, path, named)
    return centre(path, found, staff, now)


async def everywhere(connection: Connection, now: datetime) -> tuple[Mapping[str, Rota], list[Colleague]]:
    """All rotas by the path of their area, and everybody who works anywhere, also those who left."""
    rotations = readable(await stored.rotations(connection, subtree="/"))
    overrides = await stored.overrides(connection, now - LONGEST_SHIFT, now + LONGEST_SHIFT, subtree="/")
    staff = await stored.staff(connection, subtree="/", disabled=True)
    return rota.by_area(rotations, overrides, now), staff


async def of_areas(connection: Connection, paths: Iterable[str], now: datetime) -> list[Centre]:
    """The people of each of many areas: three queries, however many there are."""
    rotas, staff = await everywhere(connection, now)
    return [centre(path, rota.nearest(path, rotas), staff, now) for path in paths]


async def of_resident(connection: Connection, resident_id: int, now: datetime) -> Centre:
    """The people of the area that a resident lives in. Raises KeyError for an unknown resident."""
    path = await stored.home_path(connection, resident_id)
    if path is None:
        raise KeyError(resident_id)
    return await at(connection, path, now)


def centre(path: str, found: Rota | None, staff: Sequence[Colleague], now: datetime) -> Centre:
    """The same from what was read. Pure. staff: at least everybody who sees the area or is named in its rota."""
    named: frozenset[int] = frozenset()
    running: list[Shift] = []
    if found is not None:
        named = found.people
        # Whoever is no responder or supervisor any more is nobody to be told.
        known = {colleague.id for colleague in staff}
        running = [s for s in rota.on_shift(found.rotations, found.overrides, now) if s.user in known]
    return Centre(path, found, tuple(running), tuple(c for c in staff if c.id in named or c.sees(path)))


def readable(rotations: Iterable[Rotation]) -> list[Rotation]:
    """The rotations whose time zone this machine knows. One that it does not is said loudly and not used."""
    good: list[Rotation] = []
    for rotation in rotations:
        try:
            time_zone(rotation.timezone)
        except ValueError as error:
            _log.error("rotation can't be worked out, it is not used", rotation=rotation.id, error=str(error))
        else:
            good.append(rotation)
    return good


def person(colleague: Colleague) -> Person:
    """As somebody to tell."""
    return Person(contact_id=None, user_id=colleague.id, channel_id=colleague.channel_id, confirmed=False)
