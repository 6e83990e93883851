"""`kanhu report`: the same rows as over HTTP, in a file."""

import asyncio
import csv
from pathlib import Path

import pytest

from tests.support.alarm_world import build, connection_to
from tests.support.processes import command


@pytest.fixture
def url(embedded_database: str) -> str:
    async def fill() -> None:
        async with connection_to(embedded_database) as connection:
            await build(connection)

    asyncio.run(fill())
    return embedded_database


def rows(url: str, output: Path, *more: str) -> list[list[str]]:
    given = ["report", "--month", "2026-10", "--area", "330106", "--output", str(output), *more]
    ended = command(given, {"KANHU_DATABASE_URL": url})
    assert ended.returncode == 0, ended.stderr
    assert output.read_bytes().startswith(b"\xef\xbb\xbf")
    with output.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_report_is_a_file_for_a_spreadsheet(url: str, tmp_path: Path) -> None:
    chinese = rows(url, tmp_path / "zh.csv")
    english = rows(url, tmp_path / "en.csv", "--language", "en")
    assert chinese[0] == ["月度报告", "2026-10", "西湖街道", "330106"]
    assert english[0] == ["Report of the month", "2026-10", "西湖街道", "330106"]
    assert [len(row) for row in chinese] == [len(row) for row in english]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("--month", "2026-13", "--area", "330106"), 2, "there is no such month"),
        (("--month", "2026-10", "--area", "330106", "--timezone", "Mars/Olympus"), 2, "there is no such time zone"),
        (("--month", "2026-10", "--area", "nowhere"), 1, "kanhu: there is no area nowhere"),
        (("--month", "2026-10", "--area", "330106", "--output", "/nowhere/report.csv"), 2, "can't write it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_wrong_is_said(url: str, tmp_path: Path, given: tuple[str, ...], code: int, said: str) -> None:
    output = tmp_path / "report.csv"
    ended = command(["report", "--output", str(output), *given], {"KANHU_DATABASE_URL": url})
    assert (ended.returncode, said in ended.stderr) == (code, True), ended.stderr
    assert not output.exists()
