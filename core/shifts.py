"""What a rota is made of: working hours, rotations, overrides. Who is on shift by them, `alerts.rota` works out."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Hours:
    """Local hours on some weekdays (ISO 8601: 1 is Monday, 7 Sunday).

    end ≤ start: until then on the next day; equal: 24 hours. The weekday is that of the start.
    """

    weekdays: tuple[int, ...]
    start: time
    end: time

    @property
    def over_midnight(self) -> bool:
        """Whether they end on the day after they began."""
        return self.end <= self.start

    def hold(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether the clock on the wall of that zone stands within them at a moment."""
        local = moment.astimezone(zone)
        clock, today, yesterday = local.time(), local.isoweekday(), (local - timedelta(days=1)).isoweekday()
        if not self.over_midnight:
            return today in self.weekdays and self.start <= clock < self.end
        return (today in self.weekdays and clock >= self.start) or (yesterday in self.weekdays and clock < self.end)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Members who take turns in an area: each works the shifts that begin on `days_each` days, from `starts_on` on.

    area, area_path: code and path. timezone: of the hours and of the days. members: user ids in the order of turns.
    """

    id: int
    area: str
    area_path: str
    name: str
    timezone: str
    starts_on: date
    days_each: int
    members: tuple[int, ...]
    shifts: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody is on shift from starts_at until ends_at: for another where instead_of is set, else besides the others.

    user, instead_of: user ids. id: the later one counts where two are about the same.
    """

    id: int
    area: str
    area_path: str
    user: int
    instead_of: int | None
    starts_at: datetime
    ends_at: datetime
    note: str = ""
