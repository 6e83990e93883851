"""Too long in the bathroom, as timelines."""

from collections.abc import Iterable

import pytest

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import MINUTE
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from detectors.bathroom import Bathroom
from detectors.home_sensors import is_bathroom, is_outside_door
from tests.support.streams import MONDAY

L = Bathroom.lateness

BATH, KITCHEN, BED, FRONT, BATH_DOOR, TOILET, GATEWAY, CUPBOARD = range(1, 9)
DEVICES = (
    Device(BATH, "bath", "home", 1, DeviceKind.MOTION, 0, "bathroom"),
    Device(KITCHEN, "kitchen", "home", 1, DeviceKind.MOTION, 0, "kitchen"),
    Device(BED, "bed", "home", 1, DeviceKind.BED, 0, "bedroom"),
    Device(FRONT, "front", "home", 1, DeviceKind.DOOR, 0, "front_door"),
    Device(BATH_DOOR, "bath-door", "home", 1, DeviceKind.DOOR, 0, "bathroom"),
    Device(TOILET, "toilet", "home", 1, DeviceKind.MOTION, 0, "toilet"),
    Device(CUPBOARD, "cupboard", "home", 1, DeviceKind.DOOR, 0, "kitchen"),
)
REPORTING = (*DEVICES, Device(GATEWAY, "gateway", "home", 1, DeviceKind.GATEWAY, 600))
NIGHT, DAY = 3 * 60, 15 * 60
"""Minutes of Monday in Shanghai."""


class Home:
    """A detector of one home; times are minutes after Monday's local midnight."""

    def __init__(self, plan: CarePlan | None = None, devices: Iterable[Device] = DEVICES) -> None:
        self.detector = Bathroom()
        self.detector.configure(CareContext({d.id: d for d in devices}, {1: Resident(1, "home", plan or CarePlan())}))

    def send(self, device: int, minutes: float, value: float = 1.0) -> list[Finding]:
        metric = {BED: "bed_occupied", FRONT: "door_open", BATH_DOOR: "door_open", CUPBOARD: "door_open"}
        return self.row(device, metric.get(device, "motion"), minutes, value)

    def row(self, device: int, metric: str, minutes: float, value: float) -> list[Finding]:
        time = at(minutes)
        batch = ReadingBatch.from_columns(
            device=[device], resident=[1], metric=[metric_id(metric)], time=[time], value=[value], arrival=[time]
        )
        return list(self.detector.observe(Intake.of(batch), time))

    def tick(self, minutes: float) -> list[Finding]:
        """Everything up to that event time has been seen."""
        return list(self.detector.tick(at(minutes) + L))


def at(minutes: float) -> int:
    return MONDAY + round(minutes * MINUTE)


@pytest.mark.parametrize("start", [NIGHT, DAY])
def test_silence_after_going_in_is_an_emergency_by_day_and_at_night(start: float) -> None:
    home = Home()
    home.send(KITCHEN, start - 1)
    home.send(BATH, start)
    home.send(BATH, start + 3)
    assert home.tick(start + 59.9) == []
    (finding,) = home.tick(start + 60)
    assert (finding.kind, finding.queue, finding.severity) == (Kind.LONG_IN_BATHROOM, Queue.EMERGENCY, Severity.HIGH)
    assert (finding.reason, finding.time, finding.episode) == ("bathroom-long-silent", at(start + 60), str(at(start)))
    assert finding.evidence["still_minutes"] == 57
    assert home.tick(start + 600) == []


def test_a_long_bath_with_movement_is_care() -> None:
    home = Home()
    for minute in range(0, 60, 8):
        home.send(BATH, DAY + minute)
    (finding,) = home.tick(DAY + 60)
    assert (finding.reason, finding.queue, finding.severity) == ("bathroom-long-moving", Queue.CARE, Severity.MEDIUM)
    assert home.send(BATH, DAY + 65) == []
    assert home.tick(DAY + 300) == []


def test_somebody_moving_on_the_floor_is_still_in_there() -> None:
    home = Home()
    home.send(BATH, DAY)
    home.send(BATH, DAY + 50)
    assert [f.episode for f in home.tick(DAY + 60)] == [str(at(DAY))]


@pytest.mark.parametrize(
    ("device", "before"), [(KITCHEN, None), (BED, None), (FRONT, 0.0), (BATH_DOOR, 0.0), (CUPBOARD, 0.0)]
)
def test_being_seen_elsewhere_or_opening_the_door_ends_the_stay(device: int, before: float | None) -> None:
    told, untold = Home(), Home()
    for home in (told, untold):
        if before is not None:
            home.send(device, DAY - 5, before)
        home.send(BATH, DAY)
    untold.send(device, DAY + 40)
    assert untold.tick(DAY + 500) == []
    (raised,) = told.tick(DAY + 90)
    (clear,) = told.send(device, DAY + 95)
    assert (clear.clears, clear.dedup_key, clear.reason, clear.time) == (
        True, raised.dedup_key, "bathroom-left", at(DAY + 95),
    )  # fmt: skip
    assert told.tick(DAY + 500) == []


