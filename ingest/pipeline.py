"""Receive, decode, observe, commit, ack: one batch after another.

Everything that a message brings is written in one transaction, and only then is the message acknowledged. A commit
that fails because the database is away is tried again with the same rows and findings; until it succeeds nothing more
is taken from the source, whose window fills, and the broker keeps the rest.
"""

from collections.abc import AsyncIterator, Sequence
from time import monotonic, perf_counter

import stamina
import structlog

from core.clock import SECOND, Clock, to_datetime
from core.findings import Finding
from core.readings import Intake
from core.settings import Settings
from detectors.registry import DETECTORS
from detectors.runtime import Runtime
from ingest import metrics
from ingest.batch import Batch, make
from ingest.codecs import decode_batch
from ingest.commit import Outcome, commit
from ingest.last_words import LastWords
from ingest.message import Message
from ingest.receipts import Receipts
from ingest.seen import Seen
from ingest.sources.base import Source
from ingest.waiting import WaitingFindings
from storage import directory
from storage.directory import Directory
from storage.errors import Unavailable, wrapped
from storage.pool import Pool

log = structlog.get_logger(__name__)

# After a connection the broker sends what it kept at once; what has not begun by then is not coming.
_FIRST_DELIVERY_S = 2.0
_LOOK_EVERY_S = 2.0

_VERSIONS = {detector.name: detector.version for detector in DETECTORS}


