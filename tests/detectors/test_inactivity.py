"""Silence in the home that is too long for this person at this time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import DAY, HOUR, MINUTE, SECOND, to_micros
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from detectors import inactivity
from detectors.inactivity import Inactivity
from detectors.local_time import hour_of_week, local, offset

MONDAY = 1_789_920_000_000_000
"""Monday 21 September 2026, midnight in Shanghai."""

L = Inactivity.lateness

HALL, FRONT, BED, WATCH, GATEWAY, KETTLE, FRIDGE = range(1, 8)

DEVICES = (
    Device(HALL, "hall", "home", 1, DeviceKind.MOTION, 0, "hall"),
    Device(FRONT, "front", "home", 1, DeviceKind.DOOR, 0, "front_door"),
    Device(BED, "bed", "home", 1, DeviceKind.BED, 0, "bedroom"),
    Device(WATCH, "watch", "home", 1, DeviceKind.WEARABLE, 300),
    Device(KETTLE, "kettle", "home", 1, DeviceKind.CLIMATE, 0, "kitchen"),
    Device(FRIDGE, "fridge", "home", 1, DeviceKind.DOOR, 0, "fridge"),
)
WITH_GATEWAY = (*DEVICES, Device(GATEWAY, "gateway", "home", 1, DeviceKind.GATEWAY, 600))


class Home:
    """A detector of one home; times are hours after midnight of Monday, local."""

    def __init__(self, plan: CarePlan | None = None, devices: Iterable[Device] = DEVICES) -> None:
        self.detector = Inactivity()
        self.configure(plan, devices)

    def configure(self, plan: CarePlan | None = None, devices: Iterable[Device] = DEVICES) -> None:
        self.detector.configure(CareContext({d.id: d for d in devices}, {1: Resident(1, "home", plan or CarePlan())}))

    def send(self, device: int, metric: str, hours: float, value: float = 1.0) -> list[Finding]:
        time = at(hours)
        batch = ReadingBatch.from_columns(
            device=[device], resident=[1], metric=[metric_id(metric)], time=[time], value=[value], arrival=[time]
        )
        return list(self.detector.observe(Intake.of(batch), time))

    def move(self, hours: float) -> list[Finding]:
        return self.send(HALL, "motion", hours)

    def leave(self, hours: float) -> list[Finding]:
        """Through the front door: it opens and closes."""
        return self.send(FRONT, "door_open", hours) + self.send(FRONT, "door_open", hours + 20 / 3600, 0.0)

    def tick(self, hours: float) -> list[Finding]:
        """Everything up to that event time has been seen."""
        return list(self.detector.tick(at(hours) + L))

    def live(self, days: int, hours: Iterable[int], since: float = 0) -> None:
        """A routine: some activity in each of these hours of the day."""
        rng = np.random.default_rng(1)
        wakes = sorted(hours)
        for day in range(days):
            for hour in wakes:
                for minute in np.sort(rng.uniform(0, 60, 3)):
                    self.move(since + 24 * day + hour + minute / 60)

    def due_after(self, hours: float) -> float:
        """Hours from there to the moment at which it is raised."""
        for step in range(1, 400):
            if findings := self.tick(hours + step / 2):
                return (findings[0].time - at(hours)) / HOUR
        raise AssertionError("never raised")


def at(hours: float) -> int:
    return MONDAY + round(hours * HOUR)


def test_a_long_silence_by_day_is_raised_at_its_event_time() -> None:
    home = Home()
    home.move(9)
    # An hour by day is silent with probability 0.1 by the prior; the first one, which was not, at least 0.03 is left.
    silent = max(0.1 * 2 / 3, 0.03)
    expected = 10 + (np.log(inactivity.SURVIVAL) - np.log(silent)) / np.log(0.1)
    assert home.tick(expected - 0.05) == []
    (finding,) = home.tick(expected + 0.05)
    assert (finding.kind, finding.queue, finding.severity) == (Kind.INACTIVITY, Queue.CARE, Severity.HIGH)
    assert (finding.resident, finding.device, finding.episode) == (1, 0, str(at(9)))
    assert finding.reason == "inactivity-silence-unusual"
    assert abs(finding.time - at(expected)) < MINUTE
    assert home.tick(expected + 10) == []


def heard(home: Home, since: float, until: float) -> list[Finding]:
    """The gateway reports every six minutes; what was found meanwhile."""
    return [
        f for tenth in range(round((until - since) * 10) + 1) for f in home.send(GATEWAY, "online", since + tenth / 10)
    ]


def test_a_home_that_was_never_seen_active_is_told_of_since_its_sensors_were_first_heard() -> None:
    home, fresh = Home(devices=WITH_GATEWAY), Home(devices=WITH_GATEWAY)
    (finding,) = heard(home, 8, 28)
    assert (finding.reason, finding.severity, finding.episode) == (
        "inactivity-never-seen", Severity.MEDIUM, str(at(8)),
    )  # fmt: skip
    assert finding.evidence["first_heard"] == at(8)
    (clear,) = home.move(28)
    assert (clear.reason, clear.clears, clear.dedup_key) == ("inactivity-active-again", True, finding.dedup_key)
    # From its first activity on it is a home like others, and has learnt nothing from the hours before.
    fresh.move(28)
    (found,), (expected,) = heard(home, 28, 48), heard(fresh, 28, 48)
    assert (found.reason, found.time) == ("inactivity-silence-unusual", expected.time)


def test_the_plans_limit_counts_for_who_was_never_seen_too() -> None:
    (finding,) = heard(Home(CarePlan(inactivity_hours=3), devices=WITH_GATEWAY), 8, 12)
    assert (finding.reason, finding.time) == ("inactivity-never-seen", at(11))


def test_who_has_nothing_at_home_that_would_see_them_is_not_missed() -> None:
    gateway = Device(GATEWAY, "gateway", "home", 1, DeviceKind.GATEWAY, 600)
    home = Home(devices=[Device(WATCH, "watch", "home", 1, DeviceKind.WEARABLE, 300), gateway])
    assert heard(home, 8, 28) == []


def test_the_night_is_not_silence() -> None:
    home = Home()
    home.move(21.9)
    assert home.tick(24 + 8) == []
    assert len(home.tick(24 + 11)) == 1


def test_activity_clears_it_and_the_next_silence_is_another() -> None:
    home = Home()
    home.move(8)
    (first,) = home.tick(20)
    (clear,) = home.move(20.5)
    assert (clear.dedup_key, clear.clears, clear.time) == (first.dedup_key, True, at(20.5))
    assert clear.reason == "inactivity-active-again"
    (second,) = home.tick(24 + 20)
    assert second.dedup_key != first.dedup_key


def test_a_silence_that_nobody_asked_about_is_told_when_it_ends() -> None:
    home = Home()
    home.move(8)
    assert [f.clears for f in home.move(20)] == [False, True]


def test_nobody_who_was_never_active_is_silent() -> None:
    home = Home(devices=WITH_GATEWAY)
    home.send(GATEWAY, "online", 8)
    assert home.tick(1000) == []


def test_it_learns_how_busy_the_hours_are() -> None:
    busy, calm = Home(), Home()
    busy.live(28, range(7, 22))
    calm.live(28, (7, 12, 18, 21))
    morning = 28 * 24 + 9
    busy.move(morning)
    calm.move(morning)
    assert busy.due_after(morning) < 4
    assert calm.due_after(morning) > 9


def test_it_learns_the_day_of_the_week() -> None:
    home = Home()
    for day in range(56):
        home.live(1, range(7, 22) if day % 7 else (7, 21), since=24 * day)
    monday, tuesday = 56 * 24 + 9, 57 * 24 + 9
    home.move(monday)
    long = home.due_after(monday)
    home.move(tuesday)
    assert home.due_after(tuesday) < long - 2


def test_it_forgets_what_was_long_ago() -> None:
    home = Home()
    home.live(70, range(7, 22))
    home.live(70, (7, 12, 18, 21), since=70 * 24)
    morning = 140 * 24 + 9
    home.move(morning)
    assert home.due_after(morning) > 8


def test_a_holiday_teaches_nothing() -> None:
    home = Home()
    home.live(28, range(7, 22))
    home.leave(28 * 24 + 9)
    week, day = (home.detector._people[name][0].copy() for name in ("week", "day"))
    home.leave(48 * 24 + 9)
    assert np.flatnonzero(home.detector._people["week"][0] != week).tolist() == [48 * 24 % 168 + 9]
    assert np.flatnonzero(home.detector._people["day"][0] != day).tolist() == [9]


def test_never_before_two_hours() -> None:
    home = Home()
    home.live(150, range(7, 22))
    morning = 150 * 24 + 9.5
    home.move(morning)
    assert 2 <= home.due_after(morning) < 3.5


def test_a_fixed_limit_takes_the_place_of_the_profile() -> None:
    home = Home(CarePlan(inactivity_hours=1.5))
    home.move(9)
    assert home.tick(10.49) == []
    (finding,) = home.tick(10.5)
    assert (finding.reason, finding.evidence["limit_hours"]) == ("inactivity-silence-limit", 1.5)
    assert finding.time == at(10.5)


def test_a_new_limit_counts_for_the_silence_that_is_going_on() -> None:
    home = Home()
    home.move(9)
    assert home.tick(11) == []
    home.configure(CarePlan(inactivity_hours=2.5))
    (finding,) = home.tick(12)
    assert finding.time == at(11.5)


def test_in_bed_silence_says_less() -> None:
    home = Home()
    home.send(BED, "bed_occupied", 9)
    in_bed = home.due_after(9)
    up = Home()
    up.move(9)
    assert in_bed > up.due_after(9) + 5


def test_out_of_bed_is_up_again() -> None:
    home = Home()
    home.send(BED, "bed_occupied", 6)
    home.send(BED, "bed_occupied", 9, 0.0)
    up = Home()
    up.move(6)
    up.move(9)
    assert home.due_after(9) == pytest.approx(up.due_after(9))


@pytest.mark.parametrize(
    ("device", "metric", "values"),
    [
        (HALL, "motion", [0.0]),
        (BED, "bed_occupied", [0.0]),
        (FRIDGE, "door_open", [0.0]),
        (WATCH, "steps", [500.0]),
        (KETTLE, "power", [2000.0]),
        (WATCH, "battery", [50.0]),
    ],
)
def test_what_is_no_activity(device: int, metric: str, values: list[float]) -> None:
    home = Home()
    for known in ("bed_occupied", "door_open"):
        home.send(BED if known == "bed_occupied" else FRIDGE, known, 8.8, 0.0)
    home.send(WATCH, "steps", 8.8, 500.0)
    home.move(9)
    for value in values:
        home.send(device, metric, 12, value)
    assert [f.episode for f in home.tick(24)] == [str(at(9))]


@pytest.mark.parametrize(
    ("device", "metric", "value"),
    [(FRIDGE, "door_open", 1.0), (BED, "bed_occupied", 1.0), (WATCH, "steps", 501.0), (WATCH, "steps", 3.0)],
)
def test_what_is_activity(device: int, metric: str, value: float) -> None:
    home = Home()
    home.send(BED, "bed_occupied", 8.8, 0.0)
    home.send(FRIDGE, "door_open", 8.8, 0.0)
    home.send(WATCH, "steps", 8.8, 500.0)
    home.move(9)
    home.send(device, metric, 12, value)
    assert home.detector._people["since"][0] == at(12)


def test_a_sensor_that_repeats_itself_is_no_activity() -> None:
    home = Home()
    home.send(FRIDGE, "door_open", 9, 1.0)
    for hour in range(10, 22):
        home.send(FRIDGE, "door_open", hour, 1.0)
    assert [f.episode for f in home.tick(22)] == [str(at(9))]


# Away ----------------------------------------------------------------------------------------------------------------


def test_who_has_left_may_be_silent_for_longer() -> None:
    home, inside = Home(), Home()
    for one in (home, inside):
        one.move(8.9)
    home.leave(9)
    inside.move(9)
    assert home.due_after(9) > inside.due_after(9) + 2


def test_who_is_away_for_long_is_missed() -> None:
    home = Home()
    home.move(8.9)
    home.leave(9)
    (finding,) = home.tick(9 + 24.1)
    assert (finding.reason, finding.severity) == ("inactivity-away-long", Severity.MEDIUM)


def test_the_back_door_leads_outside_too() -> None:
    home = Home(devices=(*DEVICES, Device(9, "back", "home", 1, DeviceKind.DOOR, 0, "back_door")))
    home.send(9, "door_open", 9)
    assert [f.reason for f in home.tick(9 + 24)] == ["inactivity-away-long"]


def test_it_learns_when_somebody_is_usually_out() -> None:
    usual = Home()
    for day in range(28):
        usual.live(1, (7, 8), since=24 * day)
        usual.leave(24 * day + 9)
        usual.leave(24 * day + 17)
        usual.live(1, range(18, 22), since=24 * day)
    usual.live(1, (7, 8), since=28 * 24)
    usual.leave(28 * 24 + 9)
    assert usual.tick(28 * 24 + 17) == []
    assert [f.reason for f in usual.tick(28 * 24 + 24)] == ["inactivity-away-long"]


def test_what_the_hall_sees_at_once_is_the_leaving() -> None:
    home = Home()
    home.leave(9)
    home.move(9 + 60 / 3600)
    assert [f.reason for f in home.tick(9 + 23)] == ["inactivity-away-long"]


def test_activity_inside_means_at_home() -> None:
    home = Home()
    home.leave(9)
    home.move(9.1)
    assert [f.reason for f in home.tick(20)] == ["inactivity-silence-unusual"]


def test_who_came_home_and_is_silent_then_is_silent() -> None:
    home = Home()
    home.leave(9)
    home.leave(11)
    (finding,) = home.tick(21)
    assert finding.reason == "inactivity-silence-unusual"
    assert finding.episode == str(at(11) + 20 * SECOND)


def test_steps_elsewhere_do_not_bring_anybody_home() -> None:
    home = Home()
    home.send(WATCH, "steps", 8, 10.0)
    home.leave(9)
    home.send(WATCH, "steps", 13, 4000.0)
    (finding,) = home.tick(13 + 24.1)
    assert finding.reason == "inactivity-away-long"


# Visitors and bed ----------------------------------------------------------------------------------------------------


def test_too_long_in_bed_says_so() -> None:
    home = Home()
    home.send(BED, "bed_occupied", 9)
    assert [f.reason for f in home.tick(9 + 48)] == ["inactivity-in-bed-long"]


def visit(home: Home, came: float, went: float) -> list[Finding]:
    """A carer: the door, half an hour in the hall, the door, seen once more while leaving."""
    found = home.leave(came)
    found += home.move(came + 0.1) + home.move(went - 0.1)
    found += home.leave(went)
    return found + home.send(HALL, "motion", went + 30 / 3600)


def test_a_visit_stops_the_clock_and_does_not_start_it_again() -> None:
    visited, alone = Home(CarePlan(inactivity_hours=8)), Home(CarePlan(inactivity_hours=8))
    for home in (visited, alone):
        home.send(BED, "bed_occupied", 9)
    assert visit(visited, 12, 12.5) == []
    (finding,) = visited.tick(30)
    assert finding.time == at(17.5)
    assert (finding.reason, finding.severity) == ("inactivity-silence-visitor", Severity.HIGH)
    assert finding.evidence["visitor_left"] == at(12.5)
    assert [f.time for f in alone.tick(30)] == [at(17)]


def test_no_alarm_is_due_just_after_a_visit() -> None:
    home = Home(CarePlan(inactivity_hours=4))
    home.send(BED, "bed_occupied", 9)
    visit(home, 12.9, 13.5)
    assert [f.time for f in home.tick(30)] == [at(15.5)]
    raised = Home(CarePlan(inactivity_hours=4))
    raised.send(BED, "bed_occupied", 9)
    assert [f.clears for f in visit(raised, 14, 14.5)] == [False, True]
    assert [f.time for f in raised.tick(30)] == [at(18.5)]


@pytest.mark.parametrize(("device", "metric", "value"), [(BED, "bed_occupied", 0.0), (WATCH, "steps", 50.0)])
def test_the_resident_s_own_activity_in_a_visit_counts(device: int, metric: str, value: float) -> None:
    home = Home(CarePlan(inactivity_hours=8))
    home.send(WATCH, "steps", 8, 10.0)
    home.send(BED, "bed_occupied", 9)
    home.leave(12)
    home.send(device, metric, 12.2, value)
    home.move(12.3)
    assert [(f.time, f.reason) for f in home.tick(30)] == [(at(20.3), "inactivity-silence-limit")]


def test_who_comes_for_longer_than_a_visit_lives_there() -> None:
    home = Home(CarePlan(inactivity_hours=8))
    home.send(BED, "bed_occupied", 9)
    visit(home, 12, 16.5)
    assert [f.episode for f in home.tick(30)] == [str(at(16.5 + 30 / 3600))]


def test_who_was_seen_elsewhere_since_is_not_in_bed_whatever_the_bed_said_last() -> None:
    home = Home()
    home.send(BED, "bed_occupied", 6)
    home.move(8)
    home.leave(9)
    assert home.detector._people["away"][0]
    assert [f.reason for f in home.tick(9 + 48)] == ["inactivity-away-long"]


def test_after_a_visit_the_resident_is_not_away() -> None:
    home = Home()
    home.send(BED, "bed_occupied", 9)
    visit(home, 12, 12.5)
    assert not home.detector._people["away"][0]


# Daylight saving -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", (2026, 3, 29)),
        ("Europe/Berlin", (2026, 10, 25)),
        ("America/New_York", (2026, 3, 8)),
        ("America/New_York", (2026, 11, 1)),
        ("Asia/Shanghai", (2026, 3, 29)),
    ],
)
def test_a_change_of_the_clock_neither_shifts_the_profile_nor_raises(zone: str, change: tuple[int, int, int]) -> None:
    """Somebody who lives by the clock: up at seven, quiet from ten in the evening, the same before and after."""
    tz = ZoneInfo(zone)
    home = Home(CarePlan(timezone=zone))
    first = datetime(*change, tzinfo=tz).replace(tzinfo=None) - timedelta(days=40)
    found = []
    profiles = {}
    for day in range(55):
        for hour in range(7, 22):
            local_time = (first + timedelta(days=day, hours=hour, minutes=10 + 7 * (hour % 6))).replace(tzinfo=tz)
            found += home.move((to_micros(local_time) - MONDAY) / HOUR)
        profiles[day] = home.detector._people["day"][0].astype(float) / 65_535
    assert found == []
    for profile in (profiles[39], profiles[41], profiles[54]):
        assert profile[7:22].min() > 0.7
        assert np.delete(profile, range(7, 22)).max() < 0.3


# Sensors' outage -----------------------------------------------------------------------------------------------------


def test_an_outage_of_the_sensors_is_not_the_persons_silence() -> None:
    home = Home(devices=WITH_GATEWAY)
    home.move(9)
    for tenth in range(91, 100):
        home.send(GATEWAY, "link_quality", tenth / 10)
    assert home.tick(30) == []


def test_after_an_outage_the_silence_counts_for_two_hours_more() -> None:
    home = Home(devices=WITH_GATEWAY)
    home.move(9)
    home.send(GATEWAY, "link_quality", 9.1)
    home.tick(30)
    for tenth in range(300, 340):
        found = home.tick(tenth / 10) + home.send(GATEWAY, "link_quality", tenth / 10)
        assert [f.time for f in found] == ([at(32)] if tenth == 320 else [])


def test_sensors_that_are_heard_leave_the_silence_to_the_person() -> None:
    home = Home(devices=WITH_GATEWAY)
    home.move(9)
    found = [f for tenth in range(90, 200) for f in home.send(GATEWAY, "link_quality", tenth / 10)]
    assert [f.reason for f in found] == ["inactivity-silence-unusual"]


def test_a_last_will_is_no_sign_of_life() -> None:
    home = Home(devices=WITH_GATEWAY)
    home.move(9)
    home.send(GATEWAY, "link_quality", 9.1)
    for hour in range(10, 20):
        home.send(GATEWAY, "online", hour, 0.0)
    assert home.tick(30) == []


def test_who_has_a_watch_alone_is_not_silent_when_the_watch_is() -> None:
    home = Home(devices=[d for d in DEVICES if d.id == WATCH])
    home.send(WATCH, "steps", 8.9, 10.0)
    home.send(WATCH, "steps", 9, 20.0)
    assert home.tick(40) == []
    still = Home(devices=[d for d in DEVICES if d.id == WATCH])
    still.send(WATCH, "steps", 8.9, 10.0)
    still.send(WATCH, "steps", 9, 20.0)
    found = [f for twelfth in range(109, 250) for f in still.send(WATCH, "steps", twelfth / 12, 20.0)]
    assert [f.episode for f in found] == [str(at(9))]


# Lateness and moments ------------------------------------------------------------------------------------------------


def test_something_late_from_before_the_silence_does_not_end_it() -> None:
    home = Home()
    home.move(9)
    assert len(home.tick(20)) == 1
    assert home.move(8) == []
    (clear,) = home.move(12)
    assert clear.clears


def test_of_two_things_at_the_same_moment_both_count() -> None:
    home = Home()
    home.move(9)
    home.send(BED, "bed_occupied", 9)
    assert home.detector._people["in_bed"][0]


@pytest.mark.parametrize(
    ("zone", "micros", "hours"),
    [
        ("Asia/Shanghai", MONDAY, 8),
        ("Europe/Berlin", 1_774_746_000_000_000 - 1, 1),  # summer time begins on 29 March 2026 at one o'clock UTC
        ("Europe/Berlin", 1_774_746_000_000_000, 2),
        ("Asia/Kathmandu", MONDAY, 5.75),
        ("Australia/Lord_Howe", MONDAY, 10.5),
    ],
)
def test_local_time(zone: str, micros: int, hours: float) -> None:
    assert offset(zone, micros) == hours * HOUR
    assert local(zone, np.array([micros, micros])).tolist() == [micros + hours * HOUR] * 2


def test_hours_of_the_week_begin_on_monday() -> None:
    shown = local("Asia/Shanghai", np.array([MONDAY, MONDAY - 1, MONDAY + 8 * DAY + 90 * MINUTE]))
    assert hour_of_week(shown).tolist() == [0, 167, 25]


def test_the_prior_is_of_the_hours_of_a_week() -> None:
    assert inactivity.PRIOR.shape == (168,)
    assert inactivity.PRIOR[3] < 0.5 < inactivity.PRIOR[10]
