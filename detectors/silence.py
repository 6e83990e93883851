"""When a device, or a whole home, has been silent for too long: columns of due moments, no words.

A device with an interval is overdue 1.5 intervals after its last sign of life; one whose last will the broker has told
is overdue five minutes after that. When a home's power or internet fails all of its devices fall silent, and one report
says more than ten, so an overdue device of a home with several waits

- until another device of the home has spoken since (and a minute more: after an outage they come back one by one),
- at most half an hour,
- and is no longer reported by itself once every device of the home is overdue: then the home is silent.

Sign of life: the event time of any message; of one that came later than the allowed lateness, its arrival less that
lateness, so that a device with a slow clock is not silent for ever. Only what was overdue by a message's event time is
judged when it comes, so that a backlog read after an outage of ours makes nobody silent.
"""

from dataclasses import dataclass

import numpy as np

from core.clock import HOUR, MINUTE
from core.readings import Bool, Int64
from detectors.state import Column, Table, TableData, distinct, rounds

NEVER = np.iinfo(np.int64).min
"""No such event yet."""

NOT_DUE = np.iinfo(np.int64).max
"""Nothing is waited for."""

OFFLINE_GRACE = 5 * MINUTE
HOLD = 30 * MINUTE
RETURN_GRACE = 1 * MINUTE


@dataclass(frozen=True, slots=True)
class Change:
    """Something fell silent or spoke again.

    what: "device", "critical" (a device that a call for help depends on, silent for long) or "home". id: the device's
    or home's. time: when, micros. last: event time of the last message before, NEVER for none. since: the sign of life
    that the silence is counted from. offline: the broker told of the lost connection. over: it spoke again.
    """

    what: str
    id: int
    time: int
    last: int
    since: int
    offline: bool = False
    over: bool = False


