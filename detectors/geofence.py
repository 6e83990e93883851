"""Wandering, and not being home by the agreed time: zones of the care plan against positions, by event time.

A position counts as outside a circle only when its whole circle of accuracy lies outside: distance - accuracy > radius
(no accuracy given: 50 m). It counts as inside when its centre is inside and its accuracy is no worse than the radius
(or 100 m). Anything between, such as a fix by a cell tower, decides nothing: it neither starts nor ends an episode.

- A zone with `inside` is one to stay in: leaving it for `dwell` seconds is an emergency, high. Another is one to stay
  out of (a river, a road): being in it for `dwell` seconds is the same.
- `dwell` runs from the first fix that says so and ends with the first that says otherwise. When no further fix comes,
  as from a tracker whose battery is empty, it runs out all the same: the resident was outside when last seen.
- `home_by`: outside the home at that local time, or coming to be outside it in the six hours after, for two minutes, is
  an emergency, medium: somebody has to call, also in quiet hours. The home is the zone to stay in named "home" or "家",
  else the first zone to stay in. Somebody who may go out by day has a home zone with a long dwell.
- Coming back ends it. Each device is judged by itself: a telephone left at home does not say that the wearer of the
  watch is there.

Units: degrees WGS 84, metres, seconds. Warm-up: none. What lowers the score: nothing, it is a rule. Cost: a few array
operations for each pair of a position and a zone; Python only for the fixes of people who are out. The distance is the
great circle's on a sphere (haversine; R. W. Sinnott, Sky and Telescope 68:159, 1984), within 0.6 % of the ellipsoid's.
"""

import heapq
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from core.care import CareContext, CarePlan, DeviceKind, Zone
from core.clock import HOUR, SECOND, to_datetime, to_micros
from core.findings import Finding, Kind, Queue, Severity
from core.readings import NO_TIME, Bool, Float64, Intake
from detectors.local_time import minute_of_day
from detectors.state import Column, Table, TableData, pack, unpack

EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""

UNKNOWN_ACCURACY = 50.0
"""Metres taken where the device gave no accuracy."""

COARSE = 100.0
"""Metres of accuracy that are good enough to say "inside", however small the zone."""

HOME_DWELL = 120 * SECOND
HOME_WINDOW = 6 * HOUR
"""How long after the agreed time somebody who then goes out is still said to be not home."""

_STATIONARY = frozenset(
    {
        DeviceKind.MOTION, DeviceKind.DOOR, DeviceKind.BED, DeviceKind.SMOKE, DeviceKind.GAS, DeviceKind.WATER,
        DeviceKind.CLIMATE, DeviceKind.GATEWAY,
    }
)  # fmt: skip
_HOME_NAMES = frozenset({"home", "家"})
_NEVER = np.iinfo(np.int64).max


def distance(latitude: Float64, longitude: Float64, to_latitude: Float64, to_longitude: Float64) -> Float64:
    """Great-circle distance in metres between points in degrees, element by element: float64[n]."""
    here, there = np.radians(latitude), np.radians(to_latitude)
    half_way = np.sin((there - here) / 2) ** 2
    around = np.sin(np.radians(to_longitude - longitude) / 2) ** 2
    return np.asarray(
        2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(half_way + np.cos(here) * np.cos(there) * around, 1)))
    )


def home_of(plan: CarePlan) -> Zone | None:
    """The zone that is the home, None where the plan has none to stay in."""
    stay = [zone for zone in plan.zones if zone.inside]
    return next((zone for zone in stay if zone.name.strip().lower() in _HOME_NAMES), stay[0] if stay else None)


