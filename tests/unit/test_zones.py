"""Time zones by names that somebody typed: one that is none holds nothing up."""

from datetime import date, time

import pytest

from alerts import duty, planning
from alerts.escalation import DEFAULT_POLICIES, policy_to
from core.findings import Queue
from core.shifts import Hours, Rotation
from core.zones import time_zone
from storage.policies import StoredPolicy

NONE = ["", "Mars/Olympus", "Asia", "America/Argentina", "../etc", "/etc/passwd", "a\0b", "é", "x" * 300, "Asia/"]


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_time_zone_is_a_wrong_value(name: str) -> None:
    with pytest.raises(ValueError):
        time_zone(name)


def test_a_zone_is_found_by_its_name() -> None:
    assert time_zone("Asia/Shanghai").key == "Asia/Shanghai"


@pytest.mark.parametrize("name", NONE)
def test_the_rest_of_the_rota_and_of_the_policies_counts(name: str) -> None:
    hours = (Hours((1, 2), time(8), time(20)),)
    rotations = [
        Rotation(number, "1", "/1/", "白班", zone, date(2026, 9, 1), 1, (1,), hours)
        for number, zone in enumerate([name, "Asia/Shanghai"])
    ]
    assert [rotation.id for rotation in duty.readable(rotations)] == [1]
    policies = [
        StoredPolicy(number, "1", "/1/", "care", 1, None, None, None, zone, policy_to(DEFAULT_POLICIES[Queue.CARE]))
        for number, zone in enumerate([name, "Asia/Shanghai"])
    ]
    assert [rule.id for rule in planning.readable_rules(policies)] == [1]