class Silence:
    """Signs of life and what is due, a row a device. See the module's text.

    lateness: micros. Cost: array operations over the devices of the homes in a batch; a tick is three comparisons over
    all devices and homes. Memory: about 100 bytes a device.
    """

    def __init__(self, lateness: int) -> None:
        self._lateness = lateness
        self._begun = False
        self._devices = Table(
            last=Column("i8", NEVER),
            life=Column("i8", NEVER),
            offline=Column("i8", NOT_DUE),
            report=Column("i8", NOT_DUE),
            silent=Column("?", 0),
            critical_silent=Column("?", 0),
        )
        self._homes = Table(silent=Column("?", 0), last=Column("i8", NEVER))
        none = np.empty(0, np.int64)
        self.align(none, none, none, np.empty(0, np.bool_))

    def align(self, ids: Int64, interval: Int64, home: Int64, critical: Bool) -> None:
        """Watch exactly these devices; state of others is dropped.

        ids: ascending. interval: micros, 0 for none. home: a number, -1 for nobody's. critical: a call for help depends
        on it.
        """
        self._devices.align(ids)
        self._homes.align(home[home >= 0])
        self._interval = interval
        self._home = self._homes.find(home)
        self._critical = critical & (interval > 0)
        # Members of each home, one home after another.
        self._members = np.argsort(self._home, kind="stable")[int(np.count_nonzero(self._home < 0)) :]
        self._count = np.bincount(self._home[self._members], minlength=len(self._homes))
        self._start = np.cumsum(self._count) - self._count
        regular = (self._home >= 0) & (self._interval > 0)
        several = np.append(np.bincount(self._home[regular], minlength=len(self._homes)) > 1, False)
        self._held = several[self._home]
        self._regular = regular & self._held
        self._refresh_all()

    def dump(self) -> tuple[TableData, TableData]:
        """All state: devices, homes."""
        return self._devices.dump(), self._homes.dump()

    def load(self, devices: TableData, homes: TableData) -> None:
        """Take over what `dump` gave. Raises SnapshotError for another layout."""
        self._devices.load(devices)
        self._homes.load(homes)
        self._refresh_all()

    def begin(self, now: int) -> None:
        """Count the silence of devices that were never heard from now on."""
        if self._begun:
            return
        new = np.flatnonzero(self._devices["life"] == NEVER)
        self._devices["life"][new] = now
        self._refresh(new)
        self._begun = True

    def hear(self, rows: Int64, time: Int64, arrival: Int64, alive: Bool) -> list[Change]:
        """Messages by event time. rows: by ascending device id. alive: it is from the device, not its last will."""
        life = np.maximum(time, arrival - self._lateness)
        home = self._home[rows]
        # Most rows change nothing but the time of the last sign of life; these are a few array operations. The others
        # are those of homes where something is, or within this batch comes, due or ends.
        careful = self._due_by(home, life) | np.append(self._homes["silent"], False)[home]
        self._eventful[home[careful | self._stirring(rows) | ~alive]] = True
        self._eventful[-1] = False  # devices of nobody
        careful = self._eventful[home]
        self._eventful[home] = False
        plain = rows[~careful]
        np.maximum.at(self._devices["life"], plain, life[~careful])
        np.maximum.at(self._devices["last"], plain, time[~careful])
        self._refresh_devices(plain)
        # What a home waits for comes only later by that, so its moments hold as "not before" until one is reached, and
        # are worked out anew only then.
        self._behind[home[~careful]] = True
        self._catch_up(distinct(home[careful]))
        changes: list[Change] = []
        for step in rounds(home[careful]):
            at = np.flatnonzero(careful)[step]
            changes += self._hear_one_a_home(rows[at], time[at], life[at], alive[at])
        return changes

    def due(self, until: int) -> list[Change]:
        """What has fallen silent by `until`."""
        overdue = np.flatnonzero((self._release <= until) | (self._critical_due <= until))
        self._catch_up(np.flatnonzero(self._home_due <= until))
        homes = np.flatnonzero((self._home_due[:-1] <= until) & ~self._homes["silent"])
        if not len(overdue) and not len(homes):
            return []
        concerned = np.union1d(self._home[overdue], homes)
        return self._settle(concerned, np.full(len(concerned), until))

    def _due_by(self, home: Int64, life: Int64) -> Bool:
        """Whether something of the row's home may be due by the last of the signs of life."""
        np.maximum.at(self._latest, home, life)
        reached = self._first_due[home] <= self._latest[home]
        behind = home[reached & self._behind[home]]
        if len(behind):
            self._catch_up(distinct(behind))
            reached = self._first_due[home] <= self._latest[home]
        self._latest[home] = NEVER
        return np.asarray(reached)

    def _stirring(self, rows: Int64) -> Bool:
        """Whether a message of this device ends something."""
        devices = self._devices
        return np.asarray(
            devices["silent"][rows]
            | devices["critical_silent"][rows]
            | (devices["offline"][rows] != NOT_DUE)
            | (devices["report"][rows] != NOT_DUE)
        )

    def _hear_one_a_home(self, rows: Int64, time: Int64, life: Int64, alive: Bool) -> list[Change]:
        devices, home = self._devices, self._home[rows]
        order = np.argsort(home)
        changes = self._settle(home[order], time[order])
        changes += self._speak(rows[alive], time[alive], life[alive])
        lost = rows[~alive]
        known = (devices["offline"][lost] == NOT_DUE) & (time[~alive] >= devices["last"][lost])
        devices["offline"][lost[known]] = time[~alive][known]
        self._refresh(lost)
        return changes

    def _speak(self, rows: Int64, time: Int64, life: Int64) -> list[Change]:
        """Signs of life, one a home: they end the silence of the device and its home."""
        devices, homes, home = self._devices, self._homes, self._home[rows]
        changes: list[Change] = []
        members, whose = self._of(home)
        back = homes["silent"][home]
        for at in np.flatnonzero(back):
            last = int(homes["last"][home[at]])
            changes.append(Change("home", int(homes.ids[home[at]]), int(life[at]), last, last, over=True))
        homes["silent"][home[back]] = False
        # After an outage every device gets its whole time again.
        returning = members[back[whose]]
        devices["life"][returning] = np.maximum(devices["life"][returning], life[whose[back[whose]]])
        devices["report"][returning] = NOT_DUE
        lost = returning[devices["offline"][returning] != NOT_DUE]
        devices["offline"][lost] = devices["life"][lost]
        for what, flag in (("device", "silent"), ("critical", "critical_silent")):
            for at in np.flatnonzero(devices[flag][rows]):
                row = rows[at]
                last = int(devices["last"][row])
                changes.append(Change(what, int(devices.ids[row]), int(life[at]), last, last, over=True))
            devices[flag][rows] = False
        devices["offline"][rows[time >= devices["offline"][rows]]] = NOT_DUE
        devices["last"][rows] = np.maximum(devices["last"][rows], time)
        devices["life"][rows] = np.maximum(devices["life"][rows], life)
        devices["report"][rows] = NOT_DUE
        self._refresh(members)
        # The home is alive, so whoever is overdue in it is at fault himself.
        waiting = (self._due[members] <= life[whose]) & ~devices["silent"][members]
        late = members[waiting]
        devices["report"][late] = np.minimum(devices["report"][late], life[whose[waiting]] + RETURN_GRACE)
        self._refresh(late)
        return changes

    def _settle(self, homes: Int64, until: Int64) -> list[Change]:
        """Raise what fell due in these homes (ascending) by `until`, one moment a home."""
        devices = self._devices
        members, whose = self._of(homes)
        limit = until[whose]
        home_due = self._home_due[homes]
        release = self._release[members]
        alone = (release <= limit) & (release < home_due[whose])
        changes = [self._device_change("device", row, int(self._due[row])) for row in members[alone]]
        devices["silent"][members[alone]] = True
        critical = self._critical_due[members] <= limit
        changes += [self._device_change("critical", row, int(self._critical_due[row])) for row in members[critical]]
        devices["critical_silent"][members[critical]] = True
        # A home whose devices were all reported one by one has nothing more to say.
        folded = (release != NOT_DUE) & (release >= home_due[whose]) & self._regular[members]
        some_folded = np.bincount(whose[folded], minlength=len(homes)) > 0
        quiet = np.flatnonzero((home_due <= until) & some_folded & ~self._homes["silent"][homes])
        if len(quiet):
            starts = np.cumsum(self._count[homes]) - self._count[homes]
            last, life = (np.maximum.reduceat(devices[name][members], starts)[quiet] for name in ("last", "life"))
            self._homes["silent"][homes[quiet]] = True
            self._homes["last"][homes[quiet]] = last
            each = zip(self._homes.ids[homes[quiet]], home_due[quiet], last, life, strict=True)
            changes += [Change("home", int(home), int(time), int(of), int(since)) for home, time, of, since in each]
        self._refresh(members[alone | critical])
        return changes

    def _device_change(self, what: str, row: int, time: int) -> Change:
        devices = self._devices
        return Change(
            what,
            int(devices.ids[row]),
            time,
            int(devices["last"][row]),
            int(devices["life"][row]),
            offline=bool(devices["offline"][row] != NOT_DUE),
        )

    def _of(self, homes: Int64) -> tuple[Int64, Int64]:
        """The rows of the homes' devices, and for each the index into `homes`."""
        count = self._count[homes]
        whose = np.repeat(np.arange(len(homes)), count)
        within = np.arange(len(whose)) - np.repeat(np.cumsum(count) - count, count)
        return self._members[self._start[homes][whose] + within], whose

    def _refresh_all(self) -> None:
        size = len(self._devices)
        self._begun = False
        self._due = np.full(size, NOT_DUE)
        self._release = np.full(size, NOT_DUE)
        self._critical_due = np.full(size, NOT_DUE)
        # A row a home, and a last one for devices of nobody, for which nothing is ever due.
        homes = len(self._homes) + 1
        self._first_due = np.full(homes, NOT_DUE)
        self._home_due = np.full(homes, NOT_DUE)
        self._behind = np.zeros(homes, np.bool_)
        self._latest = np.full(homes, NEVER)
        self._eventful = np.zeros(homes, np.bool_)
        self._refresh(np.arange(size))

    def _refresh(self, rows: Int64) -> None:
        """Work out anew what is due for these devices and their homes."""
        self._refresh_devices(rows)
        self._refresh_homes(distinct(self._home[rows]))

    def _refresh_devices(self, rows: Int64) -> None:
        devices, interval = self._devices, self._interval[rows]
        life, offline, silent = devices["life"][rows], devices["offline"][rows], devices["silent"][rows]
        watched = (self._home[rows] >= 0) & (life != NEVER)
        due = np.where(watched & (interval > 0), life + interval * 3 // 2, NOT_DUE)
        lost = watched & (offline != NOT_DUE)
        due[lost] = np.minimum(due[lost], offline[lost] + OFFLINE_GRACE)
        self._due[rows] = due
        held = due + np.where(self._held[rows] & (due != NOT_DUE), HOLD, 0)
        self._release[rows] = np.where(silent, NOT_DUE, np.minimum(held, devices["report"][rows]))
        heard = watched & self._critical[rows] & (devices["last"][rows] != NEVER)
        critical = heard & ~devices["critical_silent"][rows]
        self._critical_due[rows] = np.where(critical, life + np.maximum(4 * interval, HOUR), NOT_DUE)

    def _catch_up(self, homes: Int64) -> None:
        """Work out anew what is due for those of these homes of which devices have been heard since."""
        self._refresh_homes(homes[self._behind[homes]])

    def _refresh_homes(self, homes: Int64) -> None:
        homes = homes[homes >= 0]
        if not len(homes):
            return
        self._behind[homes] = False
        members, whose = self._of(homes)
        starts = np.cumsum(self._count[homes]) - self._count[homes]
        waiting = np.where(self._devices["silent"][members], NOT_DUE, self._due[members])
        self._first_due[homes] = np.minimum.reduceat(waiting, starts)
        # A home is silent when all that speak by themselves are overdue, and no other has spoken for half an hour.
        life = self._devices["life"][members]
        spoke = (self._interval[members] == 0) & (self._devices["last"][members] != NEVER)
        regular = self._regular[members]
        until = np.where(regular, self._due[members], np.where(spoke, life + HOLD * spoke, NEVER))
        self._home_due[homes] = np.where(
            np.bincount(whose[regular], minlength=len(homes)) > 0,
            np.maximum.reduceat(until, starts),
            NOT_DUE,
        )
