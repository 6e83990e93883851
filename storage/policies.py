"""Escalation policies by area, queue, severity and hours. Which of them counts is `alerts.policies`' to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from psycopg.types.json import Jsonb

from core.shifts import Hours
from storage.people import Taken
from storage.pool import Connection
from storage.rows import execute, fetch_all, fetch_one, fetch_value


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A row. area, area_path: None for everywhere else. weekdays, starts, ends: all None for every hour.

    policy: `alerts.escalation.Policy` as JSON.
    """

    id: int
    area: str | None
    area_path: str | None
    queue: str
    min_severity: int
    weekdays: list[int] | None
    starts: time | None
    ends: time | None
    timezone: str
    policy: Mapping[str, Any]

    @property
    def hours(self) -> Hours | None:
        """The local hours that it holds in; None for all."""
        if self.weekdays is None or self.starts is None or self.ends is None:
            return None
        return Hours(tuple(self.weekdays), self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class PolicyDetails:
    """What can be written of a policy."""

    queue: str
    min_severity: int
    hours: Hours | None
    timezone: str
    policy: Mapping[str, Any]


async def for_resident(connection: Connection, resident_id: int, queue: str) -> list[StoredPolicy]:
    """All that could apply to an incident of a resident in a queue."""
    given = {"resident_id": resident_id, "queue": queue}
    return await fetch_all(connection, StoredPolicy, "policies.for_resident", given)


async def policies(connection: Connection, *, subtree: str, upwards: str | None = None) -> list[StoredPolicy]:
    """Those of the areas in the subtree at a path, of the areas at and above another path, and those for everywhere."""
    return await fetch_all(connection, StoredPolicy, "policies.list", {"subtree": subtree, "upwards": upwards})


async def policy(connection: Connection, policy_id: int) -> StoredPolicy | None:
    """One policy, or None."""
    return await fetch_one(connection, StoredPolicy, "policies.one", {"id": policy_id})


async def add_policy(connection: Connection, area_id: int, details: PolicyDetails) -> int:
    """Add a policy. Returns its id. Raises Taken where the area has one for the same queue, severity and hours."""
    new_id = await fetch_value(connection, int, "policies.insert", {"area_id": area_id, **_row(details)})
    if new_id is None:
        raise Taken("queue", details.queue)
    return new_id


async def update_policy(connection: Connection, policy_id: int, area_id: int, details: PolicyDetails) -> None:
    """Write all of a policy. Raises Taken as `add_policy` does."""
    given = {"id": policy_id, "area_id": area_id, **_row(details)}
    if await fetch_value(connection, int, "policies.update", given) is None:
        raise Taken("queue", details.queue)


async def delete_policy(connection: Connection, policy_id: int) -> None:
    """Delete a policy; incidents that are open keep it."""
    await execute(connection, "policies.delete", {"id": policy_id})


def _row(details: PolicyDetails) -> dict[str, object]:
    hours = details.hours
    return {
        "queue": details.queue,
        "min_severity": details.min_severity,
        "weekdays": None if hours is None else sorted(hours.weekdays),
        "starts": None if hours is None else hours.start,
        "ends": None if hours is None else hours.end,
        "timezone": details.timezone,
        "policy": Jsonb(dict(details.policy)),
    }
