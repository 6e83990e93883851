import itertools
import json
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.care import CareContext, CarePlan, Device, DeviceKind, Limits, Resident
from core.clock import DAY, HOUR, MINUTE, SECOND
from core.findings import Finding, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from core.wording import LANGUAGES, say
from detectors.vitals import Vitals, baseline
from detectors.vitals.rules import RULES

T0 = 1_750_000_000 * SECOND
WATCH, CUFF = 1, 2

Row = tuple[float, str, float]
"""Minutes after T0, metric, value: of the watch, except blood pressure."""


def _context(**plan: object) -> CareContext:
    return CareContext(
        devices={
            WATCH: Device(WATCH, "watch", "h", 1, DeviceKind.WEARABLE, 60),
            CUFF: Device(CUFF, "cuff", "h", 1, DeviceKind.VITALS, 0),
        },
        residents={1: Resident(1, "h", CarePlan(**plan))},  # type: ignore[arg-type]
    )


def _detector(context: CareContext) -> Vitals:
    detector = Vitals()
    detector.configure(context)
    return detector


def _batch(rows: Sequence[Row]) -> Intake:
    return Intake.of(
        ReadingBatch.from_columns(
            device=[CUFF if metric.endswith("_bp") else WATCH for _, metric, _ in rows],
            resident=[1] * len(rows),
            metric=[metric_id(metric) for _, metric, _ in rows],
            time=[T0 + round(minute * MINUTE) for minute, _, _ in rows],
            value=[value for _, _, value in rows],
            arrival=[T0 + round(minute * MINUTE) + SECOND for minute, _, _ in rows],
        )
    )


def _see(rows: Iterable[Row], *, quiet: float = 60, **plan: object) -> list[Finding]:
    """Findings of rows, with a tick at each moment and then each minute for `quiet` minutes."""
    detector = _detector(_context(**plan))
    said: list[Finding] = []
    minute = 0.0
    for minute, together in itertools.groupby(sorted(rows), key=lambda row: row[0]):
        now = T0 + round(minute * MINUTE) + detector.lateness
        said += detector.observe(_batch(list(together)), now)
        said += detector.tick(now)
    for after in range(1, round(quiet) + 1):
        said += detector.tick(T0 + round((minute + after) * MINUTE) + detector.lateness)
    for finding, language in itertools.product(said, LANGUAGES):
        assert say(finding.reason, language, **finding.evidence)
        json.dumps(finding.evidence, allow_nan=False)
    return said


def _rules(findings: Iterable[Finding]) -> list[tuple[str, bool]]:
    return [(str(f.evidence["rule"]), f.clears) for f in findings]


def _each(metric: str, value: float, minutes: Iterable[float]) -> list[Row]:
    return [(minute, metric, value) for minute in minutes]


NORMAL = {"respiratory_rate": 16.0, "spo2": 97.0, "heart_rate": 70.0, "systolic_bp": 125.0, "body_temperature": 36.8}


def _person(minute: float, **changed: float) -> list[Row]:
    return [(minute, metric, value) for metric, value in (NORMAL | changed).items()]


def test_a_well_person_is_nothing() -> None:
    assert _see(row for minute in range(60) for row in _person(minute)) == []


# NEWS2 ---------------------------------------------------------------------------------------------------------------

ILL = {"respiratory_rate": 26.0, "spo2": 90.0, "heart_rate": 95.0}
"""3 + 3 + 1."""


def test_seven_points_twice_within_minutes_are_an_emergency() -> None:
    (finding,) = _see([*_person(0, **ILL), *_person(1, **ILL)], quiet=1)
    assert (finding.queue, finding.severity, finding.time) == (Queue.EMERGENCY, Severity.HIGH, T0)
    evidence = finding.evidence
    assert (evidence["score_low"], evidence["score_high"], evidence["risk"]) == (7, 12, "high")
    assert evidence["missing"] == ["supplemental_oxygen", "consciousness"]
    assert isinstance(evidence["parameters"], dict)
    assert evidence["parameters"]["spo2"] == {"points": 3, "value": 90.0, "time": T0 + MINUTE}


def test_seven_points_once_are_raised_when_nothing_refutes_them() -> None:
    (finding,) = _see(_person(0, **ILL), quiet=6)
    assert _rules([finding]) == [("news2_high", False)]
    assert _see(_person(0, **ILL), quiet=5) == []


def test_seven_points_once_and_then_well_are_nothing() -> None:
    assert _see([*_person(0, **ILL), *_person(1), *_person(2)]) == []