def home_due(plan: CarePlan, since: int) -> int:
    """When somebody outside since then (micros) is not home by the plan: micros, far in the future for never.

    Local time, so a day of summer time's beginning or end has its agreed hour once. Raises ValueError for a `home_by`
    that is no "HH:MM", ZoneInfoNotFoundError for an unknown time zone.
    """
    if plan.home_by is None:
        return _NEVER
    settled = since + HOME_DWELL
    minute = minute_of_day(plan.home_by)
    local = to_datetime(settled).astimezone(ZoneInfo(plan.timezone))
    by = local.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0, fold=0)
    last = by if to_micros(by) <= settled else by - timedelta(days=1)
    if settled < to_micros(last) + HOME_WINDOW:
        return settled
    return to_micros(last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Fence:
    """One zone for one device. home: it is the resident's home."""

    device: int
    resident: int
    zone: Zone
    plan: CarePlan
    home: bool

    @property
    def id(self) -> int:
        """Device and fingerprint of the zone: another name, place or size is another zone, another dwell is not."""
        return (self.device << 32) | self.fingerprint

    @property
    def fingerprint(self) -> int:
        zone = self.zone
        return zlib.crc32(repr((zone.name, zone.latitude, zone.longitude, zone.radius, zone.inside)).encode())


class _Fix(msgspec.Struct, frozen=True):
    """Where the device was. distance: metres to the zone's centre. accuracy: None where the device gave none."""

    time: int
    latitude: float
    longitude: float
    accuracy: float | None
    distance: float


class _Breach(msgspec.Struct):
    """On the wrong side of a zone. since: of the first fix that says so; fix: the newest. raised, not_home: said so."""

    since: int
    fix: _Fix
    home_due: int
    raised: bool = False
    not_home: bool = False


class _State(msgspec.Struct):
    fences: TableData
    breaches: dict[int, _Breach]


class Geofence:
    """See the module's text."""

    name: ClassVar[str] = "geofence"
    version: ClassVar[int] = 1
    metrics: ClassVar[frozenset[int]] = frozenset()
    positions: ClassVar[bool] = True
    waveforms: ClassVar[bool] = False
    lateness: ClassVar[int] = 60 * SECOND

    def __init__(self) -> None:
        # well: time of the last fix on the right side; out: there is a breach.
        self._fences = Table(well=Column("i8", NO_TIME), out=Column("?", 0))
        self._by_id: dict[int, _Fence] = {}
        self._latitude = self._longitude = self._radius = np.empty(0)
        self._stay: Bool = np.empty(0, np.bool_)
        self._breaches: dict[int, _Breach] = {}
        # (due, fence) of breaches; one that has ended since is passed over.
        self._due: list[tuple[int, int]] = []

    def configure(self, context: CareContext) -> None:
        """Take the zones of the care plans. A zone that changed its place or size starts anew.

        Raises ValueError for a `home_by` that is no "HH:MM", ZoneInfoNotFoundError for an unknown time zone.
        """
        self._by_id = {fence.id: fence for fence in _fences(context)}
        self._fences.align(self._by_id)
        zones = [self._by_id[int(i)].zone for i in self._fences.ids]
        self._latitude = np.array([z.latitude for z in zones])
        self._longitude = np.array([z.longitude for z in zones])
        self._radius = np.array([z.radius for z in zones])
        self._stay = np.array([z.inside for z in zones], np.bool_)
        for fence_id, breach in self._breaches.items():
            if fence_id in self._by_id:
                breach.home_due = self._home_due(fence_id, breach.since)
        self._keep_known()

    def observe(self, intake: Intake, now: int) -> Sequence[Finding]:
        """What the fixes end, and what had come due before them."""
        positions = intake.positions
        ids = self._fences.ids
        base = positions.device.astype(np.int64) << 32
        start = np.searchsorted(ids, base)
        count = np.searchsorted(ids, base + (1 << 32)) - start
        row = np.repeat(np.arange(len(positions)), count)
        fence = np.arange(len(row)) + np.repeat(start - np.cumsum(count) + count, count)
        if not len(row):
            return ()

        metres = distance(
            positions.latitude[row], positions.longitude[row], self._latitude[fence], self._longitude[fence]
        )
        given = np.maximum(positions.accuracy[row], 0.0)
        accuracy = np.where(np.isnan(given), UNKNOWN_ACCURACY, given)
        radius, stay = self._radius[fence], self._stay[fence]
        outside = metres - accuracy > radius
        inside = (metres <= radius) & (accuracy <= np.maximum(radius, COARSE))
        breach, well = np.where(stay, outside, inside), np.where(stay, inside, outside)

        look = breach | self._fences["out"][fence]
        if look.any():
            look = np.isin(fence, fence[look])
        findings: list[Finding] = []
        for at in np.flatnonzero(look & (breach | well)):
            r, slot = int(row[at]), int(fence[at])
            fix = _Fix(
                int(positions.time[r]),
                float(positions.latitude[r]),
                float(positions.longitude[r]),
                None if np.isnan(given[at]) else float(given[at]),
                float(metres[at]),
            )
            findings += self._see(slot, fix, breach=bool(breach[at]))
        calm = well & ~look
        np.maximum.at(self._fences["well"], fence[calm], positions.time[row[calm]])
        return findings

    def tick(self, now: int) -> Sequence[Finding]:
        """Dwells and agreed times that have passed, by what was observed until `now` - lateness."""
        findings: list[Finding] = []
        while self._due and self._due[0][0] < now - self.lateness:
            findings += self._come_due(heapq.heappop(self._due)[1], now - self.lateness)
        return findings

    def snapshot(self) -> bytes:
        """The whole state."""
        return pack(self.name, self.version, _State(self._fences.dump(), self._breaches))

    def restore(self, snapshot: bytes) -> None:
        """Raises SnapshotError for one it can't read."""
        state = unpack(self.name, self.version, snapshot, _State)
        self._fences.load(state.fences)
        self._breaches = state.breaches
        self._keep_known()

    def _keep_known(self) -> None:
        known = set(self._fences.ids.tolist())
        self._breaches = {i: b for i, b in self._breaches.items() if i in known}
        self._due = []
        for fence_id in self._breaches:
            if fence_id in self._by_id:
                self._schedule(fence_id)

    def _home_due(self, fence_id: int, since: int) -> int:
        fence = self._by_id[fence_id]
        return home_due(fence.plan, since) if fence.home else _NEVER

    def _schedule(self, fence_id: int) -> None:
        breach = self._breaches[fence_id]
        if not breach.raised:
            heapq.heappush(self._due, (breach.since + self._by_id[fence_id].zone.dwell * SECOND, fence_id))
        if not breach.not_home and breach.home_due != _NEVER:
            heapq.heappush(self._due, (breach.home_due, fence_id))

    def _see(self, slot: int, fix: _Fix, *, breach: bool) -> Iterator[Finding]:
        fence_id = int(self._fences.ids[slot])
        yield from self._come_due(fence_id, fix.time)
        current = self._breaches.get(fence_id)
        if breach:
            if current is not None:
                if fix.time > current.fix.time:
                    current.fix = fix
            elif fix.time > self._fences["well"][slot]:
                self._breaches[fence_id] = _Breach(fix.time, fix, self._home_due(fence_id, fix.time))
                self._fences["out"][slot] = True
                self._schedule(fence_id)
            return
        self._fences["well"][slot] = max(self._fences["well"][slot], fix.time)
        if current is not None and fix.time >= current.fix.time:
            del self._breaches[fence_id]
            self._fences["out"][slot] = False
            for not_home, said in ((False, current.raised), (True, current.not_home)):
                if said:
                    yield self._finding(fence_id, current, fix, fix.time, not_home=not_home, over=True)

    def _come_due(self, fence_id: int, reached: int) -> Iterator[Finding]:
        """Raise what was due before `reached` (micros): a fix of just then may still say otherwise."""
        breach = self._breaches.get(fence_id)
        if breach is None:
            return
        if not breach.raised and breach.since + self._by_id[fence_id].zone.dwell * SECOND < reached:
            breach.raised = True
            yield self._finding(fence_id, breach, breach.fix, breach.since, not_home=False, over=False)
        if not breach.not_home and breach.home_due < reached:
            breach.not_home = True
            yield self._finding(fence_id, breach, breach.fix, breach.home_due, not_home=True, over=False)

    def _finding(self, fence_id: int, breach: _Breach, fix: _Fix, time: int, *, not_home: bool, over: bool) -> Finding:
        fence = self._by_id[fence_id]
        zone = fence.zone
        if not_home:
            reason = "not-home-returned" if over else "not-home"
        elif zone.inside:
            reason = "zone-returned" if over else "zone-left"
        else:
            reason = "zone-entered-over" if over else "zone-entered"
        evidence: dict[str, object] = {
            "zone": zone.name,
            "radius": zone.radius,
            "distance": round(fix.distance, 1),
            "latitude": fix.latitude,
            "longitude": fix.longitude,
            "accuracy": fix.accuracy,
            "fix_time": fix.time,
            "since": breach.since,
            "dwell": zone.dwell,
        }
        if not_home:
            evidence["home_by"] = fence.plan.home_by
        return Finding(
            kind=Kind.NOT_HOME if not_home else Kind.WANDERING,
            queue=Queue.EMERGENCY,
            severity=Severity.MEDIUM if not_home else Severity.HIGH,
            resident=fence.resident,
            device=fence.device,
            time=time,
            detector=self.name,
            version=self.version,
            episode=f"{fence.fingerprint:08x}:{breach.since}",
            reason=reason,
            evidence=evidence,
            clears=over,
        )


def _fences(context: CareContext) -> Iterator[_Fence]:
    columns = context.columns
    fenced = np.array([bool(r.plan.zones) or r.plan.home_by is not None for r in columns.plan_holders], np.bool_)
    wanted = np.append(fenced, False)[columns.owner_row] & ~columns.of_kinds(_STATIONARY)
    for device, row in zip(columns.device[wanted].tolist(), columns.owner_row[wanted].tolist(), strict=True):
        resident = columns.plan_holders[row]
        plan = resident.plan
        home_due(plan, 0)  # a plan that can't be read is told of here, not when somebody goes out
        home = home_of(plan)
        for zone in plan.zones:
            yield _Fence(device, resident.id, zone, plan, home=zone == home)
