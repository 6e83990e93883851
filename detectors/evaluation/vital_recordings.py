"""Vital signs measured at home, with the alerts of a clinical team beside them, and the detector run over them.

Two CSV files (plain or .gz) of one format: measurements with `home, date, device_type, value, unit`, and labels with
`home, date, type`. Times are local without a zone; they are taken as they stand. Units are UCUM. The format is that of
TIHM (Palermo et al., Scientific Data, 2023).
"""

import csv
import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.care import CareContext, CarePlan, Device, DeviceKind, Limits, Resident
from core.clock import DAY, to_micros
from core.findings import Finding
from core.metrics import BY_ID, BY_NAME, UnitError, conversion, plausible
from core.readings import Float64, Int16, Int64, Intake, ReadingBatch
from detectors.runtime import DetectorError, Runtime
from detectors.vitals import Vitals

Text = npt.NDArray[np.str_]

MEASURED_AS: Mapping[str, tuple[str, int]] = {
    "systolic blood pressure": ("systolic_bp", 0),
    "diastolic blood pressure": ("diastolic_bp", 0),
    "heart rate": ("heart_rate", 0),
    "oxygen saturation": ("spo2", 1),
    "body temperature": ("body_temperature", 2),
    "body weight": ("body_weight", 3),
}
"""Device type, in small letters, to metric and which of a home's devices it comes from: the cuff counts the pulse."""

LABELLED_AS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "blood pressure": ("blood pressure", ("systolic_bp", "diastolic_bp")),
    "pulse": ("heart rate", ("heart_rate",)),
    "oxygen saturation": ("oxygen saturation", ("spo2",)),
    "body temperature": ("temperature", ("body_temperature",)),
    "weight": ("weight", ("body_weight",)),
}
"""Label type, in small letters, to the name of the vital sign and its metrics."""

_UCUM = {"beats/min": "{beats}/min"}
"""Units as TIHM writes them."""

_DEVICES = 1 + max(device for _, device in MEASURED_AS.values())


class VitalRecordingsError(ValueError):
    """The files are not measurements and labels; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class VitalRecordings:
    """Measurements and labels of some homes.

    homes: names, sorted; `home` and `label_home` are indices into them. home, metric, time, value: of each measurement,
    by time; time in micros of local time, value in the metric's unit. label_home, label_time, label_type: of each
    label. left_out: how many measurements of each device type are no vital sign here, or not plausible, and how many
    labels are of a type that no metric here is about.
    """

    name: str
    homes: tuple[str, ...]
    home: Int64
    metric: Int16
    time: Int64
    value: Float64
    label_home: Int64
    label_time: Int64
    label_type: Text
    left_out: Mapping[str, int]


def load(measurements: Path, labels: Path) -> VitalRecordings:
    """Read both files. Raises VitalRecordingsError for others, OSError for those that can't be read."""
    rows: list[tuple[str, int, int, float]] = []
    left_out: dict[str, int] = {}
    for line, row in _rows(measurements, ("home", "date", "device_type", "value", "unit")):
        kind = row["device_type"].strip()
        named = MEASURED_AS.get(kind.lower())
        try:
            if named is not None:
                metric = BY_NAME[named[0]]
                factor, offset = conversion(metric, _UCUM.get(row["unit"], row["unit"]) or None)
                rows.append((row["home"], _micros(row["date"]), metric.id, float(row["value"]) * factor + offset))
                continue
        except (ValueError, UnitError) as error:
            raise VitalRecordingsError(f"{measurements}, line {line}: {error}") from error
        left_out[kind] = left_out.get(kind, 0) + 1
    said: list[tuple[str, int, str]] = []
    for line, row in _rows(labels, ("home", "date", "type")):
        try:
            said.append((row["home"], _micros(row["date"]), row["type"].strip().lower()))
        except ValueError as error:
            raise VitalRecordingsError(f"{labels}, line {line}: {error}") from error
    for _, _, kind in said:
        if kind not in LABELLED_AS:
            left_out[f"label {kind!r}"] = left_out.get(f"label {kind!r}", 0) + 1
    if not rows:
        raise VitalRecordingsError(f"{measurements}: no vital sign in it")
    homes = tuple(sorted({row[0] for row in rows} | {row[0] for row in said}))
    index = {home: place for place, home in enumerate(homes)}
    rows.sort(key=lambda row: row[1])
    home = np.array([index[row[0]] for row in rows], np.int64)
    metric_ids = np.array([row[2] for row in rows], np.int16)
    value = np.array([row[3] for row in rows])
    kept = plausible(metric_ids, value)
    for metric_id in metric_ids[~kept].tolist():
        name = f"{BY_ID[metric_id].name}, not plausible"
        left_out[name] = left_out.get(name, 0) + 1
    time = np.array([row[1] for row in rows], np.int64)
    return VitalRecordings(
        measurements.name.partition(".")[0], homes, home[kept], metric_ids[kept], time[kept], value[kept],
        np.array([index[row[0]] for row in said], np.int64), np.array([row[1] for row in said], np.int64),
        np.array([row[2] for row in said], np.str_), left_out,
    )  # fmt: skip


