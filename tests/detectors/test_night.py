"""Up and about at night, and out of the door, as timelines."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import DAY, MINUTE, to_micros
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from detectors.night import Night
from tests.support.streams import MONDAY

L = Night.lateness

BATH, KITCHEN, HALL, BEDROOM, BED, FRONT = range(1, 7)
DEVICES = (
    Device(BATH, "bath", "home", 1, DeviceKind.MOTION, 0, "bathroom"),
    Device(KITCHEN, "kitchen", "home", 1, DeviceKind.MOTION, 0, "kitchen"),
    Device(HALL, "hall", "home", 1, DeviceKind.MOTION, 0, "hallway"),
    Device(BEDROOM, "bedroom", "home", 1, DeviceKind.MOTION, 0, "bedroom"),
    Device(BED, "bed", "home", 1, DeviceKind.BED, 0, "bedroom"),
    Device(FRONT, "front", "home", 1, DeviceKind.DOOR, 0, "front_door"),
)
WITHOUT_BED = tuple(d for d in DEVICES if d.id != BED)
THREE = 27 * 60
"""Three o'clock in the night to Tuesday, in minutes."""


class Home:
    """A detector of one home; times are minutes after the local midnight at `since`."""

    def __init__(self, plan: CarePlan | None = None, devices: Iterable[Device] = DEVICES, since: int = MONDAY) -> None:
        self.detector = Night()
        self.since = since
        self.detector.configure(CareContext({d.id: d for d in devices}, {1: Resident(1, "home", plan or CarePlan())}))

    def at(self, minutes: float) -> int:
        return self.since + round(minutes * MINUTE)

    def send(self, device: int, minutes: float, value: float = 1.0) -> list[Finding]:
        metric = {BED: "bed_occupied", FRONT: "door_open"}.get(device, "motion")
        time = self.at(minutes)
        batch = ReadingBatch.from_columns(
            device=[device], resident=[1], metric=[metric_id(metric)], time=[time], value=[value], arrival=[time]
        )
        return list(self.detector.observe(Intake.of(batch), time))

    def door(self, minutes: float) -> list[Finding]:
        """It opens, and closes ten seconds later."""
        return self.send(FRONT, minutes) + self.send(FRONT, minutes + 1 / 6, 0.0)

    def about(self, minutes: float, length: float) -> list[Finding]:
        """In the kitchen and the hall, every five minutes."""
        found = []
        for passed in range(0, round(length), 5):
            found += self.send(KITCHEN, minutes + passed) + self.send(HALL, minutes + passed + 1)
        return found

    def tick(self, minutes: float) -> list[Finding]:
        """Everything up to that event time has been seen."""
        return list(self.detector.tick(self.at(minutes) + L))

    def sleep(self, minutes: float = 22.5 * 60) -> None:
        """An evening in the kitchen, and to bed at half past ten."""
        self.about(minutes - 60, 50)
        self.send(HALL, minutes - 2)
        self.send(BEDROOM, minutes)


def test_a_night_on_ones_feet_is_told_once_and_is_over_in_the_morning() -> None:
    home = Home()
    home.sleep()
    found = home.about(THREE, 180)
    (raised,) = found
    assert (raised.kind, raised.queue, raised.severity) == (Kind.NIGHT_WANDERING, Queue.CARE, Severity.MEDIUM)
    assert raised.reason == "night-wandering"
    # The prior: 1.5 slots and four times 1.5 are usual, the eighth is too many.
    assert (raised.evidence["minutes"], raised.episode) == (80, str(home.at(THREE)))
    assert abs(raised.time - home.at(THREE + 70)) <= 2 * MINUTE
    (over,) = home.send(KITCHEN, 31 * 60 + 1)
    assert (over.clears, over.dedup_key, over.reason) == (True, raised.dedup_key, "night-over")


