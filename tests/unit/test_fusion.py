"""What a home says after a fall, as timelines: (seconds after the fall, device, metric, value)."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.fusion import Adjustment, judge, severity_after
from core.wording import LANGUAGES, say
from storage.evidence import Sign
from storage.incidents import Alert

FELL = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
Row = tuple[float, int, str, float]


def alert(kind: str = "fall", *, cleared: bool = False) -> Alert:
    return Alert(
        id=7, dedup_key="k", incident_id=1, resident_id=1, device_id=1, kind=kind, queue="emergency", severity=4,
        event_time=FELL, raised_at=FELL, detector=kind, version=1, reason="fall-impact", evidence={}, score=0.9,
        cleared_at=FELL if cleared else None, clear_reason="x" if cleared else None,
    )  # fmt: skip


def at(seconds: float, *rows: Row) -> Adjustment | None:
    signs = [Sign(device, metric, FELL + timedelta(seconds=after), value) for after, device, metric, value in rows]
    return judge(alert(), signs, FELL + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(61, 1, "motion", 1), (70, 2, "motion", 1)], "fusion-other-room"),
        ([(61, 1, "motion", 1), (70, 1, "motion", 1)], None),
        ([(61, 1, "motion", 1), (70, 2, "motion", 0)], None),
        ([(59, 1, "motion", 1), (70, 2, "motion", 1)], None),
        ([(60, 3, "door_open", 1)], "fusion-door-opened"),
        ([(60, 3, "door_open", 0)], None),
        ([(90, 4, "bed_occupied", 1)], "fusion-in-bed"),
        ([(90, 4, "bed_occupied", 0)], None),
        ([(59, 4, "bed_occupied", 1)], None),
        ([(61, 5, "steps", 1000), (120, 5, "steps", 1020)], "fusion-steps"),
        ([(61, 5, "steps", 1000), (120, 5, "steps", 1019)], None),
        ([(61, 5, "steps", 1000), (120, 6, "steps", 1020)], None),
        ([(90, 4, "bed_occupied", 1), (95, 3, "door_open", 1)], "fusion-in-bed"),
        ([], None),
    ],
)
def test_signs_of_getting_up_lower(rows: list[Row], reason: str | None) -> None:
    said = at(600, *rows)
    assert (said and said.reason) == reason
    assert said is None or not said.raises


@pytest.mark.parametrize(
    ("seconds", "rows", "raises"),
    [
        (300, [(100, 1, "heart_rate", 135), (200, 1, "heart_rate", 131)], True),
        (300, [(100, 1, "heart_rate", 38), (200, 1, "heart_rate", 40)], True),
        (299, [(100, 1, "heart_rate", 135), (200, 1, "heart_rate", 131)], False),
        (300, [(100, 1, "heart_rate", 135), (200, 1, "heart_rate", 130)], False),
        (300, [(59, 1, "heart_rate", 135), (200, 1, "heart_rate", 131)], False),
        (300, [(100, 1, "heart_rate", 135), (200, 1, "heart_rate", 131), (210, 2, "motion", 1)], False),
        (600, [], False),
    ],
)
def test_stillness_raises_only_with_an_abnormal_heart(seconds: float, rows: list[Row], raises: bool) -> None:
    said = at(seconds, *rows)
    assert (said is not None and said.raises) == raises


def test_what_is_still_to_come_is_not_seen_and_a_later_look_says_the_same() -> None:
    assert at(80, (61, 1, "motion", 1), (90, 2, "motion", 1)) is None
    first = at(91, (61, 1, "motion", 1), (90, 2, "motion", 1))
    assert first == at(600, (61, 1, "motion", 1), (90, 2, "motion", 1), (100, 3, "door_open", 1))


LOWER, RAISE = Adjustment(False, 7, "fusion-in-bed"), Adjustment(True, 7, "fusion-still-abnormal-heart")


@pytest.mark.parametrize(
    ("adjustment", "current", "others", "severity"),
    [
        (LOWER, 5, [], 4),
        (LOWER, 4, [], 3),
        (LOWER, 3, [], 3),
        (LOWER, 2, [], 2),
        (LOWER, 5, [alert("long_lie")], 4),
        (LOWER, 5, [alert("sos")], 5),
        (LOWER, 5, [alert("sos", cleared=True)], 5),
        (LOWER, 5, [alert("smoke")], 5),
        (LOWER, 5, [alert("smoke", cleared=True)], 4),
        (RAISE, 3, [], 5),
        (RAISE, 5, [alert("sos")], 5),
    ],
)
def test_how_far(adjustment: Adjustment, current: int, others: list[Alert], severity: int) -> None:
    assert severity_after(adjustment, current, [alert(), *others]) == severity


def test_both_languages_have_the_reasons() -> None:
    for language in LANGUAGES:
        for reason in ("other-room", "door-opened", "in-bed", "steps"):
            assert "3" in say(f"fusion-{reason}", language, minutes=3.2)
        assert "135" in say("fusion-still-abnormal-heart", language, heart_rate=135.0)
