"""Devices that are silent, low on battery, not worn, or have a wrong clock."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import HOUR, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import NO_TIME, Intake, ReadingBatch
from detectors.device_health import DeviceHealth
from detectors.local_time import after_waking_minutes
from tests.support.rows import position, waveform

NOON = 1_789_920_000_000_000 + 12 * HOUR
"""Monday 21 September 2026, 12:00 in Shanghai."""

L = DeviceHealth.lateness


def context(*devices: Device, plan: CarePlan | None = None) -> CareContext:
    return CareContext(
        {d.id: d for d in devices}, {1: Resident(1, "home", plan or CarePlan()), 2: Resident(2, "other")}
    )


def watch(number: int = 1, interval: int = 60, household: str = "home") -> Device:
    return Device(number, f"watch-{number}", household, 1, DeviceKind.WEARABLE, interval)


def climate(number: int, interval: int = 600) -> Device:
    return Device(number, f"climate-{number}", "home", 1, DeviceKind.CLIMATE, interval, "kitchen")


def door(number: int) -> Device:
    return Device(number, f"door-{number}", "home", 1, DeviceKind.DOOR, 0, "front_door")


class Bench:
    """A detector with time in seconds after noon."""

    def __init__(self, *devices: Device, plan: CarePlan | None = None) -> None:
        self.detector = DeviceHealth()
        self.detector.configure(context(*devices, plan=plan))
        self.tick(0)

    def tick(self, seconds: float) -> list[Finding]:
        """Everything up to that event time has been seen."""
        return list(self.detector.tick(NOON + round(seconds * SECOND) + (L if seconds else 0)))

    def send(self, device: int, seconds: float, metric: str = "humidity", value: float = 1.0) -> list[Finding]:
        return self.send_all([(device, metric, seconds, value)])

    def send_all(self, rows: Sequence[tuple[int, str, float, float]], late: float = 0, ahead: int = 0) -> list[Finding]:
        time = np.array([NOON + round(s * SECOND) for _, _, s, _ in rows])
        batch = ReadingBatch.from_columns(
            device=[d for d, _, _, _ in rows],
            resident=[1] * len(rows),
            metric=[metric_id(m) for _, m, _, _ in rows],
            time=time,
            value=[v for _, _, _, v in rows],
            arrival=time + round(late * SECOND),
            sent=time + ahead * SECOND if ahead else [NO_TIME] * len(rows),
        )
        return list(self.detector.observe(Intake.of(batch), int(batch.arrival.max())))

    def keep(self, devices: Iterable[int], since: int, until: int, step: int) -> list[Finding]:
        """These devices report every `step` seconds."""
        return [f for s in range(since, until, step) for f in self.send_all([(d, "humidity", s, 1.0) for d in devices])]


def summary(findings: Iterable[Finding]) -> list[tuple[str, int, bool]]:
    return [(f.reason, f.device, f.clears) for f in findings]


# Silence -------------------------------------------------------------------------------------------------------------


def test_silent_beyond_one_and_a_half_intervals_at_its_event_time() -> None:
    bench = Bench(climate(1))
    bench.send(1, 100)
    assert bench.tick(100 + 900 - 0.001) == []
    (finding,) = bench.tick(100 + 900)
    assert (finding.kind, finding.queue, finding.severity) == (Kind.DEVICE_SILENT, Queue.MAINTENANCE, Severity.LOW)
    assert (finding.reason, finding.resident, finding.device) == ("device-silent", 1, 1)
    assert finding.time == NOON + 1000 * SECOND
    assert finding.episode == str(NOON + 100 * SECOND)
    assert finding.evidence["minutes"] == 15
    assert bench.tick(5000) == []


def test_it_clears_when_the_device_speaks_and_the_next_silence_is_another() -> None:
    bench = Bench(climate(1))
    bench.send(1, 100)
    (first,) = bench.tick(2000)
    (clear,) = bench.send(1, 2100)
    assert clear.clears
    assert clear.dedup_key == first.dedup_key
    assert clear.time == NOON + 2100 * SECOND
    (second,) = bench.tick(4000)
    assert second.dedup_key != first.dedup_key


def test_a_silence_that_nobody_asked_about_is_told_when_it_ends() -> None:
    bench = Bench(climate(1))
    bench.send(1, 100)
    assert summary(bench.send(1, 2000)) == [("device-silent", 1, False), ("device-heard-again", 1, True)]


def test_one_without_an_interval_may_be_silent() -> None:
    bench = Bench(door(1))
    bench.send(1, 100)
    assert bench.tick(100 * 86400) == []


def test_never_heard_counts_from_the_beginning() -> None:
    bench = Bench(climate(1))
    assert bench.tick(899) == []
    (finding,) = bench.tick(901)
    assert finding.episode == "never"
    assert finding.evidence["last_heard"] is None


def test_any_message_is_a_sign_of_life() -> None:
    bench = Bench(climate(1))
    bench.detector.observe(Intake.of(None, position(1, NOON + 800 * SECOND)), NOON + 800 * SECOND)
    assert bench.tick(1600) == []
    bench.detector.observe(Intake.of(None, None, [waveform(1, NOON + 1600 * SECOND)]), NOON + 1600 * SECOND)
    assert bench.tick(2400) == []
    assert len(bench.tick(2501)) == 1


def test_a_device_with_a_slow_clock_is_not_silent() -> None:
    bench = Bench(climate(1))
    for sent in range(0, 7200, 600):
        assert bench.send_all([(1, "humidity", sent - 3000.0, 1.0)], late=3000) == []
        assert bench.tick(sent) == []
    assert summary(bench.tick(6600 + 900)) == [("device-silent", 1, False)]


def test_a_backlog_makes_nobody_silent() -> None:
    bench = Bench(climate(1), climate(2), climate(3))
    bench.keep([1, 2, 3], 0, 1201, 600)
    # Kanhu was away for three hours: the broker kept everything and delivers it now.
    found = [
        f
        for s in range(1800, 12001, 600)
        for d in (1, 2, 3)
        for f in bench.send_all([(d, "humidity", s + d, 1.0)], late=12060 - s)
    ]
    assert found == []
    assert bench.tick(12500) == []


def test_a_wearable_silent_for_long_is_care() -> None:
    bench = Bench(watch(1, interval=60))
    bench.send(1, 0.5)
    assert [f.queue for f in bench.tick(3599)] == [Queue.MAINTENANCE]
    (finding,) = bench.tick(3601)
    assert (finding.queue, finding.severity, finding.reason) == (Queue.CARE, Severity.MEDIUM, "device-silent-wearer")
    cleared = bench.send(1, 4000)
    assert {(f.queue, f.clears) for f in cleared} == {(Queue.CARE, True), (Queue.MAINTENANCE, True)}
    assert finding.dedup_key in {f.dedup_key for f in cleared}


def test_four_intervals_where_these_are_longer_than_an_hour() -> None:
    bench = Bench(watch(1, interval=1800))
    bench.send(1, 0.5)
    assert [f.queue for f in bench.tick(7200)] == [Queue.MAINTENANCE]
    assert [f.queue for f in bench.tick(7201)] == [Queue.CARE]


def test_a_last_will_raises_sooner_and_is_no_sign_of_life() -> None:
    bench = Bench(climate(1, interval=3600))
    bench.send(1, 10)
    bench.send(1, 60, "online", 0.0)
    assert bench.tick(60 + 299) == []
    (finding,) = bench.tick(60 + 300)
    assert finding.reason == "device-disconnected"
    assert finding.evidence["offline"] is True
    assert finding.episode == str(NOON + 10 * SECOND)


def test_a_last_will_counts_for_one_without_an_interval() -> None:
    bench = Bench(door(1))
    bench.send(1, 10)
    bench.send(1, 60, "online", 0.0)
    assert summary(bench.tick(400)) == [("device-disconnected", 1, False)]
    assert summary(bench.send(1, 500, "online", 1.0)) == [("device-heard-again", 1, True)]
    assert bench.tick(10_000) == []


def test_one_that_reconnects_at_once_is_not_raised() -> None:
    bench = Bench(climate(1, interval=3600))
    bench.send(1, 60, "online", 0.0)
    bench.send(1, 70, "online", 1.0)
    assert bench.tick(3000) == []


# The home ------------------------------------------------------------------------------------------------------------


def test_a_home_that_stops_is_one_finding() -> None:
    bench = Bench(watch(1), climate(2), climate(3, interval=900), door(4))
    bench.keep([1, 2, 3], 0, 601, 60)
    findings = [f for s in range(600, 3600, 10) for f in bench.tick(s)]
    assert summary(findings) == [("home-silent", 0, False)]
    (finding,) = findings
    assert (finding.kind, finding.resident, finding.queue) == (Kind.HOME_SILENT, 1, Queue.MAINTENANCE)
    assert finding.time == NOON + (600 + 1350) * SECOND
    assert finding.episode == str(NOON + 600 * SECOND)


def test_a_home_that_comes_back_gives_its_devices_time() -> None:
    bench = Bench(watch(1), climate(2))
    bench.keep([1, 2], 0, 601, 60)
    (raised,) = bench.tick(3000)
    (clear,) = bench.send(1, 3100)
    assert (clear.dedup_key, clear.clears) == (raised.dedup_key, True)
    bench.keep([1], 3160, 3700, 60)
    assert bench.tick(3700) == []
    assert bench.send(2, 3900) == []


def test_a_wearable_in_a_silent_home_is_care_all_the_same() -> None:
    bench = Bench(watch(1), climate(2))
    bench.keep([1, 2], 0, 601, 60)
    bench.tick(3000)
    assert [f.queue for f in bench.tick(600 + 3600)] == [Queue.CARE]


def test_one_device_of_a_living_home_is_at_fault_itself() -> None:
    bench = Bench(watch(1), climate(2))
    bench.keep([1, 2], 0, 601, 60)
    bench.keep([1], 660, 1501, 60)
    assert bench.tick(1500) == []
    (finding,) = bench.keep([1], 1560, 1700, 60)  # overdue at 1500, the home spoke at 1500, and a minute passed
    assert (finding.reason, finding.device) == ("device-silent", 2)
    assert finding.time == NOON + 1500 * SECOND


@pytest.mark.parametrize("step", [7, 30, 59, 61])
def test_how_often_the_others_speak_does_not_matter_much(step: int) -> None:
    bench = Bench(watch(1), climate(2))
    bench.keep([1, 2], 0, 601, 60)
    found = bench.keep([1], 660, 1500 + 400, step)
    assert summary(found) == [("device-silent", 2, False)]


def test_a_worker_that_starts_again_while_a_device_waits_to_be_reported() -> None:
    bench = Bench(watch(1), climate(2))
    bench.keep([1, 2], 0, 601, 60)
    bench.keep([1], 660, 1521, 60)  # overdue since 1500, and the home has spoken at 1500
    again = Bench(watch(1), climate(2))
    again.detector.restore(bench.detector.snapshot())
    assert again.tick(1559) == bench.tick(1559) == []
    assert again.tick(1560) == bench.tick(1560) != []


def test_a_quick_one_is_not_held_longer_than_half_an_hour_for_a_slow_one() -> None:
    bench = Bench(watch(1), climate(2, interval=86_400))
    bench.keep([1, 2], 0, 601, 60)
    assert bench.tick(690 + 1799) == []
    assert summary(bench.tick(690 + 1800)) == [("device-silent", 1, False)]


def test_the_last_of_a_home_to_die_says_that_the_home_is_silent() -> None:
    bench = Bench(climate(1), climate(2))
    bench.keep([1, 2], 0, 601, 60)
    assert summary(bench.keep([2], 660, 5000, 60)) == [("device-silent", 1, False)]
    assert summary(bench.tick(9000)) == [("home-silent", 0, False)]


def test_a_door_that_speaks_keeps_its_home_from_being_silent() -> None:
    bench = Bench(climate(1), climate(2), door(3))
    bench.keep([1, 2], 0, 601, 60)
    bench.send(3, 1400)
    bench.send(3, 1600)
    assert sorted(f.device for f in bench.tick(2400)) == [1, 2]
    assert bench.tick(20_000) == []


def test_a_device_of_nobody_is_not_reported() -> None:
    bench = Bench(Device(9, "spare", "store", 0, DeviceKind.WEARABLE, 60))
    bench.send(9, 1, "battery", 3.0)
    assert bench.tick(100_000) == []


def test_a_device_for_the_home_is_about_its_first_resident() -> None:
    bench = Bench(Device(9, "gateway", "home", 0, DeviceKind.GATEWAY, 60))
    bench.send(9, 1)
    (finding,) = bench.tick(1000)
    assert (finding.resident, finding.severity) == (1, Severity.MEDIUM)


# Battery, wearing, clock ---------------------------------------------------------------------------------------------


def test_battery_with_hysteresis() -> None:
    bench = Bench(door(1))
    assert bench.send(1, 1, "battery", 15.0) == []
    (low,) = bench.send(1, 2, "battery", 14.9)
    assert (low.kind, low.evidence["percent"], low.episode) == (Kind.BATTERY_LOW, 14.9, str(NOON + 2 * SECOND))
    assert bench.send(1, 3, "battery", 10.0) == []
    assert bench.send(1, 4, "battery", 19.9) == []
    (charged,) = bench.send(1, 5, "battery", 20.0)
    assert (charged.dedup_key, charged.clears) == (low.dedup_key, True)
    (again,) = bench.send(1, 6, "battery", 3.0)
    assert again.dedup_key != low.dedup_key


def test_an_old_battery_reading_says_nothing() -> None:
    bench = Bench(door(1))
    bench.send(1, 100, "battery", 90.0)
    assert bench.send(1, 50, "battery", 5.0) == []


def test_not_worn_for_half_an_hour_by_day() -> None:
    bench = Bench(watch(1, interval=0))
    bench.send(1, 100, "worn", 0.0)
    bench.send(1, 700, "worn", 0.0)
    assert bench.tick(1899) == []
    (finding,) = bench.tick(1900)
    assert (finding.kind, finding.reason, finding.severity) == (Kind.NOT_WORN, "not-worn", Severity.LOW)
    assert finding.time == NOON + 1900 * SECOND
    (clear,) = bench.send(1, 2500, "worn", 1.0)
    assert (clear.dedup_key, clear.clears) == (finding.dedup_key, True)


def test_worn_again_in_time() -> None:
    bench = Bench(watch(1, interval=0))
    bench.send(1, 100, "worn", 0.0)
    assert bench.send(1, 1800, "worn", 1.0) == []
    assert bench.tick(10_000) == []


def test_a_watch_on_the_night_table_is_well_there() -> None:
    bench = Bench(watch(1, interval=0))
    bench.send(1, 9.75 * 3600, "worn", 0.0)  # 21:45, and the quiet hours begin at 22:00
    assert bench.tick(19.49 * 3600) == []
    (finding,) = bench.tick(19.5 * 3600)  # 07:30
    assert finding.time == NOON + round(19.5 * 3600) * SECOND


@pytest.mark.parametrize(
    ("since", "due"),
    [("12:00", "12:30"), ("21:30", "22:00"), ("21:31", "31:30"), ("23:00", "31:30"), ("06:00", "07:30")],
)
def test_half_an_hour_of_waking(since: str, due: str) -> None:
    def micros(clock: str) -> int:
        hours, minutes = clock.split(":")
        return NOON - 12 * HOUR + int(hours) * HOUR + int(minutes) * MINUTE

    assert after_waking_minutes(micros(since), 30, 7 * 60, 22 * 60, "Asia/Shanghai") == micros(due)
    assert after_waking_minutes(micros(since), 30, 0, 0, "Asia/Shanghai") == micros(since) + 30 * MINUTE


def test_a_wrong_clock_once_a_day() -> None:
    bench = Bench(door(1))
    (finding,) = bench.send_all([(1, "humidity", 10, 1.0), (1, "humidity", 20, 1.0)], ahead=3600)
    assert (finding.kind, finding.episode, finding.evidence["minutes"]) == (Kind.CLOCK_WRONG, "2026-09-21", 60)
    assert bench.send_all([(1, "humidity", 3600, 1.0)], ahead=3600) == []
    (tomorrow,) = bench.send_all([(1, "humidity", 86_400, 1.0)], ahead=3600)
    assert tomorrow.episode == "2026-09-22"


def test_a_new_interval_counts_at_once() -> None:
    bench = Bench(climate(1))
    bench.send(1, 100)
    bench.detector.configure(context(climate(1, interval=60)))
    assert len(bench.tick(190)) == 1


def test_a_device_that_is_added_counts_from_then() -> None:
    bench = Bench(climate(1))
    bench.send(1, 100)
    bench.detector.configure(context(climate(1), climate(2)))
    bench.tick(800)
    bench.send(1, 700)
    assert bench.tick(1200) == []