@pytest.mark.parametrize(
    ("device", "metric", "value"),
    [
        (BATH_DOOR, "door_open", 0.0),
        (KITCHEN, "motion", 0.0),
        (BED, "bed_occupied", 0.0),
        (CUPBOARD, "door_open", 1.0),
        (KITCHEN, "battery", 80.0),
    ],
)
def test_what_does_not_end_it(device: int, metric: str, value: float) -> None:
    home = Home()
    home.send(BATH_DOOR, DAY - 2, 1.0)
    home.send(CUPBOARD, DAY - 1, 1.0)
    home.send(BATH, DAY)
    home.row(device, metric, DAY + 30, value)
    assert len(home.tick(DAY + 60)) == 1


def test_another_bathroom_is_another_stay() -> None:
    home = Home()
    home.send(BATH, DAY)
    home.send(TOILET, DAY + 30)
    assert home.tick(DAY + 89) == []
    assert [f.episode for f in home.tick(DAY + 90)] == [str(at(DAY + 30))]


def test_the_plan_says_how_long_also_in_the_middle() -> None:
    home = Home(CarePlan(bathroom_minutes=20))
    home.send(BATH, DAY)
    assert [f.time for f in home.tick(DAY + 20)] == [at(DAY + 20)]
    changed = Home()
    changed.send(BATH, DAY)
    changed.detector.configure(
        CareContext({d.id: d for d in DEVICES}, {1: Resident(1, "home", CarePlan(bathroom_minutes=30))})
    )
    assert [f.time for f in changed.tick(DAY + 45)] == [at(DAY + 30)]


def test_an_outage_is_not_told() -> None:
    home = Home(devices=REPORTING)
    home.send(BATH, DAY)
    home.row(GATEWAY, "link_quality", DAY + 10, 90.0)
    assert home.tick(DAY + 60) == []
    home.row(GATEWAY, "link_quality", DAY + 300, 90.0)
    assert home.tick(DAY + 900) == []


def test_sensors_that_work_leave_the_silence_to_the_person() -> None:
    home = Home(devices=REPORTING)
    home.send(BATH, DAY)
    found = [f for minute in range(5, 90, 10) for f in home.row(GATEWAY, "link_quality", DAY + minute, 90.0)]
    assert [f.time for f in found] == [at(DAY + 60)]


def test_who_may_have_left_unseen_is_care() -> None:
    home = Home(devices=[d for d in DEVICES if d.id != FRONT])
    home.send(BATH, DAY)
    (finding,) = home.tick(DAY + 60)
    assert (finding.reason, finding.queue) == ("bathroom-long-or-out", Queue.CARE)


def test_a_home_that_sees_the_bathroom_alone_says_nothing() -> None:
    home = Home(devices=[d for d in DEVICES if d.id in (BATH, FRONT)])
    home.send(BATH, DAY)
    assert home.tick(DAY + 600) == []


def test_a_home_that_does_not_see_people_leave_is_believed_less_and_less() -> None:
    home = Home()
    reasons = []
    for night in range(6):
        home.send(BATH, NIGHT + 1440 * night)
        reasons += [f.reason for f in home.send(KITCHEN, NIGHT + 1440 * night + 180)]
    often = ["bathroom-long-often", "bathroom-left"]
    assert reasons == ["bathroom-long-silent", "bathroom-left", *often, *often, *often]
    for minute in range(0, 60, 8):
        home.send(BATH, DAY + 1440 * 6 + minute)
    assert [f.reason for f in home.tick(DAY + 1440 * 6 + 60)] == ["bathroom-long-moving"]
    home.send(KITCHEN, DAY + 1440 * 6 + 61)
    # Half of it is forgotten in two weeks.
    home.send(BATH, NIGHT + 1440 * 60)
    assert [f.reason for f in home.tick(NIGHT + 1440 * 60 + 60)] == ["bathroom-long-silent"]


def test_what_comes_late_from_before_changes_nothing() -> None:
    home = Home()
    home.send(BATH, DAY)
    assert len(home.tick(DAY + 60)) == 1
    assert home.send(KITCHEN, DAY - 10) == []
    assert home.send(KITCHEN, DAY + 70)[0].clears
    home.send(BATH, DAY + 65)
    assert home.tick(DAY + 600) == []


def test_what_nobody_asked_about_is_told_when_it_ends() -> None:
    home = Home()
    home.send(BATH, DAY)
    assert [(f.clears, f.time) for f in home.send(KITCHEN, DAY + 200)] == [(False, at(DAY + 60)), (True, at(DAY + 200))]


@pytest.mark.parametrize("room", ["bathroom", "Bathroom 2", "toilet", "wc", "卫生间", "shower-room"])
def test_names_of_bathrooms(room: str) -> None:
    assert is_bathroom(room)
    assert not is_bathroom("bath_of_birds")


@pytest.mark.parametrize("room", ["front_door", "Front Door", "back-door 2", "大门", "入户门"])
def test_names_of_doors_to_the_outside(room: str) -> None:
    assert is_outside_door(room)
    assert not is_outside_door("bathroom_door")
