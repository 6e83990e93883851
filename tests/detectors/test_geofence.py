import itertools
import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident, Zone
from core.clock import HOUR, MINUTE, SECOND, to_micros
from core.findings import Finding, Kind, Queue, Severity
from core.readings import Intake, PositionBatch
from core.wording import LANGUAGES, say
from detectors.geofence import EARTH_RADIUS, Geofence, distance, home_due, home_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
T0 = to_micros(datetime(2025, 6, 10, 9, 0, tzinfo=SHANGHAI))
LATITUDE, LONGITUDE = 31.2304, 121.4737
METRE = 360 / (2 * math.pi * EARTH_RADIUS)
"""Degrees of latitude."""

HOME = Zone("home", LATITUDE, LONGITUDE, radius=200.0, dwell=120)
RIVER = Zone("river", LATITUDE + 1000 * METRE, LONGITUDE, radius=100.0, inside=False, dwell=30)

Fix = tuple[int, float, float]
"""Seconds after T0, metres north of home, accuracy."""


def _context(*zones: Zone, devices: int = 1, **plan: object) -> CareContext:
    return CareContext(
        devices={d: Device(d, f"t{d}", "h", 1, DeviceKind.TRACKER, 60) for d in range(1, devices + 1)},
        residents={1: Resident(1, "h", CarePlan(zones=zones, **plan))},  # type: ignore[arg-type]
    )


def _detector(context: CareContext) -> Geofence:
    detector = Geofence()
    detector.configure(context)
    return detector


def _batch(fixes: Sequence[Fix], *, device: int = 1) -> Intake:
    time = [T0 + s * SECOND for s, _, _ in fixes]
    return Intake.of(
        positions=PositionBatch.from_columns(
            device=[device] * len(fixes),
            resident=[1] * len(fixes),
            time=time,
            latitude=[LATITUDE + north * METRE for _, north, _ in fixes],
            longitude=[LONGITUDE] * len(fixes),
            accuracy=[accuracy for _, _, accuracy in fixes],
            source=[0] * len(fixes),
            arrival=[t + SECOND for t in time],
        )
    )


def _run(detector: Geofence, fixes: Iterable[Fix], *, until: int = 0) -> list[Finding]:
    """A tick every ten seconds, each fix when its lateness has passed."""
    fixes = list(fixes)
    said: list[Finding] = []
    for second in range(0, max(until, fixes[-1][0] + 1), 10):
        now = T0 + second * SECOND + detector.lateness
        due = [f for f in fixes if second - 10 < f[0] <= second]
        if due:
            said += detector.observe(_batch(due), now)
        said += detector.tick(now)
    for finding, language in itertools.product(said, LANGUAGES):
        assert say(finding.reason, language, **finding.evidence)
    return said


def _times(findings: Sequence[Finding]) -> list[tuple[str, int, bool]]:
    return [(str(f.kind), (f.time - T0) // SECOND, f.clears) for f in findings]


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0.0),
        ((0.0, 0.0), (0.0, 1.0), 111_195),
        ((0.0, 0.0), (1.0, 0.0), 111_195),
        ((0.0, 179.5), (0.0, -179.5), 111_195),
        ((90.0, 0.0), (-90.0, 0.0), 20_015_115),
        # Paris to London: 343.5 km on the sphere
        ((48.8566, 2.3522), (51.5074, -0.1278), 343_556),
    ],
)
def test_distance(a: tuple[float, float], b: tuple[float, float], metres: float) -> None:
    found = distance(*(np.array([value]) for value in (*a, *b)))
    assert found[0] == pytest.approx(metres, rel=1e-4, abs=1e-6)


def test_leaving_for_the_dwell_is_an_emergency_and_coming_back_ends_it() -> None:
    said = _run(_detector(_context(HOME)), [(0, 0, 10), (60, 500, 10), (120, 700, 10), (180, 900, 10), (600, 50, 10)])
    assert _times(said) == [("wandering", 60, False), ("wandering", 600, True)]
    left, back = said
    assert (left.queue, left.severity, left.resident, left.device) == (Queue.EMERGENCY, Severity.HIGH, 1, 1)
    assert left.evidence["zone"] == "home"
    assert left.evidence["distance"] == pytest.approx(900, abs=1)
    assert left.evidence["latitude"] == pytest.approx(LATITUDE + 900 * METRE)
    assert left.dedup_key == back.dedup_key


