"""The ingest process: everything wired, every task named, and the end of one is the end of all."""

import asyncio
import signal

import structlog
from prometheus_client import start_http_server

from core.settings import Settings
from core.tasks import cancelled
from detectors import registry
from detectors.runtime import DetectorError, Runtime
from ingest import metrics
from ingest.pipeline import Pipeline
from ingest.receipts import Receipts
from ingest.recovery import recover
from ingest.sources.mqtt import MqttSource
from storage import directory, ingest_state, pool
from storage.errors import Unavailable, wrapped
from storage.pool import Connection

log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Run one worker until SIGTERM or SIGINT. Raises what ended it otherwise."""
    if settings.ingest_metrics_port:
        start_http_server(settings.ingest_metrics_port, addr=settings.metrics_host)
    clock = settings.clock()
    worker = settings.mqtt_client_id
    async with pool.open_pool(settings) as connections:
        with wrapped():
            async with connections.connection() as connection:
                known = await directory.load(connection)
                runtime = Runtime(registry.create(), known.context, on_failure=_report, on_duration=_measure)
                findings = await recover(connection, worker, registry.create, runtime, known, clock.micros())
                stored = await ingest_state.read_receipts(connection, worker)
        receipts = Receipts(stored, settings.mqtt_receive_maximum)
        async with MqttSource(settings, clock) as source:
            pipeline = Pipeline(settings, clock, source, connections, runtime, receipts, known)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, pipeline.stop)
            async with asyncio.TaskGroup() as tasks:
                watcher = tasks.create_task(_watch_directory(settings, pipeline), name="directory")
                await tasks.create_task(pipeline.run(findings), name="pipeline")
                watcher.cancel()
    log.info("ingest has ended in order")


async def _watch_directory(settings: Settings, pipeline: Pipeline) -> None:
    """Read the directory again whenever the database says that it has changed."""
    while not cancelled():
        try:
            async with await pool.connect(settings) as listener:
                await pool.listen(listener, directory.CHANNEL)
                while not cancelled():
                    pipeline.use_directory(await directory.load(listener))
                    await _until_changed(listener)
        except Unavailable as error:
            log.warning("waiting for the database to watch the directory", error=str(error))
            await asyncio.sleep(1.0)


async def _until_changed(listener: Connection) -> None:
    with wrapped():
        async for _ in listener.notifies(stop_after=1):
            # One change comes with many notifications: what follows at once is read together.
            await asyncio.sleep(0.2)
        async for _ in listener.notifies(timeout=0):
            pass


def _report(error: DetectorError) -> None:
    metrics.detector_failures.labels(error.detector).inc()
    log.error("detector failed", detector=error.detector, step=error.step, resident=error.resident, exc_info=error)


def _measure(detector: str, step: str, seconds: float) -> None:
    metrics.detector_seconds.labels(detector).observe(seconds)
