"""Vital signs measured at home, with the alerts of a clinical team beside them, and the detector run over them.

Two CSV files, as `tables` reads them: measurements with `home, date, device_type, value, unit`, and labels with `home,
date, type`. Times are local without a zone; they are taken as they stand. Units are UCUM. The format is that of
TIHM (Palermo et al., Scientific Data, 2023).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.care import CareContext, CarePlan, Device, DeviceKind, Limits, Resident
from core.clock import DAY
from core.findings import Finding
from core.metrics import BY_ID, BY_NAME, UnitError, conversion, plausible
from core.readings import Float64, Int16, Int64, Intake, ReadingBatch
from detectors.evaluation import tables
from detectors.evaluation.recordings import RecordingsError
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

_MEASURED = ("home", "date", "device_type", "value", "unit")
_LABELLED = ("home", "date", "type")
_UCUM = {"beats/min": "{beats}/min"}
"""Units as TIHM writes them."""

_DEVICES = 1 + max(device for _, device in MEASURED_AS.values())


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
    """Read both files. Raises RecordingsError for others, OSError for those that can't be read."""
    rows: list[tuple[str, int, int, float]] = []
    left_out: dict[str, int] = {}
    for line, (home, date, kind, value, unit) in tables.rows(measurements, measurements.read_bytes(), _MEASURED):
        named = MEASURED_AS.get(kind.lower())
        try:
            if named is not None:
                metric = BY_NAME[named[0]]
                factor, offset = conversion(metric, _UCUM.get(unit, unit) or None)
                rows.append((home, tables.micros(date), metric.id, float(value) * factor + offset))
                continue
        except (ValueError, UnitError) as error:
            raise RecordingsError(f"{measurements}, line {line}: {error}") from error
        left_out[kind] = left_out.get(kind, 0) + 1
    said: list[tuple[str, int, str]] = []
    for line, (home, date, kind) in tables.rows(labels, labels.read_bytes(), _LABELLED):
        try:
            said.append((home, tables.micros(date), kind.lower()))
        except ValueError as error:
            raise RecordingsError(f"{labels}, line {line}: {error}") from error
    for _, _, kind in said:
        if kind not in LABELLED_AS:
            left_out[f"label {kind!r}"] = left_out.get(f"label {kind!r}", 0) + 1
    homes = tuple(sorted({row[0] for row in rows} | {row[0] for row in said}))
    index = {home: place for place, home in enumerate(homes)}
    rows.sort(key=lambda row: row[1])
    whose = np.array([index[row[0]] for row in rows], np.int64)
    metric_ids = np.array([row[2] for row in rows], np.int16)
    values = np.array([row[3] for row in rows])
    kept = plausible(metric_ids, values) if rows else np.zeros(0, np.bool_)
    for metric_id in metric_ids[~kept].tolist():
        name = f"{BY_ID[metric_id].name}, not plausible"
        left_out[name] = left_out.get(name, 0) + 1
    if not kept.any():
        raise RecordingsError(f"{measurements}: no plausible vital sign in it")
    measured = {
        (homes[number], BY_ID[metric].name) for number, metric in zip(whose[kept], metric_ids[kept], strict=True)
    }
    if not any((home, name) in measured for home, _, kind in said for name in LABELLED_AS.get(kind, ("", ()))[1]):
        raise RecordingsError(
            f"{labels}: no label of a vital sign for any home in which {measurements} has it, nothing to compare with"
        )
    time = np.array([row[1] for row in rows], np.int64)
    return VitalRecordings(
        measurements.name.partition(".")[0], homes, whose[kept], metric_ids[kept], time[kept], values[kept],
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
