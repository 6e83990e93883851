"""A worker that starts: restore the detectors, then replay what was stored since."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import structlog

from core.clock import DAY
from core.findings import Finding
from core.readings import Intake
from detectors.base import Detector
from detectors.runtime import DetectorError, Runtime
from ingest.batch import with_residents
from storage import ingest_state, readings
from storage.directory import Directory
from storage.pool import Connection

log = structlog.get_logger(__name__)

# A detector without a usable snapshot (new, or of another version) learns from this much of what is stored.
WARM_UP = DAY


async def recover(
    connection: Connection,
    worker: str,
    create: Callable[[], Sequence[Detector]],
    runtime: Runtime,
    directory: Directory,
    now: int,
) -> list[Finding]:
    """Bring the detectors of `runtime`, which has seen nothing yet, to where the stored readings end.

    Detectors whose snapshot reaches less far than the others' (one that was set aside, or is new) catch up first,
    alone, and what they find in that is not raised: it is old. What all find afterwards is returned: it was committed
    together with those readings, so raising it again changes nothing, and leaving it out could lose something.
    """
    snapshots = await ingest_state.read_snapshots(connection, worker)
    unreadable = runtime.restore({name: snapshot.state for name, snapshot in snapshots.items()})
    for name, error in unreadable.items():
        log.warning("detector starts without its snapshot", detector=name, error=str(error))
    restored = {name: snapshot.reach for name, snapshot in snapshots.items() if name not in unreadable}
    newest = max(restored.values(), default=now - WARM_UP)

    laggards: dict[int, list[Detector]] = defaultdict(list)
    for detector in create():
        reach = restored.get(detector.name, newest - WARM_UP)
        if reach < newest:
            laggards[reach].append(detector)
    for reach, group in laggards.items():
        catching_up = Runtime(group, directory.context, on_failure=_fail)
        catching_up.restore({d.name: snapshots[d.name].state for d in group if d.name in restored})
        await _replay(connection, catching_up, directory, reach, newest)
        runtime.restore(catching_up.snapshot())
    findings = await _replay(connection, runtime, directory, newest, now)
    log.info("detectors are up to date", restored=sorted(restored), caught_up=sum(map(len, laggards.values())))
    return findings


async def _replay(
    connection: Connection, runtime: Runtime, directory: Directory, after: int, until: int
) -> list[Finding]:
    findings: list[Finding] = []
    async for stored in readings.arrived(connection, after, until):
        intake = with_residents(stored, directory.resident_of)
        findings += runtime.observe(intake, _newest_arrival(intake))
    return findings


def _fail(error: DetectorError) -> None:
    # A detector that can't take what is stored must not start as if it had.
    raise error


def _newest_arrival(intake: Intake) -> int:
    columns = [intake.readings.arrival, intake.positions.arrival]
    return max(*(int(column.max()) for column in columns if len(column)), *(w.arrival for w in intake.waveforms), 0, 0)
