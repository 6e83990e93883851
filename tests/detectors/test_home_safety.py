import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.care import CareContext, CarePlan, Device, DeviceKind, Resident
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from core.wording import LANGUAGES, say
from detectors.home_safety import HomeAlarms, HomeConditions

# The start of a ten-minute window, so that tests know which rows share one.
T0 = 1_750_000_200 * SECOND // (10 * MINUTE) * (10 * MINUTE)
CONTEXT = CareContext(
    devices={d: Device(d, f"d{d}", "h", 1, DeviceKind.SMOKE, 0) for d in range(1, 6)},
    residents={1: Resident(1, "h", CarePlan(room_low=14.0, room_high=33.0))},
)

Row = tuple[str, int, float]
"""Metric, event time, value."""


def _batch(rows: Sequence[Row], *, device: int = 1, late: int = SECOND) -> Intake:
    return Intake.of(
        ReadingBatch.from_columns(
            device=[device] * len(rows),
            resident=[1] * len(rows),
            metric=[metric_id(m) for m, _, _ in rows],
            time=[t for _, t, _ in rows],
            value=[v for _, _, v in rows],
            arrival=[t + late for _, t, _ in rows],
        )
    )


def _conditions() -> HomeConditions:
    detector = HomeConditions()
    detector.configure(CONTEXT)
    return detector


def _both(rows: Sequence[Row]) -> dict[str, Finding]:
    """What the two detectors say of rows in order, a batch each, by key: of the same key only the first counts."""
    alarms, conditions = HomeAlarms(), _conditions()
    said: dict[str, Finding] = {}
    for row in rows:
        for detector in (alarms, conditions):
            for finding in detector.observe(_batch([row]), row[1] + 5 * SECOND):
                said.setdefault(finding.dedup_key, finding)
    return said


def _in_words(findings: Sequence[Finding]) -> None:
    for finding, language in itertools.product(findings, LANGUAGES):
        assert say(finding.reason, language, **finding.evidence)


@pytest.mark.parametrize("metric", ["smoke", "gas", "carbon_monoxide"])
def test_an_alarm_is_an_emergency_at_once(metric: str) -> None:
    (finding,) = HomeAlarms().observe(_batch([(metric, T0 + SECOND, 1.0)]), T0 + SECOND)
    assert (finding.kind, finding.queue, finding.severity) == (Kind(metric), Queue.EMERGENCY, Severity.CRITICAL)
    assert (finding.resident, finding.device, finding.time, finding.countdown) == (1, 1, T0 + SECOND, 0)
    assert HomeAlarms().lateness == 0
    _in_words([finding])


def test_a_silent_sensor_says_nothing() -> None:
    assert HomeAlarms().observe(_batch([("smoke", T0, 0.0), ("gas", T0, 0.0)]), T0) == []


def test_an_alarm_that_repeats_itself_is_one_alert() -> None:
    assert len(_both([("smoke", T0 + m * MINUTE, 1.0) for m in range(10)])) == 1


