"""Log lines: structlog, on standard error, readable or JSON."""

import logging
import sys
from pathlib import Path

import structlog

from core.settings import Settings


def configure(settings: Settings) -> None:
    """Set up logging for this process. Libraries that use the standard module go the same way."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor
    if settings.log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        shared.append(structlog.processors.format_exc_info)
    else:
        # Not rich's traceback: it prints local variables, which hold tokens and people's data, and takes seconds.
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.INFO))
    # Its info lines name every request, with addresses and tokens in them.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def to_file(path: Path) -> None:
    """Send the log to a file, where the terminal is used for something else."""
    structlog.configure(
        processors=[structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.WriteLoggerFactory(path.open("a", encoding="utf-8")),
    )
    logging.basicConfig(filename=path, level=logging.WARNING, force=True)