class Pipeline:
    """One worker's way from the source to the database. `run` until `stop`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        source: Source,
        pool: Pool,
        runtime: Runtime,
        receipts: Receipts,
        known: Directory,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._source = source
        self._pool = pool
        self._runtime = runtime
        self._receipts = receipts
        self._directory = known
        self._next_directory: Directory | None = None
        self._seen = Seen()
        self._last_words = LastWords()
        self._waiting = WaitingFindings()
        self._worker = settings.mqtt_client_id
        # A second of the clock that the devices live by; not more often than five times a real second.
        self._tick_period = max(0.2, 1.0 / settings.clock_speed)
        self._next_tick = monotonic()
        self._next_snapshot = monotonic() + settings.ingest_snapshot_seconds
        self._reach = clock.micros()
        self._drained_connection: float | None = None
        self._next_look = monotonic()
        self._stopping = False

    def use_directory(self, newer: Directory) -> None:
        """Take a newer directory, from the next batch on."""
        self._next_directory = newer

    def stop(self) -> None:
        """End `run` after the batch that is under way."""
        self._stopping = True

    async def run(self, findings: Sequence[Finding] = ()) -> None:
        """Work until `stop`. findings: of the recovery, raised first. Raises SourceError and StorageError."""
        await self._commit(Outcome(Intake.of(), findings=self._waiting.take(findings)))
        while not self._stopping:
            await self.step()
        # Findings that still wait are found again from the snapshot before.
        if not self._waiting:
            await self._commit(Outcome(Intake.of(), snapshots=self._snapshots(), reach=self._reach))

    async def step(self) -> None:
        """One batch, or a tick where no message comes."""
        if self._next_directory is not None:
            self._directory, self._next_directory = self._next_directory, None
            self._runtime.configure(self._directory.context)
        limit = self._settings.ingest_batch_messages
        patience = 0.0 if self._waiting else max(0.0, self._next_tick - monotonic())
        messages = await self._source.receive(limit, self._settings.ingest_batch_ms / 1000, patience)
        self._note_drained(len(messages) < limit)
        metrics.waiting.set(self._source.waiting)
        metrics.connected.set(self._source.connected_since is not None)
        if messages or self._waiting or monotonic() >= self._next_tick:
            await self._handle(messages)

    def _note_drained(self, short: bool) -> None:
        """Note whether the broker's backlog of this connection has been worked off.

        Until then silence is not judged: whoever seems silent may be further back in it.
        """
        since = self._source.connected_since
        if since is None:
            self._drained_connection = None
        elif short and monotonic() - since > _FIRST_DELIVERY_S:
            self._drained_connection = since

    async def _handle(self, messages: list[Message]) -> None:
        start = perf_counter()
        batch = await self._decode(messages)
        decoded = perf_counter()
        intake = await self._only_new(batch.intake)
        checked = perf_counter()
        findings = self._waiting.take(self._observe(intake))
        metrics.waiting_findings.set(len(self._waiting))
        observed = perf_counter()
        if messages:
            self._reach = messages[-1].arrival
        outcome = Outcome(
            intake=intake,
            quarantined=batch.quarantined,
            receipts=self._receipts.issue(batch.messages, batch.timeless),
            findings=findings,
            snapshots=self._snapshots() if monotonic() >= self._next_snapshot and not self._waiting else {},
            reach=self._reach,
            states=self._last_words.new(intake),
        )
        if messages or findings or outcome.snapshots:
            await self._commit(outcome)
        self._source.acknowledge(messages)
        stages = (("decode", decoded - start), ("seen", checked - decoded), ("observe", observed - checked))
        for stage, seconds in (*stages, ("commit", perf_counter() - observed)):
            metrics.stage_seconds.labels(stage).observe(seconds)
        if messages:
            metrics.messages.inc(len(messages))
            took = (self._clock.micros() - messages[0].arrival) / SECOND / self._settings.clock_speed
            metrics.arrival_to_commit.observe(took)

    async def _decode(self, messages: list[Message]) -> Batch:
        """From messages to rows of known devices; what can't be taken is set out for quarantine."""
        fresh = self._receipts.fresh(messages)
        metrics.repeated.inc(len(messages) - len(fresh))
        decoded = decode_batch(fresh, self._settings.mqtt_max_payload)
        if any(key not in self._directory.ids for key in decoded.devices):
            await self._look_for_new_devices()
        return make(fresh, decoded, self._directory)

    async def _look_for_new_devices(self) -> None:
        """An unknown device may have been added a moment ago: its first message is no reason to lose time."""
        if monotonic() < self._next_look:
            return
        self._next_look = monotonic() + _LOOK_EVERY_S
        async for attempt in self._attempts():
            with attempt, wrapped():
                async with self._pool.connection() as connection:
                    self._directory = await directory.load(connection)
        self._runtime.configure(self._directory.context)

    async def _only_new(self, intake: Intake) -> Intake:
        if not len(intake):
            return intake
        async for attempt in self._attempts():
            with attempt, wrapped():
                async with self._pool.connection() as connection:
                    fresh = await self._seen.only_new(connection, intake)
        metrics.repeated.inc(len(intake) - len(fresh))
        return fresh

    def _observe(self, intake: Intake) -> list[Finding]:
        now = self._clock.micros()
        findings = self._runtime.observe(intake, now) if len(intake) else []
        if monotonic() >= self._next_tick:
            self._next_tick = monotonic() + self._tick_period
            if self._drained_connection is not None:
                findings += self._runtime.tick(now)
        metrics.set_aside.set(len(self._runtime.set_aside))
        raised = []
        for finding in findings:
            metrics.findings.labels(finding.kind, finding.queue).inc()
            if finding.resident:
                raised.append(finding)
            else:
                # Nobody to tell about: the device is listed as watching nobody until somebody assigns it.
                metrics.unowned_findings.labels(finding.kind).inc()
                log.warning("finding about a device that watches nobody", kind=finding.kind, device=finding.device)
        return raised

    def _snapshots(self) -> dict[str, tuple[int, bytes]]:
        self._next_snapshot = monotonic() + self._settings.ingest_snapshot_seconds
        return {name: (_VERSIONS[name], state) for name, state in self._runtime.snapshot().items()}

    async def _commit(self, outcome: Outcome) -> None:
        """Commit, however long the database is away."""
        now = to_datetime(self._clock.micros())
        async for attempt in self._attempts():
            metrics.retries.inc(attempt.num > 1)
            with attempt, wrapped():
                async with self._pool.connection() as connection:
                    quarantined = await commit(connection, self._worker, outcome, self._directory, now)
        self._seen.remember(outcome.intake.readings)
        if outcome.states is not None:
            self._last_words.remember(outcome.states)
        self._receipts.remember(outcome.receipts)
        for row in quarantined:
            metrics.quarantined.labels(row.reason).inc()
            log.warning("quarantined", topic=row.topic, reason=row.reason, detail=row.detail)
        for table, rows in zip(("reading", "position", "waveform"), _lengths(outcome.intake), strict=True):
            metrics.rows.labels(table).inc(rows)

    def _attempts(self) -> AsyncIterator[stamina.Attempt]:
        """Again and again while the database is away; but whoever is told to stop gives up: the broker has it all."""

        def worth_another(error: Exception) -> bool:
            return isinstance(error, Unavailable) and not self._stopping

        return aiter(
            stamina.retry_context(on=worth_another, attempts=None, timeout=None, wait_initial=0.1, wait_max=5.0)
        )


def _lengths(intake: Intake) -> tuple[int, int, int]:
    return len(intake.readings), len(intake.positions), len(intake.waveforms)
