"""Asking a wearer to press SOS, to see whether help would come (docs/adr/0019)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.service import changes
from core import wording
from core.findings import Queue
from storage import alarm_tests, incidents, outbox
from storage.alarm_tests import AlarmTest
from storage.pool import Connection

PRESS_WITHIN = timedelta(minutes=10)
"""For so long the next press is labelled as what may be the test. It opens its incident as any other, always."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A test that was asked for. devices: how many were told."""

    test: AlarmTest
    devices: int


async def ask_for_test(connection: Connection, resident_id: int, user_id: int, now: datetime) -> Asked:
    """Tell everything that the resident wears to ask for a press of SOS, and note who asked.

    Raises NotNow where the resident has an emergency or nothing to tell.
    """
    live = await incidents.live_id(connection, resident_id, Queue.EMERGENCY.value)
    if live is not None:
        raise changes.NotNow("has-an-emergency", f"The resident has an emergency: incident {live}.", incident=live)
    expires_at = now + PRESS_WITHIN
    language = await incidents.resident_language(connection, resident_id)
    message = {"command": "test", "text": wording.say("command-test", language)}
    devices = await changes.send_command(connection, resident_id, message, now, expires_at, priority=outbox.ORDINARY)
    if not devices:
        raise changes.NotNow("nothing-to-test", "The resident has nothing that could be told to ask for a press.")
    return Asked(await alarm_tests.ask(connection, resident_id, user_id, now, expires_at), devices)
