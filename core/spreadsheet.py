"""Rows as CSV for spreadsheet programs, which guess at what they open: RFC 4180, UTF-8 with a mark at the beginning,
and no cell that a program would take for a formula.
"""

import csv
import io
from collections.abc import Iterable

MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the encoding of the machine, and 中文 is lost."""

MEDIA_TYPE = "text/csv; charset=utf-8"

# What begins a formula in Excel, LibreOffice or WPS, in the width of a Chinese keyboard too; and what is skipped
# before one (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def cell(value: object) -> str:
    """A value as a cell. Text that could be taken for a formula gets an apostrophe, as one types it; None is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as lines of CSV, without the mark."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
