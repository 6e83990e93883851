"""`kanhu evaluate cost`, on few residents: its figures are of the run, and of every detector."""

import json

import numpy as np
import pytest

from cli.evaluate_cost import show
from core.clock import DAY
from detectors.evaluation import cost
from detectors.registry import DETECTORS

FEW = 40


def no_progress(what: str, parts: int) -> cost.Advance:
    return lambda: None


@pytest.fixture(scope="module")
def report() -> cost.Report:
    return cost.measure("kanhu evaluate cost", no_progress, readings=FEW, residents=FEW)


def test_each_detector_has_a_row_and_the_parts_make_up_the_whole(report: cost.Report) -> None:
    *parts, everything = report.rows
    assert [row.detector for row in parts] == [*(d.name for d in DETECTORS), cost.RUNTIME]
    assert everything.detector == cost.ALL
    assert everything.snapshot_bytes == pytest.approx(sum(row.snapshot_bytes for row in parts))
    assert everything.memory_bytes == pytest.approx(sum(row.memory_bytes for row in parts))
    for name in ("tick", "tick_all_due", "configure", "configure_one_more", "snapshot"):
        times = [timing.ms for row in parts if (timing := getattr(row, name)) is not None]
        assert len(times) == len(DETECTORS) + name.startswith("configure")
        assert getattr(everything, name).ms == pytest.approx(sum(times))


def test_a_time_stands_beside_its_multiple_of_the_reference(report: cost.Report) -> None:
    for row in report.rows:
        assert row.observe.ratio == pytest.approx(row.observe.ms / report.reference_batch_ms)
        assert row.configure is None or row.configure.ratio == pytest.approx(
            row.configure.ms / report.reference_tick_ms
        )


def test_a_batch_is_one_reading_of_everybody_from_their_own_device() -> None:
    rows = cost.mixed_batch(np.random.default_rng(3), DAY, FEW).readings
    devices = cost.city(FEW, cost.KINDS).devices
    assert sorted(rows.resident.tolist()) == list(range(1, FEW + 1))
    assert [devices[d].resident for d in rows.device.tolist()] == rows.resident.tolist()


def test_what_is_printed(report: cost.Report, capsys: pytest.CaptureFixture[str]) -> None:
    show(report, as_json=False)
    printed = capsys.readouterr().out
    assert printed.startswith("Protocol: ")
    assert all(detector.name in printed for detector in DETECTORS)
    show(report, as_json=True)
    assert json.loads(capsys.readouterr().out)["rows"][-1]["detector"] == cost.ALL
