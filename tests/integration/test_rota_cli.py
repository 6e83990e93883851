"""`kanhu rota`: the commands as they are typed, on a real database."""

from datetime import date, time

import psycopg
import pytest
from typer.testing import CliRunner

from cli import rota
from core.shifts import Hours
from storage.rota import RotationDetails, add_rotation
from tests.support.alarm_world import build, connection_to

run = CliRunner().invoke


@pytest.fixture
async def url(embedded_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KANHU_DATABASE_URL", embedded_database)
    async with connection_to(embedded_database) as connection:
        world = await build(connection)
        hours = (Hours((1, 2, 3, 4, 5, 6, 7), time(0), time(0)),)
        details = RotationDetails("全天", "Asia/Shanghai", date(2026, 1, 1), 1, (world.colleague,), hours)
        await add_rotation(connection, world.area, details)
    return embedded_database


def test_who_is_on_shift_and_whether_anybody_would_answer(url: str) -> None:
    shown = run(rota.app, ["show", "--area", "330106"])
    assert shown.exit_code == 0, shown.output
    assert "ming" in shown.output
    assert "lan" not in shown.output
    assert (run(rota.app, ["coverage"])).output == "1 areas looked at, 0 gaps\n"

    with psycopg.connect(url) as connection:
        connection.execute(b"UPDATE channel SET failed_at = now() WHERE address = 'ming'")
    shown = run(rota.app, ["show", "--area", "330106"])
    assert "everybody of the area would be told: no channel" in shown.output
    assert "lan" in shown.output
    found = run(rota.app, ["coverage"])
    assert found.exit_code == 1
    assert "330106 西湖街道, emergency: None of those on shift has a working channel." in found.output


def test_an_area_that_is_not_there(url: str) -> None:
    shown = run(rota.app, ["show", "--area", "9"])
    assert (shown.exit_code, "there is no area 9" in shown.output) == (1, True)