def test_trips_to_the_toilet_count_for_nothing() -> None:
    home = Home()
    home.sleep()
    home.send(BED, 22.5 * 60)
    found = []
    for hour in range(23, 31):
        found += home.send(BED, hour * 60, 0.0)
        for device, minutes in ((BEDROOM, 0.2), (HALL, 0.5), (BATH, 1), (BATH, 4), (HALL, 6), (BEDROOM, 6.3)):
            found += home.send(device, hour * 60 + minutes)
        found += home.send(BED, hour * 60 + 7)
    assert found == []
    assert home.detector._people["slots"][0] == 0


def test_out_of_bed_again_and_again_without_the_toilet_counts() -> None:
    home = Home()
    home.sleep()
    home.send(BED, 22.5 * 60)
    found = []
    for turn in range(9):
        found += home.send(BED, 23 * 60 + 40 * turn, 0.0)
        found += home.send(BED, 23 * 60 + 40 * turn + 6)
    assert [f.reason for f in found] == ["night-wandering"]


def test_pacing_in_the_passage_counts() -> None:
    home = Home()
    home.sleep()
    found = []
    for minute in range(100):
        found += home.send(HALL if minute % 2 else BEDROOM, THREE + minute)
    assert [f.reason for f in found] == ["night-wandering"]


def test_staying_up_late_is_no_wandering() -> None:
    home = Home()
    assert home.about(20 * 60, 8 * 60) == []


def test_its_own_usual_is_learnt_slowly() -> None:
    home = Home()
    told = []
    for night in range(40):
        home.sleep((24 * night + 22.5) * 60)
        told.append(len(home.about(24 * night * 60 + THREE, 100)))
        home.about((24 * night + 34) * 60, 20)
    assert told[0] == 1
    assert sum(told[20:]) == 0
    home.sleep((24 * 40 + 22.5) * 60)
    assert [f.reason for f in home.about(24 * 40 * 60 + THREE, 230)] == ["night-wandering"]


def test_a_bad_week_does_not_become_usual() -> None:
    home = Home()
    for night in range(30):
        home.sleep((24 * night + 22.5) * 60)
        home.about((24 * night + 34) * 60, 20)
    told = []
    for night in range(30, 37):
        home.sleep((24 * night + 22.5) * 60)
        told.append(len(home.about(24 * night * 60 + THREE, 200)))
        home.about((24 * night + 34) * 60, 20)
    assert told == [1] * 7


# Out of the door -----------------------------------------------------------------------------------------------------


def test_out_of_the_door_in_the_night_is_an_emergency_within_minutes() -> None:
    home = Home()
    home.sleep()
    home.send(BEDROOM, THREE)
    home.send(HALL, THREE + 1)
    home.door(THREE + 2)
    home.send(HALL, THREE + 2.5)  # what the hall sees is the leaving
    assert home.tick(THREE + 6.9) == []
    (finding,) = home.tick(THREE + 7)
    assert (finding.kind, finding.queue, finding.severity) == (Kind.NIGHT_WANDERING, Queue.EMERGENCY, Severity.HIGH)
    assert (finding.reason, finding.episode) == ("night-outside", f"out:{home.at(THREE + 2)}")
    assert home.tick(THREE + 300) == []
    (back,) = home.send(FRONT, THREE + 40)
    assert (back.clears, back.dedup_key, back.reason) == (True, finding.dedup_key, "night-back-inside")
    assert home.send(KITCHEN, THREE + 42) == []
    assert home.tick(THREE + 300) == []


def test_who_comes_back_within_minutes_was_at_the_door() -> None:
    home = Home()
    home.sleep()
    home.send(HALL, THREE)
    home.door(THREE + 1)
    home.send(BEDROOM, THREE + 3)
    assert home.tick(THREE + 300) == []


def test_who_went_back_to_bed_was_at_the_door() -> None:
    home = Home()
    home.sleep()
    home.send(BED, 22.5 * 60)
    home.send(BED, THREE, 0.0)
    home.door(THREE + 1)
    home.send(BED, THREE + 1.5)
    assert home.tick(THREE + 300) == []