def days(recordings: VitalRecordings) -> int:
    """How many days `run` takes."""
    return int((recordings.time[-1] - recordings.time[0]) // DAY) + 1


def run(
    recordings: VitalRecordings, limits: Sequence[Mapping[str, Limits]] | None, advance: Callable[[], None]
) -> list[Finding]:
    """What the detector says of all measurements in the order of their times, through the runtime, day by day.

    limits: of each home's care plan, in the order of `homes`; None: no home has any, so that the defaults hold.
    advance: called after each day. Resident of a finding: index into `homes` + 1.
    """

    def fail(error: DetectorError) -> None:
        raise error

    residents = range(len(recordings.homes))
    plans = [CarePlan(timezone="UTC", limits={} if limits is None else dict(limits[i])) for i in residents]
    context = CareContext(
        {
            number: Device(number, str(number), str(i), i + 1, DeviceKind.VITALS, 0)
            for i in residents
            for number in range(1 + i * _DEVICES, 1 + (i + 1) * _DEVICES)
        },
        {i + 1: Resident(i + 1, str(i), plans[i]) for i in residents},
    )
    device = np.array([place for name, place in MEASURED_AS.values()])
    metric = np.array([BY_NAME[name].id for name, _ in MEASURED_AS.values()])
    order = np.argsort(metric)
    place = device[order][np.searchsorted(metric[order], recordings.metric)]
    runtime = Runtime([Vitals()], context, on_failure=fail)
    findings: list[Finding] = []
    start = int(recordings.time[0])
    for day in range(days(recordings)):
        end = start + (day + 1) * DAY
        first, last = np.searchsorted(recordings.time, [end - DAY, end])
        rows = slice(int(first), int(last))
        intake = Intake.of(
            ReadingBatch.from_columns(
                device=1 + recordings.home[rows] * _DEVICES + place[rows], resident=recordings.home[rows] + 1,
                metric=recordings.metric[rows], time=recordings.time[rows], value=recordings.value[rows],
                arrival=recordings.time[rows],
            )
        )  # fmt: skip
        findings += runtime.observe(intake, end)
        advance()
    findings += runtime.tick(start + (days(recordings) + 2) * DAY)
    return findings


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if missing := set(needed) - set(reader.fieldnames or ()):
                raise VitalRecordingsError(f"{path}: no column {', '.join(sorted(missing))}")
            for row in reader:
                if any(row[name] is None for name in needed):
                    raise VitalRecordingsError(f"{path}, line {reader.line_num}: cut short")
                yield reader.line_num, row
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, csv.Error) as error:
        raise VitalRecordingsError(f"{path}: not a table: {error}") from error


def _micros(date: str) -> int:
    return to_micros(datetime.fromisoformat(date.strip()).replace(tzinfo=UTC))
