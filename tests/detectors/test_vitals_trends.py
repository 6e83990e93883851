"""Weight and blood pressure over days: stories through the detector, and the pure functions behind them."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.care import CareContext, CarePlan, Device, DeviceKind, Limits, Resident
from core.clock import DAY, HOUR, MINUTE, to_micros
from core.findings import Finding, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from core.wording import LANGUAGES, say
from detectors.vitals import Vitals, trends
from detectors.vitals.days import Days

SCALE = 1
ZONE = "Europe/Berlin"
START = datetime(2026, 9, 1, tzinfo=ZoneInfo(ZONE))
MISSING = None

Row = tuple[float, str, float]
"""Local days and their fractions after START, metric, value."""


def _detector(zone: str = ZONE, **limits: Limits) -> Vitals:
    detector = Vitals()
    plan = CarePlan(timezone=zone, limits=limits)
    detector.configure(
        CareContext({SCALE: Device(SCALE, "scale", "h", 1, DeviceKind.VITALS, 0)}, {1: Resident(1, "h", plan)})
    )
    return detector


def _moment(days: float, start: datetime = START) -> int:
    """Micros so many local days after the start: wall-clock arithmetic, as a calendar counts."""
    whole = round(days * 1440)
    return to_micros((start.replace(tzinfo=None) + timedelta(minutes=whole)).replace(tzinfo=start.tzinfo))


def _batch(rows: Sequence[Row], start: datetime = START) -> Intake:
    times = [_moment(days, start) for days, _, _ in rows]
    return Intake.of(
        ReadingBatch.from_columns(
            device=[SCALE] * len(rows), resident=[1] * len(rows), metric=[metric_id(name) for _, name, _ in rows],
            time=times, value=[value for _, _, value in rows], arrival=times,
        )
    )  # fmt: skip


def _see(rows: Sequence[Row], start: datetime = START, **limits: Limits) -> list[Finding]:
    """Trend findings, those of limits aside; all of them can be said in both languages."""
    detector = _detector(str(start.tzinfo), **limits)
    ordered = sorted(rows)
    said = [*detector.observe(_batch(ordered, start), 0), *detector.tick(_moment(ordered[-1][0], start) + HOUR)]
    for finding, language in itertools.product(said, LANGUAGES):
        assert say(finding.reason, language, **finding.evidence)
    return [f for f in said if str(f.evidence["rule"]).partition(":")[0] in ("weight_gain", "weight_loss", "drift")]


def _daily(values: Sequence[float | None], name: str = "body_weight", at: float = 0.3) -> list[Row]:
    """One a day, in the morning; None: not measured."""
    return [(day + at, name, value) for day, value in enumerate(values) if value is not None]


def _days(findings: Sequence[Finding]) -> list[tuple[str, int, bool]]:
    first = _moment(0)
    return [(str(f.evidence["rule"]), (f.time - first) // DAY, f.clears) for f in findings]


# weight gain ---------------------------------------------------------------------------------------------------------


def test_two_kilograms_in_three_days_are_said_with_their_numbers_on_the_day() -> None:
    (finding,) = _see(_daily([70.1, 70.0, 70.0, 70.7, 71.4, 72.0]))
    assert (finding.queue, finding.severity) == (Queue.CARE, Severity.MEDIUM)
    assert _days([finding]) == [("weight_gain", 5, False)]
    assert say(finding.reason, "en", **finding.evidence) == "Gained 2 kg in 3 days, from 70 kg to 72 kg"
    assert say(finding.reason, "zh-CN", **finding.evidence) == "3 天内体重增加 2 kg，从 70 kg 升至 72 kg"


def test_less_or_slower_is_nothing() -> None:
    assert _see(_daily([70.1, 70.0, 70.0, 70.7, 71.4, 71.9])) == []
    assert _see(_daily([70.0, 70.0, 70.0, 70.6, 71.1, 71.6, 72.1, 72.6])) == []
    # Four days from the last low one to the newest.
    assert _see(_daily([70.0, 70.0, MISSING, MISSING, MISSING, 72.5, 72.5])) == []


def test_a_gain_of_more_than_agrees_from_day_to_day_is_believed_a_day_later() -> None:
    assert _days(_see(_daily([70.0, 70.0, 70.0, 71.2, 72.4, 73.6]))) == [("weight_gain", 5, False)]


def test_another_person_once_on_the_scale_is_nothing() -> None:
    for other in (52.0, 72.5, 95.0):
        values = [70.0 + 0.2 * (day % 3) for day in range(20)]
        values[9] = other
        assert _see(_daily(values)) == []
        assert _see([*_daily(values), (9.31, "body_weight", 70.1), (9.32, "body_weight", 70.1)]) == []


def test_what_is_repeated_the_next_day_is_said() -> None:
    (finding,) = _see(_daily([70.0, 70.2, 70.1, 73.0, 73.1]))
    assert _days([finding]) == [("weight_gain", 4, False)]
    assert (finding.evidence["before"], finding.evidence["value"]) == (70.1, 73.1)


def test_what_no_body_gains_is_said_with_the_doubt_once_repeated() -> None:
    (finding,) = _see(_daily([70.0, 70.2, 70.1, 85.0, 85.1]))
    assert "another person" in say(finding.reason, "en", **finding.evidence)
    assert "他人" in say(finding.reason, "zh-CN", **finding.evidence)


@pytest.mark.parametrize(("minutes", "said"), [(1, []), (59, []), (60, [("weight_gain", 3, False)])])
def test_weighed_again_on_the_same_day_it_counts_when_apart(minutes: int, said: list[tuple[str, int, bool]]) -> None:
    again = (3.3 + minutes / 1440, "body_weight", 73.0)
    assert _days(_see([*_daily([70.0, 70.2, 70.1, 73.1]), again])) == said


def test_a_new_scale_user_is_not_judged_before_three_measured_days() -> None:
    assert _see(_daily([70.0, 72.5])) == []
    assert _see([*_daily([70.0]), *_daily([70.0, 72.5], at=0.6)]) == []


def test_a_gain_ends_when_half_of_it_is_gone_and_not_because_days_pass() -> None:
    stays = [70.0, 70.0, 70.0, 72.5, 72.5, *[72.4] * 10]
    assert _days(_see(_daily(stays))) == [("weight_gain", 4, False)]
    back = [*stays, 70.8, 70.5, 70.4]
    assert _days(_see(_daily(back)))[1:] == [("weight_gain", 17, True)]


def test_a_further_gain_after_three_days_is_said_again() -> None:
    said = _see(_daily([70.0, 70.0, 70.0, 72.5, 72.5, 72.5, 72.5, 75.0, 75.1]))
    assert _days(said) == [("weight_gain", 4, False), ("weight_gain", 8, False)]
    assert len({f.dedup_key for f in said}) == 2


def test_days_are_those_of_the_residents_calendar() -> None:
    # Los Angeles, 30 October to 2 November 2026: three days by the calendar, four days and 40 minutes by the clock.
    start = datetime(2026, 10, 28, tzinfo=ZoneInfo("America/Los_Angeles"))
    ten_past_midnight, ten_to = 10 / 1440, 1 - 10 / 1440
    rows: list[Row] = [(day + ten_past_midnight, "body_weight", 70.0) for day in range(3)]
    rows += [(4 + ten_to, "body_weight", 72.2), (5 + ten_to, "body_weight", 72.3)]
    assert _moment(5 + ten_to, start) - _moment(2 + ten_past_midnight, start) > 4 * DAY
    (finding,) = _see(rows, start)
    assert (finding.evidence["rule"], finding.evidence["days"]) == ("weight_gain", 3)


def test_the_plans_limit_for_weight_comes_on_top() -> None:
    detector = _detector(body_weight=Limits(high=71.0))
    rows = _daily([70.0, 70.2, 73.0])
    said = [*detector.observe(_batch(rows), 0), *detector.tick(_moment(2.3) + HOUR)]
    assert [f.evidence["rule"] for f in said] == ["spot_high:body_weight"]


# weight loss ---------------------------------------------------------------------------------------------------------


def test_five_per_cent_in_a_month_is_said_once_a_week() -> None:
    falling = [80.0] * 10 + [80.0 - 4.2 * day / 25 for day in range(1, 26)] + [75.8] * 4
    said = _see(_daily(falling))
    assert [(f.queue, f.severity) for f in said] == [(Queue.CARE, Severity.MEDIUM)]
    (finding,) = said
    assert finding.evidence["percent"] == pytest.approx(5, abs=0.2)
    assert "5 % of the body weight" in say(finding.reason, "en", **finding.evidence)
    assert "下降 5" in say(finding.reason, "zh-CN", **finding.evidence)
    longer = [*falling, *[75.8 - 1.5 * day / 10 for day in range(11)]]
    assert len(_see(_daily(longer))) == 2


def test_less_or_over_two_months_is_no_loss() -> None:
    assert _see(_daily([80.0] * 10 + [80.0 - 3.6 * day / 25 for day in range(1, 26)] + [76.4] * 8)) == []
    assert _see(_daily([80.0] * 10 + [80.0 - 4.2 * day / 60 for day in range(1, 61)])) == []


def test_a_gain_of_two_days_that_is_gone_again_is_no_loss() -> None:
    values = [50.0] * 8 + [52.8, 52.8] + [50.0] * 10
    assert {rule for rule, _, _ in _days(_see(_daily(values)))} == {"weight_gain"}


def test_one_low_day_is_no_loss_and_weekly_weighing_will_do() -> None:
    assert _see(_daily([80.0] * 8 + [70.0] + [80.0] * 8)) == []
    weekly = [value for kilograms in (80.0, 80.0, 80.2, 80.0, 80.0, 76.0, 75.8) for value in (kilograms, *[None] * 6)]
    assert [rule for rule, _, _ in _days(_see(_daily(weekly)))] == ["weight_loss"]


@pytest.mark.parametrize(("level", "beyond"), [(55.1, True), (55.2, False)])
def test_five_per_cent_exactly(level: float, beyond: bool) -> None:
    days = np.full((1, trends.DAYS), np.nan)
    days[0, :9] = [level] * 3 + [58.0] * 6
    assert trends.weight_loss(days).beyond.tolist() == [beyond]


# blood pressure ------------------------------------------------------------------------------------------------------


def _wave(level: float, days: int) -> list[float]:
    return [level + (-4, 3, 0, 5, -2)[day % 5] for day in range(days)]


@pytest.mark.parametrize(
    ("name", "usual", "now", "words"),
    [
        ("systolic_bp", 130.0, 150.0, "Systolic blood pressure this week higher by"),
        ("systolic_bp", 130.0, 110.0, "Systolic blood pressure this week lower by"),
        ("diastolic_bp", 75.0, 90.0, "Diastolic blood pressure this week higher by"),
    ],
)
def test_a_week_that_differs_from_the_weeks_before(name: str, usual: float, now: float, words: str) -> None:
    said = _see(_daily([*_wave(usual, 21), *_wave(now, 8)], name))
    assert [(f.queue, f.severity) for f in said] == [(Queue.CARE, Severity.MEDIUM)]
    (finding,) = said
    # The middle of seven days moves with the fourth of the new ones, and is believed two days after.
    assert _days([finding]) == [(f"drift:{name}", 24, False)]
    text = say(finding.reason, "en", **finding.evidence)
    assert text.startswith(words)
    assert "in the four weeks before" in text
    assert finding.evidence["before"] == pytest.approx(usual, abs=1)


def test_three_odd_days_of_a_week_are_no_drift() -> None:
    assert _see(_daily([*_wave(130.0, 21), 158.0, 130.0, 157.0, 131.0, 158.0, 129.0, 130.0], "systolic_bp")) == []


def test_a_middle_that_moves_for_one_day_is_no_drift() -> None:
    # On the last of the odd days four of seven are odd, the day after three.
    odd = [158.0, 130.0, 157.0, 131.0, 158.0, 129.0, 158.0, 130.0, 131.0, 130.0]
    assert _see(_daily([*_wave(130.0, 21), *odd], "systolic_bp")) == []


def test_a_drift_needs_measured_days_enough() -> None:
    sparse = [value if day % 3 == 0 else None for day, value in enumerate([*_wave(130.0, 21), *_wave(155.0, 9)])]
    assert _see(_daily(sparse, "systolic_bp")) == []
    assert _see(_daily([*_wave(130.0, 7), *_wave(155.0, 6)], "systolic_bp")) == []


def test_a_pressure_that_always_swings_drifts_only_by_more() -> None:
    swinging = [130.0 + (-22, 20, -8, 14, 0, 24, -18)[day % 7] for day in range(21)]
    assert _see(_daily([*swinging, *_wave(150.0, 9)], "systolic_bp", 0.3)) == []
    assert len(_see(_daily([*_wave(130.0, 21), *_wave(150.0, 9)], "systolic_bp"))) == 1


def test_a_drift_ends_when_the_week_is_nearly_as_before() -> None:
    said = _see(_daily([*_wave(130.0, 21), *_wave(152.0, 6), *_wave(131.0, 9)], "systolic_bp"))
    assert [clears for _, _, clears in _days(said)] == [False, True]


def test_each_resident_has_the_days_of_his_own_zone() -> None:
    # 15:40 and 16:10 UTC are one visit to the scale in Berlin, and in Shanghai two days.
    zones = {1: "Europe/Berlin", 2: "Asia/Shanghai"}
    detector = Vitals()
    detector.configure(
        CareContext(
            {n: Device(n, "scale", "h", n, DeviceKind.VITALS, 0) for n in zones},
            {n: Resident(n, "h", CarePlan(timezone=zone)) for n, zone in zones.items()},
        )
    )
    day = to_micros(datetime(2026, 9, 1, tzinfo=ZoneInfo("UTC")))
    usual = [(day + n * DAY + 12 * HOUR, 70.0) for n in range(3)]
    said: list[Finding] = []
    for moment, kilograms in [*usual, (day + 3 * DAY + 940 * MINUTE, 72.5), (day + 3 * DAY + 970 * MINUTE, 72.5)]:
        readings = ReadingBatch.from_columns(
            device=[1, 2], resident=[1, 2], metric=[metric_id("body_weight")] * 2, time=[moment] * 2,
            value=[kilograms] * 2, arrival=[moment] * 2,
        )  # fmt: skip
        said += detector.observe(Intake.of(readings), moment)
    said += detector.tick(day + 4 * DAY)
    assert [(f.resident, f.evidence["rule"], f.evidence["days"]) for f in said] == [(2, "weight_gain", 2)]


# state ---------------------------------------------------------------------------------------------------------------


def test_the_state_of_a_person_does_not_grow() -> None:
    days = Days()
    days.align([1])
    empty = days.dump()
    row, which = np.zeros(3, np.int64), np.arange(3)
    for hour in range(0, 24 * 120, 3):
        days.take(row, which, np.full(3, 20_000 * DAY + hour * HOUR), np.array([70.0, 130.0, 75.0]))
    full = days.dump()
    assert sum(map(len, full.columns.values())) == sum(map(len, empty.columns.values())) == 282


def test_a_day_is_the_middle_of_its_last_measurements() -> None:
    days = Days()
    days.align([7])
    row, which, taken = np.zeros(1, np.int64), np.zeros(1, np.int64), np.empty(0)
    for minute, value in enumerate([95.0, 70.0, 70.4, 70.2, 70.1, 70.3, 70.5]):
        found, _ = days.take(row, which, np.array([20_000 * DAY + minute * MINUTE]), np.array([value]))
        taken = found[0]
    assert taken[0] == 70.3
    assert np.isnan(taken[1:]).all()
    found, _ = days.take(row, which, np.array([20_002 * DAY]), np.array([71.0]))
    assert found[0, :4].tolist() == pytest.approx([71.0, np.nan, 70.3, np.nan], nan_ok=True)
    found, _ = days.take(row, which, np.array([20_500 * DAY]), np.array([68.0]))
    assert np.isfinite(found[0]).sum() == 1


_measurements = st.lists(
    st.tuples(
        st.sampled_from([1 / 24, 0.5, 1.0, 2.0]),
        st.sampled_from(["body_weight", "systolic_bp", "diastolic_bp"]),
        st.sampled_from([70.0, 70.5, 73.0, 66.0, 95.0, 140.0]),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=30, deadline=None)
@given(_measurements, st.data())
def test_trends_do_not_depend_on_cuts_or_restarts(
    measurements: list[tuple[float, str, float]], data: st.DataObject
) -> None:
    rows: list[Row] = []
    at = 0.2
    for wait, name, value in measurements:
        at += wait
        rows.append((at, name, value))
    whole = _detector()
    expected = list(whole.observe(_batch(rows), 0))
    detector = _detector()
    said: list[Finding] = []
    for row in rows:
        said += detector.observe(_batch([row]), 0)
        if data.draw(st.booleans()):
            snapshot = detector.snapshot()
            detector = _detector()
            detector.restore(snapshot)
    assert said == expected