@pytest.mark.parametrize(
    ("metres", "accuracy", "raised"),
    [
        (0.0, 10.0, False),
        (199.0, 5.0, False),
        (209.0, 10.0, False),
        (211.0, 10.0, True),
        (1000.0, 790.0, True),
        (1000.0, 810.0, False),
        (249.0, math.nan, False),
        (251.0, math.nan, True),
        (201.0, 0.0, True),
    ],
)
def test_outside_only_beyond_the_accuracy(metres: float, accuracy: float, raised: bool) -> None:
    said = _run(_detector(_context(HOME)), [(0, metres, accuracy), (200, metres, accuracy)], until=400)
    assert bool(said) == raised


def test_a_short_way_out_is_nothing() -> None:
    assert _run(_detector(_context(HOME)), [(0, 0, 10), (60, 500, 10), (170, 0, 10)], until=900) == []


def test_a_fix_exactly_at_the_end_of_the_dwell_may_still_save_it() -> None:
    assert _run(_detector(_context(HOME)), [(0, 500, 10), (120, 0, 10)], until=900) == []


def test_a_tracker_that_falls_silent_outside_is_raised_when_the_dwell_is_over() -> None:
    detector = _detector(_context(HOME))
    detector.observe(_batch([(0, 500, 10)]), T0)
    assert detector.tick(T0 + 120 * SECOND + detector.lateness) == []
    (finding,) = detector.tick(T0 + 121 * SECOND + detector.lateness)
    assert finding.time == T0
    assert detector.tick(T0 + HOUR) == []


def test_a_coarse_fix_decides_nothing() -> None:
    said = _run(_detector(_context(HOME)), [(0, 500, 10), (60, 0, 2000), (130, 500, 10), (300, 0, 1500)], until=600)
    assert _times(said) == [("wandering", 0, False)]


def test_a_zone_to_stay_out_of() -> None:
    fixes = [(0, 0.0, 10.0), (60, 980.0, 10.0), (100, 1010.0, 10.0), (200, 1105.0, 10.0), (300, 1300.0, 10.0)]
    said = _run(_detector(_context(RIVER)), fixes)
    assert _times(said) == [("wandering", 60, False), ("wandering", 300, True)]
    assert [f.reason for f in said] == ["zone-entered", "zone-entered-over"]
    assert said[0].evidence["zone"] == "river"


def test_the_telephone_at_home_does_not_hide_the_watch() -> None:
    detector = _detector(_context(HOME, devices=2))
    said: list[Finding] = []
    for second in range(0, 300, 60):
        said += detector.observe(_batch([(second, 800, 10)], device=1), T0)
        said += detector.observe(_batch([(second + 1, 0, 10)], device=2), T0)
    assert [(f.device, f.clears) for f in said] == [(1, False)]


def test_a_late_fix_from_inside_does_not_call_anybody_back() -> None:
    detector = _detector(_context(HOME))
    detector.observe(_batch([(0, 500, 10), (300, 500, 10)]), T0)
    assert detector.observe(_batch([(100, 0, 10)]), T0) == []
    assert len(detector.observe(_batch([(400, 0, 10)]), T0)) == 1


def test_a_late_fix_from_outside_does_not_undo_a_newer_one_from_inside() -> None:
    detector = _detector(_context(HOME))
    detector.observe(_batch([(0, 0, 10), (300, 0, 10)]), T0)
    assert detector.observe(_batch([(100, 500, 10)]), T0) == []
    assert detector.tick(T0 + HOUR) == []


def test_sensors_that_hang_on_a_wall_have_no_fences() -> None:
    context = _context(HOME)
    fixed = CareContext({1: Device(1, "d", "h", 1, DeviceKind.DOOR, 0)}, context.residents)
    assert _run(_detector(fixed), [(0, 5000, 10)], until=600) == []


def _local(*at: int) -> int:
    return to_micros(datetime(*at, tzinfo=SHANGHAI))  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ((2025, 6, 10, 9, 0), (2025, 6, 10, 20, 30)),
        ((2025, 6, 10, 20, 28), (2025, 6, 10, 20, 30)),
        ((2025, 6, 10, 20, 29), (2025, 6, 10, 20, 31)),
        ((2025, 6, 10, 23, 0), (2025, 6, 10, 23, 2)),
        ((2025, 6, 11, 1, 0), (2025, 6, 11, 1, 2)),
        ((2025, 6, 11, 3, 0), (2025, 6, 11, 20, 30)),
    ],
)
def test_when_somebody_is_not_home(since: tuple[int, ...], due: tuple[int, ...]) -> None:
    assert home_due(CarePlan(home_by="20:30"), _local(*since)) == _local(*due)


def test_home_by_is_local_time_through_the_change_of_clocks() -> None:
    plan = CarePlan(timezone="Europe/Berlin", home_by="18:00")
    berlin = ZoneInfo("Europe/Berlin")
    for day in (29, 30, 31):  # summer time begins on 30 March 2025
        since = to_micros(datetime(2025, 3, day, 1, 0, tzinfo=berlin))
        assert home_due(plan, since) == to_micros(datetime(2025, 3, day, 18, 0, tzinfo=berlin))


