"""`kanhu dispatch` and `kanhu audit`."""

import asyncio

import typer
import uvloop

from alerts import auditor, dispatcher
from alerts.auditor import Report
from cli import start
from core.clock import to_datetime
from core.settings import Settings, SettingsError
from storage import pool


def dispatch() -> None:
    """Escalate what nobody answers, send messages and commands, and audit that nothing is left."""
    values = start.settings()
    with start.plain_errors():
        try:
            uvloop.run(dispatcher.run(values))
        except SettingsError as error:
            start.complain(str(error))
            raise typer.Exit(2) from error


def audit() -> None:
    """Check once that every open incident has something due and a whole audit trail. Ends with 1 if one has not."""
    values = start.settings()
    with start.plain_errors():
        report = asyncio.run(_audit(values))
    for violation in report.violations:
        print(f"{violation.rule.value}: incident {violation.incident_id or '-'}: {violation.text}")
    print(
        f"{len(report.violations)} violations, {len(report.exhausted)} incidents that nobody answers, "
        f"{report.backlog.waiting} outbox rows waiting, {report.backlog.failed} given up"
    )
    if report.violations:
        raise typer.Exit(1)


async def _audit(settings: Settings) -> Report:
    async with await pool.connect(settings) as connection:
        return await auditor.audit(connection, to_datetime(settings.clock().micros()))
