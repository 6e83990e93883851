"""Judged falls become labelled trials that the evaluation reads."""

import asyncio
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from alerts import service
from alerts.lifecycle import ClosureCode
from cli.main import app
from core.clock import SECOND, to_datetime
from core.findings import Finding, Kind, Queue, Severity
from core.readings import Int16, Intake, Waveform
from detectors.evaluation.recordings import load
from ingest.clips import stretches
from storage import readings
from storage.history import Acceleration
from tests.support.alarm_world import connection_to
from tests.support.homes import Home, add_home
from tests.support.rows import T0


def ramp(seconds: float, rate: float, first: int = 0) -> Int16:
    """x counts samples, y is always 7, z is always 1000."""
    count = round(seconds * rate)
    return np.stack([first + np.arange(count), np.full(count, 7), np.full(count, 1000)], axis=1).astype(np.int16)


def piece(start: float, rate: float, samples: Int16) -> Acceleration:
    return Acceleration(to_datetime(T0) + timedelta(seconds=start), rate, samples.astype("<i2").tobytes())


def test_blocks_of_a_stream_are_joined_and_a_gap_parts_them() -> None:
    blocks = [piece(second, 50, ramp(1, 50, second * 50)) for second in range(5)]
    later = [piece(second, 50, ramp(1, 50)) for second in (8, 9)]
    [stretch] = stretches([*blocks, *later], 50)
    assert stretch.tolist() == ramp(5, 50).tolist()


def test_a_clip_that_overlaps_another_adds_only_what_is_new() -> None:
    [stretch] = stretches([piece(0, 50, ramp(6, 50)), piece(4, 50, ramp(6, 50, 200))], 50)
    assert stretch.tolist() == ramp(10, 50).tolist()


@pytest.mark.parametrize("rate", [25.0, 100.0])
def test_other_rates_are_resampled(rate: float) -> None:
    [stretch] = stretches([piece(0, rate, ramp(6, rate))], 50)
    assert abs(len(stretch) - 300) <= 1
    assert stretch[:, 0] == pytest.approx(np.arange(len(stretch)) * rate / 50, abs=0.51)
    assert set(stretch[:, 2].tolist()) == {1000}


def test_what_is_short_or_empty_is_left_out() -> None:
    assert list(stretches([piece(0, 50, ramp(3.9, 50))], 50)) == []
    assert list(stretches([piece(0, 50, ramp(0, 50))], 50)) == []
    assert list(stretches([], 50)) == []


def fall(home: Home, at: int) -> Finding:
    return Finding(
        Kind.FALL, Queue.EMERGENCY, Severity.HIGH, home.resident, home.devices["watch"], at, "fall", 1, str(at),
        "fall-impact",
    )  # fmt: skip


def fill(url: str, homes: list[tuple[Home, ClosureCode | None]]) -> None:
    """A clip and a fall in each home, a minute apart, closed with the code."""

    async def run() -> None:
        async with connection_to(url) as connection:
            row = await (
                await connection.execute(
                    "INSERT INTO app_user (name, display_name, password_hash, role, area_id)"
                    " SELECT 'lan', 'Lan', '', 'responder', min(id) FROM area RETURNING id"
                )
            ).fetchone()
            assert row is not None
            for number, (home, code) in enumerate(homes):
                at = T0 + number * 60 * SECOND
                clip = Waveform(home.devices["watch"], home.resident, at - 5 * SECOND, 25.0, ramp(10, 25), at)
                far = Waveform(home.devices["watch"], home.resident, at + 16 * SECOND, 25.0, ramp(10, 25), at + 1)
                await readings.write(connection, Intake.of(waveforms=[clip, far]))
                # The second alert is about the same stretch.
                findings = [fall(home, at), fall(home, at + SECOND)]
                raised = await service.raise_findings(connection, findings, to_datetime(at))
                await service.claim(connection, raised[0].incident_id, row[0], to_datetime(at))
                if code is not None:
                    await service.close(connection, raised[0].incident_id, row[0], to_datetime(at), code)
            await connection.commit()

    asyncio.run(run())


def test_what_is_exported_is_what_the_evaluation_reads(database: str, tmp_path: Path) -> None:
    codes = [ClosureCode.AMBULANCE, ClosureCode.DETECTOR_FALSE, ClosureCode.NO_CONTACT, None]
    fill(database, [(add_home(database, f"h{n}"), code) for n, code in enumerate(codes)])
    runner = CliRunner(env={"KANHU_DATABASE_URL": database})
    written = tmp_path / "clips.npz"
    result = runner.invoke(app, ["evaluate", "export-clips", "--output", str(written)])
    assert result.exit_code == 0, result.output
    assert "1 falls and 1 others of 2 people" in result.output
    recordings = load(written)
    assert recordings.rate == 50.0
    assert recordings.subject.tolist() == ["s001", "s002"]
    assert recordings.activity.tolist() == ["ambulance", "detector_false"]
    assert recordings.is_fall.tolist() == [True, False]
    assert recordings.older_adult.tolist() == [True, True]
    assert recordings.seconds == pytest.approx([10, 10], abs=0.05)
    again = tmp_path / "again.npz"
    runner.invoke(app, ["evaluate", "export-clips", "--output", str(again)])
    assert again.read_bytes() == written.read_bytes()


def test_nothing_judged_writes_nothing(database: str, tmp_path: Path) -> None:
    fill(database, [(add_home(database, "h1"), None)])
    written = tmp_path / "clips.npz"
    result = CliRunner(env={"KANHU_DATABASE_URL": database}).invoke(
        app, ["evaluate", "export-clips", "--output", str(written)]
    )
    assert result.exit_code == 1
    assert not written.exists()
