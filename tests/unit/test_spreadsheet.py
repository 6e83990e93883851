"""CSV that a spreadsheet program opens as it is meant."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.coverage import Code
from alerts.report import Month, gap_in, kind_in
from core import spreadsheet
from core.findings import Kind
from core.wording import LANGUAGES


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", " =", "  @"])
def test_what_a_program_would_work_out_is_text(begin: str) -> None:
    assert spreadsheet.cell(f"{begin}HYPERLINK(1)") == f"'{begin}HYPERLINK(1)"


def test_numbers_stay_numbers_and_nothing_is_empty() -> None:
    assert [spreadsheet.cell(value) for value in (-5, 0.25, None, "", "a-b", "王")] == [
        "-5",
        "0.25",
        "",
        "",
        "a-b",
        "王",
    ]


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2), min_size=1))
def test_whatever_is_in_a_cell_comes_out_of_it(rows: list[list[str]]) -> None:
    text = spreadsheet.lines(rows)
    back = list(csv.reader(io.StringIO(text, newline="")))
    assert back == [[spreadsheet.cell(value) for value in row] for row in rows]
    for row in back:
        for value in row:
            assert not value.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("text", ["2026-10", "0001-01", "9998-12"])
def test_a_month_is_read_and_said_alike(text: str) -> None:
    assert str(Month.read(text)) == text


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "26-10", "2026/10", "0000-01", "9999-12", "２０２６-10"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.read(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_every_reason_for_a_gap_has_words(language: str) -> None:
    for code in Code:
        assert gap_in(language)(code.value) != code.value
    for kind in Kind:
        assert kind_in(language)(kind.value) != kind.value
    assert kind_in(language)("of a later version") == "of a later version"