def test_a_bad_home_by_is_told_of_at_once() -> None:
    with pytest.raises(ValueError, match="half past"):
        _detector(_context(HOME, home_by="half past eight"))


def test_which_zone_is_the_home() -> None:
    town = Zone("town", 0, 0, 3000)
    assert home_of(CarePlan(zones=(RIVER, town, HOME))) == HOME
    assert home_of(CarePlan(zones=(RIVER, town))) == town
    assert home_of(CarePlan(zones=(RIVER,))) is None


def test_not_home_by_the_agreed_time_and_home_at_last() -> None:
    # 09:00 is T0; home by 10:00. Out by day is allowed: a long dwell.
    home = Zone("home", LATITUDE, LONGITUDE, 200.0, dwell=12 * 3600)
    said = _run(
        _detector(_context(home, home_by="10:00")), [(600, 2000, 10), (1200, 0, 10), (1800, 900, 10), (4200, 5, 10)]
    )
    assert _times(said) == [("not_home", 3600, False), ("not_home", 4200, True)]
    assert (said[0].queue, said[0].severity, said[0].evidence["home_by"]) == (Queue.EMERGENCY, Severity.MEDIUM, "10:00")
    assert said[0].kind is Kind.NOT_HOME


def test_home_in_time_is_nothing() -> None:
    home = Zone("home", LATITUDE, LONGITUDE, 200.0, dwell=12 * 3600)
    detector = _detector(_context(home, home_by="10:00"))
    assert _run(detector, [(600, 2000, 10), (3590, 0, 10)], until=2 * 3600) == []


def test_going_out_after_the_agreed_time_is_not_home() -> None:
    home = Zone("home", LATITUDE, LONGITUDE, 200.0, dwell=12 * 3600)
    said = _run(_detector(_context(home, home_by="09:10")), [(0, 0, 10), (1200, 900, 10)], until=3600)
    assert _times(said) == [("not_home", 1320, False)]


def test_a_changed_home_by_counts_for_who_is_out() -> None:
    home = Zone("home", LATITUDE, LONGITUDE, 200.0, dwell=12 * 3600)
    detector = _detector(_context(home))
    detector.observe(_batch([(0, 900, 10)]), T0)
    detector.configure(_context(home, home_by="09:30"))
    (finding,) = detector.tick(T0 + HOUR)
    assert finding.time == T0 + 30 * MINUTE


def test_a_moved_zone_starts_anew_and_a_changed_dwell_does_not() -> None:
    detector = _detector(_context(HOME))
    detector.observe(_batch([(0, 900, 10)]), T0)
    longer = Zone("home", LATITUDE, LONGITUDE, 200.0, dwell=600)
    detector.configure(_context(longer))
    assert detector.tick(T0 + 300 * SECOND) == []
    snapshot = detector.snapshot()
    (finding,) = detector.tick(T0 + HOUR)
    assert finding.time == T0
    moved = _detector(_context(Zone("home", LATITUDE + 1, LONGITUDE, 200.0)))
    moved.restore(snapshot)
    assert moved.tick(T0 + HOUR) == []


@given(
    st.lists(
        st.tuples(
            st.integers(1, 200),
            st.integers(1, 2),
            st.sampled_from([0.0, 150.0, 230.0, 500.0, 950.0, 1000.0]),
            st.sampled_from([5.0, 40.0, 800.0, math.nan]),
        ),
        min_size=1,
        max_size=25,
    ),
    st.data(),
)
def test_findings_do_not_depend_on_cuts_ticks_or_restarts(
    steps: list[tuple[int, int, float, float]], data: st.DataObject
) -> None:
    context = _context(HOME, RIVER, devices=2, home_by="09:20")
    second, parts = 0, []
    for wait, device, north, accuracy in steps:
        second += wait
        parts.append(_batch([(second, north, accuracy)], device=device).positions)
    end = T0 + (second + 24 * 3600) * SECOND

    whole = _detector(context)
    before = PositionBatch.concatenate(parts)
    expected = list(whole.observe(Intake.of(positions=before), end)) + list(whole.tick(end))
    detector = _detector(context)
    said: list[Finding] = []
    for part in parts:
        now = int(part.time[0]) + detector.lateness
        said += detector.observe(Intake.of(positions=part), now)
        if data.draw(st.booleans()):
            said += detector.tick(now)
        if data.draw(st.booleans()):
            snapshot = detector.snapshot()
            detector = _detector(context)
            detector.restore(snapshot)
    said += detector.tick(end)
    assert sorted(map(repr, said)) == sorted(map(repr, expected))
