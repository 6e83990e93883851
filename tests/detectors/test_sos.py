import numpy as np
import pytest

from core.clock import DAY, HOUR, SECOND
from core.findings import Finding, Kind, Queue, Severity
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from core.wording import LANGUAGES, say
from detectors.base import SnapshotError
from detectors.sos import Sos

NOW = 1_750_000_000 * SECOND


def _see(*rows: tuple[int, int, float, int]) -> list[Finding]:
    """Rows of (device, event time, value, arrival)."""
    device, time, value, arrival = (list(column) for column in zip(*rows, strict=True))
    batch = ReadingBatch.from_columns(
        device=device,
        resident=[d + 100 for d in device],
        metric=[metric_id("sos")] * len(rows),
        time=time,
        value=value,
        arrival=arrival,
    )
    return list(Sos().observe(Intake.of(batch), NOW))


def test_a_press_is_an_emergency_at_once() -> None:
    (finding,) = _see((7, NOW, 1.0, NOW + SECOND))
    assert (finding.kind, finding.queue, finding.severity) == (Kind.SOS, Queue.EMERGENCY, Severity.CRITICAL)
    assert (finding.resident, finding.device, finding.time, finding.countdown) == (107, 7, NOW, 0)
    assert finding.dedup_key == f"sos:1:7:{NOW}"
    assert "late_seconds" not in finding.evidence


def test_a_release_is_no_call() -> None:
    assert _see((7, NOW, 0.0, NOW)) == []


def test_every_press_is_one_and_a_duplicate_is_the_same_one() -> None:
    one, two, again, other = _see((7, NOW, 1, NOW), (7, NOW + 1, 1, NOW), (7, NOW, 1, NOW + SECOND), (8, NOW, 1, NOW))
    assert len({one.dedup_key, two.dedup_key, other.dedup_key}) == 3
    assert one.dedup_key == again.dedup_key


@pytest.mark.parametrize(
    ("late", "labelled"), [(0, 0), (60 * SECOND, 0), (61 * SECOND, 61), (HOUR, 3600), (400 * DAY, 400 * 86400)]
)
def test_no_age_is_too_old_and_a_late_one_says_how_late(late: int, labelled: int) -> None:
    (finding,) = _see((7, NOW - late, 1.0, NOW))
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence.get("late_seconds", 0) == labelled
    assert (finding.reason == "sos-pressed-late") == bool(labelled)


def test_the_words_say_how_late() -> None:
    (finding,) = _see((7, NOW - 90 * 60 * SECOND, 1.0, NOW))
    for language in LANGUAGES:
        assert "90" in say(finding.reason, language, **finding.evidence)


def test_lateness_is_of_the_row_whatever_the_time_now() -> None:
    batch = ReadingBatch.from_columns(
        device=[1], resident=[1], metric=[metric_id("sos")], time=[NOW], value=[1.0], arrival=[NOW + 90 * SECOND]
    )
    first, replayed = (Sos().observe(Intake.of(batch), now) for now in (NOW + 90 * SECOND, NOW + DAY))
    assert first == replayed
    assert first[0].evidence["late_seconds"] == 90


def test_other_metrics_and_an_empty_batch_say_nothing() -> None:
    batch = ReadingBatch.from_columns(
        device=[1], resident=[1], metric=[metric_id("worn")], time=[0], value=[1.0], arrival=[0]
    )
    assert Sos().observe(Intake.of(batch), NOW) == []
    assert Sos().observe(Intake.of(batch.take(np.array([False]))), NOW) == []


def test_a_foreign_snapshot_is_refused() -> None:
    detector = Sos()
    detector.restore(detector.snapshot())
    with pytest.raises(SnapshotError):
        detector.restore(b"junk")