def test_an_alarm_after_silence_is_a_new_one_even_within_minutes() -> None:
    said = _both([("smoke", T0 + m * MINUTE, v) for m, v in enumerate([1, 1, 0, 0, 1, 1, 0, 1])])
    assert [(f.time - T0) // MINUTE for f in said.values()] == [0, 4, 7]
    assert [f.reason for f in said.values()] == ["home-alarm", "home-alarm-again", "home-alarm-again"]
    _in_words(list(said.values()))


def test_an_alarm_in_the_next_ten_minutes_needs_no_second_look() -> None:
    said = _both([("gas", T0 + m * MINUTE, v) for m, v in [(9, 1), (10, 0), (11, 1)]])
    assert [f.detector for f in said.values()] == ["home_alarms", "home_alarms"]


def test_smoke_gas_and_other_devices_do_not_hide_each_other() -> None:
    alarms = HomeAlarms()
    first = alarms.observe(_batch([("smoke", T0, 1.0), ("gas", T0, 1.0)]), T0)
    second = alarms.observe(_batch([("smoke", T0, 1.0)], device=2), T0)
    assert len({f.dedup_key for f in (*first, *second)}) == 3


def test_an_alarm_that_comes_late_beyond_order_is_raised_in_any_case() -> None:
    conditions = _conditions()
    conditions.observe(_batch([("smoke", T0, 1.0), ("smoke", T0 + 2 * MINUTE, 0.0)]), T0)
    (finding,) = conditions.observe(_batch([("smoke", T0 + MINUTE, 1.0)]), T0 + HOUR)
    assert finding.reason == "home-alarm-again"


def test_a_late_alarm_says_so() -> None:
    (finding,) = HomeAlarms().observe(_batch([("smoke", T0, 1.0)], late=5 * MINUTE), T0)
    assert finding.evidence["late_seconds"] == 300
    _in_words([finding])


@given(st.permutations([(T0 + m * MINUTE, v) for m, v in enumerate([0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 0])]))
def test_alarms_do_not_depend_on_order(rows: list[tuple[int, float]]) -> None:
    def keys(order: Sequence[tuple[int, float]]) -> set[str]:
        detector = HomeAlarms()
        return {f.dedup_key for t, v in order for f in detector.observe(_batch([("smoke", t, v)]), T0)}

    assert keys(rows) == keys(sorted(rows))


def test_water_begins_once_and_ends() -> None:
    conditions = _conditions()
    values = [0, 1, 1, 0, 0, 1]
    said = [
        f
        for m, v in enumerate(values)
        for f in conditions.observe(_batch([("water_leak", T0 + m * MINUTE, v)]), T0 + m * MINUTE)
    ]
    assert [((f.time - T0) // MINUTE, f.clears) for f in said] == [(1, False), (3, True), (5, False)]
    assert said[0].dedup_key == said[1].dedup_key != said[2].dedup_key
    assert {(f.kind, f.queue, f.severity) for f in said} == {(Kind.WATER_LEAK, Queue.CARE, Severity.HIGH)}
    _in_words(said)


def test_water_within_one_batch() -> None:
    rows = [("water_leak", T0 + m * MINUTE, v) for m, v in enumerate([0.0, 1.0, 0.0, 1.0])]
    assert [f.clears for f in _conditions().observe(_batch(rows), T0)] == [False, True, False]


def _temperatures(*readings: tuple[int, float]) -> list[Finding]:
    """Findings of readings (minute, °C), ticking each minute up to an hour after the last."""
    conditions = _conditions()
    said: list[Finding] = []
    at = dict(readings)
    for minute in range(max(at) + 60):
        now = T0 + minute * MINUTE + conditions.lateness
        if minute in at:
            said += conditions.observe(_batch([("room_temperature", T0 + minute * MINUTE, at[minute])]), now)
        said += conditions.tick(now)
    _in_words(said)
    return said


@pytest.mark.parametrize(
    ("degrees", "reason", "severity"),
    [
        (14.0, "home-too-cold", Severity.MEDIUM),
        (9.0, "home-too-cold", Severity.HIGH),
        (33.0, "home-too-hot", Severity.MEDIUM),
        (38.0, "home-too-hot", Severity.HIGH),
    ],
)
def test_cold_and_heat_that_last_are_care(degrees: float, reason: str, severity: Severity) -> None:
    (finding,) = _temperatures((0, 20.0), (5, degrees), (20, degrees))
    assert (finding.reason, finding.severity, finding.queue) == (reason, severity, Queue.CARE)
    assert finding.time == T0 + 35 * MINUTE


@pytest.mark.parametrize("degrees", [14.1, 32.9, 20.0])
def test_within_the_care_plans_limits_is_well(degrees: float) -> None:
    assert _temperatures((0, degrees), (30, degrees), (60, degrees)) == []


def test_a_reading_exactly_at_the_end_may_still_say_otherwise() -> None:
    assert _temperatures((0, 10.0), (30, 20.0)) == []


def test_airing_the_room_is_no_finding() -> None:
    assert _temperatures((0, 20.0), (5, 8.0), (30, 14.5), (40, 10.0), (65, 14.1)) == []


def test_a_room_is_well_again_one_degree_within() -> None:
    said = _temperatures((0, 10.0), (40, 14.9), (50, 13.0), (60, 15.0), (70, 14.0), (90, 14.5))
    assert [((f.time - T0) // MINUTE, f.clears) for f in said] == [(30, False), (60, True)]
    assert said[0].dedup_key == said[1].dedup_key


def test_from_cold_to_hot_is_two_episodes() -> None:
    said = _temperatures((0, 5.0), (40, 45.0))
    assert [(f.reason, f.clears) for f in said] == [
        ("home-too-cold", False), ("home-temperature-over", True), ("home-too-hot", False),
    ]  # fmt: skip


def test_state_of_a_device_that_left_is_dropped() -> None:
    conditions = _conditions()
    conditions.observe(_batch([("water_leak", T0, 1.0), ("room_temperature", T0, 1.0), ("smoke", T0, 1.0)]), T0)
    snapshot = conditions.snapshot()
    without = HomeConditions()
    without.configure(CareContext(devices={2: CONTEXT.devices[2]}, residents=CONTEXT.residents))
    without.restore(snapshot)
    assert without.tick(T0 + DAY) == []
    conditions.configure(CareContext(devices={2: CONTEXT.devices[2]}, residents=CONTEXT.residents))
    assert conditions.snapshot() == without.snapshot()
    assert conditions.observe(_batch([("water_leak", T0 + MINUTE, 0.0)]), T0 + DAY) == []


_values = st.one_of(
    st.tuples(st.sampled_from(["smoke", "water_leak"]), st.sampled_from([0.0, 1.0])),
    st.tuples(st.just("room_temperature"), st.sampled_from([9.0, 13.9, 14.5, 15.0, 20.0, 32.5, 40.0])),
)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(1, 2), _values), min_size=1, max_size=30),
    st.data(),
)
def test_conditions_do_not_depend_on_cuts_ticks_or_restarts(
    steps: list[tuple[int, int, tuple[str, float]]], data: st.DataObject
) -> None:
    time, rows = T0, []
    for minutes, device, (metric, value) in steps:
        time += minutes * MINUTE
        rows.append((device, metric, time, value))
    intakes = [_batch([(m, t, v)], device=d).readings for d, m, t, v in rows]
    end = time + HOUR

    whole = _conditions()
    expected = list(whole.observe(Intake.of(ReadingBatch.concatenate(intakes)), time)) + list(whole.tick(end))
    detector = _conditions()
    said: list[Finding] = []
    for part in intakes:
        said += detector.observe(Intake.of(part), int(part.time[0]) + detector.lateness)
        if data.draw(st.booleans()):
            said += detector.tick(int(part.time[0]) + detector.lateness)
        if data.draw(st.booleans()):
            snapshot = detector.snapshot()
            detector = _conditions()
            detector.restore(snapshot)
    said += detector.tick(end)
    assert sorted(map(repr, said)) == sorted(map(repr, expected))