def test_a_moment_exactly_at_the_end_may_still_refute() -> None:
    assert _see([*_person(0, **ILL), *_person(5)]) == []


def test_five_points_are_care_and_take_longer() -> None:
    five = {"respiratory_rate": 22.0, "spo2": 93.0, "heart_rate": 95.0}
    assert _see([*_person(0, **five), *_person(4, **five)], quiet=1) == []
    (finding,) = _see([*_person(0, **five), *_person(4, **five), *_person(5, **five)], quiet=1)
    assert (finding.queue, finding.severity, finding.evidence["rule"]) == (Queue.CARE, Severity.HIGH, "news2_medium")


def test_three_points_in_one_parameter_are_care_and_named() -> None:
    (finding,) = _see([row for minute in range(7) for row in _person(minute, respiratory_rate=25.0)], quiet=0)
    assert (finding.queue, finding.severity) == (Queue.CARE, Severity.MEDIUM)
    assert (finding.evidence["rule"], finding.evidence["metric"]) == ("news2_single", "respiratory_rate")


def test_an_open_high_says_what_medium_and_single_would_say() -> None:
    said = _see([row for minute in range(30) for row in _person(minute, **ILL)])
    assert _rules(said) == [("news2_high", False)]


def test_high_that_turns_medium_is_care_afterwards() -> None:
    medium = {"respiratory_rate": 22.0, "spo2": 93.0, "heart_rate": 95.0}
    low = {"spo2": 93.0}
    rows = [row for minute in range(3) for row in _person(minute, **ILL)]
    rows += [row for minute in range(3, 20) for row in _person(minute, **low)]
    rows += [row for minute in range(20, 40) for row in _person(minute, **medium)]
    assert _rules(_see(rows)) == [("news2_high", False), ("news2_high", True), ("news2_medium", False)]


def test_severity_follows_what_is_known_not_what_might_be() -> None:
    # Respiration alone: 3 known, up to 20 possible.
    said = _see(_each("respiratory_rate", 26.0, range(10)))
    assert {rule for rule, _ in _rules(said)} == {"news2_single"}
    assert (said[0].evidence["score_low"], said[0].evidence["score_high"]) == (3, 20)
    assert said[0].evidence["missing_count"] == 6


@pytest.mark.parametrize(("age", "counted"), [(15, True), (15.1, False)])
def test_a_saturation_counts_for_a_quarter_of_an_hour(age: float, counted: bool) -> None:
    rows = [(0.0, "spo2", 90.0), *_each("respiratory_rate", 26.0, [age]), *_each("heart_rate", 95.0, [age])]
    assert (("news2_high", False) in _rules(_see(rows, quiet=10))) == counted


@pytest.mark.parametrize(("age", "counted"), [(12 * 60, True), (12 * 60 + 1, False)])
def test_blood_pressure_counts_for_twelve_hours(age: float, counted: bool) -> None:
    rows = [(0.0, "systolic_bp", 89.0), *_each("respiratory_rate", 26.0, [age]), *_each("heart_rate", 95.0, [age])]
    assert (("news2_high", False) in _rules(_see(rows, quiet=10))) == counted


def test_the_scale_of_the_care_plan() -> None:
    rows = [row for minute in range(10) for row in _person(minute, spo2=89.0)]
    assert _rules(_see(rows)) == [("news2_single", False)]
    assert _see(rows, spo2_scale=2) == []


def test_what_grows_stale_is_no_recovery() -> None:
    rows = [*_person(0, **ILL), *_person(1, **ILL), *((m, "body_temperature", 36.8) for m in (20.0, 40.0, 60.0, 80.0))]
    assert _rules(_see(rows)) == [("news2_high", False)]


# consciousness and critical values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "rule", "severity"),
    [
        (1, "confused", Severity.HIGH),
        (2, "confused", Severity.HIGH),
        (3, "unresponsive", Severity.CRITICAL),
        (4, "unresponsive", Severity.CRITICAL),
    ],
)
def test_a_level_of_consciousness_below_alert_is_an_emergency_at_once(
    level: float, rule: str, severity: Severity
) -> None:
    (finding,) = _see([(0.0, "consciousness", level)], quiet=1)
    assert (finding.queue, finding.severity, finding.evidence["rule"]) == (Queue.EMERGENCY, severity, rule)


