"""What only TimescaleDB Community takes, run on that edition (in WebAssembly, by the locked npm package)."""

import json
import shutil
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from storage.editions import Edition, statements
from tests.support.node import node, npm

_HERE = Path(__file__).parent / "community"

_FILL = """
    INSERT INTO reading (device, metric, time, value, arrival)
    SELECT 1, 1, timestamptz '2026-01-01 00:00Z' + i * interval '1 minute', i, timestamptz '2026-01-01 00:00Z'
    FROM generate_series(0, 2879) AS i
"""
_REPEAT = f"{_FILL} ON CONFLICT (device, metric, time) DO NOTHING"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("community")
    for name in ("package.json", "package-lock.json", "run.mjs"):
        shutil.copy(_HERE / name, folder)
    installed = npm("ci", "--no-audit", "--no-fund", folder=folder)
    assert installed.returncode == 0, installed.stderr[-2000:]
    return folder


def run(folder: Path, texts: list[str]) -> list[list[dict[str, Any]]]:
    done = node("run.mjs", folder=folder, given=json.dumps(texts))
    assert done.returncode == 0, done.stderr[-2000:]
    answers: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return answers


def test_compression_roll_up_and_retention_on_the_community_edition(runner: Path) -> None:
    schema = (resources.files("storage") / "migrations" / "0001.schema.sql").read_text(encoding="utf-8")
    community = [statement.as_string() for statement in statements(Edition.COMMUNITY)]
    answers = run(
        runner,
        [
            "CREATE EXTENSION timescaledb; SELECT current_setting('timescaledb.license') AS licence",
            schema,
            *community,
            *community,  # a second `kanhu migrate` changes nothing
            _FILL,
            "SELECT compress_chunk(c)::text FROM show_chunks('reading') AS c",
            _REPEAT,  # redelivery of what is compressed already
            "CALL refresh_continuous_aggregate('reading_hour', NULL, NULL)",
            "SELECT count(*)::int AS n FROM reading",
            "SELECT count(*)::int AS hours, sum(readings)::int AS readings, max(high)::int AS high FROM reading_hour",
            "SELECT proc_name, hypertable_name FROM timescaledb_information.jobs"
            " WHERE hypertable_name IS NOT NULL ORDER BY proc_name, hypertable_name",
        ],
    )
    licence, stored, rolled_up, jobs = answers[0], answers[-3], answers[-2], answers[-1]
    assert licence == [{"licence": "timescale"}]
    assert len(answers[-6]) == 2, "two days, two chunks compressed"
    assert stored == [{"n": 2880}]
    assert rolled_up == [{"hours": 48, "readings": 2880, "high": 2879}]
    assert [(job["proc_name"], job["hypertable_name"]) for job in jobs] == [
        ("policy_compression", "position"),
        ("policy_compression", "reading"),
        ("policy_compression", "waveform"),
        ("policy_refresh_continuous_aggregate", "reading_hour"),
        ("policy_retention", "position"),
        ("policy_retention", "reading"),
        ("policy_retention", "waveform"),
    ]
