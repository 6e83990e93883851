"""Alerts beside the truth."""

import math
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from core.clock import SECOND
from core.findings import Kind
from device_sim import truth
from device_sim.score import KindScore, Outcome, Score, percentile, score
from device_sim.truth import Truth

EVENT = Truth("h001", "王秀英", Kind.SOS, start=1000 * SECOND, due=1005 * SECOND)
ALERT = Outcome("h001", "王秀英", Kind.SOS, raised=1001 * SECOND, queued=1002 * SECOND, cancelled=False, incident=1)
END = 5000 * SECOND


def counts(result: Score) -> dict[Kind, tuple[int, int, int, int, int]]:
    return {row.kind: (row.truth, row.found, row.late, row.missed, row.false) for row in result.kinds}


def scored(events: list[Truth], alerts: list[Outcome], until: int = END) -> Score:
    return score(events, alerts, until=until, grace=10)


def test_found() -> None:
    result = scored([EVENT], [ALERT])
    assert counts(result) == {Kind.SOS: (1, 1, 0, 0, 0)}
    assert result.kinds[0].delays == (2.0,)


def test_an_accelerated_clock_is_taken_out_of_the_delay() -> None:
    result = score([EVENT], [ALERT], until=END, grace=10, speed=20)
    assert result.kinds[0].delays == (0.1,)


@pytest.mark.parametrize(
    "other", [{"household": "h002"}, {"resident": "李建国"}, {"kind": Kind.FALL}, {"raised": 900 * SECOND}]
)
def test_an_alert_of_something_else_is_false_and_the_event_missed(other: dict[str, object]) -> None:
    result = scored([EVENT], [replace(ALERT, **other)])  # type: ignore[arg-type]
    assert result.missed == (EVENT,)
    assert len(result.false) == 1


def test_late_is_neither_found_nor_missed() -> None:
    assert counts(scored([EVENT], [replace(ALERT, raised=1015 * SECOND)])) == {Kind.SOS: (1, 1, 0, 0, 0)}
    result = scored([EVENT], [replace(ALERT, raised=1016 * SECOND)])
    assert counts(result) == {Kind.SOS: (1, 0, 1, 0, 0)}
    assert result.missed == ()


def test_what_is_due_after_the_end_is_not_asked_for() -> None:
    assert counts(scored([EVENT], [], until=1014 * SECOND)) == {}
    assert counts(scored([EVENT], [ALERT], until=1002 * SECOND)) == {Kind.SOS: (1, 1, 0, 0, 0)}
    assert counts(scored([EVENT], [], until=1015 * SECOND)) == {Kind.SOS: (1, 0, 0, 1, 0)}


def test_repeated_alerts_are_no_false_ones() -> None:
    again = replace(ALERT, raised=1100 * SECOND)
    assert counts(scored([EVENT], [ALERT, again])) == {Kind.SOS: (1, 1, 0, 0, 0)}


def test_an_alert_answers_to_the_latest_event_before_it() -> None:
    second = msgspec.structs.replace(EVENT, start=2000 * SECOND, due=2005 * SECOND)
    result = scored([EVENT, second], [replace(ALERT, raised=2001 * SECOND, queued=2001 * SECOND)])
    assert counts(result) == {Kind.SOS: (2, 1, 0, 1, 0)}
    assert result.missed == (EVENT,)


def test_what_may_follow_is_excused_and_answers_nothing() -> None:
    fall = msgspec.structs.replace(EVENT, kind=Kind.FALL, follows=(Kind.INACTIVITY,))
    result = scored([fall], [replace(ALERT, kind=Kind.INACTIVITY)])
    assert counts(result) == {Kind.FALL: (1, 0, 0, 1, 0)}


def test_a_long_lie_tells_of_a_fall() -> None:
    fall = msgspec.structs.replace(EVENT, kind=Kind.FALL)
    assert counts(scored([fall], [replace(ALERT, kind=Kind.LONG_LIE)])) == {Kind.FALL: (1, 1, 0, 0, 0)}


def test_a_cancelled_event_wants_a_cancelled_incident() -> None:
    cancelled = msgspec.structs.replace(EVENT, cancelled=True)
    assert counts(scored([cancelled], [ALERT])) == {Kind.SOS: (1, 0, 0, 1, 0)}
    result = scored([cancelled], [replace(ALERT, cancelled=True, queued=None)])
    assert counts(result) == {Kind.SOS: (1, 1, 0, 0, 0)}
    assert result.kinds[0].delays == ()


def test_an_alert_attached_to_an_open_incident_waited_from_its_own_raising() -> None:
    attached = replace(ALERT, queued=400 * SECOND, raised=1003 * SECOND)
    assert scored([EVENT], [attached]).kinds[0].delays == (3.0,)


def test_percentiles_are_nearest_rank() -> None:
    assert math.isnan(percentile([], 0.5))
    values = [float(n) for n in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (50, 99, 100)
    assert percentile([3.0], 0.01) == 3.0
    assert KindScore(Kind.SOS, delays=(1.0, 2.0)).delay(0.99) == 2.0


def test_truth_survives_its_file(tmp_path: Path) -> None:
    events = [EVENT, msgspec.structs.replace(EVENT, kind=Kind.FALL, cancelled=True, follows=(Kind.LONG_LIE,))]
    truth.write(events, tmp_path / "truth.jsonl")
    assert truth.read(tmp_path / "truth.jsonl") == events
    assert len((tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()) == 2