@pytest.mark.parametrize(
    ("metric", "value", "raised"),
    [
        ("spo2", 84.0, True),
        ("spo2", 85.0, False),
        ("heart_rate", 34.0, True),
        ("heart_rate", 35.0, False),
        ("heart_rate", 141.0, True),
        ("heart_rate", 140.0, False),
        ("respiratory_rate", 4.0, True),
        ("respiratory_rate", 5.0, False),
        ("respiratory_rate", 37.0, True),
        ("respiratory_rate", 36.0, False),
        ("systolic_bp", 79.0, True),
        ("systolic_bp", 80.0, False),
    ],
)
def test_critical_values_that_last_are_an_emergency(metric: str, value: float, raised: bool) -> None:
    said = _see(_each(metric, value, range(4)))
    critical = [f for f in said if f.reason.startswith("vitals-critical")]
    assert [(f.queue, f.severity) for f in critical] == [(Queue.EMERGENCY, Severity.CRITICAL)] * raised
    once = _see(_each(metric, value, [0]))
    assert not [f for f in once if f.queue is Queue.EMERGENCY]


def test_a_critical_saturation_twice_within_a_minute() -> None:
    assert _rules(_see([(0, "spo2", 83), (0.5, "spo2", 82)], quiet=1)) == [("critical_low:spo2", False)]
    assert _see([(0, "spo2", 83), (0.4, "spo2", 82)], quiet=1) == []
    assert "critical_low:spo2" not in dict(_rules(_see([(0, "spo2", 83), (16, "spo2", 82)])))


def test_scale_2_has_a_lower_critical_saturation() -> None:
    assert "critical_low:spo2" not in dict(_rules(_see(_each("spo2", 82.0, range(5)), spo2_scale=2)))
    assert "critical_low:spo2" in dict(_rules(_see(_each("spo2", 79.0, range(5)), spo2_scale=2)))


