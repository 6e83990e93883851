"""Tests of a resident's alarm: who asked the wearer to press, and which press may be the answer."""

from dataclasses import dataclass
from datetime import datetime

from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one


@dataclass(frozen=True, slots=True)
class AlarmTest:
    """Somebody asked for a press by `expires_at`. alert_id: the press that came."""

    id: int
    resident_id: int
    asked_by: int
    asked_at: datetime
    expires_at: datetime
    alert_id: int | None


async def ask(connection: Connection, resident_id: int, user_id: int, now: datetime, expires_at: datetime) -> AlarmTest:
    """A new test; one that still waits for a press waits no longer."""
    await execute(connection, "alarm_tests.expire", {"resident_id": resident_id, "now": now})
    given = {"resident_id": resident_id, "user_id": user_id, "now": now, "expires_at": expires_at}
    [asked] = await fetch_all(connection, AlarmTest, "alarm_tests.insert", given)
    return asked


async def answered(
    connection: Connection, resident_id: int, alert_id: int, pressed_at: datetime, now: datetime
) -> AlarmTest | None:
    """The test that this press may be the answer to, which then waits no longer; None where nobody asked.

    pressed_at: event time. Never waits for another transaction.
    """
    given = {"resident_id": resident_id, "alert_id": alert_id, "pressed_at": pressed_at, "now": now}
    return await fetch_one(connection, AlarmTest, "alarm_tests.answer", given)
