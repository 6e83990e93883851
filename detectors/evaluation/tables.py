"""Recordings as CSV, plain or gzip: columns by their names, in any order and any case, others beside them."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.clock import to_micros
from detectors.evaluation.recordings import RecordingsError

_GZIP = b"\x1f\x8b"


def rows(path: Path, raw: bytes, columns: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The line and the cells of these columns, without spaces around them, of each row of a file with these bytes.

    Raises RecordingsError where it is no such table.
    """
    try:
        text = (gzip.decompress(raw) if raw.startswith(_GZIP) else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise RecordingsError(f"{path}: not a CSV file in UTF-8: {error}") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        if missing := sorted(set(columns) - set(head)):
            raise RecordingsError(f"{path}: no column {', '.join(missing)}; the first line names {', '.join(columns)}")
        places = [head.index(name) for name in columns]
        for row in reader:
            if len(row) > max(places):
                yield reader.line_num, tuple(row[place].strip() for place in places)
            elif row:
                raise RecordingsError(f"{path}, line {reader.line_num}: cut short")
    except csv.Error as error:
        raise RecordingsError(f"{path}, line {reader.line_num}: {error}") from error


def micros(local: str) -> int:
    """A local time, as ISO 8601, in micros as if it were UTC; a zone says nothing more. Raises ValueError."""
    return to_micros(datetime.fromisoformat(local).replace(tzinfo=UTC))