def test_a_critical_episode_ends_with_readings_that_are_well_for_a_while() -> None:
    rows = [*_each("spo2", 82.0, [0, 1, 2]), *_each("spo2", 85.5, range(3, 30)), *_each("spo2", 97.0, range(30, 45))]
    said = [f for f in _see(rows) if f.evidence["rule"] == "critical_low:spo2"]
    assert [(f.time - T0) // MINUTE for f in said] == [0, 40]
    assert said[0].dedup_key == said[1].dedup_key
    assert said[1].clears


def test_a_critical_value_that_goes_on_is_raised_again_after_an_hour() -> None:
    said = [f for f in _see(_each("spo2", 82.0, range(130))) if f.evidence["rule"] == "critical_low:spo2"]
    assert [(f.time - T0) // MINUTE for f in said] == [0, 60, 120]
    assert len({f.dedup_key for f in said}) == 3


# limits --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "value", "rule"),
    [
        ("systolic_bp", 160.0, "spot_high:systolic_bp"),
        ("systolic_bp", 159.0, None),
        ("systolic_bp", 91.0, None),
        ("systolic_bp", 90.0, "spot_low:systolic_bp"),
        ("diastolic_bp", 100.0, "spot_high:diastolic_bp"),
        ("diastolic_bp", 99.0, None),
        ("diastolic_bp", 55.0, None),
        ("diastolic_bp", 54.0, "spot_low:diastolic_bp"),
        ("heart_rate", 100.0, "limit_high:heart_rate"),
        ("heart_rate", 99.0, None),
        ("heart_rate", 51.0, None),
        ("heart_rate", 50.0, "limit_low:heart_rate"),
        ("body_temperature", 38.0, "spot_high:body_temperature"),
        ("body_temperature", 37.9, None),
    ],
)
def test_default_limits_that_two_readings_break_are_care(metric: str, value: float, rule: str | None) -> None:
    said = [f for f in _see(_each(metric, value, [0, 12 * 60]), quiet=5) if "limit" in f.reason]
    assert _rules(said) == ([] if rule is None else [(rule, False)])
    assert {(f.queue, f.severity) for f in said} <= {(Queue.CARE, Severity.MEDIUM)}


@pytest.mark.parametrize(
    ("metric", "kind"), [("systolic_bp", "spot"), ("blood_glucose", "spot"), ("heart_rate", "limit")]
)
def test_one_reading_beyond_a_limit_is_raised_when_nothing_refutes_it(metric: str, kind: str) -> None:
    plan = {metric: Limits(high=170.0)}
    assert [f for f in _see([(0, metric, 170.0)], limits=plan, quiet=30) if f.queue is Queue.CARE] == []
    said = _see([(0, metric, 170.0)], limits=plan, quiet=31)
    assert (f"{kind}_high:{metric}", False) in _rules(said)


def test_a_blood_pressure_that_the_next_does_not_confirm_is_low() -> None:
    (finding,) = _see([(0, "systolic_bp", 170.0), (2, "systolic_bp", 140.0), (4, "systolic_bp", 141.0)])
    assert (finding.severity, finding.reason, finding.time) == (Severity.LOW, "vitals-limit-high-once", T0)
    assert finding.evidence["value"] == 170.0


def test_a_blood_pressure_just_within_the_limit_confirms_nothing_and_refutes_nothing() -> None:
    (finding,) = _see([(0, "systolic_bp", 170.0), (2, "systolic_bp", 157.0)])
    assert (finding.severity, finding.reason) == (Severity.MEDIUM, "vitals-limit-high")


def test_a_pulse_that_the_next_does_not_confirm_is_nothing() -> None:
    assert (
        _see([(0, "heart_rate", 110.0), (1, "heart_rate", 99.0), (2, "heart_rate", 110.0), (3, "heart_rate", 80.0)])
        == []
    )


def _cuff_pulse(rows: Sequence[tuple[float, float]], interval: int = 0) -> list[Finding]:
    """Findings of (minute, pulse) by a device for vital signs with this interval in seconds."""
    context = _context()
    cuff = Device(CUFF, "cuff", "h", 1, DeviceKind.VITALS, interval)
    detector = _detector(CareContext({**context.devices, CUFF: cuff}, context.residents))
    moments = [T0 + round(minute * MINUTE) for minute, _ in rows]
    readings = ReadingBatch.from_columns(
        device=[CUFF] * len(rows), resident=[1] * len(rows), metric=[metric_id("heart_rate")] * len(rows), time=moments,
        value=[value for _, value in rows], arrival=moments,
    )  # fmt: skip
    return [*detector.observe(Intake.of(readings), moments[-1]), *detector.tick(moments[-1] + HOUR)]


def test_a_pulse_by_the_cuff_that_the_next_does_not_confirm_is_low() -> None:
    (finding,) = _cuff_pulse([(0, 110.0), (2, 80.0)])
    assert (finding.queue, finding.severity, finding.reason) == (Queue.CARE, Severity.LOW, "vitals-limit-high-once")


def test_a_pulse_by_the_cuff_that_the_next_confirms_is_medium() -> None:
    (finding,) = _cuff_pulse([(0, 110.0), (2, 108.0)])
    assert (finding.severity, finding.evidence["rule"]) == (Severity.MEDIUM, "spot_high:heart_rate")


def test_a_device_that_speaks_every_minute_is_no_cuff() -> None:
    assert _cuff_pulse([(0, 110.0), (2, 80.0)], interval=60) == []
    assert len(_cuff_pulse([(0, 110.0), (2, 80.0)], interval=3600)) == 1


def test_what_is_measured_now_and_then_is_found_on_each_local_day() -> None:
    # T0 is 23:06 in Shanghai: the second is measured on the next day there, the third later on that day.
    rows: list[Row] = [(0, "systolic_bp", 170.0), (60, "systolic_bp", 171.0), (20 * 60, "systolic_bp", 172.0)]
    assert [(f.time - T0) // MINUTE for f in _see(rows)] == [0, 60]
    assert [(f.time - T0) // MINUTE for f in _see(rows, timezone="UTC")] == [0, 20 * 60]


def test_what_is_not_confirmed_on_the_next_day_still_ends_the_day_before() -> None:
    rows: list[Row] = [(0, "systolic_bp", 170.0), (2, "systolic_bp", 171.0)]
    next_day: list[Row] = [(600, "systolic_bp", 170.0), (602, "systolic_bp", 120.0), (700, "systolic_bp", 121.0)]
    said = _see([*rows, *next_day])
    assert [((f.time - T0) // MINUTE, f.severity, f.clears) for f in said] == [
        (0, Severity.MEDIUM, False), (600, Severity.LOW, False), (700, Severity.MEDIUM, True),
    ]  # fmt: skip
    assert said[0].dedup_key == said[2].dedup_key


def test_a_reading_after_midnight_confirms_the_one_before() -> None:
    rows: list[Row] = [(50, "systolic_bp", 170.0), (55, "systolic_bp", 171.0), (57, "systolic_bp", 120.0)]
    said = _see(rows)
    assert [((f.time - T0) // MINUTE, f.severity) for f in said] == [(50, Severity.MEDIUM), (55, Severity.LOW)]


def test_a_fast_pulse_must_last() -> None:
    assert _see(_each("heart_rate", 105.0, range(10)), quiet=1) == []
    assert _rules(_see(_each("heart_rate", 105.0, range(11)), quiet=1)) == [("limit_high:heart_rate", False)]


def test_limits_of_the_care_plan_come_on_top_of_the_defaults() -> None:
    plan = {"blood_glucose": Limits(low=4.0, high=11.0), "systolic_bp": Limits(high=180.0), "spo2": Limits(low=88.0)}
    assert _see(_each("systolic_bp", 170.0, [0, 5]), limits=plan) == []
    assert _rules(_see(_each("systolic_bp", 90.0, [0, 5]), limits=plan, quiet=1))[0] == ("spot_low:systolic_bp", False)
    (finding,) = _see(_each("blood_glucose", 11.0, [0, 40]), limits=plan)
    assert (finding.evidence["metric"], finding.evidence["limit"], finding.evidence["device"]) == (
        "blood_glucose",
        11.0,
        WATCH,
    )
    assert ("limit_low:spo2", False) in _rules(_see(_each("spo2", 88.0, range(7)), limits=plan))


def test_a_limit_of_something_else_has_no_effect_here() -> None:
    assert _see(_person(0), limits={"room_temperature": Limits(low=100.0)}) == []


def test_a_limit_is_kept_again_by_a_margin() -> None:
    rows: list[Row] = [
        (minute, "systolic_bp", value)
        for minute, value in enumerate([165, 165, 158, 158, 155, 156, 154, 150, 165, 165])
    ]
    said = _see(rows)
    assert _rules(said) == [
        ("spot_high:systolic_bp", False), ("spot_high:systolic_bp", True), ("spot_high:systolic_bp", False),
    ]  # fmt: skip
    assert [(f.time - T0) // MINUTE for f in said] == [0, 7, 8]
    assert said[0].dedup_key != said[2].dedup_key


def test_high_blood_pressure_day_by_day_is_said_day_by_day() -> None:
    twice_a_day = _each("systolic_bp", 170.0, [day * 1440 + half for day in range(3) for half in (0, 600)])
    said = _see(twice_a_day, timezone="America/Los_Angeles")
    assert [(f.time - T0) // DAY for f in said] == [0, 1, 2]


# artefacts -----------------------------------------------------------------------------------------------------------


def test_a_watch_that_is_not_worn_is_not_believed() -> None:
    on_the_table = _each("spo2", 70.0, range(1, 10))
    assert _see([(0.5, "worn", 0.0), *on_the_table]) == []
    assert _see([(1, "worn", 0.0), *on_the_table]) == []
    worn_again = [(0.5, "worn", 0.0), *on_the_table, (20, "worn", 1.0), *_each("spo2", 70.0, range(21, 30))]
    said = [f for f in _see(worn_again) if f.evidence["rule"] == "critical_low:spo2"]
    assert [(f.time - T0) // MINUTE for f in said] == [21]


def test_a_late_reading_from_before_the_device_first_said_that_it_is_worn_is_believed() -> None:
    detector = _detector(_context())
    said = list(detector.observe(_batch([(10, "worn", 1.0)]), T0))
    for minute in (5, 6):
        said += detector.observe(_batch([(minute, "spo2", 80.0)]), T0)
        said += detector.tick(T0 + 11 * MINUTE)
    assert ("critical_low:spo2", False) in _rules(said)


def test_a_watch_taken_off_raises_no_low_pulse_for_half_a_day_and_then_says_where_it_is_from() -> None:
    # A table gives an optical sensor a slow, empty pulse.
    table = _each("heart_rate", 31.0, range(1, 24 * 60, 5))
    assert _see([(0, "worn", 0.0), *table[:143]]) == []
    (finding,) = _see([(0, "worn", 0.0), *table])
    assert (finding.queue, finding.severity, finding.reason) == (Queue.CARE, Severity.LOW, "vitals-unworn")
    assert finding.evidence["device"] == WATCH
    assert "not worn" in say(finding.reason, "en", **finding.evidence)
    between = [(minute, "heart_rate", 70.0 if minute == 361 else value) for minute, _, value in table]
    assert [(f.time - T0) // MINUTE for f in _see([(0, "worn", 0.0), *between])] == [366]


def test_what_an_unworn_device_says_ends_when_it_is_worn_again() -> None:
    table = _each("heart_rate", 31.0, range(1, 13 * 60, 5))
    worn = [(780, "worn", 1.0), *_each("heart_rate", 70.0, [781, 782, 783])]
    assert _rules(_see([(0, "worn", 0.0), *table, *worn])) == [
        ("unworn:heart_rate", False),
        ("unworn:heart_rate", True),
    ]


def test_a_falling_saturation_on_the_wrist_comes_through_at_once() -> None:
    falling = [(minute, "spo2", 95.0 - minute) for minute in range(16)]
    worn: list[Row] = [(minute, "worn", 1.0) for minute in range(16)]
    said = [f for f in _see([*worn, *falling]) if f.evidence["rule"] == "critical_low:spo2"]
    assert [(f.time - T0) // MINUTE for f in said] == [11]


def test_a_clip_is_believed_while_the_watch_is_off() -> None:
    context = _context(limits={"heart_rate": Limits(low=48.0)})
    detector = _detector(context)
    moments = [0, 1, 20, 40]
    readings = ReadingBatch.from_columns(
        device=[WATCH, WATCH, CUFF, CUFF], resident=[1] * 4,
        metric=[metric_id(name) for name in ("worn", "heart_rate", "heart_rate", "heart_rate")],
        time=[T0 + minute * MINUTE for minute in moments], value=[0.0, 30.0, 47.0, 46.0],
        arrival=[T0 + minute * MINUTE for minute in moments],
    )  # fmt: skip
    said = [*detector.observe(Intake.of(readings), T0 + HOUR), *detector.tick(T0 + 2 * HOUR)]
    assert ("spot_low:heart_rate", False) in _rules(said)
    assert {f.evidence["device"] for f in said if f.evidence.get("metric") == "heart_rate"} == {CUFF}


def test_the_cuff_is_believed_whether_the_watch_is_worn_or_not() -> None:
    rows = [(0.0, "worn", 0.0), *_each("systolic_bp", 75.0, [1, 2])]
    assert ("critical_low:systolic_bp", False) in _rules(_see(rows))


def test_a_jump_that_no_body_makes_does_not_count_in_news2_until_confirmed() -> None:
    # The saturation's one bad reading stands while pulse and respiration come on: still no second opinion on it.
    tail = [row for minute in (2.0, 3.0, 4.0) for row in _person(minute, respiratory_rate=22.0, heart_rate=105.0)]
    others: list[Row] = [row for row in tail if row[1] != "spo2"]
    assert "news2_medium" not in dict(_rules(_see([*_person(0), (1, "spo2", 80.0), *others], quiet=20)))
    confirmed: list[Row] = [*_person(0), (1, "spo2", 80.0), (1.2, "spo2", 81.0), *others]
    assert "news2_medium" in dict(_rules(_see(confirmed, quiet=20)))


def test_a_single_spike_among_normal_readings_is_nothing() -> None:
    rows = [row for minute in range(30) for row in _person(minute, spo2=60.0 if minute == 15 else 97.0)]
    assert _see(rows) == []


def test_a_fast_pulse_while_walking_is_nothing() -> None:
    pulse = _each("heart_rate", 125.0, range(25))
    walk: list[Row] = [(minute, "steps", 100.0 * minute) for minute in range(25)]
    assert "limit_high:heart_rate" in dict(_rules(_see(pulse)))
    assert _see([*pulse, *walk]) == []


def test_steps_that_are_told_of_late_take_back_what_was_counted() -> None:
    pulse = _each("heart_rate", 125.0, range(16))
    walk: list[Row] = [(minute, "steps", 100.0 * minute) for minute in (0, 9, 15)]
    assert _see([*pulse, *walk], quiet=1) == []


def test_few_steps_are_no_walk() -> None:
    pulse = _each("heart_rate", 125.0, range(12))
    steps: list[Row] = [(minute, "steps", 19.0 * minute) for minute in range(12)]
    assert "limit_high:heart_rate" in dict(_rules(_see([*pulse, *steps])))


def test_steps_hide_nothing_for_longer_than_half_an_hour() -> None:
    pulse = _each("heart_rate", 150.0, range(60))
    walk: list[Row] = [(minute, "steps", 100.0 * minute) for minute in range(60)]
    said = [f for f in _see([*pulse, *walk]) if f.evidence["rule"] == "critical_high:heart_rate"]
    assert [(f.time - T0) // MINUTE for f in said] == [31]


def test_walking_hides_a_low_saturation_for_ten_minutes_at_most() -> None:
    low = _each("spo2", 82.0, range(30))
    walk: list[Row] = [(minute, "steps", 100.0 * minute) for minute in range(30)]
    said = [f for f in _see([*low, *walk]) if f.evidence["rule"] == "critical_low:spo2"]
    assert [(f.time - T0) // MINUTE for f in said] == [11]


def test_walking_delays_the_plans_own_limit_by_half_an_hour_at_most() -> None:
    pulse = _each("heart_rate", 112.0, range(50))
    walk: list[Row] = [(minute, "steps", 100.0 * minute) for minute in range(50)]
    said = _see([*pulse, *walk], limits={"heart_rate": Limits(high=110.0)})
    assert [(f.time - T0) // MINUTE for f in said if f.evidence["rule"] == "limit_high:heart_rate"] == [31]


def test_jumps_that_never_agree_are_believed_after_five_minutes() -> None:
    wild = [(minute, "spo2", (62.0, 80.0)[int(minute) % 2]) for minute in range(1, 14)]
    others = [row for minute in range(14) for row in _person(minute, respiratory_rate=22.0, heart_rate=105.0)]
    rows = [*[row for row in others if row[1] != "spo2"], (0, "spo2", 97.0), *wild]
    said = [f for f in _see(rows, quiet=0) if f.evidence["rule"] == "news2_medium"]
    assert [(f.time - T0) // MINUTE for f in said] == [6]


# the personal baseline -----------------------------------------------------------------------------------------------


def _own(days: float, value: float, spread: float, seed: int = 7) -> list[Row]:
    rng = np.random.default_rng(seed)
    return [(hour * 60.0, "heart_rate", float(value + rng.normal() * spread)) for hour in range(round(days * 24))]


def test_what_is_unusual_for_the_person_is_care_low() -> None:
    week = _own(8, 62.0, 3.0)
    end = 8 * 24 * 60
    later = _each("heart_rate", 92.0, [end, end + 30, end + 60])
    assert _see([*_own(8, 85.0, 3.0), *later]) == []
    (finding,) = _see([*week, *later])
    assert (finding.queue, finding.severity, finding.evidence["rule"]) == (
        Queue.CARE,
        Severity.LOW,
        "baseline:heart_rate",
    )
    assert finding.evidence["usual"] == pytest.approx(62, abs=2)
    assert _see([*week, *later[:2]]) == []


def test_nothing_is_unusual_before_a_week() -> None:
    end = 6 * 24 * 60
    assert _see([*_own(6, 62.0, 3.0), *_each("heart_rate", 92.0, [end, end + 30, end + 60])]) == []


def test_a_high_saturation_is_never_unusual() -> None:
    rng = np.random.default_rng(3)
    week: list[Row] = [(hour * 60.0, "spo2", float(93 + rng.normal() * 0.3)) for hour in range(24 * 8)]
    end = 8 * 24 * 60
    low, high = (
        _see([*week, *_each("spo2", value, range(end, end + 100, 10))], limits={}, spo2_scale=2)
        for value in (88.5, 99.0)
    )
    assert ("baseline:spo2", False) in _rules(low)
    assert high == []


@pytest.mark.parametrize(("middle", "spread"), [(65.0, 4.0), (120.0, 15.0), (36.6, 0.3)])
def test_the_median_and_deviation_are_those_of_the_readings(middle: float, spread: float) -> None:
    rng = np.random.default_rng(11)
    readings = rng.normal(middle, spread, 3000)
    readings[rng.random(3000) < 0.02] = middle * 3  # what an ordinary mean would follow
    floor = np.array([spread / 10])
    median, deviation, learnt = np.array([np.nan]), np.array([np.nan]), np.array([0], np.int32)
    for value in readings:
        median, deviation, learnt = baseline.learn(median, deviation, learnt, np.array([value]), floor)
    assert learnt[0] == 3000
    assert median[0] == pytest.approx(np.median(readings), abs=spread / 3)
    assert deviation[0] == pytest.approx(np.median(np.abs(readings - np.median(readings))), rel=0.35)


def test_an_odd_first_reading_is_soon_forgotten() -> None:
    rng = np.random.default_rng(5)
    median, deviation, learnt = np.array([np.nan]), np.array([np.nan]), np.array([0], np.int32)
    for value in [95.0, *rng.normal(65, 4, baseline.WARM_READINGS)]:
        median, deviation, learnt = baseline.learn(median, deviation, learnt, np.array([value]), np.array([4.0]))
    assert median[0] == pytest.approx(65, abs=6)


def test_one_reading_an_hour_is_learnt_from() -> None:
    never = np.iinfo(np.int64).min
    at = np.array([never, T0, T0])
    assert baseline.to_learn(at, np.array([T0, T0 + HOUR - 1, T0 + HOUR])).tolist() == [True, False, True]


# the contract --------------------------------------------------------------------------------------------------------


def test_of_two_values_of_one_moment_the_lower_counts_in_whatever_batch() -> None:
    def two(order: tuple[float, float], cut: bool) -> list[Finding]:
        detector = _detector(_context())
        said: list[Finding] = []
        for minute in range(3):
            rows: list[Row] = [(minute, "spo2", value) for value in order]
            for part in [[row] for row in rows] if cut else [rows]:
                said += detector.observe(_batch(part), T0)
        return said + list(detector.tick(T0 + HOUR))

    expected = two((80.0, 97.0), cut=False)
    assert "critical_low:spo2" in dict(_rules(expected))
    assert two((97.0, 80.0), cut=False) == two((80.0, 97.0), cut=True) == two((97.0, 80.0), cut=True) == expected


def test_state_of_a_resident_that_left_is_dropped() -> None:
    detector = _detector(_context())
    detector.observe(_batch(_person(0, **ILL)), T0)
    detector.tick(T0 + MINUTE)
    detector.configure(CareContext())
    assert detector.tick(T0 + DAY) == []
    newcomer = _detector(CareContext())
    assert detector.snapshot() == newcomer.snapshot()


def test_every_rule_is_said_in_both_languages() -> None:
    evidence = {
        "metric": "heart_rate", "value": 1.5, "limit": 2, "usual": 3, "level": 2, "score_low": 5, "score_high": 9,
        "missing_count": 2, "before": 60.0, "change": 2.5, "percent": 5.0, "days": 3, "direction": "up",
        "implausible": True,
    }  # fmt: skip
    for rule, language in itertools.product(RULES.values(), LANGUAGES):
        for reason in (rule.reason, f"{rule.reason}-over", rule.refuted):
            assert reason is None or say(reason, language, **evidence)


_moments = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 1.0, 4.0, 20.0, 400.0]),
        st.one_of(
            st.tuples(st.just("spo2"), st.sampled_from([70.0, 84.0, 90.0, 93.0, 97.0])),
            st.tuples(st.just("heart_rate"), st.sampled_from([30.0, 70.0, 105.0, 135.0])),
            st.tuples(st.just("respiratory_rate"), st.sampled_from([16.0, 22.0, 26.0])),
            st.tuples(st.just("systolic_bp"), st.sampled_from([79.0, 120.0, 165.0])),
            st.tuples(st.just("consciousness"), st.sampled_from([0.0, 1.0, 3.0])),
            st.tuples(st.just("supplemental_oxygen"), st.sampled_from([0.0, 1.0])),
            st.tuples(st.just("worn"), st.sampled_from([0.0, 1.0])),
            st.tuples(st.just("steps"), st.sampled_from([0.0, 100.0, 1000.0])),
        ),
    ),
    min_size=1,
    max_size=40,
)


@settings(deadline=None)  # a busy machine is no finding
@given(_moments, st.booleans(), st.data())
def test_findings_do_not_depend_on_cuts_ticks_or_restarts(
    moments: list[tuple[float, tuple[str, float]]], scale_2: bool, data: st.DataObject
) -> None:
    context = _context(spo2_scale=2 if scale_2 else 1)
    minute = 0.0
    rows: dict[tuple[float, str], float] = {}
    for wait, (metric, value) in moments:
        minute += wait
        rows.setdefault((minute, metric), value)
    parts = [_batch([(at, metric, value)]).readings for (at, metric), value in rows.items()]
    end = T0 + round(minute * MINUTE) + DAY

    whole = _detector(context)
    expected = list(whole.observe(Intake.of(ReadingBatch.concatenate(parts)), end)) + list(whole.tick(end))
    detector = _detector(context)
    said: list[Finding] = []
    for part in parts:
        now = int(part.time[0]) + detector.lateness
        said += detector.observe(Intake.of(part), now)
        if data.draw(st.booleans()):
            said += detector.tick(now)
        if data.draw(st.booleans()):
            snapshot = detector.snapshot()
            detector = _detector(context)
            detector.restore(snapshot)
    said += detector.tick(end)
    assert sorted(map(repr, said)) == sorted(map(repr, expected))
