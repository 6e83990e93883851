"""`kanhu replay` on a real database."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from alerts import service
from alerts.lifecycle import ClosureCode
from cli.main import app
from core.clock import DAY, HOUR, MINUTE, to_datetime
from core.findings import Finding
from core.metrics import metric_id
from core.readings import Intake, ReadingBatch
from detectors.sos import Sos
from storage import readings
from tests.support.alarm_world import connection_to
from tests.support.homes import Home, add_home
from tests.support.rows import T0

FROM, TO = "2026-09-22 00:00:00", "2026-09-24 00:00:00"
SOS, TEMPERATURE = metric_id("sos"), metric_id("room_temperature")
DEVICES = [("button", "sos_button", 0), ("air", "climate", 600)]


def rows_of(home: Home) -> list[tuple[int, int, int, float]]:
    """Three days of 33 degrees each ten minutes, and a press of the button on the second."""
    warm = [(home.devices["air"], TEMPERATURE, T0 + i * 10 * MINUTE, 33.0) for i in range(3 * 144)]
    return [*warm, (home.devices["button"], SOS, T0 + DAY, 1.0)]


def store(url: str, *homes: Home) -> None:
    rows = sorted((row for home in homes for row in rows_of(home)), key=lambda row: row[2])
    device, metric, time, value = zip(*rows, strict=True)
    batch = ReadingBatch.from_columns(
        device=device, resident=[0] * len(rows), metric=metric, time=time, value=value,
        arrival=[t + i for i, t in enumerate(time)],
    )  # fmt: skip

    async def write() -> None:
        async with connection_to(url) as connection:
            await readings.write(connection, Intake.of(batch))
            await connection.commit()

    asyncio.run(write())


def raise_and_close(url: str, findings: list[Finding], code: ClosureCode) -> None:
    """Raise the findings, all of one incident, a minute after the press, and close that."""

    async def run() -> None:
        async with connection_to(url) as connection:
            now = to_datetime(T0 + DAY + MINUTE)
            raised = await service.raise_findings(connection, findings, now)
            row = await (
                await connection.execute(
                    "INSERT INTO app_user (name, display_name, password_hash, role, area_id)"
                    " SELECT 'lan', 'Lan', '', 'responder', min(id) FROM area RETURNING id"
                )
            ).fetchone()
            assert row is not None
            await service.claim(connection, raised[0].incident_id, row[0], now)
            await service.close(connection, raised[0].incident_id, row[0], now, code)
            await connection.commit()

    asyncio.run(run())


def pressed(home: Home, at: int) -> Finding:
    """What the detector says of a press at that moment."""
    press = ReadingBatch.from_columns(
        device=[home.devices["button"]], resident=[home.resident], metric=[SOS], time=[at], value=[1.0], arrival=[at]
    )
    [finding] = Sos().observe(Intake.of(press), at)
    return finding


def replay(url: str, *arguments: str, code: int = 0) -> Any:
    result = CliRunner(env={"KANHU_DATABASE_URL": url}).invoke(
        app, ["replay", "--from", FROM, "--to", TO, "--warm-up", "0", *arguments]
    )
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if "--json" in arguments and not code else result.output


def what(report: Any) -> list[tuple[str, str, int]]:
    return [(c["what"], c["kind"], c["resident"]) for c in report["changes"]]


def everything(url: str) -> list[Any]:
    tables = ("reading", "alert", "incident", "incident_event", "outbox", "timer", "detector_snapshot")
    with psycopg.connect(url) as connection:
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3".encode()).fetchall() for table in tables]


def test_what_was_raised_then_is_found_again_with_its_closure_code_and_nothing_is_written(database: str) -> None:
    home, neighbour = add_home(database, "h1", DEVICES), add_home(database, "h2", DEVICES)
    store(database, home, neighbour)
    gone = replace(pressed(home, T0 + DAY), episode="gone", time=T0 + 30 * HOUR)
    raise_and_close(database, [pressed(home, T0 + DAY), gone], ClosureCode.ACCIDENTAL)
    before = everything(database)

    report = replay(database, "--detector", "sos", "--json")
    assert sorted(what(report)) == [
        ("added", "sos", neighbour.resident),
        ("removed", "sos", home.resident),
        ("same", "sos", home.resident),
    ]
    [all_kinds, sos] = report["figures"]
    assert (all_kinds["false_then"], all_kinds["false_now"], sos["added"]) == (2, 1, 1)
    # two people for two days
    assert all_kinds["false_a_person_week_then"] == pytest.approx(2 / (2 * 2 / 7))
    assert replay(database, "--detector", "sos", "--json") == report
    assert everything(database) == before

    assert what(replay(database, "--detector", "sos", "--json", "--household", "h2")) == [
        ("added", "sos", neighbour.resident)
    ]
    of_home = what(replay(database, "--detector", "sos", "--json", "--resident", str(home.resident)))
    assert sorted(of_home) == [("removed", "sos", home.resident), ("same", "sos", home.resident)]


def test_another_setting_is_tried_on_stored_days(database: str) -> None:
    home = add_home(database, "h1", DEVICES)
    store(database, home)
    assert what(replay(database, "--detector", "home_conditions", "--json")) == []
    warmer = ("--detector", "home_conditions", "--plan", "room_high=30")
    assert what(replay(database, *warmer, "--json")) == [("added", "home_temperature", home.resident)]
    assert "home_conditions" in replay(database, *warmer)


def test_ticks_come_between_rows_and_after_the_last_one(database: str) -> None:
    home = add_home(database, "h1", DEVICES)
    store(database, home)
    with psycopg.connect(database) as connection:
        last = to_datetime(T0 + 2 * DAY)
        connection.execute("DELETE FROM reading WHERE time > %s", (last,))
    [change] = [
        c
        for c in replay(database, "--detector", "device_health", "--json")["changes"]
        if c["now"]["raised"] > T0 + 2 * DAY
    ]
    assert change["kind"] in ("device_silent", "home_silent")
    assert change["now"]["raised"] < T0 + 2 * DAY + HOUR


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--detector", "magic"), "there is no detector magic"),
        (("--resident", "999"), "there is no such resident"),
        (("--plan", "room_high"), "write KEY=VALUE"),
        (("--plan", "room_hihg=30"), "there is no such field"),
        (("--plan", "room_high=99"), "room_high"),
        (("--to", "2026-09-21 00:00:00"), "--from lies before --to"),
        (("--detector", "sos", "--model", __file__), "not chosen"),
        (("--detector", "fall", "--model", __file__), "test_replay.py"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_replayed_is_said_in_one_line(database: str, arguments: tuple[str, ...], says: str) -> None:
    add_home(database, "h1")
    assert says in replay(database, *arguments, code=2)