def test_by_day_and_before_the_night_s_rest_a_door_is_a_door() -> None:
    home = Home()
    home.about(21 * 60, 60)
    home.door(22.2 * 60)
    assert home.tick(THREE) == []
    morning = Home()
    morning.sleep()
    morning.send(HALL, 31 * 60)
    morning.door(31 * 60 + 5)
    assert morning.tick(34 * 60) == []


def test_who_has_been_up_for_long_is_care() -> None:
    home = Home()
    home.sleep()
    home.about(THREE, 40)
    home.door(THREE + 42)
    (finding,) = home.tick(THREE + 50)
    assert (finding.reason, finding.queue) == ("night-left-home", Queue.CARE)


def test_going_out_early_becomes_usual_in_the_morning_alone() -> None:
    home = Home()
    told = []
    for night in range(8):
        home.sleep((24 * night + 22.5) * 60)
        early = (24 * night + 30) * 60
        home.send(HALL, early)
        home.door(early + 3)
        told.append([f.queue for f in home.tick(early + 20)])
        home.door(early + 60)
        home.about(early + 62, 30)
    assert told == [[Queue.CARE]] * 3 + [[]] * 5
    home.sleep((24 * 8 + 22.5) * 60)
    home.send(HALL, 24 * 8 * 60 + THREE)
    home.door(24 * 8 * 60 + THREE + 1)
    assert [f.queue for f in home.tick(24 * 8 * 60 + THREE + 20)] == [Queue.EMERGENCY]


def test_a_carers_round_is_neither_wandering_nor_going_out() -> None:
    home = Home(devices=WITHOUT_BED)
    home.sleep()
    home.door(THREE)
    home.send(HALL, THREE + 0.5)
    found = home.about(THREE + 2, 40)
    found += home.door(THREE + 42) + home.tick(THREE + 70)
    assert found == []
    # The next who goes out is the resident.
    home.send(HALL, THREE + 80)
    home.door(THREE + 81)
    assert [f.reason for f in home.tick(THREE + 90)] == ["night-outside"]


def test_who_is_in_bed_has_not_gone_out() -> None:
    home = Home()
    home.about(21 * 60, 60)
    home.send(BED, 22.1 * 60)
    home.send(HALL, 22.2 * 60)
    home.door(22.25 * 60)
    assert home.tick(THREE) == []


def test_a_home_that_does_not_see_who_goes_to_bed_is_believed_less() -> None:
    home = Home(devices=WITHOUT_BED)
    said = []
    for night in range(6):
        home.sleep((24 * night + 22.5) * 60)
        start = 24 * night * 60 + THREE
        home.send(HALL, start)
        home.door(start + 1)
        said.append([f.queue for f in home.tick(start + 10)])
        home.about(start + 7 * 60, 20)
    assert said == [[Queue.EMERGENCY], [Queue.CARE], [Queue.CARE], [Queue.CARE], [], []]


# Local time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "evening"),
    [
        ("Europe/Berlin", (2026, 3, 28)),
        ("Europe/Berlin", (2026, 10, 24)),
        ("America/New_York", (2026, 3, 7)),
        ("America/New_York", (2026, 10, 31)),
        ("Asia/Shanghai", (2026, 3, 28)),
    ],
)
def test_quiet_hours_end_by_the_local_clock_when_it_changes(zone: str, evening: tuple[int, int, int]) -> None:
    tz = ZoneInfo(zone)
    midnight = to_micros(datetime(*evening, tzinfo=tz))
    for minute, told in ((-10, 1), (1, 0)):
        home = Home(CarePlan(timezone=zone), since=midnight)
        home.sleep()
        next_day = datetime.fromtimestamp((midnight + DAY + 12 * 60 * MINUTE) / 1e6, tz).replace(hour=7, minute=0)
        leaves = (to_micros(next_day) - midnight) / MINUTE + minute
        home.send(HALL, leaves - 1)
        home.door(leaves)
        assert len(home.tick(leaves + 30)) == told
